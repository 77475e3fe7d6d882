"""The servers of the lab. Each method starts one on loopback and gives its port; the case's end ends it."""
import os
import socket
import subprocess
import sys
from pathlib import Path

from clients import go_binary, node_binary
from machine import HERE, Missing, free_port, need, wait_for_port

QUIET = subprocess.DEVNULL


class Servers:
    def spawn(self, argv, port, **more):
        process = subprocess.Popen(argv, stdin=QUIET, stdout=QUIET, stderr=QUIET, **more)
        self.processes.append(process)
        wait_for_port(port, process, self.address)
        return port

    def spawn_script(self, name, *arguments):
        """A server of our own, which says itself where it listens."""
        process = subprocess.Popen([sys.executable, str(HERE / name), "--address", self.address, *arguments], stdin=QUIET, stdout=subprocess.PIPE, stderr=QUIET, text=True)
        self.processes.append(process)
        return int(process.stdout.readline().split()[1])

    def s_server(self, *options, cert="rsa", chain=True, www=True, address=None, files=None):
        """openssl s_server, which answers a GET with a page. `files`: certificate and key in the place of the leaf `cert`; without both it has
        none."""
        need("openssl")
        port, (certificate, key) = free_port(), files or (self.pki.leaf(cert) if cert else (None, None))
        argv = ["openssl", "s_server", "-accept", f"{address or self.address}:{port}"]
        argv += ["-cert", certificate, "-key", key] if certificate else ["-nocert"]
        argv += ["-www"] if www else []
        argv += ["-cert_chain", self.pki.bundle(cert)] if chain and cert else []
        return self.spawn(argv + list(options), port)

    def nginx(self, lines="", more_servers="", cert="rsa", tls=True):
        need("nginx")
        port, where = free_port(), self.dir / f"nginx-{len(self.processes)}"
        where.mkdir()
        secure = f"ssl_certificate {self.pki.bundle(cert)}; ssl_certificate_key {self.pki.leaf(cert)[1]};" if tls else ""
        (where / "nginx.conf").write_text(f"""daemon off; master_process off; pid {where}/pid; error_log {where}/error.log;
events {{ worker_connections 256; }}
http {{ access_log off; client_body_temp_path {where}/b; proxy_temp_path {where}/p; fastcgi_temp_path {where}/f; uwsgi_temp_path {where}/u;
scgi_temp_path {where}/s;
server {{ listen {self.address}:{port} {"ssl http2" if tls else ""} default_server; server_name localhost; {secure} {lines}
location / {{ return 200 "OK\\n"; }} }}
{more_servers.replace("@LISTEN@", f"{self.address}:{port}")} }}
""")
        return self.spawn(["nginx", "-p", str(where), "-c", str(where / "nginx.conf"), "-e", str(where / "error.log")], port)

    def haproxy(self, options):
        """It ends TLS itself, with these options of its bind line."""
        need("haproxy")
        port = free_port()
        pair = self.file("haproxy.pem", Path(self.pki.bundle("rsa")).read_text() + Path(self.pki.leaf("rsa")[1]).read_text())
        settings = self.file("haproxy.cfg", f"""defaults
 mode http
 timeout connect 5s
 timeout client 10s
 timeout server 10s
frontend tls
 bind {self.address}:{port} ssl crt {pair} {options}
 http-request return status 200 content-type text/plain string OK
""")
        return self.spawn(["haproxy", "-q", "-db", "-f", settings], port)

    def gnutls_serv(self, priority="NORMAL", cert="rsa"):
        need("gnutls-serv")
        port = free_port()
        return self.spawn(["gnutls-serv", "--http", "-q", "-p", str(port), "--x509certfile", self.pki.bundle(cert), "--x509keyfile",
                           self.pki.leaf(cert)[1], "--priority", priority], port)

    def go_server(self):
        """Go's crypto/tls (server.go)."""
        port = free_port()
        return self.spawn([go_binary("server"), f"{self.address}:{port}", self.pki.bundle("rsa"), self.pki.leaf("rsa")[1]], port)

    def java_server(self):
        """Java's own TLS (Server.java)."""
        need("javac")
        port = free_port()
        return self.spawn(["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", str(HERE / "Server.java"), str(port), self.pki.java_key("rsa")], port)

    def slapd(self, *lines, tls=False):
        """A real OpenLDAP, which takes StartTLS, or with `tls` begins with it. It has nothing in it."""
        need("slapd")
        port, folder = free_port(), self.dir / f"slapd-{len(self.processes)}"
        folder.mkdir()
        certificate, key = self.pki.bundle("rsa"), self.pki.leaf("rsa")[1]
        settings = self.file(f"{folder.name}.conf", "\n".join(["include /etc/ldap/schema/core.schema", "modulepath /usr/lib/ldap", "moduleload back_mdb",
                             f"TLSCertificateFile {certificate}", f"TLSCertificateKeyFile {key}", f"pidfile {folder}/pid", *lines, "database mdb",
                             'suffix "dc=example"', f"directory {folder}", ""]))
        return self.spawn(["slapd", "-d", "0", "-f", settings, "-h", f"{'ldaps' if tls else 'ldap'}://{self.address}:{port}"], port)

    def mariadbd(self, *options):
        """A real MariaDB, with an account "me" that has no password."""
        need("mariadbd")
        need("mariadb-install-db")
        port, data = free_port(), self.dir / f"data-{len(self.processes)}"
        as_user = ["--user=mysql"] if os.getuid() == 0 else []
        self.dir.chmod(0o755)
        accounts = self.file("accounts.sql", "CREATE USER 'me'@'localhost';\n")
        subprocess.run(["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db", *as_user], check=True, capture_output=True)
        return self.spawn(["mariadbd", "--no-defaults", f"--datadir={data}", f"--port={port}", f"--bind-address={self.address}",
                           f"--socket={data}/socket", f"--pid-file={data}/pid", f"--init-file={accounts}", *as_user, *options], port)

    def shaper(self, when, do, backend=None, chance=1.0, limit=0, otherwise=0):
        """A box that misbehaves: shaper.py."""
        return self.spawn_script("shaper.py", "--when", when, "--do", do, "--backend", str(backend or 0), "--otherwise", str(otherwise),
                                 "--chance", str(chance), "--limit", str(limit))

    def node_server(self, version, cert="rsa"):
        """Node.js' https, with the groups of its own OpenSSL (from 24 on X25519MLKEM768 too)."""
        port = free_port()
        script = (f"require('https').createServer({{cert: require('fs').readFileSync('{self.pki.bundle(cert)}'), key: require('fs').readFileSync("
                  f"'{self.pki.leaf(cert)[1]}')}}, (q, r) => r.end('OK')).listen({port}, '{self.address}')")
        return self.spawn([node_binary(version), "-e", script], port)

    def talker(self, protocol, backend=None, status=0, login="", upgrade="", instead="", file="", lead=""):
        """A server that talks in clear first: talker.py."""
        return self.spawn_script("talker.py", protocol, "--backend", str(backend or 0), "--status", str(status), "--login", login,
                                 "--upgrade", upgrade, "--instead", instead, "--file", file, "--lead", lead)

    def incomplete(self, uri):
        """A server that leaves out its intermediate, whose certificate says where that is to be had."""
        return self.s_server(chain=False, files=(self.pki.leaf_with_issuer_at(self.dir, uri), self.pki.leaf("rsa")[1]))

    def black_hole(self, family=socket.AF_INET, address="127.0.0.1", port=0):
        """A port whose listener has no room left: it answers no SYN."""
        listener = socket.socket(family)
        listener.bind((address, port))
        listener.listen(0)
        self.sockets.append(listener)
        for _ in range(4):
            filler = socket.socket(family)
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname()[:2])
            self.sockets.append(filler)
        return listener.getsockname()[1]

    def file(self, name, text):
        path = self.dir / name
        path.write_text(text)
        return str(path)

    @staticmethod
    def has_ipv6():
        try:
            with socket.socket(socket.AF_INET6) as s:
                s.bind(("::1", 0))
        except OSError as e:
            raise Missing("IPv6 on loopback") from e
        return os.path.exists("/proc/net/if_inet6")
