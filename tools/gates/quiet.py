"""Nothing prints but report and cli; nothing ends the process but main (and the child, before it becomes the command)."""
import re

from . import counted, room_of

TITLE = "quiet: no printing outside report and cli, no exit outside main"
CURE = "fill an error (src/base/error.h) and return false; whoever called prints it, in cli by cli_complain"

PRINTING = {"report", "cli"}
PATTERNS = {
    "printing": r"\b(printf|fprintf|vprintf|vfprintf|dprintf|puts|fputs|putchar|perror|fputc|warn|warnx|syslog)\s*\(",
    "ending the process": r"\b(exit|_exit|_Exit|quick_exit|abort|err|errx)\s*\(",
    "a sentence that is not made safe": r"\bfprintf\s*\(\s*stderr|\bf?(puts|putc)\s*\(.*\bstderr\b",
}
ALLOWED = {
    ("src/cli/output.c", "a sentence that is not made safe"): (1, "cli_complain itself"),
    ("src/base/arena.c", "ending the process"): (1, "out of memory: there is nothing left to say it with"),
    ("src/net/loop.c", "ending the process"): (1, "out of memory for a few bytes"),
    ("src/trace/relay.c", "ending the process"): (1, "out of memory for a few bytes"),
    ("src/crypto/key_share.c", "ending the process"): (1, "the kernel has no random numbers"),
    ("src/trace/guardian.c", "ending the process"): (1, "the guardian's own end"),
    ("src/client/private_folder.c", "ending the process"): (1, "the keeper's own end"),
    ("src/trace/capability.c", "ending the process"): (2, "the end of the process that tries, and of the one that is tried on"),
    ("src/client/trust_rules.c", "ending the process"): (1, "the end of the process that asks for the clock"),
    ("src/trace/spawn.c", "ending the process"): (2, "the child, before it has become the command"),
    ("src/run/jobs.c", "ending the process"): (1, "the child's own end"),
    ("src/run/kept.c", "ending the process"): (1, "the copier's own end, for a child that outlives the command"),
    ("src/trace/trace.c", "ending the process"): (1, "the detached supervisor's own end"),
}


def find(tree):
    found = []
    for name in tree.named(r"^src/.*\.[ch]$"):
        for number, line in tree.code_lines(name):
            for what, pattern in PATTERNS.items():
                if re.search(pattern, line) and not (what == "printing" and room_of(name) in PRINTING):
                    found.append((name, what, f"{name}:{number}: {what}: {line.strip()}"))
    yield from counted(found, ALLOWED)
