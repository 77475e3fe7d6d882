"""A header says what it is for and who owns what it hands out, before the first line of code."""
import re

TITLE = "headers: a guard of their own, a first comment, a word on ownership"
CURE = "begin with a comment that says what it is for, and a line 'Ownership: ...'; guard it as TLSWHY_ROOM_FILE_H"

# Nothing is handed out there: constants, plain numbers, or the innards of one room whose header in front says it.
NO_OWNERSHIP = re.compile(r"^src/cli/|^src/(causes/cause|diagnose/engine|diagnose/broad|run/watched|trace/state|trace/socket_table)\.h$")


def find(tree):
    for name in tree.named(r"^(src|include)/.*\.h$"):
        text = tree.read(name)
        guard = "TLSWHY_" + re.sub(r"\W", "_", re.sub(r"^(src|include)/", "", name)).upper()
        if f"#ifndef {guard}\n#define {guard}\n" not in text:
            yield f"{name}: its guard is not {guard}"
        first = re.match(r"\s*/\*(.*?)\*/", text, flags=re.S)
        if not first:
            yield f"{name}: does not begin with a comment"
        elif not re.search(r"owner|own[s ]|borrow|pure|constant|caller", first.group(1), re.I) and not NO_OWNERSHIP.match(name):
            yield f"{name}: its first comment has no word on ownership"
