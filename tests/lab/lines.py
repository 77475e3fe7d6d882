#!/usr/bin/env python3
"""Are the lines of the catalogue's remedies lines of those programs? lines.py [--only PATTERN]

Each row of a remedy table in src/causes (the same shape that tools/gates/remedies.py reads) has its places filled with values of its
kind, and is given to the program that it is for: nginx -t, apache2 -t, haproxy -c, postfix's postconf, postgres -C; the languages run
it, the clients are started with it against a server of the lab. What is asked is whether the line is understood, not whether it helps:
that the cases of run.py show. A row whose program is not on this machine is skipped, and listed.
"""
import argparse
import fnmatch
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
SOURCES = HERE.parent.parent / "src" / "causes"
sys.path.insert(0, str(HERE))

from clients import JAVA_SOURCE  # noqa: E402
from lab import Lab  # noqa: E402
from machine import free_port  # noqa: E402

ROW = re.compile(r'\{REMEDY_(CLIENT|SERVER|SYSTEM),\s*(NULL|"[^"]*"),\s*((?:"(?:[^"\\]|\\.)*"\s*)+|NULL),\s*((?:"(?:[^"\\]|\\.)*"\s*)+),')
TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
VERSIONS = {"openssl": "TLSv1.{}", "java": "TLSv1.{}", "python": "TLSv1_{}", "ruby": "TLS1_{}", "php": "TLSv1_{}", "go": "TLS1{}", "dotnet": "Tls1{}",
            "gnutls": "VERS-TLS1.{}", "number": "1.{}", "people": "TLS 1.{}"}
