/* cert-name-mismatch: the certificate is for other names. */
#include "causes/certificate.h"
#include "causes/host_names.h"

#include <string.h>

/* {name} is the one that the client wants. */
static const remedy_row public_rows[] = {
    {REMEDY_SERVER, NULL, "Have a certificate issued that has this name in its subjectAltName.", "$ certbot certonly -d {name}",
     LOWERS_NONE},
};
static const remedy_row private_rows[] = {
    {REMEDY_SERVER, NULL,
     "Have your own CA issue a certificate with this name, for which no public CA issues one. In the extensions that it is given:",
     "subjectAltName = DNS:{name}", LOWERS_NONE},
};
static const remedy_row address_rows[] = {
    {REMEDY_SERVER, NULL,
     "Have a certificate issued for the address, by your own CA (few public ones issue any), or let clients ask by name. In the "
     "extensions that the CA is given:",
     "subjectAltName = IP:{name}", LOWERS_NONE},
};

/* {name} is one of the certificate's. */
static const remedy_row other_name_rows[] = {
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
        if (strchr(one, '*') == NULL && !host_is_address(one) && strchr(one, '.') != NULL)
            return one;
    return NULL;
}

/* ldap_pvt_get_fqdn, in OpenLDAP's libldap. */
static void tell_own_name_of_localhost(const facts *f, verdict *v)
{
    verdict_add_detail(f->arena, v, "It was asked for localhost, for which libldap takes the machine's own name when it compares.");
    verdict_add_remedy(f->arena, v,
                       (remedy){.who = REMEDY_CLIENT,
                                .text = "Call it by an address or by another name than localhost, whichever the certificate has."});
}

static void tell_server_remedies(const facts *f, const char *host, verdict *v)
{
    remedy_given given = {.name = host};
    if (host_is_address(host))
        verdict_add_remedy_rows_with(f, v, address_rows, sizeof address_rows / sizeof *address_rows, &given);
    else if (host_is_public_name(host))
        verdict_add_remedy_rows_with(f, v, public_rows, sizeof public_rows / sizeof *public_rows, &given);
    else
        verdict_add_remedy_rows_with(f, v, private_rows, sizeof private_rows / sizeof *private_rows, &given);
}

/* Not where the certificate has but patterns and addresses: none of those can be asked for. */
static void tell_other_names(const facts *f, const char *names, verdict *v)
{
    if (names == NULL)
        return;
    const char *other = name_to_ask_for(f, names), *of_patterns = strchr(names, '*') == NULL ? "" : " (with one label for the *)";
    verdict_add_remedy(f->arena, v,
                       (remedy){.who = REMEDY_CLIENT,
                                .text = arena_printf(
                                    f->arena, "Use a name that the certificate is for, if that is the server that you mean: %s%s.",
                                    names, of_patterns)});
    if (other != NULL)
        verdict_add_remedy_rows_with(f, v, other_name_rows, sizeof other_name_rows / sizeof *other_name_rows,
                                     &(remedy_given){.name = other});
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
    const char *pattern = host_pattern_text(f->arena, host, found->names);
    if (pattern != NULL)
        verdict_add_detail(f->arena, v, pattern);
    if (f->judgement->took_own_name)
        tell_own_name_of_localhost(f, v);
    else
        tell_other_names(f, found->names, v);
    tell_server_remedies(f, host, v);
    return true;
}

const cause cause_cert_name_mismatch = {.id = "cert-name-mismatch", .where = WHERE_BOTH, .observe = observe};
