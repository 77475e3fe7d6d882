"""What is said before TLS: every upgrade and every proxy, read from a real client, and said again by the experiments."""
from lab import CASES, Case, case

# openssl s_client's -starttls, and the server's protocol where it has another name
S_CLIENT_PROTOCOLS = {"lmtp": "lmtp", "ftp": "ftp", "nntp": "nntp", "sieve": "sieve", "irc": "quiet-irc", "xmpp": "xmpp", "xmpp-server": "xmpp",
                      "ldap": "ldap", "postgres": "postgres", "mysql": "mysql"}
GREETING = ("smtp", "imap", "lmtp", "nntp", "sieve", "irc", "mysql")
SILENT = ("ldap", "xmpp", "postgres", "rdp", "quiet-irc")


def a_server_too_new(name, protocol):
    """The client's hello is read after the preamble, and the control fails as it did only where the preamble is said again."""
    def make(lab):
        port = lab.talker(protocol, lab.s_server("-tls1_3"))
        return Case(lab.s_client(port, "-starttls", name, "-tls1_2"), port, "client-version-too-old")
    return make


def an_upgrade_needed(protocol):
    def make(lab):
        port = lab.talker(protocol, lab.s_server())
        return Case(lab.s_client(port), port, "starttls-needed", says=({"postgres": "postgresql", "quiet-irc": "irc"}.get(protocol, protocol),))
    return make


for _name, _protocol in S_CLIENT_PROTOCOLS.items():
    CASES[f"client-too-old-after-{_name}"] = a_server_too_new(_name, _protocol)
for _protocol in GREETING + SILENT:
    CASES[f"starttls-needed-{_protocol}"] = an_upgrade_needed(_protocol)


@case
def client_too_old_curl_smtp(lab):
    port = lab.talker("smtp", lab.s_server("-tls1_3"))
    return Case(lab.curl(port, "--ssl-reqd", "--tls-max", "1.2", scheme="smtp"), port, "client-version-too-old")


@case
def client_too_old_curl_pop3(lab):
    port = lab.talker("pop3", lab.s_server("-tls1_3"))
    return Case(lab.curl(port, "--ssl-reqd", "--tls-max", "1.2", scheme="pop3"), port, "client-version-too-old")


@case
def client_too_old_curl_ftp(lab):
    port = lab.talker("ftp", lab.s_server("-tls1_3"))
    return Case(lab.curl(port, "--ssl-reqd", "--tls-max", "1.2", scheme="ftp"), port, "client-version-too-old")


@case
def client_too_old_psql(lab):
    port = lab.talker("postgres", lab.s_server("-tls1_3"))
    return Case(lab.psql(port, "ssl_max_protocol_version=TLSv1.2"), port, "client-version-too-old")


@case
def client_too_old_mariadb(lab):
    port = lab.talker("mysql", lab.s_server("-tls1_3"))
    return Case(lab.mariadb(port, "--tls-version=TLSv1.2"), port, "client-version-too-old")


@case
def client_too_old_ldapsearch(lab):
    """OpenLDAP's clients are linked with GnuTLS here; a priority string is how they are told the version."""
    port = lab.talker("ldap", lab.s_server("-tls1_3"))
    env = {"LDAPTLS_CIPHER_SUITE": "NORMAL:-VERS-ALL:+VERS-TLS1.2", "LDAPTLS_CACERT": lab.ca}
    return Case(lab.ldapsearch(port), port, "client-version-too-old", env=env, why="policy", says=("LDAPTLS_CIPHER_SUITE",))


@case
def client_too_old_ldapsearch_by_file(lab):
    port = lab.talker("ldap", lab.s_server("-tls1_3"))
    conf = lab.file("ldap.conf", f"# of this site\nTLS_CACERT {lab.ca}\nTLS_CIPHER_SUITE NORMAL:-VERS-ALL:+VERS-TLS1.2\n")
    return Case(lab.ldapsearch(port), port, "client-version-too-old", env={"LDAPCONF": conf}, why="policy", says=("TLS_CIPHER_SUITE", "ldap\\.conf, line 3"))


@case
def client_too_old_swaks(lab):
    port = lab.talker("smtp", lab.s_server("-tls1_3"))
    return Case(lab.swaks(port, "--tls-protocol", "tlsv1_2"), port, "client-version-too-old")


@case
def client_too_old_behind_socks4(lab):
    port = lab.talker("socks4", lab.s_server("-tls1_3"))
    return Case(lab.curl(443, "--socks4", f"{lab.address}:{port}", "--tls-max", "1.2"), port, "client-version-too-old")


