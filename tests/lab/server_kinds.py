#!/usr/bin/env python3
"""Servers of rare kinds, each set up here, and what `tlswhy server` tells of them. server_kinds.py --tlswhy BINARY [--only PATTERN]

SSL 2.0 and 3.0 as Node.js 0.8 and Java speak them, which neither the openssl command nor a scanner that is linked with its library
can see; certificates that are compressed, or have rare keys; servers that know their names, or stand behind one that does; one that
is slow. Where nmap, which makes its own hellos, sees the same version, it is held against that.
"""
import os
import re
import sys
from pathlib import Path

from clients import boring_program, node_binary
from compare_scanners import ECDHE_RSA_128, ECDHE_RSA_256, RSA_128, RSA_256, demand, fact, main, nmap_says, run, suites_of, tlswhy_says
from machine import Missing, free_port, need

HERE = Path(__file__).resolve().parent
CHACHA = "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"
NODE_0_8 = "0.8.28"  # with OpenSSL 1.0.0
OLD_SUITES = [RSA_256, RSA_128, "TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_RC4_128_MD5", "TLS_RSA_WITH_3DES_EDE_CBC_SHA", "TLS_RSA_WITH_DES_CBC_SHA"]
OLDEST_CIPHERS = ["SSL_CK_RC4_128_WITH_MD5", "SSL_CK_RC4_128_EXPORT40_WITH_MD5", "SSL_CK_RC2_128_CBC_WITH_MD5", "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5",
                  "SSL_CK_DES_64_CBC_WITH_MD5", "SSL_CK_DES_192_EDE3_CBC_WITH_MD5"]


def old_node(lab, method):
    port = free_port()
    settings = f"key: read('{lab.pki.leaf('rsa')[1]}'), cert: read('{lab.pki.bundle('rsa')}'), secureProtocol: '{method}', ciphers: 'ALL:SSLv2'"
    script = f"var read = require('fs').readFileSync; require('https').createServer({{{settings}}}, function (q, r) {{ r.end('OK') }}).listen({port}, '127.0.0.1')"
    return lab.spawn([node_binary(NODE_0_8), "-e", script], port)


def demand_suites(address, version, wanted):
    told = suites_of(address).get(version, [])
    demand(f"{version}: {told} and not {wanted}", sorted(told) == sorted(wanted))


def beside_nmap(port, address, *versions):
    """What nmap sees of the same versions."""
    try:
        seen = nmap_says(port, "localhost")
    except Missing as e:
        return f"no {e} here", 1
    for version in versions:
        nmaps = seen.get(version.replace("SSL 3.0", "SSLv3"), set())
        demand(f"nmap sees {nmaps} in {version}", nmaps == set(suites_of(address)[version]))
    return "nmap agrees", 0


def check_old_node(tlswhy, lab):
    port = old_node(lab, "SSLv23_method")
    address = tlswhy_says(tlswhy, port)
    demand_suites(address, "SSL 2.0", OLDEST_CIPHERS)
    demand_suites(address, "SSL 3.0", OLD_SUITES)
    demand_suites(address, "TLS 1.0", OLD_SUITES)
    refused = next(v["suites"] for v in address["versions"] if v["version"] == "TLS 1.1")
    demand(f"{refused}", refused["accepted"] is False and refused["others_refused_by"] == "answered with TLS 1.0")
    return beside_nmap(port, address, "SSL 3.0", "TLS 1.0")


def check_ssl3_alone(tlswhy, lab):
    """Its habits are told too: what can be told without keys of SSL 3.0."""
    port = old_node(lab, "SSLv3_method")
    address = tlswhy_says(tlswhy, port)
    demand(f"{suites_of(address)}", list(suites_of(address)) == ["SSL 3.0"])
    demand_suites(address, "SSL 3.0", OLD_SUITES)
    for name, value in (("session-ids", True), ("compression", False), ("client-certificate-asked", False), ("session-tickets-tls12", None)):
        demand(f"{name}: {fact(address, name)}", fact(address, name) and fact(address, name)["value"] is value)
    return beside_nmap(port, address, "SSL 3.0")


