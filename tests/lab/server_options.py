#!/usr/bin/env python3
"""Each option of `tlswhy server` as a user would give it, and what it owes to a server. server_options.py --tlswhy BINARY [--only PATTERN]

Upgrades of every protocol, proxies with and without credentials, PROXY headers, several addresses, manners (how many at once, how many a
second), servers that fall silent, comparisons, and what goes wrong with a clear line.
"""
import fcntl
import json
import os
import pty
import re
import select
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path

from box import one_way
from compare_scanners import demand, fact, main, run, suites_of, tlswhy_says
from lab import Lab
from machine import Missing

SUITES = ["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_RSA_WITH_AES_128_CBC_SHA"]
UPGRADES = ("smtp", "lmtp", "imap", "pop3", "ftp", "ldap", "xmpp", "postgres", "mysql", "sieve", "nntp", "irc", "rdp")
COLUMNS, COLUMNS_WIDE = 80, 140


def backend(lab, *options):
    return lab.s_server("-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384:AES128-SHA", "-serverpref", *options)


def found_by(tlswhy, *arguments):
    """The suites that are told of a server that is reached so."""
    done = run(tlswhy, "server", "--json", "--suites", *arguments)
    demand(f"exit {done.returncode}: {done.stderr[:200]}", done.returncode == 0)
    return suites_of(json.loads(done.stdout)["addresses"][0])


def says(tlswhy, status, pattern, *arguments, seconds=40):
    """The text, which must match, with that exit status."""
    done = run(tlswhy, "server", *arguments, seconds=seconds)
    text = done.stdout + done.stderr
    demand(f"exit {done.returncode} and not {status}: {text[:300]}", done.returncode == status)
    demand(f"'{pattern}' is not in: {text[:400]}", re.search(pattern, re.sub(r"\s+", " ", text)))
    return text


# ---- ways to a server ------------------------------------------------------------------------------------------------------
def check_upgrade(tlswhy, lab, protocol):
    port = lab.talker(protocol, backend(lab))
    demand("other suites", found_by(tlswhy, "-4", "--starttls", protocol, f"localhost:{port}") == {"TLS 1.2": SUITES})


def check_refused_upgrade(tlswhy, lab):
    refusals = (("smtp", "refused", "refused before TLS began"), ("imap", "hidden", "refused before TLS began"),
                ("postgres", "refused", "the server does not offer to begin TLS"))
    for protocol, upgrade, how in refusals:
        port = lab.talker(protocol, backend(lab), upgrade=upgrade)
        says(tlswhy, 1, f"no TLS to be had: {how}", "-4", "--suites", "--starttls", protocol, f"localhost:{port}")


def check_too_many_at_once(tlswhy, lab):
    """As FTP and mail servers say it, before TLS: what was turned away so is asked again."""
    counting = Counting({"127.0.0.1": lab.talker("smtp", backend(lab))}, holds=0.02, at_once_max=5, instead=b"421 Too many connections from your address.\r\n")
    try:
        done = json.loads(run(tlswhy, "server", "--json", "--starttls", "smtp", "-4", f"localhost:{counting.port}").stdout)["addresses"][0]
        suites = version_of(done, "TLS 1.2")
        demand(f"{suites}", suites["names"] == SUITES and suites["complete"] and suites["order"] == "server")
        demand("the others are no", [version_of(done, v)["accepted"] for v in ("SSL 2.0", "SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.3")] == [False] * 5)
        demand(f"limit: {done['limit']}", "one at a time" in done["limit"])
    finally:
        counting.close()


def check_turned_away(tlswhy, lab):
    """Before TLS began: nothing is known of any version, and what the server said is told."""
    def serve(says):
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)

        def accept():
            while True:
                try:
                    taken = listener.accept()[0]
                    held.append(taken)
                    taken.sendall(says or b"")
                    if says is not None:
                        taken.shutdown(socket.SHUT_RDWR)
                except OSError:
                    return
        threading.Thread(target=accept, daemon=True).start()
        return listener
    held = []
    for says_first, told in ((None, "silence before TLS began"), (b"", "closed before TLS began"), (b"554 No service for you.\r\n", "refused before TLS began: 554 No service for you.")):
        with serve(says_first) as listener:
            document = json.loads(run(tlswhy, "server", "--json", "--starttls", "smtp", f"127.0.0.1:{listener.getsockname()[1]}").stdout)
        for version in document["addresses"][0]["versions"]:
            suites = version["suites"]
            demand(f"{version['version']} of one that {told}: {suites}", suites["accepted"] is None and suites["others_refused_by"] == told)


