#!/usr/bin/env python3
"""Servers that refuse for no reason of the offer's, and what `tlswhy server` tells of them. server_faults.py --tlswhy BINARY [--only PATTERN]

A box before a server whose suites are known: it resets or closes every nth connection, or some at random, answers with an alert that has
nothing to do with the hello, or that says no to it, says nothing at times, or bears no large offers. What the server takes must be told all the same; what could
not be found out is unknown, never no; and a box that means its resets is still told to refuse.
"""
import random
import re
import socket
import struct
import sys
import threading
import time

from box import both_ways, serve_each
from compare_scanners import RSA_128, RSA_256, demand, fact, main, offered, record, suites_of, tlswhy_says
from server_options import Counting

LARGE = 64
OLD = ["-cipher", "AES128-SHA:AES256-SHA:@SECLEVEL=0", "-no_tls1_3", "-serverpref"]
THREE = {version: [RSA_128, RSA_256] for version in ("TLS 1.0", "TLS 1.1", "TLS 1.2")}
ALERT_HANDSHAKE_FAILURE, ALERT_DECODE_ERROR, ALERT_INTERNAL_ERROR = 40, 50, 80


def alert(description):
    return record(21, bytes([2, description]))


class Box:
    """`fault(number of the connection, hello)` is None where the server is to answer, else "reset", "close", "silence" or bytes to say."""

    def __init__(self, backend, fault):
        self.backend, self.fault, self.number, self.faults, self.lock = backend, fault, 0, 0, threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=serve_each, args=(self.listener, self._serve), daemon=True).start()

    def _serve(self, taken):
        with self.lock:
            self.number += 1
            number = self.number
        with taken:
            try:
                taken.settimeout(20)
                hello = taken.recv(65536)
                what = self.fault(number, hello) if hello else "close"
                self.faults += what is not None
                if what is None:
                    self._lead(taken, hello)
                elif what == "reset":
                    taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                elif what == "silence":
                    taken.recv(65536)
                elif what != "close":
                    taken.sendall(what)
            except OSError:
                return

    def _lead(self, taken, hello):
        with socket.create_connection(("127.0.0.1", self.backend)) as upstream:
            upstream.sendall(hello)
            both_ways(taken, upstream)


def every(nth, what):
    return lambda number, _: what if number % nth == 0 else None


def at_random(share, what):
    chance = random.Random(7)
    return lambda number, _: what if chance.random() < share else None


def large(what):
    return lambda _, hello: what if hello[0] == 22 and len(offered(hello)) > LARGE else None


def late(seconds):
    return lambda _, hello: time.sleep(seconds)


def check_late(tlswhy, lab):
    """Whatever comes takes longer than a probe waits in company: a server that is slow, and not one without TLS."""
    box = Box(lab.s_server(*OLD), late(3.5))
    try:
        told = tlswhy_says(tlswhy, box.port, "--suites", "--timeout", "120")
        demand(f"{suites_of(told)}", suites_of(told) == THREE)
        return f"{box.number} connections", 0
    finally:
        box.listener.close()


def check_found(tlswhy, lab, fault, *options):
    """All that the server takes, in its order, and no version of which it is said that it is not taken."""
    box = Box(lab.s_server(*OLD), fault)
    try:
        told = tlswhy_says(tlswhy, box.port, "--timeout", "120", *options)
        demand("the box did nothing", box.faults > 0)
        demand(f"{suites_of(told)}", suites_of(told) == THREE)
        demand("it is not the server's order", all(v["suites"]["order"] == "server" for v in told["versions"] if v["suites"]["accepted"]))
        return f"{box.number} connections, {box.faults} of them spoilt", 0
    finally:
        box.listener.close()


def check_habits(tlswhy, lab):
    """Of habits too what is reset at times is asked again; without the box the same is told."""
    port = lab.s_server(*OLD)
    box = Box(port, every(6, "reset"))
    try:
        plain, told = (tlswhy_says(tlswhy, p, "--timeout", "120") for p in (port, box.port))
        for habit in plain["facts"]:
            here = fact(told, habit["id"])
            demand(f"{here} and not {habit}", here["value"] == habit["value"])
    finally:
        box.listener.close()


def check_never_answered(tlswhy, lab):
    """What is asked for the first time is reset, and answered when it is asked again; that of TLS 1.1 never: it is unknown, and not no."""
    seen = set()

    def fault(_, hello):
        is_tls11, suites = hello[0] == 22 and hello[9:11] == b"\x03\x02", hello[44 + hello[43]:][:40] if hello[0] == 22 else hello[:20]
        is_first = (hello[9:11], suites) not in seen
        seen.add((hello[9:11], suites))
        return "reset" if is_tls11 or is_first else None
    box = Box(lab.s_server(*OLD), fault)
    try:
        told = tlswhy_says(tlswhy, box.port, "--suites", "--timeout", "120")
        suites = {v["version"]: v["suites"] for v in told["versions"]}
        demand(f"{suites['TLS 1.1']}", suites["TLS 1.1"]["accepted"] is None and re.search("reset", suites["TLS 1.1"]["others_refused_by"]))
        demand(f"{suites['TLS 1.2']}", suites["TLS 1.2"]["names"] == [RSA_128, RSA_256])
    finally:
        box.listener.close()


