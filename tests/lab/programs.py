#!/usr/bin/env python3
"""Is every client identified rightly? programs.py --tlswhy BINARY [--only PATTERN]

A table of programs, each with its truth found another way: the version of the package that its library is from, the interpreter's own
word, `go version`, or because it was built here. `tlswhy client --json PROGRAM` is held against it: name, version and file of the
library, the module, and whether a default hello was seen. A program that this machine does not have is skipped, and listed.
"""
import argparse
import fnmatch
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import clients
from machine import Missing, need

FOLDER = Path(tempfile.mkdtemp(prefix="tlswhy-programs-"))
NODE_VERSIONS = ["0.8.28", "0.10.48", "0.12.18", "8.17.0", "18.20.8", "22.23.3", "24.21.0", "26.10.0"]
PYTHON_VERSIONS = ["2.7", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13"]


def output(*argv, **more):
    return subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True, timeout=600,
                          **more).stdout


def package_version(package):
    """Upstream's part of a Debian version: 2:3.87.1-1+deb12u2 is 3.87.1."""
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True)
    if done.returncode or not done.stdout:
        raise Missing(package)
    return re.sub(r"^\d+:|[-+].*$", "", done.stdout)


def told_by(name):
    """Debian's package of the library with that file name, for a program that is linked with it."""
    packages = {"OpenSSL": "libssl3", "GnuTLS": "libgnutls30", "NSS": "libnss3", "Mbed TLS": "libmbedcrypto7", "wolfSSL": "libwolfssl35"}
    return name, package_version(packages[name])


def debian(program, name, through=None, hello=False):
    def case():
        need(program)
        told = {"program": program, "truth": told_by(name), "through": through, "inside": False}
        return {**told, "hello": True} if hello else told
    return case


def python(program, truth_from=None):
    def case():
        path = program() if callable(program) else program
        need(path)
        try:
            version, module = output(path, "-c", "import _ssl, ssl; print(ssl.OPENSSL_VERSION.split()[1]); print(_ssl.__file__)").split()
        except subprocess.CalledProcessError as e:
            raise Missing(f"_ssl of {path}") from e
        return {"program": path, "truth": ("OpenSSL", version), "through": module, "inside": False, "hello": True}
    return case


def pyenv(version):
    return python(lambda: clients.Clients().other_python(version))


def node(version, stripped=False):
    def case():
        path = clients.node_binary(version)
        if stripped:
            need("strip")
            path = shutil.copy(path, FOLDER / "stripped-node")
            path = shutil.move(path, FOLDER / "node")
            output("strip", path)
        truth = output(path, "-e", "console.log(process.versions.openssl)").split()[0].replace("+quic", "").replace("-fips", "")
        return {"program": str(path), "truth": ("OpenSSL", truth), "through": None, "inside": True, "hello": True}
    return case


def system_node():
    need("node")
    truth = output("node", "-p", "process.versions.openssl").split()[0].replace("+quic", "")
    return {"program": shutil.which("node"), "truth": ("OpenSSL", truth), "hello": True}


def perl():
    need("perl")
    try:
        truth = output("perl", "-MNet::SSLeay", "-e", "print Net::SSLeay::SSLeay_version(0)").split()[1]
    except subprocess.CalledProcessError as e:
        raise Missing("Net::SSLeay") from e
    return {"program": "perl", "truth": ("OpenSSL", truth), "through": "SSLeay.so", "inside": False}


def ruby():
    need("ruby")
    truth = output("ruby", "-ropenssl", "-e", "puts OpenSSL::OPENSSL_LIBRARY_VERSION").split()[1]
    return {"program": "ruby", "truth": ("OpenSSL", truth), "through": "openssl.so", "inside": False, "hello": True}


def java():
    need("java")
    version = re.search(r'version "([^"]+)"', output("java", "-version")).group(1)
    return {"program": "java", "truth": ("Java JSSE", version), "hello": True}


GO_CLIENT = """package main
import ("crypto/tls"; "fmt"; "os")
func main() { c, err := tls.Dial("tcp", os.Args[1], nil); fmt.Println(c, err) }
"""
GO_WITHOUT = 'package main\nimport "fmt"\nfunc main() { fmt.Println("hello") }\n'


def go(source, *flags, truth=True, cgo="0"):
    def case():
        need("go")
        home = FOLDER / "go"
        home.mkdir(exist_ok=True)
        name = f"go-client-{abs(hash((source, flags, cgo)))}"
        (home / f"{name}.go").write_text(source)
        env = {**os.environ, "HOME": str(home), "GOCACHE": str(home / "cache"), "GO111MODULE": "off", "CGO_ENABLED": cgo, "GOFLAGS": ""}
        output("go", "build", *flags, "-o", str(home / name), str(home / f"{name}.go"), env=env)
        version = output("go", "version", str(home / name)).split()[-1].removeprefix("go")
        return {"program": str(home / name), "truth": ("Go crypto/tls", version) if truth else None, "inside": True}
    return case


