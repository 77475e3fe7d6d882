/* sni-missing and sni-unrecognized: the name that the client sends, or does not send (RFC 6066, 3). */
#include "causes/cause.h"
#include "crypto/certificate.h"

#include <string.h>

static void propose_adding(const cause *self, const facts *f, proposal_list *out)
{
    if (client_hello_server_name(f->hello).len != 0)
        return;
    for (size_t i = 0; i < f->evidence->num_names && i < 2; i++)
        proposal_add(out, self, (change){.kind = CHANGE_NAME_ADDED, .name = bytes_from_text(f->evidence->names[i])});
}

/* Without it, or with another that leads to the same address: some servers refuse a hello without a name as well. */
static void propose_removing(const cause *self, const facts *f, proposal_list *out)
{
    bytes_view own = client_hello_server_name(f->hello);
    if (own.len == 0)
        return;
    proposal_add(out, self, (change){.kind = CHANGE_NAME_REMOVED});
    for (size_t i = 0; i < f->evidence->num_names && i < 3; i++)
        if (!bytes_equal(bytes_from_text(f->evidence->names[i]), own))
            proposal_add(out, self, (change){.kind = CHANGE_NAME_ADDED, .name = bytes_from_text(f->evidence->names[i])});
}

static const remedy_row missing_rows[] = {
    {REMEDY_CLIENT, "python", "Pass the name.", "ctx.wrap_socket(sock, server_hostname='{name}')", LOWERS_NONE},
    {REMEDY_CLIENT, "curl", "Ask for the server by its name; where the name does not lead there, say where it is.",
     "$ curl --connect-to {name}:{port}:{host}:{port} https://{name}:{port}/", LOWERS_NONE},
    {REMEDY_CLIENT, "wget", "Ask for the server by its name, and not by its address.", "$ wget https://{name}:{port}/",
     LOWERS_NONE},
    {REMEDY_CLIENT, "node", "Ask for the server by its name, or give it besides.", "https.request({ servername: '{name}', ... })",
     LOWERS_NONE},
    {REMEDY_CLIENT, "openssl, why code", "Leave out -noservername, or give the name.", "$ openssl s_client -servername {name} ...",
     LOWERS_NONE},
    {REMEDY_CLIENT, "openssl, not why code", "Give the name.", "$ openssl s_client -servername {name} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "gnutls-cli", "Give the name.", "$ gnutls-cli --sni-hostname {name} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "perl", "Give the name.", "IO::Socket::SSL->new(SSL_hostname => '{name}', ...)", LOWERS_NONE},
    {REMEDY_CLIENT, "ruby", "Give the name before connecting (Net::HTTP does so by itself, where it is given a name).",
     "ssl.hostname = '{name}'", LOWERS_NONE},
    {REMEDY_CLIENT, "php", "Give the name.", "stream_context_create(['ssl' => ['peer_name' => '{name}', 'SNI_enabled' => true]])",
     LOWERS_NONE},
    {REMEDY_CLIENT, "java, uses jsse.enableSNIExtension", "Leave out -Djsse.enableSNIExtension=false.",
     "$ java -Djsse.enableSNIExtension=true ...", LOWERS_NONE},
    {REMEDY_CLIENT, "Go crypto/tls", "Give the name.", "&tls.Config{ServerName: \"{name}\"}", LOWERS_NONE},
    {REMEDY_CLIENT, "else",
     "Let the client send the server's name (SNI): ask for it by name and not by address, with a TLS library that sends it.", NULL,
     LOWERS_NONE},
    {REMEDY_SERVER, NULL, "Let the server answer a hello without a name with a default certificate.", NULL, LOWERS_NONE},
};

static void tell_missing(const facts *f, const change *c, verdict *v)
{
    const char *reason = f->evidence->host_is_address ? ", because it was given an IP address and no host name" : "";
    v->headline =
        arena_printf(f->arena, "The client sends no server name (SNI)%s, and the server wants one. With the name %s it accepts.",
                     reason, bytes_to_text(f->arena, c->name));
    verdict_add_remedy_rows(f, v, missing_rows, sizeof missing_rows / sizeof *missing_rows);
}

static const remedy_row unrecognized_rows[] = {
    {REMEDY_CLIENT, NULL, "Check the name that the client asks for, and that it leads to this address.", NULL, LOWERS_NONE},
    {REMEDY_SERVER, NULL, "Configure the name on the server, with a certificate for it (nginx: server_name).", NULL, LOWERS_NONE},
};

