"""Servers and clients that send what nobody should: a clear line within the deadline, whatever comes."""
from lab import Case, case

ANY_HONEST = ("unknown", "not-tls", "server-drops-all", "handshake-timeout", "message-too-large", "record-corrupted")


@case
def hostile_garbage_curl(lab):
    port = lab.shaper("always", "garbage")
    return Case(lab.curl(port), port, ANY_HONEST)


@case
def hostile_garbage_python(lab):
    port = lab.shaper("always", "garbage")
    return Case(lab.python(port), port, ANY_HONEST)


@case
def hostile_nothing(lab):
    port = lab.shaper("always", "silence")
    return Case(["timeout", "3", *lab.python(port)], port, "handshake-timeout")


@case
def hostile_endless_records(lab):
    port = lab.shaper("always", "endless")
    return Case(lab.curl(port), port, ANY_HONEST)


@case
def hostile_huge_certificate(lab):
    port = lab.shaper("always", "huge-certificate")
    return Case(lab.curl(port), port, ANY_HONEST)


@case
def hostile_huge_certificate_gnutls(lab):
    port = lab.shaper("always", "huge-certificate")
    return Case(["timeout", "5", *lab.gnutls_cli(port)], port, ANY_HONEST)


@case
def hostile_half_an_alert(lab):
    port = lab.shaper("always", "half-alert")
    return Case(lab.curl(port), port, ANY_HONEST)


@case
def hostile_stream_cut_in_server_hello(lab):
    port = lab.shaper("always", "cut:40", lab.s_server())
    return Case(lab.curl(port), port, ANY_HONEST)


@case
def hostile_stall_in_server_hello(lab):
    port = lab.shaper("always", "stall:40", lab.s_server())
    return Case(lab.curl(port, "--max-time", "3"), port, ANY_HONEST)


@case
def hostile_client_garbage(lab):
    port = lab.s_server()
    return Case(lab.replay(port, "curl-debian-bookworm", "--garbage"), port, ("unknown", "client-speaks-plain"))


@case
def hostile_client_cut_hello(lab):
    port = lab.s_server()
    return Case(lab.replay(port, "curl-debian-bookworm", "--cut", "100"), port, ("unknown", "nothing-to-offer"))


@case
def hostile_client_killed_in_its_hello(lab):
    port = lab.s_server()
    return Case(["sh", "-c", '"$@"; exit $?', "sh", *lab.replay(port, "curl-debian-bookworm", "--hold")], port, ("unknown", "nothing-to-offer"))


@case
def hostile_client_one_byte_at_a_time(lab):
    port = lab.s_server("-tls1_3")
    return Case(lab.replay(port, "openssl-1.0.1u-s_client-servername", "--drip"), port, "client-version-too-old")


@case
def hostile_control_characters_in_a_banner(lab):
    port = lab.shaper("always", "plain:\x1b]0;taken\x07\x1b[2Jhello\r\n")
    return Case(lab.curl(port), port, "not-tls")
