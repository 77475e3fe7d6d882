#!/usr/bin/env python3
"""`run --fix` as a user meets it: what is given again, what is shown, what is left behind. test_fix.py --tlswhy BINARY [NAME...]

The server is the lab's: a box that breaks on TLS 1.3, in front of openssl s_server.
"""
import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "lab"))

from counted import run_counted  # noqa: E402
from lab import Lab  # noqa: E402
from machine import Missing  # noqa: E402

TLSWHY = None
# Reads all of its input, connects, and says what it read; the number of its run goes to a file.
PROGRAM = """import os, socket, ssl, sys, time
given = sys.stdin.read()
with open(os.environ['COUNT'], 'a') as f: f.write('x')
run = os.path.getsize(os.environ['COUNT'])
print('run', run, given, flush=True)
ctx = ssl.create_default_context(cafile=%r)
try:
    s = ctx.wrap_socket(socket.create_connection(('localhost', %d), 10), server_hostname='localhost')
    s.sendall(b'GET / HTTP/1.0\\r\\n\\r\\n')
    while s.recv(65536): pass
except ssl.SSLError as e:
    print('failed', e, file=sys.stderr)
    sys.exit(7)
time.sleep(float(os.environ.get('SLEEP', '0')))
sys.exit(int(os.environ.get('STATUS', '0')))
"""