def check_proxies(tlswhy, lab):
    behind = backend(lab)
    for kind, scheme in (("connect", "http"), ("socks5", "socks5"), ("socks4", "socks4")):
        proxy = f"{scheme}://127.0.0.1:{lab.talker(kind, behind)}"
        demand(f"other suites by {scheme}", found_by(tlswhy, "--proxy", proxy, "known.example:443") == {"TLS 1.2": SUITES})
    for kind, scheme in (("connect", "http"), ("socks5", "socks5")):
        port = lab.talker(kind, behind, login="me:secret")
        demand(f"other suites by {scheme}", found_by(tlswhy, "--proxy", f"{scheme}://me:secret@127.0.0.1:{port}", "known.example:443") == {"TLS 1.2": SUITES})
        says(tlswhy, 1, "refused by the proxy: .*it wants the client to log in", "--proxy", f"{scheme}://127.0.0.1:{port}", "known.example:443")
        text = says(tlswhy, 1, "refused by the proxy: .*log", "--proxy", f"{scheme}://me:wrong-one@127.0.0.1:{port}", "known.example:443")
        demand("credentials are shown", "wrong-one" not in text)
        demand(text[:200], f"(by {scheme}://127.0.0.1:{port})" in text)
    says(tlswhy, 1, "refused by the proxy: 403, it forbids this host or port", "--proxy", f"http://127.0.0.1:{lab.talker('connect', behind, status=403)}", "known.example")
    says(tlswhy, 1, "refused by the proxy: 5, the server refused the connection", "--proxy", f"socks5://127.0.0.1:{lab.talker('socks5', behind, status=5)}", "known.example")
    says(tlswhy, 1, "Connection refused", "--proxy", "http://127.0.0.1:1", "known.example")


def check_proxy_header(tlswhy, lab):
    port = lab.talker("header", backend(lab))
    for version in ("v1", "v2"):
        demand(f"other suites by {version}", found_by(tlswhy, "-4", "--proxy-protocol", version, f"localhost:{port}") == {"TLS 1.2": SUITES})
    says(tlswhy, 1, "no TLS to be had: closed without an answer", "-4", f"localhost:{port}")


def check_names(tlswhy, lab):
    port = lab.nginx("ssl_reject_handshake on;", f"""server {{ listen @LISTEN@ ssl; server_name known.example;
ssl_certificate {lab.pki.bundle('rsa')}; ssl_certificate_key {lab.pki.leaf('rsa')[1]}; }}""")
    demand("not reached by its name", found_by(tlswhy, "-4", "--sni", "known.example", f"localhost:{port}"))
    demand("not reached by --resolve", found_by(tlswhy, "--resolve", f"known.example:{port}:127.0.0.1", f"known.example:{port}"))
    for name, what in (("other.example", "this server name"), ("", "clients that send no server name")):
        told = f"it refuses {what}: alert unrecognized_name.* TLS 1.2 unknown"
        says(tlswhy, 1, told, "-4", "--suites", "--sni", name, f"localhost:{port}")
    says(tlswhy, 1, "has no address", "-6", "--resolve", f"known.example:{port}:127.0.0.1", f"known.example:{port}")


# ---- several addresses ---------------------------------------------------------------------------------------------------
def has_left(connection):
    """As the kernel knows it, which is before any thread here does."""
    if connection.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(connection, select.POLLRDHUP)
    return bool(poll.poll(0))