def check_alerts_at_random(tlswhy, lab, share):
    """The alert that says no to an offer, and no offer is meant: versions, suites and habits are told as without the box."""
    port = lab.s_server(*OLD)
    box = Box(port, at_random(share, alert(ALERT_HANDSHAKE_FAILURE)))
    try:
        plain, told = (tlswhy_says(tlswhy, p, "--timeout", "120") for p in (port, box.port))
        demand(f"{suites_of(told)}", suites_of(told) == THREE)
        for habit in plain["facts"]:
            demand(f"{fact(told, habit['id'])} and not {habit}", fact(told, habit["id"])["value"] in (habit["value"], None))
        return f"{box.number} connections, {box.faults} of them spoilt", 0
    finally:
        box.listener.close()


def check_burst(tlswhy, lab):
    """TLS 1.1 is reset for three tenths of a second, however often it is asked for then, and all else is answered."""
    began = []

    def fault(_, hello):
        is_tls11 = hello[0] == 22 and hello[9:11] == b"\x03\x02"
        began.append(time.monotonic())
        return "reset" if is_tls11 and time.monotonic() - began[0] < 0.3 else None
    return check_found(tlswhy, lab, fault, "--suites")


def check_means_it(tlswhy, lab):
    """A server that resets whatever it does not take: that is a refusal, said three times and once in the end, and no more is asked."""
    def fault(_, hello):
        is_taken = hello[0] == 22 and hello[9:11] == b"\x03\x03" and {0x2F, 0x35} & set(offered(hello))
        return None if is_taken else "reset"
    box = Box(lab.s_server(*OLD), fault)
    try:
        told = tlswhy_says(tlswhy, box.port, "--suites")
        suites = {v["version"]: v["suites"] for v in told["versions"]}
        demand(f"{suites['TLS 1.2']}", suites["TLS 1.2"]["names"] == [RSA_128, RSA_256] and suites["TLS 1.2"]["complete"])
        for version in ("SSL 2.0", "SSL 3.0", "TLS 1.0", "TLS 1.1"):
            demand(f"{version}: {suites[version]}", suites[version]["accepted"] is False and suites[version]["others_refused_by"] == "connection reset")
        demand(f"{box.number} connections", box.number < 70)
        return f"{box.number} connections", 0
    finally:
        box.listener.close()


def check_too_many_in_clear(tlswhy, lab):
    """As some chat servers say it: in clear, where the client's hello waits for an answer."""
    counting = Counting({"127.0.0.1": lab.s_server(*OLD)}, holds=0.02, at_once_max=5, instead=b"ERROR :too many connections from your address\r\n")
    try:
        told = tlswhy_says(tlswhy, counting.port)
        demand(f"{suites_of(told)}", suites_of(told) == THREE)
        demand(f"{told['versions']}", all(v["suites"]["complete"] and "not TLS" not in (v["suites"]["others_refused_by"] or "") for v in told["versions"]))
        demand("unknown", all(habit["value"] is not None or habit["id"] == "encrypt-then-mac" for habit in told["facts"]))
    finally:
        counting.close()


def found(fault, *options):
    return lambda tlswhy, lab: check_found(tlswhy, lab, fault(), *options)


CHECKS = {
    **{f"every connection of {n} is reset": found(lambda n=n: every(n, "reset"), "--suites") for n in (2, 3, 5, 10)},
    "every seventh is closed": found(lambda: every(7, "close"), "--suites"),
    "one of five is reset at random": found(lambda: at_random(0.2, "reset"), "--suites"),
    "every fifth gets internal_error": found(lambda: every(5, alert(ALERT_INTERNAL_ERROR)), "--suites"),
    "every ninth gets no answer": found(lambda: every(9, "silence"), "--suites"),
    "large offers are reset": found(lambda: large("reset"), "--suites"),
    "large offers are closed": found(lambda: large("close"), "--suites"),
    "large offers get handshake_failure": found(lambda: large(alert(ALERT_HANDSHAKE_FAILURE)), "--suites"),
    "large offers get decode_error": found(lambda: large(alert(ALERT_DECODE_ERROR)), "--suites"),
    "large offers get no answer": found(lambda: large("silence"), "--suites"),
    "each answer takes three seconds and a half": check_late,
    "habits, where every sixth is reset": check_habits,
    "a version that is always reset among others that are so once": check_never_answered,
    "a server that means its resets": check_means_it,
    "a burst of resets": check_burst,
    **{f"{share:.0%} get handshake_failure at random": lambda tlswhy, lab, share=share: check_alerts_at_random(tlswhy, lab, share)
       for share in (0.05, 0.1, 0.2)},
    "too many at once, said in clear": check_too_many_in_clear,
}
if __name__ == "__main__":
    sys.exit(main(CHECKS, __doc__))
