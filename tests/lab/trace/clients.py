"""Clients that do one thing each and print what they saw: clients.py NAME PORT [PORT2]"""

import asyncio
import errno
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

HOST = "127.0.0.1"


def attempt(what):
    try:
        return what()
    except EOFError:
        return "end"
    except OSError as error:
        return "%s %s" % (type(error).__name__, errno.errorcode.get(error.errno, error))


def connected(port, family=socket.AF_INET, host=HOST):
    s = socket.socket(family)
    s.connect((host, port))
    return s


def rest(s):
    data = bytearray()
    while True:
        try:
            piece = s.recv(65536)
        except OSError as error:
            return bytes(data), errno.errorcode[error.errno]
        if not piece:
            return bytes(data), "end"
        data += piece


def some(s):
    piece = s.recv(65536)
    if not piece:
        raise EOFError
    return piece


def ask(s, length=5):
    """Returns the length of the body that came."""
    s.sendall(b"GET /%d HTTP/1.1\r\n\r\n" % length)
    head = b""
    while b"\r\n\r\n" not in head:
        head += some(s)
    got = len(head.split(b"\r\n\r\n", 1)[1])
    while got < length:
        got += len(some(s))
    return got


def blocking(port):
    s = connected(port)
    print(ask(s), ask(s, 100000))


def names(port):
    s = connected(port)
    print(s.getpeername(), s.getsockname()[0], s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))


def names_of_mapped(port):
    s = connected(port, socket.AF_INET6, "::ffff:127.0.0.1")
    print(s.getpeername(), s.getsockname()[0], ask(s))


def names_of_bound(port):
    s = socket.socket()
    s.bind((HOST, 0))
    own = s.getsockname()
    s.connect((HOST, port))
    print(s.getpeername(), s.getsockname() == own, ask(s))


def bound_elsewhere(port):
    s = socket.socket()
    s.bind(("127.0.0.7", 0))
    s.connect((HOST, port))
    print(s.getsockname()[0], ask(s))


def bound_any_with_port(port):
    s = socket.socket()
    s.bind(("", 0))
    own = s.getsockname()[1]
    s.connect((HOST, port))
    print(s.getsockname()[1] == own, s.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR), ask(s))


def ipv6(port):
    s = connected(port, socket.AF_INET6, "::1")
    print(s.getpeername(), s.getsockname()[0], ask(s))


def ipv6_only(port):
    s = socket.socket(socket.AF_INET6)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.connect(("::1", port))
    print(s.getpeername(), ask(s))


def refused(port):
    print(attempt(lambda: connected(port)))
    s = socket.socket()
    print(attempt(lambda: s.connect((HOST, port))), s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), attempt(lambda: s.connect((HOST, port))))
    print(attempt(s.getpeername), attempt(lambda: s.recv(1)))


def unreachable(port):
    print(attempt(lambda: connected(port, host="255.255.255.255")))
    print(attempt(lambda: connected(port, socket.AF_INET6, "fe80::1")))
    s = socket.socket()
    s.setblocking(False)
    print(attempt(lambda: s.connect(("255.255.255.255", port))))


def wrong_arguments(port):
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    s = socket.socket()
    for address, length in ((None, 16), (b"\x02\x00", 2), (b"\x02\x00" + b"\0" * 14, 500), (b"\x63\x00" + b"\0" * 14, 16)):
        result = libc.connect(s.fileno(), address, length)
        print(result, errno.errorcode.get(ctypes.get_errno()))
    print(libc.connect(9999, b"\x02\x00" + b"\0" * 14, 16), errno.errorcode.get(ctypes.get_errno()))
    print(libc.connect(1, b"\x02\x00" + b"\0" * 14, 16), errno.errorcode.get(ctypes.get_errno()))
    print(libc.getpeername(s.fileno(), None, None), errno.errorcode.get(ctypes.get_errno()))
    s.connect((HOST, port))
    small, length = ctypes.create_string_buffer(4), ctypes.c_int(4)
    print(libc.getpeername(s.fileno(), small, ctypes.byref(length)), small.raw, length.value)
    length = ctypes.c_int(-1)
    print(libc.getpeername(s.fileno(), small, ctypes.byref(length)), errno.errorcode.get(ctypes.get_errno()))


def connect_twice(port):
    s = connected(port)
    print(attempt(lambda: s.connect((HOST, port))), attempt(lambda: s.connect((HOST, port))), ask(s))
    listener = socket.socket()
    listener.listen(1)
    print(attempt(lambda: listener.connect((HOST, port))))


def poll_for(s, timeout):
    poll = select.poll()
    poll.register(s, select.POLLOUT | select.POLLIN)
    return [events for _, events in poll.poll(timeout * 1000)]


def non_blocking(port):
    s = socket.socket()
    s.setblocking(False)
    print(errno.errorcode[s.connect_ex((HOST, port))])
    print(poll_for(s, 5), s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), s.getpeername(), s.getsockname()[0])
    print(s.connect_ex((HOST, port)), errno.errorcode[s.connect_ex((HOST, port))])
    s.setblocking(True)
    print(ask(s))


