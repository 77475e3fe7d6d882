"""`run --fix`: what the client's owner can mend around the program, by each kind of client, and what nobody can mend there. And why the
client lacks what it lacks."""
from lab import Case, case


@case
def fix_python_with_a_policy_of_its_own(lab):
    port = lab.s_server("-tls1_3")
    cnf = lab.file("openssl.cnf", "openssl_conf=a\n[a]\nssl_conf=b\n[b]\nsystem_default=c\n[c]\nMaxProtocol=TLSv1.2\n")
    return Case(lab.python(port), port, "client-version-too-old", env={"OPENSSL_CONF": cnf}, why="policy", fix=True)


@case
def fix_python_version_intolerant_server(lab):
    port = lab.shaper("version>=0304", "reset", lab.s_server("-tls1_2"))
    return Case(lab.python(port), port, "version-intolerance", fix=True)


@case
def fix_curl_version_intolerant_server(lab):
    port = lab.shaper("version>=0304", "alert:70", lab.s_server("-tls1_2"))
    return Case(lab.curl(port), port, "version-intolerance", fix=True)


@case
def fix_curl_inside_a_script(lab):
    port = lab.shaper("version>=0304", "alert:70", lab.s_server("-tls1_2"))
    return Case(["sh", "-c", '"$@"; exit $?', "sh", *lab.curl(port)], port, "version-intolerance", fix=True)


@case
def fix_wget_version_intolerant_server(lab):
    port = lab.shaper("version>=0304", "alert:70", lab.s_server("-tls1_2"))
    return Case(lab.wget(port), port, "version-intolerance", fix=True)


@case
def fix_perl_version_intolerant_server(lab):
    port = lab.shaper("version>=0304", "alert:70", lab.s_server("-tls1_2"))
    return Case(lab.perl(port), port, "version-intolerance", fix=True)


@case
def fix_node_version_intolerant_server(lab):
    port = lab.shaper("version>=0304", "alert:70", lab.s_server("-tls1_2"))
    return Case(lab.node(port, "18.20.8"), port, "version-intolerance", fix=True)


@case
def fix_node_large_hello(lab):
    port = lab.shaper("length>=1000", "reset", lab.s_server())
    return Case(lab.node(port, "24.21.0"), port, "hello-size-intolerance", fix=True)


@case
def fix_java_only_tls13(lab):
    port = lab.s_server("-tls1_2")
    return Case(lab.java(port, "-Djdk.tls.client.protocols=TLSv1.3"), port, "server-version-too-old", why="code", fix=True)


@case
def fix_curl_its_own_maximum(lab):
    port = lab.s_server("-tls1_3")
    return Case(lab.curl(port, "--tls-max", "1.2"), port, "client-version-too-old", why="code", fix=True)


@case
def fix_curl_its_own_curve(lab):
    port = lab.s_server("-tls1_3", "-groups", "P-384")
    return Case(lab.curl(port, "--curves", "X25519"), port, "no-shared-group", why="code", fix=True)


@case
def fix_s_client_its_own_signature_algorithms(lab):
    port = lab.s_server("-tls1_3", cert="ed25519")
    return Case(lab.s_client(port, "-sigalgs", "ecdsa_secp256r1_sha256:rsa_pss_rsae_sha256"), port, "no-shared-signature-algorithm", why="code", fix=True)


@case
def fix_python_extension_intolerant_server(lab):
    port = lab.shaper("ext:35", "alert:40", lab.s_server("-tls1_2"))
    return Case(lab.python(port), port, "extension-intolerance", fix=True)


@case
def fix_python_weak_signature_only_when_weaker_is_allowed(lab):
    port = lab.s_server("-tls1", "-cipher", "ALL@SECLEVEL=0")
    return Case(lab.python(port), port, "signature-too-weak", fix="weaker")


@case
def fix_python_server_signs_with_sha1_only_when_weaker_is_allowed(lab):
    """The scheme alone is left out again by the security level."""
    port = lab.s_server("-tls1_2", "-sigalgs", "RSA+SHA1", "-cipher", "ECDHE@SECLEVEL=0")
    return Case(lab.python(port), port, "no-shared-signature-algorithm", fix="weaker")