def go_on_path(program):
    """One that somebody else built: `go version` reads its build information."""
    def case():
        need("go")
        need(program)
        version = output("go", "version", os.path.realpath(shutil.which(program))).split()[-1].removeprefix("go")
        return {"program": program, "truth": ("Go crypto/tls", version), "inside": True, "hello": True}
    return case


def cargo():
    need("cargo")
    told = re.search(r"ssl: OpenSSL (\S+)", output("cargo", "--version", "--verbose"))
    if not told:
        raise Missing("a cargo that says what it is linked with")
    return {"program": "cargo", "truth": ("OpenSSL", told.group(1)), "hello": True}


def strings_of(program):
    return Path(os.path.realpath(shutil.which(program))).read_bytes().decode("latin-1")


REGISTRY = Path("/usr/share/cargo/registry")
RUST_CLIENT = """use std::{convert::TryInto, io::Write, net::TcpStream, sync::Arc};
fn main() {
    let config = rustls::ClientConfig::builder().with_safe_defaults().with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth();
    let mut connection = rustls::ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let mut socket = TcpStream::connect("127.0.0.1:443").unwrap();
    println!("{:?}", rustls::Stream::new(&mut connection, &mut socket).write_all(b"x"));
}
"""


def rustls(stripped):
    """A client of rustls, from Debian's packages of its source (librust-rustls-dev): their version is the truth."""
    def case():
        need("cargo")
        sources = sorted(REGISTRY.glob("rustls-0.20.*"))
        if not sources:
            raise Missing("librust-rustls-dev")
        version, home = sources[-1].name.removeprefix("rustls-"), FOLDER / "rust"
        (home / "src").mkdir(parents=True, exist_ok=True)
        (home / ".cargo").mkdir(exist_ok=True)
        (home / ".cargo" / "config.toml").write_text(f'[source.crates-io]\nreplace-with = "debian"\n[source.debian]\ndirectory = "{REGISTRY}"\n')
        (home / "Cargo.toml").write_text('[package]\nname = "rust-client"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\n'
                                         'rustls = { version = "0.20", default-features = false, features = ["tls12"] }\n[profile.release]\nopt-level = 1\n')
        (home / "src" / "main.rs").write_text(RUST_CLIENT)
        output("cargo", "build", "--release", "--offline", cwd=home, env={**os.environ, "CARGO_HOME": str(home / "home")})
        program = shutil.copy(home / "target" / "release" / "rust-client", FOLDER / f"rust-client-{'stripped' if stripped else 'whole'}")
        if stripped:
            output("strip", str(program))
        return {"program": str(program), "truth": ("rustls", version), "inside": True}
    return case


def c_program(name, body, *libraries, truth=None, inside=False, loaded=False, strip=False, needs=None):
    def case():
        need("cc")
        if needs and not os.path.exists(needs):
            raise Missing(needs)
        source, built = FOLDER / f"{name}.c", FOLDER / name
        source.write_text(f"int main(void) {{ {body} }}\n" if "main" not in body else body)
        done = subprocess.run(["cc", "-w", "-o", built, source, *libraries], capture_output=True, text=True)
        if done.returncode:
            raise Missing(f"what {name} is linked with ({' '.join(libraries)})")
        if strip:
            output("strip", str(built))
        return {"program": str(built), "truth": truth() if callable(truth) else truth, "inside": inside, "loaded": loaded}
    return case


OPENSSL_CALLS = "extern void *SSL_CTX_new(void *), *TLS_method(void), *OpenSSL_version(int); "
OPENSSL_STATIC = ("-l:libssl.a", "-l:libcrypto.a", "-lpthread", "-ldl")
WOLFSSL_CALLS = "extern int wolfSSL_Init(void); extern void *wolfSSL_CTX_new(void *), *wolfTLS_client_method(void); "
ANDROID = f"/usr/lib/{platform.machine()}-linux-gnu/android"
DLOPEN = "#include <dlfcn.h>\nint main(void) { return dlopen(\"libssl.so.3\", RTLD_NOW) == 0; }\n"


def script(text, like):
    """A script, a wrapper or a link leads to the program that `like` tells the truth of."""
    def case():
        told = like()
        path = FOLDER / f"script-{abs(hash(text))}"
        path.write_text(text.replace("@PROGRAM@", str(told["program"])))
        path.chmod(0o755)
        return {**told, "program": str(path)}
    return case


def link(like):
    def case():
        told = like()
        path = FOLDER / "a-link-of-another-name"
        path.unlink(missing_ok=True)
        path.symlink_to(shutil.which(told["program"]))
        return {**told, "program": str(path)}
    return case


