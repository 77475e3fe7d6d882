"""What is negotiated, where the server refuses: suites, groups, signature algorithms, ALPN, extensions, the hello's size and header."""
from lab import Case, case

MAX_12 = "ctx.maximum_version = ssl.TLSVersion.TLSv1_2; "
CPYTHON_CIPHERS = ("@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM")
MANY_PROTOCOLS = "h2,http/1.1," + ",".join("x-%04d" % i for i in range(12))


# ---- cipher suites ------------------------------------------------------------------------------------------------------------------------
@case
def cipher_ecdsa_server_rsa_client(lab):
    port = lab.s_server("-tls1_2", cert="ecdsa")
    return Case(lab.curl(port, "--ciphers", "ECDHE-RSA-AES128-GCM-SHA256", "--tls-max", "1.2"), port, "no-shared-cipher", says=("ECDSA",))


@case
def cipher_rsa_server_ecdsa_client(lab):
    port = lab.s_server("-tls1_2")
    return Case(lab.s_client(port, "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"), port, "no-shared-cipher", says=("RSA",))


@case
def cipher_python_set_ciphers(lab):
    port = lab.s_server("-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384")
    return Case(lab.python(port, MAX_12 + "ctx.set_ciphers('ECDHE-RSA-AES128-GCM-SHA256')"), port, "no-shared-cipher",
                says=("AES_?-?256_?-?GCM",))


@case
def cipher_static_rsa_python_defaults(lab):
    """CPython's own list leaves static RSA out since 3.10."""
    port = lab.s_server("-tls1_2", "-cipher", "AES128-SHA")
    return Case(lab.python(port, f"ctx.set_ciphers({CPYTHON_CIPHERS!r})"), port, "no-shared-cipher")


@case
def cipher_static_rsa_python_312(lab):
    port = lab.s_server("-tls1_2", "-cipher", "AES128-SHA")
    return Case(lab.python(port, interpreter=lab.other_python("3.12")), port, "no-shared-cipher")


@case
def cipher_chacha_node_0_10(lab):
    port = lab.s_server("-tls1_2", "-cipher", "ECDHE-RSA-CHACHA20-POLY1305")
    return Case(lab.node(port, "0.10.48"), port, "no-shared-cipher", says=("CHACHA20",))


@case
def cipher_camellia_java_that_never_had_it(lab):
    port = lab.nginx("ssl_protocols TLSv1.2; ssl_ciphers ECDHE-RSA-CAMELLIA256-SHA384;")
    return Case(lab.java(port), port, "no-shared-cipher", says=("no version of this one",), why="library", fix=False)


@case
def cipher_camellia_nginx_curl(lab):
    port = lab.nginx("ssl_protocols TLSv1.2; ssl_ciphers ECDHE-RSA-CAMELLIA256-SHA384;")
    return Case(lab.curl(port), port, "no-shared-cipher", says=("CAMELLIA",), fix=True)


@case
def cipher_camellia_curl_whose_own_list_takes_it_away(lab):
    port = lab.nginx("ssl_protocols TLSv1.2; ssl_ciphers ECDHE-RSA-CAMELLIA256-SHA384;")
    return Case(lab.curl(port, "--ciphers", "HIGH:!CAMELLIA:!aNULL"), port, "no-shared-cipher", fix=True)


@case
def cipher_ccm_of_tls13_curl(lab):
    port = lab.s_server("-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_SHA256")
    return Case(lab.curl(port), port, "no-shared-cipher", says=("--tls13-ciphers",), fix=True)


@case
def cipher_ccm_python(lab):
    port = lab.s_server("-tls1_2", "-cipher", "AES256-CCM8")
    return Case(lab.python(port), port, "no-shared-cipher", says=("AES256-CCM8",), fix=True)


KEY = "00112233445566778899aabbccddeeff"


@case
def cipher_pre_shared_key_alone_curl(lab):
    """The server knows TLS 1.3, and the certificate that it would need is missing there as well."""
    port = lab.s_server("-psk", KEY, "-cipher", "PSK", cert=None)
    return Case(lab.curl(port), port, "no-shared-cipher", says=("wants a pre-shared key", "No list of suites", r"(?s)\A(?!.*--tls-max)"), fix=False)


@case
def cipher_pre_shared_key_alone_gnutls_cli(lab):
    port = lab.s_server("-psk", KEY, "-cipher", "PSK", "-tls1_2", cert=None)
    return Case(lab.gnutls_cli(port), port, "no-shared-cipher", says=("wants a pre-shared key", "--pskusername"), fix=False)


@case
def cipher_anonymous_alone_python(lab):
    port = lab.s_server("-cipher", "aNULL:@SECLEVEL=0", "-tls1_2", cert=None)
    return Case(lab.python(port), port, "no-shared-cipher", says=("suites without a certificate alone",), fix=False)


@case
def cipher_tls13_suites_apart(lab):
    port = lab.s_server("-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256")
    return Case(lab.s_client(port, "-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"), port, "no-shared-cipher", says=("CHACHA20",))


