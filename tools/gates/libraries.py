"""A cause that one library's clients alone have met may be told by that library's ways, and not by the cause's."""
import subprocess
import sys

TITLE = "libraries: each cause has cases in the lab with clients of two TLS libraries"
CURE = "add a case with a client of another library, or say in FEWER of tests/lab/paper.py why there can be none"


def find(tree):
    done = subprocess.run([sys.executable, str(tree.root / "tests/lab/paper.py")], capture_output=True, text=True)
    yield from (line.removeprefix("FAILED").strip() for line in done.stdout.splitlines() if line.startswith("FAILED"))
    if done.returncode not in (0, 1) or not done.stdout:
        yield "tests/lab/paper.py: " + (done.stderr.strip().splitlines() or ["nothing said"])[-1]