MSG_FASTOPEN = 0x20000000


def fast_open(send):
    """A connect that begins with data, without a cookie of the server's: the data is not taken."""
    s = socket.socket()
    s.setblocking(False)
    print(attempt(lambda: send(s)))
    print(poll_for(s, 5), s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), s.getpeername(), s.getsockname()[0])
    print(attempt(lambda: send(s)), attempt(lambda: send(s)))  # the end of the connect, then none
    s.setblocking(True)
    print(ask(s))


def fast_open_by_sendto(port):
    fast_open(lambda s: s.sendto(b"GET", MSG_FASTOPEN, (HOST, port)))


def fast_open_by_sendmsg(port):
    fast_open(lambda s: s.sendmsg([b"G", b"ET"], [], MSG_FASTOPEN, (HOST, port)))


def fast_open_refused(port):
    s = socket.socket()
    s.setblocking(False)
    print(attempt(lambda: s.sendto(b"GET", MSG_FASTOPEN, (HOST, port))))
    poll_for(s, 5)
    print(errno.errorcode.get(s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)))


def non_blocking_refused(port):
    s = socket.socket()
    s.setblocking(False)
    print(errno.errorcode[s.connect_ex((HOST, port))])
    print([e & ~select.POLLIN for e in poll_for(s, 5)])
    print(attempt(s.getpeername), s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
    print(errno.errorcode[s.connect_ex((HOST, port))], errno.errorcode[s.connect_ex((HOST, port))])
    s = socket.socket()
    s.setblocking(False)
    s.connect_ex((HOST, port))
    poll_for(s, 5)
    print(errno.errorcode[s.connect_ex((HOST, port))], errno.errorcode[s.connect_ex((HOST, port))])


def pending(hole):
    s = socket.socket()
    s.setblocking(False)
    print(errno.errorcode[s.connect_ex((HOST, hole))], errno.errorcode[s.connect_ex((HOST, hole))])
    print(poll_for(s, 0.3), attempt(s.getpeername), s.getsockname()[0], s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
    s.close()


def blocking_timeout(hole):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 0, 300000))
    print(attempt(lambda: s.connect((HOST, hole))), attempt(lambda: s.connect((HOST, hole))), poll_for(s, 0.1))


def python_timeout(hole):
    print(attempt(lambda: socket.create_connection((HOST, hole), 0.3)))


def alarm_ends_connect(hole):
    class Alarm(Exception):
        pass

    def ring(*_):
        raise Alarm

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        connected(hole)
    except Alarm:
        print("alarm")


def killed_while_connecting(hole):
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    connected(hole)


def timer_while_connecting(hole):
    """A timer every 20 ms, with restarts, while a connect waits."""
    count = [0]
    signal.signal(signal.SIGALRM, lambda *_: count.__setitem__(0, count[0] + 1))
    signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
    threading.Timer(0.5, lambda: os._exit(0 if count[0] > 15 else 1)).start()
    try:
        connected(hole)
    except OSError as error:
        print(error)


def timer_and_connects(port):
    signal.signal(signal.SIGALRM, lambda *_: None)
    signal.siginterrupt(signal.SIGALRM, False)
    signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)
    print({ask(connected(port)) for _ in range(200)})
    signal.setitimer(signal.ITIMER_REAL, 0)


def thread_timer_while_connecting(hole):
    ticks = []
    thread = threading.Thread(target=lambda: attempt(lambda: connected(hole)), daemon=True)
    thread.start()
    for _ in range(10):
        time.sleep(0.03)
        ticks.append(1)
    print(len(ticks))
    sys.stdout.flush()
    os._exit(0)


def threads(port):
    results = []
    def one():
        results.append(ask(connected(port), 1000))
    all_threads = [threading.Thread(target=one) for _ in range(50)]
    for t in all_threads:
        t.start()
    for t in all_threads:
        t.join()
    print(len(results), set(results))


def forks(port):
    inherited = connected(port)
    for i in range(5):
        pid = os.fork()
        if pid == 0:
            print(ask(connected(port)), inherited.getpeername(), flush=True)
            os._exit(i)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
    print(ask(inherited))


def execs(port):
    print(subprocess.run(["sh", "-c", "exec %s %s names %d" % (sys.executable, __file__, port)], capture_output=True, text=True).stdout.count(str(port)))


def fork_shares_pending(port):
    s = socket.socket()
    s.setblocking(False)
    s.connect_ex((HOST, port))
    pid = os.fork()
    if pid == 0:
        poll_for(s, 5)
        print(s.getpeername(), flush=True)
        os._exit(0)
    os.waitpid(pid, 0)
    s.setblocking(True)
    print(s.getpeername(), ask(s))


