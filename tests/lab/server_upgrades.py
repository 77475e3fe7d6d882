#!/usr/bin/env python3
"""Real servers that upgrade to TLS, and what `tlswhy server --starttls` tells of them. server_upgrades.py --tlswhy BINARY [--only PATTERN]

A directory (OpenLDAP), chat (Prosody, ejabberd, ngIRCd, InspIRCd), mail (Dovecot, Cyrus) and news (Cyrus), files (vsftpd), desktops (xrdp) and
databases (MariaDB, PostgreSQL), each with a configuration of its own on a port of its own. The openssl command, or the same server's port
where TLS begins at once, must see the same versions; where one is not on this machine it is left out. Mail, news and ejabberd are also
asked through a SOCKS proxy, and real clients that are too old for them are watched, so that `run` says again what they said.
"""
import json
import os
import pwd
import shutil
import sys
from pathlib import Path

from compare_scanners import demand, main, run, suites_of, tlswhy_says
from machine import Missing, free_port, need

S_CLIENT = {"TLS 1.2": "-tls1_2", "TLS 1.3": "-tls1_3"}


def key_for(lab, user=None):
    """Certificate and key where the server, which may run as another user, can read them."""
    os.chmod(lab.dir, 0o755)
    copies = [str(lab.dir / name) for name in ("server.pem", "server.key")]
    for source, copy in zip((lab.pki.bundle("rsa"), lab.pki.leaf("rsa")[1]), copies):
        shutil.copyfile(source, copy)
        if user is not None and os.getuid() == 0:
            shutil.chown(copy, user)
    return copies


def check_told(address):
    told = suites_of(address)
    demand(f"{list(told)}", "TLS 1.2" in told and "TLS 1.3" in told)
    for version in address["versions"]:
        demand(f"unknown: {version}", version["suites"]["accepted"] is not None and version["suites"]["complete"])
    demand(f"{address['chains']}", [chain["key_bits"] for chain in address["chains"]] == [2048])
    return told


def hold_against_openssl(told, port, protocol):
    for version, option in S_CLIENT.items():
        done = run("openssl", "s_client", "-connect", f"localhost:{port}", "-4", "-starttls", protocol, option, "-msg", seconds=20)
        demand(f"{version} of the openssl command", ("ServerHello" in done.stdout) == (version in told))


def check_ldap(tlswhy, lab):
    need("slapd")
    certificate, key = key_for(lab)
    (lab.dir / "db").mkdir()
    upgrading, tls = free_port(), free_port()
    settings = lab.file("slapd.conf", f"""include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile {certificate}
TLSCertificateKeyFile {key}
pidfile {lab.dir}/slapd.pid
database mdb
suffix "dc=example"
directory {lab.dir}/db
""")
    lab.spawn(["slapd", "-d", "0", "-f", settings, "-h", f"ldap://127.0.0.1:{upgrading} ldaps://127.0.0.1:{tls}"], upgrading)
    told = check_told(tlswhy_says(tlswhy, upgrading, "--starttls", "ldap"))
    demand("not the same where TLS begins at once", told == suites_of(tlswhy_says(tlswhy, tls)))
    hold_against_openssl(told, upgrading, "ldap")


def check_irc(tlswhy, lab):
    """It takes five connections from an address, and says no to the sixth in clear, where TLS should begin. STARTTLS it does not know, and says nothing to it."""
    need("ngircd")
    certificate, key = key_for(lab)
    plain, tls = free_port(), free_port()
    settings = lab.file("ngircd.conf", f"""[Global]
Name = irc.example.net
Info = lab
Listen = 127.0.0.1
Ports = {plain}
ServerUID = {os.getuid()}
ServerGID = {os.getgid()}
[Options]
PAM = no
Ident = no
DNS = no
[SSL]
CertFile = {certificate}
KeyFile = {key}
Ports = {tls}
""")
    lab.spawn(["ngircd", "-n", "-f", settings], tls)
    check_told(tlswhy_says(tlswhy, tls))
    told = tlswhy_says(tlswhy, plain, "--starttls", "irc", "--timeout", "10")["versions"]
    demand(f"{told}", all(v["suites"]["accepted"] is None for v in told))
    demand(f"{told}", any("does not offer to begin TLS" in v["suites"]["others_refused_by"] for v in told))


