#!/usr/bin/env python3
"""`check` as a user meets it: test_check.py --tlswhy BINARY [NAME...]"""
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.dont_write_bytecode = True

import test_cli  # noqa: E402

sys.path.insert(0, str(test_cli.ROOT / "tests" / "lab"))

from box import both_ways  # noqa: E402
from lab import Lab  # noqa: E402
from test_cli import ROOT, AlertServer, CheckedServer, run  # noqa: E402

PYTHON = "/usr/bin/python3"


class SilentServer(CheckedServer):
    """Ends the handshake, and says nothing to what is asked then."""

    def answer(self, connection):
        try:
            with self.context.wrap_socket(connection, server_side=True) as tls:
                while tls.recv(65536):
                    pass
        except OSError:
            pass


class WantingServer(CheckedServer):
    """Wants a certificate of the client's."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.context.load_verify_locations(self.environment["SSL_CERT_FILE"])
        self.context.verify_mode = ssl.CERT_REQUIRED


class AskingServer(WantingServer):
    """Asks for a certificate, and is content without; says close_notify to a client that does."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.context.verify_mode = ssl.CERT_OPTIONAL

    def answer(self, connection):
        try:
            with self.context.wrap_socket(connection, server_side=True) as secured:
                secured.recv(4096)
                secured.unwrap()
        except OSError:
            pass


class AnsweringServer(CheckedServer):
    """HTTP, of one answer."""

    def answer(self, connection):
        try:
            with self.context.wrap_socket(connection, server_side=True) as secured:
                secured.recv(4096)
                secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                secured.unwrap()
        except OSError:
            pass


class MuteServer(test_cli.LoopbackServer):
    """Takes connections, and never says a byte."""

    def answer(self, connection):
        with connection:
            try:
                while connection.recv(65536):
                    pass
            except OSError:
                pass


class MailServer(CheckedServer):
    """SMTP that upgrades, or says that it does not."""

    upgrades = True

    def answer(self, connection):
        try:
            connection.sendall(b"220 mail.example ESMTP\r\n")
            for line in connection.makefile("rb"):
                if line.startswith(b"STARTTLS") and self.upgrades:
                    break
                connection.sendall(b"250-mail.example\r\n250 STARTTLS\r\n" if line.startswith(b"EHLO") else b"454 not today\r\n")
            else:
                return
            connection.sendall(b"220 go ahead\r\n")
            super().answer(connection)
        except OSError:
            pass


class Proxy(test_cli.LoopbackServer):
    """Leads every CONNECT to one port of loopback, whatever it asks for; or refuses."""

    def __init__(self, leads_to):
        self.leads_to = leads_to
        self.wants = b""  # in what asks it
        self.asked = []
        super().__init__()

    def answer(self, connection):
        with connection:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += connection.recv(1)
            self.asked.append(head.split()[1].decode())
            if self.wants not in head:
                connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
                return
            if self.leads_to is None:
                connection.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")
                return
            with socket.create_connection(("127.0.0.1", self.leads_to)) as onward:
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                both_ways(connection, onward)


def results(done):
    return {client["program"]: (client["result"], client["cause"]) for client in json.loads(done.stdout)["clients"]}


def keeps_to_the_schema(test, done):
    try:
        import jsonschema
    except ImportError:
        return
    try:
        jsonschema.validate(json.loads(done.stdout), json.loads((ROOT / "doc/schema/check.schema.json").read_text()))
    except jsonschema.ValidationError as e:
        test.fail(f"{e.json_path}: {e.message}")