def hundred_at_once(port):
    async def one():
        reader, writer = await asyncio.open_connection(HOST, port)
        writer.write(b"GET /20000 HTTP/1.1\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        data = await reader.readexactly(20000)
        writer.close()
        return len(data)

    async def main():
        print(set(await asyncio.gather(*[one() for _ in range(100)])))

    asyncio.run(main())


def thousand_in_turn(port):
    for _ in range(1000):
        connected(port).close()
    print(ask(connected(port)))


def half_close_of_client(port):
    s = connected(port)
    s.sendall(b"x" * 1000000)
    s.shutdown(socket.SHUT_WR)
    print(rest(s))


def half_close_of_server(port):
    s = connected(port)
    print(rest(s))
    s.sendall(b"still talking")
    time.sleep(0.05)
    s.sendall(b"and more")
    s.close()


def reset_seen(port):
    s = connected(port)
    s.sendall(b"x")
    print(rest(s), attempt(lambda: s.send(b"x")), attempt(lambda: s.recv(1)))


def reset_by_unread_data(port):
    s = connected(port)
    s.sendall(b"x" * 100)
    time.sleep(0.2)
    print(attempt(lambda: s.send(b"x")), rest(s), attempt(lambda: s.send(b"x")))


def reset_by_poll(port):
    s = connected(port)
    s.setblocking(False)
    poll = select.poll()
    poll.register(s, select.POLLIN)
    print(poll.poll(2000)[0][1], s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))


def reset_at_accept(port):
    """A connect that has succeeded has succeeded, however soon the reset follows."""
    def one(blocks):
        s = socket.socket()
        s.setblocking(blocks)
        connects = s.connect_ex((HOST, port)) in (0, errno.EINPROGRESS)
        poll_for(s, 5)
        reset = select.poll()
        reset.register(s, 0)
        reset.poll(5000)
        return connects, attempt(lambda: s.send(b"x")), attempt(s.getpeername)

    print({one(True) for _ in range(30)}, {one(False) for _ in range(30)})


def peer_after_end(port):
    """It is still there after its end, and gone at once when it answers what is written then with a reset."""
    def one():
        s = connected(port)
        own = s.getsockname()
        s.sendall(b"x")
        said = rest(s), s.getpeername()
        s.send(b"x")
        return said, attempt(s.getpeername), s.getsockname() == own

    answers = [one() for _ in range(30)]
    print({(said, same) for said, _, same in answers})
    print(sum(peer == "OSError ENOTCONN" for _, peer, _ in answers) > 20)  # the machine may be busy, and the reset late


def peer_after_reset(port):
    s = connected(port)
    s.sendall(b"x")
    print(rest(s), attempt(s.getpeername))


def peer_after_both_ends(port):
    s = connected(port)
    s.shutdown(socket.SHUT_WR)
    print(rest(s), attempt(s.getpeername))


def peer_after_own_end(port):
    s = connected(port)
    s.recv(2)
    s.shutdown(socket.SHUT_RD)
    print(attempt(s.getpeername))


def write_after_end(port):
    s = connected(port)
    s.sendall(b"x")
    print(rest(s))
    print(attempt(lambda: s.send(b"x")))
    time.sleep(0.2)
    print(attempt(lambda: s.send(b"x")), attempt(lambda: s.send(b"x")))


def resets_server(port):
    s = connected(port)
    s.recv(2)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()
    time.sleep(0.2)


def leaves_data_unread(port):
    s = connected(port)
    time.sleep(0.1)
    s.close()
    time.sleep(0.2)


def closes_properly(port):
    s = connected(port)
    s.recv(2)
    s.sendall(b"x" * 100)
    s.close()
    time.sleep(0.2)


def ends_with_data_on_the_way(port):
    s = connected(port)
    s.recv(2)
    s.sendall(b"x" * 3000000)


def disconnected_and_reused(port):
    import ctypes
    libc = ctypes.CDLL(None)
    s = connected(port)
    print(ask(s), libc.connect(s.fileno(), b"\0" * 16, 16), attempt(s.getpeername))
    s.connect((HOST, port))
    print(ask(s), s.getpeername())


def duplicated(port):
    s = connected(port)
    other = s.dup()
    s.close()
    print(other.getpeername(), ask(other))


def large_both_ways(port):
    s = connected(port)
    sent = threading.Thread(target=lambda: (s.sendall(b"y" * 20000000), s.shutdown(socket.SHUT_WR)))
    sent.start()
    print(rest(s))
    sent.join()


def download(port):
    print(ask(connected(port), 50000000))


def slow_reader(port):
    s = connected(port)
    s.sendall(b"GET /3000000 HTTP/1.1\r\nConnection: close\r\n\r\n")
    time.sleep(0.5)
    s.shutdown(socket.SHUT_WR)
    print(len(rest(s)[0]))


def unix_sockets(port):
    a = socket.socket(socket.AF_UNIX)
    print(attempt(lambda: a.connect("/nonexistent")), attempt(lambda: a.connect("\0nobody-listens-here")))
    u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    u.connect((HOST, port))
    print(u.getpeername(), attempt(lambda: u.connect((HOST, 443))))


def cloexec_and_flags(port):
    import fcntl
    s = connected(port)
    print(fcntl.fcntl(s, fcntl.F_GETFL) & os.O_NONBLOCK, fcntl.fcntl(s, fcntl.F_GETFD), s.fileno())


if __name__ == "__main__":
    globals()[sys.argv[1]](*[int(port) for port in sys.argv[2:]])
