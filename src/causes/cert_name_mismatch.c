/* cert-name-mismatch: the certificate is for other names. */
#include "causes/certificate.h"

#include <string.h>

static const remedy_row rows[] = {
    {REMEDY_SERVER, NULL, "Have a certificate issued that has this name in its subjectAltName.", "$ certbot certonly -d {host}",
     LOWERS_NONE},
    {REMEDY_CLIENT, "curl", "Where the address is right and the name is not: connect to it by a name of the certificate.",
     "$ curl --connect-to {name}:{port}:{host}:{port} https://{name}:{port}/", LOWERS_NONE},
    {REMEDY_CLIENT, "python", "Where the address is right and the name is not: give a name of the certificate.",
     "ctx.wrap_socket(socket.create_connection(('{host}', {port})), server_hostname='{name}')", LOWERS_NONE},
    {REMEDY_CLIENT, "node", "Where the address is right and the name is not: give a name of the certificate.",
     "https.request({ host: '{host}', port: {port}, servername: '{name}', headers: { Host: '{name}' }, ... })", LOWERS_NONE},
    {REMEDY_CLIENT, "openssl", "Where the address is right and the name is not: give a name of the certificate.",
     "$ openssl s_client -connect {host}:{port} -servername {name} -verify_hostname {name}", LOWERS_NONE},
    {REMEDY_CLIENT, "gnutls-cli", "Where the address is right and the name is not: give a name of the certificate.",
     "$ gnutls-cli --sni-hostname {name} --verify-hostname {name} -p {port} {host}", LOWERS_NONE},
    {REMEDY_CLIENT, "Go crypto/tls", "Where the address is right and the name is not: give a name of the certificate.",
     "&tls.Config{ServerName: \"{name}\"}", LOWERS_NONE},
};

/* The first that is a host's own name: no pattern, no address. */
static const char *name_to_ask_for(const facts *f, const char *names)
{
    char *rest, *list = bytes_to_text(f->arena, bytes_from_text(names == NULL ? "" : names));
    for (char *one = strtok_r(list, ", ", &rest); one != NULL; one = strtok_r(NULL, ", ", &rest))
        if (strchr(one, '*') == NULL && strchr(one, ':') == NULL && strspn(one, "0123456789.") < strlen(one) &&
            strchr(one, '.') != NULL)
            return one;
    return NULL;
}

/* ldap_pvt_get_fqdn, in OpenLDAP's libldap. */
static bool is_own_name_of_localhost(const facts *f, const char *host)
{
    const char *taken = f->judgement->store->localhost_is;
    return taken != NULL && host != NULL && strcmp(taken, host) == 0;
}

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
    if (is_own_name_of_localhost(f, host))
        verdict_add_detail(f->arena, v,
                           "It was asked for localhost, for which libldap takes the machine's own name when it compares.");
    if (is_own_name_of_localhost(f, host))
        verdict_add_remedy(
            f->arena, v,
            (remedy){.who = REMEDY_CLIENT,
                     .text = "Call it by an address or by another name than localhost, whichever the certificate has."});
    else if (found->names != NULL)
        verdict_add_remedy(
            f->arena, v,
            (remedy){.who = REMEDY_CLIENT,
                     .text =
                         arena_printf(f->arena, "Use a name that the certificate is for, if that is the server that you mean: %s.",
                                      found->names)});
    verdict_add_remedy_rows_with(f, v, rows, sizeof rows / sizeof *rows, &(remedy_given){.name = name_to_ask_for(f, found->names)});
    return true;
}

const cause cause_cert_name_mismatch = {.id = "cert-name-mismatch", .where = WHERE_BOTH, .observe = observe};
