"""Before TLS: no address, no connection, a proxy that refuses, another protocol, a server that takes no hello at all."""
from lab import Case, case
from machine import free_port

NOBODY_THERE = "nobody-there.invalid"


@case
def dns_failed_curl(lab):
    return Case(lab.curl(443, host=NOBODY_THERE), 443, "dns-failed", says=(NOBODY_THERE,))


@case
def dns_failed_python(lab):
    code = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1])"
    return Case(["/usr/bin/python3", "-c", code, f"https://{NOBODY_THERE}:8443/"], 8443, "dns-failed", says=(NOBODY_THERE,))


@case
def tcp_refused_curl(lab):
    port = free_port()
    return Case(lab.curl(port), port, "tcp-refused", says=(str(port),))


@case
def tcp_refused_node(lab):
    port = free_port()
    return Case(lab.node(port, "18.20.8", host=lab.address), port, "tcp-refused")


@case
def tcp_refused_ipv6(lab):
    lab.has_ipv6()
    port = free_port()
    return Case(lab.curl(port, host="[::1]"), port, "tcp-refused")


@case
def tcp_timeout_curl(lab):
    port = lab.black_hole()
    return Case(lab.curl(port, "--connect-timeout", "2", host=lab.address), port, "tcp-timeout")


@case
def tcp_timeout_python(lab):
    port = lab.black_hole()
    argv = ["/usr/bin/python3", "-c", f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)"]
    return Case(argv, port, "tcp-timeout")


@case
def proxy_refused_403_curl(lab):
    port = lab.talker("connect", status=403)
    return Case(lab.curl(443, "-x", f"http://{lab.address}:{port}", host="www.example"), port, "proxy-refused", says=("403",))


@case
def proxy_refused_407_wget(lab):
    port = lab.talker("connect", status=407)
    return Case(lab.wget(443, host="www.example"), port, "proxy-refused", env={"https_proxy": f"http://{lab.address}:{port}"}, says=("407",))


@case
def proxy_refused_502_python(lab):
    port = lab.talker("connect", status=502)
    code = "import urllib.request; urllib.request.urlopen('https://www.example/', timeout=10).read()"
    return Case(["/usr/bin/python3", "-c", code], port, "proxy-refused", env={"https_proxy": f"http://{lab.address}:{port}"}, says=("502",))


@case
def proxy_that_is_a_port_for_tls_curl(lab):
    port = lab.nginx()
    return Case(lab.curl(443, "-x", f"http://{lab.address}:{port}", host="www.example"), port, "proxy-refused", says=("400", "https://"))


@case
def proxy_refused_socks5_not_allowed(lab):
    port = lab.talker("socks5", status=2)
    return Case(lab.curl(443, "--socks5-hostname", f"{lab.address}:{port}", host="www.example"), port, "proxy-refused")


@case
def proxy_refused_socks5_connection_refused(lab):
    port = lab.talker("socks5", status=5)
    return Case(lab.curl(443, "--socks5-hostname", f"{lab.address}:{port}", host="www.example"), port, "proxy-refused")


def through_a_proxy_that(lab, instead, *options, says):
    port = lab.talker("connect", instead=instead)
    argv = lab.curl(443, "-x", f"http://{lab.address}:{port}", *options, host="www.example")
    return Case(argv, port, "proxy-refused", says=(says,))


@case
def proxy_refused_by_an_end(lab):
    return through_a_proxy_that(lab, "end", says="ends the connection")


@case
def proxy_refused_by_a_reset(lab):
    return through_a_proxy_that(lab, "reset", says="resets the connection")


@case
def proxy_refused_by_silence(lab):
    return through_a_proxy_that(lab, "silence", "-m", "2", says="had not answered")


@case
def proxy_refused_since_it_is_no_proxy(lab):
    return through_a_proxy_that(lab, "ssh", says="ssh")


@case
def proxy_refused_since_it_wants_tls(lab):
    return through_a_proxy_that(lab, "tls", says="https://")


@case
def proxy_refused_socks5_wants_a_login(lab):
    port = lab.talker("socks5", login="me:secret")
    return Case(lab.curl(443, "--socks5-hostname", f"{lab.address}:{port}", host="www.example"), port, "proxy-refused", says=("login",))


@case
def proxy_refused_http_where_socks5_is_asked(lab):
    port = lab.talker("http")
    return Case(lab.curl(443, "--socks5-hostname", f"{lab.address}:{port}", host="www.example"), port, "proxy-refused", says=("http",))