@case
def client_too_old_behind_socks4a(lab):
    port = lab.talker("socks4", lab.s_server("-tls1_3"))
    return Case(lab.curl(443, "--socks4a", f"{lab.address}:{port}", "--tls-max", "1.2"), port, "client-version-too-old")


@case
def proxy_refused_socks4(lab):
    port = lab.talker("socks4", status=0x5b)
    return Case(lab.curl(443, "--socks4a", f"{lab.address}:{port}", host="www.example"), port, "proxy-refused", says=("91",))


@case
def client_too_old_after_a_proxy_header(lab):
    port = lab.talker("header", lab.s_server("-tls1_3"))
    return Case(lab.curl(port, "--haproxy-protocol", "--tls-max", "1.2"), port, "client-version-too-old")


@case
def client_too_old_mail_behind_a_proxy(lab):
    port = lab.talker("connect", lab.talker("smtp", lab.s_server("-tls1_3")))
    argv = lab.curl(25, "-x", f"http://{lab.address}:{port}", "--proxytunnel", "--ssl-reqd", "--tls-max", "1.2", scheme="smtp")
    return Case(argv, port, "client-version-too-old")


@case
def client_too_old_mail_behind_socks5(lab):
    port = lab.talker("socks5", lab.talker("imap", lab.s_server("-tls1_3")))
    return Case(lab.curl(143, "--socks5-hostname", f"{lab.address}:{port}", "--ssl-reqd", "--tls-max", "1.2", scheme="imap"), port, "client-version-too-old")


@case
def starttls_needed_mail_behind_a_proxy(lab):
    port = lab.talker("connect", lab.talker("smtp", lab.s_server()))
    return Case(lab.curl(465, "-x", f"http://{lab.address}:{port}", "--proxytunnel", scheme="smtps"), port, "starttls-needed", says=("smtp",))


@case
def works_mail_behind_a_proxy(lab):
    port = lab.talker("connect", lab.talker("smtp", lab.s_server()))
    return Case(lab.s_client(port, "-proxy", f"{lab.address}:{port}", "-starttls", "smtp"), port, None, fails=False)


def refused_mail(lab, protocol, says):
    port = lab.talker(protocol, lab.s_server(), upgrade="refused")
    return Case(lab.curl(port, "--ssl-reqd", scheme=protocol), port, "starttls-refused", says=(says,))


@case
def starttls_refused_smtp_curl(lab):
    return refused_mail(lab, "smtp", "454 4.7.0 TLS not available")


@case
def starttls_refused_imap_curl(lab):
    return refused_mail(lab, "imap", "TLS is not configured")


@case
def starttls_refused_pop3_curl(lab):
    return refused_mail(lab, "pop3", "TLS is not configured")


@case
def starttls_refused_ftp_curl(lab):
    return refused_mail(lab, "ftp", "534")


@case
def starttls_refused_openssl_that_says_hello_all_the_same(lab):
    port = lab.talker("smtp", lab.s_server(), upgrade="refused")
    return Case(["openssl", "s_client", "-starttls", "smtp", "-connect", f"{lab.address}:{port}"], port, "starttls-refused", says=("454",))


@case
def starttls_refused_psql(lab):
    port = lab.talker("postgres", lab.s_server(), upgrade="refused")
    return Case(lab.psql(port), port, "starttls-refused", says=("postgresql",))


def hidden_from_python(lab, protocol, code):
    port = lab.talker(protocol, lab.s_server(), upgrade="hidden")
    return Case(["/usr/bin/python3", "-c", code.format(host=lab.address, port=port)], port, "starttls-refused", says=("does not offer",))


@case
def starttls_not_offered_smtp_python(lab):
    return hidden_from_python(lab, "smtp", "import smtplib; smtplib.SMTP('{host}', {port}, timeout=10).starttls()")


@case
def starttls_not_offered_imap_python(lab):
    return hidden_from_python(lab, "imap", "import imaplib; imaplib.IMAP4('{host}', {port}).starttls()")


@case
def starttls_not_offered_mariadb(lab):
    port = lab.talker("mysql")
    return Case(lab.mariadb(port), port, "starttls-refused", says=("does not offer",))


@case
def mail_goes_on_in_clear_where_it_may(lab):
    port = lab.talker("smtp", lab.s_server(), upgrade="refused")
    code = f"import smtplib; s = smtplib.SMTP('{lab.address}', {port}, timeout=10); s.ehlo(); s.docmd('STARTTLS'); s.docmd('NOOP'); s.quit()"
    return Case(["/usr/bin/python3", "-c", code], port, None, fails=False)