class TheWay(unittest.TestCase):
    """Clients that know nothing of STARTTLS, of this proxy or of this address are led."""

    def test_an_upgrade_is_made_for_each_client(self):
        with tempfile.TemporaryDirectory() as folder, MailServer(folder, ssl.TLSVersion.TLSv1_3) as server:
            done = run("check", "--json", "--starttls", "smtp", "--client", PYTHON, "--client", "perl", f"localhost:{server.port}",
                       env=server.environment)
            server.upgrades = False
            refused = run("check", "--json", "--starttls", "smtp", "--client", PYTHON, f"localhost:{server.port}", env=server.environment)
        self.assertEqual(results(done), {PYTHON: ("works", None), "perl": ("works", None)})
        attempts = {a["name"]: a["result"] for a in json.loads(done.stdout)["clients"][0]["attempts"]}
        self.assertEqual(attempts["TLS 1.3 only"], "works")
        self.assertEqual(results(refused), {PYTHON: ("fails", "starttls-refused")})

    def test_a_proxy_leads_each_client_on_or_is_said_to_refuse(self):
        with tempfile.TemporaryDirectory() as folder, CheckedServer(folder, ssl.TLSVersion.TLSv1_3) as server:
            with Proxy(server.port) as proxy:
                done = run("check", "--json", "--proxy", f"http://user:secret@127.0.0.1:{proxy.port}", "--client", PYTHON, "--client",
                           "curl", "localhost:8443", env={**server.environment, "CURL_CA_BUNDLE": server.environment["SSL_CERT_FILE"]})
            with AlertServer(40) as dropping, Proxy(dropping.port) as strict:
                strict.wants = b"Proxy-Authorization: Basic dXNlcjpzZWNyZXQ="
                dropped = run("check", "--json", "--proxy", f"http://user:secret@127.0.0.1:{strict.port}", "--client", PYTHON, "localhost:8443")
            with Proxy(None) as refusing:
                refused = run("check", "--json", "--proxy", f"http://127.0.0.1:{refusing.port}", "--client", PYTHON, "localhost:8443")
        self.assertEqual(results(done), {PYTHON: ("works", None), "curl": ("works", None)})
        self.assertEqual(set(proxy.asked), {"localhost:8443"})
        self.assertNotIn("secret", done.stdout)
        self.assertNotIn("dXNlcjpzZWNyZXQ=", done.stdout)
        self.assertEqual(results(refused), {PYTHON: ("fails", "proxy-refused")})
        self.assertEqual(results(dropped), {PYTHON: ("fails", "server-drops-all")})  # the probes give the password, too

    def test_a_proxy_that_wants_a_password_does_not_make_the_server_one_that_drops_all(self):
        with AlertServer(70) as server, Proxy(server.port) as proxy:
            proxy.wants = b"Proxy-Authorization: Basic dXNlcjpzZWNyZXQ="
            done = run("run", "--json", "--", "curl", "-sS", "-x", f"http://user:secret@127.0.0.1:{proxy.port}", "https://localhost:8443/")
        verdict = json.loads(done.stderr[done.stderr.index("{"):])["connections"][0]["verdict"]
        self.assertEqual(verdict["cause"], "unknown")
        self.assertIn("status 407", verdict["headline"])
        self.assertIn("tlswhy check --proxy", verdict["headline"])  # what can be done about it

    def test_a_name_without_address_is_reached_at_the_one_that_is_given(self):
        names = (PYTHON, "curl", "git", "gnutls-cli", "php", "openssl", "perl", "wget")
        clients = [word for name in names if shutil.which(name) for word in ("--client", name)]
        with tempfile.TemporaryDirectory() as folder, CheckedServer(folder, ssl.TLSVersion.TLSv1_2) as server:
            done = run("check", "--json", "--resolve", f"nowhere.invalid:{server.port}:127.0.0.1", *clients, f"nowhere.invalid:{server.port}")
        told = results(done)
        self.assertEqual(told.pop("wget", ("not tried", None)), ("not tried", None))
        self.assertEqual({result for result, _ in told.values()}, {"fails"}, told)
        self.assertNotIn("dns-failed", {cause for _, cause in told.values()})

    def test_a_proxy_of_the_environment_is_not_the_way_there(self):
        names = [name for name in (PYTHON, "curl", "git", "wget", "ruby", "node") if shutil.which(name)]
        with AlertServer(40) as server:
            done = run("check", "--json", *[word for name in names for word in ("--client", name)], f"localhost:{server.port}",
                       env={**os.environ, **dict.fromkeys(("https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY"), "http://127.0.0.1:1")})
        self.assertEqual(results(done), dict.fromkeys(names, ("fails", "server-drops-all")))

    def test_another_name_is_asked_for_at_the_hosts_address(self):
        with tempfile.TemporaryDirectory() as folder, CheckedServer(folder, ssl.TLSVersion.TLSv1_3) as server:
            done = run("check", "--json", "--sni", "localhost", "--client", PYTHON, f"127.0.0.1:{server.port}", env=server.environment)
        self.assertEqual(results(done), {PYTHON: ("works", None)})


