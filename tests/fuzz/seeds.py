"""Writes the seeds that a fuzz target starts from: the hellos of real clients, in the form that this target reads."""
import pathlib
import struct
import sys

HELLOS = pathlib.Path(__file__).parent.parent / "data" / "hellos"
REGRESSION = pathlib.Path(__file__).parent / "regression"

RANDOM = bytes(range(32))


def record(content_type, payload, version=0x0303):
    return struct.pack(">BHH", content_type, version, len(payload)) + payload


def message(kind, body):
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


SERVER_HELLO_12 = b"\x03\x03" + RANDOM + b"\x00\xc0\x2f\x00" + bytes.fromhex("0012ff01000100001700000010000500030268 32")
SERVER_HELLO_13 = b"\x03\x03" + RANDOM + b"\x00\x13\x01\x00" + bytes.fromhex("000f002b00020304003300 05001d0001aa")
CERTIFICATE = bytes.fromhex("000009000002aabb000001cc")
KEY_EXCHANGE = bytes.fromhex("0300170204010804 0003010203")
DH_KEY_EXCHANGE = bytes.fromhex("0002ffff0001020001030804 0001aa")
REQUEST = bytes.fromhex("020140000404030804000700023000000131")
ALERT = record(21, b"\x02\x28")
FLIGHT_12 = record(22, message(2, SERVER_HELLO_12) + message(11, CERTIFICATE) + message(12, KEY_EXCHANGE) + message(14, b""))
FLIGHT_13 = record(22, message(2, SERVER_HELLO_13)) + record(20, b"\x01") + record(23, bytes(200))

