#!/usr/bin/env python3
"""Captures what each TLS client of this machine sends first, as a profile for `tlswhy server --client`.

    tools/capture_profiles.py [--output data/profiles] [--only PATTERN] [--node FOLDER] [--go FOLDER]

Each client is pointed at a listener on loopback under the name profile.example, which it is told of by a hosts file of ours in a mount
namespace (so this runs as root). It reads the hello and ends the connection. A client that is not there is named and passed over.
--node: a folder with VERSION/node in it, as the lab keeps them. --go: a folder with NAME/buf in it, programs of several versions of Go
(the npm package @bufbuild/buf-linux-x64: 1.50.0 is of Go 1.22, 1.59.0 of 1.24, 1.72.0 of 1.26, 1.75.0 of 1.27).

A profile is text: lines with # (what it is and how it was made), then the flight in base64.
"""
import argparse
import base64
import fnmatch
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAME = "profile.example"
SETTINGS = ("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "NODE_OPTIONS", "OPENSSL_CONF", "SSLKEYLOGFILE")  # of this machine
INSIDE = "TLSWHY_CAPTURE_INSIDE"
PYTHON = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=5)"
OLD_PYTHON = "import sys, urllib2; urllib2.urlopen(sys.argv[1], timeout=5)"
PERL = "my ($h, $p) = @ARGV; IO::Socket::SSL->new(PeerHost => $h, PeerPort => $p)"
RUBY = "require 'net/http'; Net::HTTP.get(URI(ARGV[0]))"
PHP = "@file_get_contents($argv[1]);"
NODE = "require('https').get(process.argv[1]).on('error', function () {});"
JAVA = """public class Get { public static void main(String[] a) throws Exception {
    new java.net.URL(a[0]).openConnection().getInputStream().read(); } }"""
GO = """package main
import ("net/http"; "os")
func main() { http.Get(os.Args[1]) }"""


def version_of(argv, pattern):
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30)
    match = re.search(pattern, done.stdout + done.stderr)
    return match.group(1) if match else None


def clients(folder, node_folder, go_folder):
    """Name, the command that tells its version, where in what it says, the command that connects: {url}, {port}."""
    yield "curl", ["curl", "--version"], r"curl (\S+)", ["curl", "-sk", "{url}"]
    yield "wget", ["wget", "--version"], r"Wget (\S+)", ["wget", "-qO-", "--tries=1", "--no-check-certificate", "{url}"]
    yield "git", ["git", "--version"], r"version (\S+)", ["git", "ls-remote", "{url}"]
    yield "openssl", ["openssl", "version"], r"OpenSSL (\S+)", ["openssl", "s_client", "-connect", NAME + ":{port}"]
    yield "gnutls-cli", ["gnutls-cli", "--version"], r"gnutls-cli (\S+)", ["gnutls-cli", "-p", "{port}", NAME]
    yield "perl", ["perl", "-MIO::Socket::SSL", "-e", "print $IO::Socket::SSL::VERSION"], r"(\S+)", ["perl", "-MIO::Socket::SSL", "-e", PERL, NAME, "{port}"]
    yield "ruby", ["ruby", "--version"], r"ruby (\d[\d.]*)", ["ruby", "-e", RUBY, "{url}"]
    yield "php", ["php", "--version"], r"PHP (\d+\.\d+\.\d+)", ["php", "-r", PHP, "{url}"]
    (folder / "Get.java").write_text(JAVA)
    yield "java", ["java", "-version"], r'version "(\S+)"', ["java", str(folder / "Get.java"), "{url}"]
    (folder / "get.go").write_text(GO)
    yield "go", ["go", "version"], r"go(\d\S*)", ["go", "run", str(folder / "get.go"), "{url}"]
    for program in sorted(map(str, Path(go_folder).glob("*/buf"))) if go_folder else ():  # `buf curl` asks by net/http, with no settings of its own but a lower bound
        yield "go", ["go", "version", program], r"go(\d\S*)", [program, "curl", "{url}profile.v1.Service/Ask"]
    for python in ["/usr/bin/python3", *sorted(map(str, Path.home().glob(".pyenv/versions/*/bin/python")))]:
        code = OLD_PYTHON if "/2." in python else PYTHON
        yield "python", [python, "--version"], r"Python (\S+)", [python, "-c", code, "{url}"]
    for node in ["node", *sorted(map(str, Path(node_folder).glob("*/node")))]:
        yield "node", [node, "--version"], r"v(\S+)", [node, "-e", NODE, "{url}"]


def flight_of(listener):
    """All that comes before the client waits: it has a hello in whole, and may have more."""
    connection, _ = listener.accept()
    with connection:
        connection.settimeout(0.5)
        flight = b""
        try:
            while part := connection.recv(65536):
                flight += part
        except (TimeoutError, OSError):
            pass
    return flight


def capture(argv):
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower() and name not in SETTINGS}
    environment |= {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        port = listener.getsockname()[1]
        given = [word.format(url=f"https://{NAME}:{port}/", port=port) if "{url}" in word or "{port}" in word else word for word in argv]
        process = subprocess.Popen(given, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            return flight_of(listener)
        except TimeoutError:
            return b""
        finally:
            process.terminate()
            process.wait()


def told(argv):
    """The command as a person would write it: programs without this machine's folders, code of ours shortened."""
    words = [Path(word).name if word.startswith("/") else word for word in argv]
    return " ".join("CODE" if len(word) > 30 and " " in word else word.format(url="https://HOST/", port="PORT") for word in words)


def write_profile(path, what, argv, flight):
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    lines = [f"# {what}, on {system}", f"# from: {told(argv)}", "# made by tools/capture_profiles.py"]
    text = base64.b64encode(flight).decode()
    path.write_text("\n".join([*lines, *(text[i:i + 76] for i in range(0, len(text), 76))]) + "\n")


def capture_all(arguments):
    output = Path(arguments.output)
    with tempfile.TemporaryDirectory() as folder:
        for name, version_argv, pattern, argv in clients(Path(folder), arguments.node, arguments.go):
            version = version_of(version_argv, pattern) if shutil.which(version_argv[0]) else None
            if not fnmatch.fnmatch(name, arguments.only):
                continue
            flight = capture(argv) if version else b""
            if len(flight) < 40:
                print(f"passed over  {name} ({version_argv[0]})")
                continue
            write_profile(output / f"{name}-{version}.hello", f"{name} {version}", argv, flight)
            print(f"captured     {name}-{version}, {len(flight)} bytes")


def enter_namespace():
    """The same program again, where NAME is 127.0.0.1."""
    with tempfile.NamedTemporaryFile("w") as hosts:
        hosts.write(f"127.0.0.1 localhost {NAME}\n")
        hosts.flush()
        os.chmod(hosts.name, 0o644)
        inner = 'mount --bind "$0" /etc/hosts && exec "$@"'
        return subprocess.run(["unshare", "-m", "sh", "-c", inner, hosts.name, sys.executable, *sys.argv], env={**os.environ, INSIDE: "1"}).returncode


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", default=str(ROOT / "data" / "profiles"))
    parser.add_argument("--only", default="*")
    parser.add_argument("--node", default=f"/var/tmp/tlswhy-lab-{os.getuid()}/node")
    parser.add_argument("--go", default="")
    arguments = parser.parse_args()
    if INSIDE not in os.environ:
        return enter_namespace()
    capture_all(arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
