"""The client leaves itself nothing to offer: no hello goes out."""
import subprocess
from pathlib import Path

from lab import Case, case

NO_13 = "openssl_conf=a\n[a]\nssl_conf=b\n[b]\nsystem_default=c\n[c]\nMaxProtocol=TLSv1.2\n"


@case
def nothing_to_offer_python_against_policy(lab):
    """The program wants TLS 1.3 at least, the machine's policy allows TLS 1.2 at most."""
    port = lab.s_server()
    setup = "ctx.minimum_version = ssl.TLSVersion.TLSv1_3; ctx.maximum_version = ssl.TLSVersion.TLSv1_2"
    return Case(lab.python(port, setup), port, "nothing-to-offer", env={"OPENSSL_CONF": lab.file("openssl.cnf", NO_13)})


@case
def nothing_to_offer_s_client(lab):
    port = lab.s_server()
    return Case(lab.s_client(port, "-no_tls1", "-no_tls1_1", "-no_tls1_2", "-no_tls1_3"), port, "nothing-to-offer")


@case
def nothing_to_offer_java_disabled(lab):
    port = lab.s_server()
    return Case(lab.java(port, "-Djdk.tls.client.protocols=TLSv1"), port, "nothing-to-offer")


@case
def nothing_to_offer_python_no_cipher(lab):
    port = lab.s_server()
    setup = "ctx.maximum_version = ssl.TLSVersion.TLSv1_1; ctx.minimum_version = ssl.TLSVersion.TLSv1; ctx.set_ciphers('ECDHE+AESGCM')"
    return Case(lab.python(port, setup), port, "nothing-to-offer")


@case
def client_credentials_unusable_curl_missing_file(lab):
    port = lab.s_server()
    return Case(lab.curl(port, "--cert", "/nonexistent/client.pem", "--key", lab.pki.leaf("client")[1]), port, "client-credentials-unusable",
                says=("/nonexistent/client\\.pem",))


@case
def client_credentials_unusable_curl_key_of_another(lab):
    port = lab.s_server()
    return Case(lab.curl(port, "--cert", lab.pki.leaf("client")[0], "--key", lab.pki.leaf("stranger")[1]), port, "client-credentials-unusable",
                says=("does not belong",))


@case
def client_credentials_unusable_curl_no_key_in_it(lab):
    port = lab.s_server()
    certificate = lab.pki.leaf("client")[0]
    return Case(["curl", "-sS", "--cacert", lab.ca, "--cert", certificate, "--key", certificate, f"https://localhost:{port}/"], port,
                "client-credentials-unusable", says=("private key",))


@case
def client_credentials_unusable_python(lab):
    port = lab.s_server()
    certificate, key = lab.pki.leaf("client")[0], lab.pki.leaf("stranger")[1]
    argv = lab.python(port, f"ctx.load_cert_chain({certificate!r}, {key!r})")
    argv[2] = argv[2].replace("import socket", f"import socket; URL = 'https://localhost:{port}/'; import socket", 1)
    return Case(argv, port, "client-credentials-unusable")


@case
def client_credentials_unusable_curl_trusts_a_file_that_is_no_ca(lab):
    port = lab.s_server()
    return Case(lab.curl(port, "--cacert", lab.file("no-ca.pem", "hello\n")), port, "client-credentials-unusable",
                says=("no certificate in PEM", "CA certificates that it is to trust", r"openssl x509 -in \S+no-ca\.pem -noout -subject"))


@case
def client_credentials_unusable_curl_certificate_alone(lab):
    port = lab.s_server()
    return Case(lab.curl(port, "--cert", lab.pki.leaf("client")[0]), port, "client-credentials-unusable", says=("holds no private key, and none is named",))


def protected_key(lab):
    path = str(Path(lab.dir) / "protected.pem")
    command = ["openssl", "pkey", "-in", lab.pki.leaf("client")[1], "-aes256", "-passout", "pass:right", "-out", path]
    subprocess.run(command, check=True, capture_output=True)
    return path


@case
def client_credentials_unusable_curl_wrong_password(lab):
    port = lab.s_server()
    return Case(lab.curl(port, "--cert", lab.pki.leaf("client")[0], "--key", protected_key(lab), "--pass", "wrong"), port,
                "client-credentials-unusable", says=("does not open",))


@case
def client_credentials_unusable_psql_key_that_others_may_read(lab):
    port = lab.talker("postgres", lab.s_server())
    key = Path(lab.file("open.key", Path(lab.pki.leaf("client")[1]).read_text()))
    key.chmod(0o644)
    return Case(lab.psql(port, f"sslcert={lab.pki.leaf('client')[0]} sslkey={key}"), port, "client-credentials-unusable",
                says=("read by others",))


@case
def a_look_whether_a_port_is_open(lab):
    """It leaves without a word, as a client with nothing to offer does, and fails for a reason of its own."""
    port = lab.s_server()
    code = f"import socket, sys; socket.create_connection(('{lab.address}', {port})).close(); sys.exit('disk full')"
    return Case(["/usr/bin/python3", "-c", code], port, None)


def psql_at_home(lab, **more):
    """With a home that has no ~/.postgresql in it."""
    port = lab.talker("postgres", lab.s_server())
    argv = lab.psql(port)
    argv[1] = argv[1].replace(f" sslrootcert={lab.ca}", "")
    return Case(argv, port, env={"HOME": str(lab.dir), **more.pop("env", {})}, **more)


@case
def trust_store_missing_psql_by_default(lab):
    return psql_at_home(lab, cause="trust-store-missing", why="default", says=(r"/\.postgresql/root\.crt cannot be read", "sslrootcert=ca.pem"))


@case
def client_credentials_unusable_psql_variable(lab):
    return psql_at_home(lab, cause="client-credentials-unusable", env={"PGSSLROOTCERT": "/nonexistent/ca.pem"}, says=("/nonexistent/ca.pem",))
