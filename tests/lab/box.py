"""What the servers and boxes of the lab share: they take connections, and pass bytes from one to another."""

import socket
import threading


def serve_each(listener, serve):
    """A thread for each connection, until the listener is closed."""
    while True:
        try:
            taken = listener.accept()[0]
        except OSError:
            return
        threading.Thread(target=serve, args=(taken,), daemon=True).start()


def one_way(source, sink):
    """Until the source ends; its end is passed on."""
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def both_ways(one, other):
    """Until both have ended."""
    back = threading.Thread(target=one_way, args=(other, one), daemon=True)
    back.start()
    one_way(one, other)
    back.join()
