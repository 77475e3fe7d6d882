"""After the two hellos: parameters that the client refuses, and certificates that the server wants of it."""
from clients import node_binary
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
def dh_too_small_node_by_its_own_option(lab):
    """Node.js holds the size against minDHSize once the handshake is over: its library had no objection."""
    port = lab.s_server("-tls1_2", "-cipher", "DHE@SECLEVEL=0", "-dhparam", lab.pki.dh(1024))
    code = f"""const fs = require('fs');
require('https').get({{host: 'localhost', port: {port}, ca: fs.readFileSync('{lab.ca}'), ciphers: 'DHE:@SECLEVEL=0',
                      minDHSize: 2048}}).on('error', (e) => {{ console.error(String(e)); process.exit(1); }});
"""
    return Case([node_binary("18.20.8"), lab.file("get.js", code)], port, "dh-too-small", why="code", says=("1024", "minDHSize", "get\\.js", '"line": 3'))


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
def signature_too_weak_nss_tls10(lab):
    """NSS with a policy such as crypto-policies' DEFAULT: it offers TLS 1.0, and takes no SHA-1."""
    port = lab.s_server("-tls1", "-cipher", "ALL@SECLEVEL=0")
    return Case(lab.nss(port, "-V", "tls1.0:", policy="disallow=SHA1"), port, "signature-too-weak", says=("MD5 and SHA-1 together", "NSS"))


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


def refused_by_http(lab, protocol):
    """nginx takes the handshake without a certificate, and answers the request with HTTP status 400."""
    return lab.nginx(f"ssl_verify_client on; ssl_client_certificate {lab.ca}; ssl_protocols {protocol};")


@case
def client_cert_wanted_by_http_curl_tls13(lab):
    port = refused_by_http(lab, "TLSv1.3")
    return Case(lab.curl(port, "-f"), port, None, notes=("asked for a client certificate, and the client sent none",))


@case
def client_cert_wanted_by_http_wget_tls13(lab):
    port = refused_by_http(lab, "TLSv1.3")
    return Case(lab.wget(port), port, None, notes=("asked for a client certificate, and the client sent none",))


@case
def client_cert_wanted_by_http_php_tls12(lab):
    port = refused_by_http(lab, "TLSv1.2")
    return Case(lab.php(port), port, None, notes=("asked for a client certificate, and the client sent none",))


def held_back(lab, client, version):
    """GnuTLS and Java send no certificate whose issuer the server does not accept, though they were given one."""
    port = wants_certificate(lab, version)
    return Case(client(port), port, "client-cert-missing", says=("although it was given", "its issuer .CN=a stranger", "Lab Root"))


@case
def client_cert_missing_of_a_strangers_issuer_wget_tls12(lab):
    crt, key = lab.pki.leaf("stranger")
    return held_back(lab, lambda port: lab.wget(port, "--certificate", crt, "--private-key", key), "-tls1_2")


@case
def client_cert_missing_of_a_strangers_issuer_java_tls13(lab):
    store = lab.pki.java_key("stranger")
    return held_back(lab, lambda port: lab.java(port, "-Djavax.net.ssl.keyStore=" + store, "-Djavax.net.ssl.keyStorePassword=changeit"), "-tls1_3")


@case
def client_cert_rejected_without_its_intermediate_ruby_tls13(lab):
    """The server's alert is encrypted; the one that a probe without a certificate gets is another, and must not be told."""
    port = wants_certificate(lab, "-tls1_3")
    crt, key = lab.pki.leaf("client")
    given = f"h.cert = OpenSSL::X509::Certificate.new(File.read('{crt}')); h.key = OpenSSL::PKey.read(File.read('{key}'))"
    return Case(lab.ruby(port, given), port, "client-cert-rejected", says=("refuses it with an encrypted alert", "no intermediate with it leads to one"))


@case
def client_cert_rejected_expired_node_tls13(lab):
    port = wants_certificate(lab, "-tls1_3")
    crt, key = lab.pki.bundle("expired-client"), lab.pki.leaf("expired-client")[1]
    return Case(lab.node(port, "18.20.8", f"{{cert: require('fs').readFileSync('{crt}'), key: require('fs').readFileSync('{key}')}}"), port,
                "client-cert-rejected", says=("it has expired .2025-03-01",))


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


@case
def record_corrupted_curl_tls13(lab):
    port = lab.shaper("always", "corrupt:4", lab.s_server("-tls1_3"))
    return Case(lab.curl(port), port, "record-corrupted")


@case
def record_corrupted_python_tls12(lab):
    port = lab.shaper("always", "corrupt:3", lab.s_server("-tls1_2"))
    return Case(lab.python(port), port, "record-corrupted")


@case
def record_corrupted_gnutls_tls13(lab):
    port = lab.shaper("always", "corrupt:5", lab.s_server("-tls1_3"))
    return Case(lab.gnutls_cli(port), port, "record-corrupted")


@case
def record_corrupted_java_tls13(lab):
    port = lab.shaper("always", "corrupt:6", lab.s_server("-tls1_3"))
    return Case(lab.java(port), port, "record-corrupted")


