"""Words that promise nothing, in what a user reads."""
import re

TITLE = "words: plain English in what a user reads"
CURE = "say what it does, in figures where there are any"

EMPTY = re.compile(r"\b(blazing(ly)?|seamless(ly)?|robust(ly)?|powerful|cutting[- ]edge|state[- ]of[- ]the[- ]art|leverag(e|es|ing)|utiliz(e|es|ing)|"
                   r"simply|effortless(ly)?|TODO|FIXME|XXX)\b", re.I)


def find(tree):
    for name in tree.named(r"^(README|CONTRIBUTING|ARCHITECTURE)\.md$|^doc/.*\.md$|^src/(report|causes|cli)/.*\.c$"):
        for number, line in tree.lines(name):
            match = EMPTY.search(line)
            if match:
                yield f"{name}:{number}: {match.group()}"
