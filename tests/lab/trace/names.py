"""Names looked up over UDP, in a network of its own with a name server of ours: the resolver sees no difference, and the look-up is
told of. names.py WATCH NAME"""

import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"
WATCH = None
SLACK_S = 0.5
CODES = {"nx": 3, "fail": 2, "refused": 5}
ALIAS_POINTER = b"\xc0\x0c"


def answer(query):
    """The first label says what becomes of it: nx, fail, refused, silent, empty, many, alias; anything else is 127.0.0.9."""
    end = query.index(b"\0", 12)
    kind = query[13:13 + query[12]].decode()
    question, (wanted,) = query[12:end + 5], struct.unpack(">H", query[end + 1:end + 3])
    def record(last):
        return ALIAS_POINTER + struct.pack(">HHIH", 1, 1, 60, 4) + bytes([127, 0, 0, last])

    if kind == "silent":
        return None
    records = []
    if wanted == 1 and kind not in CODES and kind != "empty":
        records = [record(last) for last in (range(9, 49) if kind == "many" else [9])]
        if kind == "alias":
            records.insert(0, ALIAS_POINTER + struct.pack(">HHIH", 5, 1, 60, 4) + b"\x01a\xc0" + bytes([12 + 1 + len(kind)]))
    return query[:2] + struct.pack(">HHHHH", 0x8180 | CODES.get(kind, 0), 1, len(records), 0, 0) + question + b"".join(records)


def serve(server):
    while True:
        query, client = server.recvfrom(4096)
        said = answer(query)
        if said:
            server.sendto(said, client)


def in_own_network():
    """This script again, where it may have port 53 and a resolv.conf."""
    if os.environ.get("TLSWHY_OWN_NETWORK"):
        return
    argv = ["unshare", "-n", "-m"] + ([] if os.geteuid() == 0 else ["-r"]) + [PYTHON] + sys.argv
    if subprocess.run(argv[:argv.index(PYTHON)] + ["true"], stderr=subprocess.DEVNULL).returncode != 0:
        sys.exit(77)
    os.environ["TLSWHY_OWN_NETWORK"] = "1"
    os.execvp(argv[0], argv)


def set_up(with_server=True):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.NamedTemporaryFile("w", delete=False) as resolv:
        resolv.write("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    subprocess.run(["mount", "--bind", resolv.name, "/etc/resolv.conf"], check=True)
    os.unlink(resolv.name)
    if with_server:
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("127.0.0.1", 53))
        threading.Thread(target=serve, args=(server,), daemon=True).start()


