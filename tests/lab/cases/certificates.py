"""The server's certificates, refused by clients of several libraries, each for a reason that is known."""
from pathlib import Path

from lab import Case, case
from machine import need

STRICT = "ctx.verify_flags |= ssl.VERIFY_X509_STRICT"


@case
def cert_expired_curl(lab):
    return expired(lab, lab.curl)


@case
def cert_expired_gnutls_tls12(lab):
    return expired(lab, lab.gnutls_cli, "-tls1_2")


@case
def cert_expired_java_tls12(lab):
    return expired(lab, lab.java, "-tls1_2")


@case
def cert_expired_lynx_that_reads_openssl_s_variable(lab):
    """lynx is built with GnuTLS, and reads SSL_CERT_FILE itself."""
    port = lab.s_server(cert="expired")
    return Case(["lynx", "-dump", f"https://localhost:{port}/"], port, "cert-expired", says=("2025-03-01",), env={"SSL_CERT_FILE": lab.ca})


@case
def cert_expired_wget2_with_fast_open(lab):
    """Its connect is a sendmsg with data (TCP Fast Open)."""
    port = lab.s_server(cert="expired")
    return Case(["wget2", "-q", "-O-", "--tries=1", f"--ca-certificate={lab.ca}", f"https://localhost:{port}/"], port, "cert-expired", says=("2025-03-01",))


def go_with_roots_of_its_code(lab, port):
    """What it trusts is seen neither in its arguments nor in its environment: a file that does not look like a store."""
    argv = lab.go(port)
    argv[argv.index("-ca") + 1] = lab.file("roots", Path(lab.ca).read_text())
    return argv


@case
def cert_expired_go_with_roots_of_its_code(lab):
    """It looks at the leaf's time before the path to an anchor."""
    port = lab.s_server(cert="expired")
    return Case(go_with_roots_of_its_code(lab, port), port, "cert-expired", says=("2025-03-01", "--trace-files"))


@case
def cert_name_mismatch_go_with_roots_of_its_code(lab):
    port = lab.s_server(cert="wrongname")
    return Case(go_with_roots_of_its_code(lab, port), port, "cert-name-mismatch", says=("other\\.example",))


def expired(lab, client, *options):
    port = lab.s_server(*options, cert="expired")
    return Case(client(port), port, "cert-expired", says=("2025-03-01",))


def cross_signed(lab, version):
    """The root is sent as signed by an older one, which is expired, and the client trusts both: as Let's Encrypt's was in 2021."""
    port = lab.s_server("-cert_chain", lab.pki.joined("intermediate", "crossed"), chain=False)
    both = lab.pki.joined("old-root", "root")
    return port, lab.node(port, version, f"{{noca: 1, ca: require('fs').readFileSync('{both}', 'utf8').split(/(?=-----BEGIN)/)}}")


@case
def cert_expired_cross_signed_node8(lab):
    port, client = cross_signed(lab, "8.17.0")
    return Case(client, port, "cert-expired", says=("Old Root", "2021-09-30", "OpenSSL before 1.1.0"))


@case
def cert_expired_cross_signed_node_0_10(lab):
    port, client = cross_signed(lab, "0.10.48")
    return Case(client, port, "cert-expired", says=("Old Root", "Leave out the cross-signed"))


@case
def cert_cross_signed_is_nothing_to_node24(lab):
    port, client = cross_signed(lab, "24.21.0")
    return Case(client, port, None, fails=False)


@case
def cert_weak_sha1_python(lab):
    port = lab.s_server("-cipher", "ALL@SECLEVEL=0", cert="sha1")
    return Case(lab.python(port), port, "cert-weak", says=("SHA-?1",))


@case
def cert_weak_sha1_intermediate_gnutls(lab):
    port = lab.s_server("-cipher", "ALL@SECLEVEL=0", "-cert_chain", lab.pki.joined("sha1-intermediate"), chain=False)
    return Case(lab.gnutls_cli(port), port, "cert-weak", says=("SHA-?1", "Lab Intermediate"))


@case
def cert_expired_of_a_slow_server_curl(lab):
    """Silent for so long that its silence is looked into; then it answers, and its certificate is refused."""
    port = lab.shaper("always", "late", lab.s_server(cert="expired"))
    return Case(lab.curl(port), port, "cert-expired", says=("2025-03-01",))


