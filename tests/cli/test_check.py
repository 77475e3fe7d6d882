#!/usr/bin/env python3
"""`check` as a user meets it: test_check.py --tlswhy BINARY [NAME...]"""
import json
import os
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


class Check(unittest.TestCase):
    def test_a_client_that_works_is_told_with_version_and_suite(self):
        with tempfile.TemporaryDirectory() as folder, CheckedServer(folder, ssl.TLSVersion.TLSv1_3) as server:
            done = run("check", "--client", PYTHON, f"localhost:{server.port}", env=server.environment)
        self.assertIn("1 of 1 TLS clients reach", done.stdout)
        self.assertIn("TLS 1.3, TLS_", done.stdout)
        self.assertEqual(done.returncode, 0, done.stdout)

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
        done = run("check", "--json", "--client", PYTHON, "--client", "openssl", "localhost:1")
        jsonschema.validate(json.loads(done.stdout), json.loads((ROOT / "doc/schema/check.schema.json").read_text()))

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

    def test_a_client_that_is_not_there_is_named(self):
        done = run("check", "--client", "/nonexistent/python", "localhost:1")
        self.assertIn("/nonexistent/python", done.stderr)
        self.assertEqual(done.returncode, 1)

    def test_what_is_no_server_is_refused(self):
        for words in (("check",), ("check", "a.example", "b.example"), ("check", "a.example:0"), ("check", "a.example:65536"),
                      ("check", "a.example:x"), ("check", "';import os'"), ("check", "--keylog", "x", "a.example"),
                      ("check", "--sni", "x", "a.example"), ("check", "--resolve", "x", "a.example")):
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

    def test_one_that_is_ended_leaves_no_client_behind(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            ours = subprocess.Popen([test_cli.TLSWHY, "check", "--client", PYTHON, f"localhost:{port}"], stdout=subprocess.DEVNULL)
            silent.accept()
            self.assertTrue(self.processes_that_name(port))
            ours.terminate()
            ours.wait(5)
            end = time.monotonic() + 5
            while self.processes_that_name(port) and time.monotonic() < end:
                time.sleep(0.05)
        self.assertEqual(self.processes_that_name(port), [])

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
