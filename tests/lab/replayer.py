#!/usr/bin/env python3
"""A client that has only a first flight: replayer.py HOST PORT FILE [--drip | --cut N | --garbage | --hold]

Sends FILE, reads the answer, and ends with 0 where that is a ServerHello. --drip: a byte at a time; --cut N: only N bytes, then it
ends; --garbage: bytes that are no TLS at all, however they look; --hold: kills itself in the midst of its hello.
"""
import argparse
import os
import random
import signal
import socket
import sys
import time


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
    parser.add_argument("--cut", type=int, default=0)
    arguments = parser.parse_args()
    with open(arguments.file, "rb") as f:
        flight = f.read()
    with socket.create_connection((arguments.host, arguments.port), 15) as connection:
        try:
            send(connection, flight, arguments)
            answer = connection.recv(65536)
            while answer[:1] == b"\x16" and len(answer) < 6:
                answer += connection.recv(65536) or sys.exit("the answer is cut")
        except OSError as e:
            sys.exit(f"{type(e).__name__}: {e}")
    if answer[:1] == b"\x16" and answer[5] == 2:
        return 0
    sys.exit("no ServerHello, but " + (answer[:16].hex(" ") or "the end"))


if __name__ == "__main__":
    sys.exit(main())
