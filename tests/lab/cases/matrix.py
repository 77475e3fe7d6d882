"""What a client can mend alone, cause by cause and family by family: `run --fix` mends it, or says that it cannot.

Each cell of MATRIX is a client that fails for that cause at that server, or, as a text, the reason why no client of that family can
fail so. A cell makes a case, fix-matrix-CAUSE-FAMILY. `run.py --matrix` prints the table.
"""
from lab import Case, case

FAMILIES = ("python", "node-old", "node-new", "java", "curl", "wget", "git", "go", "perl", "ruby", "php")
NEW_NODE, OLD_NODE = "18.20.8", "8.17.0"


class Cannot:
    """The client fails so, and nothing around it can mend that: --fix says it, and why it is so stands here."""

    def __init__(self, client, reason):
        self.client, self.reason = client, reason


class Weak:
    """Mended with --allow-weaker alone."""

    def __init__(self, client):
        self.client = client


class Policy:
    """The client as it is by default, under a file outside of it that forbids it: a line for OpenSSL's section, or GnuTLS' overrides."""

    def __init__(self, client, line):
        self.client, self.line = client, line

    def environment(self, lab, family):
        if family in GNUTLS_FAMILIES:
            return {"GNUTLS_SYSTEM_PRIORITY_FILE": lab.file("policy.conf", f"[overrides]\n{self.line}\n")}
        return {"OPENSSL_CONF": lab.file("policy.cnf", "openssl_conf=a\n[a]\nssl_conf=b\n[b]\nsystem_default=c\n[c]\n" + self.line + "\n")}


GNUTLS_FAMILIES = ("wget", "git")


def php_code(text):
    return Cannot(text, "its stream context is made in the code, and PHP has no way to change a function of its own from outside")


def go_code(text):
    return Cannot(text, "crypto/tls is configured in the code alone, and no switch of GODEBUG is on it")


def row(cause, server, **cells):
    missing = [f for f in FAMILIES if f.replace("-", "_") not in cells]
    assert not missing, f"{cause}: no cell for {missing}"
    return cause, server, {f: cells[f.replace("-", "_")] for f in FAMILIES}


def php_script(lab, port):
    """As most scripts do: with the default context."""
    lab.php(port)
    script = lab.file("get.php", f"<?php exit(file_get_contents('https://localhost:{port}/') === false ? 1 : 0);")
    return ["php", "-d", f"openssl.cafile={lab.ca}", script]


def without_ca(lab, argv):
    return [word for word in argv if word not in ("--cacert", "--ca-certificate", "-ca", lab.ca) and "trustStore" not in word]


def urllib(lab, port):
    return ["/usr/bin/python3", "-c", f"import urllib.request as u; u.urlopen('https://localhost:{port}/').read()"]


def node_get(lab, port, version):
    script = (f"require('https').get({{host: 'localhost', port: {port}}}, function (r) {{ process.exit(0) }})"
              ".on('error', function (e) { console.error(String(e)); process.exit(1) })")
    return [lab.node(port, version)[0], "-e", script]


def perl_get(lab, port):
    return [word.replace(f"SSL_ca_file=>'{lab.ca}', ", "") for word in lab.perl(port)]


def plain(**more):
    """Each family as it is by default, but for what `more` says."""
    cells = {"python": lambda lab, port: lab.python(port), "node_old": lambda lab, port: lab.node(port, OLD_NODE),
             "node_new": lambda lab, port: lab.node(port, NEW_NODE), "java": lambda lab, port: lab.java(port), "curl": lambda lab, port: lab.curl(port),
             "wget": lambda lab, port: lab.wget(port), "git": lambda lab, port: lab.git(port), "go": lambda lab, port: lab.go(port),
             "perl": lambda lab, port: lab.perl(port), "ruby": lambda lab, port: lab.ruby(port), "php": lambda lab, port: lab.php(port)}
    return {**cells, **more}