OF_KIND = {
    "suite": {"java": "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "go": "tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "gnutls": "ECDHE-RSA:+AES-256-GCM:+AEAD",
              "dotnet": "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "openssl": "ECDHE-RSA-AES256-GCM-SHA384"},
    "group": {"java": "secp384r1", "go": "tls.CurveP384", "gnutls": "GROUP-SECP384R1", "python": "secp384r1", "openssl": "P-384"},
    "scheme": {"java": "rsa_pss_rsae_sha256", "gnutls": "SIGN-RSA-PSS-RSAE-SHA256", "openssl": "rsa_pss_rsae_sha256"},
}
LISTS = {"suites": ("suite", {"java": ","}), "groups": ("group", {"java": ",", "openssl": ":"}), "schemes": ("scheme", {"java": ",", "openssl": ":"})}
FIRST = {"suites": {"java": "TLS_AES_128_GCM_SHA256"}, "groups": {"java": "x25519", "openssl": "X25519"},
         "schemes": {"java": "ecdsa_secp256r1_sha256", "openssl": "ECDSA+SHA256"}}


class Skip(Exception):
    """Why it could not be asked."""


class Refused(Exception):
    """What the program says to the line."""


def text_of(part):
    return "".join(TEXT.findall(part)).replace('\\"', '"').replace("\\\\", "\\")


def rows():
    """(file:line, selector, line) for each row that has one."""
    for path in sorted(SOURCES.glob("*.c")):
        source = path.read_text()
        for found in ROW.finditer(source):
            number = source.count("\n", 0, found.start()) + 1
            yield f"{path.name}:{number}", "" if found.group(2) == "NULL" else found.group(2).strip('"'), text_of(found.group(4))


def number_of_version(selector):
    """The last digit of a TLS version that the selector takes."""
    if re.search(r"version (1\.3|>= 1\.3)", selector):
        return 3
    return 1 if "version < 1.2" in selector else 2


def filled(lab, port, selector, line):
    version = number_of_version(selector)
    plain = {"host": lab.host, "port": str(port), "name": lab.host, "file": lab.ca, "key": lab.pki.leaf("rsa")[1],
             "cipherlist": "ALL:-COMPLEMENTOFDEFAULT:ECDHE-RSA-CAMELLIA256-SHA384", "cipher": "AES128-SHA",
             "priority": "NORMAL:+VERS-TLS1.3",
             "ciphersuites": "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256"}

    def value(found):
        name, _, dialect = found.group(1).partition(".")
        if name in plain:
            return plain[name]
        if name == "version":
            return VERSIONS[dialect or "people"].format(version)
        if name in LISTS:
            kind, separators = LISTS[name]
            return FIRST[name][dialect] + separators[dialect] + OF_KIND[kind][dialect]
        if name in OF_KIND:
            return OF_KIND[name][dialect]
        return found.group(0)
    return re.sub(r"\{([a-z]+(?:\.[a-z]+)?)\}", value, line)


def need(program):
    if not shutil.which(program):
        raise Skip(f"no {program}")


def output(*argv, **more):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", timeout=60, **more)
    return done.returncode, done.stdout


def demand(status, said, what=""):
    if status != 0:
        raise Refused(f"{what}{' '.join(said.split())[-300:]}")


# ---- servers --------------------------------------------------------------------------------------------------------------------

def chain(lab):
    """Files of the names that the lines have, for those who open them."""
    leaf, key = lab.pki.leaf("rsa")
    names = {"fullchain.pem": Path(lab.pki.bundle("rsa")).read_text(), "chain.pem": Path(lab.pki.file("intermediate.pem")).read_text(),
             "fullchain-and-key.pem": Path(lab.pki.bundle("rsa")).read_text() + Path(key).read_text(),
             "key-and-fullchain.pem": Path(key).read_text() + Path(lab.pki.bundle("rsa")).read_text(), "ffdhe2048.pem": Path(lab.pki.dh(2048)).read_text()}
    names.update({"server.pem": Path(leaf).read_text(), "intermediate.pem": names["chain.pem"], "ca.pem": Path(lab.ca).read_text(),
                  "ca.key": Path(lab.pki.file("root.key")).read_text()})
    output("openssl", "req", "-new", "-key", key, "-subj", "/CN=localhost", "-out", str(lab.dir / "server.csr"))
    for name, text in names.items():
        (lab.dir / name).write_text(text)
        (lab.dir / name).chmod(0o600)


def in_folder(lab, line):
    return re.sub(r"/etc/(ssl|nginx|postfix)/([\w-]+\.pem)", rf"{lab.dir}/\2", line)


# What its packages make is there for root alone, and on some machines not at all.
NGINX_FOLDERS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def nginx(lab, line):
    need("nginx")
    leaf, key = lab.pki.leaf("rsa")
    own = "" if "ssl_certificate " in line else f"ssl_certificate {leaf};"
    folders = " ".join(f"{name}_temp_path {lab.dir}/{name};" for name in NGINX_FOLDERS)
    conf = lab.file("nginx.conf", f"pid {lab.dir}/pid; error_log stderr; events {{}} http {{ access_log off; {folders} "
                    f"server {{ listen 127.0.0.1:{free_port()} ssl; {own} ssl_certificate_key {key}; {in_folder(lab, line)} }} }}")
    status, said = output("nginx", "-t", "-p", str(lab.dir), "-c", conf, "-e", str(lab.dir / "error.log"))
    demand(status, said)


def apache(lab, line):
    need("apache2")
    modules = Path("/usr/lib/apache2/modules")
    leaf, key = lab.pki.leaf("rsa")
    loaded = "".join(f"LoadModule {m}_module {modules}/mod_{m}.so\n" for m in ("mpm_event", "authz_core", "socache_shmcb", "ssl"))
    outside, _, inside = line.partition("; ") if line.startswith("SSLStaplingCache") else ("", "", line)
    own = "" if "SSLCertificateFile" in line else f"SSLCertificateFile {leaf}\n"
    conf = lab.file("apache.conf", f"{loaded}ServerRoot {lab.dir}\nDefaultRuntimeDir {lab.dir}\nPidFile {lab.dir}/pid\nListen 127.0.0.1:9\nErrorLog {lab.dir}/error.log\n"
                    f"ServerName localhost\n{outside}\n<VirtualHost *:9>\nSSLEngine on\n{own}SSLCertificateKeyFile {key}\n{in_folder(lab, inside)}\n</VirtualHost>\n")
    status, said = output("apache2", "-t", "-f", conf)
    demand(status, said)


def haproxy(lab, line):
    need("haproxy")
    bind = in_folder(lab, line) if line.startswith("bind") else f"bind 127.0.0.1:9 ssl crt {lab.dir}/fullchain-and-key.pem"
    if line.startswith("curves"):
        bind += " " + line
    whole = line if line.startswith(("ssl-default", "tune.")) else ""
    conf = lab.file("haproxy.cfg", f"global\n  {whole}\ndefaults\n  mode http\n  timeout client 1s\n  timeout server 1s\n  timeout connect 1s\n"
                    f"frontend a\n  {bind}\n  default_backend b\nbackend b\n  server s 127.0.0.1:9\n")
    status, said = output("haproxy", "-c", "-f", conf)
    demand(status, said)


def postfix(lab, line):
    need("postconf")
    (lab.dir / "postfix").mkdir(exist_ok=True)
    (lab.dir / "postfix" / "main.cf").write_text(f"compatibility_level = 3.6\n{in_folder(lab, line)}\n")
    (lab.dir / "postfix" / "master.cf").write_text("")
    status, said = output("postconf", "-c", str(lab.dir / "postfix"), "-n")
    if "unused parameter" in said or "warning" in said:
        status = 1
    demand(status, said)


def postgres(lab, line):
    binary = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True)), None) or shutil.which("postgres")
    if binary is None:
        raise Skip("no postgres")
    folder = lab.dir / "postgres"
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "postgresql.conf").write_text(line + "\n")
    (folder / "PG_VERSION").write_text(Path(binary).parent.parent.name + "\n")
    name, value = [word.strip() for word in line.split("=", 1)]
    argv = [str(binary), "-C", name, "-D", str(folder)]
    if subprocess.run(["id", "-u"], capture_output=True, text=True).stdout.strip() == "0": # as root it does not start
        shutil.chown(folder, "nobody")
        for inner in folder.iterdir():
            shutil.chown(inner, "nobody")
        lab.dir.chmod(0o755)
        argv = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *argv]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    demand(done.returncode, done.stderr)
    if done.stdout.strip() != value.strip("'"):
        raise Refused(f"it reads {done.stdout.strip()!r}")


