#!/usr/bin/env python3
"""Runs the examples of the documents: tools/test_docs.py TLSWHY

Looks at the ```console blocks of README.md, CONTRIBUTING.md, ARCHITECTURE.md and doc/*.md. A block's first line is a command ("$ ...")
that begins with tlswhy or make demo; what follows is what it prints, compared loosely: each line that is shown has to come, in that
order; numbers, folders of the program and runs of blanks do not count; a line "..." stands for any lines. Other blocks are not run.

Then holds each manual page against --help, option by option, and the pages of the causes against explain.
"""
import os
import re
import shutil
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


def printed_by(tlswhy, *words):
    """What tlswhy prints, or None where it fails."""
    done = subprocess.run([tlswhy, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, timeout=TIMEOUT_S)
    return done.stdout if done.returncode == 0 else None


def options_of_help(tlswhy, *words):
    """Those of the lists; --version and --help are told in the lines of usage."""
    text = printed_by(tlswhy, *words, "--help") or ""
    listed = [line.split("  ")[1] for line in text.splitlines() if re.match(r"  -", line)]
    usage = set() if words else set(re.findall(r"--(?:version|help)", text))
    return set(re.findall(r"(?<![\w-])--?[a-z0-9][a-z0-9-]*", " ".join(listed))) | usage


def options_of_manual(manual):
    """What stands after Fl in mdoc; -h is short for --help and is in no list of the help."""
    told = [flag.replace("\\-", "-") for flag in re.findall(r"\bFl (\S+)", manual.read_text())]
    return {"-" + flag for flag in told if flag != "-"} - {"-h"}


def wrong_in_manual(tlswhy, manual):
    """tlswhy.1 is about the whole; tlswhy-NAME.1 about one command, whose options it has, all of them and no others."""
    words = manual.stem.split("-")[1:]
    if manual.suffix == ".1":
        helped, told = options_of_help(tlswhy, *words), options_of_manual(manual) - ({"--help"} if words else set())
        yield from (f"{option} is in --help and not in the manual" for option in sorted(helped - told))
        yield from (f"{option} is in the manual and not in --help" for option in sorted(told - helped))
    if shutil.which("mandoc"):
        lint = subprocess.run(["mandoc", "-Tlint", "-Wwarning", manual], stdout=subprocess.PIPE, text=True, timeout=TIMEOUT_S)
        yield from lint.stdout.splitlines()


def wrong_in_causes(tlswhy, folder):
    ids = (folder / "ORDER").read_text().split()
    listed = [line.split()[0] for line in (printed_by(tlswhy, "explain") or "").splitlines() if line.strip()]
    if listed != ids:
        yield f"explain does not list what ORDER has, in that order: {sorted(set(ids) ^ set(listed))}"
    for name in ids:
        page = (folder / f"{name}.md").read_text()
        if (printed_by(tlswhy, "explain", name) or "").strip() != page.strip():
            yield f"explain {name} does not print doc/causes/{name}.md"


def main(tlswhy):
    passed = failed = skipped = 0
    manuals = sorted((ROOT / "doc").glob("tlswhy*.[17]"))
    for what, wrong in (*((f"doc/{manual.name}", wrong_in_manual(tlswhy, manual)) for manual in manuals),
                        ("doc/causes", wrong_in_causes(tlswhy, ROOT / "doc" / "causes"))):
        found = list(wrong)
        passed, failed = passed + (not found), failed + bool(found)
        print(f"{'FAILED' if found else 'passed'}  {what}" + "".join(f"\n        {line}" for line in found))
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