def check_xmpp(tlswhy, lab):
    """Two streams, to clients and to servers, each opened to the domain and not to the address."""
    need("prosody")
    as_user = ["runuser", "-u", "prosody", "--"] if os.getuid() == 0 else []
    certificate, key = key_for(lab, "prosody")
    (lab.dir / "data").mkdir()
    if as_user:
        shutil.chown(lab.dir / "data", "prosody")
    clients, servers = free_port(), free_port()
    settings = lab.file("prosody.cfg.lua", f"""interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {clients} }}
s2s_ports = {{ {servers} }}
data_path = "{lab.dir}/data"
pidfile = "{lab.dir}/data/pid"
modules_enabled = {{ "tls"; "dialback"; "saslauth"; "s2s" }}
ssl = {{ certificate = "{certificate}"; key = "{key}" }}
VirtualHost "chat.example"
  ssl = {{ certificate = "{certificate}"; key = "{key}" }}
""")
    lab.spawn([*as_user, "prosody", "-F", "--config", settings], clients)
    for port, protocol in ((clients, "xmpp"), (servers, "xmpp-server")):
        check_told(tlswhy_says(tlswhy, port, "--starttls", protocol, "--sni", "chat.example"))
    refused = tlswhy_says(tlswhy, clients, "--starttls", "xmpp", "--sni", "other.example")["versions"]
    demand(f"{refused}", all(v["suites"]["accepted"] is None and "host-unknown" in v["suites"]["others_refused_by"] for v in refused))


def check_ftp(tlswhy, lab):
    need("vsftpd")
    if os.getuid() != 0:
        raise Missing("right to start vsftpd")
    certificate, key = key_for(lab)
    (lab.dir / "empty").mkdir()
    port = free_port()
    settings = lab.file("vsftpd.conf", f"""listen=YES
listen_address=127.0.0.1
listen_port={port}
ssl_enable=YES
rsa_cert_file={certificate}
rsa_private_key_file={key}
local_enable=YES
secure_chroot_dir={lab.dir}/empty
seccomp_sandbox=NO
ssl_ciphers=HIGH
""")
    lab.spawn(["vsftpd", settings], port)
    hold_against_openssl(check_told(tlswhy_says(tlswhy, port, "--starttls", "ftp")), port, "ftp")


def check_rdp(tlswhy, lab):
    need("xrdp")
    certificate, key = key_for(lab)
    port = free_port()
    settings = lab.file("xrdp.ini", f"""[Globals]
ini_version=1
port=tcp://127.0.0.1:{port}
security_layer=tls
certificate={certificate}
key_file={key}
ssl_protocols=TLSv1.2, TLSv1.3
[Logging]
LogLevel=ERROR
LogFile={lab.dir}/xrdp.log
""")
    lab.spawn(["xrdp", "--nodaemon", "--config", settings], port)
    check_told(tlswhy_says(tlswhy, port, "--starttls", "rdp"))


