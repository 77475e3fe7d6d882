/* not-tls, starttls-needed and client-speaks-plain: one side talks TLS, the other does not. */
#include "causes/cause.h"

static enum protocol greeting_of(const conversation *c)
{
    return protocol_of_greeting(c->server_first_bytes, c->port);
}

static const remedy_row not_tls_rows[] = {
    {REMEDY_CLIENT, NULL,
     "Check the port: TLS is usually on another one (HTTPS 443, IMAPS 993, POP3S 995, SMTPS 465), or speak the port's own "
     "protocol.",
     NULL, LOWERS_NONE},
    {REMEDY_SERVER, NULL, "Turn TLS on for this port (nginx: listen PORT ssl).", NULL, LOWERS_NONE},
};

/* The server's answer to a hello is in clear. */
static bool observe_not_tls(const facts *f, verdict *v)
{
    const conversation *c = f->evidence->failed;
    if (c == NULL || !c->client_spoke_tls || c->server_spoke_tls || c->server_first_bytes.len == 0)
        return false;
    enum protocol p = greeting_of(c);
    v->proof = PROOF_OBSERVED;
    v->headline =
        p == PROTOCOL_UNKNOWN
            ? arena_printf(f->arena, "%s does not speak TLS: it answers the client's hello in another protocol.", facts_target(f))
            : arena_printf(f->arena, "%s does not speak TLS: it answers the client's hello in plain %s.", facts_target(f),
                           protocol_name(p));
    verdict_add_remedy_rows(f, v, not_tls_rows, sizeof not_tls_rows / sizeof *not_tls_rows);
    return true;
}

typedef struct upgrade_advice {
    enum protocol protocol;
    const char *text; /* what upgrades */
} upgrade_advice;

static const upgrade_advice upgrade_advices[] = {
    {PROTOCOL_SMTP, "openssl s_client -starttls smtp, curl --ssl-reqd smtp://..., Python smtplib.SMTP(...).starttls()"},
    {PROTOCOL_IMAP, "openssl s_client -starttls imap, curl --ssl-reqd imap://..., Python imaplib.IMAP4(...).starttls()"},
    {PROTOCOL_POP3, "openssl s_client -starttls pop3, curl --ssl-reqd pop3://..., Python poplib.POP3(...).stls()"},
    {PROTOCOL_FTP, "openssl s_client -starttls ftp, curl --ssl-reqd ftp://..., Python ftplib.FTP_TLS(...).auth()"},
    {PROTOCOL_LDAP, "openssl s_client -starttls ldap, ldapsearch -ZZ -H ldap://..., curl --ssl-reqd ldap://..."},
    {PROTOCOL_LMTP, "openssl s_client -starttls lmtp"},
    {PROTOCOL_XMPP, "openssl s_client -starttls xmpp -xmpphost DOMAIN"},
    {PROTOCOL_POSTGRESQL,
     "openssl s_client -starttls postgres; PostgreSQL's clients do it by themselves, with sslmode=verify-full"},
    {PROTOCOL_MYSQL, "openssl s_client -starttls mysql; MySQL's clients do it by themselves, with --ssl-mode=VERIFY_IDENTITY"},
    {PROTOCOL_SIEVE, "openssl s_client -starttls sieve"},
    {PROTOCOL_NNTP, "openssl s_client -starttls nntp, Python nntplib.NNTP(...).starttls()"},
    {PROTOCOL_IRC, "openssl s_client -starttls irc"},
    {PROTOCOL_RDP, "clients of the remote desktop protocol do it by themselves"},
};

static const char *upgrade_advice_of(enum protocol p)
{
    for (size_t i = 0; i < sizeof upgrade_advices / sizeof *upgrade_advices; i++)
        if (upgrade_advices[i].protocol == p)
            return upgrade_advices[i].text;
    return "the protocol's own command";
}