@case
def not_tls_nginx_curl(lab):
    port = lab.nginx(tls=False)
    return Case(lab.curl(port), port, "not-tls", says=("http",))


@case
def not_tls_http_gnutls(lab):
    port = lab.talker("http")
    return Case(lab.gnutls_cli(port), port, "not-tls", says=("http",))


@case
def not_tls_http_java(lab):
    port = lab.talker("http")
    return Case(lab.java(port), port, "not-tls", says=("http",))


@case
def not_tls_ssh_python(lab):
    port = lab.talker("ssh")
    return Case(lab.python(port), port, "not-tls", says=("ssh",))


@case
def not_tls_ssh_s_client(lab):
    port = lab.talker("ssh")
    return Case(lab.s_client(port), port, "not-tls", says=("ssh",))


@case
def not_tls_mysql(lab):
    port = lab.talker("mysql")
    return Case(lab.curl(port), port, ("not-tls", "starttls-needed"), says=("mysql",))


@case
def starttls_needed_smtp_python(lab):
    port = lab.talker("smtp", lab.s_server())
    return Case(lab.python(port), port, "starttls-needed", says=("smtp",))


@case
def starttls_needed_imap_curl(lab):
    port = lab.talker("imap", lab.s_server())
    return Case(lab.curl(port, scheme="imaps"), port, "starttls-needed", says=("imap",))


@case
def starttls_needed_pop3_s_client(lab):
    port = lab.talker("pop3", lab.s_server())
    return Case(lab.s_client(port), port, "starttls-needed", says=("pop3",))


@case
def starttls_needed_ftp_gnutls(lab):
    port = lab.talker("ftp", lab.s_server())
    return Case(lab.gnutls_cli(port), port, "starttls-needed", says=("ftp",))


@case
def plain_to_tls_curl(lab):
    port = lab.nginx()
    return Case(lab.curl(port, "-f", scheme="http"), port, "client-speaks-plain", says=("https",))


@case
def plain_to_tls_wget(lab):
    port = lab.nginx()
    return Case(lab.wget(port, scheme="http"), port, "client-speaks-plain", says=("https",))


@case
def plain_to_tls_s_server(lab):
    port = lab.s_server()
    return Case(lab.curl(port, scheme="http"), port, "client-speaks-plain")


def ldapsearch_in_clear(lab, port, base="dc=example"):
    return ["ldapsearch", "-x", "-H", f"ldap://{lab.address}:{port}", "-o", "nettimeout=10", "-b", base]


@case
def a_directory_that_lacks_what_is_asked_for_wants_no_tls(lab):
    port = lab.slapd()
    return Case(ldapsearch_in_clear(lab, port, "dc=nowhere"), port, None)


@case
def a_directory_that_wants_confidentiality(lab):
    port = lab.slapd("security ssf=1")
    return Case(ldapsearch_in_clear(lab, port), port, "client-speaks-plain", says=("confidentialityRequired", "-ZZ"))


@case
def plain_to_a_directory_that_begins_with_tls(lab):
    port = lab.slapd(tls=True)
    return Case(ldapsearch_in_clear(lab, port), port, "client-speaks-plain", says=("ldaps://",))


@case
def drops_all_reset_curl(lab):
    port = lab.shaper("always", "reset")
    return Case(lab.curl(port), port, "server-drops-all")


@case
def drops_all_close_python(lab):
    port = lab.shaper("always", "close")
    return Case(lab.python(port), port, "server-drops-all")


@case
def drops_all_alert_node(lab):
    port = lab.shaper("always", "alert:80")
    return Case(lab.node(port, "18.20.8"), port, "server-drops-all", says=("internal_error",))


@case
def drops_all_close_java(lab):
    port = lab.shaper("always", "close")
    return Case(lab.java(port), port, "server-drops-all")


@case
def handshake_timeout_curl(lab):
    port = lab.shaper("always", "silence")
    return Case(lab.curl(port, "--max-time", "3"), port, "handshake-timeout")


@case
def handshake_timeout_gnutls_killed(lab):
    port = lab.shaper("always", "silence")
    return Case(["timeout", "3", *lab.gnutls_cli(port)], port, "handshake-timeout")


@case
def client_speaks_plain_and_waits_for_a_greeting(lab):
    port = lab.s_server()
    return Case(lab.curl(port, "--max-time", "4", scheme="smtp"), port, "client-speaks-plain", says=("waits for it to begin",))


@case
def drops_all_before_the_hello_java(lab):
    port = lab.talker("resets")
    return Case(lab.java(port), port, ("server-drops-all", "tcp-timeout"))
