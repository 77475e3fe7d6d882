#!/usr/bin/env python3
"""Does `tlswhy server` tell the truth, and who is right where a scanner says otherwise? compare_scanners.py --tlswhy BINARY [--only PATTERN]

Servers whose suites are known because they were set here. `tlswhy server --json` must tell exactly them: versions, suites, whose order
counts. sslscan and nmap's ssl-enum-ciphers look at the same servers, and every pair of version and suite in which one of them differs
is put to the test by the openssl command, which offers that alone. Then servers that refuse, and servers that lie.
"""
import argparse
import fnmatch
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor

from box import serve_each
from lab import Lab
from machine import Missing, need

ECDHE_RSA_128, ECDHE_RSA_256 = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
ECDHE_ECDSA_128 = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
RSA_128, RSA_256 = "TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_256_CBC_SHA"
TLS13 = ["TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"]
TLS13_ONE = ["-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"]
S_CLIENT = {"TLS 1.0": "-tls1", "TLS 1.1": "-tls1_1", "TLS 1.2": "-tls1_2", "TLS 1.3": "-tls1_3"}
SECONDS = 40


class Wrong(Exception):
    pass


def demand(what, holds):
    if not holds:
        raise Wrong(what)


def run(*argv, seconds=SECONDS):
    return subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", timeout=seconds)


