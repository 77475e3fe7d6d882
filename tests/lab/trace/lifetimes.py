"""What lives longer than what: children, signals, terminals. lifetimes.py WATCH NAME"""

import fcntl
import glob
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

import servers

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"
CLIENTS = os.path.join(HERE, "clients.py")
WATCH = None


def client(name, port):
    return "%s %s %s %d" % (PYTHON, CLIENTS, name, port)


def wait_for_text(path, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        text = open(path).read()
        if text:
            return text
        time.sleep(0.05)
    return ""


def watched(*argv, **options):
    return subprocess.Popen([WATCH, "-o", "/dev/null", *argv], **options)


def daemon_connects_later():
    """A child that outlives the command still connects, and opens files, a second after it."""
    server = servers.Server(servers.http)
    with tempfile.NamedTemporaryFile() as out:
        start = time.monotonic()
        command = watched("sh", "-c", "(sleep 1; : > /dev/null; %s > %s 2>&1) >/dev/null 2>&1 & exit 5" % (client("blocking", server.port), out.name))
        assert command.wait(10) == 5
        assert time.monotonic() - start < 0.95, "the command's end waits for its child"
        assert wait_for_text(out.name, 5) == "5 100000\n"


def connection_outlives_command():
    """A child's connection that began before the command ended goes on after it."""
    server = servers.Server(servers.http)
    program = "import clients, time; s = clients.connected(%d); time.sleep(1.2); print(clients.ask(s, 200000), s.getpeername()[1])" % server.port
    with tempfile.NamedTemporaryFile() as out:
        command = watched("sh", "-c", "(cd %s; %s -c '%s' > %s 2>&1) >/dev/null 2>&1 & sleep 0.3" % (HERE, PYTHON, program, out.name))
        assert command.wait(10) == 0
        assert wait_for_text(out.name, 5) == "200000 %d\n" % server.port


def watchers_of(port):
    """Processes of the watcher whose command names that port."""
    found = []
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            words = open(path, "rb").read().split(b"\0")
        except OSError:
            continue  # it has ended
        if words[0] == WATCH.encode() and any(b"%d" % port in word for word in words):
            found.append(path)
    return found


def nothing_is_left_at_a_server_that_never_ends():
    """The command gives up and closes; the server keeps its side open. No process of the watcher may stay for that."""
    server = servers.Server(lambda connection: time.sleep(30))
    command = watched(PYTHON, "-c", "import socket; s = socket.create_connection(('127.0.0.1', %d)); s.send(b'x')" % server.port)
    assert watchers_of(server.port)
    assert command.wait(10) == 0
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and watchers_of(server.port):
        time.sleep(0.1)
    assert not watchers_of(server.port)


def pipe_ends_with_command():
    """What is left behind does not hold the command's stdout."""
    command = watched("sh", "-c", "sleep 3 >/dev/null 2>&1 & echo done", stdout=subprocess.PIPE)
    start = time.monotonic()
    assert command.stdout.read() == b"done\n"
    assert time.monotonic() - start < 2


def forwards_sigterm():
    command = watched("sh", "-c", "trap 'echo caught; exit 3' TERM; echo ready; while :; do sleep 0.05; done", stdout=subprocess.PIPE)
    assert command.stdout.readline() == b"ready\n"
    command.send_signal(signal.SIGTERM)
    assert command.wait(5) == 3
    assert command.stdout.read() == b"caught\n"


def signals_that_come_at_once():
    """A signal at any moment of the beginning: the command gets it, or was never started; never does it live on alone."""
    script = "trap 'echo caught; exit 3' TERM; echo ready; while :; do sleep 0.01; done"
    for microseconds in range(0, 12000, 300):
        command = watched("sh", "-c", script, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        time.sleep(microseconds / 1e6)
        command.send_signal(signal.SIGTERM)
        said, status = command.communicate(timeout=10)[0], command.returncode
        # Not started yet; before its trap; after it.
        assert (said, status) in ((b"", -15), (b"", 128 + 15), (b"caught\n", 3), (b"ready\ncaught\n", 3)), (microseconds, said, status)


def death_by_signal_is_told():
    assert watched("sh", "-c", "kill -9 $$").wait(5) == 128 + 9


def keeps_signal_dispositions():
    program = "import signal; print([signal.getsignal(s).name for s in (signal.SIGPIPE, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP)])"
    show = ["/bin/sh", "-c", "grep -E '^Sig(Blk|Ign|Cgt)|NoNewPrivs' /proc/self/status; ulimit -n; ls /proc/self/fd"]
    plain = subprocess.run(show, capture_output=True).stdout
    seen = watched(*show, stdout=subprocess.PIPE).communicate()[0]
    if os.geteuid() == 0:
        assert plain == seen, (plain, seen)


def not_found_and_not_executable():
    for command, status in (("/nonexistent", 127), ("no-such-command-anywhere", 127), ("/etc/passwd", 126), ("/etc", 126)):
        assert watched(command, stderr=subprocess.DEVNULL).wait(5) == status, command


def zombies_are_reaped():
    command = watched("sh", "-c", "for i in 1 2 3; do (sh -c 'sleep 0.1 & exit' &); done; sleep 0.5; ps --ppid $PPID -o stat=", stdout=subprocess.PIPE)
    assert b"Z" not in command.communicate()[0]


def on_terminal(argv, talk):
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(argv[0], argv)
    try:
        return talk(terminal), terminal, pid
    finally:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def read_until(terminal, text, seconds=5):
    got, end = b"", time.monotonic() + seconds
    while text not in got and time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                got += os.read(terminal, 4096)
            except OSError:
                break
    assert text in got, (text, got)
    return got


def interrupt_from_terminal():
    def talk(terminal):
        read_until(terminal, b"ready")
        os.write(terminal, b"\x03")
        read_until(terminal, b"interrupted")

    program = "import time\ntry:\n print('ready', flush=True)\n time.sleep(5)\nexcept KeyboardInterrupt:\n print('interrupted', flush=True)"
    on_terminal([WATCH, "-o", "/dev/null", PYTHON, "-c", program], talk)


def stop_and_continue_from_shell():
    def talk(terminal):
        os.write(terminal, b"%s -o /dev/null sh -c 'echo rea''dy; sleep 1; echo wo''ke'; echo status $?\n" % WATCH.encode())
        read_until(terminal, b"ready")
        os.write(terminal, b"\x1a")
        read_until(terminal, b"Stopped")
        os.write(terminal, b"fg\n")
        read_until(terminal, b"woke")

    on_terminal(["bash", "--norc", "-i"], talk)


def command_stops_itself():
    """As vi does at Ctrl-Z: it stops only itself; the shell must notice."""
    def talk(terminal):
        os.write(terminal, b"%s -o /dev/null sh -c 'echo rea''dy; kill -STOP $$; echo wo''ke'\n" % WATCH.encode())
        read_until(terminal, b"Stopped")
        os.write(terminal, b"fg\n")
        read_until(terminal, b"woke")
        os.write(terminal, b"echo al''ive\n")
        read_until(terminal, b"alive")

    on_terminal(["bash", "--norc", "-i"], talk)


STOPS_LATE = """import os, signal, time
def stop(*_):
    time.sleep(0.3); print('in' + ' order', flush=True); os.kill(os.getpid(), signal.SIGSTOP); print('wo' + 'ke', flush=True)
signal.signal(signal.SIGTSTP, stop); signal.signal(signal.SIGCONT, lambda *_: print('con' + 'tinued', flush=True))
print('rea' + 'dy', flush=True)
while True: time.sleep(0.02)"""


def in_shell(program, talk):
    """A program under watch, started in a shell with job control."""
    def start(terminal):
        with tempfile.NamedTemporaryFile("w") as text:
            text.write(program)
            text.flush()
            os.write(terminal, b"%s -o /dev/null %s %s\n" % (WATCH.encode(), PYTHON.encode(), text.name.encode()))
            read_until(terminal, b"ready")
            talk(terminal)
    on_terminal(["bash", "--norc", "-i"], start)


def stops_when_the_command_has_stopped():
    """What a command does before it stops, it does before the shell says so; and it is woken once."""
    def talk(terminal):
        for _ in range(3):
            os.write(terminal, b"\x1a")
            said = read_until(terminal, b"Stopped")
            assert said.index(b"in order") < said.index(b"Stopped"), said
            os.write(terminal, b"fg\n")
            said = read_until(terminal, b"woke")
            time.sleep(0.1)
            os.write(terminal, b"\n")
            said += read_until(terminal, b"\n")
            assert said.count(b"continued") == 1, said

    in_shell(STOPS_LATE, talk)


def connections_wait_while_stopped():
    """Of a child that Ctrl-Z does not reach: they neither fail nor are lost."""
    server = servers.Server(servers.http)
    with tempfile.NamedTemporaryFile() as out:
        program = ("import subprocess, time\nsubprocess.Popen(['setsid', 'sh', '-c', 'sleep 0.6; %s > %s 2>&1'])\nprint('rea' + 'dy', flush=True)\ntime.sleep(1)\n"
                   "print('wo' + 'ke', flush=True)\ntime.sleep(3)" % (client("blocking", server.port), out.name))

        def talk(terminal):
            os.write(terminal, b"\x1a")
            read_until(terminal, b"Stopped")
            time.sleep(1.5)
            assert open(out.name).read() == ""
            os.write(terminal, b"fg\n")
            read_until(terminal, b"woke")
            assert wait_for_text(out.name, 5) == "5 100000\n"

        in_shell(program, talk)


def stop_that_is_ignored():
    """The shell does not get its terminal back from a command that takes no notice of Ctrl-Z."""
    def talk(terminal):
        os.write(terminal, b"\x1a")
        time.sleep(0.3)
        assert b"Stopped" not in read_until(terminal, b"^Z")
        os.write(terminal, b"\x03")
        assert b"Stopped" not in read_until(terminal, b"interrupted")

    in_shell("import signal, time\nsignal.signal(signal.SIGTSTP, signal.SIG_IGN)\ntry:\n  print('rea' + 'dy', flush=True)\n  time.sleep(5)\n"
             "except KeyboardInterrupt:\n  print('inter' + 'rupted')", talk)


def continued_alone():
    """Whoever lets tlswhy go on, and not its group, means the command."""
    def talk(terminal):
        os.write(terminal, b"\x1a")
        read_until(terminal, b"Stopped")
        os.write(terminal, b"/bin/kill -CONT $(jobs -p)\n")
        read_until(terminal, b"woke")

    in_shell(STOPS_LATE, talk)


def jobs_of_a_shell():
    """In the background it stops where it reads from the terminal, and reads once it is in front; and its death is told as the command's."""
    run = b"%s run -o /dev/null -- " % os.path.abspath(os.path.join(os.path.dirname(WATCH), "../../tlswhy")).encode()

    def talk(terminal):
        os.write(terminal, run + b"cat &\n")
        time.sleep(1)
        os.write(terminal, b"jobs\n")
        read_until(terminal, b"Stopped")
        os.write(terminal, b"fg\n")
        read_until(terminal, b"fg")
        time.sleep(0.3)
        os.write(terminal, b"he''llo\n")
        read_until(terminal, b"he''llo\r\nhe''llo")
        os.write(terminal, b"\x04")
        time.sleep(0.5)
        os.write(terminal, run + b"sh -c 'kill -SEGV $$'; echo sta''tus $?\n")
        said = read_until(terminal, b"status 139")
        assert b"Segmentation fault" in said, said

    on_terminal(["bash", "--norc", "-i"], talk)


def window_size_is_the_terminals():
    def talk(terminal):
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 77, 0, 0))
        read_until(terminal, b"33 77")

    on_terminal([WATCH, "-o", "/dev/null", "sh", "-c", "sleep 0.3; stty size"], talk)