def check_java_ssl3(tlswhy, lab):
    """Java with nothing forbidden: a file of settings of its own."""
    need("javac")
    settings, port = lab.file("allowed.properties", "jdk.tls.disabledAlgorithms=\njdk.certpath.disabledAlgorithms=\n"), free_port()
    lab.spawn(["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", f"-Djava.security.properties={settings}", str(HERE / "Server.java"), str(port),
               lab.pki.java_key("rsa"), "SSLv3"], port)
    address = tlswhy_says(tlswhy, port)
    demand(f"{suites_of(address)}", list(suites_of(address)) == ["SSL 3.0"])
    demand_suites(address, "SSL 3.0", [RSA_128])
    return beside_nmap(port, address, "SSL 3.0")


def check_boringssl(tlswhy, lab):
    """Compressed certificates, and suites that are equal to the server."""
    program, port = boring_program("boring_server", "-lz"), free_port()
    lab.spawn([program, str(port), lab.pki.bundle("rsa"), lab.pki.leaf("rsa")[1]], port)
    address = tlswhy_says(tlswhy, port)
    told = {way: fact(address, f"certificate-compression-{way}")["value"] for way in ("zlib", "brotli", "zstd")}
    demand(f"{told}", told == {"zlib": True, "brotli": False, "zstd": False})
    demand("its chain is read all the same", len(address["chains"]) == 1)
    suites = next(v["suites"] for v in address["versions"] if v["version"] == "TLS 1.2")
    demand(f"{suites}", suites["order"] == "mixed" and suites["order_settled"] and [sorted(names) for names in suites["equal"]] == [sorted([ECDHE_RSA_128, CHACHA])])
    demand(f"{suites['names']}", suites["names"][2:] == [ECDHE_RSA_256, RSA_128])


def own_key(lab, *kind):
    certificate, key = lab.dir / "own.pem", lab.dir / "own.key"
    run("openssl", "req", "-x509", "-newkey", *kind, "-nodes", "-keyout", str(key), "-out", str(certificate), "-days", "300", "-subj", "/CN=localhost")
    demand(f"openssl made no key of {kind}", certificate.exists())
    return str(certificate), str(key)


def check_hybrids(tlswhy, lab):
    """Groups of which libcrypto 3.0 can make no key, in the server's order."""
    groups, port = ["SecP256r1MLKEM768", "X25519MLKEM768", "SecP384r1MLKEM1024", "x25519", "secp256r1"], free_port()
    settings = f"key: read('{lab.pki.leaf('rsa')[1]}'), cert: read('{lab.pki.bundle('rsa')}'), ecdhCurve: '{':'.join(groups).replace('secp256r1', 'P-256')}'"
    script = f"var read = require('fs').readFileSync; require('https').createServer({{{settings}}}, function (q, r) {{ r.end('OK') }}).listen({port}, '127.0.0.1')"
    lab.spawn([node_binary("24.21.0"), "-e", script], port)
    told = tlswhy_says(tlswhy, port)["groups_tls13"]
    demand(f"{told}", sorted(told["names"]) == sorted(groups) and told["names"][0] == groups[0] and told["order"] == "server")


def check_finite_field_groups(tlswhy, lab):
    """GnuTLS follows RFC 7919 in TLS 1.2: the client's groups choose the prime. OpenSSL has one of its own."""
    address = tlswhy_says(tlswhy, lab.gnutls_serv("NORMAL:-VERS-ALL:+VERS-TLS1.2:-GROUP-ALL:+GROUP-X25519:+GROUP-FFDHE4096:+GROUP-FFDHE2048"))
    told = address["finite_field_groups_tls12"]
    demand(f"{told}", sorted(told["names"]) == ["ffdhe2048", "ffdhe4096"] and told["complete"])
    demand(f"{address['finite_field_bits']}", address["finite_field_bits"] == [2048, 4096])
    demand(f"{address['groups_tls12']}", address["groups_tls12"]["names"] == ["x25519"])
    told = tlswhy_says(tlswhy, lab.s_server("-tls1_2"))["finite_field_groups_tls12"]
    demand(f"{told}", told["accepted"] is False and told["others_refused_by"] == "it takes a group of its own")


