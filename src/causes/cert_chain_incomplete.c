/* cert-chain-incomplete: an intermediate is missing from what the server sends. */
#include "causes/certificate.h"

static const remedy_row rows[] = {
    {REMEDY_SERVER, NULL,
     "Send the intermediate after the server's own certificate: one file with both, the leaf first, which the server is given in "
     "place of the leaf alone.",
     "$ cat server.pem intermediate.pem > fullchain.pem", LOWERS_NONE},
    {REMEDY_SERVER, "speaks http", "In nginx:", "ssl_certificate /etc/ssl/fullchain.pem;", LOWERS_NONE},
    {REMEDY_SERVER, "speaks http", "In Apache:", "SSLCertificateFile /etc/ssl/fullchain.pem", LOWERS_NONE},
    {REMEDY_SERVER, "speaks http",
     "In HAProxy, where the file holds the key as well:", "bind :{port} ssl crt /etc/ssl/fullchain-and-key.pem", LOWERS_NONE},
    {REMEDY_SERVER, "speaks smtp",
     "In Postfix, where the file holds the key first:", "smtpd_tls_chain_files = /etc/postfix/key-and-fullchain.pem", LOWERS_NONE},
    {REMEDY_SERVER, "speaks postgresql", "In postgresql.conf:", "ssl_cert_file = 'fullchain.pem'", LOWERS_NONE},
};

static void tell_missing(const facts *f, const trust_finding *found, verdict *v)
{
    const client_judgement *j = f->judgement;
    if (j->missing != NULL && found->anchor != NULL)
        verdict_add_detail(
            f->arena, v,
            arena_printf(
                f->arena,
                "With it (SHA-256 %s), the path is complete, up to %s (SHA-256 %s) of the client's own store; it was found in %s.",
                certificate_fingerprint(f->arena, *j->missing), found->anchor, certificate_fingerprint(f->arena, found->anchor_der),
                j->missing_in == NULL ? "what was fetched" : j->missing_in->name));
    else if (found->detail != NULL)
        verdict_add_detail(f->arena, v,
                           arena_printf(f->arena, "It was not found on this machine; that it is an intermediate is concluded: %s.",
                                        found->detail));
}

static bool observe(const facts *f, verdict *v)
{
    const trust_finding *found = refused_for(f, TRUST_INCOMPLETE);
    if (found == NULL)
        return false;
    v->headline =
        arena_printf(f->arena,
                     "The server does not send the intermediate certificate %s, which signed %s: the client cannot get from it "
                     "to a root that it trusts.",
                     found->missing, refused_certificate(f, found));
    tell_where_issuer_is(f, found, v);
    tell_missing(f, found, v);
    tell_refusal(f, found, v);
    tell_trust_with_missing(f, v);
    if (!tell_fetched_remedy(f, v))
        verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    tell_trust_remedies(f, v, "intermediate-and-root.pem",
                        "Until the server is mended: give the client the intermediate together with its root.");
    return true;
}

const cause cause_cert_chain_incomplete = {.id = "cert-chain-incomplete", .where = WHERE_SERVER, .observe = observe};
