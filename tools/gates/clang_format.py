"""What a program can lay out is not worth a reviewer's word."""
import collections
import re
import shutil
import subprocess

from . import Skip

TITLE = "format: C is laid out as .clang-format says"
CURE = "make format"


def find(tree):
    if not shutil.which("clang-format"):
        raise Skip("no clang-format")
    # All at once: to start it takes longer than to lay out a file.
    names = list(tree.named(r"^(src|tests|include|bench)/.*\.[ch]$"))
    done = subprocess.run(["clang-format", "--dry-run", "-Werror", *names], cwd=tree.root, capture_output=True, text=True)
    places = collections.Counter(re.findall(r"^([^:\n]+):\d+:\d+: error:", done.stderr, re.M))
    for name, count in places.items():
        yield f"{name}: {count} places"
    if done.returncode and not places:
        yield f"clang-format ended with {done.returncode}: {done.stderr.strip()[:200]}"