# ---- languages --------------------------------------------------------------------------------------------------------------------

PYTHON = """import socket, ssl, threading
server = socket.create_server(('127.0.0.1', 0))
sock = type('Socket', (), {})()
ctx = ssl.create_default_context()
def names(*a, **k): return None
%s
"""


def python(lab, line):
    library = next((name for name in ("requests", "urllib3", "aiohttp", "httpx") if name + "." in line), None)
    if library and subprocess.run(["/usr/bin/python3", "-c", f"import {library}"], capture_output=True).returncode:
        raise Skip(f"no {library} for Python")
    code = line.replace("client.pem", lab.pki.leaf("client")[0]).replace("client.key", lab.pki.leaf("client")[1])
    before = f"import {library}\n" if library else ""
    if "wrap_socket" in code: # whose connection is not made
        before += "ctx.wrap_socket = lambda sock, server_hostname=None: None\nsocket.create_connection = lambda *a: None\n"
    if "session.mount" in code:
        before += "session = requests.Session()\n"
    if library and ".get(url" in code:
        before += f"{library}.get = lambda url, verify: None\nurl = 'https://localhost/'\n"
    if "urlopen" in code:
        before += "import urllib.request\nurllib.request.urlopen = lambda url, context=None: None\nurl = 'https://localhost/'\n"
    if "aiohttp" in code:
        code = f"import asyncio\nasync def main(): {code}\nasyncio.run(main())"
    status, said = output("/usr/bin/python3", "-W", "ignore", "-c", PYTHON % (before + code))
    demand(status, said)


def node(lab, line, port):
    need("node")
    code = line.replace(", ...", f", host: 'localhost', port: {port}").replace("client.pem", lab.pki.leaf("client")[0])
    code = code.replace("client.key", lab.pki.leaf("client")[1])
    if code.startswith("ALPN"):
        code = f"https.request({{{code}, host: 'localhost', port: {port}}})"
    catch = ".on('error', function () { process.exit(0) }).on('response', function () { process.exit(0) }).end()" if "https.request" in code else ""
    status, said = output("node", "-e", f"const https = require('https'), fs = require('fs'), crypto = require('crypto');\n{code}{catch}")
    demand(status, said)


def ruby(lab, line):
    need("ruby")
    status, said = output("ruby", "-rnet/http", "-ropenssl", "-e", "http = Net::HTTP.new('localhost', 9); http.use_ssl = true; ctx = OpenSSL::SSL::SSLContext.new; "
                          f"ssl = OpenSSL::SSL::SSLSocket.new(IO.pipe[0]); {line}; http.start rescue Errno::ECONNREFUSED")
    demand(status, said)


