/* client-version-too-old and server-version-too-old: the two sides have no version in common. */
#include "causes/cause.h"
#include "registry/registry.h"

/* The nearest of the server's versions above (or below) a bound; 0 where there is none. */
static uint16_t nearest(code_list versions, uint16_t bound, bool above)
{
    uint16_t best = 0;
    for (size_t i = 0; i < versions.num_codes; i++) {
        uint16_t v = versions.codes[i];
        if (above ? v > bound && (best == 0 || v < best) : v < bound && v > best)
            best = v;
    }
    return best;
}

static void propose_raise(const cause *self, const facts *f, proposal_list *out)
{
    uint16_t version = nearest(f->server_versions, facts_client_version_max(f), true);
    if (f->shared_version == 0 && version != 0)
        proposal_add(out, self, (change){.kind = CHANGE_VERSION_RAISED, .code = version});
}

static void propose_lower(const cause *self, const facts *f, proposal_list *out)
{
    uint16_t version = nearest(f->server_versions, facts_client_version_min(f), false);
    if (f->shared_version == 0 && version != 0 && version < facts_client_version_max(f))
        proposal_add(out, self, (change){.kind = CHANGE_VERSION_LOWERED, .code = version});
}

static const char *later(const facts *f, uint16_t version)
{
    return version == VERSION_TLS13 ? version_name(f->arena, version)
                                    : arena_printf(f->arena, "%s or later", version_name(f->arena, version));
}

