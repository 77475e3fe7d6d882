"""What the lab shares with the machine: the cache folder, ports, and what is not there."""
import os
import shutil
import socket
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
HELLOS = HERE.parent / "data" / "hellos"
CACHE = Path(os.environ.get("LAB_CACHE", f"/var/tmp/tlswhy-lab-{os.getuid()}"))


class Missing(Exception):
    """A client or server that this machine does not have: the case is skipped, and said to be."""


def need(program):
    if not shutil.which(program):
        raise Missing(program)


# Below the kernel's own range, so that no outgoing connection takes the port between our look and the server's bind.
_next_port = 20000 + os.getpid() * 7 % 10000
_port_lock = threading.Lock()


def free_port():
    global _next_port
    with _port_lock:
        while True:
            _next_port = 20000 + (_next_port + 1 - 20000) % 12000
            with socket.socket() as s:
                try:
                    s.bind(("0.0.0.0", _next_port))
                    return _next_port
                except OSError:
                    continue


def wait_for_port(port, process, address="127.0.0.1", seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended at once: {process.args}")
        for family, host in ((socket.AF_INET, address), (socket.AF_INET6, "::1")):
            with socket.socket(family) as s:
                s.settimeout(0.5)
                try:
                    if s.connect_ex((host, port)) == 0:
                        return
                except OSError:
                    pass
        time.sleep(0.03)
    raise RuntimeError(f"no server on {port}: {process.args}")