TRUST = {
    "python": urllib,
    "node_old": lambda lab, port: node_get(lab, port, OLD_NODE),
    "node_new": lambda lab, port: node_get(lab, port, NEW_NODE),
    "java": lambda lab, port: without_ca(lab, lab.java(port)),
    "curl": lambda lab, port: without_ca(lab, lab.curl(port)),
    "wget": lambda lab, port: without_ca(lab, lab.wget(port)),
    "git": lambda lab, port: lab.git(port),
    "go": lambda lab, port: without_ca(lab, lab.go(port)),
    "perl": perl_get,
    "ruby": lambda lab, port: lab.ruby(port, trust=False),
    "php": lambda lab, port: lab.php(port, trust=False),
}

SUITE = "ECDHE-RSA-AES128-GCM-SHA256"
MATRIX = [
    row("client-version-too-old", lambda lab, family: lab.s_server("-tls1_3"),
        python=lambda lab, port: lab.python(port, "ctx.maximum_version = ssl.TLSVersion.TLSv1_2"),
        node_old=Cannot(lambda lab, port: lab.node(port, OLD_NODE), "its OpenSSL 1.0.2 has no TLS 1.3"),
        node_new=lambda lab, port: lab.node(port, NEW_NODE, "{maxVersion: 'TLSv1.2'}"),
        java=lambda lab, port: lab.java(port, "-Djdk.tls.client.protocols=TLSv1.2"),
        curl=lambda lab, port: lab.curl(port, "--tls-max", "1.2"),
        wget=lambda lab, port: lab.wget(port, "--ciphers=NORMAL:-VERS-TLS1.3"),
        git=Policy(lambda lab, port: lab.git(port), "disabled-version = tls1.3"),
        go=go_code(lambda lab, port: lab.go(port, "-max12")),
        perl=lambda lab, port: lab.perl(port, "SSL_version => 'TLSv1_2'"),
        ruby=lambda lab, port: lab.ruby(port, "h.max_version = OpenSSL::SSL::TLS1_2_VERSION"),
        php=php_code(lambda lab, port: lab.php(port, "'crypto_method' => STREAM_CRYPTO_METHOD_TLSv1_2_CLIENT"))),
    row("server-version-too-old", lambda lab, family: lab.s_server("-tls1_2"),
        python=lambda lab, port: lab.python(port, "ctx.minimum_version = ssl.TLSVersion.TLSv1_3"),
        node_old="its OpenSSL 1.0.2 has nothing above TLS 1.2, which this server has",
        node_new=lambda lab, port: lab.node(port, NEW_NODE, "{minVersion: 'TLSv1.3'}"),
        java=lambda lab, port: lab.java(port, "-Djdk.tls.client.protocols=TLSv1.3"),
        curl=lambda lab, port: lab.curl(port, "--tlsv1.3"),
        wget=lambda lab, port: lab.wget(port, "--secure-protocol=TLSv1_3"),
        git=lambda lab, port: [*lab.git(port)[:1], "-c", "http.sslVersion=tlsv1.3", *lab.git(port)[1:]],
        go=go_code(lambda lab, port: lab.go(port, "-min13")),
        perl=lambda lab, port: lab.perl(port, "SSL_version => 'TLSv1_3'"),
        ruby=lambda lab, port: lab.ruby(port, "h.min_version = OpenSSL::SSL::TLS1_3_VERSION"),
        php=php_code(lambda lab, port: lab.php(port, "'crypto_method' => STREAM_CRYPTO_METHOD_TLSv1_3_CLIENT"))),
    row("version-intolerance", lambda lab, family: lab.shaper("version>=0304", "alert:70", lab.s_server("-tls1_2")),
        **plain(node_old="its highest version is TLS 1.2, which this server has", go=go_code(lambda lab, port: lab.go(port)),
                php=php_script)),
    row("no-shared-cipher", lambda lab, family: lab.s_server("-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384"),
        python=lambda lab, port: lab.python(port, f"ctx.set_ciphers('{SUITE}')"),
        node_old=lambda lab, port: lab.node(port, OLD_NODE, f"{{ciphers: '{SUITE}'}}"),
        node_new=lambda lab, port: lab.node(port, NEW_NODE, f"{{ciphers: '{SUITE}'}}"),
        java=lambda lab, port: lab.java(port, "-Djdk.tls.client.cipherSuites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
        curl=lambda lab, port: lab.curl(port, "--ciphers", SUITE),
        wget=lambda lab, port: lab.wget(port, "--ciphers=NORMAL:-AES-256-GCM:-CHACHA20-POLY1305"),
        git=Policy(lambda lab, port: lab.git(port), "tls-disabled-cipher = aes-256-gcm"),
        go=go_code(lambda lab, port: lab.go(port, "-aes128")),
        perl=lambda lab, port: lab.perl(port, f"SSL_cipher_list => '{SUITE}'"),
        ruby=lambda lab, port: lab.ruby(port, f"h.ciphers = '{SUITE}'"),
        php=php_code(lambda lab, port: lab.php(port, f"'ciphers' => '{SUITE}'"))),
    row("no-shared-group", lambda lab, family: lab.s_server("-groups", "P-384", "-cipher", "ECDHE"),
        python=lambda lab, port: lab.python(port, "ctx.set_ecdh_curve('prime256v1')"),
        node_old=lambda lab, port: lab.node(port, OLD_NODE, "{ecdhCurve: 'prime256v1'}"),
        node_new=lambda lab, port: lab.node(port, NEW_NODE, "{ecdhCurve: 'X25519'}"),
        java=lambda lab, port: lab.java(port, "-Djdk.tls.namedGroups=x25519"),
        curl=lambda lab, port: lab.curl(port, "--curves", "X25519"),
        wget=lambda lab, port: lab.wget(port, "--ciphers=NORMAL:-GROUP-ALL:+GROUP-X25519"),
        git=Policy(lambda lab, port: lab.git(port), "tls-disabled-group = group-secp384r1"),
        go=go_code(lambda lab, port: lab.go(port, "-x25519")),
        perl=lambda lab, port: lab.perl(port, "SSL_ecdh_curve => 'X25519'"),
        ruby=Policy(lambda lab, port: lab.ruby(port), "Groups = X25519"),
        php=Policy(lambda lab, port: lab.php(port), "Groups = X25519")),
    row("no-shared-signature-algorithm", lambda lab, family: lab.s_server("-tls1_3"),
        python=Policy(lambda lab, port: lab.python(port), "SignatureAlgorithms = ECDSA+SHA256"),
        node_old="Node.js has sigalgs since 12",
        node_new=lambda lab, port: lab.node(port, NEW_NODE, "{sigalgs: 'ecdsa_secp256r1_sha256'}"),
        java=lambda lab, port: lab.java(port, "-Djdk.tls.client.SignatureSchemes=ecdsa_secp256r1_sha256"),
        curl=Policy(lambda lab, port: lab.curl(port), "SignatureAlgorithms = ECDSA+SHA256"),
        wget=lambda lab, port: lab.wget(port, "--ciphers=NORMAL:-SIGN-ALL:+SIGN-ECDSA-SECP256R1-SHA256"),
        git=Policy(lambda lab, port: lab.git(port), "insecure-sig = rsa-pss-rsae-sha256\ninsecure-sig = rsa-pss-rsae-sha384\ninsecure-sig = rsa-pss-rsae-sha512"),
        go="crypto/tls has no setting for signature algorithms",
        perl=Policy(lambda lab, port: lab.perl(port), "SignatureAlgorithms = ECDSA+SHA256"),
        ruby=Policy(lambda lab, port: lab.ruby(port), "SignatureAlgorithms = ECDSA+SHA256"),
        php=Policy(lambda lab, port: lab.php(port), "SignatureAlgorithms = ECDSA+SHA256")),
    row("alpn-mismatch", lambda lab, family: lab.s_server("-tls1_3", "-alpn", "imap"),
        python=lambda lab, port: lab.python(port, "ctx.set_alpn_protocols(['h2'])"),
        node_old="its OpenSSL 1.0.2 has no TLS 1.3, which this server wants",
        node_new=lambda lab, port: lab.node(port, NEW_NODE, "{ALPNProtocols: ['h2']}"),
        java="HttpsURLConnection of the case asks for no application protocol",
        curl=lambda lab, port: lab.curl(port),
        wget="wget asks for no application protocol",
        git=Cannot(lambda lab, port: lab.git(port), "git has no setting that leaves the application protocols out"),
        go=go_code(lambda lab, port: lab.go(port, "-alpn", "h2")),
        perl=lambda lab, port: lab.perl(port, "SSL_alpn_protocols => ['h2']"),
        ruby="Net::HTTP asks for no application protocol",
        php=php_code(lambda lab, port: lab.php(port, "'alpn_protocols' => 'h2'"))),
    row("extension-intolerance", lambda lab, family: lab.shaper(f"ext:{ {'curl': 23, 'git': 22}.get(family, 35)}", "alert:40", lab.s_server("-tls1_2")),
        **plain(git=Cannot(lambda lab, port: lab.git(port), "GnuTLS' file can leave out no extension, and git gives no priority string"),
                go="crypto/tls sends no session_ticket without a cache of sessions")),
    row("sni-missing", lambda lab, family: lab.shaper("no-ext:0", "alert:40", lab.s_server()),
        python=lambda lab, port: lab.python(port, "ctx.check_hostname = False", sni=False),
        node_old="Node.js 8 sends the host as the name, an address as well",
        node_new=lambda lab, port: lab.node(port, NEW_NODE, "{servername: ''}"),
        java="the lab's server is localhost, a name without a dot, which Java never sends",
        curl=Cannot(lambda lab, port: lab.curl(port, host="127.0.0.1"), "the URL names an address: asking by another name asks for another page"),
        wget=Cannot(lambda lab, port: lab.wget(port, host="127.0.0.1"), "the URL names an address: asking by another name asks for another page"),
        git=Cannot(lambda lab, port: lab.git(port, host="127.0.0.1"), "the URL names an address: asking by another name asks for another page"),
        go=go_code(lambda lab, port: lab.go(port, "-noname", host="127.0.0.1")),
        perl=lambda lab, port: lab.perl(port, "SSL_hostname => ''"),
        ruby="Net::HTTP sends whatever it was given as the name, an address as well",
        php=php_code(lambda lab, port: lab.php(port, "'SNI_enabled' => false"))),
    row("trust-store-differs", lambda lab, family: lab.s_server(), **TRUST),
    row("cert-chain-incomplete", lambda lab, family: lab.s_server(chain=False),
        **plain(go=go_code(lambda lab, port: lab.go(port)), php=php_code(lambda lab, port: lab.php(port)))),
    row("hello-size-intolerance", lambda lab, family: lab.shaper("length>=1000", "reset", lab.s_server()),
        node_new=lambda lab, port: lab.node(port, "24.21.0"),
        **{f: "its hello is small: no post-quantum key share in the version that Debian 12 has" for f in
           ("python", "node_old", "java", "curl", "wget", "git", "go", "perl", "ruby", "php")}),
    row("trust-store-missing", lambda lab, family: lab.s_server(), **{**TRUST,
        "node_old": "it has its roots inside", "node_new": "it has its roots inside",
        "java": lambda lab, port: [word.replace(lab.pki.java_trust(), "/nonexistent/trust.p12") for word in lab.java(port)],
        "curl": lambda lab, port: without_ca(lab, lab.curl(port)),
        "wget": "its default is compiled into GnuTLS, and a file that --ca-certificate names stands beside it",
        "git": lambda lab, port: lab.git(port)}),
    row("signature-too-weak", lambda lab, family: lab.s_server("-tls1", "-cipher", "ALL@SECLEVEL=0"),
        python=Weak(lambda lab, port: lab.python(port)), node_old="its OpenSSL 1.0.2 takes it", node_new="it offers nothing below TLS 1.2 by itself",
        java="it offers nothing below TLS 1.2 by itself", curl=Weak(lambda lab, port: lab.curl(port)), wget="its GnuTLS takes it", git="its GnuTLS takes it",
        go="it offers nothing below TLS 1.2 by itself", perl=Weak(lambda lab, port: lab.perl(port)), ruby=Weak(lambda lab, port: lab.ruby(port)),
        php=Weak(lambda lab, port: lab.php(port))),
    row("dh-too-small", lambda lab, family: lab.s_server("-tls1_2", "-cipher", "ALL@SECLEVEL=0:-ECDHE:-kRSA", "-dhparam", lab.pki.dh(1024)),
        **plain(node_old="its OpenSSL 1.0.2 takes 1024 bits", java="Java takes 1024 bits", git="GnuTLS takes 1024 bits by default",
                wget="GnuTLS takes 1024 bits by default", go="crypto/tls has no finite-field Diffie-Hellman",
                python=Weak(lambda lab, port: lab.python(port)), node_new="its OpenSSL 3.0 is at level 1 by default, which takes 1024 bits",
                curl=Weak(lambda lab, port: lab.curl(port)), perl=Weak(lambda lab, port: lab.perl(port)), ruby=Weak(lambda lab, port: lab.ruby(port)),
                php=Weak(lambda lab, port: lab.php(port)))),
    row("renegotiation-unsafe", lambda lab, family: lab.gnutls_serv("NORMAL:-VERS-TLS1.3:%DISABLE_SAFE_RENEGOTIATION"),
        **plain(node_old="OpenSSL insists on it since 3.0", java="Java does not insist on it", wget="GnuTLS does not insist on it",
                git="GnuTLS does not insist on it", go="crypto/tls does not insist on it",
                python=Weak(lambda lab, port: lab.python(port)), node_new=Weak(lambda lab, port: lab.node(port, NEW_NODE)),
                curl=Weak(lambda lab, port: lab.curl(port)), perl=Weak(lambda lab, port: lab.perl(port)), ruby=Weak(lambda lab, port: lab.ruby(port)),
                php=Weak(lambda lab, port: lab.php(port)))),
]
# Another store of the machine, which a variable names that the client itself does not read: it trusts the server, or has the
# intermediate that the server leaves out.
OTHER_STORES = {"trust-store-differs": lambda lab: lab.ca, "cert-chain-incomplete": lambda lab: lab.pki.file("intermediate.pem")}


def surroundings(lab, cause, family):
    env = {}
    if cause in OTHER_STORES:
        env["CURL_CA_BUNDLE" if family == "python" else "REQUESTS_CA_BUNDLE"] = OTHER_STORES[cause](lab)
    if cause == "trust-store-missing":
        none = "/nonexistent/ca.pem"
        named = {"curl": "CURL_CA_BUNDLE", "git": "GIT_SSL_CAINFO"}.get(family, "SSL_CERT_FILE")
        env = {named: none, **({"SSL_CERT_DIR": "/nonexistent"} if named == "SSL_CERT_FILE" else {}),
               "CURL_CA_BUNDLE" if family == "python" else "REQUESTS_CA_BUNDLE": lab.ca}
    elif family == "git" and cause != "trust-store-differs":
        env["GIT_SSL_CAINFO"] = lab.ca
    return env


def make_case(cause, server, family, cell):
    def make(lab):
        port = server(lab, family)
        client = cell.client if isinstance(cell, (Cannot, Weak, Policy)) else cell
        fix = False if isinstance(cell, Cannot) else "weaker" if isinstance(cell, Weak) else "connected" if family == "git" else True
        env = {**surroundings(lab, cause, family), **(cell.environment(lab, family) if isinstance(cell, Policy) else {})}
        return Case(client(lab, port), port, cause, env=env, fix=fix)
    make.__name__ = f"fix_matrix_{cause}_{family}"
    make.__doc__ = cell.reason if isinstance(cell, Cannot) else None
    return make


for _cause, _server, _cells in MATRIX:
    for _family, _cell in _cells.items():
        if not isinstance(_cell, str):
            case(make_case(_cause, _server, _family, _cell))
