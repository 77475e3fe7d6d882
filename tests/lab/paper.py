#!/usr/bin/env python3
"""The lab on paper: each case made without its servers and clients, to see whose TLS library meets which cause. paper.py

A line for each cause of doc/causes/ORDER: the libraries that its cases' clients have. Exits with 1 where a cause is met by fewer than
two, and is not among those for which it is said below why.
"""
import re
import shutil
import subprocess
import sys
from pathlib import Path
from unittest import mock

HERE = Path(__file__).resolve().parent
ORDER = HERE.parent.parent / "doc" / "causes" / "ORDER"
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

import clients  # noqa: E402
import machine  # noqa: E402
from lab import CASES, Lab  # noqa: E402
from run import load_cases  # noqa: E402

LIBRARIES_MIN = 2
# Causes that fewer than two libraries can meet, each with its reason.
FEWER = {
    "sslv2-hello-rejected": "of the clients that can be had Java alone still opens so; OpenSSL 0.9.7's hello is there as a recording",
}
# Whose library a program has, as Debian and the npm registry ship it; a program of the lab's own that only sends a recorded hello has
# none.
LIBRARIES = {"curl": "OpenSSL", "wget": "GnuTLS", "git": "GnuTLS", "gnutls-cli": "GnuTLS", "ldapsearch": "GnuTLS", "lynx": "GnuTLS", "java": "JSSE", "client": "Go",
             "tstclnt": "NSS", "boring_client": "BoringSSL", "python3": "OpenSSL", "python": "OpenSSL", "node": "OpenSSL", "perl": "OpenSSL", "ruby": "OpenSSL",
             "php": "OpenSSL", "openssl": "OpenSSL", "psql": "OpenSSL", "mariadb": "OpenSSL", "swaks": "OpenSSL", "mysql": "OpenSSL", "cargo": "OpenSSL"}


class PaperPki:
    """Names of files that nobody makes."""

    def __getattr__(self, kind):
        return lambda *names: f"/{kind}/{'-'.join(map(str, names))}"

    def leaf(self, name):
        return f"/{name}.pem", f"/{name}.key"


class PaperLab(Lab):
    pki = PaperPki()

    def nginx(self, *arguments, **more):
        return machine.free_port()

    def spawn(self, argv, port, **more):
        return port

    def spawn_script(self, name, *arguments):
        return machine.free_port()

    def black_hole(self, *arguments, **more):
        return machine.free_port()


def nothing_done(argv, *_, **more):
    return subprocess.CompletedProcess(argv, 0, "" if more.get("text") else b"", "" if more.get("text") else b"")


def on_paper():
    """What a case does to this machine while it is made is left undone."""
    stays = (mock.patch.object(shutil, "which", lambda name, *_, **__: f"/usr/bin/{name}"), mock.patch.object(subprocess, "run", nothing_done),
             mock.patch.object(shutil, "copy", lambda *_: None), mock.patch.object(clients, "_fetch_node", lambda *_: None),
             mock.patch.object(clients, "boring_program", lambda name, *_: name), mock.patch.object(Path, "read_text", lambda *_, **__: ""),
             mock.patch.object(clients.Clients, "other_python", lambda self, version: f"/python{version}/bin/python"))
    return stays


def library_of(argv):
    """Of the last program that it names: what comes before starts it."""
    if any(Path(word).name == "replayer.py" for word in argv):
        return None
    words = [part for word in argv for part in (word.split() if argv[:2] == ["sh", "-c"] else [word])]
    names = [re.sub(r"[\d.]+$", "", Path(word).name) if "python" in word else Path(word).name for word in words]
    return next((LIBRARIES[name] for name in names if name in LIBRARIES), None)


def libraries():
    """{cause: {library: [case]}}, and the cases that could not be made."""
    load_cases()
    met, unmade = {}, []
    for name, make in CASES.items():
        lab = PaperLab()
        try:
            case = make(lab)
        except machine.Missing:
            continue
        except (OSError, ValueError, IndexError, StopIteration, RuntimeError) as e:
            unmade.append(f"{name}: {type(e).__name__}: {e}")
            continue
        finally:
            lab.close()
        for cause in (case.cause if isinstance(case.cause, tuple) else (case.cause,))[:1]:
            met.setdefault(cause, {}).setdefault(library_of(case.argv), []).append(name)
    return met, unmade


def main():
    stays, findings = on_paper(), []
    for one in stays:
        one.start()
    met, unmade = libraries()
    for one in stays:
        one.stop()
    for cause in ORDER.read_text().split():
        of = {library: names for library, names in met.get(cause, {}).items() if library is not None}
        print(f"{cause:<30} " + (", ".join(f"{library} ({len(names)})" for library, names in sorted(of.items())) or "none"))
        if len(of) < LIBRARIES_MIN and cause not in FEWER:
            findings.append(f"{cause} is met by {', '.join(of) or 'no library'} alone")
        if len(of) >= LIBRARIES_MIN and cause in FEWER:
            findings.append(f"{cause} is met by two, and is listed with those that cannot be")
    for finding in findings + unmade:
        print(f"FAILED  {finding}")
    return 1 if findings or unmade else 0


if __name__ == "__main__":
    sys.exit(main())