@case
def cert_expired_behind_a_hybrid_group_node24(lab):
    """X25519MLKEM768 is chosen, whose keys libcrypto 3.0 cannot make: the flight is read without it, and is the same."""
    port = lab.node_server("24.21.0", "expired")
    return Case(lab.node(port, "24.21.0"), port, "cert-expired", says=("X25519MLKEM768, whose keys cannot be computed", "its certificates have the same size"))


@case
def cert_of_another_server_behind_a_hybrid_group_node24(lab):
    """A hello without the group leads to another server, whose certificates say nothing of what the client got."""
    port = lab.shaper("group:11ec", "relay", lab.node_server("24.21.0", "expired"), otherwise=lab.s_server("-tls1_3", cert="wrongname", chain=False))
    return Case(lab.node(port, "24.21.0"), port, "unknown", says=("it sends other certificates, which cannot be read here|in the place of",))


@case
def cert_not_yet_valid_python(lab):
    port = lab.s_server(cert="future")
    return Case(lab.python(port), port, "cert-not-yet-valid", says=("2040-01-01",))


@case
def cert_not_yet_valid_wget_tls12(lab):
    port = lab.s_server("-tls1_2", cert="future")
    return Case(lab.wget(port), port, "cert-not-yet-valid", says=("2040-01-01",))


@case
def client_clock_wrong_curl(lab):
    need("faketime")
    port = lab.s_server()
    return Case(["faketime", "2019-01-01 00:00:00", *lab.curl(port)], port, "client-clock-wrong", says=("FAKETIME",))


@case
def client_clock_wrong_gnutls(lab):
    need("faketime")
    port = lab.s_server()
    return Case(["faketime", "2046-01-01 00:00:00", *lab.gnutls_cli(port)], port, "client-clock-wrong", says=("FAKETIME",))


@case
def cert_name_mismatch_python_tls12(lab):
    port = lab.s_server("-tls1_2", cert="wrongname")
    return Case(lab.python(port), port, "cert-name-mismatch", says=("www\\.other\\.example",))


@case
def cert_name_mismatch_gnutls(lab):
    port = lab.s_server(cert="wrongname")
    return Case(lab.gnutls_cli(port), port, "cert-name-mismatch", says=("www\\.other\\.example",))


@case
def cert_name_mismatch_s_client_told_another(lab):
    port = lab.s_server()
    return Case(lab.s_client(port, "-verify_hostname", "www.example"), port, "cert-name-mismatch",
                says=("wants www\.example", r"subjectAltName = DNS:www\.example", r"(?s)\A(?!.*certbot)"))


@case
def cert_name_mismatch_two_labels_for_a_pattern(lab):
    """No pattern is a name to ask for; and the CN, which has the name, does not count beside it."""
    port = lab.s_server(cert="pattern")
    return Case(lab.s_client(port, "-verify_hostname", "deep.api.example.test"), port, "cert-name-mismatch",
                says=("exactly one label", "does not count beside", r"(?s)\A(?!.*-servername)"))


@case
def client_clock_wrong_s_client_attime(lab):
    port = lab.s_server()
    return Case(lab.s_client(port, "-attime", "1500000000"), port, "client-clock-wrong", says=("-attime 1500000000",))


@case
def cert_unknown_issuer_where_the_leaf_alone_is_trusted_s_client(lab):
    """A trusted leaf is no CA of the same organization: nothing says that an intermediate was forgotten."""
    port = lab.s_server()
    client = [lab.pki.leaf("rsa")[0] if word == lab.ca else word for word in lab.s_client(port)]
    return Case(client, port, "cert-unknown-issuer", says=("Lab Root",))


@case
def cert_fine_and_refused_by_the_program_itself_node(lab):
    """It compares a name (a pin) by code of its own, and leaves without a word: nothing of it can be seen."""
    port = lab.s_server()
    return Case(lab.node(port, "18.20.8", "{checkServerIdentity: function () { return new Error('a pin'); }}"), port, "unknown")


@case
def cert_self_signed_node(lab):
    port = lab.s_server(cert="selfsigned")
    return Case(lab.node(port, "18.20.8"), port, "cert-self-signed")


@case
def cert_self_signed_java(lab):
    port = lab.s_server("-tls1_2", cert="selfsigned")
    return Case(lab.java(port), port, "cert-self-signed")


