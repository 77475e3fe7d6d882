#!/usr/bin/env python3
"""A box between a TLS client and a real TLS server that misbehaves in one chosen way.

    shaper.py --when CONDITION --do ACTION [--backend PORT] [--otherwise PORT] [--chance P] [--limit N]

Prints 'PORT n' once it listens. It reads the client's first flight up to a whole ClientHello (in TLS records, or in
SSLv2's format), tests CONDITION on it, and does ACTION where it holds; otherwise it relays to the backend.

CONDITION always | never | ext:N | no-ext:N | version>=HEX (the highest offered) | length>=N | length:A-B (of the hello message, bytes)
          | segments>1 (the hello came in more than one read) | sslv2 | record-version:HEX | cipher:HEX | scsv | grease | group:HEX
          | sni:NAME | sni-not:NAME; several are joined by '&'
ACTION    relay | late (after 1.5 s it relays) | slow (what the backend says comes 250 ms later, each time) | alert:N (fatal) | close | reset | silence | http | ssh | plain:TEXT | late-alert:N (after 300 ms)
          | drip (the backend's bytes come one at a time) | cut:N (the backend's stream ends after N bytes) | stall:N (it stalls there)
          | corrupt:N (a bit of its Nth record) | corrupt-sent:N (of the client's Nth one after its hello) | black-hole:N (stalls there unless segments are small) | cut-close-notify
          | reverse (the certificates, up to TLS 1.2) | damage (the first certificate is no DER, up to TLS 1.2) | garbage | endless (records without end) | huge-certificate (16 MiB of it) | drip-alert:N | half-alert (a record cut short)
--otherwise  the backend where CONDITION does not hold; the same unless it is given
--chance  how often ACTION is done where CONDITION holds; otherwise it relays
--limit   connections within a second that are taken; what is more is reset
"""
import argparse
import asyncio
import random
import socket
import struct
import time

GREASE = {0x0A0A + 0x1010 * i for i in range(16)}
PLAIN = {
    "http": b"HTTP/1.1 400 Bad Request\r\nServer: lab\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "ssh": b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n",
}
SILENCE_S = 30
SLOW_S = 0.25


def u16(data, at):
    return struct.unpack_from(">H", data, at)[0]


def is_sslv2(data):
    return len(data) >= 5 and data[0] & 0x80 and data[2] == 1


def handshake_bytes(data):
    """What is in the whole handshake records of `data`."""
    message, at = b"", 0
    while at + 5 <= len(data) and data[at] == 22 and at + 5 + u16(data, at + 3) <= len(data):
        message += data[at + 5:at + 5 + u16(data, at + 3)]
        at += 5 + u16(data, at + 3)
    return message


def with_first_damaged(certificates):
    """Its outermost SEQUENCE becomes a SET."""
    return [certificates[0][:3] + b"\x31" + certificates[0][4:], *certificates[1:]]


def certificates_of(data):
    """The certificates of a list, each with its length of three bytes."""
    found = []
    while len(data) >= 3:
        end = 3 + int.from_bytes(data[:3], "big")
        found.append(data[:end])
        data = data[end:]
    return found


def hello_is_whole(data):
    if is_sslv2(data):
        return len(data) >= 2 + (((data[0] & 0x7F) << 8) | data[1])
    message = handshake_bytes(data)
    return len(message) >= 4 and len(message) >= 4 + int.from_bytes(message[1:4], "big")


class Hello:
    """What the conditions need of a ClientHello."""

    def __init__(self, data, reads):
        self.reads, self.extensions, self.ciphers, self.groups, self.name = reads, {}, [], [], None
        self.sslv2 = bool(is_sslv2(data))
        self.record_version = 0 if self.sslv2 else u16(data, 1)
        if self.sslv2:
            self.length = ((data[0] & 0x7F) << 8) | data[1]
            self.highest = u16(data, 3)
            self.ciphers = [u16(data, 12 + i) for i in range(0, u16(data, 5), 3) if data[11 + i] == 0]
        else:
            self._read(handshake_bytes(data))

    def _read(self, message):
        self.length = len(message)
        at = 4
        self.highest = u16(message, at)
        at += 34
        at += 1 + message[at]
        length = u16(message, at)
        self.ciphers = [u16(message, at + 2 + i) for i in range(0, length, 2)]
        at += 2 + length
        at += 1 + message[at]
        if at + 2 <= len(message):
            self._read_extensions(message, at + 2, at + 2 + u16(message, at))

    def _read_extensions(self, message, at, end):
        while at + 4 <= end:
            kind, length = u16(message, at), u16(message, at + 2)
            self.extensions[kind] = message[at + 4:at + 4 + length]
            at += 4 + length
        if 43 in self.extensions:
            versions = [u16(self.extensions[43], 1 + i) for i in range(0, self.extensions[43][0], 2)]
            self.highest = max([v for v in versions if v not in GREASE] or [self.highest])
        if 10 in self.extensions:
            self.groups = [u16(self.extensions[10], 2 + i) for i in range(0, u16(self.extensions[10], 0), 2)]
        if len(self.extensions.get(0, b"")) > 5:
            self.name = self.extensions[0][5:].decode("ascii", "replace")

    def holds(self, conditions):
        return all(self._holds(condition) for condition in conditions.split("&"))

    def _holds(self, condition):
        simple = {"always": True, "never": False, "sslv2": self.sslv2, "scsv": 0x5600 in self.ciphers, "segments>1": self.reads > 1,
                  "grease": any(x in GREASE for x in [*self.extensions, *self.ciphers, *self.groups])}
        if condition in simple:
            return simple[condition]
        if condition.startswith("version>="):
            return self.highest >= int(condition[9:], 16)
        if condition.startswith("length>="):
            return self.length >= int(condition[8:])
        key, _, value = condition.partition(":")
        if key == "length":
            low, high = map(int, value.split("-"))
            return low <= self.length <= high
        tests = {
            "ext": lambda: int(value) in self.extensions, "no-ext": lambda: int(value) not in self.extensions,
            "record-version": lambda: self.record_version == int(value, 16), "cipher": lambda: int(value, 16) in self.ciphers,
            "group": lambda: int(value, 16) in self.groups, "sni": lambda: self.name == value, "sni-not": lambda: self.name != value,
        }
        if key not in tests:
            raise SystemExit("unknown condition " + condition)
        return tests[key]()


