"""Why the client lacks it: the same lack from its library, its build, a policy, its code and arguments, its defaults; by construction."""
import subprocess

from clients import node_binary
from lab import Case, case
from machine import Missing, free_port, need

HEAD = "openssl_conf = conf\n\n[conf]\nssl_conf = ssl\n\n[ssl]\nsystem_default = defaults\n\n[defaults]\n"


PLAIN = "import socket, ssl; ssl.create_default_context().wrap_socket(socket.create_connection(('localhost', %d)), server_hostname='localhost')"


def policy(lab, lines):
    return {"OPENSSL_CONF": lab.file("openssl.cnf", HEAD + lines)}


def script(lab, setup, **options):
    """The same program as a file of the user's."""
    argv = lab.python(setup=setup, **options)
    return [argv[0], lab.file("app.py", argv[2])]


# ---- policy: a file or a variable outside the program ---------------------------------------------------------------------------------------
@case
def why_policy_min_beside_max(lab):
    """Two settings on the matter: the one that does it is named."""
    port = lab.s_server("-tls1_2")
    return Case(lab.python(port), port, "server-version-too-old", env=policy(lab, "MinProtocol = TLSv1.3\nMaxProtocol = TLSv1.3\n"), why="policy",
                says=("MinProtocol = TLSv1\\.3", "openssl\\.cnf", '"line": 10'))


@case
def why_policy_suites_of_tls13(lab):
    port = lab.s_server("-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256")
    env = policy(lab, "CipherString = DEFAULT\nCiphersuites = TLS_AES_128_GCM_SHA256\n")
    return Case(lab.python(port), port, "no-shared-cipher", env=env, why="policy", says=("Ciphersuites", '"line": 11'))


@case
def why_policy_groups(lab):
    port = lab.s_server("-tls1_3", "-groups", "P-384")
    return Case(lab.python(port), port, "no-shared-group", env=policy(lab, "Groups = X25519\n"), why="policy", says=("Groups = X25519",))


@case
def why_policy_signature_algorithms(lab):
    port = lab.s_server("-tls1_3", cert="ecdsa")
    env = policy(lab, "SignatureAlgorithms = RSA+SHA256:rsa_pss_rsae_sha256\n")
    return Case(lab.python(port), port, "no-shared-signature-algorithm", env=env, why="policy", says=("SignatureAlgorithms",))


@case
def why_policy_in_an_included_file(lab):
    port = lab.s_server("-tls1_3")
    inner = lab.file("policy.cnf", "[defaults]\nMaxProtocol = TLSv1.2\n")
    env = {"OPENSSL_CONF": lab.file("openssl.cnf", HEAD + f".include {inner}\n")}
    return Case(lab.python(port), port, "client-version-too-old", env=env, why="policy", says=("policy\\.cnf", '"line": 2'))


@case
def why_policy_in_the_section_that_is_in_use(lab):
    port = lab.s_server("-tls1_3")
    env = policy(lab, "MaxProtocol = TLSv1.2\n[unused]\nMaxProtocol = TLSv1.3\n")
    return Case(lab.python(port), port, "client-version-too-old", env=env, why="policy", says=("MaxProtocol = TLSv1\\.2", '"line": 10'))


@case
def why_policy_of_node_by_argument(lab):
    port = lab.s_server("-tls1_3", "-groups", "P-384")
    argv = lab.node(port, "18.20.8")
    conf = lab.file("openssl.cnf", HEAD.replace("openssl_conf", "nodejs_conf") + "Groups = X25519\n")
    return Case([argv[0], "--openssl-config=" + conf, *argv[1:]], port, "no-shared-group", why="policy", says=("Groups", "--openssl-config"))


@case
def why_policy_node_options(lab):
    port = lab.s_server("-tls1_3")
    return Case(lab.node(port, "18.20.8"), port, "client-version-too-old", env={"NODE_OPTIONS": "--tls-max-v1.2"}, why="policy",
                says=("NODE_OPTIONS", "--tls-max-v1\\.2"))


@case
def why_policy_java_overlay(lab):
    port = lab.s_server("-tls1_3")
    overlay = lab.file("my.security", "# ours\njdk.tls.disabledAlgorithms=TLSv1.3, SSLv3\n")
    return Case(lab.java(port, f"-Djava.security.properties={overlay}"), port, "client-version-too-old", why="policy",
                says=("jdk\\.tls\\.disabledAlgorithms", "my\\.security", '"line": 2'))


@case
def why_policy_java_tool_options(lab):
    port = lab.s_server("-tls1_3")
    return Case(lab.java(port), port, "client-version-too-old", env={"JAVA_TOOL_OPTIONS": "-Djdk.tls.client.protocols=TLSv1.2"}, why="policy",
                says=("JAVA_TOOL_OPTIONS", "jdk\\.tls\\.client\\.protocols"))


