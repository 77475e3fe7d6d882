"""`run --fix`: what the client's owner can mend around the program, by each kind of client, and what nobody can mend there. And why the
client lacks what it lacks."""
from lab import Case, case


@case
def fix_python_with_a_policy_of_its_own(lab):
    port = lab.s_server("-tls1_3")
    cnf = lab.file("openssl.cnf", "openssl_conf=a\n[a]\nssl_conf=b\n[b]\nsystem_default=c\n[c]\nMaxProtocol=TLSv1.2\n")
    return Case(lab.python(port), port, "client-version-too-old", env={"OPENSSL_CONF": cnf}, why="policy", fix=True)


@case
def fix_python_version_intolerant_server(lab):
    port = lab.shaper("version>=0304", "reset", lab.s_server("-tls1_2"))
    return Case(lab.python(port), port, "version-intolerance", fix=True)


@case
def fix_curl_version_intolerant_server(lab):
    port = lab.shaper("version>=0304", "alert:70", lab.s_server("-tls1_2"))
    return Case(lab.curl(port), port, "version-intolerance", fix=True)


@case
def fix_curl_inside_a_script(lab):
    port = lab.shaper("version>=0304", "alert:70", lab.s_server("-tls1_2"))
    return Case(["sh", "-c", '"$@"; exit $?', "sh", *lab.curl(port)], port, "version-intolerance", fix=True)


@case
def fix_wget_version_intolerant_server(lab):
    port = lab.shaper("version>=0304", "alert:70", lab.s_server("-tls1_2"))
    return Case(lab.wget(port), port, "version-intolerance", fix=True)


@case
def fix_perl_version_intolerant_server(lab):
    port = lab.shaper("version>=0304", "alert:70", lab.s_server("-tls1_2"))
    return Case(lab.perl(port), port, "version-intolerance", fix=True)


@case
def fix_node_version_intolerant_server(lab):
    port = lab.shaper("version>=0304", "alert:70", lab.s_server("-tls1_2"))
    return Case(lab.node(port, "18.20.8"), port, "version-intolerance", fix=True)


@case
def fix_node_large_hello(lab):
    port = lab.shaper("length>=1000", "reset", lab.s_server())
    return Case(lab.node(port, "24.21.0"), port, "hello-size-intolerance", fix=True)


@case
def fix_java_only_tls13(lab):
    port = lab.s_server("-tls1_2")
    return Case(lab.java(port, "-Djdk.tls.client.protocols=TLSv1.3"), port, "server-version-too-old", why="code", fix=True)


@case
def fix_curl_its_own_maximum(lab):
    port = lab.s_server("-tls1_3")
    return Case(lab.curl(port, "--tls-max", "1.2"), port, "client-version-too-old", why="code", fix=True)


@case
def fix_curl_its_own_curve(lab):
    port = lab.s_server("-tls1_3", "-groups", "P-384")
    return Case(lab.curl(port, "--curves", "X25519"), port, "no-shared-group", why="code", fix=True)


@case
def fix_s_client_its_own_signature_algorithms(lab):
    port = lab.s_server("-tls1_3", cert="ed25519")
    return Case(lab.s_client(port, "-sigalgs", "ecdsa_secp256r1_sha256:rsa_pss_rsae_sha256"), port, "no-shared-signature-algorithm", why="code")


@case
def fix_python_extension_intolerant_server(lab):
    port = lab.shaper("ext:35", "alert:40", lab.s_server("-tls1_2"))
    return Case(lab.python(port), port, "extension-intolerance", fix=True)


@case
def fix_python_weak_signature_only_when_weaker_is_allowed(lab):
    port = lab.s_server("-tls1", "-cipher", "ALL@SECLEVEL=0")
    return Case(lab.python(port), port, "signature-too-weak", fix="weaker")


@case
def fix_curl_small_dh_only_when_weaker_is_allowed(lab):
    port = lab.s_server("-tls1_2", "-cipher", "DHE@SECLEVEL=0", "-dhparam", lab.pki.dh(1024))
    return Case(lab.curl(port), port, "dh-too-small", fix="weaker")


@case
def fix_python_renegotiation_only_when_weaker_is_allowed(lab):
    port = lab.gnutls_serv("NORMAL:-VERS-TLS1.3:%DISABLE_SAFE_RENEGOTIATION")
    return Case(lab.python(port), port, "renegotiation-unsafe", fix="weaker")


@case
def fix_python_version_in_the_code(lab):
    port = lab.s_server("-tls1_3")
    return Case(lab.python(port, "ctx.maximum_version = ssl.TLSVersion.TLSv1_2"), port, "client-version-too-old", why="code", fix=True)


@case
def fix_no_way_around_an_old_library(lab):
    port = lab.s_server("-tls1_3")
    return Case(lab.node(port, "8.17.0"), port, "client-version-too-old", why="library", fix=False)


@case
def fix_no_way_around_a_server_that_refuses_all(lab):
    port = lab.shaper("always", "reset")
    return Case(lab.curl(port), port, "server-drops-all", fix=False)
