"""Why a client lacks it that cannot be asked for its default: an option of its command line, its connection string, a variable, its own file."""
from lab import Case, case
from machine import need


def socat(lab, port, *options):
    need("socat")
    return ["sh", "-c", "sleep 2 | exec socat -t1 - " + ",".join([f"OPENSSL:{lab.host}:{port}", f"cafile={lab.ca}", *options])]


def by_option(name, cause, client, server, *options, why="code", says=(), env=None):
    """One more case of these, by that name."""
    def make(lab):
        port = server(lab)
        values = {key: value(lab) if callable(value) else value for key, value in (env or {}).items()}
        return Case(client(lab, port, *options), port, cause, env=values, why=why, says=says)
    make.__name__ = f"why_option_{name}"
    case(make)


def s_server(*options):
    return lambda lab: lab.s_server(*options)


def postgres(*options):
    return lambda lab: lab.talker("postgres", lab.s_server(*options))


def mysql(*options):
    return lambda lab: lab.talker("mysql", lab.s_server(*options))


def psql(lab, port, *options):
    return lab.psql(port, *options)


def mariadb(lab, port, *options):
    return lab.mariadb(port, *options)


by_option("of_socat_max", "client-version-too-old", socat, s_server("-tls1_3"), "openssl-max-proto-version=TLS1.2", says=("openssl-max-proto-version=TLS1\\.2",))
by_option("of_socat_min", "server-version-too-old", socat, s_server("-tls1_2"), "min-version=TLS1.3", says=("min-version=TLS1\\.3",))
by_option("of_socat_cipher", "no-shared-cipher", socat, s_server("-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384"),
          "cipher=ECDHE-RSA-AES128-GCM-SHA256", "max-version=TLS1.2", says=("cipher=ECDHE-RSA-AES128-GCM-SHA256",))
by_option("of_psql_max", "client-version-too-old", psql, postgres("-tls1_3"), "ssl_max_protocol_version=TLSv1.2", says=("ssl_max_protocol_version=TLSv1\\.2",))
by_option("of_psql_min", "server-version-too-old", psql, postgres("-tls1_2"), "ssl_min_protocol_version=TLSv1.3", says=("ssl_min_protocol_version=TLSv1\\.3",))
by_option("of_mariadb", "client-version-too-old", mariadb, mysql("-tls1_3"), "--tls-version=TLSv1.2", says=("--tls-version=TLSv1\\.2",))
by_option("variable_of_psql", "client-version-too-old", psql, postgres("-tls1_3"), why="policy", env={"PGSSLMAXPROTOCOLVERSION": "TLSv1.2"},
          says=("PGSSLMAXPROTOCOLVERSION",))
by_option("service_of_psql", "client-version-too-old", psql, postgres("-tls1_3"), "service=old", why="policy",
          env={"PGSERVICEFILE": lambda lab: lab.file("services", "[new]\nssl_max_protocol_version=TLSv1.3\n[old]\nssl_max_protocol_version=TLSv1.2\n")},
          says=("services, line 4",))


def ncat(lab, port, *options):
    need("ncat")
    return ["sh", "-c", f"sleep 2 | exec ncat --ssl {' '.join(options)} {lab.host} {port}"]


def lftp(lab, port, *options):
    need("lftp")
    settings = "".join(f"set {option}; " for option in ("net:max-retries 1", "net:timeout 5", *options))
    return ["lftp", "-c", f"{settings}open https://{lab.host}:{port}/ && cls /"]


def msmtp(lab, port, *options):
    need("msmtp")
    return ["msmtp", f"--host={lab.host}", f"--port={port}", "--tls=on", "--tls-starttls=off", f"--tls-trust-file={lab.ca}", "--serverinfo", *options]


def mariadb_by_file(lab, port):
    """A file in the place of the usual ones, which stands for them."""
    argv = lab.mariadb(port)
    argv[argv.index("--no-defaults")] = "--defaults-file=" + lab.file("my.cnf", "[client]\ntls-version=TLSv1.2\n")
    return argv


OLD = "NORMAL:-VERS-ALL:+VERS-TLS1.2"
AES256 = s_server("-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384")
by_option("of_ncat", "no-shared-cipher", ncat, AES256, "--ssl-ciphers", "ECDHE-RSA-AES128-GCM-SHA256", says=("--ssl-ciphers ECDHE-RSA-AES128-GCM-SHA256",))
by_option("of_lftp", "client-version-too-old", lftp, s_server("-tls1_3"), f"ssl:priority {OLD}", says=("ssl:priority",))
by_option("of_msmtp", "client-version-too-old", msmtp, s_server("-tls1_3"), f"--tls-priorities={OLD}", says=("--tls-priorities",))
by_option("file_of_mariadb", "client-version-too-old", mariadb_by_file, mysql("-tls1_3"), why="policy", says=("tls[_-]version", "my\\.cnf, line 2"))


def msmtp_by_file(lab, port):
    """What is in the user's own file is not on the command line."""
    lab.file(".msmtprc", f"defaults\ntls on\ntls_starttls off\ntls_priorities {OLD}\ntls_trust_file {lab.ca}\naccount default\nhost {lab.host}\nport {port}\n")
    need("msmtp")
    return ["msmtp", "--serverinfo"]


by_option("file_of_msmtp", "client-version-too-old", msmtp_by_file, s_server("-tls1_3"), why="policy", env={"HOME": lambda lab: str(lab.dir)},
          says=("tls_priorities", "\\.msmtprc, line 4"))