@case
def why_policy_gnutls_file(lab):
    """Two of a kind: the one that names what is lacking."""
    port = lab.s_server("-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384")
    conf = lab.file("gnutls.cfg", "[overrides]\ntls-disabled-cipher = AES-256-GCM\ntls-disabled-cipher = AES-256-CCM\n")
    return Case(lab.gnutls_cli(port), port, "no-shared-cipher", env={"GNUTLS_SYSTEM_PRIORITY_FILE": conf}, why="policy",
                says=("tls-disabled-cipher = AES-256-GCM", '"line": 2'))


@case
def why_policy_gnutls_system_string(lab):
    port = lab.s_server("-tls1_3")
    conf = lab.file("gnutls.cfg", "[priorities]\nSYSTEM = NORMAL:-VERS-TLS1.3\n")
    return Case(lab.gnutls_cli(port, "--priority", "@SYSTEM"), port, "client-version-too-old", env={"GNUTLS_SYSTEM_PRIORITY_FILE": conf},
                why="policy", says=("SYSTEM = NORMAL:-VERS-TLS1\\.3",))


@case
def why_policy_curlrc(lab):
    port = lab.s_server("-tls1_3")
    lab.file(".curlrc", "# ours\ntls-max = 1.2\n")
    return Case(lab.curl(port), port, "client-version-too-old", env={"HOME": str(lab.dir)}, why="policy", says=("tls-max = 1\\.2", "\\.curlrc", '"line": 2'))


@case
def why_policy_wgetrc(lab):
    port = lab.s_server("-tls1_2")
    return Case(lab.wget(port), port, "server-version-too-old", env={"WGETRC": lab.file("wgetrc", "secure_protocol = TLSv1_3\n")}, why="policy",
                says=("secure_protocol", "wgetrc", "WGETRC"))


def git(lab, port, *options):
    need("git")
    return ["git", *options, "ls-remote", f"https://localhost:{port}/x.git"]


@case
def why_policy_gitconfig(lab):
    port = lab.s_server("-tls1_2")
    lab.file(".gitconfig", "[user]\n\tname = x\n[http]\n\tsslVersion = tlsv1.3\n")
    return Case(git(lab, port), port, "server-version-too-old", env={"HOME": str(lab.dir)}, why="policy", says=("http\\.sslVersion", "\\.gitconfig"))


@case
def why_policy_git_variable(lab):
    port = lab.s_server("-tls1_2")
    return Case(git(lab, port), port, "server-version-too-old", env={"GIT_SSL_VERSION": "tlsv1.3"}, why="policy", says=("GIT_SSL_VERSION",))


# ---- code: the program's text, and the arguments that it was started with ------------------------------------------------------------------------
@case
def why_code_git_argument(lab):
    port = lab.s_server("-tls1_2")
    return Case(git(lab, port, "-c", "http.sslVersion=tlsv1.3"), port, "server-version-too-old", why="code", says=("-c http\\.sslVersion",))


@case
def why_code_beside_a_policy_that_leaves_it(lab):
    port = lab.s_server("-tls1_3")
    return Case(lab.python(port, "ctx.maximum_version = ssl.TLSVersion.TLSv1_2"), port, "client-version-too-old",
                env=policy(lab, "MinProtocol = TLSv1.2\n"), why="code", says=("maximum_version",))


@case
def why_code_not_of_a_comment(lab):
    port = lab.s_server("-tls1_3")
    return Case(script(lab, "# maximum_version is not set\nctx.options |= ssl.OP_NO_TLSv1_3", port=port), port, "client-version-too-old", why="code",
                says=("OP_NO_TLSv1_3", "app\\.py", '"line": 5'))


@case
def why_code_in_a_module(lab):
    port = lab.s_server("-tls1_3")
    lab.file("net.py", "def narrow(ctx, ssl):\n    ctx.maximum_version = ssl.TLSVersion.TLSv1_2\n")
    return Case(script(lab, "import net; net.narrow(ctx, ssl)", port=port), port, "client-version-too-old", why="code",
                says=("maximum_version", "net\\.py", '"line": 2'))


@case
def why_code_node_defaults_in_text(lab):
    port = lab.s_server("-tls1_3")
    exe, option, text = lab.node(port, "18.20.8")
    return Case([exe, option, "require('tls').DEFAULT_MAX_VERSION = 'TLSv1.2';" + text], port, "client-version-too-old", why="code",
                says=("DEFAULT_MAX_VERSION",))


@case
def why_code_in_a_shell_script(lab):
    port = lab.s_server("-tls1_3")
    path = lab.file("get.sh", "#!/bin/sh\n# fetches it\n" + " ".join(lab.curl(port, "--tls-max", "1.2")) + "\n")
    return Case(["sh", path], port, "client-version-too-old", why="code", says=("--tls-max 1\\.2", "get\\.sh", '"line": 3'))