async def read_hello(reader):
    """Reads to the end of the ClientHello, or to bytes that are none: (bytes, in how many reads they came)."""
    data, reads = b"", 0
    while True:
        part = await reader.read(65536)
        if not part:
            return data, reads
        data, reads = data + part, reads + 1
        if hello_is_whole(data) or (data[0] != 22 and not data[0] & 0x80):
            return data, reads


# ---- what is done -----------------------------------------------------------------------------------------------------------------
class Visit:
    """One connection to the box."""

    def __init__(self, reader, writer, arguments):
        self.reader, self.writer, self.arguments = reader, writer, arguments
        self.data, self.hello = b"", None

    async def say(self, data):
        self.writer.write(data)
        await self.writer.drain()

    def alert(self, number):
        version = min(max(self.hello.record_version, 0x0300), 0x0303)
        return struct.pack(">BHHBB", 21, version, 2, 2, int(number))

    def reset(self):
        linger = struct.pack("ii", 1, 0)
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    async def act(self, action, argument):
        if action == "alert":
            await self.say(self.alert(argument))
        elif action == "late-alert":
            await asyncio.sleep(0.3)
            await self.say(self.alert(argument))
        elif action == "drip-alert":
            for byte in self.alert(argument):
                await self.say(bytes([byte]))
                await asyncio.sleep(0.02)
        elif action == "half-alert":
            await self.say(b"\x15\x03\x03\x00\x02\x02")
        elif action == "reset":
            self.reset()
        elif action == "silence":
            await asyncio.sleep(SILENCE_S)
        elif action in PLAIN:
            await self.say(PLAIN[action])
        elif action == "plain":
            await self.say(argument.encode())
        elif action == "garbage":
            await self.say(random.Random(len(self.data)).randbytes(4096))
        elif action == "endless":
            await self.endless()
        elif action == "huge-certificate":
            await self.huge_certificate()
        elif action != "close":
            raise SystemExit("unknown action " + action)

    async def endless(self):
        """Warning alerts: each is a whole record, and none of them ends anything."""
        piece = b"\x15\x03\x03\x00\x02\x01\x5a" * 1024
        for _ in range(20000):
            await self.say(piece)

    async def huge_certificate(self):
        """A ServerHello, and a Certificate message of 16 MiB less one byte, the most that its length can say."""
        hello = b"\x03\x03" + bytes(range(32)) + b"\x00" + b"\xc0\x2f" + b"\x00" + b"\x00\x05\xff\x01\x00\x01\x00"
        message = b"\x02" + len(hello).to_bytes(3, "big") + hello
        await self.say(b"\x16\x03\x03" + struct.pack(">H", len(message)) + message)
        total = 0xFFFFFF
        body = b"\x0b" + total.to_bytes(3, "big") + (total - 3).to_bytes(3, "big") + (total - 6).to_bytes(3, "big")
        await self.say(b"\x16\x03\x03" + struct.pack(">H", len(body)) + body)
        left, record = total - 6, b"\x30" * 16384
        while left > 0:
            piece = record[:left]
            await self.say(b"\x16\x03\x03" + struct.pack(">H", len(piece)) + piece)
            left -= len(piece)
        await asyncio.sleep(SILENCE_S)

    async def relay(self, action, argument):
        self.is_slow = action == "slow"
        if action == "late":
            await asyncio.sleep(1.5)
        reader, writer = await asyncio.open_connection(self.arguments.address, self.backend)
        writer.write(self.data)
        sent = self.send_corrupted(writer, int(argument)) if action == "corrupt-sent" else pump(self.reader, writer)
        limit = int(argument) if action in ("cut", "stall") or (action == "black-hole" and self.takes_large_segments()) else None
        if action == "corrupt":
            answer = self.answer_corrupted(reader, int(argument))
        elif action == "cut-close-notify":
            answer = self.answer_without_alerts(reader)
        elif action in ("reverse", "damage"):
            answer = self.answer_with_certificates(reader, reversed if action == "reverse" else with_first_damaged)
        else:
            answer = self.answer(reader, action == "drip", limit, action in ("stall", "black-hole"))
        try:
            await asyncio.gather(sent, answer)
        finally:
            writer.close()

    def takes_large_segments(self):
        """A way on which packets of the usual size are lost lets those through that the client asked to be small."""
        return self.writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG) > 1000

    async def send_corrupted(self, writer, number):
        """One bit of the client's record of that number, from 1 after its hello, is changed."""
        count = 0
        async for head, body in self.records(self.reader):
            count += 1
            writer.write(head + (body[:-1] + bytes([body[-1] ^ 1]) if count == number else body))
            await writer.drain()
        writer.write_eof()

    async def records(self, reader):
        while True:
            try:
                head = await reader.readexactly(5)
                yield head, await reader.readexactly(struct.unpack(">H", head[3:])[0])
            except asyncio.IncompleteReadError:
                return

    async def answer_corrupted(self, reader, number):
        """One bit of the server's record of that number, from 1, is changed."""
        count = 0
        async for head, body in self.records(reader):
            count += 1
            if count == number:
                body = body[:-1] + bytes([body[-1] ^ 1])
            await self.say(head + body)
        self.writer.write_eof()

    async def answer_without_alerts(self, reader):
        """The stream ends where the server's close_notify would be: in TLS 1.2 by its type, in TLS 1.3 by its size."""
        async for head, body in self.records(reader):
            if head[0] == 21 or (head[0] == 23 and len(body) == 19):
                break
            await self.say(head + body)
        self.writer.write_eof()

    async def answer_with_certificates(self, reader, change):
        """A Certificate message in one record of its own comes with its certificates changed; all lengths stay."""
        async for head, body in self.records(reader):
            if head[0] == 22 and body[0] == 11:
                body = body[:7] + b"".join(change(certificates_of(body[7:])))
            await self.say(head + body)
        self.writer.write_eof()

    async def answer(self, reader, drips, limit, stalls):
        while True:
            data = await reader.read(65536)
            if not data:
                break
            if limit is not None:
                data, limit = data[:limit], max(0, limit - len(data))
            if self.is_slow:
                await asyncio.sleep(SLOW_S)
            if drips:
                for byte in data:
                    await self.say(bytes([byte]))
                    await asyncio.sleep(0)
            elif data:
                await self.say(data)
            if limit == 0:
                await asyncio.sleep(SILENCE_S if stalls else 0)
                self.writer.close()
                return
        if self.writer.can_write_eof() and not self.writer.is_closing():
            self.writer.write_eof()