/* Told once the upgrade was tried and worked; `c->code` is the protocol. */
static void tell_starttls(const facts *f, const change *c, verdict *v)
{
    arena *a = f->arena;
    enum protocol p = (enum protocol)c->code;
    v->headline = arena_printf(a,
                               "%s speaks %s, which begins in clear and upgrades to TLS (STARTTLS); the client began with TLS at "
                               "once. Upgraded first, the same hello is accepted.",
                               facts_target(f), protocol_name(p));
    verdict_add_remedy(a, v,
                       (remedy){.who = REMEDY_CLIENT,
                                .lowers_security = LOWERS_NONE,
                                .text = arena_printf(a, "Let the client upgrade: %s; or use the port that begins with TLS.",
                                                     upgrade_advice_of(p))});
}

static const remedy_row http_rows[] = {
    {REMEDY_CLIENT, NULL, "Use https:// in place of http:// (or the client's option for TLS).", NULL, LOWERS_NONE},
    {REMEDY_SERVER, NULL, "Redirect plain requests: nginx has error_page 497 for requests in clear to a TLS port.", NULL,
     LOWERS_NONE},
};
static const remedy_row plain_rows[] = {
    {REMEDY_CLIENT, "redis-cli", "Tell it to begin with TLS; by itself it does not.",
     "$ redis-cli --tls --cacert ca.pem -h {host} -p {port} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "ldapsearch", "Use ldaps:// in place of ldap://.", "$ ldapsearch -H ldaps://{host}:{port} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "else",
     "Use the client's option for TLS, or the scheme that begins with it: ldaps://, imaps://, pop3s://, smtps://, rediss://, "
     "mqtts://, amqps://.",
     NULL, LOWERS_NONE},
};

enum { QUOTED_LEN_MAX = 200 };

/* The server said so itself, in the protocol `p`. */
static void tell_plain_before_upgrade(const facts *f, enum protocol p, verdict *v)
{
    arena *a = f->arena;
    bytes_view demand = conversation_demand_for_tls(f->evidence->failed);
    v->headline =
        arena_printf(a,
                     "The client speaks plain %s to %s and does not ask for TLS (STARTTLS), which the server wants first. "
                     "Upgraded so, a TLS hello is accepted.",
                     protocol_name(p), facts_target(f));
    verdict_add_detail(a, v, arena_printf(a, "The server said: %s", bytes_to_text(a, bytes_slice(demand, 0, QUOTED_LEN_MAX))));
    verdict_add_remedy(a, v,
                       (remedy){.who = REMEDY_CLIENT,
                                .lowers_security = LOWERS_NONE,
                                .text = arena_printf(a, "Let the client upgrade: %s; or use the port that begins with TLS.",
                                                     upgrade_advice_of(p))});
}

/* `c`: the upgrade after which TLS was accepted, its code the protocol; NULL where it was accepted at once. */
static void tell_plain(const facts *f, const change *c, verdict *v)
{
    const conversation *failed = f->evidence->failed;
    enum protocol p = conversation_protocol_in_clear(failed);
    v->proof = failed->client_len == 0 ? PROOF_INFERRED : PROOF_OBSERVED;
    if (c != NULL) {
        tell_plain_before_upgrade(f, (enum protocol)c->code, v);
        return;
    }
    if (failed->client_len == 0)
        v->headline = arena_printf(f->arena,
                                   "The client says nothing to %s and waits for it to begin, as in plain SMTP, IMAP or FTP; the "
                                   "server waits for TLS. A TLS hello is accepted there.",
                                   facts_target(f));
    else
        v->headline = arena_printf(f->arena, "The client speaks plain %s to %s, which wants TLS%s. A TLS hello is accepted there.",
                                   p == PROTOCOL_UNKNOWN ? "text" : protocol_name(p), facts_target(f),
                                   p == PROTOCOL_HTTP ? ": https:// and not http://" : "");
    if (p == PROTOCOL_HTTP || p == PROTOCOL_HTTP2)
        verdict_add_remedy_rows(f, v, http_rows, sizeof http_rows / sizeof *http_rows);
    else
        verdict_add_remedy_rows(f, v, plain_rows, sizeof plain_rows / sizeof *plain_rows);
}

const cause cause_not_tls = {.id = "not-tls", .where = WHERE_SERVER, .observe = observe_not_tls};
const cause cause_starttls_needed = {.id = "starttls-needed", .where = WHERE_CLIENT, .tell = tell_starttls};
const cause cause_client_speaks_plain = {.id = "client-speaks-plain", .where = WHERE_CLIENT, .tell = tell_plain};