def perl(lab, line):
    need("perl")
    if subprocess.run(["perl", "-MIO::Socket::SSL", "-e1"], capture_output=True).returncode:
        raise Skip("no IO::Socket::SSL")
    code = line.replace("IO::Socket::SSL->new(", "IO::Socket::SSL::SSL_Context->new(").replace(", ...)", ")")
    code = code.replace("client.pem", lab.pki.leaf("client")[0]).replace("client.key", lab.pki.leaf("client")[1])
    status, said = output("perl", "-MIO::Socket::SSL", "-e", f"{code} or die $IO::Socket::SSL::SSL_ERROR")
    demand(status, said)


def php(lab, line):
    need("php")
    status, said = output("php", "-d", "error_reporting=-1", "-r", f"$c = {line}; var_dump(stream_context_get_options($c));")
    demand(status or "Warning" in said or "undefined" in said.lower(), said)


def go(lab, line):
    need("go")
    source = lab.file("line.go", f"package main\nimport \"crypto/tls\"\nfunc main() {{ c := {line}; _ = c }}\n")
    status, said = output("go", "vet", source, env={"PATH": "/usr/bin:/bin:/usr/local/bin:/usr/local/go/bin", "HOME": str(lab.dir), "GO111MODULE": "off"})
    demand(status and "undefined: tls.X25519MLKEM768" not in said, said)


# ---- clients -----------------------------------------------------------------------------------------------------------------------

# What each says to what it does not know.
COMPLAINTS = re.compile(r"unknown option|unrecognized|unrecognised|invalid option|option .* is unknown|Syntax error|failed setting|illegal|IllegalArgument|no cipher match|"
                        r"usage:|requires parameter|ambiguous|bad option|is not allowed|Call to SSL_CONF_cmd|Error setting|unsupported protocol version|"
                        r"command not found|No such file|cannot find", re.I)


def shell(lab, line, port):
    line = line[2:].replace("client.pem", lab.pki.leaf("client")[0]).replace("client.key", lab.pki.leaf("client")[1])
    line = re.sub(r"\bKEY\b", "00112233445566778899aabbccddeeff", line)
    line = line.replace("client.p12", lab.pki.java_key("client")).replace("PASSWORD", "changeit") if "client.p12" in line else line
    programs = re.findall(r"(?:^|&& |\S=\S+ )(curl|wget|openssl|gnutls-cli|java|node|git|php|ruby|perl|python3|pip|cat|keytool|certbot)\b", line)
    name = programs[-1] if programs else line.split()[0]
    need(name)
    url = f"https://localhost:{port}/"
    endings = {"curl": f"-s -o /dev/null --max-time 5 {url}", "wget": f"-q -O /dev/null --tries=1 --timeout=5 {url}", "gnutls-cli": f"-p {port} localhost",
               "openssl": f"-connect localhost:{port}", "git": f"ls-remote {url}", "node": "-e 1", "php": "-r '1;'", "ruby": "-e 1", "perl": "-e 1",
               "python3": "-c 1", "pip": "--version", "redis-cli": "--version", "java": f"{lab.file('Get.java', JAVA_SOURCE)} {url}"}
    if line.endswith("..."):
        line = line[:-3] + endings.get(name, "")
    if name in ("certbot",):
        raise Skip("certbot would ask a CA")
    (lab.dir / "ca.pem").write_text(Path(lab.ca).read_text())
    status, said = output("bash", "-c", line, cwd=lab.dir)
    if COMPLAINTS.search(said) or (name == "curl" and status in (2, 4, 43, 59)):
        raise Refused(f"exit {status}: {' '.join(said.split())[-300:]}")


def openssl_conf(lab, line):
    need("openssl")
    conf = lab.file("own.cnf", f"openssl_conf=a\n[a]\nssl_conf=b\n[b]\nsystem_default=c\n[c]\n{line}\n")
    status, said = output("openssl", "ciphers", env={"PATH": "/usr/bin:/bin", "OPENSSL_CONF": conf})
    demand(status or "rror" in said, said)


def in_key(lab, line):
    """A line that is on a key is given one in the place of a certificate."""
    return line.replace(lab.ca, lab.pki.leaf("rsa")[1]) if line.startswith("openssl pkey") else line