@case
def fix_curl_small_dh_only_when_weaker_is_allowed(lab):
    port = lab.s_server("-tls1_2", "-cipher", "DHE@SECLEVEL=0", "-dhparam", lab.pki.dh(1024))
    return Case(lab.curl(port), port, "dh-too-small", fix="weaker")


@case
def fix_python_renegotiation_only_when_weaker_is_allowed(lab):
    port = lab.gnutls_serv("NORMAL:-VERS-TLS1.3:%DISABLE_SAFE_RENEGOTIATION")
    return Case(lab.python(port), port, "renegotiation-unsafe", fix="weaker")


@case
def fix_python_version_in_the_code(lab):
    port = lab.s_server("-tls1_3")
    return Case(lab.python(port, "ctx.maximum_version = ssl.TLSVersion.TLSv1_2"), port, "client-version-too-old", why="code", fix=True)


@case
def fix_no_way_around_an_old_library(lab):
    port = lab.s_server("-tls1_3")
    return Case(lab.node(port, "8.17.0"), port, "client-version-too-old", why="library", fix=False)


@case
def fix_no_way_around_a_server_that_refuses_all(lab):
    port = lab.shaper("always", "reset")
    return Case(lab.curl(port), port, "server-drops-all", fix=False)


# ---- by each kind of client: a server that breaks on TLS 1.3 --------------------------------------------------------------------

def intolerant(lab, do="alert:70"):
    return lab.shaper("version>=0304", do, lab.s_server("-tls1_2"))


@case
def fix_java_version_intolerant_server(lab):
    port = intolerant(lab)
    return Case(lab.java(port), port, "version-intolerance", fix=True)


@case
def fix_ruby_version_intolerant_server(lab):
    port = intolerant(lab)
    return Case(lab.ruby(port), port, "version-intolerance", fix=True)


@case
def fix_gnutls_cli_inside_a_shell_version_intolerant_server(lab):
    port = intolerant(lab)
    return Case(lab.gnutls_cli(port, "--priority", "NORMAL"), port, "version-intolerance", fix=True)


@case
def fix_s_client_version_intolerant_server(lab):
    port = intolerant(lab)
    return Case(lab.s_client(port), port, "version-intolerance", fix=True)


@case
def fix_newest_node_version_intolerant_server(lab):
    port = intolerant(lab, "reset")
    return Case(lab.node(port, "26.10.0"), port, "version-intolerance", fix=True)


@case
def fix_no_way_around_for_go(lab):
    port = intolerant(lab)
    return Case(lab.go(port), port, "version-intolerance", fix=False)


# ---- versions, suites, groups and schemes that the client was told to leave out -------------------------------------------------

@case
def fix_s_client_its_own_version(lab):
    port = lab.s_server("-tls1_3")
    return Case(lab.s_client(port, "-tls1_2"), port, "client-version-too-old", fix=True)


@case
def fix_wget_policy_of_gnutls(lab):
    port = lab.s_server("-tls1_3")
    policy = lab.file("gnutls.conf", "[overrides]\ndisabled-version = tls1.3\n")
    return Case(lab.wget(port), port, "client-version-too-old", env={"GNUTLS_SYSTEM_PRIORITY_FILE": policy}, fix=True)


@case
def fix_node_its_own_flag(lab):
    port = lab.s_server("-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384")
    program, *rest = lab.node(port, "18.20.8")
    return Case([program, "--tls-cipher-list=ECDHE-RSA-AES128-GCM-SHA256", *rest], port, "no-shared-cipher", fix=True)


@case
def fix_node_version_in_the_code(lab):
    port = lab.s_server("-tls1_3")
    return Case(lab.node(port, "18.20.8", "{maxVersion: 'TLSv1.2'}"), port, "client-version-too-old", why="code", fix=True)


@case
def fix_python_suite_that_its_own_list_leaves_out(lab):
    port = lab.s_server("-tls1_2", "-cipher", "AES128-SHA")
    return Case(lab.python(port, interpreter=lab.other_python("3.12")), port, "no-shared-cipher", why="default", fix=True,
                says=(r"ctx\.set_ciphers\('DEFAULT:AES128-SHA'\)",))


