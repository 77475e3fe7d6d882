"""A cause without a page cannot be explained; one without a lab case may never have worked."""
import re

TITLE = "causes: each has its file, its page and its lab case"
CURE = "write doc/causes/ID.md, list it in doc/causes/ORDER, and add a case in tests/lab/cases/ that expects it"


def find(tree):
    ids = {}
    for name in tree.named(r"^src/causes/.*\.c$"):
        for match in re.finditer(r'\.id\s*=\s*"([a-z0-9-]+)"', tree.read(name)):
            ids[match.group(1)] = name
    if not ids:
        yield "src/causes: no cause found; has the way they are declared changed?"
    order = tree.read("doc/causes/ORDER").split()
    cases = "".join(tree.read(name) for name in tree.named(r"^tests/lab/cases/.*\.py$"))
    for cause, name in sorted(ids.items()):
        if not (tree.root / f"doc/causes/{cause}.md").exists():
            yield f"{name}: {cause} has no page doc/causes/{cause}.md"
        if cause not in order:
            yield f"{name}: {cause} is not in doc/causes/ORDER"
        if not re.search(rf'"{cause}"', cases):
            yield f"{name}: {cause} has no case in tests/lab/cases/"
    for page in tree.named(r"^doc/causes/.*\.md$"):
        if page.removeprefix("doc/causes/").removesuffix(".md") not in order:
            yield f"{page} is not in doc/causes/ORDER"
    table = tree.read("src/causes/causes.c")
    for cause, name in sorted(ids.items()):
        if f"&cause_{cause.replace('-', '_')}" not in table:
            yield f"{name}: {cause} is not in the table of src/causes/causes.c"