# Who is asked, by how the line begins or whom the row is for; the first that fits.
ASKED = [
    (r"^\$ (apt-get|cp |install |date|timedatectl|ethtool|ip |iptables|ss |dig|getent)", None),
    (r"^\$ curl -sS '", None),
    (r"^\$ keytool -list", None),
    (r"^\$ openssl (x509|req|pkey) ", lambda lab, line, port, selector: demand(*output("bash", "-c", in_key(lab, line[2:]), cwd=lab.dir))),
    (r"^\$ ", lambda lab, line, port, selector: shell(lab, line, port)),
    (r"^ssl_(certificate|protocols|ciphers [A-Z+:-]+|conf_command|ecdh_curve|stapling|dhparam)[^=]*;$", lambda lab, line, port, selector: nginx(lab, line)),
    (r"^SSL[A-Z][a-z]", lambda lab, line, port, selector: apache(lab, line)),
    (r"^(ssl-default|tune\.ssl|curves |bind )", lambda lab, line, port, selector: haproxy(lab, line)),
    (r"^(smtpd_|tls_)", lambda lab, line, port, selector: postfix(lab, line)),
    (r"^ssl(_\w+)? = (on$|')", lambda lab, line, port, selector: postgres(lab, line)),
    (r"^(ctx|session\.|requests|urllib|aiohttp|httpx)", lambda lab, line, port, selector: python(lab, line)),
    (r"^(https\.|require\(|ALPNProtocols)", lambda lab, line, port, selector: node(lab, line, port)),
    (r"^(http\.|ssl\.hostname|ctx\.ecdh_curves)", lambda lab, line, port, selector: ruby(lab, line)),
    (r"^IO::", lambda lab, line, port, selector: perl(lab, line)),
    (r"^stream_context", lambda lab, line, port, selector: php(lab, line)),
    (r"^&tls\.", lambda lab, line, port, selector: go(lab, line)),
    (r"^(MaxProtocol|MinProtocol|CipherString|Ciphersuites|Groups|SignatureAlgorithms|Options) = ", lambda lab, line, port, selector: openssl_conf(lab, line)),
    (r"^subjectAltName = ", lambda lab, line, port, selector: demand(*output("openssl", "req", "-new", "-subj", "/CN=a", "-key", lab.pki.leaf("rsa")[1], "-addext",
                                                                             line.replace("IP:localhost", "IP:127.0.0.1").replace(" ", "")))),
    (r"^NORMAL:", lambda lab, line, port, selector: shell(lab, f"$ gnutls-cli --priority '{line}' ...", port)),
    (r"^(ssl = yes|ssl_enable=YES)$", None), # Dovecot's, vsftpd's and MySQL's switch
    (r"^(EnabledSslProtocols|new CipherSuitesPolicy)", lambda lab, line, port, selector: need("dotnet")),
]


def ask(lab, port, selector, line):
    line = filled(lab, port, selector, line)
    who = [(r"", lambda lab, line, port, selector: ruby(lab, line))] if selector.startswith("ruby") and not line.startswith("$ ") else ASKED
    for pattern, asked in who:
        if re.search(pattern, line):
            if asked is None:
                raise Skip("of the reader's own files or machine")
            asked(lab, line, port, selector)
            return line
    raise Refused("nobody is known to ask")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="*", help="file:line, as a shell pattern")
    arguments = parser.parse_args()
    count = {"passed": 0, "FAILED": 0, "skipped": 0}
    lab = Lab()
    try:
        chain(lab)
        port = lab.s_server()
        for place, selector, line in rows():
            if not fnmatch.fnmatch(place, arguments.only):
                continue
            status, note = "passed", line
            try:
                ask(lab, port, selector, line)
            except Skip as e:
                status, note = "skipped", f"{line}: {e}"
            except Refused as e:
                status, note = "FAILED", f"{line}\n        {e}"
            except subprocess.TimeoutExpired:
                status, note = "FAILED", f"{line}\n        no end"
            count[status] += 1
            print(f"{status:<8} {place:<40} {note}", flush=True)
    finally:
        lab.close()
    print(f"{count['passed']} passed, {count['FAILED']} failed, {count['skipped']} skipped")
    return 1 if count["FAILED"] or not count["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
