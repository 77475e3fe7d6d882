"""Servers on loopback that behave in one way each. A server runs in threads of the calling process; `port` is where it listens."""

import socket
import struct
import threading
import time


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def read_all(connection):
    data = bytearray()
    while True:
        piece = connection.recv(65536)
        if not piece:
            return data
        data += piece


def http(connection):
    """Keeps connections alive; the path's last part is the length of the answer."""
    pending = b""
    while True:
        while b"\r\n\r\n" not in pending:
            piece = connection.recv(65536)
            if not piece:
                return connection.close()
            pending += piece
        request, pending = pending.split(b"\r\n\r\n", 1)
        last = request.split()[1].rsplit(b"/", 1)[-1]
        length = int(last) if last.isdigit() else 2
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % length)
        block = b"x" * 65536
        while length > 0:
            connection.sendall(block[:length])
            length -= min(length, len(block))


def echo_after_end(connection):
    """Half-close of the client: answers only when the client has said all."""
    data = read_all(connection)
    connection.sendall(b"%d bytes" % len(data))
    connection.close()


def ends_first(connection):
    """Half-close of the server: ends its side, and counts what still comes."""
    connection.sendall(b"hello")
    connection.shutdown(socket.SHUT_WR)
    return len(read_all(connection))


def resets_at_once(connection):
    connection.recv(1)
    reset(connection)


def resets_after_data(connection):
    connection.recv(1)
    connection.sendall(b"an alert")
    time.sleep(0.1)
    reset(connection)


def resets_unasked(connection):
    time.sleep(0.1)
    reset(connection)


def resets_at_accept(connection):
    reset(connection)


def ends_at_once(connection):
    connection.recv(100)
    connection.close()


def tells_how_client_ended(connection):
    connection.sendall(b"go")
    try:
        return "end after %d bytes" % len(read_all(connection))
    except OSError as error:
        return error.strerror


class Server:
    def __init__(self, behaviour, family=socket.AF_INET, backlog=4096):
        self.listener = socket.socket(family, socket.SOCK_STREAM)
        self.listener.bind(("127.0.0.1" if family == socket.AF_INET else "::1", 0))
        self.listener.listen(backlog)
        self.port = self.listener.getsockname()[1]
        self.behaviour = behaviour
        self.results = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.behave, args=(connection,), daemon=True).start()

    def behave(self, connection):
        try:
            result = self.behaviour(connection)
            if result is not None:
                self.results.append(result)
        except OSError:
            pass
        finally:
            connection.close()


class BlackHole:
    """A full listener: SYNs get no answer."""

    def __init__(self):
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(0)
        self.port = self.listener.getsockname()[1]
        self.fillers = []
        for _ in range(3):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
            self.fillers.append(filler)