def check_others_are_refused(tlswhy, lab):
    """Who looks for a group in the text finds it, and how it was refused."""
    done = run(tlswhy, "server", "-4", f"localhost:{lab.s_server('-groups', 'X25519')}")
    text = re.sub(r"\s+", " ", done.stdout)
    for told in (r"Groups \(TLS 1.3\) x25519; refused: secp256r1, .*X25519MLKEM768.* \(alert handshake_failure \(40\)\) Groups",
                 r"Groups \(TLS 1.2\) x25519; others are refused \(alert handshake_failure \(40\)\)", r"TLS 1.2 yes: \d+, [^;]*; others are refused \(alert handshake_failure"):
        demand(f"'{told}' is not in {text}", re.search(told, text))


def check_required_certificate(tlswhy, lab):
    """Asked for, required, and of whom; what comes after a handshake that cannot be finished is unknown."""
    for version, refused_by in (("-tls1_2", "handshake_failure"), ("-tls1_3", "certificate_required")):
        address = tlswhy_says(tlswhy, lab.s_server(version, "-Verify", "1", "-CAfile", lab.pki.file("intermediate.pem")))
        required = fact(address, "client-certificate-required")
        demand(f"{required}", required["value"] is True and refused_by in required["detail"])
        demand(f"{address['client_certificate_issuers']}", any("Lab Intermediate" in name for name in address["client_certificate_issuers"]))
        later = [fact(address, name) for name in (("session-tickets", "early-data") if version == "-tls1_3" else ("session-tickets-tls12", "resumption-ticket-tls12"))]
        demand(f"{later}", all(habit["value"] is None and habit["detail"] for habit in later))


def check_key(kind, key_type, schemes_tls13, suite):
    def check(tlswhy, lab):
        address = tlswhy_says(tlswhy, lab.s_server("-cipher", "ALL:@SECLEVEL=0", "-no_ticket", chain=False, files=own_key(lab, *kind)))
        demand(f"{address['chains']}", [c["key_type"] for c in address["chains"]] == [key_type])
        demand(f"{address['signature_schemes_tls13']}", sorted(address["signature_schemes_tls13"]["names"]) == sorted(schemes_tls13))
        demand(f"{suites_of(address)}", suite in suites_of(address)["TLS 1.2"] and "TLS 1.3" in suites_of(address))
        demand("self-signed", [f["cause"] for f in address["chains"][0]["findings"]] == ["cert-self-signed"])
    return check


def check_strict_names(tlswhy, lab):
    """HAProxy that serves no name but its own: how it refuses is told."""
    port = lab.haproxy("strict-sni ssl-min-ver TLSv1.2")
    address = tlswhy_says(tlswhy, port, "--sni", "localhost")
    for name in ("accepts-no-name", "accepts-unknown-name"):
        told = fact(address, name)
        demand(f"{told}", told and told["value"] is False and told["refused_by"])
    done = run(tlswhy, "server", "-4", "--sni", "other.example", f"localhost:{port}")
    demand(f"{done.stdout[:400]}", done.returncode == 1 and re.search("it refuses this server name: alert", done.stdout))


def check_behind_a_name(tlswhy, lab):
    """A box that looks at the name and passes on: two servers behind one port."""
    inner, other = lab.s_server("-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"), lab.s_server("-tls1_2", "-cipher", "AES256-SHA:@SECLEVEL=0")
    port = free_port()
    settings = lab.file("by-name.cfg", f"""defaults
 mode tcp
 timeout connect 5s
 timeout client 5s
 timeout server 5s
frontend names
 bind 127.0.0.1:{port}
 tcp-request inspect-delay 1s
 tcp-request content accept if {{ req_ssl_hello_type 1 }}
 use_backend known if {{ req_ssl_sni -i known.example }}
 default_backend other
backend known
 server one 127.0.0.1:{inner}
backend other
 server one 127.0.0.1:{other}
""")
    need("haproxy")
    lab.spawn(["haproxy", "-q", "-db", "-f", settings], port)
    demand("by its name", suites_of(tlswhy_says(tlswhy, port, "--sni", "known.example")) == {"TLS 1.2": [ECDHE_RSA_128]})
    demand("without", suites_of(tlswhy_says(tlswhy, port, "--sni", "")) == {"TLS 1.2": [RSA_256]})


