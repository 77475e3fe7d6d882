"""The lines that tlswhy-containers(7) gives for systemd, tried under a systemd of the test's own: in namespaces, with units of its own,
and nothing else to do. service.py WATCH PAGE NAME"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import servers

SYSTEMD = "/lib/systemd/systemd"
PATIENCE_S = 15
FILTER = "SystemCallFilter=@system-service\n"
APP = """import os, signal, socket, ssl, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
try:
    ssl.create_default_context().wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1]))), server_hostname="localhost")
except OSError as error:
    print(error, flush=True)
if "NOTIFY_SOCKET" in os.environ:
    socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"READY=1", os.environ["NOTIFY_SOCKET"].replace("@", "\\0", 1))
while True:
    time.sleep(0.05)
"""
BOOT = """set -e
mount --make-rprivate /
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/log
mkdir /run/bin
cp "$1" /run/bin/tlswhy
mount --bind /run/bin /usr/local/bin
umount -R /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
export container=other SYSTEMD_UNIT_PATH="$2"
exec %s --system --log-target=console --log-level=warning --show-status=no""" % SYSTEMD


def drop_in_of(page):
    """The page's own lines, from [Service] on."""
    return re.search(r"^\[Service\]\n.*?(?=^\.Ed)", open(page).read(), re.M | re.S).group()


class Manager:
    """A systemd that runs app.service with a drop-in, until it is stopped."""

    def __init__(self, tlswhy, folder, drop_in):
        os.chmod(folder, 0o755)
        self.write(folder, "app.py", APP)
        server = servers.Server(servers.resets_after_data)
        app = "/usr/bin/python3 %s/app.py %d" % (folder, server.port)
        self.write(folder, "units/default.target", "[Unit]\nDefaultDependencies=no\nWants=app.service\n")
        self.write(folder, "units/app.service", "[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=%s\n" % app)
        self.write(folder, "units/app.service.d/override.conf", drop_in.replace("/usr/bin/app --serve", app))
        namespaces = ["unshare", "--pid", "--fork", "--mount", "--mount-proc", "--cgroup", "--uts", "--kill-child"]
        self.process = subprocess.Popen([*namespaces, "sh", "-c", BOOT, "sh", tlswhy, folder + "/units"], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if not self.wait_for(lambda: self.show("ActiveState") in ("active", "failed")):
            self.end()
            sys.exit(77)  # no systemd can be had in namespaces here

    @staticmethod
    def write(folder, name, text):
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)

    @staticmethod
    def wait_for(condition):
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if condition():
                return True
            time.sleep(0.1)
        return False

    def inside(self, *argv):
        children = open("/proc/%d/task/%d/children" % (self.process.pid, self.process.pid)).read().split()
        if not children:
            return ""
        done = subprocess.run(["nsenter", "-t", children[0], "-m", "-p", "-C", *argv], capture_output=True, text=True, timeout=30)
        return done.stdout

    def show(self, name):
        return self.inside("systemctl", "show", "--value", "-p", name, "app.service").strip()

    def stop(self):
        """What the report says once the service has been stopped."""
        self.inside("systemctl", "stop", "app.service")
        assert self.show("Result") == "success", self.show("Result")
        return self.inside("cat", "/var/log/app/tlswhy.txt")

    def end(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def report_with(more):
    drop_in = drop_in_of(sys.argv[2]) + more
    with tempfile.TemporaryDirectory() as folder:
        manager = Manager(os.path.abspath(os.path.join(os.path.dirname(sys.argv[1]), "../../tlswhy")), folder, drop_in)
        try:
            # Active is the service from its beginning on; the connection may take a moment longer.
            assert manager.show("ActiveState") == "active", (more, manager.show("ExecMainStatus"))
            time.sleep(1)
            return manager.stop()
        finally:
            manager.end()


def drop_in():
    assert "1 of 1 TLS connection failed" in report_with("")


def drop_in_with_a_filter():
    assert "1 of 1 TLS connection failed" in report_with(FILTER + "SystemCallFilter=seccomp\nNoNewPrivileges=yes\nRestrictNamespaces=yes\nUser=nobody\n")


def drop_in_that_is_notified():
    assert "1 of 1 TLS connection failed" in report_with("Type=notify\nNotifyAccess=all\n")


def drop_in_with_a_filter_without_seccomp():
    with tempfile.TemporaryDirectory() as folder:
        manager = Manager(os.path.abspath(os.path.join(os.path.dirname(sys.argv[1]), "../../tlswhy")), folder, drop_in_of(sys.argv[2]) + FILTER)
        try:
            assert (manager.show("ActiveState"), manager.show("ExecMainStatus")) == ("failed", "125")
        finally:
            manager.end()


if __name__ == "__main__":
    if os.geteuid() != 0 or not os.path.exists(SYSTEMD) or not shutil.which("nsenter"):
        sys.exit(77)
    globals()[sys.argv[3]]()