class Check(unittest.TestCase):
    def test_a_client_that_works_is_told_with_version_and_suite(self):
        with tempfile.TemporaryDirectory() as folder, CheckedServer(folder, ssl.TLSVersion.TLSv1_3) as server:
            done = run("check", "--client", PYTHON, f"localhost:{server.port}", env=server.environment)
        self.assertIn("1 of 1 TLS clients reach", done.stdout)
        self.assertIn("TLS 1.3, TLS_", done.stdout)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_a_client_that_looks_at_the_certificate_after_the_handshake_fails_every_time(self):
        names = [name for name in ("lftp", "w3m", "wget") if shutil.which(name)]
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with tempfile.TemporaryDirectory() as folder, CheckedServer(folder, version) as server:
                words = [word for name in names * 3 for word in ("--client", name)]
                document = json.loads(run("check", "--json", *words, f"localhost:{server.port}").stdout)
            for client in document["clients"]:
                self.assertEqual(client["result"], "fails", client)
                self.assertRegex(client["cause"], "^(cert|trust)-", client)

    def test_a_client_that_verifies_nothing_works_also_where_it_has_nothing_to_ask(self):
        if not shutil.which("ncat"):
            self.skipTest("no ncat here")
        with tempfile.TemporaryDirectory() as folder, CheckedServer(folder, ssl.TLSVersion.TLSv1_3) as server:
            done = run("check", "--client", "ncat", f"localhost:{server.port}")
        self.assertIn("1 of 1 TLS clients reach", done.stdout)

    def test_a_client_that_leaves_at_once_did_not_get_in_where_a_certificate_is_wanted(self):
        with tempfile.TemporaryDirectory() as folder, WantingServer(folder, ssl.TLSVersion.TLSv1_3) as server:
            words = [word for word in ("--client", "openssl") * 6]
            done = run("check", "--json", *words, f"localhost:{server.port}", env=server.environment)
        self.assertEqual({c["cause"] for c in json.loads(done.stdout)["clients"]}, {"client-cert-missing"})

    def test_a_client_that_leaves_at_once_got_in_where_a_certificate_is_only_asked_for(self):
        with tempfile.TemporaryDirectory() as folder, AskingServer(folder, ssl.TLSVersion.TLSv1_2) as server:
            words = [word for word in ("--client", "openssl") * 6]
            done = run("check", "--json", *words, f"localhost:{server.port}", env=server.environment)
        self.assertEqual({c["result"] for c in json.loads(done.stdout)["clients"]}, {"works"})

    def test_a_client_that_speaks_of_a_certificate_and_goes_on_works(self):
        with tempfile.TemporaryDirectory() as folder, AnsweringServer(folder, ssl.TLSVersion.TLSv1_2) as server:
            Path(folder, ".curlrc").write_text("insecure\nverbose\n")
            done = run("check", "--json", "--client", "curl", f"localhost:{server.port}", env={**os.environ, "HOME": folder})
        self.assertEqual([c["result"] for c in json.loads(done.stdout)["clients"]], ["works"])

    def test_a_client_that_ends_well_where_nothing_listens_fails_all_the_same(self):
        if not shutil.which("w3m"):
            self.skipTest("no w3m here")
        done = run("check", "--json", "--client", "w3m", "localhost:1")
        self.assertEqual([c["cause"] for c in json.loads(done.stdout)["clients"]], ["tcp-refused"])

    def test_what_is_tried_in_code_is_told_way_by_way(self):
        with tempfile.TemporaryDirectory() as folder, CheckedServer(folder, ssl.TLSVersion.TLSv1_2) as server:
            done = run(f"localhost:{server.port}", "--json", "--client", PYTHON, env=server.environment)
        client = json.loads(done.stdout)["clients"][0]
        self.assertEqual(client["result"], "works")
        self.assertEqual(client["version"], "TLS 1.2")
        results = {a["name"]: a["result"] for a in client["attempts"]}
        self.assertEqual(results["default context"], "works", client["attempts"])
        self.assertEqual(results["PROTOCOL_TLSv1_2"], "works", client["attempts"])
        self.assertEqual(results["TLS 1.3 only"], "fails", client["attempts"])
        self.assertIn("PROTOCOL_TLSv1", client["constants"])
        self.assertEqual(done.returncode, 0)

    def test_a_client_that_fails_is_told_with_its_cause(self):
        with AlertServer(40) as server:
            done = run("check", "--json", "--client", PYTHON, f"localhost:{server.port}")
        document = json.loads(done.stdout)
        self.assertEqual(document["schema"], "tlswhy.check/1")
        self.assertEqual([c["cause"] for c in document["clients"]], ["server-drops-all"])
        self.assertEqual(document["clients"][0]["connections"][-1]["verdict"]["cause"], "server-drops-all")
        self.assertEqual(done.returncode, 1)

    def test_the_report_is_as_its_schema_says(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("no python3-jsonschema here")
        done = run("check", "--json", "--client", PYTHON, "--client", "openssl", "--client", "true", "localhost:1")
        keeps_to_the_schema(self, done)
        broken = json.loads(done.stdout)
        broken["clients"][0]["result"] = "would perhaps"
        with self.assertRaises(jsonschema.ValidationError):  # the schema can refuse
            jsonschema.validate(broken, json.loads((ROOT / "doc/schema/check.schema.json").read_text()))

    def test_a_program_that_is_no_client_is_not_tried(self):
        done = run("check", "--client", "true", "localhost:1")
        self.assertIn("not tried", done.stdout)
        self.assertEqual(done.returncode, 1)

    def test_what_is_told_fits_a_terminal_and_each_cause_is_told_once_with_what_to_do(self):
        with tempfile.TemporaryDirectory() as folder, CheckedServer(folder, ssl.TLSVersion.TLSv1_3) as server:
            words = [word for name in (PYTHON, "perl", "curl", "openssl") for word in ("--client", name)]
            done = run("check", *words, f"localhost:{server.port}", env={**os.environ, "CURL_CA_BUNDLE": server.environment["SSL_CERT_FILE"]})
        self.assertEqual(done.stdout.count("trust-store-differs: "), 1, done.stdout)
        self.assertIn("To do (", done.stdout)
        self.assertIn(f"$ curl https://localhost:{server.port}/", done.stdout)
        to_be_copied = [line for line in done.stdout.splitlines() if line.lstrip().startswith("$ ")]
        self.assertFalse([line for line in done.stdout.splitlines() if len(line) > 80 and line not in to_be_copied])

    def test_a_program_that_cannot_be_made_to_connect_is_judged_by_its_librarys_hello(self):
        go = shutil.which("go")
        if not go:
            self.skipTest("no go here")
        with tempfile.TemporaryDirectory() as folder:
            os.symlink(os.path.realpath(go), f"{folder}/a-go-program")
            os.symlink(shutil.which("openssl"), f"{folder}/openssl")
            done = run("check", "--json", "localhost:1", env={"PATH": folder, "HOME": folder})
            with CheckedServer(folder, ssl.TLSVersion.TLSv1_2) as server:
                met = run("check", "--json", "--client", f"{folder}/a-go-program", f"localhost:{server.port}", env={"PATH": folder, "HOME": folder})
        told = {os.path.basename(program): result for program, result in results(done).items()}
        self.assertEqual(told["a-go-program"], ("would fail", "tcp-refused"))
        client = json.loads(met.stdout)["clients"][0]
        self.assertEqual((client["result"], client["version"]), ("would work", "TLS 1.2"))
        self.assertIn("not by the program itself", client["reason"])
        keeps_to_the_schema(self, done)
        keeps_to_the_schema(self, met)
        self.assertEqual(told["openssl"], ("fails", "tcp-refused"))

    def test_a_program_that_is_known_by_name_is_really_tried(self):
        for name, words in (("socat", "OpenSSL"), ("go", "Go"), ("kubectl", "Go")):
            if not shutil.which(name):
                continue
            with self.subTest(name), tempfile.TemporaryDirectory() as folder, CheckedServer(folder, ssl.TLSVersion.TLSv1_3) as server:
                done = run("check", "--json", "--client", name, f"localhost:{server.port}", env=server.environment)
                self.assertEqual(results(done), {name: ("works", None)})
                self.assertIn(words, json.loads(done.stdout)["clients"][0]["library"]["name"])

    def test_one_with_two_libraries_is_told_with_both_and_judged_by_the_one_that_it_uses(self):
        if not shutil.which("rustup"):
            self.skipTest("no rustup here")
        unknown = {name: value for name, value in os.environ.items() if not name.startswith("SSL_CERT")}
        with tempfile.TemporaryDirectory() as folder, CheckedServer(folder, ssl.TLSVersion.TLSv1_3) as server:
            told = run("check", "--client", "rustup", f"localhost:{server.port}", env=unknown)
            done = run("check", "--json", "--client", "rustup", f"localhost:{server.port}", env=unknown)
        self.assertIn(" or rustls 0.", told.stdout)
        self.assertEqual({result for result, _ in results(done).values()}, {"fails"})
        library = json.loads(done.stdout)["clients"][0]["connections"][-1]["client"]["library"]
        self.assertEqual(library["name"], "rustls")  # by its hello

    def test_a_server_that_stays_silent_costs_each_client_one_silence(self):
        with MuteServer() as server:
            clients = [word for name in (PYTHON, "curl", "openssl", "perl") if shutil.which(name) for word in ("--client", name)]
            began = time.monotonic()
            done = run("check", "--json", *clients, f"localhost:{server.port}")
            took = time.monotonic() - began
        self.assertEqual({cause for _, cause in results(done).values()}, {"handshake-timeout"}, done.stdout)
        self.assertLess(took, 9)

    def test_many_clients_learn_from_the_first_that_a_server_stays_silent(self):
        names = [name for name in (PYTHON, "curl", "openssl", "perl", "ruby", "php", "git", "gnutls-cli", "socat", "lftp") if shutil.which(name)]
        if len(names) < 5:
            self.skipTest("too few clients here")
        with MuteServer() as server:
            began = time.monotonic()
            done = run("check", "--json", *[word for name in names for word in ("--client", name)], f"localhost:{server.port}")
            took = time.monotonic() - began
        self.assertEqual(results(done), dict.fromkeys(names, ("fails", "handshake-timeout")))
        keeps_to_the_schema(self, done)
        self.assertIn("waited 3 s each", json.loads(done.stdout)["clients"][0]["headline"])
        self.assertLess(took, 10)

    def test_a_client_that_the_server_answers_is_not_taken_for_one_of_many_that_it_leaves_silent(self):
        class Picky(CheckedServer):
            """Answers whom it likes: the first that come wait in vain."""

            count = 0

            def answer(self, connection):
                self.count += 1
                if self.count > 4:
                    super().answer(connection)
                else:
                    time.sleep(4)
                    connection.close()

        # Not ncat: with nothing to send it may end with 1 after a handshake that went well, which is another matter.
        names = [name for name in (PYTHON, "openssl", "perl", "ruby", "php", "socat") if shutil.which(name)]
        if len(names) < 6:
            self.skipTest("too few clients here")
        for _ in range(3):  # on a busy machine the time for it may run out; whoever is never tried again fails each time
            with tempfile.TemporaryDirectory() as folder, Picky(folder, ssl.TLSVersion.TLSv1_3) as server:
                done = run("check", "--json", *[word for name in names for word in ("--client", name)], f"localhost:{server.port}", env=server.environment)
            if set(results(done).values()) == {("works", None)}:
                break
        self.assertEqual(set(results(done).values()), {("works", None)}, done.stdout)  # tried again, alone

    def test_a_name_without_address_is_told_of_every_client(self):
        names = [name for name in (PYTHON, "curl", "openssl", "perl", "ruby", "php", "git", "gnutls-cli", "wget", "wget2", "java", "terraform", "node",
                                   "socat", "w3m") if shutil.which(name)]
        began = time.monotonic()
        done = run("check", "--json", *[word for name in names for word in ("--client", name)], "nowhere.invalid")
        self.assertEqual(results(done), dict.fromkeys(names, ("fails", "dns-failed")))
        keeps_to_the_schema(self, done)
        self.assertLess(time.monotonic() - began, 15)

    def test_a_rate_is_kept(self):
        with tempfile.TemporaryDirectory() as folder, CheckedServer(folder, ssl.TLSVersion.TLSv1_3) as server:
            began = time.monotonic()
            done = run("check", "--json", "--rate", "1", "--client", "openssl", "--client", "perl", f"localhost:{server.port}", env=server.environment)
            took = time.monotonic() - began
        self.assertEqual(set(results(done).values()), {("works", None)}, done.stdout)
        self.assertGreater(took, 1)

    def test_a_client_that_is_not_there_is_named(self):
        done = run("check", "--client", "/nonexistent/python", "localhost:1")
        self.assertIn("/nonexistent/python", done.stderr)
        self.assertEqual(done.returncode, 1)

    def test_what_is_no_server_is_refused(self):
        for words in (("check",), ("check", "a.example", "b.example"), ("check", "a.example:0"), ("check", "a.example:65536"),
                      ("check", "a.example:x"), ("check", "';import os'"), ("check", "--keylog", "x", "a.example"),
                      ("check", "--sni", "", "a.example"), ("check", "--starttls", "x", "a.example"),
                      ("check", "--resolve", "x", "a.example")):
            with self.subTest(words):
                self.assertEqual(run(*words).returncode, 2)

    def test_a_server_that_says_nothing_after_the_handshake_holds_nobody_up(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.subTest(version), tempfile.TemporaryDirectory() as folder, SilentServer(folder, version) as server:
                server.context.num_tickets = 0
                begin = time.monotonic()
                done = run("check", "--client", PYTHON, "--client", "perl", f"localhost:{server.port}", env=server.environment)
                self.assertLess(time.monotonic() - begin, 6, done.stdout)
                self.assertEqual(done.returncode, 0, done.stdout)

    def test_an_address_that_does_not_answer_is_given_up_in_seconds(self):
        lab = Lab()
        try:
            begin = time.monotonic()
            done = run("check", "--json", "--client", PYTHON, "--client", "perl", "--client", "curl", f"127.0.0.1:{lab.black_hole()}")
        finally:
            lab.close()
        self.assertEqual({cause for _, cause in results(done).values()}, {"tcp-timeout"})
        self.assertLess(time.monotonic() - begin, 9)

    def test_one_that_is_ended_leaves_no_client_behind(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
            with self.subTest(number), tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as silent:
                port = silent.getsockname()[1]
                names = [word for name in (PYTHON, "java") if shutil.which(name) for word in ("--client", name)]
                ours = subprocess.Popen([test_cli.TLSWHY, "check", *names, f"localhost:{port}"], stdout=subprocess.DEVNULL,
                                        env={**os.environ, "TMPDIR": folder})
                held = [silent.accept()[0] for _ in names[::2]]
                time.sleep(1.5)  # the experiments on that silence have begun
                self.assertTrue(self.processes_that_name(port))
                ours.send_signal(number)
                ours.wait(5)
                end = time.monotonic() + 5
                while (self.processes_that_name(port) or os.listdir(folder)) and time.monotonic() < end:
                    time.sleep(0.05)
                self.assertEqual((self.processes_that_name(port), os.listdir(folder)), ([], []))
                for connection in held:
                    connection.close()

    @staticmethod
    def processes_that_name(port):
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes()
            except OSError:
                continue
            if str(port).encode() in words and int(pid) != os.getpid():
                found.append(words)
        return found


if __name__ == "__main__":
    sys.exit(test_cli.main(sys.modules[__name__]))