static void tell_unrecognized(const facts *f, const change *c, verdict *v)
{
    arena *a = f->arena;
    const char *with =
        c->kind == CHANGE_NAME_REMOVED ? "Without a name" : arena_printf(a, "With the name %s", bytes_to_text(a, c->name));
    v->headline = arena_printf(a, "The server does not know the name that the client sends, %s. %s it accepts.",
                               bytes_to_text(a, client_hello_server_name(f->hello)), with);
    if (f->agreeable != NULL && f->agreeable->certificates.num_certificates > 0) {
        const char *names = certificate_names_text(a, f->agreeable->certificates.certificates[0]);
        if (names != NULL)
            verdict_add_detail(a, v, arena_printf(a, "Its certificate is for: %s.", names));
    }
    verdict_add_remedy_rows(f, v, unrecognized_rows, sizeof unrecognized_rows / sizeof *unrecognized_rows);
}

enum { ALERT_UNRECOGNIZED_NAME = 112 };

static bool alert_says_so(const facts *f)
{
    return f->hello != NULL && f->control.kind == ANSWER_ALERT && f->control.alert.description == ALERT_UNRECOGNIZED_NAME;
}

/* The name that is known is not the one that is wanted: no line with it would help. */
static const remedy_row unknown_name_rows[] = {
    {REMEDY_CLIENT, NULL,
     "Ask for the server by a name that it knows; which those are, its owner can tell (nginx: server_name; HAProxy: req_ssl_sni).",
     NULL, LOWERS_NONE},
    {REMEDY_SERVER, NULL, "Configure on the server the name by which clients reach it, or let it answer a hello without a name.",
     NULL, LOWERS_NONE},
};

/* All hellos of ours were refused, and they had the names that lead to the server. */
static const char *names_refused(const facts *f)
{
    enum { NAMES_TRIED_MAX = 2 };
    const evidence *e = f->evidence;
    const char *list = e->host_is_address ? NULL : e->host;
    for (size_t i = 0; i < e->num_names && i < NAMES_TRIED_MAX; i++)
        if (list == NULL)
            list = e->names[i];
        else if (e->host == NULL || strcmp(e->names[i], e->host) != 0)
            list = arena_printf(f->arena, "%s and %s", list, e->names[i]);
    return list;
}

static bool observe_missing(const facts *f, verdict *v)
{
    if (!alert_says_so(f) || !f->all_were_refused || client_hello_server_name(f->hello).len != 0)
        return false;
    const char *refused = names_refused(f);
    v->proof = PROOF_OBSERVED;
    v->headline = "The client sends no server name (SNI), and the server says that it wants one (alert unrecognized_name).";
    if (refused == NULL) {
        verdict_add_remedy_rows(f, v, missing_rows, sizeof missing_rows / sizeof *missing_rows);
        return true;
    }
    v->headline = arena_printf(f->arena, "%s With %s it refuses hellos as well: it wants another name.", v->headline, refused);
    verdict_add_remedy_rows(f, v, unknown_name_rows, sizeof unknown_name_rows / sizeof *unknown_name_rows);
    return true;
}

/* Where even our own hellos are answered with unrecognized_name, and no other name is known to try, the alert is the evidence. */
static bool observe_unrecognized(const facts *f, verdict *v)
{
    if (!alert_says_so(f) || !f->all_were_refused || client_hello_server_name(f->hello).len == 0)
        return false;
    v->proof = PROOF_OBSERVED;
    v->headline = arena_printf(
        f->arena, "The server does not know the name that the client sends, %s, and says so (alert unrecognized_name).",
        bytes_to_text(f->arena, client_hello_server_name(f->hello)));
    verdict_add_remedy_rows(f, v, unrecognized_rows, sizeof unrecognized_rows / sizeof *unrecognized_rows);
    return true;
}

const cause cause_sni_missing = {.id = "sni-missing",
                                 .where = WHERE_CLIENT,
                                 .rank = RANK_NAME,
                                 .observe = observe_missing,
                                 .propose = propose_adding,
                                 .tell = tell_missing};
const cause cause_sni_unrecognized = {.id = "sni-unrecognized",
                                      .where = WHERE_BOTH,
                                      .rank = RANK_NAME,
                                      .observe = observe_unrecognized,
                                      .propose = propose_removing,
                                      .tell = tell_unrecognized};