@case
def cert_chain_incomplete_python(lab):
    port = lab.s_server(chain=False)
    return Case(lab.python(port), port, "cert-chain-incomplete", says=("Lab Intermediate",))


@case
def cert_chain_incomplete_gnutls(lab):
    port = lab.s_server(chain=False)
    return Case(lab.gnutls_cli(port), port, "cert-chain-incomplete", says=("Lab Intermediate",))


@case
def cert_chain_incomplete_fetched_curl(lab):
    """The intermediate is to be had where the leaf says, in DER; nothing else on this machine has it."""
    issuers = lab.talker("http", file=lab.pki.issuer("der"))
    port = lab.incomplete(f"http://127.0.0.1:{issuers}/intermediate.cer")
    return Case(lab.curl(port), port, "cert-chain-incomplete", options=("--fetch",), fix=True,
                says=(f"Fetched from http://127.0.0.1:{issuers}/intermediate.cer: .*Lab Intermediate", "up to CN=Lab Root, O=Lab .SHA-256 [0-9a-f]{64}",
                      "openssl x509 -inform DER"))


@case
def cert_chain_incomplete_fetched_by_the_proxy_curl(lab):
    """A name that only the proxy knows, and a message of certificates."""
    port = lab.incomplete("http://issuers.lab.invalid/intermediate.p7c")
    proxy = lab.talker("connect", port, file=lab.pki.issuer("p7c"))
    return Case(lab.curl(port, "-x", f"http://127.0.0.1:{proxy}"), proxy, "cert-chain-incomplete", options=("--fetch",),
                says=("Fetched from http://issuers.lab.invalid/intermediate.p7c: .*Lab Intermediate", "openssl pkcs7"))


@case
def cert_chain_incomplete_fetched_by_socks_curl(lab):
    """The names of both, server and issuers, are known to the proxy alone."""
    issuers = lab.talker("http", file=lab.pki.issuer("pem"))
    port = lab.incomplete(f"http://issuers.lab.invalid:{issuers}/intermediate.pem")
    proxy = lab.talker("socks5")
    return Case(lab.curl(port, "--socks5-hostname", f"127.0.0.1:{proxy}"), proxy, "cert-chain-incomplete", options=("--fetch",),
                says=("Fetched from http://issuers.lab.invalid:", "curl -sS 'http://issuers.lab.invalid:[0-9]+/intermediate.pem' >> fullchain.pem"))


@case
def cert_chain_incomplete_nothing_to_be_fetched_python(lab):
    issuers = lab.talker("http", status=404, file=lab.pki.issuer("pem"))
    port = lab.incomplete(f"http://127.0.0.1:{issuers}/intermediate.pem")
    return Case(lab.python(port), port, "cert-chain-incomplete", options=("--fetch",), says=("Nothing could be fetched from .*: the answer was HTTP status 404",))


def led_on(lab, where, *says):
    port = lab.incomplete(f"http://127.0.0.1:{lab.talker('http', lead=where)}/intermediate.cer")
    return Case(lab.curl(port), port, "cert-chain-incomplete", options=("--fetch",), says=says)


@case
def cert_chain_incomplete_fetched_from_where_it_is_led_on_to_curl(lab):
    issuers = lab.talker("http", file=lab.pki.issuer("der"))
    return led_on(lab, f"http://127.0.0.1:{issuers}/moved.cer", "Fetched from .*: .*Lab Intermediate")


@case
def cert_chain_incomplete_led_on_without_end_curl(lab):
    return led_on(lab, "/again.cer", "Nothing could be fetched from .*: it leads on again and again")


@case
def cert_chain_incomplete_led_on_to_https_curl(lab):
    return led_on(lab, "https://localhost/intermediate.cer", "Nothing could be fetched from .*: it leads on to what is no address of plain HTTP")


@case
def cert_chain_incomplete_not_fetched_unasked_gnutls(lab):
    """A port that nobody listens at: without --fetch it is only named."""
    port = lab.incomplete("http://127.0.0.1:9/intermediate.cer")
    return Case(lab.gnutls_cli(port), port, "cert-chain-incomplete", says=("with --fetch it is fetched from there",))


@case
def cert_unknown_issuer_curl(lab):
    port = lab.s_server(cert="private", chain=False)
    return Case(lab.curl(port), port, "cert-unknown-issuer", says=("Private Root", "or the root that it leads to", "is an intermediate CA"))


