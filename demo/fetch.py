"""fetch.py PORT: GET / of https://localhost:PORT with TLS 1.0 at most, as a program of 2010 would."""
import socket
import ssl
import sys
import warnings

warnings.simplefilter("ignore", DeprecationWarning)
context = ssl.create_default_context()
context.minimum_version = ssl.TLSVersion.TLSv1
context.maximum_version = ssl.TLSVersion.TLSv1
context.set_ciphers("DEFAULT:@SECLEVEL=0")
try:
    with context.wrap_socket(socket.create_connection(("localhost", int(sys.argv[1]))), server_hostname="localhost") as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        print(connection.recv(100))
except ssl.SSLError as e:
    sys.exit(f"ssl.SSLError: {e}")