@case
def why_code_sni_taken_away_by_argument(lab):
    port = lab.shaper("no-ext:0", "alert:40", lab.s_server())
    return Case(lab.s_client(port, sni=False), port, "sni-missing", why="code", says=("the argument -noservername",))


# ---- library, and what it does by default ---------------------------------------------------------------------------------------------------------
@case
def why_library_node_x25519(lab):
    port = lab.s_server("-tls1_2", "-groups", "X25519", "-cipher", "ECDHE")
    return Case(lab.node(port, "0.12.18"), port, "no-shared-group", why="library", says=("OpenSSL 1\\.1\\.0",))


@case
def why_default_node_lowest_version(lab):
    port = lab.s_server("-tls1_1", "-cipher", "ALL@SECLEVEL=0")
    return Case(lab.node(port, "22.23.3"), port, "server-version-too-old", why="default", says=("minVersion",))


@case
def why_default_curl_protocols(lab):
    port = lab.s_server("-tls1_3", "-alpn", "imap")
    return Case(lab.curl(port), port, "alpn-mismatch", why="default")


@case
def why_policy_java_as_shipped(lab):
    port = lab.s_server("-tls1_1", "-cipher", "ALL@SECLEVEL=0")
    return Case(lab.java(port), port, "server-version-too-old", why="policy", says=("jdk\\.tls\\.disabledAlgorithms", "java\\.security"))


@case
def why_level_set_by_policy(lab):
    port = lab.s_server("-tls1_2", "-cipher", "DHE@SECLEVEL=0", "-dhparam", lab.pki.dh(1024))
    return Case(lab.curl(port), port, "dh-too-small", env=policy(lab, "CipherString = DEFAULT@SECLEVEL=2\n"), why="policy", says=("SECLEVEL=2", '"line": 10'))


@case
def why_build_without_a_suite(lab):
    """Whether this build has ARIA is asked of the library itself."""
    port = lab.s_server("-tls1_2", "-cipher", "ARIA128-GCM-SHA256")
    need("openssl")
    has = subprocess.run(["openssl", "ciphers", "ALL"], capture_output=True, text=True).stdout
    return Case(lab.curl(port), port, "no-shared-cipher", why="default" if "ARIA128-GCM" in has else "build")


OLD_SERVER = """const fs = require('fs'), [port, cert, key, ciphers] = process.argv.slice(1)
require('https').createServer({cert: fs.readFileSync(cert), key: fs.readFileSync(key), ciphers}, (q, a) => a.end('OK')).on('tlsClientError', () => 0).listen(+port, '127.0.0.1')
"""


def rc4_server(lab):
    """An OpenSSL 1.0.2, which has RC4 still. Later ones have it where they were built with enable-weak-ssl-ciphers."""
    port = free_port()
    return lab.spawn([node_binary("8.17.0"), "-e", OLD_SERVER, str(port), lab.pki.bundle("rsa"), lab.pki.leaf("rsa")[1], "RC4-SHA"], port)


def built_without_rc4(*argv):
    """The truth, asked of the library itself at security level 0."""
    if "RC4-SHA" in subprocess.run(argv, capture_output=True, text=True, check=True).stdout.upper():
        raise Missing("a library without RC4")