@case
def cert_unknown_issuer_lftp(lab):
    """It looks at the certificate when it has sent its request."""
    need("lftp")
    port = lab.s_server("-www", cert="private", chain=False)
    return Case(["lftp", "-c", f"set net:max-retries 1; open https://localhost:{port}/ && cls /"], port, "cert-unknown-issuer", says=("Private Root",))


@case
def cert_unknown_issuer_lftp_tls12(lab):
    need("lftp")
    port = lab.s_server("-www", "-tls1_2", cert="private", chain=False)
    return Case(["lftp", "-c", f"set net:max-retries 1; open https://localhost:{port}/ && cls /"], port, "cert-unknown-issuer", says=("Private Root",))


@case
def cert_unknown_issuer_lftp_answered_at_once(lab):
    """The answer may be there before it has refused: it leaves it unread."""
    need("lftp")
    port = lab.nginx("ssl_protocols TLSv1.2;", cert="private")
    command = ["lftp", "-c", f"set net:max-retries 1; open https://localhost:{port}/ && cls /"]
    return Case(["sh", "-c", "for i in 1 2 3 4; do \"$@\"; done; exit 1", "sh", *command], port, "cert-unknown-issuer", says=("Private Root",))


@case
def works_lftp_that_does_not_verify_and_fails(lab):
    """It fails for what it was answered: that it would not trust the server is of no account."""
    need("lftp")
    port = lab.nginx("ssl_protocols TLSv1.2; location /missing { return 404; }", cert="private")
    command = f"set net:max-retries 1; set ssl:verify-certificate no; open https://localhost:{port}/ && cat /missing"
    return Case(["lftp", "-c", command], port, None)


@case
def works_sender_that_does_not_verify_and_fails(lab):
    """It writes, does not wait for an answer, and fails for a reason of its own."""
    need("ruby")
    port = lab.s_server("-tls1_2", cert="private")
    code = f"s = OpenSSL::SSL::SSLSocket.new(TCPSocket.new('localhost', {port})).connect; s.write('LOG'); s.close; exit 3"
    return Case(["ruby", "-ropenssl", "-rsocket", "-e", code], port, None)


@case
def cert_unknown_issuer_wget_tls12(lab):
    port = lab.s_server("-tls1_2", cert="private", chain=False)
    return Case(lab.wget(port), port, "cert-unknown-issuer", says=("Private Root",))


@case
def trust_store_missing_python(lab):
    port = lab.s_server()
    code = "import socket, ssl; ssl.create_default_context().wrap_socket(socket.create_connection(('localhost', %d)), server_hostname='localhost')" % port
    return Case(["/usr/bin/python3", "-c", code], port, "trust-store-missing", env={"SSL_CERT_FILE": "/nonexistent/ca.pem", "SSL_CERT_DIR": "/nonexistent"},
                why="policy", says=("/nonexistent/ca\\.pem", "SSL_CERT_FILE"))


@case
def trust_store_missing_java(lab):
    port = lab.s_server("-tls1_2")
    return Case(lab.java(port, "-Djavax.net.ssl.trustStore=/nonexistent/trust.p12"), port, "trust-store-missing", why="code",
                says=("/nonexistent/trust\\.p12",))


@case
def trust_store_differs_python(lab):
    port = lab.s_server()
    code = "import socket, ssl; ssl.create_default_context().wrap_socket(socket.create_connection(('localhost', %d)), server_hostname='localhost')" % port
    return Case(["/usr/bin/python3", "-c", code], port, "trust-store-differs", env={"REQUESTS_CA_BUNDLE": lab.ca}, says=("REQUESTS_CA_BUNDLE",))


@case
def trust_store_differs_java(lab):
    port = lab.s_server("-tls1_2")
    trust = f"-Djavax.net.ssl.trustStore={lab.pki.java_trust('private-root')}"
    return Case(lab.java(port, trust), port, "trust-store-differs", env={"SSL_CERT_FILE": lab.ca}, says=("SSL_CERT_FILE",))


@case
def cert_weak_curl(lab):
    port = lab.s_server("-cipher", "ALL@SECLEVEL=0", cert="rsa1024")
    return Case(lab.curl(port), port, "cert-weak", says=("1024", "2048"))


@case
def cert_weak_python_tls12(lab):
    port = lab.s_server("-tls1_2", "-cipher", "ALL@SECLEVEL=0", cert="rsa1024")
    return Case(lab.python(port), port, "cert-weak", says=("1024", "SECLEVEL"))


