"""The same causes met by clients of further TLS libraries: GnuTLS, JSSE, Go's crypto/tls, beside the OpenSSL of the other files."""
from lab import Case, case
from machine import free_port

NOBODY_THERE = "nobody-there.invalid"
FALLBACK = "NORMAL:-VERS-TLS1.3:%FALLBACK_SCSV"


def second(name, cause, argv, server, **more):
    def run(lab):
        port = server(lab)
        return Case(argv(lab, port), port, cause, **more)
    run.__name__ = name
    return case(run)


def damaged(lab):
    return lab.shaper("always", "damage", lab.s_server("-tls1_2"))


def picky(lab):
    """A box that lets one name through, and not the one that it is asked for."""
    return lab.shaper("ext:0&sni-not:www.example", "alert:112", lab.s_server())


def in_the_window(lab):
    return lab.shaper("length:256-511", "silence", lab.s_server())


second("cert_malformed_no_der_wget", "cert-malformed", lambda lab, port: lab.wget(port), damaged)
second("cert_malformed_no_der_java", "cert-malformed", lambda lab, port: lab.java(port), damaged)
second("cert_malformed_no_der_go", "cert-malformed", lambda lab, port: lab.go(port), damaged)
second("cert_malformed_no_der_curl", "cert-malformed", lambda lab, port: lab.curl(port), damaged)

second("sni_unrecognized_box_wget", "sni-unrecognized", lambda lab, port: lab.wget(port), picky, says=("localhost",))
second("sni_unrecognized_box_go", "sni-unrecognized", lambda lab, port: lab.go(port), picky, says=("localhost",))

second("inappropriate_fallback_gnutls_cli", "inappropriate-fallback", lambda lab, port: lab.gnutls_cli(port, "--priority", FALLBACK),
       lambda lab: lab.s_server())

second("large_flight_lost_wget_tls13", "large-flight-lost", lambda lab, port: [w if w != "--timeout=15" else "--timeout=4" for w in lab.wget(port)],
       lambda lab: lab.shaper("always", "black-hole:1200", lab.s_server("-tls1_3")))

second("tcp_timeout_wget", "tcp-timeout", lambda lab, port: ["wget", "-q", "-O", "/dev/null", "--tries=1", "--timeout=2", f"https://{lab.address}:{port}/"],
       lambda lab: lab.black_hole())


second("tcp_refused_wget", "tcp-refused", lambda lab, port: lab.wget(port), lambda lab: free_port())

second("starttls_refused_smtp_gnutls_cli", "starttls-refused", lambda lab, port: ["gnutls-cli", "--x509cafile", lab.ca, "--starttls-proto=smtp", "-p", str(port), lab.host],
       lambda lab: lab.talker("smtp", lab.s_server(), upgrade="refused"), says=("454",))

second("size_window_gnutls_cli", "hello-size-intolerance", lambda lab, port: ["timeout", "3", *lab.gnutls_cli(port)], in_the_window)
second("size_window_java", "hello-size-intolerance", lambda lab, port: lab.java(port), lambda lab: lab.shaper("length:256-511", "reset", lab.s_server()))


def of_many(lab, *options):
    """Some 73,000 bytes of certificates: more than Go takes before 1.23, and less than the others'."""
    return lab.s_server(*options, "-cert_chain", lab.pki.many(90), chain=False)


second("message_too_large_go_tls12", "message-too-large", lambda lab, port: lab.go(port), lambda lab: of_many(lab, "-tls1_2"), says=("65536",))
second("message_too_large_go_tls13", "message-too-large", lambda lab, port: lab.go(port), lambda lab: of_many(lab, "-tls1_3"), says=("65536",))


@case
def dns_failed_wget(lab):
    return Case(lab.wget(443, host=NOBODY_THERE), 443, "dns-failed", says=(NOBODY_THERE,))


@case
def dns_failed_java(lab):
    return Case(lab.java(8443, host=NOBODY_THERE), 8443, "dns-failed", says=(NOBODY_THERE,))


@case
def client_credentials_unusable_git_missing_file(lab):
    port, (certificate, key) = lab.s_server(), lab.pki.leaf("client")
    return Case([*lab.git(port)[:1], "-c", "http.sslCert=/nonexistent/client.pem", "-c", f"http.sslKey={key}", *lab.git(port)[1:]], port,
                "client-credentials-unusable", says=("/nonexistent/client\\.pem",))


@case
def client_credentials_unusable_java_missing_store(lab):
    port = lab.s_server()
    return Case(lab.java(port, "-Djavax.net.ssl.keyStore=/nonexistent/client.p12", "-Djavax.net.ssl.keyStorePassword=changeit"), port,
                "client-credentials-unusable", says=("/nonexistent/client\\.p12",))


@case
def cert_revoked_by_a_list_in_code_python_tls12(lab):
    """The list is loaded by the program's own code; the alert that the client sends is in clear."""
    port = lab.s_server("-tls1_2", cert="revoked")
    code = f"ctx.load_verify_locations({lab.pki.revocations()!r}); ctx.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF"
    return Case(lab.python(port, code), port, "cert-revoked", says=("certificate_revoked",))


def revoked_by_a_list(lab, client):
    """In TLS 1.3 the client's alert cannot be read: the list that its code, an argument or a variable names is held against it."""
    port = lab.s_server("-tls1_3", cert="revoked")
    return Case(client(port), port, "cert-revoked", says=("its issuer's revocation list", "revocations-by-intermediate.pem"))


@case
def cert_revoked_by_a_list_in_code_python_tls13(lab):
    code = f"ctx.load_verify_locations({lab.pki.revocations()!r}); ctx.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF"
    return revoked_by_a_list(lab, lambda port: lab.python(port, code))


@case
def cert_revoked_by_a_list_in_code_perl_tls13(lab):
    return revoked_by_a_list(lab, lambda port: lab.perl(port, f"SSL_check_crl => 1, SSL_crl_file => '{lab.pki.revocations()}',"))


def revoked_for_psql(lab, *settings, **variables):
    port = lab.talker("postgres", lab.s_server("-tls1_3", cert="revoked"))
    return Case(lab.psql(port, *settings), port, "cert-revoked", env=variables, says=("revocations-by-intermediate.pem",))


@case
def cert_revoked_by_an_argument_psql_tls13(lab):
    return revoked_for_psql(lab, f"sslcrl={lab.pki.revocations()}")


@case
def cert_revoked_by_a_variable_psql_tls13(lab):
    return revoked_for_psql(lab, PGSSLCRL=lab.pki.revocations())


@case
def cert_expired_beside_a_list_that_it_is_not_on_python_tls13(lab):
    """A list in the text says nothing of a certificate that is not on it."""
    port = lab.s_server("-tls1_3", cert="expired")
    return Case(lab.python(port, f"ctx.load_verify_locations({lab.pki.revocations()!r})"), port, "cert-expired")
