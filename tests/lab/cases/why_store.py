"""Which store a client uses follows what it is given: pip, Cargo, and a Node.js whose text names one."""
import shutil

from clients import node_binary
from lab import Case, case
from machine import free_port, need

GET = "const fs = require('fs'), ca = fs.readFileSync('%s')\nrequire('https').get({host: 'localhost', port: %d%s}, () => 0).on('error', e => { console.error(e); process.exit(1) })\n"
WITHOUT = {"SSL_CERT_FILE": "", "SSL_CERT_DIR": "", "PIP_CERT": "", "REQUESTS_CA_BUNDLE": "", "CURL_CA_BUNDLE": "", "CARGO_HTTP_CAINFO": "",
           "NODE_EXTRA_CA_CERTS": ""}


def node(lab, text, file="app.js"):
    return [node_binary("18.20.8"), lab.file(file, text)]


@case
def why_store_that_node_is_given(lab):
    port = lab.s_server(cert="private", chain=False)
    return Case(node(lab, GET % (lab.ca, port, ", ca")), port, "cert-unknown-issuer", env=WITHOUT, why="code", says=("Its own code names",))


@case
def why_store_beside_the_script_of_node(lab):
    port = lab.s_server(cert="private", chain=False)
    shutil.copy(lab.ca, lab.dir / "own-ca.pem")
    text = "require('https').get({host: 'localhost', port: %d, ca: require('fs').readFileSync(__dirname + '/own-ca.pem')}, () => 0)" % port
    return Case(node(lab, text), port, "cert-unknown-issuer", env=WITHOUT, why="code", says=("own-ca\\.pem",))


@case
def why_store_that_node_names_and_does_not_use(lab):
    port = lab.s_server()
    return Case(node(lab, GET % (lab.ca, port, "")), port, ("trust-store-differs", "cert-unknown-issuer"), env=WITHOUT, why="default")


@case
def why_store_is_not_what_a_node_that_asks_more_of_keys_leaves_for(lab):
    """Its text has a store that it does not use, and a reason of its own to leave."""
    port = lab.s_server("-tls1_2", "-cipher", "DHE:@SECLEVEL=0", "-dhparam", lab.pki.dh(1024))
    argv = node(lab, GET % (lab.ca, port, ", minDHSize: 2048"))
    return Case([argv[0], "--tls-cipher-list=DHE@SECLEVEL=0", argv[1]], port, ("unknown", "dh-too-small"), env=WITHOUT)


def pip(lab, port, *options):
    need("/usr/bin/pip3")
    return ["/usr/bin/python3", "-m", "pip", "download", "--no-deps", "--retries", "0", "-d", str(lab.dir), "-i", f"https://localhost:{port}/", "x", *options]


@case
def why_store_of_pip_by_its_variable(lab):
    port = lab.s_server(cert="private", chain=False)
    return Case(pip(lab, port), port, "cert-unknown-issuer", env={**WITHOUT, "PIP_CERT": lab.ca}, why="policy", says=("PIP_CERT in its environment",))


@case
def why_store_of_pip_by_an_option(lab):
    port = lab.s_server(cert="private", chain=False)
    return Case(pip(lab, port, "--cert", lab.ca), port, "cert-unknown-issuer", env=WITHOUT, why="code", says=("names .*root\\.pem",))


def cargo(lab, port, more=""):
    need("cargo")
    lab.file("Cargo.toml", '[package]\nname = "c"\nversion = "0.1.0"\nedition = "2018"\n[dependencies]\nx-y = {version = "1", registry = "own"}\n')
    (lab.dir / "src").mkdir()
    (lab.dir / ".cargo").mkdir()
    lab.file("src/main.rs", "fn main() {}\n")
    lab.file(".cargo/config.toml", f'[registries.own]\nindex = "sparse+https://localhost:{port}/"\n[net]\nretry = 0\n{more}')
    return ["sh", "-c", f'cd {lab.dir}; [ -n "$CARGO_HTTP_CAINFO" ] || unset CARGO_HTTP_CAINFO; exec cargo fetch']


@case
def why_store_of_cargo_by_its_variable(lab):
    port = lab.s_server(cert="private", chain=False)
    return Case(cargo(lab, port), port, "cert-unknown-issuer", env={**WITHOUT, "CARGO_HTTP_CAINFO": lab.ca}, why="policy",
                says=("CARGO_HTTP_CAINFO in its environment",))


@case
def why_store_of_cargo_that_is_not_there(lab):
    port = lab.s_server()
    return Case(cargo(lab, port), port, "trust-store-missing", env={**WITHOUT, "CARGO_HTTP_CAINFO": "/nowhere/ca.pem"}, why="policy", says=("/nowhere/ca\\.pem",))