@case
def cipher_gnutls_cli_priority(lab):
    port = lab.s_server("-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256")
    return Case(lab.gnutls_cli(port, "--priority", "NORMAL:-CIPHER-ALL:+AES-256-GCM:-VERS-ALL:+VERS-TLS1.2"), port, "no-shared-cipher")


@case
def cipher_java_https_cipher_suites(lab):
    port = lab.s_server("-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384")
    return Case(lab.java(port, "-Dhttps.cipherSuites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "-Djdk.tls.client.protocols=TLSv1.2"), port,
                "no-shared-cipher")


@case
def cipher_gnutls_serv_aes256_only(lab):
    port = lab.gnutls_serv("NORMAL:-CIPHER-ALL:+AES-256-GCM:-VERS-ALL:+VERS-TLS1.2")
    return Case(lab.node(port, "10.24.1", "{ciphers: 'ECDHE-RSA-AES128-GCM-SHA256'}"), port, "no-shared-cipher")


@case
def cipher_perl(lab):
    port = lab.s_server("-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384")
    return Case(lab.perl(port, "SSL_version=>'TLSv12', SSL_cipher_list=>'ECDHE-RSA-AES128-GCM-SHA256'"), port, "no-shared-cipher")


@case
def cipher_missing_while_connections_are_limited(lab):
    port = lab.shaper("never", "relay", lab.s_server("-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384"), limit=5)
    return Case(lab.curl(port, "--ciphers", "ECDHE-RSA-AES128-GCM-SHA256", "--tls-max", "1.2"), port, "no-shared-cipher", extra_seconds=60)


# ---- groups -----------------------------------------------------------------------------------------------------------------------------------
@case
def group_p521_node_8(lab):
    port = lab.s_server("-tls1_2", "-groups", "P-521", "-cipher", "ECDHE")
    return Case(lab.node(port, "8.17.0"), port, "no-shared-group", says=("P-521|secp521r1",))


@case
def group_tls13_p384_curl_x25519(lab):
    port = lab.s_server("-tls1_3", "-groups", "P-384")
    return Case(lab.curl(port, "--curves", "X25519"), port, "no-shared-group", says=("P-384|secp384r1",))


@case
def group_tls12_x25519_curl_p256(lab):
    port = lab.s_server("-tls1_2", "-groups", "X25519", "-cipher", "ECDHE")
    return Case(lab.curl(port, "--curves", "P-256"), port, "no-shared-group", says=("x25519",))


@case
def group_gnutls_cli(lab):
    port = lab.s_server("-tls1_3", "-groups", "P-384")
    return Case(lab.gnutls_cli(port, "--priority", "NORMAL:-GROUP-ALL:+GROUP-SECP256R1:-VERS-ALL:+VERS-TLS1.3"), port, "no-shared-group")


@case
def group_java(lab):
    port = lab.s_server("-tls1_3", "-groups", "P-521")
    return Case(lab.java(port, "-Djdk.tls.namedGroups=secp256r1", "-Djdk.tls.client.protocols=TLSv1.3"), port, "no-shared-group")


@case
def group_nginx_node_18(lab):
    port = lab.nginx("ssl_protocols TLSv1.3; ssl_ecdh_curve secp521r1;")
    return Case(lab.node(port, "18.20.8", "{ecdhCurve: 'P-256'}"), port, "no-shared-group")


@case
def group_gnutls_serv(lab):
    port = lab.gnutls_serv("NORMAL:-GROUP-ALL:+GROUP-SECP384R1:-VERS-ALL:+VERS-TLS1.3")
    return Case(lab.s_client(port, "-groups", "X25519"), port, "no-shared-group")


@case
def group_that_tls13_does_not_allow_curl(lab):
    """The server chooses TLS 1.3, and has nothing for it: the group is named, and not the version."""
    port = lab.s_server("-groups", "brainpoolP384r1", "-cipher", "ECDHE")
    return Case(lab.curl(port), port, "no-shared-group", says=("brainpoolP384r1",), fix=True)


@case
def group_that_go_never_had(lab):
    port = lab.s_server("-groups", "brainpoolP384r1", "-cipher", "ECDHE")
    return Case(lab.go(port), port, "no-shared-group", says=("no version of this one",), fix=False)


# ---- signature algorithms -----------------------------------------------------------------------------------------------------------------------
@case
def signature_ed25519_server(lab):
    port = lab.s_server("-tls1_3", cert="ed25519")
    return Case(lab.s_client(port, "-sigalgs", "ecdsa_secp256r1_sha256:rsa_pss_rsae_sha256"), port, "no-shared-signature-algorithm",
                says=("ed25519",))


@case
def signature_ecdsa_server_tls13(lab):
    port = lab.s_server("-tls1_3", cert="ecdsa")
    return Case(lab.s_client(port, "-sigalgs", "rsa_pss_rsae_sha256"), port, "no-shared-signature-algorithm", says=("ecdsa",))


@case
def signature_rsa_sha512_only_tls12(lab):
    port = lab.s_server("-tls1_2", "-sigalgs", "RSA+SHA512")
    return Case(lab.s_client(port, "-sigalgs", "RSA+SHA256"), port, "no-shared-signature-algorithm", says=("sha512",))


@case
def signature_gnutls_cli(lab):
    port = lab.s_server("-tls1_3", cert="ecdsa")
    priority = "NORMAL:-VERS-ALL:+VERS-TLS1.3:-SIGN-ALL:+SIGN-RSA-PSS-RSAE-SHA256"
    return Case(lab.gnutls_cli(port, "--priority", priority), port, "no-shared-signature-algorithm")


# ---- ALPN -------------------------------------------------------------------------------------------------------------------------------------------
@case
def alpn_python_h2(lab):
    port = lab.s_server("-tls1_3", "-alpn", "imap")
    return Case(lab.python(port, "ctx.set_alpn_protocols(['h2'])"), port, "alpn-mismatch", says=("h2",))


@case
def alpn_nginx_s_client(lab):
    port = lab.nginx()
    return Case(lab.s_client(port, "-alpn", "xmpp-client"), port, "alpn-mismatch", says=("xmpp-client",))


@case
def alpn_node(lab):
    port = lab.s_server("-tls1_2", "-alpn", "h3")
    return Case(lab.node(port, "18.20.8", "{ALPNProtocols: ['http/1.0']}"), port, "alpn-mismatch")


# ---- extended master secret --------------------------------------------------------------------------------------------------------------------------
@case
def ems_required_gnutls_cli(lab):
    port = lab.shaper("no-ext:23", "alert:40", lab.s_server("-tls1_2"))
    return Case(lab.gnutls_cli(port, "--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.2:%NO_SESSION_HASH"), port, "ems-required")


@case
def ems_required_by_a_box(lab):
    port = lab.shaper("no-ext:23", "alert:40", lab.s_server("-tls1_2"))
    return Case(lab.node(port, "6.17.1"), port, "ems-required")


# ---- extensions that break the server ------------------------------------------------------------------------------------------------------------------
@case
def extension_session_ticket_python(lab):
    port = lab.shaper("ext:35", "alert:40", lab.s_server())
    return Case(lab.python(port), port, "extension-intolerance", says=("session_ticket",))


@case
def extension_encrypt_then_mac_curl(lab):
    port = lab.shaper("ext:22", "close", lab.s_server())
    return Case(lab.curl(port), port, "extension-intolerance", says=("encrypt_then_mac",))


@case
def extension_status_request_curl(lab):
    port = lab.shaper("ext:5", "alert:50", lab.s_server())
    return Case(lab.curl(port, "--cert-status"), port, "extension-intolerance", says=("status_request",))


@case
def extension_record_size_limit_gnutls(lab):
    port = lab.shaper("ext:28", "reset", lab.s_server())
    return Case(lab.gnutls_cli(port), port, "extension-intolerance", says=("record_size_limit",))


@case
def extension_extended_master_secret_node_18(lab):
    port = lab.shaper("ext:23", "alert:10", lab.s_server())
    return Case(lab.node(port, "18.20.8"), port, "extension-intolerance", says=("extended_master_secret",))


@case
def extension_heartbeat_recorded_openssl_1_0_1(lab):
    port = lab.shaper("ext:15", "reset", lab.s_server("-tls1_2"))
    return Case(lab.replay(port, "openssl-1.0.1u-s_client-servername"), port, "extension-intolerance", says=("heartbeat",))


@case
def extension_alert_in_pieces(lab):
    port = lab.shaper("ext:22", "drip-alert:40", lab.s_server())
    return Case(lab.curl(port), port, "extension-intolerance", says=("encrypt_then_mac",))


# ---- the hello's size and header ---------------------------------------------------------------------------------------------------------------------
@case
def size_window_s_client(lab):
    port = lab.shaper("length:256-511", "silence", lab.s_server())
    return Case(["timeout", "3", *lab.s_client(port, "-max_protocol", "TLSv1.2", "-alpn", MANY_PROTOCOLS)], port, "hello-size-intolerance")


@case
def size_post_quantum_node_24(lab):
    port = lab.shaper("length>=1000", "reset", lab.s_server())
    return Case(lab.node(port, "24.21.0"), port, "hello-size-intolerance")


@case
def size_large_python(lab):
    port = lab.shaper("length>=600", "alert:50", lab.s_server())
    setup = "ctx.set_alpn_protocols(['x-%04d' % i for i in range(60)])"
    return Case(lab.python(port, setup), port, ("hello-size-intolerance", "alpn-mismatch"))


@case
def record_version_curl(lab):
    port = lab.shaper("record-version:0301", "close", lab.s_server())
    return Case(lab.curl(port), port, "record-version-intolerance")


@case
def record_version_java(lab):
    port = lab.shaper("record-version:0303", "alert:70", lab.s_server())
    return Case(lab.java(port), port, "record-version-intolerance")
