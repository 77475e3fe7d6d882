#!/usr/bin/env python3
"""Makes src/registry's tables from data/*.in: make_registry.py DATA_FOLDER OUT.c

Every row is checked: well-formed, sorted, each number once. What a cipher suite's name says (key exchange, authentication, cipher, hash,
export, versions) is read from the name, by the rules below.
"""
import shlex
import sys
from pathlib import Path


class Bad(Exception):
    pass


def rows(folder, name, num_fields):
    """Yields (number, fields, source) of data/NAME.in; the source is what follows the fields, to the end of the line."""
    last = -1
    for line_number, line in enumerate((folder / f"{name}.in").read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        words = shlex.split(line)
        place = f"{name}.in:{line_number}"
        if len(words) <= num_fields:
            raise Bad(f"{place}: {num_fields} fields and a source are needed, there are {len(words)} words")
        number = int(words[0], 0)
        if number <= last:
            raise Bad(f"{place}: {words[0]} is not above the number before it; rows are sorted, each number once")
        last = number
        yield number, words[1:num_fields], " ".join(words[num_fields:])


def text(value):
    return "NULL" if value in (None, "-") else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def flag(value):
    return "true" if value else "false"


# Longest first, so that DHE_PSK is not read as DHE. Key exchange, authentication.
KEY_EXCHANGES = [
    ("SRP_SHA_RSA", "SRP", "RSA"), ("SRP_SHA_DSS", "SRP", "DSS"), ("SRP_SHA", "SRP", "SRP"),
    ("ECDHE_ECDSA", "ECDHE", "ECDSA"), ("ECDHE_RSA", "ECDHE", "RSA"), ("ECDHE_PSK", "ECDHE_PSK", "PSK"),
    ("ECDH_ECDSA", "ECDH", "ECDSA"), ("ECDH_RSA", "ECDH", "RSA"), ("ECDH_anon", "ECDHE", "ANONYMOUS"),
    ("DHE_PSK", "DHE_PSK", "PSK"), ("PSK_DHE", "DHE_PSK", "PSK"), ("DHE_RSA", "DHE", "RSA"), ("DHE_DSS", "DHE", "DSS"),
    ("DH_anon", "DHE", "ANONYMOUS"), ("DH_RSA", "DH", "RSA"), ("DH_DSS", "DH", "DSS"),
    ("RSA_PSK", "RSA_PSK", "RSA"), ("RSA_FIPS", "RSA", "RSA"), ("RSA", "RSA", "RSA"), ("PSK", "PSK", "PSK"), ("KRB5", "KRB5", "KRB5"),
    ("ECCPWD", "ECCPWD", "ECCPWD"), ("GOSTR341094_RSA", "GOST", "RSA"), ("GOSTR341112_256", "GOST", "GOST"), ("GOSTR341094", "GOST", "GOST"),
    ("GOSTR341001", "GOST", "GOST"), ("FORTEZZA_KEA", "KRB5", "NULL"), ("NULL", "NULL", "NULL"),
]
HASHES = ["SHA512", "SHA384", "SHA256", "SHA", "MD5", "SM3", "GOSTR3411", "GOST94", "IMIT", "OMAC"]
AEAD = ("GCM", "CCM", "CHACHA20", "MGM", "AEGIS")


def split_name(name):
    """Key exchange, authentication and the rest of a suite's name."""
    body = name.split("_", 1)[1]
    for prefix, exchange, authentication in KEY_EXCHANGES:
        if body.startswith(prefix + "_"):
            rest = body[len(prefix) + 1:]
            return exchange, authentication, rest.split("WITH_", 1)[-1]
    return "ANY", "ANY", body


def cipher_and_hash(rest):
    rest = rest.removesuffix("_OLD")
    for hash_name in HASHES:
        if rest.endswith("_" + hash_name):
            return rest[:-len(hash_name) - 1], hash_name
    return rest, None


def versions(number, name, exchange, is_aead, hash_name):
    """Where a suite may be negotiated: AEAD and SHA-2 suites need TLS 1.2 (RFC 5246, RFC 5288, RFC 5289), except those with
    SHA-2 that say otherwise (ECDHE_PSK, RFC 5489; PSK, RFC 5487); 0x13xx and the like belong to TLS 1.3 alone."""
    if exchange == "ANY":
        return "VERSION_TLS13", "VERSION_TLS13"
    if 0xC103 <= number <= 0xC106:
        return "VERSION_TLS13", "VERSION_TLS13"
    if is_aead or 0xC100 <= number <= 0xC102:
        return "VERSION_TLS12", "VERSION_TLS12"
    if hash_name in ("SHA256", "SHA384") and "PSK" not in exchange:
        return "VERSION_TLS12", "VERSION_TLS12"
    lowest = "VERSION_TLS10" if exchange.startswith("EC") or "PSK" in exchange or exchange == "SRP" else "VERSION_SSL3"
    return lowest, "VERSION_TLS12"


def suite_row(number, fields, source):
    name, openssl_name = fields
    if name.endswith("_SCSV"):
        return (f'{{0x{number:04X}, {text(name)}, {text(openssl_name)}, SUITE_SIGNALLING, SUITE_KX_NULL, SUITE_AUTH_NULL, "", "", '
                f"VERSION_SSL3, VERSION_TLS13, false, false, {text(source)}}}")
    exchange, authentication, rest = split_name(name)
    cipher, hash_name = cipher_and_hash(rest)
    is_aead = any(word in cipher for word in AEAD)
    lowest, highest = versions(number, name, exchange, is_aead, hash_name)
    is_export = "EXPORT" in name
    return (f"{{0x{number:04X}, {text(name)}, {text(openssl_name)}, SUITE_NORMAL, SUITE_KX_{exchange}, SUITE_AUTH_{authentication}, "
            f'{text(cipher)}, {text(hash_name or "")}, {lowest}, {highest}, {flag(is_export)}, {flag(is_aead)}, {text(source)}}}')


def group_row(number, fields, source):
    name, openssl_name, other_name, kind, bits, in_tls13 = fields
    return (f"{{0x{number:04X}, {text(name)}, {text(openssl_name)}, {text(other_name)}, GROUP_{kind.upper()}, {int(bits)}, "
            f'{flag(in_tls13 == "yes")}, {text(source)}}}')


def scheme_row(number, fields, source):
    name, openssl_name, key_type, hash_name, in_tls13 = fields
    return (f"{{0x{number:04X}, {text(name)}, {text(openssl_name)}, {text(key_type)}, {text(hash_name)}, "
            f'{flag(in_tls13 == "yes")}, {text(source)}}}')


def plain_row(number, fields, source):
    return "{" + ", ".join([str(number)] + [text(f) for f in fields] + [text(source)]) + "}"


TABLES = [
    ("version", "versions", 2, plain_row),
    ("cipher_suite", "cipher_suites", 3, suite_row),
    ("group", "groups", 7, group_row),
    ("signature_scheme", "signature_schemes", 6, scheme_row),
    ("extension", "extensions", 2, plain_row),
    ("alert", "alerts", 3, plain_row),
]


def main(folder, out):
    parts = ["/* Made by tools/make_registry.py from data/. Do not edit. */", '#include "registry/registry.h"', ""]
    for name, file_name, num_fields, make in TABLES:
        made = [make(*row) for row in rows(Path(folder), file_name, num_fields)]
        parts += [f"const {name}_row {name}_rows[] = {{"] + [f"    {row}," for row in made] + ["};",
                  f"const size_t num_{name}_rows = sizeof {name}_rows / sizeof *{name}_rows;", ""]
    Path(out).write_text("\n".join(parts))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (Bad, ValueError) as problem:
        sys.exit(f"make_registry: {problem}")
