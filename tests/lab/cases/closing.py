"""What ends a connection after a handshake that went well."""
from pathlib import Path

from lab import Case, case


def mysql_key(lab):
    """The server gives up root's rights before it reads them."""
    certificate, key = (lab.file(name, Path(path).read_text()) for name, path in
                        (("mysql.pem", lab.pki.bundle("rsa")), ("mysql.key", lab.pki.leaf("rsa")[1])))
    return [f"--ssl-cert={certificate}", f"--ssl-key={key}"]


def cut(lab, *options):
    return lab.shaper("always", "cut-close-notify", lab.s_server(*options))


@case
def closed_without_notify_wget_tls13(lab):
    port = cut(lab, "-tls1_3")
    return Case(lab.wget(port), port, "closed-without-notify", says=("GnuTLS",))


@case
def closed_without_notify_after_an_answer_that_says_no_wget(lab):
    """Its status says that the server answered: nothing was cut."""
    port = lab.shaper("always", "cut-close-notify", lab.nginx("keepalive_timeout 0; location /missing { return 404; }"))
    argv = lab.wget(port)
    return Case([word.replace(f":{port}/", f":{port}/missing") for word in argv], port, None)


@case
def closed_without_notify_ruby_tls12(lab):
    port = cut(lab, "-tls1_2")
    return Case(lab.ruby(port), port, "closed-without-notify", says=("OpenSSL 3",))


@case
def closed_without_notify_ruby_tls13(lab):
    port = cut(lab, "-tls1_3")
    return Case(lab.ruby(port), port, "closed-without-notify", says=("OpenSSL 3",))


@case
def closed_without_notify_is_nothing_to_curl(lab):
    port = cut(lab, "-tls1_3")
    return Case(lab.curl(port), port, None, fails=False)


@case
def a_statement_that_mariadb_refuses_was_not_cut(lab):
    """The server never says close_notify, and its protocol does not need it."""
    port = lab.mariadbd(*mysql_key(lab))
    return Case([*lab.mariadb(port)[:-1], "select bogus"], port, None)


@case
def a_password_that_mariadb_refuses_was_not_cut(lab):
    port = lab.mariadbd(*mysql_key(lab))
    return Case([*lab.mariadb(port, "--password=wrong")], port, None)


@case
def cut_and_failed_for_its_own_reasons_python(lab):
    """Python takes the cut for the end; what the program fails for is its own."""
    port = cut(lab, "-tls1_3")
    client = lab.python(port)
    return Case([*client[:-1], client[-1] + "raise SystemExit(3)\n"], port, None)


def late(lab):
    certificate, key = lab.pki.bundle("rsa"), lab.pki.leaf("rsa")[1]
    return lab.spawn_script("late_request.py", "--certificate", certificate, "--key", key, "--trust", lab.ca)


@case
def post_handshake_auth_unsupported_node(lab):
    port = late(lab)
    return Case(lab.node(port, "18.20.8"), port, "post-handshake-auth-unsupported", says=("--tls-max-v1.2",))


@case
def post_handshake_auth_unsupported_gnutls(lab):
    port = late(lab)
    return Case(lab.gnutls_cli(port), port, "post-handshake-auth-unsupported", says=("--post-handshake-auth",))


@case
def post_handshake_auth_unsupported_java(lab):
    port = late(lab)
    return Case(lab.java(port), port, "post-handshake-auth-unsupported", says=("TLSv1.2",))


@case
def client_cert_missing_after_the_handshake_wget(lab):
    """wget offers post-handshake authentication by itself; that the server ends without close_notify is not what it is about."""
    port = late(lab)
    return Case(lab.wget(port), port, "client-cert-missing", says=("after the handshake", "--certificate=client.pem"))


@case
def client_cert_rejected_after_the_handshake_wget(lab):
    port = late(lab)
    crt, key = lab.pki.leaf("stranger")
    return Case(lab.wget(port, "--certificate", crt, "--private-key", key), port, "client-cert-rejected", says=("after the handshake", "stranger.pem"))


@case
def ech_rejected_boringssl(lab):
    port = lab.s_server("-tls1_3")
    return Case(lab.boringssl_with_ech(port), port, "ech-rejected", says=("encrypted hello",))


@case
def ech_rejected_nss(lab):
    port = lab.s_server("-tls1_3")
    return Case(lab.nss_with_ech(port), port, "ech-rejected", says=("encrypted hello",))


@case
def ech_rejected_hello_with_a_key_that_the_server_does_not_have(lab):
    """What is left of a client when only its hello is known: it reads the answer and leaves."""
    port = lab.s_server("-tls1_3")
    return Case(lab.replay(port, "node-22.23.3", "--ech", "--leave"), port, "ech-rejected", env={"SSL_CERT_FILE": lab.ca}, says=("encrypted hello",))
