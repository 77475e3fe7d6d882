"""Versions: too old, too new, not understood; the first format of all; a fallback."""
from lab import Case, case
from machine import need

WEAK = ("-cipher", "ALL@SECLEVEL=0")
OLD_PYTHON = ("ctx.minimum_version = ssl.TLSVersion.TLSv1; ctx.maximum_version = ssl.TLSVersion.TLSv1; "
              "ctx.set_ciphers('DEFAULT@SECLEVEL=0')")
MAX_12 = "openssl_conf=a\n[a]\nssl_conf=b\n[b]\nsystem_default=c\n[c]\nMaxProtocol=TLSv1.2\n"


# ---- the client is too old ------------------------------------------------------------------------------------------------------------
@case
def client_too_old_node_0_8(lab):
    port = lab.s_server("-tls1_2")
    return Case(lab.node(port, "0.8.28"), port, "client-version-too-old", says=("TLS 1\\.0", "TLS 1\\.2"))


@case
def client_too_old_node_0_10_tls13(lab):
    port = lab.s_server("-tls1_3")
    return Case(lab.node(port, "0.10.48"), port, "client-version-too-old", says=("TLS 1\\.3",))


@case
def client_too_old_node_0_12(lab):
    port = lab.s_server("-tls1_3")
    return Case(lab.node(port, "0.12.18"), port, "client-version-too-old")


@case
def client_too_old_node_4(lab):
    port = lab.s_server("-tls1_3")
    return Case(lab.node(port, "4.9.1"), port, "client-version-too-old")


@case
def client_too_old_node_6_nginx(lab):
    port = lab.nginx("ssl_protocols TLSv1.3;")
    return Case(lab.node(port, "6.17.1"), port, "client-version-too-old")


@case
def client_too_old_node_8_gnutls_serv(lab):
    port = lab.gnutls_serv("NORMAL:-VERS-ALL:+VERS-TLS1.3")
    return Case(lab.node(port, "8.17.0"), port, "client-version-too-old")


@case
def client_too_old_python_code(lab):
    port = lab.s_server("-tls1_2")
    return Case(lab.python(port, OLD_PYTHON), port, "client-version-too-old", says=("TLS 1\\.0", "TLS 1\\.2"))


@case
def client_too_old_curl_max(lab):
    port = lab.nginx("ssl_protocols TLSv1.3;")
    return Case(lab.curl(port, "--tls-max", "1.2"), port, "client-version-too-old", says=("TLS 1\\.3",))


@case
def client_too_old_policy(lab):
    port = lab.s_server("-tls1_3")
    return Case(lab.python(port), port, "client-version-too-old", env={"OPENSSL_CONF": lab.file("openssl.cnf", MAX_12)})


@case
def client_too_old_s_client(lab):
    port = lab.gnutls_serv("NORMAL:-VERS-ALL:+VERS-TLS1.3")
    return Case(lab.s_client(port, "-tls1_2"), port, "client-version-too-old")


@case
def client_too_old_gnutls_cli(lab):
    port = lab.s_server("-tls1_3")
    return Case(lab.gnutls_cli(port, "--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.2"), port, "client-version-too-old")


@case
def client_too_old_java(lab):
    port = lab.s_server("-tls1_3")
    return Case(lab.java(port, "-Djdk.tls.client.protocols=TLSv1.2"), port, "client-version-too-old")


@case
def client_too_old_wget(lab):
    port = lab.s_server("-tls1_3")
    return Case(lab.wget(port, "--ciphers=NORMAL:-VERS-ALL:+VERS-TLS1.2"), port, "client-version-too-old")


@case
def client_too_old_perl(lab):
    port = lab.s_server("-tls1_3")
    return Case(lab.perl(port, "SSL_version=>'TLSv12'"), port, "client-version-too-old")


@case
def client_too_old_recorded_openssl_0_9_8(lab):
    port = lab.s_server("-tls1_2")
    return Case(lab.replay(port, "openssl-0.9.8zg-s_client"), port, "client-version-too-old")


@case
def client_too_old_behind_a_proxy(lab):
    port = lab.talker("connect", lab.s_server("-tls1_3"))
    return Case(lab.curl(443, "-x", f"http://{lab.address}:{port}", "--tls-max", "1.2"), port, "client-version-too-old")


@case
def client_too_old_behind_socks5(lab):
    port = lab.talker("socks5", lab.s_server("-tls1_3"))
    return Case(lab.curl(443, "--socks5-hostname", f"{lab.address}:{port}", "--tls-max", "1.2"), port, "client-version-too-old")


@case
def client_too_old_after_starttls(lab):
    port = lab.talker("smtp", lab.s_server("-tls1_3"))
    return Case(lab.s_client(port, "-starttls", "smtp", "-tls1_2"), port, "client-version-too-old")


@case
def client_too_old_after_imap_starttls(lab):
    port = lab.talker("imap", lab.s_server("-tls1_3"))
    return Case(lab.curl(port, "--ssl-reqd", "--tls-max", "1.2", scheme="imap"), port, "client-version-too-old")


@case
def client_too_old_sixth_connection_refused(lab):
    """A server that takes five connections a second, as some do: experiments must not run into it."""
    port = lab.shaper("never", "relay", lab.s_server("-tls1_3"), limit=5)
    return Case(lab.curl(port, "--tls-max", "1.2"), port, "client-version-too-old", extra_seconds=60)