@case
def cert_weak_gnutls(lab):
    port = lab.s_server("-tls1_2", "-cipher", "ALL@SECLEVEL=0", cert="rsa1024")
    return Case(lab.gnutls_cli(port, "--priority", "NORMAL:%PROFILE_MEDIUM"), port, "cert-weak", says=("1024",))


@case
def cert_wrong_purpose_python(lab):
    port = lab.s_server(cert="clientonly")
    return Case(lab.python(port), port, "cert-wrong-purpose", says=("clientAuth",))


@case
def cert_wrong_purpose_java_tls12(lab):
    port = lab.s_server("-tls1_2", cert="clientonly")
    return Case(lab.java(port), port, "cert-wrong-purpose", says=("clientAuth",))


@case
def cert_malformed_python_strict(lab):
    port = lab.s_server(cert="lax", chain=False)
    return Case(lab.python(port, f"ctx.load_verify_locations({lab.pki.file('lax-root.pem')!r}); {STRICT}"), port, "cert-malformed", says=("VERIFY_X509_STRICT",))


@case
def cert_malformed_python313_tls12(lab):
    port = lab.s_server("-tls1_2", cert="lax", chain=False)
    client = lab.python(port, f"ctx.load_verify_locations({lab.pki.file('lax-root.pem')!r})", interpreter=lab.other_python("3.13"))
    return Case(client, port, "cert-malformed", says=("VERIFY_X509_STRICT",))


@case
def cert_malformed_s_client_strict(lab):
    port = lab.s_server("-tls1_2", cert="lax", chain=False)
    return Case(lab.s_client(port, "-x509_strict", "-CAfile", lab.pki.file("lax-root.pem")), port, "cert-malformed")


@case
def cert_chain_misordered_curl(lab):
    port = lab.shaper("always", "reverse", lab.s_server("-tls1_2"))
    return Case(lab.curl(port), port, "cert-chain-misordered", says=("place 2|wrong order",))


@case
def cert_chain_misordered_java(lab):
    port = lab.shaper("always", "reverse", lab.s_server("-tls1_2"))
    return Case(lab.java(port), port, "cert-chain-misordered")


@case
def message_too_large_curl_tls12(lab):
    port = lab.s_server("-tls1_2", "-cert_chain", lab.pki.many(140), chain=False)
    return Case(lab.curl(port), port, "message-too-large", says=("102400",))


@case
def message_too_large_java(lab):
    port = lab.s_server("-tls1_2", "-cert_chain", lab.pki.many(100), chain=False)
    return Case(lab.java(port), port, "message-too-large", says=("32768|takes 10",))


@case
def cert_revoked_curl(lab):
    port = lab.s_server(cert="revoked")
    return Case(lab.curl(port, "--crlfile", lab.pki.revocations()), port, "cert-revoked", says=("revoked",))


@case
def cert_revoked_s_client_tls12(lab):
    port = lab.s_server("-tls1_2", cert="revoked")
    return Case(lab.s_client(port, "-crl_check", "-CRL", lab.pki.revocations()), port, "cert-revoked", says=("revoked",))


@case
def cert_revoked_wget(lab):
    """GnuTLS takes a list only where its issuer is an anchor."""
    port = lab.s_server(cert="revoked-by-root", chain=False)
    return Case(lab.wget(port, "--crl-file", lab.pki.revocations("root", "revoked-by-root")), port, "cert-revoked", says=("revoked",))


@case
def cert_staple_missing_curl(lab):
    port = lab.s_server()
    return Case(lab.curl(port, "--cert-status"), port, "cert-staple-missing", says=("OCSP",))


@case
def cert_staple_missing_gnutls(lab):
    port = lab.s_server(cert="muststaple")
    return Case(lab.gnutls_cli(port), port, "cert-staple-missing", says=("must-staple",))


@case
def cert_hostile_subject_curl(lab):
    """Terminal escapes in the subject; nothing of it reaches a terminal raw (tests/cli looks at that)."""
    port = lab.s_server(cert="hostile", chain=False)
    return Case(lab.curl(port), port, "cert-unknown-issuer", says=("Private Root",))


@case
def cert_hundred_certificates_python(lab):
    port = lab.s_server("-cert_chain", lab.pki.many(100), cert="expired", chain=False)
    return Case(lab.python(port), port, "cert-expired")
