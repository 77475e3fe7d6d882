#!/usr/bin/env python3
"""The command line as a user meets it: test_cli.py --tlswhy BINARY [NAME...]

Each test is a method named after its situation; `NAME` runs one alone. No server is needed but those that a test starts itself.
"""
import argparse
import json
import os
import pty
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

sys.dont_write_bytecode = True

from counted import run_counted  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent
TLSWHY = None


def run(*arguments, **more):
    more.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run([TLSWHY, *arguments], capture_output=True, text=True, timeout=60, **more)


class LoopbackServer:
    """Answers each connection in a thread of its own, by answer(connection)."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


class AlertServer(LoopbackServer):
    """Answers every hello with a fatal alert."""

    def __init__(self, description):
        self.description = description
        super().__init__()

    def answer(self, connection):
        with connection:
            try:
                if connection.recv(65536):
                    connection.sendall(bytes([21, 3, 1, 0, 2, 2, self.description]))
            except OSError:
                pass


def connect_code(port):
    return ("import socket, ssl; c = ssl.create_default_context(); "
            f"c.wrap_socket(socket.create_connection(('127.0.0.1', {port})), server_hostname='localhost')")


class Usage(unittest.TestCase):
    def test_without_arguments_says_what_to_do(self):
        done = run()
        self.assertEqual(done.returncode, 2)
        self.assertIn("tlswhy run -- COMMAND", done.stderr)

    def test_an_unknown_command_is_named_with_those_that_exist(self):
        done = run("frobnicate", "example.com")
        self.assertEqual(done.returncode, 2)
        self.assertIn("frobnicate", done.stderr)
        for name in ("run", "check", "explain"):
            self.assertIn(name, done.stderr)

    def test_an_unknown_option_is_named(self):
        done = run("run", "--frobnicate", "true")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--frobnicate", done.stderr)

    def test_an_option_without_its_value_is_named(self):
        self.assertIn("--output", run("run", "--output").stderr)

    def test_a_timeout_that_is_no_number_is_refused(self):
        for value in ("soon", "-1", "0", "nan", "1e99"):
            self.assertEqual(run("run", "--timeout", value, "true").returncode, 2, value)

    def test_what_is_quoted_of_an_argument_is_safe_for_a_terminal(self):
        nasty = "a\x1b[31mb\x07c\nd"
        for arguments in ([nasty], ["run", f"--{nasty}", "true"], ["run", "--color", nasty, "true"], ["run", "--timeout", nasty, "true"],
                          ["run", "-o", f"/nonexistent/{nasty}", "true"], ["run", "--keylog", f"/nonexistent/{nasty}", "true"],
                          ["run", "--", nasty], ["explain", nasty], ["check", nasty], ["check", "--client", nasty, "localhost:1"],
                          ["client", nasty], ["server", nasty], ["server", "--starttls", nasty, "localhost"]):
            done = run(*arguments)
            self.assertNotEqual(done.returncode, 0, arguments)
            self.assertFalse({"\x1b", "\x07"} & set(done.stderr + done.stdout), (arguments, done))
            self.assertEqual(done.stderr.count("\n"), 1, (arguments, done.stderr))

    def test_help_goes_to_stdout(self):
        for arguments in (["--help"], ["run", "--help"], ["explain", "-h"]):
            done = run(*arguments)
            self.assertEqual(done.returncode, 0)
            self.assertIn("tlswhy", done.stdout)

    def test_the_version_is_told(self):
        self.assertRegex(run("--version").stdout, r"^tlswhy [0-9]+\.[0-9]+\.[0-9]+\n$")


class Explain(unittest.TestCase):
    def test_every_cause_of_the_list_has_its_page(self):
        done = run("explain")
        ids = [line.split()[0] for line in done.stdout.splitlines()]
        self.assertGreater(len(ids), 50)
        for cause in ids:
            self.assertTrue(run("explain", cause).stdout.startswith(f"# {cause}: "), cause)

    def test_an_unknown_cause_is_answered_with_near_ones(self):
        done = run("explain", "sni")
        self.assertEqual(done.returncode, 2)
        self.assertIn("sni-missing", done.stderr)


    def test_a_message_is_answered_with_the_causes_that_people_meet_it_with(self):
        for words in (["SSLV3_ALERT_HANDSHAKE_FAILURE"], ["sslv3", "alert", "handshake", "failure"],
                      ["ssl.SSLError: [SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] sslv3 alert handshake failure (_ssl.c:1006)"]):
            done = run("explain", *words)
            ids = [line.split()[0] for line in done.stdout.split("\n\n")[0].splitlines()]
            self.assertEqual(done.returncode, 0)
            self.assertTrue({"no-shared-cipher", "client-version-too-old"} <= set(ids), ids)
            self.assertNotIn("cert-expired", ids)
            self.assertIn("tlswhy run -- COMMAND", done.stdout)


class TheCommandIsItself(unittest.TestCase):
    def test_its_exit_status_is_kept(self):
        for status in (0, 1, 42, 255):
            self.assertEqual(run("run", "--", "sh", "-c", f"exit {status}").returncode, status)

    def test_its_death_by_a_signal_is_kept(self):
        for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV):
            self.assertEqual(run("run", "--", "sh", "-c", f"kill -{int(number)} $$").returncode, -number)

    def test_its_output_is_untouched_and_nothing_is_added_where_all_is_well(self):
        done = run("run", "--", "sh", "-c", "echo out; echo err >&2")
        self.assertEqual((done.stdout, done.stderr), ("out\n", "err\n"))

    def test_its_input_is_its_own(self):
        done = run("run", "--", "cat", stdin=None, input="through\n")
        self.assertEqual(done.stdout, "through\n")

    def test_its_arguments_begin_with_the_first_word_that_is_no_option(self):
        self.assertEqual(run("run", "echo", "--json", "-v").stdout, "--json -v\n")

    def test_one_that_does_not_exist_is_127(self):
        done = run("run", "--", "no-such-command-here")
        self.assertEqual(done.returncode, 127)
        self.assertIn("no-such-command-here", done.stderr)

    def test_one_that_cannot_be_executed_is_126(self):
        with tempfile.NamedTemporaryFile() as file:
            self.assertEqual(run("run", "--", file.name).returncode, 126)

    def test_a_set_id_program_of_an_ordinary_user_is_told_at_once(self):
        setpriv = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
        if os.geteuid() != 0 or not shutil.which("su"):
            self.skipTest("wants root, to become somebody else, and su")
        for program in ("su", "/bin/su", "sh"):
            done = subprocess.run([*setpriv, TLSWHY, "run", "--", program, "--version" if program != "sh" else "-c", "su --version; su --version"],
                                  capture_output=True, text=True, timeout=60)
            told = [line for line in done.stderr.splitlines() if line.startswith("tlswhy: su is a set-id program: ")]
            self.assertEqual(len(told), 1, (program, done.stderr))
            self.assertIn("put sudo in front of tlswhy", told[0])
        self.assertNotIn("tlswhy:", run("run", "--", "su", "--version").stderr)

    def test_one_that_is_killed_after_a_failure_still_gives_a_report(self):
        with AlertServer(40) as server:
            done = run("run", "--", "sh", "-c", f'python3 -c "$1"; kill -9 $$', "sh", connect_code(server.port))
        self.assertEqual(done.returncode, -signal.SIGKILL)
        self.assertIn("1 of 1 TLS connection failed", done.stderr)


class ClientCertificateServer:
    """Finishes no handshake without a client's certificate. TLS 1.3."""

    def __init__(self, folder):
        key, certificate = f"{folder}/key.pem", f"{folder}/certificate.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
                        "-subj", "/CN=localhost"], check=True, capture_output=True)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_3
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.context.load_cert_chain(certificate, key)
        self.context.load_verify_locations(certificate)
        self.context.keylog_filename = self.own_log = f"{folder}/server.log"
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.settimeout(5)
                    self.context.wrap_socket(connection, server_side=True).close()
                except OSError:
                    pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


