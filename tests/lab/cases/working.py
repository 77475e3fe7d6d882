"""Nothing is wrong: no false alarm."""
import shlex

from lab import Case, case


def works(argv, port, **more):
    return Case(argv, port, None, fails=False, **more)


@case
def slow_server_works_curl(lab):
    port = lab.shaper("always", "late", lab.s_server())
    return Case(lab.curl(port), port, None, fails=False)


@case
def works_curl(lab):
    port = lab.s_server()
    return works(lab.curl(port), port)


@case
def works_curl_http2(lab):
    port = lab.nginx()
    return works(lab.curl(port, "--http2"), port)


@case
def works_curl_keep_alive(lab):
    port = lab.nginx()
    return works(lab.curl(port, "-o", "/dev/null", f"https://localhost:{port}/again"), port)


@case
def works_curl_four_at_once(lab):
    port = lab.nginx()
    urls = [word for i in range(4) for word in ("-o", "/dev/null", f"https://localhost:{port}/{i}")]
    return works(lab.curl(port, "--http1.1", "-Z", "--no-progress-meter", *urls), port, connections=2)


@case
def works_resumption_s_client(lab):
    port = lab.s_server("-tls1_2")
    session = str(lab.dir / "session.pem")
    first, again = lab.s_client(port, "-sess_out", session), lab.s_client(port, "-sess_in", session)
    return works(["sh", "-c", shlex.join(first) + " && " + shlex.join(again)], port, connections=2)


@case
def works_resumption_tls13_python(lab):
    port = lab.nginx("ssl_protocols TLSv1.2 TLSv1.3;")
    code = lab.python(port)[-1] + f"""
session = s.session
s.close()
s = ctx.wrap_socket(socket.create_connection(('localhost', {port}), 15), server_hostname='localhost', session=session)
assert s.session_reused, 'not resumed'
s.sendall(b'GET / HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n')
while s.recv(65536): pass
"""
    return works(["/usr/bin/python3", "-c", code], port, connections=2)


@case
def works_wget(lab):
    port = lab.nginx()
    return works(lab.wget(port), port)


@case
def works_node_26(lab):
    port = lab.s_server()
    return works(lab.node(port, "26.10.0"), port)


@case
def works_node_0_8_old_server(lab):
    port = lab.nginx("ssl_protocols TLSv1; ssl_ciphers ALL:@SECLEVEL=0;")
    return works(lab.node(port, "0.8.28"), port)


@case
def works_java(lab):
    port = lab.s_server()
    return works(lab.java(port), port)


@case
def works_gnutls_cli(lab):
    port = lab.gnutls_serv()
    return works(lab.gnutls_cli(port), port)


@case
def works_perl(lab):
    port = lab.nginx()
    return works(lab.perl(port), port)


@case
def works_redirect(lab):
    end = lab.nginx()
    port = lab.nginx(f"return 301 https://localhost:{end}/;")
    return works(lab.curl(port, "-L"), port)


@case
def works_plain_http(lab):
    port = lab.talker("http")
    return works(lab.curl(port, scheme="http"), port)


@case
def works_redirect_from_plain_http(lab):
    port = lab.nginx(f"return 301 https://localhost:{lab.nginx()}/;", tls=False)
    return works(lab.curl(port, "-L", scheme="http"), port)


@case
def works_smtp_starttls_s_client(lab):
    port = lab.talker("smtp", lab.s_server())
    return works(lab.s_client(port, "-starttls", "smtp"), port)


@case
def works_imap_starttls_s_client(lab):
    port = lab.talker("imap", lab.s_server())
    return works(lab.s_client(port, "-starttls", "imap"), port)


@case
def works_pop3_starttls_s_client(lab):
    port = lab.talker("pop3", lab.s_server())
    return works(lab.s_client(port, "-starttls", "pop3"), port)


@case
def works_ftp_starttls_gnutls_cli(lab):
    port = lab.talker("ftp", lab.s_server())
    return works(lab.gnutls_cli(port, "--starttls-proto=ftp"), port)


@case
def works_smtp_in_python(lab):
    port = lab.talker("smtp", lab.s_server("-quiet", www=False))
    code = f"""import smtplib, ssl
ctx = ssl.create_default_context(cafile={lab.ca!r})
s = smtplib.SMTP('localhost', {port}, timeout=10)
s.starttls(context=ctx)
s.sock.close()"""
    return works(["/usr/bin/python3", "-c", code], port)


@case
def works_behind_a_connect_proxy(lab):
    port = lab.talker("connect", lab.nginx())
    return works(lab.curl(443, "-x", f"http://{lab.address}:{port}"), port)


@case
def works_behind_socks5(lab):
    port = lab.talker("socks5", lab.nginx())
    return works(lab.curl(443, "--socks5-hostname", f"{lab.address}:{port}"), port)


@case
def works_one_byte_at_a_time(lab):
    port = lab.shaper("always", "drip", lab.s_server())
    return works(lab.curl(port), port)


@case
def works_ipv6(lab):
    lab.has_ipv6()
    port = lab.s_server(address="[::1]")
    return works(lab.curl(port, host="[::1]"), port)


@case
def works_other_address_after_a_refusal(lab):
    """localhost has two addresses, the server one."""
    port = lab.s_server()
    return works(lab.curl(port, "--resolve", f"localhost:{port}:[::1],127.0.0.1"), port)


@case
def works_client_that_only_looks_whether_it_is_open(lab):
    port = lab.s_server()
    code = f"import socket; socket.create_connection(('127.0.0.1', {port}), 5).close()"
    return works(["/usr/bin/python3", "-c", code], port)


@case
def works_large_download(lab):
    lab.file("blob", "x" * 100_000_000)
    port = lab.nginx(f"location /blob {{ root {lab.dir}; }}")
    return works(lab.curl(port, path="/blob"), port)
