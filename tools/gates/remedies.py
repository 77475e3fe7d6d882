"""Every row of a remedy table has a selector that can be read, and places that can be filled (src/causes/remedies.h)."""
import re

TITLE = "remedies: selectors and places are those that are known"
CURE = "src/causes/remedies.h says what a selector may have in it, what {places} there are, and how a line for a shell begins"

ROW = re.compile(r'\{REMEDY_(?:CLIENT|SERVER|SYSTEM),\s*(NULL|"[^"]*"),((?:\s*"(?:[^"\\]|\\.)*"|\s*NULL|\s*,)+)')
LIBRARIES = {"OpenSSL", "LibreSSL", "BoringSSL", "GnuTLS", "NSS", "Mbed TLS", "wolfSSL", "Go crypto/tls", "Java JSSE", "rustls"}
PROGRAMS = {"python", "node", "java", "curl", "wget", "openssl", "gnutls-cli", "perl", "ruby", "php", "git", "dotnet", "go", "ldapsearch", "psql", "redis-cli", "lftp", "socat"}
PLAIN = {"able", "unable", "never", "else"}
WITH_WORD = re.compile(r"^(uses \S+|runs \S+|speaks (http|smtp|imap|pop3|ldap|postgresql|mysql|ftp|xmpp)|extension \w+|version 1\.[0-3])$")
WHY = re.compile(r"^why (library|build|policy|code|default|unknown)( or (library|build|policy|code|default|unknown))*$")
COMPARED = re.compile(r"^(.+?) (>=|<=|==|<|>) (\d[\w.]*)$")
PLACE = re.compile(r"\{([a-z.]+)\}")
PLACES = {"version", "suite", "group", "scheme", "suites", "groups", "schemes", "extension", "host", "port", "file", "key", "name", "cipher", "cipherlist",
          "ciphersuites", "priority"}
DIALECTS = {"people", "number", "openssl", "java", "python", "ruby", "php", "go", "dotnet", "gnutls"}
# A line that begins so is for a shell, and says so; one that begins so after "$ " is code.
FOR_SHELL = re.compile(r"^(curl|ldapsearch|psql|redis-cli|wget|openssl|gnutls-cli|java|keytool|node|git|php|ruby|perl|python3?|cat|cp|install|env|export|apt-get|certbot|date|ss|ip|iptables|[A-Z_]+=\S+) ")
CODE = re.compile(r"^(ctx|https?\.|IO::|SSL_\w+ =>|&tls\.|stream_|ssl\.|tls\.)")
NOT_FILLED = re.compile(r"\b(NAME|HOST|PORT|ADDRESS)\b|the\.name")


def line_of_row(text):
    """The command of a row, or None: the last of its texts, where there are two."""
    parts = re.findall(r'((?:"(?:[^"\\]|\\.)*"\s*)+|NULL)\s*,', text + ",")
    strings = ["".join(re.findall(r'"((?:[^"\\]|\\.)*)"', part)) for part in parts]
    return strings[1] if len(strings) > 1 and strings[1] else None


def faults_of_line(line):
    if FOR_SHELL.match(line):
        yield f"a line for a shell without \"$ \": {line}"
    if line.startswith("$ ") and CODE.match(line[2:]):
        yield f"code as a line for a shell: {line}"
    if NOT_FILLED.search(line):
        yield f"a name that tlswhy could fill in: {line}"


def condition_is_known(text):
    text = text.removeprefix("not ")
    if text in PLAIN or text in PROGRAMS or text in LIBRARIES or WITH_WORD.match(text) or WHY.match(text):
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
            for fault in faults_of_line(line_of_row(row.group(2)) or ""):
                yield f"{name}:{number}: {fault}"
            for place in PLACE.findall(row.group(2)):
                if not place_is_known(place):
                    yield f"{name}:{number}: the place {{{place}}}"
    if count < 100:
        yield f"src/causes: only {count} rows were found; has their shape changed?"