class Counting:
    """Relays to a backend from several addresses, and counts: how many at once, and when each began."""

    def __init__(self, backends, holds=0, at_once_max=0, instead=b""):
        """More than `at_once_max`, where it is not 0, get `instead`, and no more."""
        self.backends, self.holds, self.lock = backends, holds, threading.Lock()
        self.at_once_max, self.instead = at_once_max, instead
        self.running = self.most = 0
        self.taken = set()
        self.began, self.listeners, port = [], [], 0
        for address in backends:
            listener = socket.create_server((address, port), backlog=128)
            port = listener.getsockname()[1]
            self.listeners.append(listener)
            threading.Thread(target=self._accept, args=(listener, backends[address]), daemon=True).start()
        self.port = port

    def close(self):
        for listener in self.listeners:
            listener.close()

    def _accept(self, listener, port):
        while True:
            try:
                taken = listener.accept()[0]
            except OSError:
                return
            with self.lock:
                self.began.append(time.monotonic())
                self.running += 1
                self.taken.add(taken)
                self.most = max(self.most, sum(not has_left(other) for other in self.taken))
                is_too_much = 0 < self.at_once_max < self.running
                self.running -= is_too_much
            if is_too_much:
                with taken:
                    taken.sendall(self.instead)
                    self.forget(taken)
                continue
            threading.Thread(target=self._relay, args=(taken, port), daemon=True).start()

    def _relay(self, taken, port):
        with taken, socket.create_connection(("127.0.0.1", port)) as upstream:
            back = threading.Thread(target=one_way, args=(upstream, taken), daemon=True)
            time.sleep(self.holds)
            back.start()
            one_way(taken, upstream)
            with self.lock:
                self.running -= 1
            back.join()
            self.forget(taken)

    def forget(self, taken):
        with self.lock:
            self.taken.discard(taken)


def resolved(port, *addresses):
    return [word for address in addresses for word in ("--resolve", f"known.example:{port}:{address}")] + [f"known.example:{port}"]


def check_addresses(tlswhy, lab):
    usual = lab.nginx("ssl_protocols TLSv1.2; ssl_prefer_server_ciphers on; ssl_ciphers ECDHE-RSA-AES256-GCM-SHA384:AES128-SHA;")
    other = lab.nginx("ssl_protocols TLSv1.2; ssl_ciphers AES128-SHA;")
    counting = Counting({"127.0.0.1": usual, "127.0.0.2": other, "127.0.0.3": usual}, holds=0.02)
    try:
        words = resolved(counting.port, "127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4")
        document = json.loads(run(tlswhy, "server", "--json", *words).stdout)
        differences = {(d["address"], d["path"]): d for d in document["differences"]}
        demand(f"{sorted(differences)}", differences[("127.0.0.2", "versions[TLS 1.2].suites.names")]["here"] == SUITES[1:])
        demand("an equal address is told as different", all(address != "127.0.0.3" for address, _ in differences))
        demand(f"{counting.most} connections at once", counting.most <= 16)
        text = re.sub(r"\s+", " ", run(tlswhy, "server", *words).stdout)
        demand("the suite that is not there is not told", re.search(r"127.0.0.2 is different from 127.0.0.1 versions\[TLS 1.2\].suites.names: without " + SUITES[0], text))
        demand("the equal one is not told", "127.0.0.3 is the same as 127.0.0.1" in text)
        demand("clients are asked at the first address alone", [(c["admitted"], c["addresses"]) for c in json.loads(run(tlswhy, "server", "--json", "--client", "curl", *words).stdout)["clients"]] ==
               [(True, ["127.0.0.1", "127.0.0.3"]), (True, ["127.0.0.2"]), (None, ["127.0.0.4"])])
        demand("the one that is down is not told", "127.0.0.4 is different from 127.0.0.1 no TLS there: not connected: Connection refused" in text)
    finally:
        counting.close()


# ---- manners ------------------------------------------------------------------------------------------------------------------
def check_at_once(tlswhy, lab):
    counting = Counting({"127.0.0.1": backend(lab)}, holds=0.02)
    try:
        demand("other suites", found_by(tlswhy, f"127.0.0.1:{counting.port}") == {"TLS 1.2": SUITES})
        demand(f"{counting.most} connections at once", 8 <= counting.most <= 16)
    finally:
        counting.close()


