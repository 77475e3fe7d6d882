#!/usr/bin/env python3
"""OpenSSL's names of suites in data/cipher_suites.in against the openssl that is installed; skipped where there is none."""
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SKIPPED = 77


def ours():
    for line in (ROOT / "data/cipher_suites.in").read_text().splitlines():
        if line and not line.startswith("#"):
            number, name, openssl_name = shlex.split(line)[:3]
            yield int(number, 0), (name, openssl_name)


def openssls():
    """What `openssl ciphers` lists, number by number; None where it cannot (before 1.1.1 there is no -stdname)."""
    command = ["openssl", "ciphers", "-V", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"]
    done = subprocess.run(command, capture_output=True, text=True) if shutil.which("openssl") else None
    rows = re.findall(r"0x(..),0x(..) - (\S+) +- (\S+) ", done.stdout) if done and done.returncode == 0 else []
    return {int(high + low, 16): (name, openssl_name) for high, low, name, openssl_name in rows}


def main():
    theirs, mine = openssls(), dict(ours())
    if not theirs:
        print("no openssl that lists suites with their names")
        return SKIPPED
    wrong = [f"0x{code:04X}: openssl says {names}, data/cipher_suites.in {mine.get(code)}" for code, names in theirs.items()
             if mine.get(code) != names]
    print("\n".join(wrong) or f"{len(theirs)} suites agree")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
