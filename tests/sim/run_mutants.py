#!/usr/bin/env python3
"""Puts deliberate defects into the engine, one at a time, and expects the simulated world to notice each.

    run_mutants.py [--pairs N] [--seed N] [--keep] [NAME...]

A defect is a file in mutants/: a sentence on what it breaks, then one or more replacements. Those whose name begins with "after-" are
put to the world after the hellos (after.c), the others to the world of hellos (sim.c).

    src/diagnose/singles.c
    <<<<
    the text as it is, exactly once in the file
    ====
    the text with the defect
    >>>>

All is done in a copy of the sources in a temporary folder. Without a defect the world must be content (exit 0), or nothing
is told by its discontent with one (exit 1). A text that is no longer found is a failure: the defect has to follow the engine.
The last line is "N passed, N failed".
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
NEEDED = ["meson.build", "meson_options.txt", "src", "doc", "tests", "tools", "data", "LICENSE", "README.md"]
TARGETS = ["tests/sim/sim", "tests/sim/after"]
REPLACEMENT = re.compile(r"^(\S+)\n<<<<\n(.*?)^====\n(.*?)^>>>>\n", re.MULTILINE | re.DOTALL)


class Trouble(Exception):
    pass


def run(arguments, what):
    done = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise Trouble(f"{what} failed:\n" + "\n".join(done.stdout.splitlines()[-15:]))


def copy_sources(to):
    for name in NEEDED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, to / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy2(source, to / name)


def build(folder):
    run(["ninja", "-C", str(folder / "build"), "-j2", *TARGETS], "the build")


def world(folder, options, target):
    """The world's exit status and its figures. The first wrong answer settles it: it goes no further."""
    arguments = [str(folder / "build" / target), "--seed", str(options.seed), "--pairs", str(options.pairs), "--until-wrong"]
    done = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)
    return done.returncode, [line for line in done.stdout.splitlines() if line.startswith(("steady", "flaky"))]


def read_defect(path):
    text = path.read_text()
    replacements = REPLACEMENT.findall(text)
    if not replacements:
        raise Trouble("it names no replacement")
    return text.splitlines()[0], replacements


def put_in(folder, replacements):
    """Puts the defect into the copy; gives back the texts as they were."""
    before = {}
    for name, old, new in replacements:
        path = folder / name
        text = path.read_text()
        before.setdefault(path, text)
        if text.count(old) != 1:
            raise Trouble(f"its text is {text.count(old)} times in {name}; the defect has to follow the engine:\n{old}")
        path.write_text(text.replace(old, new))
    return before


def try_defect(folder, path, options):
    sentence, replacements = read_defect(path)
    before = {name: (folder / name).read_text() for name, _, _ in replacements}
    try:
        put_in(folder, replacements)
        build(folder)
        status, figures = world(folder, options, TARGETS[path.stem.startswith("after-")])
    finally:
        for name, text in before.items():
            (folder / name).write_text(text)
    if status != 1:
        raise Trouble(f"not noticed (exit {status}): {sentence}\n" + "\n".join(figures))
    print(f"passed {path.stem}: {sentence}")
    for line in figures if options.verbose else []:
        print("       " + line)


def try_all(folder, options):
    copy_sources(folder)
    run(["meson", "setup", str(folder / "build"), str(folder), "--buildtype=debugoptimized", "-Dwerror=false"], "the configuration")
    build(folder)
    for target in TARGETS:
        status, figures = world(folder, options, target)
        if status != 0:
            raise Trouble(f"the world {target} is not content without a defect (exit {status})\n" + "\n".join(figures))
    paths = sorted(p for p in (HERE / "mutants").glob("*.txt") if not options.names or p.stem in options.names)
    num_failed = 0
    for path in paths:
        try:
            try_defect(folder, path, options)
        except Trouble as trouble:
            num_failed += 1
            print(f"failed {path.stem}: {trouble}")
        sys.stdout.flush()
    return len(paths) - num_failed, num_failed


def main():
    parser = argparse.ArgumentParser(description="Expects the simulated world to notice each defect put into the engine.")
    parser.add_argument("--pairs", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="keep the temporary folder")
    parser.add_argument("--verbose", action="store_true", help="the world's figures with each defect")
    parser.add_argument("names", nargs="*", help="only these defects")
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tlswhy-mutants-"))
    try:
        num_passed, num_failed = try_all(folder, options)
    except Trouble as trouble:
        print(f"failed: {trouble}")
        num_passed, num_failed = 0, 1
    finally:
        if options.keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder)
    print(f"{num_passed} passed, {num_failed} failed")
    return 1 if num_failed else 0


if __name__ == "__main__":
    sys.exit(main())