@case
def why_store_of_cargo_by_its_file(lab):
    port = lab.s_server(cert="private", chain=False)
    return Case(cargo(lab, port, f'[http]\ncainfo = "{lab.ca}"\n'), port, "cert-unknown-issuer", env=WITHOUT, why="policy",
                says=("cainfo in .*config\\.toml, line 6",))


def private(lab, upgrade=None):
    port = lab.s_server(cert="private", chain=False)
    return lab.talker(upgrade, port) if upgrade else port


def told(name, argv, says, upgrade=None, cause="cert-unknown-issuer", **more):
    """A program that names its store in its own way: that is the one it is judged by, and the remedy names it in the same way."""
    def make(lab):
        port = private(lab, upgrade)
        env = {**WITHOUT, **{name: value(lab) if callable(value) else value for name, value in more.pop("env", {}).items()}}
        return Case(argv(lab, port), port, cause, env=env, says=says, **more)
    make.__name__ = f"why_store_of_{name}"
    case(make)


def ldapsearch(*options):
    def argv(lab, port):
        need("ldapsearch")
        return ["ldapsearch", "-x", "-H", f"ldaps://127.0.0.1:{port}", "-o", "nettimeout=10", *options, "-b", "", "-s", "base"]
    return argv


def redis(lab, port):
    need("redis-cli")
    return ["redis-cli", "--tls", "-h", "localhost", "-p", str(port), "--cacert", lab.ca, "ping"]


def psql(lab, port):
    need("psql")
    return ["psql", f"host=localhost port={port} user=me dbname=it sslmode=verify-full connect_timeout=10", "-c", "select 1"]


told("ldapsearch_by_its_variable", ldapsearch(), ("LDAPTLS_CACERT in its environment names", "LDAPTLS_CACERT=ca\\.pem ldapsearch"),
     env={"LDAPTLS_CACERT": lambda lab: lab.ca}, why="policy")
told("ldapsearch_by_its_file", ldapsearch(), ("TLS_CACERT in .*ldap\\.conf, line 2", "LDAPTLS_CACERT=ca\\.pem ldapsearch"),
     env={"LDAPCONF": lambda lab: lab.file("ldap.conf", f"# ours\nTLS_CACERT\t{lab.ca}\n")}, why="policy")
told("ldapsearch_that_is_not_there", ldapsearch(), ("/nowhere/ca\\.pem", "LDAPTLS_CACERT"), cause="trust-store-missing",
     env={"LDAPTLS_CACERT": "/nowhere/ca.pem"}, why="policy")
told("redis_cli", redis, ("--cacert names", "redis-cli --cacert ca\\.pem"), why="code")
told("mariadb", lambda lab, port: lab.mariadb(port), ("--ssl-ca names", "mariadb --ssl-ca=ca\\.pem"), "mysql", why="code")
told("psql", lambda lab, port: lab.psql(port), ("sslrootcert names", "psql '...sslrootcert=ca\\.pem"), "postgres", why="code")
told("psql_by_its_variable", psql, ("PGSSLROOTCERT in its environment names", "PGSSLROOTCERT=ca\\.pem psql"), "postgres",
     env={"PGSSLROOTCERT": lambda lab: lab.ca}, why="policy")


@case
def cert_name_mismatch_ldapsearch_of_localhost(lab):
    """libldap takes the machine's own name for localhost when it compares."""
    argv = ldapsearch()(lab, lab.s_server())
    port = int(argv[3].rsplit(":", 1)[1])
    argv[3] = f"ldaps://localhost:{port}"
    return Case(argv, port, "cert-name-mismatch", env={**WITHOUT, "LDAPTLS_CACERT": lab.ca}, says=("the machine's own name",))


@case
def fix_trust_store_of_redis_cli(lab):
    need("redis-server")
    port, (_, key) = free_port(), lab.pki.leaf("rsa")
    lab.spawn(["redis-server", "--port", "0", "--tls-port", str(port), "--bind", lab.address, "--tls-cert-file", lab.pki.bundle("rsa"), "--tls-key-file", key,
               "--tls-ca-cert-file", lab.ca, "--tls-auth-clients", "no", "--save", "", "--dir", str(lab.dir)], port)
    argv = redis(lab, port)
    argv[argv.index("--cacert") + 1] = lab.pki.leaf("private-root")[0]
    return Case(argv, port, "trust-store-differs", env={**WITHOUT, "SSL_CERT_FILE": lab.ca}, fix=True)


@case
def trust_store_missing_java_that_was_told_no_password(lab):
    """What it then cannot open it takes for empty, whatever else is wrong."""
    port = lab.s_server(cert="wrongname")
    argv = [word for word in lab.java(port) if "trustStorePassword" not in word]
    return Case(argv, port, "trust-store-missing", env=WITHOUT, says=("told no password", "trustStorePassword=PASSWORD"))
