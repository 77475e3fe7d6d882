"""A script that only CI runs should not fail on its first line there."""
import ast

TITLE = "python: every script compiles, and says in its first lines what it is"
CURE = "begin with a docstring"


def find(tree):
    for name in tree.named(r"\.py$"):
        try:
            parsed = ast.parse(tree.read(name), name)
        except SyntaxError as e:
            yield f"{name}:{e.lineno}: {e.msg}"
            continue
        if parsed.body and not ast.get_docstring(parsed):
            yield f"{name}: no docstring"
