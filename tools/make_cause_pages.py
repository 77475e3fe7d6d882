#!/usr/bin/env python3
"""Makes the table of causes that `tlswhy explain` prints: make_cause_pages.py ORDER OUT.c

ORDER lists the ids, one a line; beside it lies ID.md for each, whose first line is "# ID: title". A page fits a terminal of 80 columns,
and so does its title in the list of all, after a column for the ids.
"""
import sys
from pathlib import Path


COLUMNS, ID_COLUMN = 80, 32


def literal(text):
    lines = text.replace("\\", "\\\\").replace('"', '\\"').splitlines()
    return "\n".join(f'     "{line}\\n"' for line in lines)


def main(order, out):
    folder = Path(order).parent
    parts = ["/* Made by tools/make_cause_pages.py from doc/causes/. Do not edit. */", '#include "causes/catalogue.h"', "",
             "const cause_page cause_pages[] = {"]
    for cause in Path(order).read_text().split():
        page = folder / f"{cause}.md"
        if not page.exists():
            sys.exit(f"make_cause_pages: {cause} is in {order}, but has no page {page.name}")
        text = page.read_text()
        if not text.startswith(f"# {cause}: "):
            sys.exit(f'make_cause_pages: {page.name}: the first line has to be "# {cause}: title"')
        lines = text.splitlines()
        if len(lines[0]) - len(f"# {cause}: ") > COLUMNS - ID_COLUMN:
            sys.exit(f"make_cause_pages: {page.name}:1: a title has at most {COLUMNS - ID_COLUMN} characters")
        for number, line in enumerate(lines, 1):
            if len(line) > COLUMNS:
                sys.exit(f"make_cause_pages: {page.name}:{number}: wider than {COLUMNS} columns")
        parts.append(f'    {{"{cause}",\n{literal(text)}}},')
    parts += ["};", "const size_t num_cause_pages = sizeof cause_pages / sizeof *cause_pages;", ""]
    Path(out).write_text("\n".join(parts))


if __name__ == "__main__":
    main(*sys.argv[1:])
