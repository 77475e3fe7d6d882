#!/usr/bin/env python3
"""tools/make_cause_pages.py takes the pages as they are, and refuses a list or a page that does not fit."""
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


class MakeCausePages(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.pages = Path(self.scratch.name) / "causes"
        self.out = Path(self.scratch.name) / "out.c"
        shutil.copytree(ROOT / "doc/causes", self.pages)

    def make(self):
        return subprocess.run([sys.executable, ROOT / "tools/make_cause_pages.py", self.pages / "ORDER", self.out], capture_output=True,
                              text=True)

    def assert_refused(self, *expected):
        done = self.make()
        self.assertNotEqual(done.returncode, 0)
        for part in expected:
            self.assertIn(part, done.stderr)

    def test_the_pages_as_they_are_in_their_order(self):
        done = self.make()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        made = self.out.read_text()
        places = [made.index(f'{{"{cause}",') for cause in (self.pages / "ORDER").read_text().split()]
        self.assertEqual(places, sorted(places))

    def test_a_listed_cause_without_a_page(self):
        (self.pages / "ems-required.md").unlink()
        self.assert_refused("ems-required")

    def test_a_page_that_begins_otherwise(self):
        (self.pages / "ems-required.md").write_text("# Something else\n")
        self.assert_refused("ems-required.md", "first line")

    def test_a_title_too_long_for_the_list(self):
        (self.pages / "ems-required.md").write_text("# ems-required: " + "long " * 10 + "\n")
        self.assert_refused("ems-required.md:1", "48 characters")

    def test_a_line_too_wide_for_a_terminal(self):
        (self.pages / "ems-required.md").write_text("# ems-required: short\n\n" + "x" * 81 + "\n")
        self.assert_refused("ems-required.md:3", "80 columns")


if __name__ == "__main__":
    unittest.main()