def run(argv):
    start = time.monotonic()
    done = subprocess.run(argv, capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
    return (done.stdout, done.stderr, done.returncode), time.monotonic() - start


def same(argv, prefix=()):
    """Demands that nothing differs, and returns what the watcher tells."""
    if shutil.which(argv[0]) is None:
        sys.exit(77)
    with tempfile.NamedTemporaryFile() as report:
        plain, plain_s = run(argv)
        watched, watched_s = run([*prefix, WATCH, "-o", report.name, *argv])
        assert plain == watched, (plain, watched)
        assert abs(watched_s - plain_s) < SLACK_S + plain_s * 0.5, (plain_s, watched_s)
        return open(report.name).read()


RESOLVE = """import socket, sys
for name in sys.argv[1:]:
    try:
        print(name, sorted({found[4][0] for found in socket.getaddrinfo(name, 443, socket.AF_UNSPEC, socket.SOCK_STREAM)}))
    except OSError as error:
        print(name, error)
"""


def getaddrinfo_of_glibc():
    set_up()
    told = same([PYTHON, "-c", RESOLVE, "good.example", "alias.example", "nx.example", "fail.example", "refused.example", "empty.example", "silent.example"])
    for line in ("good.example: 127.0.0.9", "alias.example: 127.0.0.9", "nx.example: code 3", "fail.example: code 2", "refused.example: code 5",
                 "empty.example: code 0", "silent.example: no answer"):
        assert "looked up %s\n" % line in told, (line, told)
    assert "not observed" not in told, told


def large_answer():
    """Forty addresses are more than 512 bytes: all of them reach the resolver."""
    set_up()
    told = same([PYTHON, "-c", RESOLVE, "many.example"])
    assert "looked up many.example: 127.0.0." in told, told


def one_family():
    set_up()
    told = same([PYTHON, "-c", "import socket; print(socket.gethostbyname('good.example'))"])
    assert "looked up good.example: 127.0.0.9\n" in told, told


def no_name_server():
    """Nobody listens on port 53: the refusal reaches the resolver at once."""
    set_up(with_server=False)
    same([PYTHON, "-c", RESOLVE, "good.example"])
    same([PYTHON, "-c", "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(('127.0.0.1', 53)); s.send(b'x')\n"
          "try:\n s.recvfrom(2048)\nexcept OSError as error:\n print(error)"])


def sent_without_connect():
    """As musl and dnspython do: sendto, recvfrom, and the answer's source is looked at."""
    set_up()
    program = ("import socket, select; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); "
               "s.sendto(b'\\0\\1\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0\\4good\\7example\\0\\0\\1\\0\\1', ('127.0.0.1', 53)); select.select([s], [], [], 5); "
               "print(s.recvfrom(2048), s.getsockname()[0])")
    told = same([PYTHON, "-c", program])
    assert "looked up good.example: 127.0.0.9\n" in told, told


QUESTION = "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); q = b'\\0\\1\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0\\4good\\7example\\0\\0\\1\\0\\1'; to = ('127.0.0.1', 53)\n"


def answer_by_recvmmsg():
    """Which receives no stream: seen as well, whether it has to wait for the answer or not."""
    set_up()
    program = ("import ctypes, select, socket, struct, sys\n" + QUESTION + "s.sendto(q, to)\n"
               "if sys.argv[1] == 'ready':\n select.select([s], [], [], 5)\n"
               "room = ctypes.create_string_buffer(2048); piece = ctypes.create_string_buffer(struct.pack('PN', ctypes.addressof(room), 2048))\n"
               "m = ctypes.create_string_buffer(struct.pack('PIxxxxPNPNi12x', 0, 0, ctypes.addressof(piece), 1, 0, 0, 0))\n"
               "print(ctypes.CDLL(None).recvmmsg(s.fileno(), m, 1, 0, None), room.raw[12:24])")
    told = same([PYTHON, "-c", program, "ready"])
    assert "looked up good.example: 127.0.0.9\n" in told and "not observed" not in told, told
    told = same([PYTHON, "-c", program, "waits"])
    assert "looked up good.example: 127.0.0.9\n" in told or "not observed: answers of a name server, " in told, told


def answer_that_is_waited_for():
    """In recvfrom itself: what comes then is not seen, and that is listed."""
    set_up()
    told = same([PYTHON, "-c", "import socket, threading\n" + QUESTION + "threading.Timer(0.3, lambda: s.sendto(q, to)).start(); s.bind(('127.0.0.1', 0)); print(s.recvfrom(2048)[0][12:24])"])
    assert "not observed: answers of a name server, " in told, told


def asked_and_answered_unseen():
    """By sendmsg, which streams are sent by as well: the socket is listed, for as long as it waits."""
    set_up()
    told = same([PYTHON, "-c", "import socket, time\n" + QUESTION + "s.sendmsg([q], [], 0, to); time.sleep(0.3); print(s.recvmsg(2048)[0][12:24])"])
    assert "not observed: datagrams to an address that is not seen" in told, told


def cares_of_node():
    set_up()
    told = same(["node", "-e", "require('dns').resolve4('good.example', (e, a) => console.log(e, a))"])
    assert "looked up good.example: 127.0.0.9\n" in told, told


def resolver_of_go():
    """Reads with read(2), which is not notified: it works all the same, and is listed."""
    set_up()
    if shutil.which("go") is None:
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "look.go"), "w") as source:
            source.write('package main\nimport ("fmt"; "net")\nfunc main() { fmt.Println(net.LookupHost("good.example")); fmt.Println(net.LookupHost("nx.example")) }\n')
        subprocess.run(["go", "build", "-o", "look", "look.go"], cwd=folder, check=True, env={**os.environ, "CGO_ENABLED": "0", "GOCACHE": folder + "/cache"})
        told = same([os.path.join(folder, "look")])
    assert told.count("not observed: answers of a name server") == 1, told


def tool_dig():
    """libuv's recvmsg: the question is seen, the answer is not."""
    set_up()
    told = same(["dig", "+short", "good.example"])
    assert "looked up good.example: no answer\n" in told, told
    assert "not observed: answers of a name server, " in told, told


def answer_that_is_not_seen():
    """As musl does it: sendto, recvmsg. What the name server answered is not claimed to be silence."""
    set_up()
    tlswhy = os.path.join(os.path.dirname(WATCH), "../../tlswhy")
    program = ("import socket, sys; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); kind = sys.argv[1].encode(); s.settimeout(1)\n"
               "s.sendto(b'\\0\\1\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0' + bytes([len(kind)]) + kind + b'\\7example\\0\\0\\1\\0\\1', ('127.0.0.1', 53))\n"
               "try:\n s.recvmsg(2048)\nexcept OSError:\n pass\nsys.exit(1)")
    said = {kind: subprocess.run([tlswhy, "run", "--", PYTHON, "-c", program, kind], capture_output=True, timeout=60).stderr.decode().replace("\n ", "")
            for kind in ("good", "nx", "silent")}
    assert "dns-failed" not in said["good"], said
    assert "dns-failed" in said["nx"] and "did not answer" not in said["nx"], said
    assert "dns-failed" in said["silent"] and "did not answer" in said["silent"], said


