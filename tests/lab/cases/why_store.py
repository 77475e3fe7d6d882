"""Which store a client uses follows what it is given: pip, Cargo, and a Node.js whose text names one."""
import shutil

from clients import node_binary
from lab import Case, case
from machine import need

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