def check_none_offered(tlswhy, lab):
    """A directory, a chat and a desktop that were given no certificate: none of them has a line to say so."""
    os.chmod(lab.dir, 0o755)
    as_user = ["runuser", "-u", "prosody", "--"] if os.getuid() == 0 else []
    for name in ("slapd", "prosody", "xrdp"):
        need(name)
    for name in ("db", "data"):
        (lab.dir / name).mkdir()
    if as_user:
        shutil.chown(lab.dir / "data", "prosody")
    directory, chat, desktop = free_port(), free_port(), free_port()
    slapd = lab.file("slapd.conf", f"""include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {lab.dir}/slapd.pid
database mdb
suffix "dc=example"
directory {lab.dir}/db
""")
    prosody = lab.file("prosody.cfg.lua", f"""interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {chat} }}
data_path = "{lab.dir}/data"
pidfile = "{lab.dir}/data/pid"
modules_enabled = {{ "saslauth" }}
VirtualHost "chat.example"
""")
    xrdp = lab.file("xrdp.ini", f"""[Globals]
ini_version=1
port=tcp://127.0.0.1:{desktop}
security_layer=rdp
[Logging]
LogLevel=ERROR
LogFile={lab.dir}/xrdp.log
""")
    lab.spawn(["slapd", "-d", "0", "-f", slapd, "-h", f"ldap://127.0.0.1:{directory}"], directory)
    lab.spawn([*as_user, "prosody", "-F", "--config", prosody], chat)
    lab.spawn(["xrdp", "--nodaemon", "--config", xrdp], desktop)
    for protocol, port in (("ldap", directory), ("xmpp", chat), ("rdp", desktop)):
        told = tlswhy_says(tlswhy, port, "--starttls", protocol, "--sni", "chat.example")["versions"]
        demand(f"{protocol}: {told}", all(v["suites"]["others_refused_by"] == "the server does not offer to begin TLS" for v in told))


def check_mysql(tlswhy, lab):
    """With a certificate, and without one: its greeting tells."""
    for name in ("mariadbd", "mariadb-install-db"):
        need(name)
    as_user = ["--user=mysql"] if os.getuid() == 0 else []
    certificate, key = key_for(lab, "mysql")
    os.chmod(lab.dir, 0o777)
    for name, options in (("with", [f"--ssl-cert={certificate}", f"--ssl-key={key}"]), ("without", [])):
        data, port = lab.dir / name, free_port()
        run("mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db", *as_user)
        lab.spawn(["mariadbd", "--no-defaults", f"--datadir={data}", f"--port={port}", "--bind-address=127.0.0.1", f"--socket={data}/socket",
                   f"--pid-file={data}/pid", *as_user, *options], port)
        told = tlswhy_says(tlswhy, port, "--starttls", "mysql")
        if options:
            hold_against_openssl(check_told(told), port, "mysql")
        else:
            demand(f"{told}", all(v["suites"]["others_refused_by"] == "the server does not offer to begin TLS" for v in told["versions"]))


def check_postgres(tlswhy, lab):
    binaries = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)
    if binaries is None or os.getuid() != 0:
        raise Missing("postgres, or right to start it")
    as_user, data, port = ["runuser", "-u", "postgres", "--"], lab.dir / "data", free_port()
    certificate, key = key_for(lab, "postgres")
    os.chmod(key, 0o600)
    os.chmod(lab.dir, 0o777)
    run(*as_user, str(binaries / "initdb"), "-D", str(data))
    lab.spawn([*as_user, str(binaries / "postgres"), "-D", str(data), "-p", str(port), "-h", "127.0.0.1", "-k", str(lab.dir),
               "-c", "ssl=on", "-c", f"ssl_cert_file={certificate}", "-c", f"ssl_key_file={key}"], port)
    hold_against_openssl(check_told(tlswhy_says(tlswhy, port, "--starttls", "postgres")), port, "postgres")


def check_inspircd(tlswhy, lab):
    """By STARTTLS, which it offers; of what is refused it says nothing."""
    need("inspircd")
    as_user = ["runuser", "-u", "irc", "--"] if os.getuid() == 0 else []
    certificate, key = key_for(lab, "irc")
    os.chmod(lab.dir, 0o777)
    port = free_port()
    settings = lab.file("inspircd.conf", f"""<server name="irc.example.net" description="lab" network="lab" id="001">
<admin name="a" nick="a" email="a@example.net">
<bind address="127.0.0.1" port="{port}" type="clients">
<module name="ssl_gnutls"><module name="starttls"><module name="cap">
<sslprofile name="Clients" provider="gnutls" certfile="{certificate}" keyfile="{key}">
<starttls sslprofile="Clients">
<connect allow="*" timeout="60" globalmax="100" localmax="100">
<pid file="{lab.dir}/pid">
<log method="file" type="*" level="default" target="{lab.dir}/log">
""")
    lab.spawn([*as_user, "inspircd", "--nofork", f"--config={settings}"], port)
    check_told(tlswhy_says(tlswhy, port, "--starttls", "irc"))


