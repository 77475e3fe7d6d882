"""A lab: everything that one case starts, under one temporary folder, ended with it. And what a case is."""
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from clients import Clients
from machine import CACHE
from pki import Pki
from servers import Servers

ELSEWHERE = "unknown"  # a cause that no experiment with the hello can show, as long as its own cause is not in the program


@dataclass
class Case:
    argv: list                  # the user's command
    port: int                   # the port that it connects to
    cause: object               # the expected id, or a tuple of ids that are all right; None: the connection works
    env: dict = field(default_factory=dict)
    says: tuple = ()            # regular expressions that headline, details and remedies together must match
    notes: tuple = ()           # regular expressions that the report's notes must match
    why: object = None          # the kind of the verdict's why, where it is known by construction
    fix: object = None          # True: `run --fix` makes the command work; "weaker": only with --allow-weaker; False: nothing does;
                                # "connected": it connects, and fails for a reason of its own
    fails: bool = True          # the command fails by itself
    extra_seconds: float = 30   # how much longer than alone it may take under watch, report included
    compares_output: bool = False  # what it writes to stdout is the same, byte for byte, with and without watch
    options: tuple = ()         # of `tlswhy run`, more than usual
    connections: object = None  # how many connections to `port` are in the report at least


class Lab(Servers, Clients):
    host, address = "localhost", "127.0.0.1"  # the server's name and address, as the clients know them

    def __init__(self):
        self.dir = Path(tempfile.mkdtemp(prefix="lab-"))
        self.processes, self.sockets = [], []
        self._pki = None

    @property
    def pki(self):
        if self._pki is None:
            self._pki = Pki(CACHE / "pki-1")
        return self._pki

    @property
    def ca(self):
        return self.pki.file("root.pem")

    def close(self):
        for s in self.sockets:
            s.close()
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            try:
                process.wait(3)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout:
                process.stdout.close()
        shutil.rmtree(self.dir, ignore_errors=True)


CASES = {}


def case(function):
    """Registers a function that takes a Lab and gives a Case; its name is the case's."""
    CASES[function.__name__.replace("_", "-")] = function
    return function
