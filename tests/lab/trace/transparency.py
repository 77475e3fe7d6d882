"""Runs a situation with and without being watched, and demands that nothing differs: stdout, stderr, exit status or signal, time,
and what the server saw. transparency.py WATCH SITUATION [--user] [--refuse TOOL [--unit | --old]]"""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import servers

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"
SLACK_S = 0.4
TRIES = 3
# Programs that alone have two texts for the same thing, by which of two timers of their own, less than a millisecond apart, is
# looked at first: curl says that it "Failed to connect", or now and then, more often on a busy machine, that the "Connection
# timeout" has come. What is shown there is that both runs may say the same; who changes the text does so in each run.
RACES = ("curl_timeout",)

# name of the client's behaviour: (what it connects to, how many connections the watcher must tell of)
HTTP = {name: connections for name, connections in {
    "blocking": 1, "names": 1, "names_of_mapped": 1, "names_of_bound": 1, "bound_elsewhere": 1, "bound_any_with_port": 1,
    "wrong_arguments": 1, "connect_twice": 1, "non_blocking": 1, "fast_open_by_sendto": 1, "fast_open_by_sendmsg": 1, "timer_and_connects": 200, "threads": 50, "forks": 6, "execs": 1,
    "fork_shares_pending": 1, "hundred_at_once": 100, "thousand_in_turn": 1001, "disconnected_and_reused": 2, "duplicated": 1,
    "download": 1, "slow_reader": 1, "unix_sockets": 0, "cloexec_and_flags": 1}.items()}
MANY = {"reset_at_accept": 60, "peer_after_end": 30}
NOBODY = {"refused": 3, "unreachable": 3, "non_blocking_refused": 4, "fast_open_refused": 1}
HOLE = {"pending": 1, "blocking_timeout": 1, "python_timeout": 1, "alarm_ends_connect": 1, "killed_while_connecting": 1,
        "timer_while_connecting": 1, "thread_timer_while_connecting": 1}
BEHAVIOURS = {
    "half_close_of_client": servers.echo_after_end, "half_close_of_server": servers.ends_first, "reset_seen": servers.resets_after_data,
    "reset_by_unread_data": servers.resets_at_once, "reset_by_poll": servers.resets_unasked,
    "reset_at_accept": servers.resets_at_accept, "peer_after_end": servers.ends_at_once, "peer_after_reset": servers.resets_after_data,
    "peer_after_both_ends": servers.echo_after_end, "peer_after_own_end": servers.tells_how_client_ended,
    "write_after_end": servers.ends_at_once,
    "resets_server": servers.tells_how_client_ended, "leaves_data_unread": servers.tells_how_client_ended,
    "closes_properly": servers.tells_how_client_ended, "ends_with_data_on_the_way": servers.tells_how_client_ended,
    "large_both_ways": servers.echo_after_end}


def unused_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def programs(port):
    """Real programs: argv, and how many connections at least."""
    url = "http://127.0.0.1:%d/100000" % port
    return {
        "curl": (["curl", "-sS", url, url], 1),
        "curl_refused": (["curl", "-sS", "http://127.0.0.1:%d/" % unused_port()], 1),
        "curl_timeout": (["curl", "-sS", "--connect-timeout", "0.5", "http://127.0.0.1:%d/" % servers_hole()], 1),
        "node": (["node", "-e", "fetch('%s').then(r => r.text()).then(t => console.log(t.length))" % url], 1),
        "git": (["git", "ls-remote", "http://127.0.0.1:%d/2" % port], 1),
        "wget": (["wget", "-qO-", url], 1),
        "wget2": (["wget2", "-qO-", url], 1),
        "ways": ([os.path.join(os.path.dirname(os.path.abspath(sys.argv[1])), "../lab/trace/ways"), str(port)], 1),
        "java": (["java", os.path.join(HERE, "Fetch.java"), url], 1),
    }


def servers_hole():
    servers_hole.kept = servers.BlackHole()
    return servers_hole.kept.port


