"""Sends one datagram to a server that stays silent, and waits in its first call for what comes back.

    udp_client.py PORT connect|sendto|sendmsg|sendmmsg recv|recvfrom|recvmsg|recvmmsg|read
"""

import ctypes
import os
import socket
import struct
import sys

WAITS_US = 250000
DATA = b"x" * 1200  # as long as QUIC's first is at least (RFC 9000, 14.1)
libc = ctypes.CDLL(None, use_errno=True)
kept = []


def address_of(data):
    kept.append(ctypes.create_string_buffer(data, len(data)))
    return ctypes.addressof(kept[-1])


def one_message(to):
    """A struct mmsghdr of one piece."""
    name = struct.pack("<HH", socket.AF_INET, socket.htons(to[1])) + socket.inet_aton(to[0]) + bytes(8)
    piece = struct.pack("PN", address_of(DATA), len(DATA))
    return ctypes.c_void_p(address_of(struct.pack("PIxxxxPNPNi12x", address_of(name), len(name), address_of(piece), 1, 0, 0, 0)))


def connect_and_send(s, to):
    s.connect(to)
    s.send(DATA)


SENDS = {"connect": connect_and_send, "sendto": lambda s, to: s.sendto(DATA, to), "sendmsg": lambda s, to: s.sendmsg([DATA], [], 0, to),
         "sendmmsg": lambda s, to: libc.sendmmsg(s.fileno(), one_message(to), 1, 0)}
RECEIVES = {"recv": lambda s, to: s.recv(2048), "recvfrom": lambda s, to: s.recvfrom(2048), "recvmsg": lambda s, to: s.recvmsg(2048),
            "recvmmsg": lambda s, to: libc.recvmmsg(s.fileno(), one_message(to), 1, 0, None), "read": lambda s, to: os.read(s.fileno(), 2048)}


def main():
    to = "127.0.0.1", int(sys.argv[1])
    server, s = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
    server.bind(to)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 0, WAITS_US))
    SENDS[sys.argv[2]](s, to)
    try:
        RECEIVES[sys.argv[3]](s, to)
    except BlockingIOError:
        pass
    print(server.recv(2048, socket.MSG_DONTWAIT) == DATA)


if __name__ == "__main__":
    main()
