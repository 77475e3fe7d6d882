"""What is not observed is passed untouched, works, and is listed. listed.py WATCH NAME"""

import os
import subprocess
import sys
import tempfile

import servers

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"
WATCH = None
USER = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]


def watched(*argv, prefix=()):
    """Stdout, exit status, report."""
    with tempfile.NamedTemporaryFile() as report:
        os.chmod(report.name, 0o666)
        done = subprocess.run([*prefix, WATCH, "-o", report.name, *argv], stdout=subprocess.PIPE, cwd=HERE, timeout=75)
        return done.stdout, done.returncode, open(report.name).read()


def python(program, prefix=()):
    return watched(PYTHON, "-c", program, prefix=prefix)


def need_root():
    if os.geteuid() != 0:
        sys.exit(77)


def http3():
    out, _, report = python("import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(('127.0.0.1', 443)); print(s.getpeername())")
    assert out == b"('127.0.0.1', 443)\n" and "UDP 443 (HTTP/3)" in report, (out, report)


def http3_without_connect():
    """As aioquic does: sendto, and recvfrom when something has come. Where the first answers are from tells what it is; those of another
    port are passed over."""
    need_root()
    program = ("import select, socket, threading; server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); server.bind(('127.0.0.1', %d))\n"
               "def serve():\n while True:\n  data, to = server.recvfrom(2048); server.sendto(data, to)\n"
               "threading.Thread(target=serve, daemon=True).start(); s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
               "for i in range(20):\n s.sendto(b'x' * 1200, server.getsockname()); select.select([s], [], []); assert len(s.recvfrom(2048)[0]) == 1200\nprint('all')")
    for port, listed in ((443, True), (4433, False)):
        out, _, report = watched("unshare", "-n", "sh", "-c", "ip link set lo up; exec \"$@\"", "sh", PYTHON, "-c", program % port)
        assert out == b"all\n" and ("UDP 443 (HTTP/3)" in report) == listed, (port, out, report)


def udp_client(port, sends, receives):
    """What is told of a client that sends and waits by these calls."""
    client = os.path.join(HERE, "udp_client.py")
    out, status, report = watched("unshare", "-n", "sh", "-c", "ip link set lo up; exec \"$@\"", "sh", PYTHON, client, str(port), sends, receives)
    assert (out, status) == (b"True\n", 0), (sends, receives, out, status)
    return report


def http3_that_is_not_answered():
    need_root()
    for receives in ("recv", "recvfrom", "recvmsg", "recvmmsg", "read"):
        for sends in ("connect", "sendto", "sendmmsg"):
            assert udp_client(443, sends, receives).count("UDP 443 (HTTP/3)") == 1, (sends, receives)
        told = udp_client(4433, "sendto", receives)
        assert "not observed" not in told, (receives, told)
    assert "datagrams to an address that is not seen" in udp_client(443, "sendmsg", "recvmsg")


def no_http3_where_a_name_is_looked_up():
    """getaddrinfo connects a UDP socket to each of several addresses, to learn how this machine would go there."""
    need_root()
    hosts = "for i in 1 2 3; do echo 127.0.0.$i several.example; echo ::1 several.example; done > \"$0\"; mount --bind \"$0\" /etc/hosts; ip link set lo up; exec \"$@\""
    program = "import socket, time; print(len(socket.getaddrinfo('several.example', 443, 0, socket.SOCK_STREAM))); time.sleep(0.1)"
    with tempfile.NamedTemporaryFile() as file:
        done = subprocess.run(["unshare", "-n", "-m", "sh", "-c", hosts, file.name, WATCH, PYTHON, "-c", program], capture_output=True, timeout=30)
    assert done.stdout.startswith(b"6\n") and b"HTTP/3" not in done.stdout + done.stderr, done


def quic_by_its_options():
    """As quic-go, quinn and msquic do: sendmsg, recvmsg, and options that hardly anything else sets."""
    program = "import socket; s = socket.socket(socket.%s, socket.%s); s.setsockopt(%d, %d, 1); print(s.getsockopt(%d, %d))"
    for family, kind, level, name, listed in (("AF_INET", "SOCK_DGRAM", 0, 13, True), ("AF_INET6", "SOCK_DGRAM", 41, 66, True),
                                              ("AF_INET", "SOCK_DGRAM", 17, 104, True), ("AF_INET", "SOCK_DGRAM", 1, 2, False),
                                              ("AF_INET", "SOCK_STREAM", 0, 13, False)):
        out, _, report = python(program % (family, kind, level, name, level, name))
        assert out == b"1\n" and ("QUIC" in report) == listed, (family, kind, level, name, out, report)


def io_uring():
    _, status, report = python("import ctypes; ctypes.CDLL(None).syscall(425, 1, None)")
    assert status == 0 and "io_uring" in report, report


