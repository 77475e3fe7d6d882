"""A function longer than a screen is not read, only skimmed."""
import shutil
import subprocess

from . import Skip

TITLE = "functions have at most 70 lines"
CURE = "take out what can be named: a helper for each branch, the branching left in the parent"

LINES_MAX = 70
# "file:function": reason. The list may only shrink.
ALLOWED = {}


def find(tree):
    if not shutil.which("ctags"):
        raise Skip("no universal-ctags")
    names = tree.named(r"^(src|tests|bench)/.*\.[ch]$")
    tags = subprocess.run(["ctags", "--languages=C", "--c-kinds=f", "--fields=+ne", "-f", "-", "-L", "-"], input="\n".join(names),
                          cwd=tree.root, capture_output=True, text=True, check=True)
    long_ones = set()
    for line in tags.stdout.splitlines():
        function, name, *rest = line.split("\t")
        fields = dict(field.split(":", 1) for field in rest if ":" in field)
        if "end" not in fields:
            continue
        length = int(fields["end"]) - int(fields["line"]) + 1
        if length > LINES_MAX:
            long_ones.add(f"{name}:{function}")
            if f"{name}:{function}" not in ALLOWED:
                yield f"{name}:{fields['line']}: {function} has {length} lines"
    for key in sorted(set(ALLOWED) - long_ones):
        yield f"{key} is short enough now: take it off the allow-list"
