/* cert-unknown-issuer: the path ends at an issuer that no store on this machine knows. */
#include "causes/certificate.h"

static const remedy_row rows[] = {
    {REMEDY_SYSTEM, NULL, "Or let the whole machine trust it, if all of its programs should (Debian and its kin).",
     "$ cp ca.pem /usr/local/share/ca-certificates/private.crt && update-ca-certificates", LOWERS_THIS_MACHINE},
    {REMEDY_SERVER, NULL, "If this is meant for everybody: use a certificate of a public CA.", NULL, LOWERS_NONE},
};

/* The issuer is known by its name alone: it may be an intermediate as well, which the server would have to send. */
static const remedy_row intermediate_rows[] = {
    {REMEDY_SERVER, NULL, NULL, "$ cat server.pem intermediate.pem > fullchain.pem", LOWERS_NONE},
};

static void tell_possible_intermediate(const facts *f, const char *issuer, verdict *v)
{
    const char *text = arena_printf(f->arena,
                                    "If %s is an intermediate CA, and no root: send its certificate after the server's own, in one "
                                    "file. Then its root is the one to trust.",
                                    issuer);
    verdict_add_remedy_rows_with(f, v, intermediate_rows, sizeof intermediate_rows / sizeof *intermediate_rows,
                                 &(remedy_given){.text = text});
}

static bool observe(const facts *f, verdict *v)
{
    const trust_finding *found = refused_for(f, TRUST_UNKNOWN_ISSUER);
    if (found == NULL)
        return false;
    const char *root = found->missing != NULL ? found->missing : found->certificate.subject;
    v->headline =
        arena_printf(f->arena,
                     "The client does not know the issuer of the server's certificate: the path ends at %s, which no trust store "
                     "looked at on this machine has.",
                     root);
    if (found->detail != NULL)
        verdict_add_detail(f->arena, v, arena_printf(f->arena, "Of %s: %s.", found->certificate.subject, found->detail));
    verdict_add_detail(f->arena, v, "It is a private CA, or a proxy that intercepts TLS.");
    tell_where_issuer_is(f, found, v);
    tell_refusal(f, found, v);
    tell_trust_remedies(f, v, "ca.pem",
                        arena_printf(f->arena,
                                     found->missing == NULL ? "Get the root %s from who runs it, and let the client trust it."
                                                            : "Get %s, or the root that it leads to, from who runs it, and let the "
                                                              "client trust the root.",
                                     root));
    if (found->missing != NULL)
        tell_possible_intermediate(f, root, v);
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    return true;
}

const cause cause_cert_unknown_issuer = {.id = "cert-unknown-issuer", .where = WHERE_CLIENT, .observe = observe};
