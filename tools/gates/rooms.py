"""Dependencies between rooms point downwards only, and the pure ones do no I/O and read no clock.

Otherwise a test of the engine needs a network, and is no longer exact.
"""
import re

from . import room_of

TITLE = "rooms: includes point downwards, pure rooms do no I/O"
CURE = "move the fact that is needed down a room, or hand it in as an argument (time, randomness and the network are handed in)"

PURE = {"base", "registry", "wire", "flow", "crypto", "causes", "diagnose", "server"}
IO_HEADERS = re.compile(r"^(uv\.h|time\.h|sys/(socket|time|select|ioctl|uio|wait|ptrace|prctl)\.h|poll\.h|unistd\.h|fcntl\.h|netdb\.h|"
                        r"pthread\.h|signal\.h)$")
# The one part of a room above that a pure room may read: what a probe answered, which is data.
DATA_OF_OTHERS = {"probe/answer.h"}
# (file, header): reason
ALLOWED = {
    ("src/base/arena.c", "unistd.h"): "says that memory is out, before the process ends",
}
NOT_FOR_PURE = {"net", "trace", "probe"}


def order_of_rooms(tree):
    """The order of the root meson.build, which is what the build itself enforces between libraries."""
    return re.findall(r"^subdir\('src/(\w+)'\)", tree.read("meson.build"), flags=re.M)


def find(tree):
    order = order_of_rooms(tree)
    for name in tree.named(r"^src/.*\.[ch]$"):
        room = room_of(name)
        if room not in order:
            if room is not None:
                yield f"{name}: the room {room} is not in the root meson.build"
            continue
        if name.startswith("src/probe/answer."):
            room_is_pure, rank = True, order.index(room)
        else:
            room_is_pure, rank = room in PURE, order.index(room)
        for number, line in tree.lines(name):
            match = re.match(r'\s*#\s*include\s+(["<])([^">]+)[">]', line)
            if not match:
                continue
            header = match.group(2)
            other = header.split("/")[0] if match.group(1) == '"' and "/" in header else None
            if other in order and order.index(other) > rank:
                yield f"{name}:{number}: {room} comes before {other}, and includes {header}"
            if room_is_pure and other in NOT_FOR_PURE and other != room and header not in DATA_OF_OTHERS:
                yield f"{name}:{number}: {room} is pure, and includes {header}"
            if room_is_pure and match.group(1) == "<" and IO_HEADERS.match(header) and (name, header) not in ALLOWED:
                yield f"{name}:{number}: {room} is pure, and includes <{header}>"
            if match.group(1) == '"' and "/" not in header:
                yield f'{name}:{number}: a header of a room is included as "{room}/{header}"'