@case
def fix_java_its_own_suites(lab):
    port = lab.s_server("-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384")
    return Case(lab.java(port, "-Djdk.tls.client.cipherSuites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"), port, "no-shared-cipher", fix=True)


@case
def fix_wget_its_own_priorities(lab):
    port = lab.s_server("-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384")
    return Case(lab.wget(port, "--ciphers=NORMAL:-AES-256-GCM:-CHACHA20-POLY1305"), port, "no-shared-cipher", fix=True)


@case
def fix_ruby_its_own_suites(lab):
    port = lab.s_server("-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384")
    return Case(lab.ruby(port, "h.ciphers = 'ECDHE-RSA-AES128-GCM-SHA256'"), port, "no-shared-cipher", fix=True)


@case
def fix_perl_its_own_suites(lab):
    port = lab.s_server("-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384")
    return Case(lab.perl(port, "SSL_cipher_list => 'ECDHE-RSA-AES128-GCM-SHA256'"), port, "no-shared-cipher", fix=True)


@case
def fix_old_node_its_only_group(lab):
    port = lab.s_server("-tls1_2", "-groups", "P-521", "-cipher", "ECDHE")
    return Case(lab.node(port, "8.17.0"), port, "no-shared-group", fix=True)


@case
def fix_java_its_own_groups(lab):
    port = lab.s_server("-tls1_3", "-groups", "P-384")
    return Case(lab.java(port, "-Djdk.tls.namedGroups=x25519"), port, "no-shared-group", fix=True)


@case
def fix_python_groups_of_a_policy(lab):
    port = lab.s_server("-tls1_3", "-groups", "P-384")
    cnf = lab.file("openssl.cnf", "openssl_conf=a\n[a]\nssl_conf=b\n[b]\nsystem_default=c\n[c]\nGroups=X25519\n")
    return Case(lab.python(port), port, "no-shared-group", env={"OPENSSL_CONF": cnf}, fix=True)


@case
def fix_gnutls_cli_its_own_schemes(lab):
    port = lab.s_server("-tls1_3")
    return Case(lab.gnutls_cli(port, "--priority", "NORMAL:-SIGN-ALL:+SIGN-ECDSA-SECP256R1-SHA256"), port, "no-shared-signature-algorithm", fix=True)


@case
def fix_java_its_own_schemes(lab):
    port = lab.s_server("-tls1_3")
    return Case(lab.java(port, "-Djdk.tls.client.SignatureSchemes=ecdsa_secp256r1_sha256"), port, "no-shared-signature-algorithm", fix=True)


@case
def fix_another_client_gets_through_where_the_library_is_too_old(lab):
    """Tried with the roots of their surroundings; nothing is done about the one that failed."""
    port = lab.s_server("-tls1_3")
    return Case(lab.node(port, "8.17.0"), port, "client-version-too-old", why="library", env={"SSL_CERT_FILE": lab.ca},
                says=(r"Another client of this machine gets through: /\S+",))


@case
def fix_no_way_around_for_the_oldest_node(lab):
    port = lab.s_server("-tls1_2", "-cipher", "ECDHE-RSA-CHACHA20-POLY1305")
    return Case(lab.node(port, "0.10.48"), port, "no-shared-cipher", why="library", fix=False)


# ---- extensions, names of protocols, secure renegotiation ------------------------------------------------------------------------

@case
def fix_node_extension_intolerant_server(lab):
    port = lab.shaper("ext:35", "alert:40", lab.s_server("-tls1_2"))
    return Case(lab.node(port, "18.20.8"), port, "extension-intolerance", fix=True)


@case
def fix_wget_extension_intolerant_server(lab):
    port = lab.shaper("ext:35", "alert:40", lab.s_server("-tls1_2"))
    return Case(lab.wget(port), port, "extension-intolerance", fix=True)


@case
def fix_java_extension_intolerant_server(lab):
    port = lab.shaper("ext:23", "alert:40", lab.s_server("-tls1_2"))
    return Case(lab.java(port), port, "extension-intolerance", fix=True)