# ---- what each of them says: {version: set of suites}, and the order -------------------------------------------------------
def names_of_openssl():
    """Standard names by code and by OpenSSL's names, from the openssl command; and the other way round."""
    by_code, openssl_name = {}, {}
    for line in run("openssl", "ciphers", "-V", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0").stdout.splitlines():
        found = re.match(r"\s*0x(..),0x(..) - (\S+)\s+- (\S+)", line)
        if found:
            by_code[int(found[1] + found[2], 16)] = found[3]
            openssl_name[found[3]] = found[4]
    return by_code, openssl_name


def tlswhy_says(tlswhy, port, *options):
    done = run(tlswhy, "server", "--json", "-4", *options, f"localhost:{port}")
    demand(f"exit {done.returncode}: {done.stderr[:200]}", done.returncode in (0, 1) and done.stdout)
    return json.loads(done.stdout)["addresses"][0]


def suites_of(address):
    return {v["version"]: v["suites"]["names"] for v in address["versions"] if v["suites"]["accepted"]}


def fact(address, name):
    return next((f for f in address["facts"] if f["id"] == name), None)


def sslscan_says(port, name):
    need("sslscan")
    by_code, _ = names_of_openssl()
    done = run("sslscan", "--no-colour", "--no-heartbleed", f"--sni-name={name}", "--xml=-", f"localhost:{port}")
    found = {}
    for suite in ET.fromstring(done.stdout).iter("cipher"):
        code = int(suite.get("id"), 16)
        found.setdefault(suite.get("sslversion").replace("TLSv", "TLS "), set()).add(by_code.get(code, hex(code)))
    return found


def nmap_says(port, name):
    need("nmap")
    done = run("nmap", "-sT", "-Pn", "-n", "-p", str(port), "--script", "ssl-enum-ciphers", "--script-args", f"tls.servername={name}", "-oX", "-", "localhost")
    found = {}
    for script in ET.fromstring(done.stdout).iter("script"):
        for version in script.findall("table"):
            names = {e.text for e in version.iter("elem") if e.get("key") == "name"}
            # In TLS 1.3 nmap has names of its own: AKE is not part of a suite.
            found[version.get("key").replace("TLSv", "TLS ")] = {n.replace("TLS_AKE_WITH_", "TLS_") for n in names}
    return found


def is_taken(port, name, version, suite):
    """The openssl command offers that suite in that version alone: True when a ServerHello comes, None where it cannot offer it."""
    _, openssl_name = names_of_openssl()
    if suite not in openssl_name or version not in S_CLIENT:
        return None
    option = "-ciphersuites" if version == "TLS 1.3" else "-cipher"
    wanted = openssl_name[suite] if version == "TLS 1.3" else f"{openssl_name[suite]}:@SECLEVEL=0"
    shared = ["-psk", "1a2b3c"] if "PSK" in suite else []
    done = run("openssl", "s_client", "-connect", f"localhost:{port}", "-4", "-servername", name, S_CLIENT[version], option, wanted, "-msg", *shared)
    return "ServerHello" in done.stdout


def pairs(suites):
    return {(version, suite) for version, names in suites.items() for suite in names}


def hold_against(scanner, port, name, truth):
    """How a scanner differs, as a text; and that the truth is right in each of the differences."""
    told = pairs({"sslscan": sslscan_says, "nmap": nmap_says}[scanner](port, name))
    differences = told ^ pairs(truth)
    for version, suite in sorted(differences):
        taken = is_taken(port, name, version, suite)
        demand(f"{scanner} is right about {suite} in {version}", taken is None or taken == (suite in truth.get(version, ())))
    if not differences:
        return f"{scanner} agrees"
    return f"{scanner} misses {len(pairs(truth) - told)} and has {len(told - pairs(truth))} too many, which openssl s_client confirms"


# ---- servers of which the truth is known -----------------------------------------------------------------------------------
def tls12(*suites):
    return {"TLS 1.2": list(suites)}


def plain_server(*options, cert="rsa"):
    return lambda lab: lab.s_server(*options, cert=cert)


def two_certificates(lab):
    return lab.s_server("-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256", "-serverpref",
                        "-dcert", lab.pki.leaf("ecdsa")[0], "-dkey", lab.pki.leaf("ecdsa")[1])


def nginx(lab):
    return lab.nginx("ssl_protocols TLSv1.2 TLSv1.3; ssl_prefer_server_ciphers on; ssl_ciphers ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256;")


def by_name_only(lab):
    certificate, key = lab.pki.bundle("rsa"), lab.pki.leaf("rsa")[1]
    return lab.nginx("ssl_reject_handshake on; ssl_protocols TLSv1.2; ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256;", f"""server {{ listen @LISTEN@ ssl;
server_name known.example; ssl_certificate {certificate}; ssl_certificate_key {key}; ssl_protocols TLSv1.2; ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256; }}""")


def gnutls(lab):
    return lab.gnutls_serv("NONE:+VERS-TLS1.2:+ECDHE-RSA:+RSA:+AES-128-GCM:+AES-128-CBC:+AEAD:+SHA1:+SIGN-ALL:+GROUP-ALL:+COMP-NULL:+CTYPE-X509")


def limited(lab):
    """More than five connections in a second are reset."""
    return lab.shaper("never", "relay", lab.s_server("-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256:AES128-SHA:AES256-SHA", "-serverpref"), limit=5)


def gnutls_own_order(lab):
    return lab.gnutls_serv("NONE:+VERS-TLS1.2:+RSA:+ECDHE-RSA:+AES-128-CBC:+AES-128-GCM:+AEAD:+SHA1:+SIGN-ALL:+GROUP-ALL:+COMP-NULL:+CTYPE-X509:%SERVER_PRECEDENCE")


def nginx_of_mozilla(lab):
    return lab.nginx(f"ssl_protocols TLSv1.2; ssl_prefer_server_ciphers on; ssl_dhparam {lab.pki.dh(2048)}; ssl_session_cache shared:s:1m; ssl_ciphers "
                     "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305:DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384;")


def nginx_with_early_data(lab):
    return lab.nginx("ssl_protocols TLSv1.3; ssl_early_data on;")


def with_staple(lab):
    """Its OCSP response is made here, by the issuer."""
    leaf, issuer, key = lab.pki.leaf("rsa")[0], lab.pki.file("intermediate.pem"), lab.pki.file("intermediate.key")
    serial = run("openssl", "x509", "-in", leaf, "-noout", "-serial").stdout.split("=")[1].strip()
    index, request, response = lab.file("index.txt", f"V\t450101000000Z\t\t{serial}\tunknown\t/O=Lab/CN=localhost\n"), lab.dir / "request.der", lab.dir / "response.der"
    run("openssl", "ocsp", "-issuer", issuer, "-cert", leaf, "-no_nonce", "-reqout", str(request))
    run("openssl", "ocsp", "-index", index, "-CA", issuer, "-rsigner", issuer, "-rkey", key, "-reqin", str(request), "-respout", str(response), "-ndays", "30")
    return lab.nginx(f"ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256; ssl_stapling on; ssl_stapling_file {response};")


def anonymous(lab):
    return lab.s_server("-tls1_2", "-cipher", "ADH-AES128-SHA256:ADH-AES256-SHA256:@SECLEVEL=0", "-dhparam", lab.pki.dh(2048))


NEARLY_ALL = "ALL:COMPLEMENTOFALL:!aECDSA:!aDSS:!PSK:!SRP:!DHE-RSA-CAMELLIA128-SHA:!ADH-AES256-SHA256:!DHE-RSA-AES128-CCM:!AES256-GCM-SHA384:@SECLEVEL=0"


def nearly_all(lab):
    """Many of its suites need keys of finite-field groups, of which it is spared most."""
    return lab.nginx(f"ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers {NEARLY_ALL}; ssl_dhparam {lab.pki.dh(2048)};")


def suites_of_openssl(version, ciphers):
    """What an OpenSSL that is set to them has in that version."""
    lines = run("openssl", "ciphers", "-s", S_CLIENT[version], "-V", "-stdname", ciphers).stdout.splitlines()
    return [line.split()[2] for line in lines]


GNUTLS = ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_128_GCM_SHA256", RSA_128]
OLD = ["-cipher", "AES128-SHA:AES256-SHA:@SECLEVEL=0", "-no_tls1_3"]

# name: (server, {version: suites, in the server's order where it has one}, whose order, the name to ask for, facts)
KNOWN = {
    "odd set of suites": (plain_server("-tls1_2", "-cipher", "CAMELLIA128-SHA:ECDHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-CCM8"),
                          tls12("TLS_RSA_WITH_CAMELLIA_128_CBC_SHA", ECDHE_RSA_128, "TLS_DHE_RSA_WITH_AES_256_CCM_8"), "client", "localhost", {}),
    "TLS 1.0 to 1.2": (plain_server(*OLD), {v: [RSA_128, RSA_256] for v in ("TLS 1.0", "TLS 1.1", "TLS 1.2")}, "client", "localhost", {"fallback-scsv": True}),
    "static RSA only": (plain_server("-tls1_2", "-cipher", "AES256-SHA:AES128-SHA", "-serverpref"), tls12(RSA_256, RSA_128), "server", "localhost", {}),
    "server's order": (plain_server("-tls1_2", "-cipher", "AES128-SHA:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256", "-serverpref"),
                       tls12(RSA_128, ECDHE_RSA_256, ECDHE_RSA_128), "server", "localhost", {}),
    "server's order but for ChaCha": (plain_server("-tls1_2", "-cipher", f"ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305:AES128-SHA", "-serverpref", "-prioritize_chacha"),
                                      tls12(ECDHE_RSA_256, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", RSA_128), "mixed", "localhost", {}),
    "client's order": (plain_server("-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256"),
                       tls12(ECDHE_RSA_256, ECDHE_RSA_128), "client", "localhost", {}),
    "two certificates": (two_certificates, tls12(ECDHE_RSA_128, ECDHE_ECDSA_128), "server", "localhost", {}),
    "TLS 1.3 with one group": (plain_server(*TLS13_ONE, "-groups", "P-384"), {"TLS 1.3": TLS13[2:]}, None, "localhost", {"resumption": True}),
    "client certificate in TLS 1.2": (plain_server("-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256:AES256-SHA", "-Verify", "1"),
                                      tls12(ECDHE_RSA_128, RSA_256), "client", "localhost", {"client-certificate-asked": True}),
    "client certificate in TLS 1.3": (plain_server(*TLS13_ONE, "-Verify", "1"), {"TLS 1.3": TLS13[2:]}, None, "localhost",
                                      {"client-certificate-asked": True}),
    "nginx": (nginx, {"TLS 1.2": [ECDHE_RSA_256, ECDHE_RSA_128], "TLS 1.3": TLS13}, "server", "localhost", {}),
    "by name only": (by_name_only, tls12(ECDHE_RSA_128), None, "known.example", {"accepts-no-name": False, "accepts-unknown-name": False}),
    "GnuTLS": (gnutls, tls12(*GNUTLS), None, "localhost", {}),
    "GnuTLS's own order": (gnutls_own_order, tls12("TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", ECDHE_RSA_128),
                           "server", "localhost", {"resumption-id": True}),
    "Mozilla's list": (nginx_of_mozilla, tls12(ECDHE_RSA_128, ECDHE_RSA_256, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
                                               "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384"), "server", "localhost",
                       {"resumption-id": True, "resumption-ticket-tls12": True, "client-renegotiation": False, "insecure-renegotiation": False}),
    "EdDSA": (plain_server("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384", cert="ed25519"),
              tls12(ECDHE_ECDSA_128, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"), "client", "localhost", {}),
    "anonymous only": (anonymous, tls12("TLS_DH_anon_WITH_AES_128_CBC_SHA256", "TLS_DH_anon_WITH_AES_256_CBC_SHA256"), "client", "localhost",
                       {"accepts-no-name": True, "extended-master-secret": True}),
    "a shared key": (plain_server("-tls1_2", "-psk", "1a2b3c", "-cipher", "PSK-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"),
                     tls12("TLS_PSK_WITH_AES_128_GCM_SHA256", ECDHE_RSA_128), "client", "localhost", {}),
    "renegotiation for all": (plain_server("-tls1_2", "-client_renegotiation", "-legacy_renegotiation", "-cipher", "AES128-SHA:AES256-SHA", "-serverpref"),
                              tls12(RSA_128, RSA_256), "server", "localhost", {"client-renegotiation": True, "insecure-renegotiation": True}),
    "early data": (nginx_with_early_data, {"TLS 1.3": TLS13}, None, "localhost", {"early-data": True, "resumption": True, "session-tickets": True}),
    "an OCSP response stapled": (with_staple, {"TLS 1.2": [ECDHE_RSA_128], "TLS 1.3": TLS13}, None, "localhost",
                                 {"ocsp-staple": True, "ocsp-staple-tls12": True, "certificate-timestamps-ocsp": False}),
    "sessions without tickets": (plain_server("-tls1_2", "-no_ticket", "-cipher", "AES128-SHA:AES256-SHA", "-serverpref"), tls12(RSA_128, RSA_256), "server",
                                 "localhost", {"resumption-id": True, "session-tickets-tls12": False, "resumption-ticket-tls12": False}),
    "Go": (lambda lab: lab.go_server(), {"TLS 1.2": [ECDHE_RSA_128, ECDHE_RSA_256, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", RSA_128], "TLS 1.3": TLS13},
           "mixed", "localhost", {"session-tickets": True, "resumption": True, "resumption-ticket-tls12": True, "group-follows-client": False}),
    "Java": (lambda lab: lab.java_server(), {"TLS 1.2": [RSA_128, ECDHE_RSA_128], "TLS 1.3": TLS13[2:]}, "server", "localhost",
             {"session-tickets": True, "resumption": True, "resumption-ticket-tls12": True, "resumption-id": True, "client-renegotiation": True}),
    "nearly all that OpenSSL has": (nearly_all, {**{v: suites_of_openssl(v, NEARLY_ALL) for v in ("TLS 1.0", "TLS 1.1", "TLS 1.2")}, "TLS 1.3": TLS13},
                                    "client", "localhost", {}),
    "ECDSA only": (plain_server("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256", cert="ecdsa"),
                   tls12(ECDHE_ECDSA_128), None, "localhost", {}),
}


def check_known(tlswhy, lab, row):
    server, truth, order, name, facts = row
    port = server(lab)
    address = tlswhy_says(tlswhy, port, "--sni", name)
    told = suites_of(address)
    demand(f"{told} and not {truth}", {v: sorted(n) for v, n in told.items()} == {v: sorted(n) for v, n in truth.items()})
    for version in address["versions"]:
        if version["suites"]["accepted"] and version["version"] != "TLS 1.3" and order:
            demand(f"order of {version['version']}: {version['suites']['order']} and not {order}", version["suites"]["order"] == order)
            demand(f"{version['suites']['names']} in that order", order in ("client", "mixed") or version["suites"]["names"] == truth[version["version"]])
            equal = version["suites"]["equal"]
            demand(f"equal: {equal}", order != "mixed" or any("CHACHA20" in " ".join(names) for names in equal))
    for habit in address["facts"]:
        demand(f"not how: {habit}", habit["value"] is not False or habit["refused_by"] or habit["detail"])
        demand(f"unknown, and yet said: {habit}", habit["value"] is not None or habit["detail"] != "it goes on without")
    for version in address["versions"]:
        demand(f"not how: {version}", version["suites"]["accepted"] is not False or version["suites"]["others_refused_by"])
    for key, value in facts.items():
        demand(f"{key}: {fact(address, key)}", fact(address, key) and fact(address, key)["value"] is value)
    notes, missing = [], 0
    for scanner in ("sslscan", "nmap"):
        try:
            notes.append(hold_against(scanner, port, name, truth))
        except Missing as e:
            notes.append(f"no {e} here")
            missing += 1
    return "; ".join(notes), missing


# ---- servers that refuse -----------------------------------------------------------------------------------------------------
def check_none(tlswhy, port, pattern):
    """No TLS to be had: said how it was refused, and nothing found."""
    done = run(tlswhy, "server", "-4", f"localhost:{port}")
    demand(f"exit {done.returncode}", done.returncode == 1)
    said = done.stdout + done.stderr
    demand(f"'{pattern}' is not in: {said[:300]}", re.search(pattern, said, re.I))
    return "", 0


def check_limited(tlswhy, lab):
    port = limited(lab)
    address = tlswhy_says(tlswhy, port, "--suites", "--timeout", "35")
    wanted = [ECDHE_RSA_128, RSA_128, RSA_256]
    demand(f"{suites_of(address)}", suites_of(address) == {"TLS 1.2": wanted})
    demand(f"limit: {address['limit']}", "with pauses" in address["limit"])
    return "", 0


def closed_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


# ---- servers that lie ----------------------------------------------------------------------------------------------------------
def record(kind, body, version=0x0303):
    return bytes([kind]) + version.to_bytes(2, "big") + len(body).to_bytes(2, "big") + body


def server_hello(suite, session_id_length=0, extra=0):
    body = b"\x03\x03" + b"\x5a" * 32 + bytes([session_id_length]) + suite.to_bytes(2, "big") + b"\0"
    return record(22, b"\x02" + (len(body) + extra).to_bytes(3, "big") + body)


def offered(hello):
    at = 9 + 2 + 32
    at += 1 + hello[at]
    length = int.from_bytes(hello[at:at + 2], "big")
    return [int.from_bytes(hello[i:i + 2], "big") for i in range(at + 2, at + 2 + length, 2)]


def chooses_not_offered(hello):
    return server_hello(next(code for code in (0x00FE, 0x00FD) if code not in offered(hello)))


def says_two_hellos(hello):
    return server_hello(0x002F) * 2 if 0x002F in offered(hello) else record(21, b"\x02\x28")


def says_no_key(hello):
    """ServerHello of TLS 1.3 without a key share, which is what RFC 8446 (4.2.8) has it answer."""
    body = b"\x03\x03" + b"\x5a" * 32 + b"\0" + bytes.fromhex("1301 00 0006 002b00020304")
    return record(22, b"\x02" + len(body).to_bytes(3, "big") + body)


def says_wrong_length(hello):
    return server_hello(0x002F, session_id_length=200)


class Liar:
    """Answers each hello with what `answer` makes of it; `slow`: at one byte a second; `ends`: and closes then."""

    def __init__(self, answer, slow=False, first=0x16, ends=False):
        self.first, self.answer, self.slow, self.ends, self.listener = first, answer, slow, ends, socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=serve_each, args=(self.listener, self._serve), daemon=True).start()

    def _serve(self, taken):
        with taken:
            try:
                taken.settimeout(10)
                hello = taken.recv(65536)
                if not hello or hello[0] != self.first:
                    return
                data = self.answer(hello)
                for i in range(len(data) if self.slow else 0):
                    taken.sendall(data[i:i + 1])
                    time.sleep(1)
                if not self.slow:
                    taken.sendall(data)
                if self.ends:
                    taken.shutdown(socket.SHUT_WR)
                if not self.slow:
                    taken.recv(65536)
            except OSError:
                return


def check_liar(tlswhy, answer, slow=False, timeout=5):
    liar = Liar(answer, slow)
    try:
        begin = time.monotonic()
        address = tlswhy_says(tlswhy, liar.port, "--timeout", str(timeout))
        demand(f"{time.monotonic() - begin:.1f} s", time.monotonic() - begin < timeout + 2)
        demand("not said to be out of time", not slow or address["ran_out_of_time"])
        demand("no broken protocol is told", address["broke_the_protocol"])
        return "; ".join(address["broke_the_protocol"])[:150], 0
    finally:
        liar.listener.close()


def check_breaks_off(tlswhy, answer, told):
    """What ends in the middle of an answer is no refusal: nothing is known, and the lie is named. SSL 2.0 is not answered at all."""
    liar = Liar(answer, ends=True)
    try:
        address = tlswhy_says(tlswhy, liar.port)
        demand(f"{address['versions']}", all(v["suites"]["accepted"] is None for v in address["versions"][1:]))
        demand(f"{address['versions']}", all("begun to answer" in v["suites"]["others_refused_by"] for v in address["versions"][1:]))
        demand(f"{address['broke_the_protocol']}", any(re.search(told, lie) for lie in address["broke_the_protocol"]))
    finally:
        liar.listener.close()


def says_ssl2(hello):
    """SERVER-HELLO of SSL 2.0 with two ciphers and a certificate that is none."""
    if hello[2:5] != b"\x01\x00\x02":
        return b""
    specs = bytes([1, 0, 0x80, 7, 0, 0xC0])
    body = bytes([4, 0, 1, 0, 2, 0, 9, 0, len(specs), 0, 16]) + b"x" * 9 + specs + b"c" * 16
    return (0x8000 | len(body)).to_bytes(2, "big") + body


def check_ssl2(tlswhy, _):
    liar = Liar(says_ssl2, first=0x80)
    try:
        suites = next(v["suites"] for v in tlswhy_says(tlswhy, liar.port)["versions"] if v["version"] == "SSL 2.0")
        demand(f"{suites}", suites["accepted"] and suites["names"] == ["SSL_CK_RC4_128_WITH_MD5", "SSL_CK_DES_192_EDE3_CBC_WITH_MD5"])
    finally:
        liar.listener.close()


def check_anonymous_groups(tlswhy, lab):
    """Groups are found where no key of the server's signs."""
    address = tlswhy_says(tlswhy, lab.s_server("-tls1_2", "-cipher", "AECDH-AES128-SHA:@SECLEVEL=0", "-groups", "P-384:P-256"))
    demand(f"{address['groups_tls12']}", sorted(address["groups_tls12"]["names"]) == ["secp256r1", "secp384r1"])
    demand(f"{address['signature_schemes_tls12']}", address["signature_schemes_tls12"]["accepted"] is False)


def check_three_certificates(tlswhy, lab):
    """All are found, each with the key that it has."""
    others = "".join(f"ssl_certificate {lab.pki.bundle(name)}; ssl_certificate_key {lab.pki.leaf(name)[1]}; " for name in ("ecdsa", "ed25519"))
    chains = tlswhy_says(tlswhy, lab.nginx(others + "ssl_protocols TLSv1.2 TLSv1.3;"))["chains"]
    found = {chain["key_type"]: (chain["key_bits"], len(chain["certificates"])) for chain in chains}
    demand(f"{found}", found == {"RSA": (2048, 2), "EC": (256, 2), "ED25519": (256, 2)})


def check_huge(tlswhy, lab):
    port = lab.shaper("always", "huge-certificate", lab.s_server("-tls1_2"))
    begin = time.monotonic()
    address = tlswhy_says(tlswhy, port, "--timeout", "5")
    demand(f"{time.monotonic() - begin:.1f} s", time.monotonic() - begin < 7)
    demand("no broken protocol is told", address["broke_the_protocol"])
    return "; ".join(address["broke_the_protocol"])[:150], 0


CHECKS = {name: (lambda t, lab, row=row: check_known(t, lab, row)) for name, row in KNOWN.items()}
CHECKS |= {
    "refuses the sixth connection in a second": check_limited,
    "reset to all": lambda t, lab: check_none(t, lab.shaper("always", "reset"), "reset"),
    "plain HTTP": lambda t, lab: check_none(t, lab.nginx(tls=False), r"answer\s+that\s+is\s+not\s+TLS"),
    "refused port": lambda t, lab: check_none(t, closed_port(), "refused"),
    "chooses a suite that was not offered": lambda t, _: check_liar(t, chooses_not_offered, timeout=15),
    "two ServerHellos": lambda t, _: check_liar(t, says_two_hellos),
    "a wrong length": lambda t, _: check_liar(t, says_wrong_length),
    "a ServerHello that is longer than all that is said": lambda t, _: check_breaks_off(t, lambda _: server_hello(0x002F, extra=200), "after 42 of 242 bytes"),
    "a suite that was not offered, and the end": lambda t, _: check_breaks_off(t, chooses_not_offered, "not offered"),
    "TLS 1.3 without a key, and the end": lambda t, _: check_breaks_off(t, says_no_key, "without a key share"),
    "a certificate of 16 MiB": check_huge,
    "groups without a signature": check_anonymous_groups,
    "three certificates": check_three_certificates,
    "SSL 2.0": check_ssl2,
    "one byte a second": lambda t, _: check_liar(t, lambda _: server_hello(0x002F), slow=True),
}


def checked(tlswhy, name, check):
    """(passed, failed, skipped, the line to print). A check gives a note and how many programs were missing, or nothing."""
    lab = Lab()
    try:
        note, missing = check(tlswhy, lab) or ("", 0)
        return 1, 0, missing, f"passed   {name}" + (f": {note}" if note else "")
    except Missing as e:
        return 0, 0, 1, f"skipped  {name}: this machine has no {e}"
    except (Wrong, RuntimeError, subprocess.SubprocessError, OSError, ValueError, ET.ParseError) as e:
        return 0, 1, 0, f"FAILED   {name}: {e}"
    finally:
        lab.close()


def main(checks, description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--tlswhy", required=True)
    parser.add_argument("--only", default="*")
    arguments = parser.parse_args()
    tlswhy, sums = os.path.realpath(arguments.tlswhy), [0, 0, 0]
    names = [name for name in checks if fnmatch.fnmatch(name, arguments.only)]
    with ThreadPoolExecutor(4) as pool:
        for *counts, line in pool.map(lambda name: checked(tlswhy, name, checks[name]), names):
            sums = [a + b for a, b in zip(sums, counts)]
            print(line, flush=True)
    print(f"{sums[0]} passed, {sums[1]} failed, {sums[2]} skipped")
    return 1 if sums[1] or not sums[0] else 0


if __name__ == "__main__":
    sys.exit(main(CHECKS, __doc__))
