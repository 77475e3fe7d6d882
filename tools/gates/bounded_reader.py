"""Bytes of a peer are read through src/wire/reader.h alone.

Seen elsewhere: an index one past a length that came from the network; a cast of a buffer to a struct.
"""
import re

from . import counted, room_of

TITLE = "bounded reader: nobody else touches a pointer into the input"
CURE = "read with reader_u8, reader_u16, reader_vector ... (src/wire/reader.h); copy with the arena (src/base/bytes.h)"

FREE_ROOMS = {"base", "wire"}
PATTERNS = {
    "memory function": r"\b(memcpy|memmove|memccpy|mempcpy|bcopy|alloca)\s*\(",
    "unbounded string function": r"\b(strcpy|strcat|stpcpy|sprintf|vsprintf|gets|strncpy|strncat)\s*\(",
    "scanning without errors": r"\b(sscanf|fscanf|scanf|atoi|atol|atoll|atof)\s*\(",
    "index into a view": r"(\.|->)(data|bytes)\s*\)?\s*\[",
    "pointer arithmetic on a view": r"(\.|->)data\s*(\+|-)|\+\s*\w+(\.|->)data\b|\*\s*\w+(\.|->)data\b",
    "cast of a view": r"\(\s*(const\s+)?(struct\s+\w+|u?int(16|32|64)_t|unsigned\s+(short|int|long))\s*\*\s*\)\s*\w+(\.|->)data",
}
# (file, kind): (count, reason)
ALLOWED = {
    ("src/trace/spawn.c", "memory function"): (2, "a descriptor in a control message between our own two processes: CMSG_DATA is not aligned"),
    ("src/trace/trace.c", "memory function"): (1, "grows an array of our own"),
    ("src/trace/process.c", "memory function"): (1, "process_vm_writev wants a buffer that is not const"),
    ("src/net/address.c", "memory function"): (1, "a socket address of the kernel or of the resolver, its length checked before"),
}


def find(tree):
    found = []
    for name in tree.named(r"^src/.*\.[ch]$"):
        if room_of(name) in FREE_ROOMS:
            continue
        for number, line in tree.code_lines(name):
            for what, pattern in PATTERNS.items():
                if re.search(pattern, line):
                    found.append((name, what, f"{name}:{number}: {what}: {line.strip()}"))
    yield from counted(found, ALLOWED)
