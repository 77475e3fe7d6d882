"""No remedy switches the verification of certificates off: not in the catalogue's pages, not in the tables of the causes."""
import re

TITLE = "verification: no remedy switches it off"
CURE = "say how the right certificate is trusted instead; a connection that is not verified is no connection to anybody"

OFF = re.compile(r"verify\s*=\s*False|CERT_NONE|rejectUnauthorized['\"]?\s*:\s*false|InsecureSkipVerify|NODE_TLS_REJECT_UNAUTHORIZED|"
                 r"--no-check-certificate|GIT_SSL_NO_VERIFY|http\.sslVerify\s*=?\s*false|SSL_VERIFY_NONE|VERIFY_NONE|check_hostname\s*=\s*False|"
                 r"curl\s+(-\S+\s+)*-k\b|--insecure\b|_create_unverified_context|verify_peer['\"]?\s*=>\s*false|--insecure-skip-tls-verify")
# Knows where a program has it switched off, to say so.
ALLOWED = {"src/client/trust_rules.c"}


def find(tree):
    for name in tree.named(r"^(src/(causes|run|client|report)/.*\.[ch]|doc/causes/.*\.md|README\.md|doc/.*\.1)$"):
        for number, line in tree.lines(name) if name not in ALLOWED else ():
            if OFF.search(line) and not re.search(r"\b(never|not|no remedy|instead of|rather than|do not)\b", line, re.I):
                yield f"{name}:{number}: {line.strip()}"