/* First versions that can: OpenSSL CHANGES; Python's, Node.js' and Go's documentation; JDK 7, 8 and 11 release notes. */
static const remedy_row newer_rows[] = {
    {REMEDY_CLIENT, "node, unable, version <= 1.2",
     "Use Node.js 0.10 or later: it carries its own OpenSSL, so that the one of the system does not count, and {version} needs "
     "OpenSSL 1.0.1.",
     NULL, LOWERS_NONE},
    {REMEDY_CLIENT, "node, unable, version 1.3",
     "Use Node.js 12 or later: it carries its own OpenSSL, so that the one of the system does not count, and {version} needs "
     "1.1.1.",
     NULL, LOWERS_NONE},
    {REMEDY_CLIENT, "python, unable, version <= 1.2",
     "Use a Python whose own ssl module has OpenSSL 1.0.1 or later (the command tells; the openssl on the PATH does not count). "
     "With "
     "it the default settings are enough; no protocol that is named in the code gives this one {version}.",
     "$ python3 -c 'import ssl; print(ssl.OPENSSL_VERSION)'", LOWERS_NONE},
    {REMEDY_CLIENT, "python, unable, version 1.3",
     "Use a Python from 3.7 on whose own ssl module has OpenSSL 1.1.1 or later (the command tells; the openssl on the PATH does "
     "not "
     "count). With it the default settings are enough.",
     "$ python3 -c 'import ssl; print(ssl.OPENSSL_VERSION, ssl.HAS_TLSv1_3)'", LOWERS_NONE},
    {REMEDY_CLIENT, "java < 11, version 1.3", "Use Java 11 or later, or 8u261: those before have no {version}.", "$ java -version",
     LOWERS_NONE},
    {REMEDY_CLIENT, "curl, unable", "Use a curl with a newer TLS library (the command shows which it has).", "$ curl --version",
     LOWERS_NONE},
    {REMEDY_CLIENT, "else, unable, version <= 1.2",
     "Use a newer TLS library: {version} needs OpenSSL 1.0.1, GnuTLS 1.2.10 or NSS 3.15 at least.", NULL, LOWERS_NONE},
    {REMEDY_CLIENT, "else, unable, version 1.3",
     "Use a newer TLS library: {version} needs OpenSSL 1.1.1, GnuTLS 3.6.5 or NSS 3.39 at least.", NULL, LOWERS_NONE},
    /* A context of one protocol stays so, whatever is set on it afterwards: a new one is made. */
    {REMEDY_CLIENT, "python >= 3.4, able, not why policy",
     "Make the program's context so that it takes every version that both have, and leave out what narrows it (PROTOCOL_TLSv1 and "
     "its "
     "kind, which no attribute can raise afterwards; a lower maximum_version; OP_NO_TLSv1_x):",
     "ctx = ssl.create_default_context()", LOWERS_NONE},
    {REMEDY_CLIENT, "python < 3.4, able, not why policy",
     "Make the program's context so that it takes every version that both have, in place of one of PROTOCOL_TLSv1 and its kind:",
     "ctx = ssl.SSLContext(ssl.PROTOCOL_SSLv23); ctx.options |= ssl.OP_NO_SSLv2 | ssl.OP_NO_SSLv3", LOWERS_NONE},
    {REMEDY_CLIENT, "python >= 3.7, able, why policy", "Or in the program, where a line is stronger than the file:",
     "ctx.maximum_version = ssl.TLSVersion.{version.python}", LOWERS_NONE},
    {REMEDY_CLIENT, "node, able, OpenSSL >= 1.1.1, why code", "Leave out a lower maxVersion and secureProtocol, or raise it.",
     "https.request({ maxVersion: '{version.openssl}', ... })", LOWERS_NONE},
    {REMEDY_CLIENT, "node, able, OpenSSL >= 1.1.1, not why code", "For this server alone.",
     "https.request({ maxVersion: '{version.openssl}', ... })", LOWERS_NONE},
    {REMEDY_CLIENT, "node, able, OpenSSL >= 1.1.1",
     "For the whole program, where it sets none itself:", "$ node --tls-max-v{version.number} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "node, able, OpenSSL < 1.1.1", "Leave out secureProtocol, or let it be one that takes every version.",
     "https.request({ secureProtocol: 'SSLv23_method', ... })", LOWERS_NONE},
    {REMEDY_CLIENT, "java, able, version 1.3, uses https.protocols", "Let both lists of protocols include {version}.",
     "$ java -Djdk.tls.client.protocols={version.java},TLSv1.2 -Dhttps.protocols={version.java},TLSv1.2 ...", LOWERS_NONE},
    {REMEDY_CLIENT, "java, able, version 1.3, not uses https.protocols", "Let the client's protocols include {version}.",
     "$ java -Djdk.tls.client.protocols={version.java},TLSv1.2 ...", LOWERS_NONE},
    {REMEDY_CLIENT, "java, able, version <= 1.2", "Let the client's protocols include {version}.",
     "$ java -Djdk.tls.client.protocols={version.java} -Dhttps.protocols={version.java} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "ruby, able, why code", "Leave out a lower max_version and ssl_version, or raise it.",
     "http.max_version = OpenSSL::SSL::{version.ruby}_VERSION", LOWERS_NONE},
    {REMEDY_CLIENT, "ruby, able, not why code", "For this server alone.", "http.max_version = OpenSSL::SSL::{version.ruby}_VERSION",
     LOWERS_NONE},
    {REMEDY_CLIENT, "php, able", "Let the stream's crypto_method include {version}.",
     "stream_context_create(['ssl' => ['crypto_method' => STREAM_CRYPTO_METHOD_{version.php}_CLIENT]])", LOWERS_NONE},
    {REMEDY_CLIENT, "perl, able, not why policy", "Leave out an SSL_version that excludes {version}.",
     "IO::Socket::SSL->new(SSL_version => 'SSLv23:!SSLv3:!SSLv2', ...)", LOWERS_NONE},
    {REMEDY_CLIENT, "Go crypto/tls, able", "Leave out a lower MaxVersion, or raise it.",
     "&tls.Config{MaxVersion: tls.Version{version.go}}", LOWERS_NONE},
    {REMEDY_CLIENT, "dotnet, able", "Let the system choose the version.", "EnabledSslProtocols = SslProtocols.None", LOWERS_NONE},
    {REMEDY_CLIENT, "curl, able, why code", "Leave out what caps the version, or raise it.",
     "$ curl --tls-max {version.number} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "curl, able, not why code", "Let curl go up to {version}.", "$ curl --tls-max {version.number} ...",
     LOWERS_NONE},
    {REMEDY_CLIENT, "wget, GnuTLS, able, why code", "Leave out what excludes {version}, or name it.",
     "$ wget --ciphers='NORMAL:+{version.gnutls}' ...", LOWERS_NONE},
    {REMEDY_CLIENT, "wget, GnuTLS, able, why default or unknown", "Let wget offer {version}.",
     "$ wget --ciphers='NORMAL:+{version.gnutls}' ...", LOWERS_NONE},
    {REMEDY_CLIENT, "gnutls-cli, able, why code", "Leave out a --priority that excludes {version}.",
     "$ gnutls-cli --priority 'NORMAL:+{version.gnutls}' ...", LOWERS_NONE},
    {REMEDY_CLIENT, "gnutls-cli, able, why default or unknown", "Let it offer {version}.",
     "$ gnutls-cli --priority 'NORMAL:+{version.gnutls}' ...", LOWERS_NONE},
    {REMEDY_CLIENT, "openssl, able, why code", "Leave out what caps the version (-tls1_2, -no_tls1_3, -max_protocol), or raise it.",
     "$ openssl s_client -max_protocol {version.openssl} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "openssl, able, not why code", "Let it go up to {version}.",
     "$ openssl s_client -max_protocol {version.openssl} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "psql, able, why code", "Leave out a lower ssl_max_protocol_version, or raise it.",
     "$ psql 'ssl_max_protocol_version={version.openssl} ...'", LOWERS_NONE},
    {REMEDY_CLIENT, "psql, able, why policy", "Leave the variable out, or raise it.",
     "$ PGSSLMAXPROTOCOLVERSION={version.openssl} psql ...", LOWERS_NONE},
    {REMEDY_CLIENT, "ldapsearch, GnuTLS, able, why code or policy", "Leave out of LDAPTLS_CIPHER_SUITE what excludes {version}.",
     "$ LDAPTLS_CIPHER_SUITE='{priority}' ldapsearch ...", LOWERS_NONE},
    {REMEDY_CLIENT, "else, ldapsearch, GnuTLS, able, why code or policy",
     "Leave out of -o TLS_CIPHER_SUITE, or of TLS_CIPHER_SUITE in ldap.conf, what excludes {version}.", NULL, LOWERS_NONE},
    {REMEDY_CLIENT, "else", "Let the client offer {version}: no setting or code that caps the version below it.", NULL,
     LOWERS_NONE},
    {REMEDY_SYSTEM, "OpenSSL >= 1.1.1, able, not node, not php, why policy or unknown",
     "Where a configuration of OpenSSL caps the version, for this program alone by a file of its own that OPENSSL_CONF names, in "
     "the section that system_default names:",
     "MaxProtocol = {version.openssl}", LOWERS_NONE},
};