def damaged(lab, version, action, client):
    port = lab.shaper("always", action, lab.s_server(version))
    return Case(client(port), port, "record-corrupted")


@case
def record_corrupted_finished_python_tls12(lab):
    return damaged(lab, "-tls1_2", "corrupt:7", lab.python)


@case
def record_corrupted_finished_gnutls_tls12(lab):
    return damaged(lab, "-tls1_2", "corrupt:7", lab.gnutls_cli)


@case
def record_corrupted_change_of_cipher_curl_tls12(lab):
    return damaged(lab, "-tls1_2", "corrupt:6", lab.curl)


@case
def record_corrupted_key_exchange_wget_tls12(lab):
    """It resets the connection without an alert."""
    return damaged(lab, "-tls1_2", "corrupt:3", lab.wget)


@case
def record_corrupted_of_the_client_java_tls12(lab):
    return damaged(lab, "-tls1_2", "corrupt-sent:3", lab.java)


@case
def record_corrupted_of_the_client_wget_tls13(lab):
    """The server says so under protection, and to a probe as well."""
    return damaged(lab, "-tls1_3", "corrupt-sent:2", lab.wget)


@case
def record_corrupted_change_of_cipher_of_the_client_curl_tls13(lab):
    """There for old boxes only, and one byte all the same."""
    return damaged(lab, "-tls1_3", "corrupt-sent:1", lab.curl)


@case
def record_corrupted_change_of_cipher_of_the_client_java_tls12(lab):
    return damaged(lab, "-tls1_2", "corrupt-sent:2", lab.java)


@case
def record_corrupted_key_exchange_of_the_client_gnutls_tls12(lab):
    """No point of its curve any more: illegal_parameter."""
    return damaged(lab, "-tls1_2", "corrupt-sent:1", lab.gnutls_cli)


@case
def record_corrupted_where_a_certificate_is_asked_for_gnutls_tls12(lab):
    """What the server calls wrong is not that the client has none."""
    port = lab.shaper("always", "corrupt-sent:2", lab.gnutls_serv("NORMAL:-VERS-TLS1.3"))
    return Case(lab.gnutls_cli(port), port, ("unknown", "record-corrupted"))


@case
def large_flight_lost_curl_tls13(lab):
    port = lab.shaper("always", "black-hole:1200", lab.s_server("-tls1_3"))
    return Case(lab.curl(port, "--max-time", "4"), port, "large-flight-lost")


@case
def large_flight_lost_python_tls12(lab):
    port = lab.shaper("always", "black-hole:1200", lab.s_server("-tls1_2"))
    return Case(lab.python(port, "import socket as s; s.setdefaulttimeout(4); socket.create_connection.__defaults__ = (4, None)"), port,
                "large-flight-lost")


@case
def handshake_timeout_in_the_middle_curl(lab):
    port = lab.shaper("always", "stall:700", lab.s_server("-tls1_3"))
    return Case(lab.curl(port, "--max-time", "4"), port, "handshake-timeout")


@case
def psk_rejected_s_client_session_of_an_earlier_connection(lab):
    """The first connection is fine; the second one refers to its session, and a box refuses that."""
    port = lab.shaper("ext:41", "alert:115", lab.s_server("-tls1_3"))
    session = lab.dir / "session.pem"
    client = f"openssl s_client -quiet -no_ign_eof -verify_return_error -CAfile {lab.ca} -servername localhost -connect 127.0.0.1:{port}"
    request = '(printf "GET / HTTP/1.0\\r\\n\\r\\n"; sleep 0.5)'  # the session's ticket comes after the handshake
    return Case(["sh", "-c", f"{request} | {client} -sess_out {session} && {request} | {client} -sess_in {session}"], port, "psk-rejected")


@case
def psk_rejected_gnutls_session_of_an_earlier_connection(lab):
    """gnutls-cli connects, leaves, and comes again with the session; the first of the two is no failure."""
    port = lab.shaper("ext:41", "alert:115", lab.s_server("-tls1_3"))
    return Case(lab.gnutls_cli(port, "-r"), port, "psk-rejected", connections=2)


@case
def handshake_timeout_in_the_middle_python(lab):
    port = lab.shaper("always", "stall:700", lab.s_server("-tls1_2"))
    return Case(lab.python(port, "import socket as s; s.setdefaulttimeout(4); socket.create_connection.__defaults__ = (4, None)"), port,
                "handshake-timeout")


@case
def handshake_timeout_in_the_middle_wget(lab):
    port = lab.shaper("always", "stall:700", lab.s_server("-tls1_3"))
    return Case(lab.wget(port, "--timeout=4"), port, "handshake-timeout")


@case
def ems_required_by_java(lab):
    port = lab.gnutls_serv("NORMAL:-VERS-TLS1.3:%NO_SESSION_HASH")
    return Case(lab.java(port, "-Djdk.tls.allowLegacyMasterSecret=false"), port, "ems-required", says=("7627",))
