"""Global state makes tests depend on each other; control flow in macros cannot be read."""
import re

TITLE = "state: no global variables but constant tables, no control flow in macros"
CURE = "put it into a struct that is handed in; make the macro a function"


def find(tree):
    for name in tree.sources():
        for number, line in tree.code_lines(name):
            if re.match(r"(static\s+)?(?!const\b|extern\b|typedef\b|return\b|struct\s+\w+\s*[{;]|enum\b|union\s+\w+\s*\{)[a-z_][\w ]*[ *]\w+(\[[^\]]*\])*\s*(=.*|;)\s*$", line) \
                    and "const " not in line and "(" not in line.split("=")[0]:
                yield f"{name}:{number}: a global variable: {line.strip()}"
            if re.match(r"\s*#\s*define\b.*\b(return|goto|break|continue)\b", line):
                yield f"{name}:{number}: a macro with control flow: {line.strip()}"
