#!/usr/bin/env python3
"""Real servers that upgrade to TLS, and what `tlswhy server --starttls` tells of them. server_upgrades.py --tlswhy BINARY [--only PATTERN]

A directory (OpenLDAP), chat (Prosody, ngIRCd, InspIRCd), files (vsftpd), desktops (xrdp) and databases (MariaDB, PostgreSQL), each with a configuration of its own on a port of its
own. The openssl command, or the same server's port where TLS begins at once, must see the same versions; where one is not on this machine
it is left out.
"""
import os
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


CHECKS = {
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
