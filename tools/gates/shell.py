"""Shell scripts break on the one file name or exit status that nobody thought of."""
import re
import shutil
import subprocess

from . import Skip

TITLE = "shell: scripts are clean under shellcheck, and strict"
CURE = "quote it; begin with set -euo pipefail (set -eu in sh; set -u where a failure is to be counted)"


def find(tree):
    scripts = [name for name in tree.files if tree.read(name)[:32].startswith(("#!/bin/sh", "#!/bin/bash"))]
    for name in scripts:
        if not re.search(r"^set -e?u", tree.read(name), flags=re.M):
            yield f"{name}: is not strict"
    if not shutil.which("shellcheck"):
        raise Skip("no shellcheck")
    done = subprocess.run(["shellcheck", "-f", "gcc", *scripts], cwd=tree.root, capture_output=True, text=True)
    yield from done.stdout.splitlines()
