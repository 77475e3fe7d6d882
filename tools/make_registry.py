#!/usr/bin/env python3
"""Makes src/registry's tables from data/*.in: make_registry.py DATA_FOLDER OUT.c

Every row is checked: well-formed, sorted, each number once. What a cipher suite's name says (key exchange, authentication, cipher, hash,
export, versions) is read from the name, by the rules below.
"""
import re
import shlex
import sys
from pathlib import Path

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")
SOURCE = re.compile(r"(RFC \d+|draft-[a-z0-9-]+|ETSI TS \d+ [\d-]+|IANA TLS [A-Za-z ]+|private use \([A-Za-z, ]+\))")


class Bad(Exception):
    pass


def need(holds, what):
    if not holds:
        raise Bad(what)


def fields_of(line, num_fields, number_max):
    """Number, the fields after it, and the source: what follows the fields, to the end of the line."""
    words = shlex.split(line)
    need(len(words) > num_fields, f"{num_fields} fields and a source are needed, there are {len(words)} words")
    need(re.fullmatch(r"0x[0-9A-F]{4}|\d+", words[0]), f"{words[0]} is no number (0x and four digits A to F, or decimal)")
    number, source = int(words[0], 0), " ".join(words[num_fields:])
    need(number <= number_max, f"{words[0]} is above {number_max}")
    need(SOURCE.fullmatch(source), f'"{source}" is no source (RFC N, draft-NAME, ETSI TS N, IANA TLS REGISTRY, private use (OWNER))')
    return number, words[1:num_fields], source


def rows(folder, name, num_fields, number_max, make):
    """The C of each row of data/NAME.in."""
    last, names = -1, set()
    for line_number, line in enumerate((folder / f"{name}.in").read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            number, fields, source = fields_of(line, num_fields, number_max)
            need(number > last, f"{number:#06x} is not above the number before it; rows are sorted, each number once")
            need(fields[0] not in names, f"{fields[0]} is there already, with another number")
            last = number
            names.add(fields[0])
            yield make(number, fields, source)
        except (Bad, ValueError) as problem:
            raise Bad(f"{name}.in:{line_number}: {problem}") from None


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
    ("GOSTR341001", "GOST", "GOST"), ("NULL", "NULL", "NULL"),
]
HASHES = ["SHA512", "SHA384", "SHA256", "SHA", "MD5", "SM3", "GOSTR3411", "GOST94", "IMIT", "OMAC"]
AEAD = ("GCM", "CCM", "CHACHA20", "MGM", "AEGIS")


def split_name(name):
    """Key exchange, authentication and the rest of a suite's name."""
    body = name.split("_", 1)[1]
    if "_WITH_" not in body:  # TLS 1.3: key exchange and authentication are not the suite's business
        return "ANY", "ANY", body
    for prefix, exchange, authentication in KEY_EXCHANGES:
        if body.startswith(prefix + "_"):
            return exchange, authentication, body.split("_WITH_", 1)[1]
    raise Bad(f"{name}: how it exchanges keys is not known; see KEY_EXCHANGES")


def cipher_and_hash(rest):
    rest = rest.removesuffix("_OLD")
    if rest in ("SHA256_SHA256", "SHA384_SHA384"):  # RFC 9150: integrity without encryption
        return "NULL", rest[:6]
    if "_CCM" in rest and not rest.endswith(("_SHA256", "_SHA384", "_SM3")):  # RFC 6655: the hash of TLS 1.2 itself
        return rest, "SHA256"
    for hash_name in HASHES:
        if rest.endswith("_" + hash_name):
            return rest[:-len(hash_name) - 1], hash_name
    return rest, None


def versions(number, name, exchange, is_aead, hash_name):
    """Where a suite may be negotiated: AEAD and SHA-2 suites need TLS 1.2 (RFC 5246, RFC 5288, RFC 5289, RFC 6209), except those
    with SHA-2 that say otherwise (ECDHE_PSK, RFC 5489; PSK, RFC 5487); 0x13xx and the like belong to TLS 1.3 alone. Export and
    single DES suites end with TLS 1.0 and 1.1 by RFC 4346 and RFC 5469, but libraries that have them take them up to TLS 1.2."""
    if exchange == "ANY" or 0xC103 <= number <= 0xC106:
        return "VERSION_TLS13", "VERSION_TLS13"
    if is_aead or 0xC100 <= number <= 0xC102 or hash_name in ("SHA256", "SHA384") and ("PSK" not in exchange or "ARIA" in name):
        return "VERSION_TLS12", "VERSION_TLS12"
    lowest = "VERSION_TLS10" if exchange.startswith("EC") or "PSK" in exchange or exchange in ("SRP", "GOST") else "VERSION_SSL3"
    return lowest, "VERSION_TLS12"


