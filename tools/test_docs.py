#!/usr/bin/env python3
"""Runs the examples of the documents: tools/test_docs.py TLSWHY

Looks at the ```console blocks of README.md, CONTRIBUTING.md, ARCHITECTURE.md and doc/*.md. A block's first line is a command ("$ ...")
that begins with tlswhy or make demo; what follows is what it prints, compared loosely: each line that is shown has to come, in that
order; numbers, folders of the program and runs of blanks do not count; a line "..." stands for any lines. Other blocks are not run.
"""
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT_S = 300


def blocks(path):
    text = path.read_text()
    for match in re.finditer(r"^```console\n\$ ([^\n]*)\n(.*?)^```$", text, flags=re.M | re.S):
        yield text[:match.start()].count("\n") + 2, match.group(1), match.group(2).splitlines()


def normal(line):
    line = re.sub(r"\S*/tlswhy\b|\btlswhy\b", "tlswhy", line)
    return re.sub(r"\s+", " ", re.sub(r"\d+(\.\d+)?", "N", line)).strip()


def run(command, tlswhy):
    env = {**os.environ, "PATH": f"{tlswhy.parent}:{os.environ['PATH']}"}
    if command == "make demo":
        command = f"demo/run {tlswhy}"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT_S)
    return [normal(line) for line in done.stdout.splitlines()]


def first_missing(shown, printed):
    """The first line that is shown and was not printed after the one before; None where all came."""
    at = 0
    for line in shown:
        wanted = normal(line)
        if wanted in ("", "..."):
            continue
        if wanted not in printed[at:]:
            return line
        at += printed[at:].index(wanted) + 1
    return None


def main(tlswhy):
    passed = failed = skipped = 0
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "doc").glob("*.md"))]:
        for line, command, shown in blocks(path) if path.exists() else []:
            if not command.startswith(("tlswhy ", "make demo")):
                continue
            printed = run(command, tlswhy)
            if command == "make demo" and any("out of reach" in p for p in printed):
                skipped += 1
                print(f"skipped  {path.name}:{line}: the old Node.js of {command} cannot be fetched here")
                continue
            missing = first_missing(shown, printed)
            passed, failed = passed + (missing is None), failed + (missing is not None)
            print(f"{'passed' if missing is None else 'FAILED'}  {path.name}:{line}: {command}")
            if missing is not None:
                print(f"        does not print: {missing.strip()}\n        but:\n" + "\n".join(f"          {p}" for p in printed))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]).resolve()))