CURSES = """import curses
def main(screen):
    screen.addstr(2, 3, 'drawn at %d by %d' % screen.getmaxyx()); screen.refresh()
    screen.addstr(4, 3, 'key %r' % screen.getkey()); screen.refresh()
    screen.getkey()
curses.wrapper(main)
print('back')"""


def screen_of(argv):
    """All that a full-screen program sends to its terminal, while two keys are pressed."""
    def talk(terminal):
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 77, 0, 0))
        got = read_until(terminal, b"drawn")
        os.write(terminal, b"q")
        got += read_until(terminal, b"key")
        time.sleep(0.2)
        os.write(terminal, b"x")
        return got + read_until(terminal, b"back\r\n")

    return on_terminal(["sh", "-c", 'sleep 0.3; TERM=xterm exec "$@"', "sh", *argv], talk)[0]


def full_screen_program():
    command = [PYTHON, "-c", CURSES]
    alone, seen = screen_of(command), screen_of([WATCH, "-o", "/dev/null", *command])
    assert alone == seen, (alone, seen)


def editor_is_stopped_and_goes_on():
    """Ctrl-Z and fg, in an editor and in a pager that take the terminal for themselves."""
    def talk_with(command, keys_to_leave):
        def talk(terminal):
            os.write(terminal, command.encode() + b"\n")
            read_until(terminal, b"drawn")
            time.sleep(0.5)  # no faster than people: it takes the terminal for itself, and puts it in order before it stops
            os.write(terminal, b"\x1a")
            read_until(terminal, b"Stopped")
            os.write(terminal, b"fg\n")
            read_until(terminal, b"drawn")
            os.write(terminal, keys_to_leave)
            time.sleep(0.5)  # it takes what was typed before it leaves
            os.write(terminal, b"echo le''ft $?\n")
            read_until(terminal, b"left 0")
        return talk

    found = [(argv, keys) for argv, keys in ((["vim", "-u", "NONE", "-n"], b":q!\n"), (["less"], b"q")) if shutil.which(argv[0])]
    if not found:
        sys.exit(77)
    with tempfile.NamedTemporaryFile("w") as text:
        text.write("".join("drawn %d\n" % i for i in range(100)))
        text.flush()
        for argv, keys in found:
            command = " ".join([WATCH, "-o", "/dev/null", *argv, text.name])
            on_terminal(["sh", "-c", "TERM=xterm exec bash --norc -i"], talk_with(command, keys))