def in_a_sandbox():
    """Sockets cannot be reached: one of ours is put in their place, whose answers are seen."""
    set_up()
    names = "good.example", "nx.example", "many.example", "silent.example"
    told = same([PYTHON, "-c", RESOLVE, *names], prefix=[os.path.abspath(sys.argv[3])])
    for line in ("good.example: 127.0.0.9\n", "nx.example: code 3\n", "many.example: 127.0.0.", "silent.example: no answer\n"):
        assert "looked up " + line in told, (line, told)


def many_lookups_in_a_sandbox():
    """More sockets than are kept, in threads and children; and one that asks two servers in turn."""
    set_up()
    program = ("import concurrent.futures, os, socket\n"
               "def look(i):\n return socket.gethostbyname('good%d.example' % i)\n"
               "with concurrent.futures.ThreadPoolExecutor(8) as pool:\n print(list(pool.map(look, range(60))))\n"
               "if os.fork() == 0:\n print(look(60), flush=True)\n os._exit(0)\nos.wait()\n"
               "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
               "q = b'\\0\\1\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0\\5again\\7example\\0\\0\\1\\0\\1'\n"
               "for host in ('127.0.0.2', '127.0.0.1'):\n s.connect((host, 53)); s.send(q); print(s.getpeername())\n"
               "s.settimeout(3); print(s.recvfrom(2048))")
    told = same([PYTHON, "-c", program], prefix=[os.path.abspath(sys.argv[3])])
    assert told.count(": 127.0.0.9\n") >= 61, told


HELLO = """import socket, ssl, sys
host, port, sni, before = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4].encode()
s = socket.create_connection((host, port))
if before:
    s.sendall(before + b'\\r\\n\\r\\n'); s.recv(4096)
context = ssl.create_default_context(); context.check_hostname = False
context.wrap_socket(s, server_hostname=sni or None)"""


def drop_hellos(listener):
    """Leads on whoever asks for it, and closes after a hello."""
    while True:
        client = listener.accept()[0]
        if client.recv(4096).startswith(b"CONNECT"):
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            client.recv(4096)
        client.close()


def host_names_in_their_order():
    """SNI, CONNECT, the name that was looked up, /etc/hosts, an argument: each where there is none of those before it."""
    set_up()
    with tempfile.NamedTemporaryFile("w", delete=False) as hosts:
        hosts.write("127.0.0.1 localhost\n127.0.0.9 hosts.example\n")
    subprocess.run(["mount", "--bind", hosts.name, "/etc/hosts"], check=True)
    os.unlink(hosts.name)
    listener = socket.create_server(("0.0.0.0", 8443))
    threading.Thread(target=drop_hellos, args=(listener,), daemon=True).start()
    tlswhy = os.path.join(os.path.dirname(WATCH), "../../tlswhy")
    connect = "CONNECT connect.example:443 HTTP/1.1"
    for host, sni, before, name, source in (("good.example", "sni.example", connect, "sni.example", "sni"), ("good.example", "", connect, "connect.example", "connect"),
                                            ("good.example", "", "", "good.example", "dns"), ("127.0.0.%d", "", "", "hosts.example", "hosts"),
                                            ("127.0.0.8", "", "", "127.0.0.8", "argument")):
        program = HELLO.replace("sys.argv[1]", "sys.argv[1] %% 9") if "%" in host else HELLO
        program = program.replace("%%", "%")
        done = subprocess.run([tlswhy, "run", "--json", "-o", "/dev/stdout", "--", PYTHON, "-c", program, host, "8443", sni, before], capture_output=True, timeout=60)
        told = [c["target"] for c in json.loads(done.stdout)["connections"]]
        assert [(t["host"], t["host_from"]) for t in told] == [(name, source)], (name, source, told)
        text = subprocess.run([tlswhy, "run", "--", PYTHON, "-c", program, host, "8443", sni, before], capture_output=True, timeout=60).stderr.decode()
        words = {"connect": "what the proxy was asked for", "dns": "the DNS answer that led to the address", "hosts": "/etc/hosts"}
        assert ("the name is from " + words.get(source, "")) in text if source in words else "the name is from" not in text, text


def other_datagrams():
    """What is no question passes: any length, any answer, to any port."""
    set_up()
    program = ("import socket; a, b = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]; b.bind(('127.0.0.1', 0))\n"
               "for n in (0, 1, 17, 512, 513, 60000):\n a.sendto(b'x' * n, b.getsockname()); print(len(b.recvfrom(65536)[0]))")
    told = same([PYTHON, "-c", program])
    assert "looked up" not in told, told


if __name__ == "__main__":
    in_own_network()
    WATCH = os.path.abspath(sys.argv[1])
    globals()[sys.argv[2]]()
