"""Gates: each file here looks for one kind of mistake that was made before, and says the cure.

A gate is a module with TITLE (one line), CURE (what to do about a finding) and find(tree), which yields a line per finding. It may
raise Skip where a program that it needs is not there. tools/lint.py runs them all. To add one: a file here, nothing else.
"""
import re
import subprocess
from pathlib import Path


class Skip(Exception):
    """What this gate needs is not on this machine."""


class Tree:
    """The files under version control (and new ones that are not ignored), relative to the root of the checkout."""

    def __init__(self, root):
        self.root = Path(root)
        listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=root, capture_output=True,
                                text=True, check=True)
        self.files = sorted({name for name in listed.stdout.splitlines() if (self.root / name).is_file()})

    def named(self, pattern):
        return [name for name in self.files if re.search(pattern, name)]

    def sources(self):
        return self.named(r"^(src|include)/.*\.[ch]$")

    def read(self, name):
        return (self.root / name).read_text(errors="replace")

    def lines(self, name):
        return enumerate(self.read(name).splitlines(), 1)

    def code_lines(self, name):
        """Numbered lines of C, with comments and what is inside of string literals left out."""
        text = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', self.read(name))
        text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group().count("\n"), text, flags=re.S)
        return enumerate((re.sub(r"//.*", "", line) for line in text.splitlines()), 1)


def room_of(name):
    """src/wire/reader.c -> wire."""
    parts = name.split("/")
    return parts[1] if len(parts) > 2 and parts[0] == "src" else None


def counted(found, allowed):
    """Takes the findings that an allow-list {(file, what): (count, reason)} permits out of [(file, what, line text)]; one that
    permits more than there is, is itself a finding, so that the list can only shrink."""
    seen = {}
    for name, what, text in found:
        seen.setdefault((name, what), []).append(text)
    for key, texts in seen.items():
        count = allowed.get(key, (0, ""))[0]
        if len(texts) > count:
            yield from texts[count:] if count == 0 else [f"{t} ({len(texts)} in the file, {count} allowed)" for t in texts]
    for (name, what), (count, _) in allowed.items():
        if len(seen.get((name, what), [])) < count:
            yield f"{name}: the allow-list permits {count} of {what}, there are {len(seen.get((name, what), []))}: make it smaller"