def check_ends_after_handshake(tlswhy, lab):
    """Whatever is sent: what it does not say of renegotiation is unknown. One that stays says no."""
    leaving, staying = lab.s_server("-quiet", "-tls1_2", "-client_renegotiation", www=False), lab.s_server("-tls1_2")
    told = fact(tlswhy_says(tlswhy, leaving), "client-renegotiation")
    demand(f"{told}", told["value"] is None and "ended the connection" in told["detail"])
    told = fact(tlswhy_says(tlswhy, staying), "client-renegotiation")
    demand(f"{told}", told["refused_by"] == "alert no_renegotiation (100)")


def check_stunnel(tlswhy, lab):
    if not any(Path(folder, "stunnel").exists() for folder in ("/usr/bin", "/usr/sbin", "/usr/local/bin")):
        raise Missing("stunnel")
    port, certificate, key = free_port(), lab.pki.bundle("rsa"), lab.pki.leaf("rsa")[1]
    settings = lab.file("stunnel.conf", f"""foreground = yes
pid =
[one]
accept = 127.0.0.1:{port}
connect = 127.0.0.1:{lab.talker("smtp")}
cert = {certificate}
key = {key}
sslVersion = TLSv1.2
ciphers = AES256-SHA:ECDHE-RSA-AES128-GCM-SHA256
options = CIPHER_SERVER_PREFERENCE
curves = P-384
""")
    lab.spawn(["stunnel", settings], port)
    address = tlswhy_says(tlswhy, port)
    demand(f"{suites_of(address)}", suites_of(address) == {"TLS 1.2": [RSA_256, ECDHE_RSA_128]})
    demand(f"{address['groups_tls12']}", address["groups_tls12"]["names"] == ["secp384r1"])
    demand(f"{fact(address, 'secure-renegotiation')}", fact(address, "secure-renegotiation")["value"] is True)


def check_curves_of_tls12(tlswhy, lab):
    """It chooses TLS 1.3 where it is offered, and has no group for it: no version to come is at fault."""
    address = tlswhy_says(tlswhy, lab.s_server("-groups", "brainpoolP384r1", "-cipher", "ECDHE"))
    demand(f"{suites_of(address)}", list(suites_of(address)) == ["TLS 1.2"])
    demand(f"{fact(address, 'tolerates-future-versions')}", fact(address, "tolerates-future-versions")["value"] is True)
    address = tlswhy_says(tlswhy, lab.shaper("version>=0304", "reset", lab.s_server("-tls1_2")))
    demand(f"{fact(address, 'tolerates-future-versions')}", fact(address, "tolerates-future-versions")["value"] is False)


CHECKS = {
    "SSL 2.0, SSL 3.0 and TLS 1.0 of Node.js 0.8": check_old_node,
    "SSL 3.0 alone": check_ssl3_alone,
    "SSL 3.0 of Java": check_java_ssl3,
    "compressed certificates, and equal suites, of BoringSSL": check_boringssl,
    "an RSA-PSS key": check_key(("rsa-pss",), "RSA-PSS", ["rsa_pss_pss_sha256", "rsa_pss_pss_sha384", "rsa_pss_pss_sha512"], ECDHE_RSA_128),
    "an Ed25519 key": check_key(("ed25519",), "ED25519", ["ed25519"], "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
    "an Ed448 key": check_key(("ed448",), "ED448", ["ed448"], "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
    "its own names alone": check_strict_names,
    "a box that passes on by name": check_behind_a_name,
    "an end after the handshake": check_ends_after_handshake,
    "stunnel": check_stunnel,
    "curves that TLS 1.3 does not allow": check_curves_of_tls12,
    "hybrid groups": check_hybrids,
    "how the others are refused": check_others_are_refused,
    "finite-field groups": check_finite_field_groups,
    "a client certificate that is required": check_required_certificate,
}
if __name__ == "__main__":
    sys.exit(main(CHECKS, __doc__))
