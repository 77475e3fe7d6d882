#!/usr/bin/env python3
"""Real clients against real servers, each pair failing for a cause that is known by construction.

    run.py --tlswhy PROGRAM [--only PATTERN] [--jobs N] [--json FILE]    watch each client with PROGRAM, and mark its verdict
    run.py --check [--only PATTERN]                                      only: does each client fail (or work) by itself as it should?
    run.py --list
    run.py --matrix                                                      what run --fix mends: cause by cause, family by family

A line for each case, then "N passed, N failed, N skipped". A case is skipped where a client or server is not on this machine.
"""
import argparse
import fnmatch
import importlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

from lab import CASES, Lab  # noqa: E402
from machine import Missing  # noqa: E402

SCHEMA = HERE.parent.parent / "doc" / "schema" / "report.schema.json"
TIMEOUT_S = 90


class Wrong(Exception):
    """What tlswhy got wrong, in a line."""


def load_cases():
    for path in sorted((HERE / "cases").glob("*.py")):
        importlib.import_module("cases." + path.stem)


# What would make a client here behave otherwise than on a plain machine.
SETTINGS = re.compile(r"^(https?_proxy|all_proxy|no_proxy|SSL_CERT_.*|REQUESTS_CA_BUNDLE|PIP_.*|OPENSSL_CONF|NODE_.*|JAVA_TOOL_OPTIONS|CURL_.*|SSLKEYLOGFILE|GIT_SSL_.*)$", re.I)


def run_command(argv, env):
    plain = {name: value for name, value in os.environ.items() if not SETTINGS.match(name)}
    return subprocess.run(argv, env={**plain, **env}, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_S)


def last_line(done):
    lines = (done.stderr.strip() or done.stdout.strip()).decode(errors="replace").splitlines()
    return lines[-1][:140] if lines else ""


def check_alone(case):
    """The case is worth nothing where the command does not fail (or work) by itself."""
    started = time.monotonic()
    alone = run_command(case.argv, case.env)
    if (alone.returncode != 0) != case.fails:
        raise Wrong(f"by itself the command exits with {alone.returncode}: {last_line(alone)}")
    return alone, time.monotonic() - started


def check_schema(document):
    try:
        import jsonschema
    except ImportError:
        return
    if SCHEMA.exists():
        try:
            jsonschema.validate(document, json.loads(SCHEMA.read_text()))
        except jsonschema.ValidationError as e:
            raise Wrong(f"the report breaks its schema: {e.json_path}: {e.message[:100]}") from e


def comparable(text):
    """Thread ids, ports and times differ between any two runs of a command; so does the order where two threads write, and whether
    openssl s_client says DONE, since its input may end before or after the server's answer."""
    return sorted(re.sub(rb"[0-9A-Fa-f]*\d[0-9A-Fa-f]*", b"N", line) for line in text.splitlines() if line != b"DONE")


# Their SIGCHLD handler asks for no restart, and the signal comes when they connect: now and then it takes the call back before it
# was received, which the kernel leaves nobody to mend (tlswhy-run(1)). About one run in a hundred.
MIND_SIGNALS = {"lftp"}


def watch_command(case, argv):
    """Once more, twice at most, where a signal took a call back."""
    for _ in range(3):
        watched = run_command(argv, case.env)
        if os.path.basename(case.argv[0]) not in MIND_SIGNALS or b"(Interrupted system call)" not in watched.stderr:
            break
    return watched


def check_command_is_undisturbed(alone, watched):
    if watched.returncode != alone.returncode:
        raise Wrong(f"exit status {watched.returncode}, alone it is {alone.returncode}: {last_line(watched)}")
    here, there = comparable(watched.stderr), comparable(alone.stderr)
    if here != there:
        extra = [line for line in here if line not in there] or [line for line in there if line not in here] or here
        raise Wrong(f"stderr differs from what it is alone, in {b' / '.join(extra)[:160]!r}")


def concerns(connection, port):
    address = connection["target"]["address"] or ""
    return connection["target"]["port"] == port or address.endswith(f":{port}")