def suite_row(number, fields, source):
    name, openssl_name, gnutls_name = fields
    suite_names(name, openssl_name, gnutls_name)
    names = f"{text(name)}, {text(openssl_name)}, {text(gnutls_name)}"
    if name.endswith("_SCSV"):
        return (f'{{0x{number:04X}, {names}, SUITE_SIGNALLING, SUITE_KX_NULL, SUITE_AUTH_NULL, "", "", '
                f"VERSION_SSL3, VERSION_TLS13, false, false, {text(source)}}}")
    exchange, authentication, rest = split_name(name)
    cipher, hash_name = cipher_and_hash(rest)
    is_aead = any(word in cipher for word in AEAD)
    lowest, highest = versions(number, name, exchange, is_aead, hash_name)
    is_export = "EXPORT" in name
    return (f"{{0x{number:04X}, {names}, SUITE_NORMAL, SUITE_KX_{exchange}, SUITE_AUTH_{authentication}, "
            f'{text(cipher)}, {text(hash_name or "")}, {lowest}, {highest}, {flag(is_export)}, {flag(is_aead)}, {text(source)}}}')


def suite_names(name, openssl_name, gnutls_name):
    need(re.fullmatch(r"(TLS|SSL)_[A-Za-z0-9_]+", name), f"{name} is no name of a suite")
    need(openssl_name == "-" or NAME.fullmatch(openssl_name), f"{openssl_name} is no OpenSSL name (- where there is none)")
    need(gnutls_name == "-" or re.fullmatch(r"TLS_[A-Z0-9_]+", gnutls_name), f"{gnutls_name} is no GnuTLS name (- where there is none)")


def yes(word):
    need(word in ("yes", "no"), f"{word} is neither yes nor no")
    return flag(word == "yes")


GROUP_KINDS = ("ec", "ffdhe", "mlkem", "hybrid", "explicit")


def group_row(number, fields, source):
    name, openssl_name, other_name, kind, bits, in_tls13 = fields
    need(NAME.fullmatch(name), f"{name} is no name")
    need(kind in GROUP_KINDS, f"{kind} is none of {', '.join(GROUP_KINDS)}")
    return (f"{{0x{number:04X}, {text(name)}, {text(openssl_name)}, {text(other_name)}, GROUP_{kind.upper()}, {int(bits)}, "
            f"{yes(in_tls13)}, {text(source)}}}")


def scheme_row(number, fields, source):
    name, openssl_name, key_type, hash_name, in_tls13 = fields
    need(NAME.fullmatch(name), f"{name} is no name")
    return (f"{{0x{number:04X}, {text(name)}, {text(openssl_name)}, {text(key_type)}, {text(hash_name)}, "
            f"{yes(in_tls13)}, {text(source)}}}")


def plain_row(number, fields, source):
    return "{" + ", ".join([str(number)] + [text(f) for f in fields] + [text(source)]) + "}"


# C name, file, fields before the source, largest number, the row's C.
TABLES = [
    ("version", "versions", 2, 0xFFFF, plain_row),
    ("cipher_suite", "cipher_suites", 4, 0xFFFF, suite_row),
    ("group", "groups", 7, 0xFFFF, group_row),
    ("signature_scheme", "signature_schemes", 6, 0xFFFF, scheme_row),
    ("extension", "extensions", 2, 0xFFFF, plain_row),
    ("alert", "alerts", 3, 0xFF, plain_row),
]


def main(folder, out):
    parts = ["/* Made by tools/make_registry.py from data/. Do not edit. */", '#include "registry/registry.h"', ""]
    for name, file_name, num_fields, number_max, make in TABLES:
        made = list(rows(Path(folder), file_name, num_fields, number_max, make))
        need(made, f"{file_name}.in: no rows")
        parts += [f"const {name}_row {name}_rows[] = {{"] + [f"    {row}," for row in made] + ["};",
                  f"const size_t num_{name}_rows = sizeof {name}_rows / sizeof *{name}_rows;", ""]
    Path(out).write_text("\n".join(parts))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except (Bad, OSError) as problem:
        sys.exit(f"make_registry: {problem}")
