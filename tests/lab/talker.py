#!/usr/bin/env python3
"""A server that talks in clear before TLS: a mail, file, directory, database or desktop server that upgrades, or a proxy.

    talker.py PROTOCOL [--backend PORT] [--status N] [--login USER:PASSWORD] [--upgrade refused|hidden] [--instead KIND] [--file FILE] [--lead URL]

Prints 'PORT n' once it listens. PROTOCOL is smtp, lmtp, imap, pop3, ftp, nntp, sieve, irc (quiet-irc: without a greeting), xmpp, ldap,
postgres, mysql or rdp (takes the upgrade, and leads to the TLS backend, which then speaks HTTP: enough for a handshake); connect, socks4 or
socks5 (a proxy that leads to the backend whatever was asked for; socks5 without one, to that port of this machine); header (wants a PROXY header, then leads to the backend); or http (a
plain web server), ssh, resets (at once). --status: a proxy refuses with that status (HTTP's, or SOCKS's reply code). --login: a proxy wants that name and password.
--upgrade: the server says no to the upgrade (postgres too), or does not offer it. --instead: what a proxy does in place of an answer: end,
reset, silence, ssh (answers as such a server), tls (with an alert).
"""
import argparse
import asyncio
import base64
import socket
import struct

GREETINGS = {
    "smtp": b"220 mail.example ESMTP\r\n", "imap": b"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n", "pop3": b"+OK ready\r\n",
    "ftp": b"220 (vsFTPd 3.0.3)\r\n", "lmtp": b"220 mail.example LMTP\r\n", "nntp": b"200 news.example InterNetNews ready\r\n",
    "sieve": b'"IMPLEMENTATION" "Dovecot"\r\n"SIEVE" "fileinto"\r\n"STARTTLS"\r\nOK "ready"\r\n',
    "irc": b":irc.example NOTICE * :*** Looking up your hostname...\r\n", "ssh": b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n",
    "mysql": b"\x41\x00\x00\x00\x0a8.0.33\x00\x08\x00\x00\x00abcdefgh\x00\xff\xf7\xff\x02\x00\xff\xdf\x15" + b"\x00" * 10 + b"ijklmnopqrst\x00caching_sha2\x00",
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


def lmtp(line):
    return smtp(line.replace(b"LHLO", b"EHLO"))


def nntp(line):
    if line.upper() == b"CAPABILITIES":
        return b"101 list:\r\nVERSION 2\r\nREADER\r\nSTARTTLS\r\n.\r\n", False
    return (b"382 go ahead\r\n", True) if line.upper() == b"STARTTLS" else (b"500 what?\r\n", False)


def sieve(line):
    if line.upper() == b"STARTTLS":
        return b'OK "go ahead"\r\n', True
    return (GREETINGS["sieve"] if line.upper() == b"CAPABILITY" else b'NO "what?"\r\n'), False


def irc(line):
    if line.upper() == b"STARTTLS":
        return b":irc.example 670 * :STARTTLS successful\r\n", True
    return (b":irc.example CAP * LS :tls\r\n" if line.upper().startswith(b"CAP LS") else b""), False


ANSWERS = {"smtp": smtp, "imap": imap, "pop3": pop3, "ftp": ftp, "lmtp": lmtp, "nntp": nntp, "sieve": sieve, "irc": irc, "quiet-irc": irc}


REFUSALS = {
    "smtp": b"454 4.7.0 TLS not available\r\n", "lmtp": b"454 4.7.0 TLS not available\r\n", "pop3": b"-ERR TLS is not configured\r\n",
    "ftp": b"534 policy does not allow TLS\r\n", "nntp": b"580 cannot start TLS\r\n", "sieve": b'NO "TLS is not available"\r\n',
    "irc": b":irc.example 691 * :STARTTLS failed\r\n",
}


def without_offer(said):
    """The same reply, but for the lines and words that offer the upgrade."""
    lines = [line for line in said.split(b"\r\n") if line[4:] not in (b"STARTTLS", b"AUTH TLS") and line not in (b"STARTTLS", b"STLS", b'"STARTTLS"')]
    text = b"\r\n".join(lines).replace(b" STARTTLS", b"")
    return text.replace(b"250-SIZE", b"250 SIZE")


# ---- those whose messages are no lines: each returns whether TLS begins ---------------------------------------------------------------
async def ldap(reader, writer):
    """StartTLS is message 1 of both clients that come here; anything but a SEQUENCE ends it, as with OpenLDAP."""
    tag, length = await reader.readexactly(2)
    if tag != 0x30 or length > 0x7f or b"1.3.6.1.4.1.1466.20037" not in await reader.readexactly(length):
        return False
    writer.write(bytes.fromhex("300c02010178070a010004000400"))
    return True


async def xmpp(reader, writer):
    if await reader.readexactly(1) != b"<":
        return False
    opened = await reader.readuntil(b">")
    if b"stream:stream" not in opened and b"<stream:stream" not in await reader.readuntil(b">"):
        return False
    writer.write(b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>")
    await asyncio.sleep(0.05)
    writer.write(b"<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>")
    if b"<starttls" not in await reader.readuntil(b">"):
        return False
    writer.write(b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    return True


async def postgres(reader, writer):
    while True:
        length, code = struct.unpack(">II", await reader.readexactly(8))
        if length != 8 or code not in (80877103, 80877104):
            return False
        writer.write(b"S" if code == 80877103 else b"N")
        if code == 80877103:
            return True


async def mysql(reader, writer):
    length = int.from_bytes(await reader.readexactly(3), "little")
    await reader.readexactly(1)
    body = await reader.readexactly(length) if length < 4096 else b""
    if len(body) == 32 and struct.unpack("<I", body[:4])[0] & 0x800:
        return True
    writer.write(b"\x10\x00\x00\x01\xff\x13\x04#08S01Bad hs.")
    return False


async def rdp(reader, writer):
    version, _, length = struct.unpack(">BBH", await reader.readexactly(4))
    if version != 3 or length < 11 or (await reader.readexactly(length - 4))[1] != 0xe0:
        return False
    writer.write(bytes.fromhex("030000130ed000001234000200080002000000"))
    return True


async def header(reader, writer):
    first = await reader.readexactly(12)
    if first == b"\r\n\r\n\x00\r\nQUIT\n":
        _, _, length = struct.unpack(">BBH", await reader.readexactly(4))
        await reader.readexactly(length)
        return True
    return first.startswith(b"PROXY ") and (await reader.readuntil(b"\n")).endswith(b"\r\n")


MESSAGES = {"ldap": ldap, "xmpp": xmpp, "postgres": postgres, "mysql": mysql, "rdp": rdp, "header": header}


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
        if upgrades and arguments.upgrade:
            said, upgrades = REFUSALS.get(arguments.protocol, line.split(b" ")[0] + b" NO TLS is not configured\r\n"), False
        writer.write(without_offer(said) if arguments.upgrade == "hidden" else said)
        await writer.drain()
        if upgrades:
            await lead(reader, writer, arguments)
            return


async def answer_message(reader, writer, arguments):
    if arguments.protocol == "postgres" and arguments.upgrade:
        await reader.readexactly(8)
        writer.write(b"N")
    begins = arguments.backend and await asyncio.wait_for(MESSAGES[arguments.protocol](reader, writer), 20)
    await writer.drain()
    if begins:
        await lead(reader, writer, arguments)


async def something_else(reader, writer, kind):
    """A proxy that hears what it is asked and does not answer as one."""
    await reader.read(4096)
    if kind == "silence":
        await asyncio.sleep(30)
    elif kind == "reset":
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif kind == "ssh":
        writer.write(GREETINGS["ssh"])
    elif kind == "tls":
        writer.write(bytes.fromhex("15030300020246"))


async def lead_on(reader, writer, where):
    await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)
    writer.write(f"HTTP/1.1 302 Found\r\nLocation: {where}\r\nContent-Length: 0\r\n\r\n".encode())
    await writer.drain()


async def give_file(asked, writer, arguments):
    """A proxy is asked for the whole address, a server for the path alone (RFC 9112, 3.2)."""
    is_whole = asked.startswith(b"GET http://")
    status = arguments.status or (200 if is_whole == (arguments.protocol == "connect") else 400)
    with open(arguments.file, "rb") as f:
        content = f.read()
    writer.write(f"HTTP/1.1 {status} so\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content)
    await writer.drain()


async def connect_proxy(reader, writer, arguments):
    asked = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)
    if arguments.file and asked.startswith(b"GET "):
        await give_file(asked, writer, arguments)
        return
    if arguments.login and b"Basic " + base64.b64encode(arguments.login.encode()) not in asked:
        arguments = argparse.Namespace(**{**vars(arguments), "status": 407})
    if arguments.status:
        reasons = {403: "Forbidden", 407: "Proxy Authentication Required", 502: "Bad Gateway", 503: "Service Unavailable"}
        extra = "Proxy-Authenticate: Basic realm=\"lab\"\r\n" if arguments.status == 407 else ""
        writer.write(f"HTTP/1.1 {arguments.status} {reasons[arguments.status]}\r\n{extra}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        return
    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    await lead(reader, writer, arguments)


async def socks5_login(reader, writer, offered, arguments):
    writer.write(b"\x05\x02" if 2 in offered else b"\x05\xff")
    if 2 not in offered:
        return False
    said = []
    await reader.readexactly(1)
    for _ in range(2):
        said.append((await reader.readexactly((await reader.readexactly(1))[0])).decode())
    writer.write(b"\x01\x00" if ":".join(said) == arguments.login else b"\x01\x01")
    return ":".join(said) == arguments.login


async def socks4(reader, writer, arguments):
    _, _, _, address = struct.unpack(">BBHI", await reader.readexactly(8))
    await reader.readuntil(b"\x00")
    if 0 < address < 256:
        await reader.readuntil(b"\x00")
    writer.write(bytes([0, arguments.status or 0x5a, 0, 0, 0, 0, 0, 0]))
    await writer.drain()
    if not arguments.status:
        await lead(reader, writer, arguments)


async def socks5(reader, writer, arguments):
    _, methods = await reader.readexactly(2)
    offered = await reader.readexactly(methods)
    if arguments.login and not await socks5_login(reader, writer, offered, arguments):
        return
    if not arguments.login:
        writer.write(b"\x05\x00")
    _, _, _, kind = await reader.readexactly(4)
    length = {1: 4, 4: 16}.get(kind) or (await reader.readexactly(1))[0]
    await reader.readexactly(length)
    asked = int.from_bytes(await reader.readexactly(2), "big")
    if not arguments.backend and not arguments.status:  # the port that was asked for, on this machine
        arguments = argparse.Namespace(**{**vars(arguments), "backend": asked})
    writer.write(bytes([5, arguments.status, 0, 1, 0, 0, 0, 0, 0, 0]))
    await writer.drain()
    if not arguments.status:
        await lead(reader, writer, arguments)


def greeting_of(arguments):
    greeting = GREETINGS[arguments.protocol]
    if arguments.protocol == "mysql" and arguments.backend:  # CLIENT_SSL among the capabilities
        return greeting.replace(b"\x00\xff\xf7", b"\x00\xff\xff")
    return without_offer(greeting) if arguments.upgrade == "hidden" else greeting


async def serve(reader, writer, arguments):
    try:
        if arguments.protocol in GREETINGS:
            writer.write(greeting_of(arguments))
            await writer.drain()
        if arguments.protocol == "resets":
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif arguments.instead:
            await something_else(reader, writer, arguments.instead)
        elif arguments.protocol in MESSAGES:
            await answer_message(reader, writer, arguments)
        elif arguments.protocol in ANSWERS:
            await upgrade(reader, writer, arguments)
        elif arguments.protocol == "connect":
            await connect_proxy(reader, writer, arguments)
        elif arguments.protocol in ("socks4", "socks5"):
            await {"socks4": socks4, "socks5": socks5}[arguments.protocol](reader, writer, arguments)
        elif arguments.protocol == "http" and arguments.lead:
            await lead_on(reader, writer, arguments.lead)
        elif arguments.protocol == "http" and arguments.file:
            await give_file(await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20), writer, arguments)
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
    parser.add_argument("--login", default="")
    parser.add_argument("--upgrade", default="", choices=("", "refused", "hidden"))
    parser.add_argument("--instead", default="", choices=("", "end", "reset", "silence", "ssh", "tls"))
    parser.add_argument("--file", default="", help="what a GET gets, also by a proxy that leads with CONNECT")
    parser.add_argument("--lead", default="", help="where a GET is led on to")
    arguments = parser.parse_args()
    server = await asyncio.start_server(lambda r, w: serve(r, w, arguments), arguments.address, 0)
    print("PORT", server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