def check_rate(tlswhy, lab):
    rate = 20
    counting = Counting({"127.0.0.1": backend(lab)})
    try:
        demand("other suites", found_by(tlswhy, "--rate", str(rate), f"127.0.0.1:{counting.port}") == {"TLS 1.2": SUITES})
        most = max(sum(begin <= other < begin + 1 for other in counting.began) for begin in counting.began)
        demand(f"{most} connections in one second", most <= rate + 3)  # both ends of the second count, and accepting may lag
        counting.began.clear()
        says(tlswhy, 1, "refused: openssl-0.9.8zg .*version-too-old", "-4", "--rate", "10", "--client", "node-0.10.48", "--client", "openssl-0.9.8zg", f"localhost:{counting.port}")
        most = max(sum(begin <= other < begin + 1 for other in counting.began) for begin in counting.began)
        demand(f"{most} connections in one second for clients", most <= 10 + 2)
    finally:
        counting.close()


# ---- silence and time ---------------------------------------------------------------------------------------------------------
def version_of(address, name):
    return next(v["suites"] for v in address["versions"] if v["version"] == name)


def check_late_tickets(tlswhy, lab):
    """Who is slow to the first flight is slow to the tickets, which come after our Finished: they are waited for at that pace."""
    done = run(tlswhy, "server", "--json", "-4", f"localhost:{lab.shaper('always', 'slow', lab.s_server('-tls1_3'))}")
    tickets = fact(json.loads(done.stdout)["addresses"][0], "session-tickets")
    demand(f"session tickets: {tickets}", tickets is not None and tickets["value"] is True)


def check_silent_version(tlswhy, lab):
    port = lab.shaper("version>=0304", "silence", backend(lab))
    address = tlswhy_says(tlswhy, port, "--suites")
    demand(f"{version_of(address, 'TLS 1.3')}", version_of(address, "TLS 1.3")["accepted"] is False)
    demand("not told as silence", version_of(address, "TLS 1.3")["others_refused_by"] == "silence")
    demand("other suites", suites_of(address) == {"TLS 1.2": SUITES})


def check_stalls(tlswhy, lab):
    address = tlswhy_says(tlswhy, lab.shaper("always", "stall:60", backend(lab)), "--suites")
    demand(f"{version_of(address, 'TLS 1.2')}", version_of(address, "TLS 1.2")["accepted"] is None)
    demand("what was seen is not told", "begun to answer" in version_of(address, "TLS 1.2")["others_refused_by"])


def check_timeout(tlswhy, lab):
    port, begin = lab.shaper("always", "silence"), time.monotonic()
    says(tlswhy, 1, "Time ran out before all was known", "-4", "--timeout", "2", f"localhost:{port}")
    demand(f"{time.monotonic() - begin:.1f} s", time.monotonic() - begin < 3)
    said = says(tlswhy, 0, "Time ran out before all was known", "-4", "--rate", "3", "--timeout", "3", f"localhost:{backend(lab)}")
    demand(said, "SSL 3.0                     unknown (could not be asked)" in said and "something else" not in said)


def check_mute_resolver(tlswhy, lab):
    """A name server that never answers, in a network of its own, asked no longer than the time that there is."""
    resolv = lab.file("resolv.conf", "nameserver 127.0.0.53\n")
    namespaces = ["unshare", "-n", "-m"] + ([] if os.geteuid() == 0 else ["-r"])
    inside = ("import socket, subprocess, sys; subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True); "
              "subprocess.run(['mount', '--bind', sys.argv[1], '/etc/resolv.conf'], check=True); "
              "mute = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); mute.bind(('127.0.0.53', 53)); "
              "sys.exit(subprocess.run(sys.argv[2:]).returncode)")
    if subprocess.run([*namespaces, "true"], capture_output=True).returncode:
        raise Missing("namespaces")
    begin = time.monotonic()
    done = subprocess.run([*namespaces, sys.executable, "-c", inside, str(resolv), tlswhy, "server", "--timeout", "1", "mute.example"], capture_output=True, text=True, timeout=40)
    demand(f"{time.monotonic() - begin:.1f} s", time.monotonic() - begin < 3)
    demand(f"exit {done.returncode}: {done.stderr}", done.returncode == 1 and "the resolver did not answer within 1000 ms" in done.stderr)


def check_mute(tlswhy, lab):
    begin = time.monotonic()
    says(tlswhy, 1, "What is to be had is unknown: silence", "-4", f"localhost:{lab.shaper('always', 'silence')}")
    demand(f"{time.monotonic() - begin:.1f} s", time.monotonic() - begin < 13)