static void tell_client(const facts *f, const change *c, verdict *v)
{
    arena *a = f->arena;
    const char *max = version_name(a, facts_client_version_max(f));
    v->headline = arena_printf(a, "The client is too old for this server: it offers %s at most, the server wants %s.", max,
                               later(f, c->code));
    verdict_add_remedy_rows(f, v, newer_rows, sizeof newer_rows / sizeof *newer_rows);
    bool is_weak = facts_client_version_max(f) < VERSION_TLS12;
    verdict_add_remedy(
        a, v,
        (remedy){.who = REMEDY_SERVER,
                 .lowers_security = is_weak ? LOWERS_THIS_MACHINE : LOWERS_NONE,
                 .text = arena_printf(a, "Let the server accept %s as well%s.", max,
                                      is_weak ? ", until this client is renewed: it is refused for good reasons" : "")});
}

/* {version} is what the server has at most. */
static const remedy_row old_server_rows[] = {
    {REMEDY_SERVER, "speaks http", "Let the server speak TLS 1.2 and 1.3 (OpenSSL 1.0.1 and 1.1.1 at least). In nginx:",
     "ssl_protocols TLSv1.2 TLSv1.3;", LOWERS_NONE},
    {REMEDY_SERVER, "speaks http", "In Apache:", "SSLProtocol -all +TLSv1.2 +TLSv1.3", LOWERS_NONE},
    {REMEDY_SERVER, "speaks http", "In HAProxy:", "ssl-default-bind-options ssl-min-ver TLSv1.2", LOWERS_NONE},
    {REMEDY_SERVER, "speaks smtp", "Let the server speak TLS 1.2 and 1.3. In Postfix:", "smtpd_tls_mandatory_protocols = >=TLSv1.2",
     LOWERS_NONE},
    {REMEDY_SERVER, "speaks postgresql",
     "Let the server speak TLS 1.2 and 1.3. In postgresql.conf:", "ssl_max_protocol_version = ''", LOWERS_NONE},
    {REMEDY_CLIENT, "python >= 3.7, version >= 1.2", "Let the program's SSLContext go down to {version}.",
     "ctx.minimum_version = ssl.TLSVersion.{version.python}", LOWERS_NONE},
    {REMEDY_CLIENT, "python >= 3.7, version < 1.2",
     "For this server alone, until it is renewed; the security level has to go as well, since {version} signs with SHA-1.",
     "ctx.minimum_version = ssl.TLSVersion.{version.python}; ctx.set_ciphers('DEFAULT:@SECLEVEL=0')", LOWERS_THIS_CONNECTION},
    {REMEDY_CLIENT, "node, OpenSSL >= 1.1.1, version >= 1.2", "Let the program go down to {version}.",
     "https.request({ minVersion: '{version.openssl}', ... })", LOWERS_NONE},
    {REMEDY_CLIENT, "node, OpenSSL >= 1.1.1, version < 1.2",
     "For this server alone, until it is renewed; the security level has to go as well, since {version} signs with SHA-1.",
     "https.request({ minVersion: '{version.openssl}', ciphers: 'DEFAULT:@SECLEVEL=0', ... })", LOWERS_THIS_CONNECTION},
    {REMEDY_CLIENT, "node, OpenSSL >= 1.1.1, version < 1.2",
     "For the whole program:", "$ node --tls-min-v{version.number} --tls-cipher-list=DEFAULT:@SECLEVEL=0 ...", LOWERS_THIS_PROGRAM},
    {REMEDY_CLIENT, "java, version >= 1.2", "Let the client's protocols include {version}.",
     "$ java -Djdk.tls.client.protocols=TLSv1.3,{version.java} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "java, version < 1.2",
     "For this program alone, until the server is renewed: {version.java} must go from jdk.tls.disabledAlgorithms in a file of its "
     "own, and be asked for.",
     "$ sed -n '/^jdk.tls.disabledAlgorithms=/,/[^\\\\]$/p' \"$(java -XshowSettings:properties -version 2>&1 | sed -n "
     "'s/.*java.home = "
     "//p')/conf/security/java.security\" | sed 's/\\b{version.java}, //' > own.security && java "
     "-Djava.security.properties=own.security -Djdk.tls.client.protocols=TLSv1.3,TLSv1.2,{version.java} ...",
     LOWERS_THIS_PROGRAM},
    {REMEDY_CLIENT, "curl, version >= 1.2", "Let curl go down to {version}.", "$ curl --tlsv{version.number} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "curl, OpenSSL, version < 1.2", "For this command alone, until the server is renewed.",
     "$ curl --tlsv{version.number} --ciphers 'DEFAULT:@SECLEVEL=0' ...", LOWERS_THIS_CONNECTION},
    {REMEDY_CLIENT, "git, why code", "Leave out http.sslVersion, or let it be this one, which is the lowest that git then takes.",
     "$ git -c http.sslVersion=tlsv{version.number} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "git, not why code", "Let git go down to {version}.", "$ git -c http.sslVersion=tlsv{version.number} ...",
     LOWERS_NONE},
    {REMEDY_CLIENT, "ruby, version < 1.2", "For this server alone, until it is renewed; {version} signs with SHA-1.",
     "http.min_version = OpenSSL::SSL::{version.ruby}_VERSION; http.ciphers = 'DEFAULT:@SECLEVEL=0'", LOWERS_THIS_CONNECTION},
    {REMEDY_CLIENT, "php, version < 1.2", "For this server alone, until it is renewed; {version} signs with SHA-1.",
     "stream_context_create(['ssl' => ['crypto_method' => STREAM_CRYPTO_METHOD_{version.php}_CLIENT, 'ciphers' => "
     "'DEFAULT:@SECLEVEL=0']])",
     LOWERS_THIS_CONNECTION},
    {REMEDY_CLIENT, "perl, version < 1.2", "For this server alone, until it is renewed; {version} signs with SHA-1.",
     "IO::Socket::SSL->new(SSL_version => '{version.python}', SSL_cipher_list => 'DEFAULT:@SECLEVEL=0', ...)",
     LOWERS_THIS_CONNECTION},
    {REMEDY_CLIENT, "openssl, version < 1.2", "For this connection alone, until the server is renewed; {version} signs with SHA-1.",
     "$ openssl s_client -min_protocol {version.openssl} -cipher 'DEFAULT:@SECLEVEL=0' ...", LOWERS_THIS_CONNECTION},
    {REMEDY_CLIENT, "ruby, version >= 1.2", "Let the program go down to {version}.",
     "http.min_version = OpenSSL::SSL::{version.ruby}_VERSION", LOWERS_NONE},
    {REMEDY_CLIENT, "php, version >= 1.2", "Let the stream's crypto_method include {version}.",
     "stream_context_create(['ssl' => ['crypto_method' => STREAM_CRYPTO_METHOD_{version.php}_CLIENT]])", LOWERS_NONE},
    {REMEDY_CLIENT, "perl, version >= 1.2", "Let the program go down to {version}.",
     "IO::Socket::SSL->new(SSL_version => 'SSLv23:!SSLv3:!SSLv2', ...)", LOWERS_NONE},
    {REMEDY_CLIENT, "Go crypto/tls", "Let the program go down to {version}.", "&tls.Config{MinVersion: tls.Version{version.go}}",
     LOWERS_NONE},
    {REMEDY_CLIENT, "dotnet", "Let the program go down to {version}, which the system's openssl.cnf may forbid as well.",
     "EnabledSslProtocols = SslProtocols.{version.dotnet}", LOWERS_NONE},
    {REMEDY_CLIENT, "wget, GnuTLS", "Let wget go down to {version}.", "$ wget --ciphers='NORMAL:+{version.gnutls}' ...",
     LOWERS_NONE},
    {REMEDY_CLIENT, "gnutls-cli", "Let it go down to {version}.", "$ gnutls-cli --priority 'NORMAL:+{version.gnutls}' ...",
     LOWERS_NONE},
    {REMEDY_CLIENT, "openssl, version >= 1.2", "Let it go down to {version}.",
     "$ openssl s_client -min_protocol {version.openssl} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "else", "Let the client offer {version} to this server alone.", NULL, LOWERS_NONE},
    {REMEDY_SYSTEM, "OpenSSL >= 1.1.1, not node, not php, why policy or unknown",
     "Where a configuration of OpenSSL sets the lowest version, for this program alone by a file of its own that OPENSSL_CONF "
     "names, in the section that system_default names:",
     "MinProtocol = {version.openssl}", LOWERS_NONE},
};

static void tell_old_server(const facts *f, const char *client_min, uint16_t server_max, verdict *v)
{
    v->headline = arena_printf(f->arena, "The server is too old for this client: it has %s at most, the client wants %s or later.",
                               version_name(f->arena, server_max), client_min);
    verdict_add_remedy_rows(f, v, old_server_rows, sizeof old_server_rows / sizeof *old_server_rows);
}

static void tell_server(const facts *f, const change *c, verdict *v)
{
    tell_old_server(f, version_name(f->arena, facts_client_version_min(f)), c->code, v);
}

enum { ALERT_PROTOCOL_VERSION = 70 };

/* A hello before TLS 1.3 does not say its lowest version: then the server chooses, and it is the client that refuses. */
static bool observe_refused_choice(const facts *f, verdict *v)
{
    const conversation *c = f->evidence->failed;
    if (c == NULL || !c->has_server_hello || c->phase >= PHASE_CLIENT_FINISHED)
        return false;
    uint16_t chosen = c->server_hello.version;
    bool said_so = c->has_alert[SIDE_CLIENT] && c->alerts[SIDE_CLIENT].description == ALERT_PROTOCOL_VERSION;
    bool not_offered =
        f->client_states_versions && !facts_client_offers_version(f, chosen) && chosen < codes_min(f->client_versions);
    if (chosen >= facts_client_version_max(f) || !(said_so || (not_offered && c->first_end == SIDE_CLIENT)))
        return false;
    v->proof = PROOF_OBSERVED;
    tell_old_server(f, arena_printf(f->arena, "a version above it, up to %s,", version_name(f->arena, facts_client_version_max(f))),
                    chosen, v);
    v->headline = arena_printf(
        f->arena, "The server is too old for this client: it chose %s, and the client, which offers up to %s, refused that.",
        version_name(f->arena, chosen), version_name(f->arena, facts_client_version_max(f)));
    return true;
}

const cause cause_client_version_too_old = {
    .id = "client-version-too-old", .where = WHERE_CLIENT, .rank = RANK_VERSION, .propose = propose_raise, .tell = tell_client};
const cause cause_server_version_too_old = {.id = "server-version-too-old",
                                            .where = WHERE_SERVER,
                                            .rank = RANK_VERSION,
                                            .observe = observe_refused_choice,
                                            .propose = propose_lower,
                                            .tell = tell_server};
