"""Names: the client sends none, or one that the server does not know."""
from lab import Case, case

REJECTS_OTHERS = "server { listen @LISTEN@ ssl; server_name known.example; ssl_reject_handshake on; }"


@case
def sni_missing_python(lab):
    port = lab.shaper("no-ext:0", "alert:40", lab.s_server())
    return Case(lab.python(port, "ctx.check_hostname = False", sni=False), port, "sni-missing", says=("server_hostname",))


@case
def sni_missing_address_curl(lab):
    port = lab.shaper("no-ext:0", "reset", lab.s_server())
    return Case(lab.curl(port, host=lab.address), port, "sni-missing", says=("address",))


@case
def sni_missing_s_client(lab):
    port = lab.shaper("no-ext:0", "alert:112", lab.s_server())
    return Case(lab.s_client(port, sni=False), port, "sni-missing")


@case
def sni_missing_gnutls_cli(lab):
    port = lab.shaper("no-ext:0", "close", lab.s_server())
    return Case(lab.gnutls_cli(port, "--disable-sni"), port, "sni-missing")


@case
def sni_missing_node_address(lab):
    port = lab.shaper("no-ext:0", "alert:80", lab.s_server())
    return Case(lab.node(port, "18.20.8", host=lab.address), port, "sni-missing")


@case
def sni_missing_and_the_known_name_is_refused_too(lab):
    """The name that leads to the server is not the one that it wants: to give it would be no remedy."""
    other = "server {{ listen @LISTEN@ ssl; server_name www.real.example; ssl_certificate {}; ssl_certificate_key {}; }}"
    port = lab.nginx("ssl_reject_handshake on;", other.format(lab.pki.bundle("rsa"), lab.pki.leaf("rsa")[1]))
    return Case(lab.s_client(port, sni=False), port, "sni-missing", says=(r"With localhost( and \S+)? it refuses", r"(?s)\A(?!.*-servername localhost)"))


@case
def sni_unrecognized_nginx_curl(lab):
    port = lab.nginx(more_servers=REJECTS_OTHERS)
    return Case(lab.curl(port, "--connect-to", f"known.example:{port}:{lab.address}:{port}", host="known.example"), port, "sni-unrecognized",
                says=("known\\.example",))


@case
def sni_unrecognized_where_no_name_is_refused_too(lab):
    """HAProxy's strict-sni."""
    port = lab.haproxy("strict-sni")
    return Case(lab.curl(port, "--connect-to", f"unknown.example:{port}:{lab.address}:{port}", host="unknown.example"), port,
                "sni-unrecognized", says=("With the name localhost",), fix=False)


@case
def sni_unrecognized_s_server_fatal(lab):
    certificate, key = lab.pki.leaf("wrongname")
    port = lab.s_server("-servername", "other.example", "-servername_fatal", "-cert2", certificate, "-key2", key)
    return Case(lab.s_client(port, host="unknown.example"), port, "sni-unrecognized", says=("unknown\\.example",))


@case
def sni_unrecognized_box_python(lab):
    port = lab.shaper("ext:0&sni-not:www.example", "alert:40", lab.s_server())
    return Case(lab.python(port), port, "sni-unrecognized", says=("localhost",))


@case
def sni_missing_java(lab):
    """Java sends no name that has no dot in it."""
    port = lab.shaper("no-ext:0", "close", lab.s_server())
    return Case(lab.java(port), port, "sni-missing")
