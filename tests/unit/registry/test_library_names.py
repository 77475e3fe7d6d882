#!/usr/bin/env python3
"""The names of suites in data/cipher_suites.in against a library that is installed: test_library_names.py openssl|gnutls.

Skipped where that library's program is not there.
"""
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
            number, name, openssl_name, gnutls_name = shlex.split(line)[:4]
            yield int(number, 0), {"iana": name, "openssl": openssl_name, "gnutls": gnutls_name}


def lines_of(*command):
    done = subprocess.run(command, capture_output=True, text=True) if shutil.which(command[0]) else None
    return done.stdout if done and done.returncode == 0 else ""


def openssls():
    """What `openssl ciphers` lists; nothing where it cannot (before 1.1.1 there is no -stdname)."""
    listed = lines_of("openssl", "ciphers", "-V", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    for high, low, name, openssl_name in re.findall(r"0x(..),0x(..) - (\S+) +- (\S+) ", listed):
        yield int(high + low, 16), {"iana": name, "openssl": openssl_name}


def gnutlss():
    for name, high, low in re.findall(r"^(TLS_\S+)\s+0x(..), 0x(..)", lines_of("gnutls-cli", "--list"), flags=re.M):
        yield int(high + low, 16), {"gnutls": name}


def main():
    theirs, mine = [*{"openssl": openssls, "gnutls": gnutlss}[sys.argv[1]]()], dict(ours())
    if not theirs:
        print(f"no {sys.argv[1]} that lists suites with their names")
        return SKIPPED
    wrong = [f"0x{code:04X}: {sys.argv[1]} says {names}, data/cipher_suites.in {mine.get(code)}" for code, names in theirs
             if any(mine.get(code, {}).get(kind) != name for kind, name in names.items())]
    print("\n".join(wrong) or f"{len(theirs)} suites agree")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