def another_network_namespace():
    need_root()
    program = ("import servers, clients, socket, subprocess; subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True); "
               "s = servers.Server(servers.http); clients.names(s.port)")
    out, status, report = watched("unshare", "-n", PYTHON, "-c", program)
    assert status == 0 and b"127.0.0.1" in out and "another network namespace" in report, (out, report)


def socket_of_another_network_namespace():
    """The process is at home, its socket is not."""
    need_root()
    program = ("import ctypes, os, socket, clients; home = os.open('/proc/self/ns/net', 0); libc = ctypes.CDLL(None); libc.unshare(0x40000000); "
               "s = socket.socket(); libc.setns(home, 0); print(clients.attempt(lambda: s.connect(('127.0.0.1', 9))))")
    out, status, report = python(program)
    assert out == b"OSError ENETUNREACH\n" and "another network namespace" in report, (out, report)


def bound_to_interface():
    server = servers.Server(servers.http)
    program = "import socket, clients; s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, 25, b'lo'); s.connect(('127.0.0.1', %d)); print(clients.ask(s))" % server.port
    out, status, report = python(program)
    assert out == b"5\n" and "bound to an interface" in report, (out, report)


def multipath():
    server = servers.Server(servers.http)
    program = "import socket, clients\ntry:\n s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)\nexcept OSError:\n raise SystemExit(77)\ns.connect(('127.0.0.1', %d)); print(clients.ask(s))" % server.port
    out, status, report = python(program)
    if status == 77:
        sys.exit(77)
    assert out == b"5\n" and "Multipath TCP" in report, (out, report)


def fast_open():
    server = servers.Server(servers.http)
    program = "import socket, clients; s = socket.socket(); s.sendto(b'GET /5 HTTP/1.1\\r\\n\\r\\n', 0x20000000, ('127.0.0.1', %d)); print(b'200' in s.recv(1000))" % server.port
    out, _, report = python(program)
    assert out == b"True\n" and "Fast Open" in report, (out, report)


def set_id_program():
    need_root()
    _, _, report = watched("sh", "-c", "su --version > /dev/null", prefix=USER)
    assert "a set-id program" in report, report
    _, _, report = watched("sh", "-c", "su --version > /dev/null")
    assert "a set-id program" not in report, report


def process_that_cannot_be_read():
    """An ordinary user's process that is not dumpable: it works, and is listed."""
    need_root()
    server = servers.Server(servers.http)
    program = "import ctypes, clients; ctypes.CDLL(None).prctl(4, 0, 0, 0, 0); print(clients.ask(clients.connected(%d)))" % server.port
    out, _, report = python(program, prefix=USER)
    assert out == b"5\n" and ("cannot be read" in report), (out, report)


def own_filters():
    """A program that installs filters of its own goes on working, and is observed."""
    server = servers.Server(servers.http)
    program = ("import ctypes, struct, clients; libc = ctypes.CDLL(None); code = ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, 0x7fff0000)); "
               "prog = ctypes.create_string_buffer(struct.pack('HxxxxxxP', 1, ctypes.addressof(code))); libc.prctl(38, 1, 0, 0, 0); "
               "assert libc.prctl(22, 2, prog) == 0; print(clients.ask(clients.connected(%d)))") % server.port
    out, _, report = python(program)
    assert out == b"5\n" and "connected" in report, (out, report)


def yama_scope_of_one():
    """The scope that Debian and Ubuntu come with: only descendants may be looked into, and all that is watched is one."""
    need_root()
    try:
        scope = open("/proc/sys/kernel/yama/ptrace_scope").read().strip()
    except OSError:
        sys.exit(77)
    if scope != "1":
        sys.exit(77)
    server = servers.Server(servers.http)
    out, _, report = python("import clients; print(clients.ask(clients.connected(%d)))" % server.port, prefix=USER)
    assert out == b"5\n" and "connected" in report, (out, report)


def watched_already():
    with tempfile.NamedTemporaryFile() as report:
        done = subprocess.run([WATCH, "-o", report.name, WATCH, "echo", "ran"], capture_output=True, timeout=75)
        told = open(report.name).read()
    assert done.returncode == 125 and b"watched already" in done.stderr and done.stdout == b"", done
    assert "connected" not in told, told  # the inner one connects nowhere before it knows that


def what_a_sandbox_refuses():
    """Found out before the command is started: it never runs, and a line says what to do; or another way is taken."""
    container = os.path.abspath(sys.argv[3])

    def sandboxed(*refused):
        options = [word for call in refused for word in ("-r", call)]
        return subprocess.run([container, *options, WATCH, "-o", "/dev/null", "echo", "ran"], capture_output=True, timeout=75)

    done = sandboxed("seccomp")
    assert (done.returncode, done.stdout) == (125, b"") and b"seccomp" in done.stderr and b"--security-opt" in done.stderr, done
    done = sandboxed("process_vm_readv", "process_vm_writev")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"ran\n", b""), done  # by /proc/PID/mem


