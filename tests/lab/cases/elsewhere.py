"""Failures that no change of the hello mends: a certificate, a client's certificate, a client that refuses what it got. As long as
their causes are not in the program, it must say `unknown` and never a wrong one."""
from lab import ELSEWHERE, Case, case


@case
def elsewhere_expired_curl(lab):
    port = lab.s_server(cert="expired")
    return Case(lab.curl(port), port, (ELSEWHERE, "cert-expired"))


@case
def elsewhere_wrong_name_python_tls12(lab):
    port = lab.s_server("-tls1_2", cert="wrongname")
    return Case(lab.python(port), port, (ELSEWHERE, "cert-name-mismatch"))


@case
def elsewhere_self_signed_node(lab):
    port = lab.s_server(cert="selfsigned")
    return Case(lab.node(port, "18.20.8"), port, (ELSEWHERE, "cert-self-signed"))


@case
def elsewhere_unknown_issuer_java(lab):
    port = lab.s_server(cert="selfsigned")
    return Case(lab.java(port), port, (ELSEWHERE, "cert-self-signed"))


@case
def elsewhere_client_certificate_tls13(lab):
    port = lab.s_server("-tls1_3", "-Verify", "3", "-verify_return_error", "-CAfile", lab.ca)
    return Case(lab.python(port), port, (ELSEWHERE, "client-cert-missing"))


@case
def elsewhere_stream_cut_in_the_certificate(lab):
    port = lab.shaper("always", "cut:700", lab.s_server("-tls1_2"))
    return Case(lab.curl(port), port, (ELSEWHERE, "large-flight-lost", "server-drops-all"))
