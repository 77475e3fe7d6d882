"""The client leaves itself nothing to offer: no hello goes out."""
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
