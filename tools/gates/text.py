"""Paths of one machine work on that machine alone; stray blanks make every later change larger."""
import re

TITLE = "text: no paths of one machine, no stray blanks or tabs"
CURE = "use a path relative to the checkout or of the environment; take the blanks away (.editorconfig does it in most editors)"

MACHINE_PATH = re.compile(r"(?<![\w./~-])/(work|root|Users)/")
BINARY = re.compile(r"\.(bin|png|gz|pcap|der)$|^tests/fuzz/regression/|^tests/data/")


def find(tree):
    for name in tree.files:
        if BINARY.search(name):
            continue
        text = tree.read(name)
        for number, line in enumerate(text.splitlines(), 1):
            if MACHINE_PATH.search(line) and name != "tools/gates/text.py":
                yield f"{name}:{number}: a path of one machine: {line.strip()[:100]}"
            if line != line.rstrip() and not name.endswith(".md"):
                yield f"{name}:{number}: blanks at the end of the line"
            if "\t" in line and re.search(r"\.([chp]y?|build|in|sh)$", name):
                yield f"{name}:{number}: a tab"
        if text and not text.endswith("\n"):
            yield f"{name}: no newline at its end"