def prepare(situation):
    """The command, how many connections, and the server (or None)."""
    client = [PYTHON, os.path.join(HERE, "clients.py"), situation]
    if situation in HTTP:
        server = servers.Server(servers.http)
        return client + [str(server.port)], HTTP[situation], server
    if situation in ("ipv6", "ipv6_only"):
        server = servers.Server(servers.http, socket.AF_INET6)
        return client + [str(server.port)], 1, server
    if situation in NOBODY:
        return client + [str(unused_port())], NOBODY[situation], None
    if situation in HOLE:
        return client + [str(servers_hole())], HOLE[situation], None
    if situation in BEHAVIOURS:
        server = servers.Server(BEHAVIOURS[situation])
        return client + [str(server.port)], MANY.get(situation, 1), server
    server = servers.Server(servers.http)
    argv, connections = programs(server.port)[situation]
    if shutil.which(argv[0]) is None:
        sys.exit(77)  # skipped
    return argv, connections, server


def run(argv, server):
    before = len(server.results) if server else 0
    start = time.monotonic()
    done = subprocess.run(argv, capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
    taken = time.monotonic() - start
    time.sleep(0.3)
    return (done.stdout, done.stderr, done.returncode), taken, server.results[before:] if server else []


def as_user(argv):
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"] + argv


def problems(situation, watch, user, refuse):
    argv, connections, server = prepare(situation)
    report = tempfile.NamedTemporaryFile(delete=False)
    os.chmod(report.name, 0o666)
    watched = refuse + [watch, "-o", report.name] + argv
    plain, plain_s, plain_seen = run(as_user(argv) if user else argv, server)
    seen, seen_s, seen_seen = run(as_user(watched) if user else watched, server)
    if situation.startswith("curl"):  # its own milliseconds
        plain, seen = [tuple(re.sub(rb"after \d+ ms|\d{3} milli", b"", x) if isinstance(x, bytes) else x for x in y) for y in (plain, seen)]
    if plain[2] < 0:
        plain = (plain[0], plain[1], 128 - plain[2])
    if plain != seen:
        yield "without: %r\nwatched: %r" % (plain, seen)
    if plain_seen != seen_seen:
        yield "server without: %r\nserver watched: %r" % (plain_seen, seen_seen)
    if seen_s - plain_s > SLACK_S + plain_s * 0.5 or (situation in HOLE and plain_s - seen_s > SLACK_S):
        yield "time without: %.3f s, watched: %.3f s" % (plain_s, seen_s)
    text = open(report.name).read()
    if os.environ.get("SHOW"):
        print(text)
    os.unlink(report.name)
    told = len(re.findall(r"^\d+ ", text, re.M))
    if refuse and told < connections:
        if "cannot be replaced" not in text:
            yield "neither told nor listed:\n" + text
    elif told != connections and situation not in ("git", "node", "ways", "java"):
        yield "%d connections told, not %d:\n%s" % (told, connections, text)


def problems_that_stay(situation, *how):
    """On a busy machine either run may have had to wait: what takes longer for being watched does so each time. As
    of old, a signal may take a call back before the watcher has heard of it, each time anew."""
    tries, may_differ = (2 * TRIES, "") if situation in RACES else (TRIES, ("time without", "neither told"))
    found = list(problems(situation, *how))
    for _ in range(tries - 1):
        if found and all(problem.startswith(may_differ) for problem in found):
            found = list(problems(situation, *how))
    return found


def main():
    watch, situation, user = os.path.abspath(sys.argv[1]), sys.argv[2], "--user" in sys.argv
    if user and os.geteuid() != 0:
        sys.exit(77)
    refuse = [os.path.abspath(sys.argv[sys.argv.index("--refuse") + 1])] if "--refuse" in sys.argv else []
    refuse += [option for option in ("--unit", "--old") if refuse and option in sys.argv]
    found = problems_that_stay(situation, watch, user, refuse)
    print("\n".join(found) or "ok")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