def a_sandbox_that_ends_who_asks():
    """The command is not run; whoever watches says why, and outlives the question."""
    done = subprocess.run([os.path.abspath(sys.argv[3]), "--unit", "-r", "seccomp", WATCH, "echo", "ran"], capture_output=True, timeout=75)
    assert done.returncode == 125 and done.stdout == b"" and b"SystemCallFilter=seccomp" in done.stderr, done


def what_a_namespace_lacks():
    """Without /proc, without loopback: the command is not run, and a line says what to do."""
    need_root()
    for words, hint in ((["unshare", "-m", "sh", "-c", "mount -t tmpfs none /proc && exec \"$@\"", "sh"], b"mount -t proc"), (["unshare", "-n"], b"ip link set lo up")):
        done = subprocess.run([*words, WATCH, "echo", "ran"], capture_output=True, timeout=75)
        assert (done.returncode, done.stdout) == (125, b"") and hint in done.stderr and done.stderr.count(b"\n") == 1, done


def other_user():
    """A process that has given its privileges up is still seen by root."""
    need_root()
    server = servers.Server(servers.http)
    program = "import os, clients; os.setgid(65534); os.setuid(65534); print(clients.ask(clients.connected(%d)))" % server.port
    out, _, report = python(program)
    assert out == b"5\n" and "connected" in report, (out, report)


def socket_of_a_virtual_machine():
    program = "import socket, clients\ntry:\n s = socket.socket(socket.AF_VSOCK)\nexcept OSError:\n raise SystemExit(77)\nprint(clients.attempt(lambda: s.connect((99, 1234))))"
    plain = subprocess.run([PYTHON, "-c", program], cwd=HERE, capture_output=True, timeout=75)
    if plain.returncode == 77:
        sys.exit(77)
    out, _, report = python(program)
    assert out == plain.stdout and "AF_VSOCK" in report, (out, plain, report)


def more_connections_than_are_watched():
    """So many at once that memory has to be bounded: the rest are made as if nobody watched, and all of them work."""
    program = ("import resource, socket, sys; hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]\n"
               "if hard < 18000:\n sys.exit(77)\n"
               "resource.setrlimit(resource.RLIMIT_NOFILE, (18000, hard)); l = socket.socket(); l.bind(('127.0.0.1', 0)); l.listen(100); kept = []\n"
               "for i in range(8300):\n c = socket.create_connection(l.getsockname()); kept += [c, l.accept()[0]]\n"
               "for i in range(0, len(kept), 2):\n kept[i].send(b'x'); assert kept[i + 1].recv(1) == b'x' and kept[i].getpeername() == l.getsockname()\n"
               "print('all')")
    out, status, report = python(program)
    if status == 77:
        sys.exit(77)
    assert out == b"all\n" and "more connections at once than are watched" in report, (out, report[-500:])


def program_that_lets_others_connect():
    """A program named docker, found by PATH and told to run something; the same program that is only asked its version."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "docker")
        with open(path, "w") as script:
            script.write("#!/bin/sh\nexit 3\n")
        os.chmod(path, 0o755)
        paths = "PATH=/nonexistent:%s:%s" % (folder, os.environ["PATH"])
        _, status, report = watched("env", paths, "docker", "--log-level", "error", "run", "image", "curl")
        assert status == 3 and "not observed: connections that are made elsewhere, docker: " in report and "inside it" in report, report
        _, status, report = watched("env", paths, "docker", "version")
        assert status == 3 and "elsewhere" not in report, report
        _, _, report = watched("sh", "-c", "cat docker 2>/dev/null; PATH=/nonexistent; docker run; true")
        assert "elsewhere" not in report, report


def opened_files():
    """By their names as the process gives them: absolute, relative, from a folder's descriptor; in threads; only what is a file."""
    program = ("import os, threading; open('clients.py').close(); open('/etc/hostname').close(); folder = os.open('/etc', os.O_RDONLY); "
               "os.close(os.open('passwd', os.O_RDONLY, dir_fd=folder)); os.listdir('/etc')\n"
               "try:\n open('no-such-file')\nexcept OSError:\n pass\n"
               "t = threading.Thread(target=lambda: open('servers.py').close()); t.start(); t.join()")
    with tempfile.NamedTemporaryFile() as report:
        assert subprocess.run([WATCH, "-f", "-o", report.name, PYTHON, "-c", program], cwd=HERE, timeout=75).returncode == 0
        told = open(report.name).read().splitlines()
    for path in (HERE + "/clients.py", "/etc/hostname", "/etc/passwd", HERE + "/servers.py"):
        assert told.count("opened " + path) == 1, (path, told)
    assert "opened /etc" not in told and not any("no-such-file" in line for line in told), told


def no_opened_files_unasked():
    _, _, report = python("open('/etc/hostname').close()")
    assert "opened" not in report, report


if __name__ == "__main__":
    WATCH = os.path.abspath(sys.argv[1])
    globals()[sys.argv[2]]()
