/* cert-name-mismatch: the certificate is for other names. */
#include "causes/certificate.h"

static const remedy_row rows[] = {
    {REMEDY_SERVER, NULL, "Have a certificate issued that has this name in its subjectAltName.", "certbot certonly -d NAME",
     LOWERS_NONE},
    {REMEDY_CLIENT, "curl", "Where the address is right and the name is not: connect to it by a name of the certificate.",
     "curl --connect-to NAME:443:HOST:PORT https://NAME/", LOWERS_NONE},
    {REMEDY_CLIENT, "python", "Where the address is right and the name is not: give a name of the certificate.",
     "context.wrap_socket(sock, server_hostname='NAME')", LOWERS_NONE},
    {REMEDY_CLIENT, "node", "Where the address is right and the name is not: give a name of the certificate.",
     "https.request({host: ADDRESS, servername: 'NAME', headers: {Host: 'NAME'}, ...})", LOWERS_NONE},
};

static bool observe(const facts *f, verdict *v)
{
    const trust_finding *found = refused_for(f, TRUST_NAME_MISMATCH);
    if (found == NULL)
        return false;
    const char *host = f->judgement->trust->host;
    v->headline = arena_printf(f->arena, "The client wants %s, and the server's certificate is for other names: %s.%s%s%s", host,
                               found->names == NULL ? "it names no host at all" : found->names,
                               found->detail == NULL ? "" : " As for the CN: ", found->detail == NULL ? "" : found->detail,
                               found->detail == NULL ? "" : ".");
    tell_refusal(f, found, v);
    if (found->names != NULL)
        verdict_add_remedy(
            f->arena, v,
            (remedy){.who = REMEDY_CLIENT,
                     .text =
                         arena_printf(f->arena, "Use a name that the certificate is for, if that is the server that you mean: %s.",
                                      found->names)});
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    return true;
}

const cause cause_cert_name_mismatch = {.id = "cert-name-mismatch", .where = WHERE_BOTH, .observe = observe};