SYSTEM_PYTHON = python("/usr/bin/python3")
PROGRAMS = {
    "openssl": debian("openssl", "OpenSSL"),
    "curl": debian("curl", "OpenSSL", "libcurl.so.4"),
    "wget": debian("wget", "GnuTLS"),
    "git": debian("git", "GnuTLS", "libcurl-gnutls.so.4"),
    "gnutls-cli": debian("gnutls-cli", "GnuTLS"),
    "php": debian("php", "OpenSSL"),
    "socat": debian("socat", "OpenSSL"),
    "sslscan": debian("sslscan", "OpenSSL"),
    "nginx": debian("/usr/sbin/nginx", "OpenSSL"),
    "aria2c": debian("aria2c", "GnuTLS", "libaria2.so.0", hello=True),
    "lynx": debian("lynx", "GnuTLS", hello=True),
    "w3m": debian("w3m", "OpenSSL", hello=True),
    "links": debian("links", "OpenSSL", hello=True),
    "elinks": debian("elinks", "GnuTLS", hello=True),
    "lftp": debian("lftp", "GnuTLS", hello=True),
    "ncat": debian("ncat", "OpenSSL", hello=True),
    "wget2": debian("wget2", "GnuTLS", "libwget.so.0", hello=True),
    "ldapsearch": debian("ldapsearch", "GnuTLS", "libldap-2.5.so.0", hello=True),
    "msmtp": debian("msmtp", "GnuTLS"),
    "mutt": debian("mutt", "GnuTLS"),
    "irssi": debian("irssi", "OpenSSL"),
    "stunnel4": debian("stunnel4", "OpenSSL"),
    "redis-cli": debian("redis-cli", "OpenSSL"),
    "mosquitto_sub": debian("mosquitto_sub", "OpenSSL", "libmosquitto.so.1"),
    "mysql": debian("mysql", "OpenSSL"),
    "apt": debian("apt", "GnuTLS"),
    "psql": debian("psql", "OpenSSL", "libpq.so.5"),
    "rclone": go_on_path("rclone"),
    "kubectl": go_on_path("kubectl"),
    "docker": go_on_path("docker"),
    "terraform": go_on_path("terraform"),
    "cargo": cargo,
    "perl": perl,
    "ruby": ruby,
    "java": java,
    "python3": SYSTEM_PYTHON,
    "node": system_node,
    **{f"python-{version}": pyenv(version) for version in PYTHON_VERSIONS},
    **{f"node-{version}": node(version) for version in NODE_VERSIONS},
    "node-stripped": node("8.17.0", stripped=True),
    "go-static": go(GO_CLIENT),
    "go-stripped": go(GO_CLIENT, "-ldflags", "-s -w"),
    "go-pie": go(GO_CLIENT, "-buildmode=pie"),
    "go-dynamic": go(GO_CLIENT, cgo="1"),
    "go-without-tls": go(GO_WITHOUT, truth=False),
    "rustls": rustls(stripped=False),
    "rustls-stripped": rustls(stripped=True),
    "rustup": lambda: (need("rustup"), {"program": "rustup", "truth": ("rustls", re.search(r"/rustls-([0-9.]+)/", strings_of("rustup")).group(1))})[1],
    "c-openssl": c_program("c-openssl", "extern void *SSL_CTX_new(void *); return SSL_CTX_new(0) != 0;", "-l:libssl.so.3",
                           truth=lambda: told_by("OpenSSL")),
    "c-openssl-static": c_program("c-openssl-static", OPENSSL_CALLS + "return OpenSSL_version(0) == SSL_CTX_new(TLS_method());", *OPENSSL_STATIC,
                                  truth=lambda: ("OpenSSL", package_version("libssl-dev")), inside=True),
    "c-openssl-static-stripped": c_program("c-openssl-static-stripped", OPENSSL_CALLS + "return OpenSSL_version(0) == SSL_CTX_new(TLS_method());", "-static",
                                           *OPENSSL_STATIC, strip=True, truth=lambda: ("OpenSSL", package_version("libssl-dev")), inside=True),
    "c-openssl-static-without-its-version": c_program("c-openssl-static-without", OPENSSL_CALLS + "return SSL_CTX_new(TLS_method()) != 0;", *OPENSSL_STATIC,
                                                      truth=("OpenSSL", None), inside=True),
    "c-dlopen": c_program("c-dlopen", DLOPEN, truth=lambda: told_by("OpenSSL"), loaded=True),
    "c-gnutls": c_program("c-gnutls", "extern int gnutls_init(void *, unsigned); return gnutls_init(0, 0);", "-l:libgnutls.so.30", truth=lambda: told_by("GnuTLS")),
    "c-nss": c_program("c-nss", "extern void *SSL_ImportFD(void *, void *); return SSL_ImportFD(0, 0) != 0;", "-l:libssl3.so", "-l:libnss3.so",
                       truth=lambda: told_by("NSS")),
    "c-mbedtls": c_program("c-mbedtls", "extern void mbedtls_ssl_init(void *); static char c[9999]; mbedtls_ssl_init(c); return 0;", "-lmbedtls", "-lmbedcrypto",
                           truth=lambda: told_by("Mbed TLS")),
    "c-mbedtls-static": c_program("c-mbedtls-static", "extern int mbedtls_ssl_handshake(void *); extern void mbedtls_version_get_string_full(char *); "
                                  "static char c[9999]; mbedtls_version_get_string_full(c); return mbedtls_ssl_handshake(c);",
                                  "-l:libmbedtls.a", "-l:libmbedx509.a", "-l:libmbedcrypto.a", truth=lambda: ("Mbed TLS", package_version("libmbedtls-dev")),
                                  inside=True),
    "c-wolfssl": c_program("c-wolfssl", "extern int wolfSSL_Init(void); return wolfSSL_Init();", "-lwolfssl", truth=lambda: told_by("wolfSSL")),
    "c-wolfssl-static": c_program("c-wolfssl-static", WOLFSSL_CALLS + "wolfSSL_Init(); return wolfSSL_CTX_new(wolfTLS_client_method()) != 0;", "-l:libwolfssl.a", "-lm",
                                  truth=lambda: ("wolfSSL", package_version("libwolfssl-dev")), inside=True),
    "c-boringssl": c_program("c-boringssl", OPENSSL_CALLS + "return SSL_CTX_new(TLS_method()) != 0;", f"-L{ANDROID}", "-lssl", "-lcrypto", f"-Wl,-rpath,{ANDROID}",
                             truth=("BoringSSL", None), needs=f"{ANDROID}/libssl.so"),
    "c-without-tls": c_program("c-without-tls", "return 0;"),
    "ssh-without-tls": lambda: (need("ssh"), {"program": "ssh", "truth": None})[1],
    "script-of-python": script("#!/usr/bin/python3 -I\nprint(1)\n", SYSTEM_PYTHON),
    "script-by-env": script("#!/usr/bin/env -S LC_ALL=C /usr/bin/python3\nprint(1)\n", SYSTEM_PYTHON),
    "wrapper": script("#!/bin/sh\n# a wrapper\nexec /usr/bin/python3 \"$@\"\n", SYSTEM_PYTHON),
    "symbolic-link": link(SYSTEM_PYTHON),
}


