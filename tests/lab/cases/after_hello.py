"""After the two hellos: parameters that the client refuses, and certificates that the server wants of it."""
from lab import Case, case


def wants_certificate(lab, *options):
    return lab.s_server(*options, "-Verify", "3", "-verify_return_error", "-CAfile", lab.ca)


@case
def dh_too_small_curl(lab):
    port = lab.s_server("-tls1_2", "-cipher", "DHE@SECLEVEL=0", "-dhparam", lab.pki.dh(1024))
    return Case(lab.curl(port), port, "dh-too-small", says=("1024",))


@case
def dh_too_small_gnutls(lab):
    port = lab.s_server("-tls1_2", "-cipher", "DHE@SECLEVEL=0", "-dhparam", lab.pki.dh(1024))
    return Case(lab.gnutls_cli(port, "--priority", "NORMAL:%PROFILE_MEDIUM"), port, "dh-too-small", says=("1024",))


@case
def dh_too_small_java(lab):
    port = lab.s_server("-tls1_2", "-cipher", "DHE@SECLEVEL=0", "-dhparam", lab.pki.dh(1024))
    limit = lab.file("java.security", "jdk.tls.disabledAlgorithms=SSLv3, TLSv1, TLSv1.1, DH keySize < 2048\n")
    return Case(lab.java(port, f"-Djava.security.properties={limit}"), port, "dh-too-small", says=("1024",))


@case
def signature_too_weak_python_tls10(lab):
    """Debian's Python does offer TLS 1.0, but its security level refuses the MD5-SHA1 signature that TLS 1.0 has to use."""
    port = lab.s_server("-tls1", "-cipher", "ALL@SECLEVEL=0")
    return Case(lab.python(port), port, "signature-too-weak", says=("SECLEVEL",))


@case
def signature_too_weak_curl_tls11(lab):
    port = lab.s_server("-tls1_1", "-cipher", "ALL@SECLEVEL=0")
    return Case(lab.curl(port, "--tlsv1.0"), port, "signature-too-weak", says=("SECLEVEL",))


@case
def renegotiation_unsafe_curl(lab):
    port = lab.gnutls_serv("NORMAL:-VERS-TLS1.3:%DISABLE_SAFE_RENEGOTIATION")
    return Case(lab.curl(port), port, "renegotiation-unsafe", says=("5746",))


@case
def renegotiation_unsafe_python(lab):
    port = lab.gnutls_serv("NORMAL:-VERS-TLS1.3:%DISABLE_SAFE_RENEGOTIATION")
    return Case(lab.python(port), port, "renegotiation-unsafe", says=("5746",))


@case
def renegotiation_unsafe_gnutls(lab):
    port = lab.gnutls_serv("NORMAL:-VERS-TLS1.3:%DISABLE_SAFE_RENEGOTIATION")
    return Case(lab.gnutls_cli(port, "--priority", "NORMAL:%SAFE_RENEGOTIATION"), port, "renegotiation-unsafe", says=("5746",))


@case
def client_cert_missing_curl_tls12(lab):
    port = wants_certificate(lab, "-tls1_2")
    return Case(lab.curl(port), port, "client-cert-missing", says=("Lab Root",))


@case
def client_cert_missing_java_tls12(lab):
    port = wants_certificate(lab, "-tls1_2")
    return Case(lab.java(port), port, "client-cert-missing", says=("Lab Root",))


@case
def client_cert_missing_gnutls_tls12(lab):
    port = wants_certificate(lab, "-tls1_2")
    return Case(lab.gnutls_cli(port), port, "client-cert-missing", says=("Lab Root",))


@case
def client_cert_rejected_curl_tls12(lab):
    port = wants_certificate(lab, "-tls1_2")
    crt, key = lab.pki.leaf("stranger")
    return Case(lab.curl(port, "--cert", crt, "--key", key), port, "client-cert-rejected", says=("a stranger", "Lab Root"))


@case
def client_cert_rejected_gnutls_tls12(lab):
    port = wants_certificate(lab, "-tls1_2")
    crt, key = lab.pki.leaf("stranger")
    return Case(lab.gnutls_cli(port, "--x509certfile", crt, "--x509keyfile", key, "--priority", "NORMAL"), port,
                ("client-cert-rejected", "client-cert-missing"), says=("Lab Root",))
@case
def client_cert_missing_python_tls13(lab):
    port = wants_certificate(lab, "-tls1_3")
    return Case(lab.python(port), port, "client-cert-missing", says=("Lab Root",))


@case
def client_cert_missing_node_tls13(lab):
    port = wants_certificate(lab, "-tls1_3")
    return Case(lab.node(port, "18.20.8"), port, "client-cert-missing", says=("Lab Root",))


@case
def client_cert_missing_java_tls13(lab):
    port = wants_certificate(lab, "-tls1_3")
    return Case(lab.java(port), port, "client-cert-missing", says=("Lab Root",))


@case
def client_cert_missing_wget_tls13(lab):
    port = wants_certificate(lab, "-tls1_3")
    return Case(lab.wget(port), port, "client-cert-missing", says=("Lab Root",))


@case
def client_cert_rejected_curl_tls13(lab):
    port = wants_certificate(lab, "-tls1_3")
    crt, key = lab.pki.leaf("stranger")
    return Case(lab.curl(port, "--cert", crt, "--key", key), port, "client-cert-rejected", says=("Lab Root",))


@case
def client_cert_rejected_python_tls13(lab):
    port = wants_certificate(lab, "-tls1_3")
    crt, key = lab.pki.leaf("stranger")
    return Case(lab.python(port, f"ctx.load_cert_chain({crt!r}, {key!r})"), port, "client-cert-rejected", says=("Lab Root",))
