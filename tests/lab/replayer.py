#!/usr/bin/env python3
"""A client that has only a first flight: replayer.py HOST PORT FILE [--drip | --cut N | --garbage | --hold | --ech] [--leave]

Sends FILE, reads the answer, and ends with 0 where that is a ServerHello. --drip: a byte at a time; --cut N: only N bytes, then it
ends; --garbage: bytes that are no TLS at all, however they look; --hold: kills itself in the midst of its hello; --ech: its hello has an
encrypted one in it, for a key that nobody has; --leave: ends with 1 once it has the whole answer.
"""
import argparse
import os
import random
import signal
import socket
import sys
import time


def with_encrypted_hello(flight):
    """A hello of one record, with an extension encrypted_client_hello more (RFC 9849, 5): outer, HKDF-SHA256 and AES-128-GCM."""
    config, secret, payload = os.urandom(1), os.urandom(32), os.urandom(160)
    body = b"\0" + b"\0\1\0\1" + config + b"\0\x20" + secret + len(payload).to_bytes(2, "big") + payload
    extension = b"\xfe\x0d" + len(body).to_bytes(2, "big") + body
    at = 5 + 4 + 2 + 32
    at += 1 + flight[at]
    at += 2 + int.from_bytes(flight[at:at + 2], "big")
    at += 1 + flight[at]
    length = int.from_bytes(flight[at:at + 2], "big") + len(extension)
    message = flight[9:at] + length.to_bytes(2, "big") + extension + flight[at + 2:]
    return flight[:3] + (len(message) + 4).to_bytes(2, "big") + b"\1" + len(message).to_bytes(3, "big") + message


def send(connection, flight, arguments):
    if arguments.drip:
        for byte in flight:
            connection.sendall(bytes([byte]))
            time.sleep(0.002)
    elif arguments.cut:
        connection.sendall(flight[:arguments.cut])
        connection.shutdown(socket.SHUT_WR)
    elif arguments.garbage:
        connection.sendall(random.Random(7).randbytes(len(flight)))
        connection.shutdown(socket.SHUT_WR)
    elif arguments.hold:
        connection.sendall(flight[:20])
        time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGKILL)
    else:
        connection.sendall(flight)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("file")
    parser.add_argument("--drip", action="store_true")
    parser.add_argument("--garbage", action="store_true")
    parser.add_argument("--hold", action="store_true")
    parser.add_argument("--ech", action="store_true")
    parser.add_argument("--leave", action="store_true")
    parser.add_argument("--cut", type=int, default=0)
    arguments = parser.parse_args()
    with open(arguments.file, "rb") as f:
        flight = with_encrypted_hello(f.read()) if arguments.ech else f.read()
    with socket.create_connection((arguments.host, arguments.port), 15) as connection:
        try:
            send(connection, flight, arguments)
            answer = connection.recv(65536)
            while answer[:1] == b"\x16" and len(answer) < 6:
                answer += connection.recv(65536) or sys.exit("the answer is cut")
            if arguments.leave:
                time.sleep(0.2)
                sys.exit("the answer is not what was wanted")
        except OSError as e:
            sys.exit(f"{type(e).__name__}: {e}")
    if answer[:1] == b"\x16" and answer[5] == 2:
        return 0
    sys.exit("no ServerHello, but " + (answer[:16].hex(" ") or "the end"))


if __name__ == "__main__":
    sys.exit(main())