class Fix(unittest.TestCase):
    def setUp(self):
        self.lab = Lab()
        self.addCleanup(self.lab.close)
        if not shutil.which("openssl"):
            raise unittest.SkipTest("no openssl here")
        try:
            self.port = self.lab.shaper("version>=0304", "alert:70", self.lab.s_server("-tls1_2"))
        except Missing as e:
            raise unittest.SkipTest(f"no {e} here")
        self.folder = tempfile.mkdtemp(prefix="fix-", dir=self.lab.dir)
        self.count = self.lab.dir / "count"
        self.environment = {**os.environ, "TMPDIR": self.folder, "COUNT": str(self.count)}

    def program(self):
        return ["/usr/bin/python3", "-c", PROGRAM % (self.lab.ca, self.port)]

    def run_fix(self, *command, options=(), **more):
        more.setdefault("input", "")
        return subprocess.run([TLSWHY, "run", "--fix", *options, "--", *command], env=more.pop("env", self.environment), capture_output=True,
                              text=True, timeout=90, **more)

    def runs(self):
        return self.count.stat().st_size if self.count.exists() else 0

    def assert_nothing_is_left(self):
        self.assertEqual(os.listdir(self.folder), [])

    def test_stdin_is_given_again_and_the_run_that_worked_is_shown(self):
        done = self.run_fix(*self.program(), input="a line\n")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stdout, "run 2 a line\n\n")
        self.assertEqual(self.runs(), 2)
        self.assertIn("Tried here: it works", " ".join(done.stderr.split()))
        self.assert_nothing_is_left()

    def test_a_file_as_stdin_is_read_again_from_where_it_was(self):
        path = self.lab.dir / "input"
        path.write_text("first\nsecond\n")
        with open(path) as f:
            os.lseek(f.fileno(), len("first\n"), os.SEEK_SET)
            done = self.run_fix(*self.program(), input=None, stdin=f)
        self.assertEqual(done.stdout, "run 2 second\n\n")

    def test_a_status_of_the_commands_own_is_kept(self):
        done = self.run_fix(*self.program(), env={**self.environment, "STATUS": "3"})
        self.assertEqual((done.returncode, self.runs()), (3, 2))
        self.assertIn("run 2", done.stdout)

    def test_a_users_configuration_is_included_and_not_touched(self):
        own = self.lab.dir / "own.cnf"
        text = "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\nMinProtocol = TLSv1.2\n"
        own.write_text(text)
        show = "import os, sys; print(open(os.environ['OPENSSL_CONF']).read()); " + self.program()[2].replace("given = sys.stdin.read()", "")
        done = self.run_fix("/usr/bin/python3", "-c", show.replace("print('run'", "given = ''; print('run'"), env={**self.environment, "OPENSSL_CONF": str(own)})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f".include {own}", done.stdout)
        self.assertEqual(own.read_text(), text)

    def test_folders_are_private(self):
        script = "ls -ld \"$TMPDIR\"/tlswhy-*; " + "exec /usr/bin/python3 -c '%s'" % self.program()[2].replace("'", '"')
        done = self.run_fix("sh", "-c", script)
        self.assertRegex(done.stdout, r"drwx------")
        self.assert_nothing_is_left()

    def start_and_wait_for_second_run(self, program):
        """tlswhy in a session of its own, in the midst of its second run, whose folder is there."""
        self.count.unlink(missing_ok=True)
        process = subprocess.Popen([TLSWHY, "run", "--fix", "--", *program], env={**self.environment, "SLEEP": "60"}, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
                                   preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # ignored behind a shell's &
        end = time.monotonic() + 30
        while self.runs() < 2 and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(1)
        self.assertNotEqual(os.listdir(self.folder), [])
        return process

    def test_a_signal_to_a_later_run_gives_its_status_and_leaves_nothing(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            with self.subTest(signal=number.name):
                process = self.start_and_wait_for_second_run(self.program())
                os.killpg(process.pid, number)  # as a terminal does
                output, _ = process.communicate(timeout=30)
                self.assertEqual(process.returncode, -number)
                self.assertIn("run 2", output)
                self.assertEqual(self.runs(), 2)
                self.assert_nothing_is_left()

    def test_a_program_that_takes_the_signal_is_not_run_again(self):
        takes_it = "import signal, sys\nsignal.signal(signal.SIGINT, lambda *_: sys.exit(4))\n" + self.program()[2]
        process = self.start_and_wait_for_second_run(["/usr/bin/python3", "-c", takes_it])
        os.killpg(process.pid, signal.SIGINT)
        output, _ = process.communicate(timeout=30)
        self.assertEqual((process.returncode, self.runs()), (4, 2))
        self.assertIn("run 2", output)
        self.assert_nothing_is_left()

    def test_nothing_is_left_when_tlswhy_is_killed(self):
        process = self.start_and_wait_for_second_run(self.program())
        os.kill(process.pid, signal.SIGKILL)
        process.wait(30)
        end = time.monotonic() + 10
        while os.listdir(self.folder) and time.monotonic() < end:
            time.sleep(0.05)
        self.assert_nothing_is_left()
        os.killpg(process.pid, signal.SIGKILL)  # the command, which sleeps
        process.communicate(timeout=30)

    def test_two_obstacles_one_behind_the_other_are_both_removed(self):
        """TLS 1.3 breaks the server; with TLS 1.2 its certificate is not trusted, which another store of the machine does."""
        untrusting = self.program()[2].replace(f"cafile={self.lab.ca!r}", "")
        done = self.run_fix("/usr/bin/python3", "-c", untrusting, env={**self.environment, "REQUESTS_CA_BUNDLE": self.lab.ca})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("run 3", done.stdout)
        told = " ".join(done.stderr.split())
        self.assertIn("failed for another cause", told)
        self.assertIn("Also in the way: trust-store-differs", told)
        self.assertIn("Tried here: it works", told)
        self.assert_nothing_is_left()

    def test_what_is_too_much_to_keep_streams_and_is_not_run_again(self):
        big = self.program()[2].replace("print('run', run, given, flush=True)", "sys.stdout.write('x' * (65 * 1024 * 1024))")
        done = self.run_fix("/usr/bin/python3", "-c", big)
        self.assertEqual((done.returncode, self.runs()), (7, 1))
        self.assertEqual(len(done.stdout), 65 * 1024 * 1024)
        self.assertIn("it was not run again", " ".join(done.stderr.split()))

    def test_the_report_says_what_was_changed(self):
        report = self.lab.dir / "report.json"
        self.run_fix(*self.program(), options=("--json", "--output", str(report)))
        document = json.loads(report.read_text())
        first = document["connections"][0]["verdict"]["remedies"][0]
        self.assertTrue(first["verified"])
        self.assertIn("OPENSSL_CONF", first["text"])
        self.assertIn("To keep it", first["text"])
        self.assertEqual(document["command"]["exit"], 0)

    def test_help_warns_that_the_command_may_run_again(self):
        done = subprocess.run([TLSWHY, "run", "--help"], capture_output=True, text=True, timeout=10)
        self.assertIn("RUN THE COMMAND AGAIN", done.stdout)


def main():
    global TLSWHY
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tlswhy", required=True)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    TLSWHY = os.path.abspath(arguments.tlswhy)
    return run_counted(sys.modules[__name__], arguments.names)


if __name__ == "__main__":
    sys.exit(main())