class TheKeyLog(unittest.TestCase):
    def test_it_has_the_keys_of_the_probes_and_not_those_of_the_command(self):
        with tempfile.TemporaryDirectory() as folder, ClientCertificateServer(folder) as server:
            code = ("import socket, ssl; c = ssl.create_default_context(); c.check_hostname = False; c.verify_mode = ssl.CERT_NONE; "
                    f"c.keylog_filename = '{folder}/command.log'; "
                    f"c.wrap_socket(socket.create_connection(('127.0.0.1', {server.port})), server_hostname='localhost').recv(1)")
            run("run", "--keylog", f"{folder}/probes.log", "--", sys.executable, "-c", code)
            probes, command, served = (Path(f"{folder}/{name}.log").read_text().splitlines() for name in ("probes", "command", "server"))
            self.assertTrue(any(line.startswith("SERVER_HANDSHAKE_TRAFFIC_SECRET ") for line in probes))
            self.assertFalse({line.split()[1] for line in probes} & {line.split()[1] for line in command if line[0] != "#"})
            self.assertTrue(set(probes) & set(served))

    def test_a_file_that_cannot_be_written_is_said_before_the_command_runs(self):
        done = run("run", "--keylog", "/nonexistent/keys", "echo", "ran")
        self.assertEqual((done.returncode, done.stdout), (125, ""))
        self.assertIn("/nonexistent/keys", done.stderr)