@case
def fix_perl_extension_intolerant_server(lab):
    port = lab.shaper("ext:22", "alert:40", lab.s_server("-tls1_2"))
    return Case(lab.perl(port), port, "extension-intolerance", fix=True)


@case
def fix_s_client_protocol_name(lab):
    port = lab.s_server("-tls1_3", "-alpn", "imap")
    return Case(lab.s_client(port, "-alpn", "h2"), port, "alpn-mismatch", fix=True)


@case
def fix_node_renegotiation_only_when_weaker_is_allowed(lab):
    port = lab.gnutls_serv("NORMAL:-VERS-TLS1.3:%DISABLE_SAFE_RENEGOTIATION")
    return Case(lab.node(port, "18.20.8"), port, "renegotiation-unsafe", fix="weaker")


@case
def fix_java_old_server_only_when_weaker_is_allowed(lab):
    port = lab.s_server("-tls1_1", "-cipher", "ALL@SECLEVEL=0")
    return Case(lab.java(port), port, "server-version-too-old", fix="weaker")


@case
def fix_python_old_server_only_when_weaker_is_allowed(lab):
    port = lab.s_server("-tls1", "-cipher", "ALL@SECLEVEL=0")
    return Case(lab.python(port, interpreter=lab.other_python("3.12")), port, "server-version-too-old", fix="weaker")


# ---- trust: only where another store of the machine vouches for the server ---------------------------------------------------------

def without_ca(lab, argv):
    return [word for word in argv if word not in ("--cacert", "--ca-certificate", lab.ca)]


@case
def fix_curl_trust_of_another_store(lab):
    port = lab.s_server()
    return Case(without_ca(lab, lab.curl(port)), port, "trust-store-differs", env={"REQUESTS_CA_BUNDLE": lab.ca}, fix=True)


@case
def fix_wget_trust_of_another_store(lab):
    port = lab.s_server()
    return Case(without_ca(lab, lab.wget(port)), port, "trust-store-differs", env={"SSL_CERT_FILE": lab.ca}, fix=True)


@case
def fix_node_trust_of_another_store(lab):
    port = lab.s_server()
    script = f"require('https').get({{host: 'localhost', port: {port}}}, function (r) {{ process.exit(0) }}).on('error', function () {{ process.exit(1) }})"
    return Case([lab.node(port, "18.20.8")[0], "-e", script], port, "trust-store-differs", env={"SSL_CERT_FILE": lab.ca}, fix=True)


@case
def fix_java_trust_of_another_store(lab):
    port = lab.s_server("-tls1_2")
    argv = [word for word in lab.java(port) if "trustStore" not in word]
    return Case(argv, port, "trust-store-differs", env={"SSL_CERT_FILE": lab.ca}, fix=True)


@case
def fix_ruby_trust_of_another_store(lab):
    port = lab.s_server()
    return Case(lab.ruby(port, trust=False), port, "trust-store-differs", env={"REQUESTS_CA_BUNDLE": lab.ca}, fix=True)


@case
def fix_php_trust_of_another_store(lab):
    port = lab.s_server()
    return Case(lab.php(port, trust=False), port, "trust-store-differs", env={"REQUESTS_CA_BUNDLE": lab.ca}, fix=True)


@case
def fix_git_trust_of_another_store(lab):
    """The repository is not there: the connection is what is mended, and git's own status stays."""
    port = lab.s_server()
    return Case(lab.git(port), port, "trust-store-differs", env={"SSL_CERT_FILE": lab.ca}, fix="connected")


@case
def fix_python_trust_store_that_is_not_there(lab):
    port = lab.s_server()
    script = f"import ssl, urllib.request as u; u.urlopen('https://localhost:{port}/').read()"
    return Case(["/usr/bin/python3", "-c", script], port, "trust-store-missing", fix=True,
                env={"SSL_CERT_FILE": "/nonexistent/ca.pem", "SSL_CERT_DIR": "/nonexistent", "CURL_CA_BUNDLE": lab.ca})