async def pump(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except ConnectionResetError:
        writer.close()  # a backend that takes one connection at a time has to know
    except (OSError, RuntimeError):
        pass


class Box:
    def __init__(self, arguments):
        self.arguments, self.recent = arguments, []

    def is_over_limit(self):
        now = time.monotonic()
        self.recent = [t for t in self.recent if now - t < 1.0]
        self.recent.append(now)
        return self.arguments.limit and len(self.recent) > self.arguments.limit

    async def serve(self, reader, writer):
        visit = Visit(reader, writer, self.arguments)
        try:
            if self.is_over_limit():
                visit.reset()
                return
            visit.data, reads = await asyncio.wait_for(read_hello(reader), 20)
            if not visit.data:
                return
            action, _, argument = self.arguments.do.partition(":")
            hello_came = visit.data[0] == 22 or is_sslv2(visit.data)
            visit.hello = Hello(visit.data, reads) if hello_came else None
            hit = (hello_came and visit.hello.holds(self.arguments.when)) or self.arguments.when == "always"
            hit = hit and random.random() < self.arguments.chance
            if not hit or action in ("relay", "late", "drip", "slow", "cut", "stall", "reverse", "damage", "corrupt", "corrupt-sent", "black-hole", "cut-close-notify"):
                visit.backend = self.arguments.backend if hit else self.arguments.otherwise or self.arguments.backend
                await visit.relay(action if hit else "relay", argument)
            else:
                await visit.act(action, argument)
        except (OSError, asyncio.TimeoutError, IndexError, struct.error):
            pass
        finally:
            writer.close()


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", default="127.0.0.1", help="of the box and of the backend")
    parser.add_argument("--backend", type=int, default=0)
    parser.add_argument("--otherwise", type=int, default=0)
    parser.add_argument("--when", default="always")
    parser.add_argument("--do", required=True)
    parser.add_argument("--chance", type=float, default=1.0)
    parser.add_argument("--limit", type=int, default=0)
    arguments = parser.parse_args()
    server = await asyncio.start_server(Box(arguments).serve, arguments.address, 0)
    print("PORT", server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