class Wrong(Exception):
    pass


def demand(what, is_so):
    if not is_so:
        raise Wrong(what)


def check(tlswhy, case):
    done = subprocess.run([tlswhy, "client", "--json", str(case["program"])], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    demand(f"exit {done.returncode}: {done.stderr.strip()[:200]}", done.returncode == (0 if case["truth"] else 1))
    client = json.loads(done.stdout)["clients"][0]
    library = client["library"]
    if case["truth"] is None:
        demand(f"{library} and not none", library["name"] is None)
        return
    demand(f"{library['name']} {library['version']} and not {case['truth']}", (library["name"], library["version"]) == case["truth"])
    demand(f"the library's file {library['file']} is not there", library["file"] and Path(library["file"]).exists())
    if "inside" in case:
        demand(f"inside the program: {library['inside']}", library["inside"] == case["inside"])
    if case.get("loaded"):
        demand("not said to be loaded by its name", library["loaded_by_name"])
    if case.get("through"):
        demand(f"through {library['through']} and not {case['through']}", (library["through"] or "").endswith(case["through"]))
    if case.get("hello"):
        demand("no default hello was seen", client["hello"] and client["ja4"])


def list_in_time(tlswhy):
    """The list of all: how many, in what time."""
    begin = time.monotonic()
    done = subprocess.run([tlswhy, "client", "--json"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=True)
    document = json.loads(done.stdout)
    print(f"the list: {len(document['clients'])} clients in {time.monotonic() - begin:.2f} s, {document['files_not_read']} files not read")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tlswhy", required=True)
    parser.add_argument("--only", default="*")
    arguments = parser.parse_args()
    tlswhy = os.path.realpath(arguments.tlswhy)
    passed = failed = skipped = 0
    try:
        for name, make in PROGRAMS.items():
            if not fnmatch.fnmatch(name, arguments.only):
                continue
            try:
                check(tlswhy, make())
                passed += 1
                print(f"passed   {name}")
            except Missing as e:
                skipped += 1
                print(f"skipped  {name}: this machine has no {e}")
            except (Wrong, subprocess.SubprocessError, OSError) as e:
                failed += 1
                print(f"FAILED   {name}: {e}")
        if arguments.only == "*":
            list_in_time(tlswhy)
    finally:
        shutil.rmtree(FOLDER, ignore_errors=True)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
