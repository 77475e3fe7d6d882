"""What the gates share: the files of the checkout, and how a finding is told."""
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def files(*patterns):
    """The project's own files that match, tracked or new, as paths relative to the root."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    done = subprocess.run(command, capture_output=True, text=True)
    names = done.stdout.splitlines() if done.returncode == 0 else [str(p.relative_to(ROOT)) for x in patterns for p in ROOT.rglob(x.replace(":(glob)", ""))]
    return [Path(n) for n in sorted(set(names)) if (ROOT / n).is_file()]


def lines(path):
    return enumerate((ROOT / path).read_text(errors="replace").splitlines(), 1)


def finish(findings, cure):
    """Prints the findings and the cure; ends the gate."""
    for finding in findings:
        print("  " + finding)
    if findings:
        print("  cure: " + cure)
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    sys.exit(0)
