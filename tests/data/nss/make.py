#!/usr/bin/env python3
"""Makes cert9.db, as NSS makes it, with the columns that matter here alone, and on pages so small that rows lie on several of them:
make.py. What is in it: a root that is trusted to sign for servers, one that is trusted for mail alone, one that is distrusted, a
certificate that nothing is said of, a server's own that is trusted itself, and forty roots more, for a tree of pages."""
import hashlib
import sqlite3
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
CERTIFICATE, TRUST = 1, 0xCE534353
TRUSTED, DELEGATOR, NOT_TRUSTED, UNKNOWN = 0xCE534351, 0xCE534352, 0xCE53435A, 0xCE534355
WANTED = [("trusted root", DELEGATOR), ("for mail alone", UNKNOWN), ("distrusted", NOT_TRUSTED), ("of nobody", None), ("trusted itself", TRUSTED)]


def certificate(name):
    with tempfile.TemporaryDirectory() as folder:
        made = subprocess.run(["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", f"{folder}/key", "-subj", f"/CN={name}", "-days", "7300",
                               "-outform", "DER"], check=True, capture_output=True)
    return made.stdout


def number(value):
    return value.to_bytes(4, "big")


def main():
    path = HERE / "cert9.db"
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA page_size = 512")
        database.execute("CREATE TABLE metaData (id PRIMARY KEY UNIQUE ON CONFLICT REPLACE, item1, item2)")
        database.execute("CREATE TABLE nssPublic (id PRIMARY KEY UNIQUE ON CONFLICT ABORT, a0, a3, a11, ace536358, ace5363b4)")
        for i, (name, trust) in enumerate(WANTED + [(f"root {i}", DELEGATOR) for i in range(40)]):
            der = certificate(name)
            database.execute("INSERT INTO nssPublic VALUES (?, ?, ?, ?, NULL, NULL)", (2 * i, number(CERTIFICATE), name.encode(), der))
            if trust is not None:
                database.execute("INSERT INTO nssPublic VALUES (?, ?, NULL, NULL, ?, ?)", (2 * i + 1, number(TRUST), number(trust), hashlib.sha1(der).digest()))


if __name__ == "__main__":
    main()