@case
def why_build_without_weak_suites_debians_openssl(lab):
    need("openssl")
    built_without_rc4("openssl", "ciphers", "ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    port = rc4_server(lab)
    return Case(lab.curl(port), port, "no-shared-cipher", why="build", says=("this build of it was made without",))


@case
def why_build_without_weak_suites_nodes_openssl(lab):
    built_without_rc4(node_binary("18.20.8"), "-p", "require('tls').getCiphers().join()")
    port = rc4_server(lab)
    return Case(lab.node(port, "18.20.8"), port, "no-shared-cipher", why="build", says=("this build of it was made without",))


@case
def why_policy_java_disables_what_it_does_not_offer(lab):
    port = rc4_server(lab)
    return Case(lab.java(port), port, "no-shared-cipher", why="policy", says=("jdk\\.tls\\.disabledAlgorithms", "java\\.security"))


@case
def why_library_java_never_had_brainpool(lab):
    port = lab.s_server("-tls1_2", "-groups", "brainpoolP256r1", "-cipher", "ECDHE")
    return Case(lab.java(port), port, "no-shared-group", why="library", says=("no version of it can",))


# ---- nothing is left ---------------------------------------------------------------------------------------------------------------------------------
@case
def why_nothing_is_left_by_code(lab):
    port = lab.s_server()
    setup = "ctx.minimum_version = ssl.TLSVersion.TLSv1_3; ctx.options |= ssl.OP_NO_TLSv1_3"
    return Case(lab.python(port, setup), port, "nothing-to-offer", env=policy(lab, "CipherString = DEFAULT\n"), why="code",
                says=("minimum_version", "OP_NO_TLSv1_3", "CipherString = DEFAULT"))


@case
def why_nothing_is_left_by_policy(lab):
    port = lab.s_server()
    return Case(lab.python(port), port, "nothing-to-offer", env=policy(lab, "MinProtocol = TLSv1.3\nMaxProtocol = TLSv1.2\n"), why="policy",
                says=("MinProtocol", "MaxProtocol", "openssl\\.cnf"))


@case
def why_nothing_is_left_to_a_perl(lab):
    port = lab.s_server()
    options = "SSL_version=>'TLSv1', SSL_cipher_list=>'ECDHE-RSA-AES128-GCM-SHA256'"
    return Case(lab.perl(port, options), port, "nothing-to-offer", why="code", says=("SSL_version", "SSL_cipher_list"))


@case
def why_nothing_is_left_to_a_gnutls_cli(lab):
    port = lab.s_server()
    conf = lab.file("gnutls.cfg", "[overrides]\ndisabled-version = tls1.3\n")
    return Case(lab.gnutls_cli(port, "--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.3"), port, "nothing-to-offer",
                env={"GNUTLS_SYSTEM_PRIORITY_FILE": conf}, says=("--priority", "disabled-version", "gnutls\\.cfg"))


# ---- the store: what names it, or nothing does ------------------------------------------------------------------------------------------------
def without_store(**more):
    """Variables of this machine that name one are put aside: empty, they count as not set."""
    return {**dict.fromkeys(("SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE"), ""), **more}


@case
def why_store_by_curlrc(lab):
    port = lab.s_server(cert="private", chain=False)
    home = lab.file(".curlrc", f"# ours\ncacert = {lab.ca}\n").removesuffix("/.curlrc")
    return Case(["curl", "-sS", f"https://localhost:{port}/"], port, "cert-unknown-issuer", env=without_store(HOME=home), why="policy",
                says=("\\.curlrc, line 2",))


@case
def why_store_by_gitconfig(lab):
    need("git")
    port = lab.s_server(cert="private", chain=False)
    settings = lab.file("gitconfig", f"[http]\n\tsslVerify = true\n\tsslCAInfo = {lab.ca}\n")
    argv = ["env", "-u", "GIT_SSL_CAINFO", "-u", "GIT_SSL_CAPATH", "git", "ls-remote", f"https://localhost:{port}/x"]
    return Case(argv, port, "cert-unknown-issuer", env={"GIT_CONFIG_GLOBAL": settings}, why="policy", says=("ssl[cC][aA][iI]nfo in .*gitconfig, line 3",))


@case
def why_store_by_a_variable(lab):
    port = lab.s_server(cert="private", chain=False)
    return Case(["/usr/bin/python3", "-c", PLAIN % port], port, "cert-unknown-issuer", env={"SSL_CERT_FILE": lab.ca}, why="policy",
                says=("SSL_CERT_FILE in its environment",))


@case
def why_store_by_a_line_of_the_program(lab):
    port = lab.s_server(cert="private", chain=False)
    code = f"import socket, ssl\ncontext = ssl.create_default_context(\n    cafile='{lab.ca}')\n"
    code += f"context.wrap_socket(socket.create_connection(('localhost', {port})), server_hostname='localhost')\n"
    return Case(["/usr/bin/python3", lab.file("app.py", code)], port, "cert-unknown-issuer", why="code", says=("app\\.py", '"line": 3'))


@case
def why_store_by_an_argument_in_a_script(lab):
    port = lab.s_server(cert="private", chain=False)
    text = f"#!/bin/sh\n\ncurl --cacert {lab.ca} -sS https://localhost:{port}/\n"
    return Case(["sh", lab.file("fetch", text)], port, "cert-unknown-issuer", why="code", says=("--cacert names", '"line": 3'))


@case
def why_store_by_default(lab):
    port = lab.s_server(cert="private", chain=False)
    return Case(["/usr/bin/python3", "-c", PLAIN % port], port, "cert-unknown-issuer", env=without_store(), why="default",
                says=("compiled into libcrypto",))


@case
def why_store_that_an_old_node_does_not_read(lab):
    """NODE_EXTRA_CA_CERTS names the right one, and this version knows nothing of it."""
    port = lab.s_server("-tls1_2", cert="private", chain=False)
    code = "require('https').get({host: 'localhost', port: %d, rejectUnauthorized: true}).on('error', function () { process.exit(1) })" % port
    env = {"NODE_EXTRA_CA_CERTS": lab.pki.file("private-root.pem")}
    return Case([node_binary("0.12.18"), "-e", code], port, ("trust-store-differs", "cert-unknown-issuer"), env=env,
                why="default", says=("own roots",))
