#!/usr/bin/env python3
"""A server of TLS 1.3 that wants a client certificate only after the handshake, as Apache does for one of its locations.

    late_request.py --address ADDRESS --certificate FILE --key FILE --trust FILE

Prints 'PORT n' once it listens. Where the client does not offer post-handshake authentication (RFC 8446, 4.6.2), it cannot be
asked, and the server ends the connection.
"""
import argparse
import socket
import ssl
import threading


def ask(tls):
    tls.verify_client_post_handshake()
    tls.write(b"\n")
    tls.recv(65536)
    tls.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nOK\n")


def serve(connection, context):
    try:
        tls = context.wrap_socket(connection, server_side=True)
    except OSError:
        return
    try:
        ask(tls)
    except OSError:
        tls.settimeout(2)
        try:
            tls.recv(65536)  # what is unread would make the end a reset
        except OSError:
            pass
    tls.close()


def main():
    parser = argparse.ArgumentParser()
    for name in ("address", "certificate", "key", "trust"):
        parser.add_argument("--" + name, required=True)
    arguments = parser.parse_args()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(arguments.certificate, arguments.key)
    context.load_verify_locations(arguments.trust)
    context.verify_mode = ssl.CERT_REQUIRED
    context.post_handshake_auth = True
    with socket.create_server((arguments.address, 0), backlog=64) as listener:
        print("PORT", listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection, context), daemon=True).start()


if __name__ == "__main__":
    main()