PREAMBLES = [
    (443, b"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"),
    (443, b"CONNECT a.example:443 HTTP/1.1\r\n\r\n", b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"),
    (25, b"EHLO x\r\nSTARTTLS\r\n", b"220 mx ESMTP\r\n250-mx\r\n250 STARTTLS\r\n220 go\r\n"),
    (143, b"a1 STARTTLS\r\n", b"* OK IMAP4rev1\r\na1 OK go\r\n"),
    (110, b"STLS\r\n", b"+OK POP3\r\n+OK go\r\n"),
    (21, b"AUTH TLS\r\n", b"220 ftp\r\n234 go\r\n"),
    (1080, b"\x05\x01\x00\x05\x01\x00\x03\x09a.example\x01\xbb", b"\x05\x00\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"),
    (5432, b"\x00\x00\x00\x08\x04\xd2\x16\x2f", b"S"),
    (3306, b"\x20\x00\x00\x01" + bytes(32), b"\x4a\x00\x00\x00\x0a8.0.36\x00" + bytes(60)),
    (389, bytes.fromhex("301d02010177188016 312e332e362e312e342e312e313436362e3230303337"), bytes.fromhex("300c02010178070a010004000400")),
    (5222, b"<stream:stream to='a'><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", b"<stream:stream><proceed/>"),
    (80, b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    (22, b"SSH-2.0-x\r\n", b"SSH-2.0-OpenSSH_9.2\r\n"),
]


def step(server, data, end=False):
    return bytes([(0x80 if server else 0) | (0x40 if end else 0)]) + struct.pack(">H", len(data)) + data


def hellos():
    return [(path.stem, path.read_bytes()) for path in sorted(HELLOS.glob("*.bin"))]


def client_hello_seeds():
    yield from hellos()


def server_messages_seeds():
    for index, body in [(0, SERVER_HELLO_12), (0, SERVER_HELLO_13), (1, CERTIFICATE), (2, REQUEST), (5, DH_KEY_EXCHANGE), (6, KEY_EXCHANGE)]:
        yield f"message-{index}-{len(body)}", bytes([index, 3]) + body
    yield "records", b"\x03\x03" + ALERT + FLIGHT_12


def flow_seeds():
    for name, hello in hellos():
        yield name + "-alert", struct.pack(">H", 443) + step(False, hello) + step(True, ALERT, end=True)
    for name, hello in hellos()[:8]:
        yield name + "-12", struct.pack(">H", 443) + step(False, hello) + step(True, FLIGHT_12) + step(False, ALERT, end=True)
        yield name + "-13", struct.pack(">H", 443) + step(False, hello) + step(True, FLIGHT_13) + step(False, record(23, bytes(100)))
    hello = dict(hellos())["go-1.19"]
    for number, (port, client, server) in enumerate(PREAMBLES):
        yield f"preamble-{number}", struct.pack(">H", port) + step(False, client) + step(True, server) + step(False, hello) + step(True, ALERT, end=True)
        yield f"greeting-{number}", struct.pack(">H", port) + step(True, server) + step(False, client) + step(False, hello)


def preamble_seeds():
    for number, (port, client, server) in enumerate(PREAMBLES):
        yield f"preamble-{number}", struct.pack(">HH", port, len(client)) + client + server


def issuer_file_seeds():
    empty_message = bytes.fromhex("302306092a864886f70d010702a0163014020101310030 0b06092a864886f70d010701a0003100")
    yield "message", b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(empty_message) + empty_message
    yield "pem", b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"
    yield "moved", b"HTTP/1.0 301 Moved\r\nLocation: http://a.example/\r\n\r\n"


def dns_message_seeds():
    question = b"\x04good\x07example\x00\x00\x01\x00\x01"
    answer = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x7f\x00\x00\x09"
    alias = b"\xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x3c\x00\x04\x01a\xc0\x11"
    yield "question", struct.pack(">HHHHHH", 1, 0x0100, 1, 0, 0, 0) + question
    yield "answer", struct.pack(">HHHHHH", 1, 0x8180, 1, 2, 0, 0) + question + alias + answer
    yield "no-such-name", struct.pack(">HHHHHH", 1, 0x8183, 1, 0, 0, 0) + question
    yield "round", struct.pack(">HHHHHH", 1, 0x0100, 1, 0, 0, 0) + b"\xc0\x0c\x00\x01\x00\x01"


def said(content_type, data):
    return bytes([content_type]) + struct.pack(">H", len(data)) + data


def handshake_seeds():
    """Mode: 0 from the hello on, 1 under TLS 1.3, 2 under an earlier version; plus 3 for each further suite, plus 128 to finish."""
    certificate = message(11, bytes.fromhex("00 000008 000003 aabbcc 0000"))
    request = message(13, bytes.fromhex("00 0018 000d0004 00020403 002f000c 000a 0002 3000 0004 31020000"))
    flight = message(8, bytes.fromhex("0009 0010 0005 0003026832")) + request + certificate + message(15, bytes.fromhex("0804 0003010203"))
    for suite in range(5):
        for finish in (0, 128):
            yield f"tls13-{suite}-{finish}", bytes([1 + 3 * suite + finish]) + said(22, flight + message(20, bytes(32))) + said(22, message(4, bytes(20))) \
                + said(21, b"\x02\x74")
    for suite in range(8):
        for finish in (0, 128):
            yield f"tls12-{suite}-{finish}", bytes([2 + 3 * suite + finish]) + said(22, message(20, bytes(12))) + said(21, b"\x02\x28")
    yield "hello-12", bytes([128]) + said(22, FLIGHT_12) + said(20, record(20, b"\x01")) + said(22, record(22, bytes(40)))
    yield "hello-13", bytes([128]) + said(22, FLIGHT_13)
    done = message(2, SERVER_HELLO_12) + message(11, CERTIFICATE) + message(22, bytes.fromhex("0100000102")) + message(13, REQUEST) + message(14, b"")
    yield "hello-12-request", bytes([128]) + said(22, record(22, done))


def elf_seeds():
    """A program with all that is read: what it needs, where, its build, a symbol, Go's build information, a version text."""
    strings = b"\0libssl.so.3\0$ORIGIN/lib\0dlopen\0"
    texts = b"\0OpenSSL 1.0.1e 11 Feb 2013\0libgnutls.so.30\0crypto/tls.(*Conn).Read\0/rustls-0.21.7/\0"
    go = b"\xff Go buildinf:\x08\x02" + bytes(16) + b"\x08go1.21.5"
    note = struct.pack("<III", 4, 8, 3) + b"GNU\0" + bytes(range(8))
    symbols = bytes(24) + struct.pack("<IBBHQQ", strings.index(b"dlopen"), 0x12, 0, 0, 0, 0)
    at = {"interp": 64 + 4 * 56}
    at["strings"] = at["interp"] + 16
    at["dynamic"] = at["strings"] + len(strings)
    dynamic = b"".join(struct.pack("<qQ", tag, value) for tag, value in ((1, 1), (29, strings.index(b"$")), (5, at["strings"]), (10, len(strings)), (0, 0)))
    at["note"] = at["dynamic"] + len(dynamic)
    at["symbols"] = at["note"] + len(note)
    at["texts"] = at["symbols"] + len(symbols)
    at["go"] = at["texts"] + len(texts)
    at["names"] = at["go"] + len(go)
    names = b"\0.rodata\0.go.buildinfo\0.dynsym\0.dynstr\0.shstrtab\0"
    sections = at["names"] + len(names)
    header = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 64, 64, sections, 0, 64, 56, 4, 64, 6, 5)
    segments = b"".join(struct.pack("<IIQQQQQQ", kind, 4, start, start, start, length, length, 4) for kind, start, length in
                        ((1, 0, sections), (3, at["interp"], 16), (2, at["dynamic"], len(dynamic)), (4, at["note"], len(note))))
    section = bytes(64) + b"".join(struct.pack("<IIQQQQIIQQ", names.index(name), kind, 2, start, start, length, linked, 0, 1, entry) for name, kind, start, length, linked, entry in
                                   ((b".rodata", 1, at["texts"], len(texts), 0, 0), (b".go.buildinfo", 1, at["go"], len(go), 0, 0),
                                    (b".dynsym", 11, at["symbols"], len(symbols), 4, 24), (b".dynstr", 3, at["strings"], len(strings), 0, 0),
                                    (b".shstrtab", 3, at["names"], len(names), 0, 0)))
    whole = header + segments + b"/lib/ld-linux.so" + strings + dynamic + note + symbols + texts + go + names + section
    yield "program", whole
    yield "without-sections", whole[:40] + bytes(8) + whole[48:60] + bytes(4) + whole[64:]
    yield "cut", whole[:300]
    entry = struct.pack("<iIIIQ", 0x303, 72, 80, 0, 0)
    yield "cache", b"glibc-ld.so.cache1.1" + struct.pack("<II", 1, 20) + bytes(20) + entry + b"libx.so\0/lib/x\0"


def main():
    target, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    seeds = {
        "fuzz_client_hello": client_hello_seeds,
        "fuzz_server_messages": server_messages_seeds,
        "fuzz_flow": flow_seeds,
        "fuzz_preamble": preamble_seeds,
        "fuzz_dns_message": dns_message_seeds,
        "fuzz_handshake": handshake_seeds,
        "fuzz_issuer_file": issuer_file_seeds,
        "fuzz_elf": elf_seeds,
    }[target]
    for name, data in seeds():
        (folder / name).write_bytes(data)
    for path in sorted((REGRESSION / target).glob("*")):
        (folder / ("regression-" + path.name)).write_bytes(path.read_bytes())


if __name__ == "__main__":
    main()
