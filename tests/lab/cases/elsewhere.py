"""Failures that no change of the hello mends: a certificate, a client's certificate, a client that refuses what it got. As long as
their causes are not in the program, it must say `unknown` and never a wrong one."""
from lab import ELSEWHERE, Case, case


@case
def elsewhere_stream_cut_in_the_certificate(lab):
    port = lab.shaper("always", "cut:700", lab.s_server("-tls1_2"))
    return Case(lab.curl(port), port, (ELSEWHERE, "large-flight-lost", "server-drops-all"))