# ---- mail and news ---------------------------------------------------------------------------------------------------------
CYRUS = Path("/usr/lib/cyrus/bin")
CYRUS_SERVICES = {"imap": "imapd", "nntp": "nntpd", "pop3": "pop3d", "sieve": "timsieved"}


def ordinary_user(lab):
    """The name of who runs a server that needs no root, and how it is started so; the lab's folder is theirs."""
    if os.getuid() != 0:
        return pwd.getpwuid(os.getuid()).pw_name, {}
    for path in (lab.dir, *lab.dir.rglob("*")):
        shutil.chown(path, "nobody", "nogroup")
    return "nobody", {"user": "nobody", "group": "nogroup", "extra_groups": []}


def hold_against_a_way_through_socks(tlswhy, lab, told, port, *options):
    """Returns how many programs were missing."""
    if not shutil.which("microsocks"):
        return 1
    proxy = free_port()
    lab.spawn(["microsocks", "-i", "127.0.0.1", "-p", str(proxy)], proxy)
    through = tlswhy_says(tlswhy, port, "--suites", "--proxy", f"socks5://127.0.0.1:{proxy}", *options)
    demand("not the same through a SOCKS proxy", suites_of(through) == told)
    return 0


def first_verdict(report):
    verdict = json.loads(report.read_text())["connections"][0]["verdict"]
    demand("no failure was told", verdict)
    return verdict


def check_old_client(tlswhy, lab, *argv):
    """A real client that speaks TLS 1.1 at most: its hello and what it said before are asked again, and the version is what fails."""
    report = lab.dir / "report.json"
    done = run(tlswhy, "run", "--json", "-o", str(report), "--", *argv)
    demand(f"{argv} works", done.returncode != 0)
    verdict = first_verdict(report)
    proved = (verdict["cause"], verdict["proof"]) == ("client-version-too-old", "experiment")
    demand(f"{argv[0]}: {verdict['cause']}, {verdict['headline']}", proved)


def left_out(protocols):
    return f"without {', '.join(sorted(protocols))}, which this machine does not have" if protocols else ""


# A client that goes on in clear: "KIND PORT".
IN_CLEAR = """import sys
kind, port = sys.argv[1], int(sys.argv[2])
if kind == "nntp":
    import nntplib
    nntplib.NNTP("localhost", port).date()
if kind == "pop3":
    import poplib
    poplib.POP3("localhost", port).user("user")
if kind == "imap":
    import imaplib
    imaplib.IMAP4("localhost", port).login("user", "secret")
"""


def check_in_clear(tlswhy, lab, port, protocol, says):
    """A real client that goes on in clear and gets a no: `says` is the line by which the server wants TLS first, or None."""
    report = lab.dir / "report.json"
    run(tlswhy, "run", "--json", "-o", str(report), "--", "/usr/bin/python3", "-W", "ignore", "-c", IN_CLEAR, protocol, str(port))
    connection = json.loads(report.read_text())["connections"][0]
    demand(f"{protocol} in clear: {connection['outcome']}", connection["outcome"] == ("plain" if says is None else "failed"))
    verdict = connection["verdict"]
    demand(f"{verdict}", says is None or (verdict["cause"] == "client-speaks-plain" and says in json.dumps(verdict)))