def check_mute_to_clients(tlswhy, lab):
    """Nothing is known of a client where nobody is answered; the time is for all clients together."""
    port, begin = lab.shaper("always", "silence"), time.monotonic()
    says(tlswhy, 1, "unknown: curl.*no answer came in.*unknown: go", "-4", "--client", "curl", "--client", "go", "--timeout", "2", f"localhost:{port}")
    demand(f"{time.monotonic() - begin:.1f} s", time.monotonic() - begin < 3)
    says(tlswhy, 1, "unknown: curl.*no answer came in 15.* never answers a hello", "-4", "--client", "curl", f"localhost:{port}")


# ---- what is told ---------------------------------------------------------------------------------------------------------------
def on_terminal(columns, *argv):
    """What is shown on a terminal so wide."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=its, stderr=subprocess.STDOUT) as process:
        os.close(its)
        shown = b""
        try:
            while piece := os.read(ours, 65536):
                shown += piece
        except OSError:
            pass  # a terminal whose other side is closed
        process.wait()
    os.close(ours)
    return shown.decode(errors="replace")


def check_columns(tlswhy, lab):
    text = run(tlswhy, "server", "-4", f"localhost:{lab.nginx()}").stdout
    long_lines = [line for line in text.splitlines() if len(line) > COLUMNS and " " in line.strip()]
    demand(f"longer than {COLUMNS} columns: {long_lines[:2]}", not long_lines)
    for columns, is_told in ((100, False), (COLUMNS_WIDE, True)):
        text = on_terminal(columns, tlswhy, "server", "--suites", "-4", f"localhost:{lab.nginx()}")
        demand(f"GnuTLS's name at {columns} columns", ("ECDHE-RSA-AES128-GCM-SHA256; GnuTLS TLS_ECDHE_RSA_AES_128_GCM_SHA256)" in text) == is_told)
    document = json.loads(run(tlswhy, "server", "--json", "-4", f"localhost:{lab.nginx()}").stdout)
    suites = version_of(document["addresses"][0], "TLS 1.2")
    at = suites["names"].index("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")
    demand("OpenSSL's name", suites["openssl_names"][at] == "ECDHE-RSA-AES128-GCM-SHA256")
    demand("GnuTLS's name", suites["gnutls_names"][at] == "TLS_ECDHE_RSA_AES_128_GCM_SHA256")


def check_compare(tlswhy, lab):
    port = backend(lab)
    saved = lab.file("before.json", run(tlswhy, "server", "--json", "-4", f"localhost:{port}").stdout)
    says(tlswhy, 0, "Nothing has changed", "-4", "--compare", str(saved), f"localhost:{port}")
    before = json.loads(Path(saved).read_text())
    version_of(before["addresses"][0], "TLS 1.2")["names"].append("TLS_RSA_WITH_RC4_128_SHA")
    fact(before["addresses"][0], "extended-master-secret")["value"] = False
    other = lab.file("other.json", json.dumps(before))
    text = says(tlswhy, 1, "without TLS_RSA_WITH_RC4_128_SHA", "-4", "--compare", str(other), f"localhost:{port}")
    demand(text, "facts[extended-master-secret].value: was no, is yes" in text)
    compared = json.loads(run(tlswhy, "server", "--json", "-4", "--compare", str(other), f"localhost:{port}").stdout)["compared"]
    demand(f"{compared}", "addresses[127.0.0.1].facts[extended-master-secret].value" in [d["path"] for d in compared["changed"]])
    says(tlswhy, 0, "Nothing has changed.*suites alone", "-4", "--suites", "--compare", str(saved), f"localhost:{port}")
    unknown = json.loads(Path(saved).read_text())
    fact(unknown["addresses"][0], "extended-master-secret")["value"] = None
    says(tlswhy, 0, r"Nothing has changed.*Not known.*extended-master-secret\].value: was unknown, is yes", "-4", "--compare", str(lab.file("unknown.json", json.dumps(unknown))), f"localhost:{port}")
    without = json.loads(Path(saved).read_text())
    without["addresses"][0]["chains"] = []
    says(tlswhy, 1, "chains: was none, is (O=Lab,)?CN=localhost", "-4", "--compare", str(lab.file("without.json", json.dumps(without))), f"localhost:{port}")
    demand("certificates where suites alone are asked for", not json.loads(run(tlswhy, "server", "--json", "--suites", "-4", f"localhost:{port}").stdout)["addresses"][0]["chains"])
    older = json.loads(Path(saved).read_text())
    for key in ("order_settled", "equal"):
        version_of(older["addresses"][0], "TLS 1.2").pop(key)
    says(tlswhy, 0, "Nothing has changed", "-4", "--compare", str(lab.file("older.json", json.dumps(older))), f"localhost:{port}")
    for damaged in ("", "{", "[1, 2]", '{"schema": "tlswhy.server/1"}', '{"schema": "tlswhy.server/1", "addresses": [3]}', '{"schema": "tlswhy.report/1"}', '{"schema": "tlswhy.server/1", "addresses": [' * 2000):
        says(tlswhy, 2, "--compare", "-4", "--suites", "--compare", str(lab.file("damaged.json", damaged)), f"localhost:{port}")
    says(tlswhy, 2, "cannot be opened", "--compare", str(lab.dir / "nowhere"), f"localhost:{port}")


def check_client(tlswhy, lab):
    port = backend(lab)
    hello = lab.dir / "curl.hello"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = subprocess.Popen(["openssl", "s_client", "-connect", f"127.0.0.1:{listener.getsockname()[1]}"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with listener.accept()[0] as taken:
            hello.write_bytes(taken.recv(65536))
        client.wait(10)
    says(tlswhy, 0, "gets in", "-4", "--client", str(hello), f"localhost:{port}")
    says(tlswhy, 0, "gets in", "-4", "--client", "curl", f"localhost:{port}")
    says(tlswhy, 1, "client-version-too-old", "-4", "--client", "openssl-0.9.8zg", f"localhost:{port}")
    says(tlswhy, 2, "does not go with --suites", "--suites", "--client", "curl", f"localhost:{port}")
    says(tlswhy, 2, "does not go with --compare", "--compare", str(hello), "--client", "curl", f"localhost:{port}")
    says(tlswhy, 2, "neither a file nor a profile", "-4", "--client", "no-such-client", f"localhost:{port}")


def check_wrong(tlswhy, lab):
    says(tlswhy, 1, "no-such-name.invalid has no address", "no-such-name.invalid")
    says(tlswhy, 1, "no TLS to be had: not connected: Connection refused", "127.0.0.1:1")
    for protocol, advice in (("smtp", "--starttls smtp"), ("ftp", "--starttls ftp"), ("imap", "--starttls imap"), ("ssh", "in plain ssh"), ("http", "in plain http")):
        says(tlswhy, 1, advice, "-4", f"localhost:{lab.talker(protocol)}")
    for words in (("--rate", "x"), ("--rate", "0"), ("--proxy", "ftp://x"), ("--proxy-protocol", "v3"), ("--starttls", "gopher"), ("--timeout", "x")):
        says(tlswhy, 2, words[0], *words, "a.example")


CHECKS = {f"upgrade of {p}": (lambda t, lab, p=p: check_upgrade(t, lab, p)) for p in UPGRADES}
CHECKS |= {
    "an upgrade that is refused": check_refused_upgrade,
    "too many at once, said before TLS": check_too_many_at_once,
    "turned away before TLS": check_turned_away,
    "proxies": check_proxies,
    "PROXY headers": check_proxy_header,
    "names and addresses given": check_names,
    "addresses that differ": check_addresses,
    "at most sixteen at once": check_at_once,
    "at most so many a second": check_rate,
    "tickets of a slow server": check_late_tickets,
    "a version that is met with silence": check_silent_version,
    "silence in the middle of an answer": check_stalls,
    "time that runs out": check_timeout,
    "a server that says nothing": check_mute,
    "a resolver that says nothing": check_mute_resolver,
    "a server that says nothing to clients": check_mute_to_clients,
    "80 columns, and the names of other libraries": check_columns,
    "what has changed": check_compare,
    "whether a client gets in": check_client,
    "what goes wrong is said in a line": check_wrong,
}
if __name__ == "__main__":
    sys.exit(main(CHECKS, __doc__))