def check_verdict(case, document):
    """Returns the cause that was found."""
    mine = [c for c in document["connections"] if concerns(c, case.port)]
    failed = [c for c in mine if c["outcome"] == "failed"]
    if case.connections is not None and len(mine) < case.connections:
        raise Wrong(f"{len(mine)} connections in the report, {case.connections} were made")
    if case.cause is None:
        if not mine:
            raise Wrong("the connection is not in the report")
        if failed:
            raise Wrong(f"a false alarm: {(failed[0]['verdict'] or {}).get('cause')}: {(failed[0]['verdict'] or {}).get('headline')}")
        return None
    if not failed:
        raise Wrong(f"no failed connection in the report; outcomes: {[c['outcome'] for c in document['connections']]}")
    # Where a name has two addresses and only one of them is served, the refusal of the other is not what the user asks about.
    told = [c for c in failed if (c["verdict"] or {}).get("cause") != "tcp-refused"] or failed
    verdict = told[0]["verdict"] or {}
    wanted = case.cause if isinstance(case.cause, tuple) else (case.cause,)
    if verdict.get("cause") not in wanted:
        raise Wrong(f"it says {verdict.get('cause')}, {verdict.get('proof')}: {verdict.get('headline')}")
    if not verdict.get("headline") or "\n" in verdict["headline"]:
        raise Wrong(f"the headline is {verdict.get('headline')!r}")
    if verdict["cause"].startswith("cert-") and not told[0]["server"]["certificates"]:
        raise Wrong("the server's certificates are not in the report")
    text = json.dumps([verdict["headline"], verdict.get("details"), verdict.get("why"), verdict.get("remedies")])
    for pattern in case.says:
        if not re.search(pattern, text, re.I):
            raise Wrong(f"it does not say /{pattern}/: {verdict['headline']}")
    if case.why is not None and verdict["why"]["kind"] != case.why:
        raise Wrong(f"its why is {verdict['why']['kind']}, not {case.why}: {verdict['why']['detail']}")
    return verdict["cause"]


def run_fix(case, tlswhy, *more):
    """In a folder for temporary files of its own: nothing may be left in it."""
    with tempfile.TemporaryDirectory(prefix="lab-tmp-") as folder:
        fixed = run_command([tlswhy, "run", "--fix", *case.options, *more, "--", *case.argv], {**case.env, "TMPDIR": folder})
        if os.listdir(folder):
            raise Wrong(f"run --fix leaves {os.listdir(folder)} behind")
        return fixed


def report_of(fixed):
    return " ".join(fixed.stderr.decode(errors="replace").split())


def check_fix_says(fixed, *patterns):
    for pattern in patterns:
        if not re.search(pattern, report_of(fixed)):
            raise Wrong(f"run --fix does not say /{pattern}/: {report_of(fixed)[-300:]}")


def check_fix(case, tlswhy):
    """What can be mended is, and is said to have been tried; what cannot is said to be so; what is weak wants a word."""
    if case.fix is None:
        return
    fixed = run_fix(case, tlswhy)
    if case.fix != "connected" and (fixed.returncode == 0) != (case.fix is True):
        raise Wrong(f"run --fix: exit status {fixed.returncode}: {fixed.stderr.decode(errors='replace')[-300:]}")
    if case.fix in (True, "connected"):
        check_fix_says(fixed, "Tried here: it works", "To keep it")
    elif case.fix is False:
        check_fix_says(fixed, "was not run again|failed all the same")
    else:
        check_fix_says(fixed, "weak: tried only with --allow-weaker")
        fixed = run_fix(case, tlswhy, "--allow-weaker")
        if fixed.returncode != 0:
            raise Wrong(f"run --fix --allow-weaker: exit status {fixed.returncode}: {fixed.stderr.decode(errors='replace')[-300:]}")
        check_fix_says(fixed, "Tried here: it works", "It is weak")


def judge(case, lab, tlswhy):
    alone, seconds_alone = check_alone(case)
    report = lab.dir / "report.json"
    started = time.monotonic()
    try:
        watched = watch_command(case, [tlswhy, "run", *case.options, "--json", "--output", str(report), "--", *case.argv])
    except subprocess.TimeoutExpired as e:
        raise Wrong(f"no end within {TIMEOUT_S} s") from e
    extra = time.monotonic() - started - seconds_alone
    check_command_is_undisturbed(alone, watched)
    if case.compares_output and watched.stdout != alone.stdout:
        raise Wrong(f"stdout is {watched.stdout[-100:]!r}, alone it is {alone.stdout[-100:]!r}")
    try:
        document = json.loads(report.read_text())
    except (OSError, ValueError) as e:
        raise Wrong(f"no report: {e}: {last_line(watched)}") from e
    check_schema(document)
    cause = check_verdict(case, document)
    for pattern in case.notes:
        if not re.search(pattern, " ".join(document["notes"])):
            raise Wrong(f"no note says /{pattern}/: {document['notes']}")
    check_fix(case, tlswhy)
    if extra > case.extra_seconds:
        raise Wrong(f"it took {extra:.1f} s longer than alone")
    return f"{cause or 'no alarm'}, {extra:+.1f} s, told {document['command']['told_after_ms']:.0f} ms after its end"