class TheClients(unittest.TestCase):
    """tlswhy client: what a program really uses."""

    def told(self, *arguments, env=None):
        done = run("client", "--json", *arguments, env=env)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        document = json.loads(done.stdout)
        try:
            import jsonschema
        except ImportError:
            return document
        jsonschema.validate(document, json.loads((ROOT / "doc/schema/clients.schema.json").read_text()))
        return document

    def test_python_is_told_with_the_library_and_the_module_that_it_uses(self):
        told = self.told("/usr/bin/python3")["clients"][0]
        own = subprocess.run(["/usr/bin/python3", "-c", "import _ssl, ssl; print(ssl.OPENSSL_VERSION.split()[1]); print(_ssl.__file__)"],
                             capture_output=True, text=True, check=True).stdout.split()
        self.assertEqual([told["library"]["version"], told["library"]["through"]], own)
        self.assertIn("TLS 1.3", told["versions"]["library"])
        self.assertRegex(told["ja3"], "^[0-9a-f]{32}$")

    def test_the_list_has_the_python_of_the_path(self):
        with tempfile.TemporaryDirectory() as folder:
            os.symlink("/usr/bin/python3", f"{folder}/python3")
            found = self.told(env={"PATH": folder, "HOME": folder})["clients"]
            self.assertIn((f"{folder}/python3", "OpenSSL"), [(c["path"], c["library"]["name"]) for c in found])
            text = run("client", env={"PATH": folder, "HOME": folder})
        self.assertIn(f"{folder}/python3", text.stdout)
        self.assertEqual(text.stderr, "")

    def test_a_running_process_is_told_by_what_it_has_mapped(self):
        with subprocess.Popen(["/usr/bin/python3", "-c", "import ssl, sys; print(1, flush=True); sys.stdin.read()"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            told = self.told(str(process.pid))["clients"][0]
            process.stdin.close()
        self.assertEqual((told["pid"], told["library"]["name"]), (process.pid, "OpenSSL"))

    def test_a_running_interpreter_that_has_loaded_no_library_yet_is_told_by_what_it_would_load(self):
        with subprocess.Popen(["/usr/bin/python3", "-c", "import sys; print(1, flush=True); sys.stdin.read()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            told = self.told(str(process.pid))["clients"][0]
            process.stdin.close()
        self.assertEqual((told["pid"], told["library"]["name"]), (process.pid, "OpenSSL"))
        self.assertIn("has loaded no TLS library so far", " ".join(told["notes"]))

    def test_what_is_no_tls_client_is_said_to_be_none(self):
        done = run("client", "/bin/ls")
        self.assertEqual(done.returncode, 1)
        self.assertIn("none: no TLS library", done.stdout)

    def test_what_cannot_be_looked_at_is_one_line_and_2(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, content in {"script": b"#!/nonexistent/python\n", "cut": Path("/bin/ls").read_bytes()[:200],
                                  "header": Path("/bin/ls").read_bytes()[:100], "half": Path("/bin/ls").read_bytes()[:-60000], "text": b"\033[31mhello",
                                  "empty": b"", "lie": b"\x7fELF\x02\x01\x01" + b"\xff" * 4000}.items():
                path = Path(folder) / name
                path.write_bytes(content)
                path.chmod(0o755)
            words = [f"{folder}/{name}" for name in ("script", "cut", "header", "half", "text", "empty", "lie", "nowhere", "odd\033[2Jname")]
            for word in (*words, folder, "/dev/null", "no-such-program", "", "1073741824"):
                done = run("client", word)
                self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (2, "", 1), (word, done))
                self.assertTrue(done.stderr.startswith("tlswhy: "), done.stderr)
                self.assertNotIn("\033", done.stderr)

    def test_two_programs_are_a_mistake(self):
        self.assertEqual(run("client", "python3", "curl").returncode, 2)


class TheReport(unittest.TestCase):
    def failing(self, *options, env=None, description=40):
        with AlertServer(description) as server:
            return run("run", *options, "--", "python3", "-c", connect_code(server.port), env=env)

    def test_a_failure_is_told_after_the_commands_own_words(self):
        done = self.failing()
        self.assertIn("HANDSHAKE_FAILURE", done.stderr.upper().split("TLSWHY:")[0])
        self.assertIn("server-drops-all", done.stderr)

    def test_json_is_one_document_that_keeps_to_the_schema(self):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "report.json"
            self.failing("--json", "--output", str(out))
            document = json.loads(out.read_text())
        self.assertEqual(document["connections"][0]["verdict"]["cause"], "server-drops-all")
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not here")
        jsonschema.validate(document, json.loads((ROOT / "doc/schema/report.schema.json").read_text()))

    def test_the_file_for_it_gets_all_of_it_and_stderr_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "report.txt"
            done = self.failing("-o", str(out))
            self.assertIn("server-drops-all", out.read_text())
            self.assertNotIn("tlswhy:", done.stderr)

    def test_a_full_disk_is_an_error_and_125_and_the_report_is_shown(self):
        done = self.failing("--output", "/dev/full")
        self.assertEqual(done.returncode, 125)
        self.assertIn("/dev/full", done.stderr)
        self.assertIn("server-drops-all", done.stderr)

    def test_a_file_that_cannot_be_opened_is_an_error_and_125_before_the_command_runs(self):
        done = run("run", "-o", "/nonexistent/report", "--", "echo", "done")
        self.assertEqual((done.returncode, done.stdout), (125, ""))
        self.assertIn("/nonexistent/report", done.stderr)

    def test_a_file_that_goes_while_the_command_runs_loses_nothing(self):
        with tempfile.TemporaryDirectory() as folder, AlertServer(40) as server:
            os.mkdir(f"{folder}/in")
            done = run("run", "-o", f"{folder}/in/report", "--", "sh", "-c", f'rm -r {folder}/in; exec python3 -c "$1"', "sh", connect_code(server.port))
        self.assertEqual(done.returncode, 125)
        self.assertIn("in/report", done.stderr)
        self.assertIn("server-drops-all", done.stderr)

    def test_what_the_file_held_stays_until_the_report_is_there(self):
        with tempfile.NamedTemporaryFile("w+") as file:
            file.write("from last time\n")
            file.flush()
            self.assertEqual(run("run", "-o", file.name, "--", "cat", file.name).stdout, "from last time\n")

    def test_a_pipe_that_is_read_later_gets_the_report(self):
        with tempfile.TemporaryDirectory() as folder, AlertServer(40) as server:
            os.mkfifo(f"{folder}/pipe")
            watched = subprocess.Popen([TLSWHY, "run", "-o", f"{folder}/pipe", "--", "python3", "-c", connect_code(server.port)],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.assertIn("server-drops-all", Path(f"{folder}/pipe").read_text())
            self.assertEqual(watched.wait(20), 1)

    def test_a_pipe_gets_no_color(self):
        self.assertNotIn("\033", self.failing().stderr)

    def test_color_is_given_when_asked_for(self):
        self.assertIn("\033[1m", self.failing("--color", "always").stderr)

    def on_a_terminal(self, env):
        with AlertServer(40) as server:
            leader, follower = pty.openpty()
            process = subprocess.Popen([TLSWHY, "run", "--", "python3", "-c", connect_code(server.port)], stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=follower, env={**os.environ, "TERM": "xterm", **env})
            os.close(follower)
            text = b""
            while True:
                try:
                    part = os.read(leader, 65536)
                except OSError:
                    break
                if not part:
                    break
                text += part
            process.wait(30)
            os.close(leader)
        return text

    def test_a_terminal_gets_color_unless_no_color_is_set(self):
        self.assertIn(b"\033[1m", self.on_a_terminal({"NO_COLOR": ""}))
        self.assertNotIn(b"\033[1m", self.on_a_terminal({"NO_COLOR": "1"}))
        self.assertNotIn(b"\033[1m", self.on_a_terminal({"TERM": "dumb"}))

    def test_no_line_is_longer_than_80_columns(self):
        report = self.failing().stderr.split("tlswhy:", 1)[1]
        self.assertLessEqual(max(len(line) for line in report.splitlines()), 80)

    def test_a_password_in_an_argument_is_not_told(self):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "report.json"
            run("run", "--json", "-o", str(out), "--", "sh", "-c", "exit 1", "--password", "hunter2", "https://user:hunter2@localhost:1/")
            self.assertNotIn("hunter2", out.read_text())

    def test_the_files_that_the_command_opened_are_listed_where_they_are_wanted(self):
        own = str(Path(__file__).resolve())
        for options, expected in (["--trace-files"], True), ([], False):
            code = f"open({own!r}); import socket; socket.create_connection(('127.0.0.1', 1))"
            document = json.loads(run("run", *options, "--json", "-o", "/dev/stdout", "--", sys.executable, "-c", code).stdout)
            self.assertEqual(own in document["connections"][0]["client"]["opened_files"], expected)

    def test_a_process_with_files_of_its_own_is_said_to_have_them(self):
        if subprocess.run(["unshare", "-m", "true"], stderr=subprocess.DEVNULL).returncode:
            self.skipTest("no mount namespace for this user")
        with AlertServer(48) as server:
            inside = run("run", "--", "unshare", "-m", "python3", "-c", connect_code(server.port))
            outside = run("run", "--", "python3", "-c", connect_code(server.port))
        self.assertIn("mount namespace of its own", " ".join(inside.stderr.split()))
        self.assertNotIn("mount namespace", outside.stderr)

    def test_a_name_without_address_is_dns_failed(self):
        done = run("run", "--", "python3", "-c", "import urllib.request; urllib.request.urlopen('https://no-such-host.invalid/')")
        self.assertIn("dns-failed", done.stderr)

    def test_memory_is_bounded_however_many_connections_fail(self):
        code = ("import os, socket, ssl\ncontext = ssl.create_default_context()\nfor i in range(1200):\n"
                " try:\n  context.wrap_socket(socket.create_connection(('127.0.0.1', %d)), server_hostname='localhost')\n"
                " except OSError:\n  pass\n"
                "print([line.split()[1] for line in open(f'/proc/{os.getppid()}/status') if line.startswith('VmRSS')][0]); raise SystemExit(1)")
        with AlertServer(40) as server:
            done = run("run", "--json", "-o", "/dev/stdout", "--", "/usr/bin/python3", "-c", code % server.port)
        resident, document = done.stdout.split("\n", 1)
        told = json.loads(document)
        self.assertLess(int(resident), 24 * 1024)  # KiB; each connection takes some 18 KiB while it lasts
        self.assertEqual(sum(1 + c["more"] for c in told["connections"]), 1200)
        self.assertLess(len(told["connections"]), 400)

    def test_a_proxy_is_named_by_its_variable_and_without_its_password(self):
        env = {**os.environ, "HTTPS_PROXY": "http://me:hunter2@127.0.0.1:1/"}
        code = "import urllib.request; urllib.request.urlopen('https://api.example/')"
        for option in ("--verbose", "--json"):
            done = run("run", option, "-o", "/dev/stdout", "--", "/usr/bin/python3", "-c", code, env=env)
            self.assertIn("HTTPS_PROXY", done.stdout)
            self.assertNotIn("hunter2", done.stdout)
        self.assertEqual(json.loads(done.stdout)["connections"][0]["via"], {"proxy": "127.0.0.1:1", "proxy_from": "HTTPS_PROXY", "preamble": None})

    def test_a_proxy_is_named_by_its_option(self):
        done = run("run", "--json", "-o", "/dev/stdout", "--", "curl", "-s", "-x", "http://me:hunter2@127.0.0.1:1", "https://api.example/")
        verdict = json.loads(done.stdout)["connections"][0]["verdict"]
        self.assertIn("the proxy that -x names", verdict["headline"])
        self.assertNotIn("hunter2", done.stdout)

    def test_a_proxy_without_address_is_told_and_not_what_lies_behind_it(self):
        done = run("run", "--json", "-o", "/dev/stdout", "--", "curl", "-s", "-x", "http://no-proxy.invalid:9", "https://no-such-host.invalid/")
        told = json.loads(done.stdout)["connections"]
        self.assertEqual([c["target"]["host"] for c in told], ["no-proxy.invalid"])

    def test_a_name_that_is_looked_up_elsewhere_is_not_judged_here(self):
        with tempfile.TemporaryDirectory() as folder:
            docker = Path(folder) / "docker"
            docker.write_text("#!/bin/sh\nexit 3\n")
            docker.chmod(0o755)
            done = run("run", "--", str(docker), "run", "image", "curl", "https://no-such-host.invalid/")
        self.assertNotIn("dns-failed", done.stderr)
        self.assertIn("run tlswhy inside it", " ".join(done.stderr.split()))

    def test_a_closed_standard_descriptor_stays_closed_and_harms_nothing(self):
        for closed in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
            with self.subTest(closed), tempfile.NamedTemporaryFile() as report:
                numbers = {"<&-": "0", ">&-": "1", "2>&-": "2"}
                look = "; ".join(f"[ ! -e /proc/self/fd/{numbers[c]} ] || exit 9" for c in closed.split())
                done = subprocess.run(["bash", "-c", f'exec "$0" run -o "$1" -- sh -c "$2" {closed}', TLSWHY, report.name, look + "; exit 3"],
                                      capture_output=True, timeout=60)
                self.assertEqual(done.returncode, 3, done.stderr)

    def test_an_interrupt_after_the_commands_end_ends_the_experiments(self):
        with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
            fetch = f"curl -s -m 1 https://127.0.0.1:{silent.getsockname()[1]}/; echo ended; exit 28"
            with subprocess.Popen([TLSWHY, "run", "--", "sh", "-c", fetch], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True) as process:
                self.assertEqual(process.stdout.readline(), "ended\n")
                time.sleep(0.5)
                process.send_signal(signal.SIGINT)
                _, told = process.communicate(timeout=5)
        self.assertEqual(process.returncode, 28)
        self.assertIn("interrupted", told)

    def test_a_port_where_nothing_listens_is_tcp_refused(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        self.assertIn("tcp-refused", run("run", "--", "python3", "-c", connect_code(port)).stderr)


class CheckedServer(LoopbackServer):
    """TLS for localhost with a certificate of its own, which SSL_CERT_FILE makes known to Python."""

    def __init__(self, folder, version):
        self.environment = {**os.environ, "SSL_CERT_FILE": f"{folder}/cert.pem"}
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{folder}/key.pem", "-out",
                        f"{folder}/cert.pem", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
                       check=True, capture_output=True)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(f"{folder}/cert.pem", f"{folder}/key.pem")
        self.context.minimum_version = self.context.maximum_version = version
        super().__init__()

    def answer(self, connection):
        try:
            with self.context.wrap_socket(connection, server_side=True) as tls:
                tls.settimeout(5)
                tls.recv(65536)
                tls.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
        except OSError:
            pass


class Server(unittest.TestCase):
    @staticmethod
    def suites_of(document, version):
        return next(v["suites"] for v in document["addresses"][0]["versions"] if v["version"] == version)

    def test_what_a_server_takes_is_told_and_what_not_with_how_it_was_refused(self):
        with tempfile.TemporaryDirectory() as folder, CheckedServer(folder, ssl.TLSVersion.TLSv1_2) as server:
            done = run("server", "--json", f"localhost:{server.port}")
        document = json.loads(done.stdout)
        self.assertEqual(done.returncode, 0)
        self.assertTrue(self.suites_of(document, "TLS 1.2")["accepted"])
        self.assertIn("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", self.suites_of(document, "TLS 1.2")["names"])
        self.assertIs(self.suites_of(document, "TLS 1.3")["accepted"], False)
        self.assertIn("protocol_version", self.suites_of(document, "TLS 1.3")["others_refused_by"])

    def test_the_report_is_as_its_schema_says(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("no python3-jsonschema here")
        with tempfile.TemporaryDirectory() as folder, CheckedServer(folder, ssl.TLSVersion.TLSv1_3) as server:
            done = run("server", "--json", f"localhost:{server.port}")
        jsonschema.validate(json.loads(done.stdout), json.loads((ROOT / "doc/schema/server.schema.json").read_text()))

    def test_whether_clients_would_get_in_is_told_as_its_schema_says(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("no python3-jsonschema here")
        clients = ("--client", "python-3.6", "--client", "openssl-0.9.8", "--client", "go-1.26")
        with tempfile.TemporaryDirectory() as folder, CheckedServer(folder, ssl.TLSVersion.TLSv1_2) as server:
            met = run("server", "--json", *clients, f"localhost:{server.port}")
        nothing = run("server", "--json", *clients, "127.0.0.1:1")
        schema = json.loads((ROOT / "doc/schema/admission.schema.json").read_text())
        report = json.loads((ROOT / "doc/schema/report.schema.json").read_text())
        for done in (met, nothing):
            document = json.loads(done.stdout)
            jsonschema.validate(document, schema)
            for client in document["clients"]:
                jsonschema.validate(client["verdict"], {**report["$defs"]["verdict"], "$defs": report["$defs"]} if client["verdict"] else {"type": "null"})
            del document["clients"][0]["admitted"]
            with self.assertRaises(jsonschema.ValidationError):  # the schema can refuse
                jsonschema.validate(document, schema)
        told = {client["client"]: (client["admitted"], (client["verdict"] or {}).get("cause")) for client in json.loads(met.stdout)["clients"]}
        self.assertEqual(told, {"python-3.6.15": (True, None), "openssl-0.9.8zg": (False, "client-version-too-old"), "go-1.26.5": (True, None)})

    def test_what_is_as_it_was_has_not_changed_and_what_is_not_has(self):
        with tempfile.TemporaryDirectory() as folder, CheckedServer(folder, ssl.TLSVersion.TLSv1_2) as server:
            saved = f"{folder}/before.json"
            self.assertEqual(run("server", "--suites", "--json", "-o", saved, f"localhost:{server.port}").returncode, 0)
            same = run("server", "--suites", "--compare", saved, f"localhost:{server.port}")
            server.context.minimum_version = server.context.maximum_version = ssl.TLSVersion.TLSv1_3
            other = run("server", "--suites", "--compare", saved, f"localhost:{server.port}")
        self.assertEqual(same.returncode, 0, same.stdout)
        self.assertEqual(other.returncode, 1)
        self.assertIn("TLS 1.3", other.stdout)

    def test_where_nothing_listens_all_is_unknown_and_never_no(self):
        done = run("server", "--json", "127.0.0.1:1")
        self.assertEqual(done.returncode, 1)
        self.assertIsNone(self.suites_of(json.loads(done.stdout), "TLS 1.2")["accepted"])

    def test_a_client_gets_in_or_is_told_why_not_by_its_hello(self):
        with tempfile.TemporaryDirectory() as folder, CheckedServer(folder, ssl.TLSVersion.TLSv1_2) as server:
            done = run("server", "--client", "curl", "--client", "openssl-0.9.8zg", f"localhost:{server.port}")
        self.assertIn("gets in: curl", done.stdout)
        self.assertIn("client-version-too-old", done.stdout)
        self.assertEqual(done.returncode, 1)

    def test_what_is_no_server_or_no_file_is_refused(self):
        for words in (("server",), ("server", "a.example:0"), ("server", "--starttls", "gopher", "a.example"), ("server", "--fix", "a.example")):
            with self.subTest(words):
                self.assertEqual(run(*words).returncode, 2)


def main(module):
    global TLSWHY
    parser = argparse.ArgumentParser()
    parser.add_argument("--tlswhy", default=os.environ.get("TLSWHY", str(ROOT / "build/tlswhy")))
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    TLSWHY = os.path.abspath(arguments.tlswhy)
    return run_counted(module, arguments.names)


if __name__ == "__main__":
    sys.exit(main(sys.modules[__name__]))