@case
def client_too_old_alert_in_pieces(lab):
    port = lab.shaper("always", "drip", lab.s_server("-tls1_3"))
    return Case(lab.curl(port, "--tls-max", "1.2"), port, "client-version-too-old")


# ---- the server is too old ------------------------------------------------------------------------------------------------------------
@case
def server_too_old_node_22(lab):
    port = lab.s_server("-tls1_1", *WEAK)
    return Case(lab.node(port, "22.23.3"), port, "server-version-too-old", says=("TLS 1\\.1",))


@case
def server_too_old_node_12_tls10(lab):
    port = lab.s_server("-tls1", *WEAK)
    return Case(lab.node(port, "12.22.12"), port, "server-version-too-old", says=("TLS 1\\.0",))


@case
def server_too_old_curl_13_only(lab):
    port = lab.nginx("ssl_protocols TLSv1.2;")
    return Case(lab.curl(port, "--tlsv1.3"), port, "server-version-too-old")


@case
def server_too_old_java_13_only(lab):
    port = lab.s_server("-tls1_2")
    return Case(lab.java(port, "-Djdk.tls.client.protocols=TLSv1.3"), port, "server-version-too-old")


@case
def server_too_old_python_13_only(lab):
    port = lab.s_server("-tls1_2")
    return Case(lab.python(port, "ctx.minimum_version = ssl.TLSVersion.TLSv1_3"), port, "server-version-too-old")


@case
def server_too_old_gnutls_cli(lab):
    port = lab.gnutls_serv("NORMAL:-VERS-ALL:+VERS-TLS1.2")
    return Case(lab.gnutls_cli(port, "--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.3"), port, "server-version-too-old")


@case
def server_too_old_python312(lab):
    port = lab.s_server("-tls1", *WEAK)
    return Case(lab.python(port, interpreter=lab.other_python("3.12")), port, "server-version-too-old")


# ---- the server knows a version, and breaks where a higher one is offered ------------------------------------------------------------------
@case
def version_intolerance_alert_curl(lab):
    port = lab.shaper("version>=0304", "alert:70", lab.s_server("-tls1_2"))
    return Case(lab.curl(port), port, "version-intolerance", says=("TLS 1\\.3",))


@case
def version_intolerance_reset_python(lab):
    port = lab.shaper("version>=0304", "reset", lab.s_server("-tls1_2"))
    return Case(lab.python(port), port, "version-intolerance")


@case
def version_intolerance_close_java(lab):
    port = lab.shaper("version>=0304", "close", lab.s_server("-tls1_2"))
    return Case(lab.java(port), port, "version-intolerance")


@case
def version_intolerance_handshake_failure_gnutls(lab):
    port = lab.shaper("version>=0304", "alert:40", lab.s_server("-tls1_2"))
    return Case(lab.gnutls_cli(port), port, "version-intolerance")


@case
def version_intolerance_silence(lab):
    port = lab.shaper("version>=0304", "silence", lab.s_server("-tls1_2"))
    return Case(lab.curl(port, "--max-time", "3"), port, "version-intolerance")


@case
def version_intolerance_node_26(lab):
    port = lab.shaper("version>=0304", "reset", lab.s_server("-tls1_2"))
    return Case(lab.node(port, "26.10.0"), port, "version-intolerance")


@case
def version_intolerance_sixth_connection_refused(lab):
    port = lab.shaper("version>=0304", "alert:70", lab.s_server("-tls1_2"), limit=5)
    return Case(lab.curl(port), port, "version-intolerance", extra_seconds=60)


# ---- SSLv2's format, and the fallback --------------------------------------------------------------------------------------------------------
@case
def sslv2_hello_java(lab):
    port = lab.shaper("sslv2", "reset", lab.s_server("-tls1_2", *WEAK))
    return Case(lab.java_with_sslv2_hello(port), port, "sslv2-hello-rejected")


@case
def sslv2_hello_recorded(lab):
    """It offers TLS 1.0 at most; the backend takes that, the box does not take the format."""
    port = lab.shaper("sslv2", "close", lab.s_server("-tls1", *WEAK))
    return Case(lab.replay(port, "openssl-0.9.7m-s_client"), port, "sslv2-hello-rejected")


@case
def inappropriate_fallback_s_client(lab):
    port = lab.s_server()
    return Case(lab.s_client(port, "-fallback_scsv", "-no_tls1_3"), port, "inappropriate-fallback")


@case
def inappropriate_fallback_nginx(lab):
    port = lab.nginx("ssl_protocols TLSv1.2 TLSv1.3;")
    return Case(lab.s_client(port, "-fallback_scsv", "-no_tls1_3"), port, "inappropriate-fallback")


@case
def client_too_old_psql_by_its_argument(lab):
    port = lab.talker("postgres", lab.s_server("-tls1_3"))
    return Case(lab.psql(port, "ssl_max_protocol_version=TLSv1.2"), port, "client-version-too-old", why="code",
                says=(r"psql 'ssl_max_protocol_version=TLSv1\.3",))


@case
def client_too_old_ldapsearch_by_its_variable(lab):
    need("ldapsearch")
    port = lab.s_server("-tls1_3")
    return Case(["ldapsearch", "-H", f"ldaps://{lab.host}:{port}", "-x"], port, "client-version-too-old", why="policy",
                env={"LDAPTLS_CIPHER_SUITE": "NORMAL:-VERS-TLS1.3", "LDAPTLS_CACERT": lab.ca}, says=(r"LDAPTLS_CIPHER_SUITE='NORMAL:\+VERS-TLS1\.3'",))