def run_one(name, arguments):
    """(passed | FAILED | skipped, a note)"""
    lab = Lab()
    try:
        case = CASES[name](lab)
        if arguments.check:
            alone, _ = check_alone(case)
            return "passed", f"exit {alone.returncode}: {last_line(alone)}"
        return "passed", judge(case, lab, arguments.tlswhy)
    except Missing as e:
        return "skipped", f"no {e} here"
    except Wrong as e:
        return "FAILED", str(e)
    except subprocess.TimeoutExpired:
        return "FAILED", "the command alone did not end"
    except Exception as e:  # a case that cannot be set up has not passed
        return "FAILED", f"{type(e).__name__}: {e}"
    finally:
        lab.close()


def print_matrix():
    """A letter for each cell, and below what cannot be, and why."""
    from cases.matrix import FAMILIES, MATRIX, Cannot, Weak
    counts, reasons = {"F": 0, "W": 0, "C": 0, "-": 0}, {}
    print("F: --fix mends it; W: only with --allow-weaker; C: nothing around it can, which --fix says; -: cannot fail so\n")
    print(f"{'':<32}" + "".join(f"{family:<10}" for family in FAMILIES))
    for cause, _, cells in MATRIX:
        letters = []
        for family in FAMILIES:
            cell = cells[family]
            letter = "-" if isinstance(cell, str) else "C" if isinstance(cell, Cannot) else "W" if isinstance(cell, Weak) else "F"
            letters.append(letter)
            counts[letter] += 1
            if letter in "C-":
                reasons.setdefault((cause, cell.reason if letter == "C" else cell), []).append(family)
        print(f"{cause:<32}" + "".join(f"{letter:<10}" for letter in letters))
    print()
    for (cause, reason), families in reasons.items():
        print(f"{cause}: {', '.join(families)}: {reason}")
    print(f"\n{counts['F']} mended, {counts['W']} mended where weaker is allowed, {counts['C']} said to be beyond mending, {counts['-']} cannot be")


def print_how_soon(results):
    """How long after a command's end its verdict was known; most of the longest ones wait for what does not come."""
    told = sorted((int(found.group(1)), name) for name, result in results.items() if (found := re.search(r"told (\d+) ms", result["note"])))
    if told:
        median, most, (longest, name) = told[len(told) // 2][0], told[len(told) * 9 // 10][0], told[-1]
        print(f"told after the command's end: {median} ms (median), {most} ms (nine in ten), {longest} ms at most ({name})")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tlswhy", help="the program under test")
    parser.add_argument("--only", default="*", help="names of cases, as a shell pattern")
    parser.add_argument("--jobs", type=int, default=2, help="cases side by side")
    parser.add_argument("--json", help="write the results there")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--matrix", action="store_true")
    arguments = parser.parse_args()
    load_cases()
    if arguments.matrix:
        print_matrix()
        return 0
    names = [name for name in CASES if fnmatch.fnmatch(name, arguments.only)]
    if arguments.list:
        print("\n".join(names))
        return 0
    if not arguments.check:
        if not arguments.tlswhy or not os.path.exists(arguments.tlswhy):
            parser.error("--tlswhy PROGRAM, or --check")
        arguments.tlswhy = os.path.abspath(arguments.tlswhy)
    count, results = {"passed": 0, "FAILED": 0, "skipped": 0}, {}
    with ThreadPoolExecutor(arguments.jobs) as pool:
        for name, (status, note) in zip(names, pool.map(lambda n: run_one(n, arguments), names)):
            count[status] += 1
            results[name] = {"status": status, "note": note}
            print(f"{status}  {name:<46} {note}", flush=True)
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(results, indent=1) + "\n")
    print_how_soon(results)
    print(f"{count['passed']} passed, {count['FAILED']} failed, {count['skipped']} skipped")
    return 1 if count["FAILED"] or not count["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
