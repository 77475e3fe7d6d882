"""Every row of a remedy table has a selector that can be read, and places that can be filled (src/causes/remedies.h)."""
import re

TITLE = "remedies: selectors and places are those that are known"
CURE = "src/causes/remedies.h says what a selector may have in it, and what {places} there are"

ROW = re.compile(r'\{REMEDY_(?:CLIENT|SERVER|SYSTEM),\s*(NULL|"[^"]*"),((?:\s*"(?:[^"\\]|\\.)*"|\s*NULL|\s*,)+)')
LIBRARIES = {"OpenSSL", "LibreSSL", "BoringSSL", "GnuTLS", "NSS", "Mbed TLS", "wolfSSL", "Go crypto/tls", "Java JSSE", "rustls"}
PROGRAMS = {"python", "node", "java", "curl", "wget", "openssl", "gnutls-cli", "perl", "ruby", "php", "git", "dotnet", "go"}
PLAIN = {"able", "unable", "else"}
WITH_WORD = re.compile(r"^(uses \S+|speaks (http|smtp|imap|pop3|ldap|postgresql|mysql|ftp|xmpp)|extension \w+|version 1\.[0-3])$")
COMPARED = re.compile(r"^(.+?) (>=|<=|==|<|>) (\d[\w.]*)$")
PLACE = re.compile(r"\{([a-z.]+)\}")
PLACES = {"version", "suite", "group", "scheme", "extension", "host", "port", "file"}
DIALECTS = {"people", "number", "openssl", "java", "python", "ruby", "php", "go", "dotnet", "gnutls"}


def condition_is_known(text):
    if text in PLAIN or text in PROGRAMS or text in LIBRARIES or WITH_WORD.match(text):
        return True
    compared = COMPARED.match(text)
    return bool(compared) and (compared.group(1) in PROGRAMS | LIBRARIES | {"version"})


def place_is_known(text):
    name, _, dialect = text.partition(".")
    return name in PLACES and (not dialect or dialect in DIALECTS)


def find(tree):
    count = 0
    for name in tree.named(r"^src/causes/.*\.c$"):
        source = tree.read(name)
        for row in ROW.finditer(source):
            count += 1
            number = source.count("\n", 0, row.start()) + 1
            selector = row.group(1).strip('"')
            for condition in selector.split(",") if selector != "NULL" else ():
                if not condition_is_known(condition.strip()):
                    yield f"{name}:{number}: the selector {condition.strip()!r}"
            for place in PLACE.findall(row.group(2)):
                if not place_is_known(place):
                    yield f"{name}:{number}: the place {{{place}}}"
    if count < 100:
        yield f"src/causes: only {count} rows were found; has their shape changed?"
