/* version-intolerance: the server breaks on a version that it does not know, instead of choosing one that it does. */
#include "causes/cause.h"
#include "registry/registry.h"

/* Only where the server took none of the versions above in a hello of ours: one that it has, it cannot be intolerant of. */
static void propose(const cause *self, const facts *f, proposal_list *out)
{
    if (f->shared_version != 0 && f->shared_version < facts_client_version_max(f))
        proposal_add(out, self, (change){.kind = CHANGE_VERSION_CAPPED, .code = f->shared_version});
}

/* {version} is the highest that the server takes without breaking. Capping there costs nothing from TLS 1.2 on. */
static const remedy_row rows[] = {
    {REMEDY_CLIENT, "python >= 3.7", "Until the server is mended, for this server alone.",
     "ctx.maximum_version = ssl.TLSVersion.{version.python}", LOWERS_NONE},
    {REMEDY_CLIENT, "python < 3.7, version 1.2", "Until the server is mended, for this server alone.",
     "ctx.options |= getattr(ssl, 'OP_NO_TLSv1_3', 0)", LOWERS_NONE},
    {REMEDY_CLIENT, "node, OpenSSL >= 1.1.1", "Until the server is mended, for this server alone.",
     "https.request({ maxVersion: '{version.openssl}', ... })", LOWERS_NONE},
    {REMEDY_CLIENT, "node, OpenSSL >= 1.1.1, version 1.2", "Or for the whole program:", "$ node --tls-max-v{version.number} ...",
     LOWERS_NONE},
    {REMEDY_CLIENT, "java", "Until the server is mended.",
     "$ java -Djdk.tls.client.protocols={version.java} -Dhttps.protocols={version.java} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "curl", "Until the server is mended.", "$ curl --tls-max {version.number} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "wget, GnuTLS, version 1.2", "Until the server is mended.", "$ wget --ciphers='NORMAL:-VERS-TLS1.3' ...",
     LOWERS_NONE},
    {REMEDY_CLIENT, "gnutls-cli, version 1.2", "Until the server is mended.", "$ gnutls-cli --priority 'NORMAL:-VERS-TLS1.3' ...",
     LOWERS_NONE},
    {REMEDY_CLIENT, "git, GnuTLS, version 1.2", "Until the server is mended, by a file of this program's own:",
     "$ printf '[overrides]\\ndisabled-version = tls1.3\\n' > own-gnutls.conf && GNUTLS_SYSTEM_PRIORITY_FILE=own-gnutls.conf git "
     "...",
     LOWERS_NONE},
    {REMEDY_CLIENT, "openssl", "Until the server is mended.", "$ openssl s_client -max_protocol {version.openssl} ...",
     LOWERS_NONE},
    {REMEDY_CLIENT, "ruby", "Until the server is mended, for this server alone.",
     "http.max_version = OpenSSL::SSL::{version.ruby}_VERSION", LOWERS_NONE},
    {REMEDY_CLIENT, "php", "Until the server is mended, for this server alone.",
     "stream_context_create(['ssl' => ['crypto_method' => STREAM_CRYPTO_METHOD_{version.php}_CLIENT]])", LOWERS_NONE},
    {REMEDY_CLIENT, "perl, version 1.2", "Until the server is mended, for this server alone.",
     "IO::Socket::SSL->new(SSL_version => 'SSLv23:!TLSv1_3', ...)", LOWERS_NONE},
    {REMEDY_CLIENT, "Go crypto/tls", "Until the server is mended, for this server alone.",
     "&tls.Config{MaxVersion: tls.Version{version.go}}", LOWERS_NONE},
    {REMEDY_CLIENT, "dotnet", "Until the server is mended, for this server alone.",
     "EnabledSslProtocols = SslProtocols.{version.dotnet}", LOWERS_NONE},
    {REMEDY_CLIENT, "else", "Until the server is mended, let the client offer {version} at most to this server.", NULL,
     LOWERS_NONE},
    {REMEDY_SYSTEM, "OpenSSL >= 1.1.1, not node, not php",
     "Or in a file that OPENSSL_CONF names for this program, in the section that system_default "
     "names:",
     "MaxProtocol = {version.openssl}", LOWERS_NONE},
};

static const remedy_row server_rows[] = {
    {REMEDY_SERVER, NULL,
     "Update the server, or the box in front of it that reads the hello: it must ignore versions that it does not know (RFC 8446, "
     "4.2.1).",
     NULL, LOWERS_NONE},
};

/* A server that chose the version, and found nothing for it, ends so as well (RFC 8446, 6.2: handshake_failure). */
static const remedy_row chosen_rows[] = {
    {REMEDY_SERVER, "version 1.2",
     "If the server itself knows TLS 1.3: let it have for that what clients have, a group of TLS 1.3 (X25519, P-256) and a "
     "certificate, "
     "or leave TLS 1.3 out, so that TLS 1.2 is chosen.",
     NULL, LOWERS_NONE},
};

static bool may_have_chosen_it(const facts *f)
{
    enum { HANDSHAKE_FAILURE = 40, INSUFFICIENT_SECURITY = 71 };
    return f->control.kind == ANSWER_ALERT &&
           (f->control.alert.description == HANDSHAKE_FAILURE || f->control.alert.description == INSUFFICIENT_SECURITY);
}

static void tell(const facts *f, const change *c, verdict *v)
{
    arena *a = f->arena;
    v->headline = arena_printf(
        a, "The server breaks on a hello that offers %s. It should choose %s, which both have; offered that at most, it does.",
        version_name(a, facts_client_version_max(f)), version_name(a, c->code));
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    if (f->proved_is_enough || !may_have_chosen_it(f))
        verdict_add_remedy_rows(f, v, server_rows, sizeof server_rows / sizeof *server_rows);
    if (!may_have_chosen_it(f))
        return;
    verdict_add_detail(
        a, v,
        arena_printf(a,
                     "A server that does know %s, and has nothing for it that the client has (curves that it does not "
                     "allow, no certificate), sends the same alert.",
                     version_name(a, facts_client_version_max(f))));
    verdict_add_remedy_rows(f, v, chosen_rows, sizeof chosen_rows / sizeof *chosen_rows);
}

const cause cause_version_intolerance = {
    .id = "version-intolerance", .where = WHERE_SERVER, .rank = RANK_VERSION, .propose = propose, .tell = tell};