def window_size_changes():
    """Whoever holds the terminal is told of its new size: the command, not only tlswhy."""
    def talk(terminal):
        read_until(terminal, b"ready")
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 44, 99, 0, 0))
        read_until(terminal, b"changed 44 99")

    script = "trap 'echo changed $(stty size); exit' WINCH; echo rea''dy; while :; do sleep 0.05; done"
    on_terminal([WATCH, "-o", "/dev/null", "bash", "-c", script], talk)


def kill_watcher(program):
    """What a client prints that says "up" first, and whose watcher is killed then."""
    command = watched(PYTHON, "-c", program, stdout=subprocess.PIPE, cwd=HERE)
    assert command.stdout.readline() == b"up\n"
    time.sleep(0.3)
    command.kill()
    command.wait()
    return command.stdout.read()


def killed_watcher():
    """Where tlswhy is killed, a connection that is under way ends; new ones are made as if nobody had watched."""
    server = servers.Server(servers.http)
    said = kill_watcher("import clients, time\ns = clients.connected(%d)\nprint('up', flush=True)\ntime.sleep(1)\n"
                        "print(clients.attempt(lambda: clients.ask(s)))\n"
                        "print(clients.ask(clients.connected(%d)))" % (server.port, server.port))
    ended, again = said.decode().splitlines()
    assert ended in ("end", "ConnectionResetError ECONNRESET", "BrokenPipeError EPIPE") and again == "5", said


