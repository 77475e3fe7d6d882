#!/usr/bin/env python3
"""A server that talks in clear before TLS: a mail or file server with STARTTLS, or a proxy.

    talker.py PROTOCOL [--backend PORT] [--status N]

Prints 'PORT n' once it listens. PROTOCOL is smtp, imap, pop3, ftp or xmpp (greets, takes the upgrade, and leads to the
TLS backend, which then speaks HTTP: enough for a handshake), connect or socks5 (a proxy that leads to the backend whatever was asked
for), or http (a plain web server), ssh, mysql (a greeting and nothing else). --status: a proxy refuses with that status (HTTP's, or
SOCKS5's reply code).
"""
import argparse
import asyncio

GREETINGS = {
    "smtp": b"220 mail.example ESMTP\r\n", "imap": b"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n", "pop3": b"+OK ready\r\n",
    "ftp": b"220 (vsFTPd 3.0.3)\r\n", "ssh": b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n",
    "mysql": b"\x4a\x00\x00\x00\x0a8.0.33\x00\x08\x00\x00\x00abcdefgh\x00\xff\xf7\xff\x02\x00\xff\xdf\x15" + b"\x00" * 10 + b"ijklmnopqrst\x00caching_sha2\x00",
}
HTTP_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nOK\n"


def smtp(line):
    word = line.split(b" ")[0].upper()
    if word == b"EHLO":
        return b"250-mail.example\r\n250-SIZE 1000\r\n250 STARTTLS\r\n", False
    if word == b"STARTTLS":
        return b"220 go ahead\r\n", True
    return (b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n" if word == b"HELO" else b"502 what?\r\n"), False


def imap(line):
    tag, _, command = line.partition(b" ")
    if command.upper().startswith(b"STARTTLS"):
        return tag + b" OK begin\r\n", True
    if command.upper().startswith(b"CAPABILITY"):
        return b"* CAPABILITY IMAP4rev1 STARTTLS\r\n" + tag + b" OK done\r\n", False
    return tag + b" BAD what?\r\n", False


def pop3(line):
    if line.upper().startswith(b"STLS"):
        return b"+OK begin\r\n", True
    if line.upper().startswith(b"CAPA"):
        return b"+OK list follows\r\nSTLS\r\nUSER\r\n.\r\n", False
    return b"-ERR what?\r\n", False


def ftp(line):
    if line.upper().startswith(b"AUTH"):
        return b"234 go ahead\r\n", True
    if line.upper().startswith(b"FEAT"):
        return b"211-Features\r\n AUTH TLS\r\n211 end\r\n", False
    return b"502 what?\r\n", False


ANSWERS = {"smtp": smtp, "imap": imap, "pop3": pop3, "ftp": ftp}


async def pump(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except (OSError, RuntimeError):
        pass


async def lead(reader, writer, arguments):
    from_backend, to_backend = await asyncio.open_connection(arguments.address, arguments.backend)
    try:
        await asyncio.gather(pump(reader, to_backend), pump(from_backend, writer))
    finally:
        to_backend.close()


async def upgrade(reader, writer, arguments):
    while True:
        line = await asyncio.wait_for(reader.readline(), 20)
        if not line.endswith(b"\n"):
            return
        said, upgrades = ANSWERS[arguments.protocol](line.strip())
        writer.write(said)
        await writer.drain()
        if upgrades:
            await lead(reader, writer, arguments)
            return


async def connect_proxy(reader, writer, arguments):
    await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)
    if arguments.status:
        reasons = {403: "Forbidden", 407: "Proxy Authentication Required", 502: "Bad Gateway", 503: "Service Unavailable"}
        extra = "Proxy-Authenticate: Basic realm=\"lab\"\r\n" if arguments.status == 407 else ""
        writer.write(f"HTTP/1.1 {arguments.status} {reasons[arguments.status]}\r\n{extra}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        return
    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    await lead(reader, writer, arguments)


async def socks5(reader, writer, arguments):
    _, methods = await reader.readexactly(2)
    await reader.readexactly(methods)
    writer.write(b"\x05\x00")
    _, _, _, kind = await reader.readexactly(4)
    length = {1: 4, 4: 16}.get(kind) or (await reader.readexactly(1))[0]
    await reader.readexactly(length + 2)
    writer.write(bytes([5, arguments.status, 0, 1, 0, 0, 0, 0, 0, 0]))
    await writer.drain()
    if not arguments.status:
        await lead(reader, writer, arguments)


async def serve(reader, writer, arguments):
    try:
        if arguments.protocol in GREETINGS:
            writer.write(GREETINGS[arguments.protocol])
            await writer.drain()
        if arguments.protocol in ANSWERS:
            await upgrade(reader, writer, arguments)
        elif arguments.protocol == "connect":
            await connect_proxy(reader, writer, arguments)
        elif arguments.protocol == "socks5":
            await socks5(reader, writer, arguments)
        elif arguments.protocol == "http":
            said = await asyncio.wait_for(reader.read(65536), 20)
            writer.write(HTTP_ANSWER if said.startswith((b"GET", b"HEAD")) else HTTP_ANSWER.replace(b"200 OK", b"400 Bad Request"))
            await writer.drain()
        else:
            await asyncio.wait_for(reader.read(4096), 5)
    except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        pass
    finally:
        writer.close()


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("protocol")
    parser.add_argument("--address", default="127.0.0.1", help="of the box and of the backend")
    parser.add_argument("--backend", type=int, default=0)
    parser.add_argument("--status", type=int, default=0)
    arguments = parser.parse_args()
    server = await asyncio.start_server(lambda r, w: serve(r, w, arguments), arguments.address, 0)
    print("PORT", server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