@case
def fix_no_way_around_an_expired_certificate(lab):
    port = lab.s_server(cert="expired")
    return Case(lab.curl(port), port, "cert-expired", fix=False)


@case
def fix_no_way_around_an_issuer_that_nobody_knows(lab):
    port = lab.s_server(cert="private", chain=False)
    return Case(lab.curl(port), port, ("cert-unknown-issuer", "cert-chain-incomplete"), fix=False)


# ---- what the program's own code narrows: a module of ours does what a line in it would do --------------------------------------------

@case
def fix_python_suites_in_the_code(lab):
    port = lab.s_server("-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384")
    return Case(lab.python(port, "ctx.set_ciphers('ECDHE-RSA-AES128-GCM-SHA256')"), port, "no-shared-cipher", why="code", fix=True)


@case
def fix_python_curve_in_the_code(lab):
    port = lab.s_server("-tls1_3", "-groups", "P-384")
    return Case(lab.python(port, "ctx.set_ecdh_curve('prime256v1')"), port, "no-shared-group", fix=True)


@case
def fix_python_name_that_is_not_sent(lab):
    port = lab.shaper("no-ext:0", "alert:40", lab.s_server())
    return Case(lab.python(port, "ctx.check_hostname = False", sni=False), port, "sni-missing", fix=True)


@case
def fix_node_signature_algorithms_in_the_code(lab):
    port = lab.s_server("-tls1_3")
    return Case(lab.node(port, "18.20.8", "{sigalgs: 'ecdsa_secp256r1_sha256'}"), port, "no-shared-signature-algorithm", fix=True)


@case
def fix_perl_version_in_the_code(lab):
    port = lab.s_server("-tls1_3")
    return Case(lab.perl(port, "SSL_version => 'TLSv1_2'"), port, "client-version-too-old", fix=True)


# ---- called by a script, where no argument can be added ------------------------------------------------------------------------------

@case
def fix_wget_called_by_a_script(lab):
    port = lab.s_server("-tls1_2")
    script = lab.file("fetch.sh", f"wget -q -O /dev/null --tries=1 --ca-certificate {lab.ca} --secure-protocol=TLSv1_3 https://localhost:{port}/\n")
    lab.wget(port)
    return Case(["sh", script], port, "server-version-too-old", fix=True)


@case
def fix_s_client_called_by_a_script(lab):
    port = lab.s_server("-tls1_3")
    script = lab.file("ask.sh", f"openssl s_client -quiet -no_ign_eof -verify_return_error -CAfile {lab.ca} -tls1_2 -connect localhost:{port}\n")
    return Case(["sh", script], port, "client-version-too-old", fix=True)


# ---- more than one thing in the way, and what the code names ----------------------------------------------------------------------------

@case
def fix_python_one_protocol_in_the_code(lab):
    """No attribute of such a context raises its version: it is made anew."""
    port = lab.s_server("-tls1_3")
    one = f"ctx = ssl.SSLContext(ssl.PROTOCOL_TLSv1_2); ctx.verify_mode = ssl.CERT_REQUIRED; ctx.load_verify_locations({lab.ca!r})"
    return Case(lab.python(port, one), port, "client-version-too-old", why="code", fix=True, says=(r"ctx = ssl\.create_default_context\(\)",))


@case
def fix_python_3_6_one_protocol_in_the_code(lab):
    port = lab.s_server("-tls1_3")
    one = f"ctx = ssl.SSLContext(ssl.PROTOCOL_TLSv1_2); ctx.verify_mode = ssl.CERT_REQUIRED; ctx.load_verify_locations({lab.ca!r})"
    return Case(lab.python(port, one, interpreter=lab.other_python("3.6")), port, "client-version-too-old", why="code", fix=True)


@case
def fix_curl_its_own_maximum_and_its_own_curve(lab):
    port = lab.s_server("-tls1_3", "-groups", "P-384")
    return Case(lab.curl(port, "--tls-max", "1.2", "--curves", "X25519"), port, "client-version-too-old", why="code", fix=True,
                says=(r"curl --tls-max 1\.3", r"for no-shared-group: Leave out --curves", "the argument --curves X25519"))


