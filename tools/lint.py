#!/usr/bin/env python3
"""Runs the gates of tools/gates/: tools/lint.py [GATE...]

A line per gate; what one finds is listed with the cure. Exits with 1 where one found something.
"""
import importlib
import pkgutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
sys.dont_write_bytecode = True

import gates  # noqa: E402

FINDINGS_SHOWN = 20


def run_gate(name, tree):
    """Returns passed, failed or skipped."""
    gate = importlib.import_module(f"gates.{name}")
    try:
        findings = list(gate.find(tree))
    except gates.Skip as reason:
        print(f"skipped  {name}: {reason}")
        return "skipped"
    if not findings:
        print(f"passed   {gate.TITLE}")
        return "passed"
    print(f"FAILED   {gate.TITLE}")
    for finding in findings[:FINDINGS_SHOWN]:
        print(f"           {finding}")
    if len(findings) > FINDINGS_SHOWN:
        print(f"           and {len(findings) - FINDINGS_SHOWN} more")
    print(f"           cure: {gate.CURE}")
    return "failed"


def main(wanted):
    tree = gates.Tree(ROOT)
    count = {"passed": 0, "failed": 0, "skipped": 0}
    for name in wanted or sorted(m.name for m in pkgutil.iter_modules([str(ROOT / "tools" / "gates")])):
        count[run_gate(name, tree)] += 1
    print(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    return 1 if count["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
