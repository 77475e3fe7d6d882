#!/usr/bin/env python3
"""tools/make_registry.py takes the tables as they are, and refuses a bad row with its file and line."""
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


class MakeRegistry(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.data = Path(self.scratch.name) / "data"
        shutil.copytree(ROOT / "data", self.data)
        self.addCleanup(self.scratch.cleanup)

    def make(self):
        out = Path(self.scratch.name) / "out.c"
        return subprocess.run([sys.executable, ROOT / "tools/make_registry.py", self.data, out], capture_output=True, text=True)

    def assert_refused(self, table, line, *expected):
        """A row at the table's end is refused, and the message says where and why."""
        path = self.data / f"{table}.in"
        path.write_text(path.read_text() + line + "\n")
        place = f"{table}.in:{len(path.read_text().splitlines())}: "
        done = self.make()
        self.assertNotEqual(done.returncode, 0)
        for part in (place, *expected):
            self.assertIn(part, done.stderr)

    def test_the_tables_as_they_are(self):
        done = self.make()
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_a_number_below_the_one_before_it(self):
        self.assert_refused("extensions", "0 server_name_again RFC 6066", "sorted")

    def test_a_number_that_comes_twice(self):
        self.assert_refused("extensions", "65486 some_name RFC 1", "each number once")

    def test_a_name_that_comes_twice(self):
        self.assert_refused("extensions", "65500 server_name RFC 6066", "server_name is there already")

    def test_a_row_without_a_source(self):
        self.assert_refused("extensions", "65500 some_name", "a source are needed")

    def test_a_source_that_is_none(self):
        self.assert_refused("extensions", "65500 some_name somebody said so", "no source")

    def test_a_number_that_is_none(self):
        self.assert_refused("cipher_suites", "0xFFFG TLS_RSA_WITH_NULL_SHA - - RFC 1", "0xFFFG is no number")

    def test_a_number_that_is_too_large(self):
        self.assert_refused("alerts", '256 some_name "a meaning" RFC 1', "above 255")

    def test_a_quote_without_its_end(self):
        self.assert_refused("alerts", '200 some_name "a meaning RFC 1', "quotation")

    def test_a_suite_whose_key_exchange_is_not_known(self):
        self.assert_refused("cipher_suites", "0xFFF0 TLS_MAGIC_WITH_AES_128_GCM_SHA256 - - RFC 1", "KEY_EXCHANGES")

    def test_a_suite_whose_name_is_none(self):
        self.assert_refused("cipher_suites", "0xFFF0 AES128-SHA - - RFC 1", "no name of a suite")

    def test_a_group_of_no_kind(self):
        self.assert_refused("groups", "0xFFF0 some_name - - elliptic 256 yes RFC 1", "elliptic is none of ec")

    def test_a_group_without_a_size(self):
        self.assert_refused("groups", "0xFFF0 some_name - - ec big yes RFC 1", "big")

    def test_a_group_that_may_be_in_tls13(self):
        self.assert_refused("groups", "0xFFF0 some_name - - ec 256 maybe RFC 1", "neither yes nor no")

    def test_an_empty_table(self):
        (self.data / "alerts.in").write_text("# nothing\n")
        done = self.make()
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("alerts.in: no rows", done.stderr)


if __name__ == "__main__":
    unittest.main()