def old_s_client(port, protocol, *options):
    return ("openssl", "s_client", "-connect", f"localhost:{port}", "-4", "-starttls", protocol, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", *options)


def old_curl(port, protocol):
    return "curl", "-sS4", "--ssl-reqd", "--tls-max", "1.1", "--ciphers", "ALL:@SECLEVEL=0", f"{protocol}://user:secret@localhost:{port}/"


def check_each(tlswhy, lab, ports, first):
    """All that there is to tell of the first protocol; the others, of the same server, take the same suites."""
    told = check_told(tlswhy_says(tlswhy, ports[first], "--starttls", first))
    for protocol, port in ports.items():
        same = protocol == first or suites_of(tlswhy_says(tlswhy, port, "--suites", "--starttls", protocol)) == told
        demand(f"{protocol} is not told as {first} is", same)
        hold_against_openssl(told, port, protocol)
        check_old_client(tlswhy, lab, *old_s_client(port, protocol))
    return told


def check_dovecot(tlswhy, lab):
    """It refuses by closing the connection, and never with an alert."""
    need("dovecot")
    certificate, key = key_for(lab)
    programs = {"pop3": "pop3-login", "imap": "imap-login", "sieve": "managesieve-login"}
    protocols = {protocol: free_port() for protocol, program in programs.items() if Path("/usr/lib/dovecot", program).exists()}
    if "pop3" not in protocols:
        raise Missing("dovecot-pop3d")
    at_once, settings = free_port(), lab.file("dovecot.conf", "")
    name, as_user = ordinary_user(lab)
    services = "".join(f"""service {programs[protocol]} {{
  chroot =
  service_count = 0
  inet_listener {protocol} {{
    port = {port}
  }}
  inet_listener {protocol}s {{
    port = {at_once if protocol == "pop3" else 0}
    ssl = yes
  }}
}}
""" for protocol, port in protocols.items())
    Path(settings).write_text(f"""protocols = {" ".join(protocols)}
listen = 127.0.0.1
base_dir = {lab.dir}/run
state_dir = {lab.dir}/run
log_path = {lab.dir}/log
default_internal_user = {name}
default_internal_group = nogroup
default_login_user = {name}
ssl = required
ssl_cert = <{certificate}
ssl_key = <{key}
ssl_dh = <{lab.pki.dh(2048)}
mail_location = maildir:{lab.dir}/mail
passdb {{
  driver = static
  args = nopassword=y
}}
service anvil {{
  chroot =
}}
{services}""")
    lab.spawn(["dovecot", "-F", "-c", settings], protocols["pop3"], **as_user)
    port = protocols["pop3"]
    told = check_each(tlswhy, lab, protocols, "pop3")
    demand("not the same where TLS begins at once", told == suites_of(tlswhy_says(tlswhy, at_once, "--suites")))
    check_old_client(tlswhy, lab, *old_curl(port, "pop3"))
    missing = set(programs) - set(protocols)
    return left_out(missing), len(missing) + hold_against_a_way_through_socks(tlswhy, lab, told, port, "--starttls", "pop3")


def check_cyrus(tlswhy, lab):
    """News, and mail as far as the package of another server does not exclude it."""
    services = {protocol: free_port() for protocol, program in CYRUS_SERVICES.items() if (CYRUS / program).exists()}
    if "nntp" not in services:
        raise Missing("Cyrus' nntpd")
    certificate, key = key_for(lab)
    for folder in ("lib/socket", "lib/db", "spool", "sieve", "run"):
        (lab.dir / folder).mkdir(parents=True)
    lab.file("cyrus.conf", "START {\n}\nSERVICES {\n" + "".join(
        f'{protocol} cmd="{CYRUS}/{CYRUS_SERVICES[protocol]} -C {lab.dir}/imapd.conf" listen="127.0.0.1:{port}" prefork=0\n'
        for protocol, port in services.items()) + "}\nEVENTS {\n}\n")
    lab.file("imapd.conf", "")
    name, as_user = ordinary_user(lab)
    (lab.dir / "imapd.conf").write_text(f"""configdirectory: {lab.dir}/lib
partition-default: {lab.dir}/spool
sievedir: {lab.dir}/sieve
cyrus_user: {name}
mboxname_lockpath: {lab.dir}/run/lock
proc_path: {lab.dir}/run/proc
tls_server_cert: {certificate}
tls_server_key: {key}
sasl_mech_list: PLAIN
""")
    lab.spawn([str(CYRUS / "master"), "-D", "-p", f"{lab.dir}/run/pid", "-C", f"{lab.dir}/imapd.conf", "-M", f"{lab.dir}/cyrus.conf"],
              services["nntp"], start_new_session=True, **as_user)  # it ends its process group with itself
    told = check_each(tlswhy, lab, services, "nntp")
    wants_tls = {"nntp": None, "imap": "Login only available under a layer", "pop3": "USER command only available under a layer"}
    for protocol, says in wants_tls.items():
        if protocol in services:
            check_in_clear(tlswhy, lab, services[protocol], protocol, says)
    missing = set(CYRUS_SERVICES) - set(services)
    return left_out(missing), len(missing) + hold_against_a_way_through_socks(tlswhy, lab, told, services["nntp"], "--starttls", "nntp")


def check_ejabberd(tlswhy, lab):
    """To clients and to servers; as OpenSSL 3.0 orders the suites by strength. It ends a stream to a name that it does not know."""
    ebins = [str(p) for p in sorted(Path("/usr/lib").glob("*/ejabberd-*/ebin"))]
    if not ebins:
        raise Missing("ejabberd")
    need("erl")
    certificate, key = key_for(lab)
    pair = lab.file("pair.pem", Path(certificate).read_text() + Path(key).read_text())
    clients, servers, plain = free_port(), free_port(), free_port()
    settings = lab.file("ejabberd.yml", f"""hosts: [chat.example]
certfiles: ["{pair}"]
loglevel: none
s2s_use_starttls: optional
listen:
""" + "".join(f'  - {{port: {port}, ip: "127.0.0.1", backlog: 100, module: {module}}}\n' for port, module in (
        (clients, "ejabberd_c2s, starttls_required: true"), (servers, "ejabberd_s2s_in"), (plain, "ejabberd_c2s"))))
    _, as_user = ordinary_user(lab)
    env = dict(os.environ, HOME=str(lab.dir), EJABBERD_CONFIG_PATH=settings, EJABBERD_LOG_PATH=f"{lab.dir}/log", ERL_CRASH_DUMP="/dev/null")
    lab.spawn(["erl", "-noinput", "-pa", *ebins, "-mnesia", "dir", f'"{lab.dir}/db"', "-s", "ejabberd"], servers, env=env, **as_user)
    for port, protocol, options in ((clients, "xmpp", ()), (servers, "xmpp-server", ("--suites",))):
        address = tlswhy_says(tlswhy, port, "--starttls", protocol, "--sni", "chat.example", *options)
        told = suites_of(address) if options else check_told(address)
        order = next(v["suites"] for v in address["versions"] if v["version"] == "TLS 1.2")
        demand(f"order: {order['order']}", order["order"] == "server" and order["order_settled"])
        check_old_client(tlswhy, lab, *old_s_client(port, protocol, "-xmpphost", "chat.example"))
    refused = tlswhy_says(tlswhy, clients, "--starttls", "xmpp", "--sni", "other.example")["versions"]
    demand(f"{refused}", all(v["suites"]["others_refused_by"] == "refused before TLS began: host-unknown" for v in refused))
    run(tlswhy, "run", "--json", "-o", str(lab.dir / "report.json"), "--", *old_s_client(clients, "xmpp", "-xmpphost", "other.example"))
    verdict = first_verdict(lab.dir / "report.json")
    demand(f"{verdict['headline']}", verdict["cause"] == "starttls-refused" and "host-unknown" in verdict["headline"])
    without = tlswhy_says(tlswhy, plain, "--starttls", "xmpp", "--sni", "chat.example")["versions"]
    demand(f"{without}", all(v["suites"]["others_refused_by"] == "the server does not offer to begin TLS" for v in without))
    return "", hold_against_a_way_through_socks(tlswhy, lab, told, servers, "--starttls", "xmpp-server", "--sni", "chat.example")


CHECKS = {
    "Cyrus": check_cyrus,
    "Dovecot": check_dovecot,
    "ejabberd": check_ejabberd,
    "OpenLDAP": check_ldap,
    "InspIRCd": check_inspircd,
    "MariaDB": check_mysql,
    "ngIRCd": check_irc,
    "none offered": check_none_offered,
    "PostgreSQL": check_postgres,
    "Prosody": check_xmpp,
    "vsftpd": check_ftp,
    "xrdp": check_rdp,
}
if __name__ == "__main__":
    sys.exit(main(CHECKS, __doc__))
