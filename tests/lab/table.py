#!/usr/bin/env python3
"""What several tools say of each cause, side by side: curl -v, openssl s_client, the client's own message, sslscan and tlswhy.

    table.py --tlswhy PROGRAM [--only PATTERN] [--output doc/compared.md]

One case of the lab for each cause, the first one whose client and server are on this machine. The tools ask such a server as the
client does, with the lab's root trusted, each a fresh one, since some take one connection at a time; what each of them says in the
end is put into a table in Markdown.
"""
import argparse
import fnmatch
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

from lab import CASES, Lab  # noqa: E402
from machine import CACHE, Missing  # noqa: E402
from run import load_cases, run_command  # noqa: E402

ORDER = HERE.parent.parent / "doc" / "causes" / "ORDER"
TOOL_TIMEOUT_S = 10
CELL_LEN_MAX = 160
HEAD = """# What others say of the same failure

Made by `tests/lab/table.py`, from one case of the lab for each cause. Each tool asked such a server; a cell is what it said last, or
first where that says more. Names of temporary files and ports are left out.

| cause | the client itself | curl -v | openssl s_client | sslscan | tlswhy |
|---|---|---|---|---|---|
"""


def said_by(argv):
    """Both streams, or what became of it."""
    if not shutil.which(argv[0]):
        return "not on this machine"
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=TOOL_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return "no end within 10 s"
    return (done.stdout + b"\n" + done.stderr).decode(errors="replace")


def pick(text, *patterns):
    """The last line that one of the patterns is in, the first of them that has one; else the last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for pattern in patterns:
        found = [line for line in lines if re.search(pattern, line)]
        if found:
            return found[-1]
    return lines[-1] if lines else "nothing"


def curl_says(lab, port):
    text = said_by(["curl", "-v", "-sS", "-o", "/dev/null", "--max-time", "6", "--cacert", lab.ca, f"https://localhost:{port}/"])
    return pick(text, r"^curl: \(", r"alert", r"^< HTTP")


def s_client_says(lab, port):
    text = said_by(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost", "-verify_hostname", "localhost", "-CAfile", lab.ca])
    return pick(text, r"error:", r"[Vv]erify return code: (?!0)", r"errno=", r"Verify return code")


def sslscan_says(port):
    text = re.sub(r"\x1b\[[0-9;]*m", "", said_by(["sslscan", "--no-colour", f"localhost:{port}"]))
    accepted = len(re.findall(r"^(Accepted|Preferred)", text, re.M))
    return f"{accepted} suites accepted" if accepted else pick(text, r"ERROR", r"enabled")


def tlswhy_says(tlswhy, lab, case):
    report = lab.dir / "table.json"
    try:
        run_command([tlswhy, "run", "--json", "--output", str(report), "--", *case.argv], case.env)
        verdicts = [c["verdict"] for c in json.loads(report.read_text())["connections"] if c.get("verdict")]
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return "no report"
    told = [v for v in verdicts if v["cause"] != "tcp-refused"] or verdicts
    return f"{told[0]['cause']} ({told[0]['proof']}): {told[0]['headline']}" if told else "nothing failed"


def client_says(case):
    try:
        alone = run_command(case.argv, case.env)
    except subprocess.TimeoutExpired:
        return "no end"
    return pick((alone.stdout + b"\n" + alone.stderr).decode(errors="replace"), r"[Ee]rror|alert|fail|SSL|certificate")


def cell(text, lab, port):
    for path in (str(lab.dir), str(CACHE)):
        text = text.replace(path, "...")
    text = re.sub(rf"\b{port}\b", "PORT", text)
    text = re.sub(r"\b[0-9A-F]{12,16}:error", "error", text)
    text = re.sub(r"FAKETIME=-?\d+", "FAKETIME=N", text)
    text = re.sub(r"[^\x20-\x7e]", "?", text).replace("|", "\\|")
    return text if len(text) <= CELL_LEN_MAX else text[:CELL_LEN_MAX - 3] + "..."


def alone(name, says):
    """What one of them says to a server of its own; the case's cause with it."""
    lab = Lab()
    try:
        case = CASES[name](lab)
        return case.cause, cell(says(lab, case), lab, case.port)
    finally:
        lab.close()


def row(cause, names, tlswhy):
    """None where no case of that cause can be set up here."""
    tools = [lambda lab, case: client_says(case), lambda lab, case: curl_says(lab, case.port), lambda lab, case: s_client_says(lab, case.port),
             lambda lab, case: sslscan_says(case.port), lambda lab, case: tlswhy_says(tlswhy, lab, case)]
    for name in names:
        try:
            cells = [alone(name, says)[1] for says in tools]
            return f"| {cause} | " + " | ".join(cells) + " |\n"
        except (Missing, RuntimeError):
            continue
    return None


def cases_by_cause():
    """Every case says its cause only once it is set up: those whose name says it are asked first, and the others where none does."""
    found = {}
    for name in CASES:
        lab = Lab()
        try:
            cause = CASES[name](lab).cause
            for one in cause if isinstance(cause, tuple) else (cause,):
                found.setdefault(one, []).append(name)
        except (Missing, RuntimeError):
            continue
        finally:
            lab.close()
    return {cause: sorted(names, key=lambda name: not name.startswith(str(cause))) for cause, names in found.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tlswhy", required=True)
    parser.add_argument("--only", default="*", help="causes, as a shell pattern")
    parser.add_argument("--output", help="a file; else it is printed")
    arguments = parser.parse_args()
    load_cases()
    cases = cases_by_cause()
    causes = [c for c in ORDER.read_text().split() if fnmatch.fnmatch(c, arguments.only)]
    text, absent = HEAD, []
    for cause in causes:
        made = row(cause, cases.get(cause, []), arguments.tlswhy)
        text += made or ""
        absent += [] if made else [cause]
        print(f"{cause}: {'told' if made else 'no case here'}", file=sys.stderr, flush=True)
    if absent:
        text += "\nWithout a case on this machine: " + ", ".join(absent) + ".\n"
    if arguments.output:
        Path(arguments.output).write_text(text)
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
