"""What a program can lay out is not worth a reviewer's word."""
import shutil
import subprocess

from . import Skip

TITLE = "format: C is laid out as .clang-format says"
CURE = "make format"


def find(tree):
    if not shutil.which("clang-format"):
        raise Skip("no clang-format")
    for name in tree.named(r"^(src|tests|include|bench)/.*\.[ch]$"):
        done = subprocess.run(["clang-format", "--dry-run", "-Werror", name], cwd=tree.root, capture_output=True, text=True)
        if done.returncode:
            yield f"{name}: {done.stderr.count('error:')} places"