def killed_watcher_while_connecting():
    """A connect that waits when tlswhy is killed goes on by itself: for as long as its socket's own timeout."""
    hole = servers.BlackHole()
    said = kill_watcher("import clients, socket, struct\ns = socket.socket()\n"
                        "s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack('ll', 2, 0))\nprint('up', flush=True)\n"
                        "print(clients.attempt(lambda: s.connect(('127.0.0.1', %d))))" % hole.port)
    assert said == b"BlockingIOError EINPROGRESS\n", said


def children_of(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid)) as file:
        return [int(child) for child in file.read().split()]


def killed_with_all_its_processes():
    """With the one as well that would let the command's calls pass: what they fail with is documented."""
    server = servers.Server(servers.http)
    program = ("import clients, subprocess, time\nprint('up', flush=True)\ntime.sleep(1)\nprint(clients.attempt(lambda: clients.connected(%d)))\n"
               "print(clients.attempt(lambda: subprocess.run(['true'])))\nprint(open('/dev/null').read() == '')" % server.port)
    command = watched(PYTHON, "-c", program, stdout=subprocess.PIPE, cwd=HERE)
    assert command.stdout.readline() == b"up\n"
    for child in children_of(command.pid):
        if os.path.basename(os.readlink("/proc/%d/exe" % child)) == os.path.basename(WATCH):
            os.kill(child, signal.SIGKILL)
    command.kill()
    command.wait()
    assert command.stdout.read() == b"OSError ENOSYS\nOSError ENOSYS\nTrue\n"


def killed_with_its_group():
    """A signal to the whole job takes both; a child in a session of its own can still connect and open files."""
    server = servers.Server(servers.http)
    with tempfile.NamedTemporaryFile() as out:
        command = watched("setsid", "sh", "-c", "sleep 1; : > /dev/null; %s > %s 2>&1" % (client("blocking", server.port), out.name), start_new_session=True)
        time.sleep(0.4)
        os.killpg(command.pid, signal.SIGKILL)
        command.wait()
        assert wait_for_text(out.name, 5) == "5 100000\n"


if __name__ == "__main__":
    WATCH = os.path.abspath(sys.argv[1])
    globals()[sys.argv[2]]()
