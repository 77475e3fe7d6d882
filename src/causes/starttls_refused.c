/* starttls-refused: the client asked to upgrade to TLS, and the server said no, or does not do it. */
#include "causes/cause.h"

static const remedy_row rows[] = {
    /* RFC 8314, 3; the others: the IANA registry of service names */
    {REMEDY_CLIENT, "speaks smtp", "Use the port that begins with TLS, where the server has it: 465.", NULL, LOWERS_NONE},
    {REMEDY_CLIENT, "speaks imap", "Use the port that begins with TLS, where the server has it: 993.", NULL, LOWERS_NONE},
    {REMEDY_CLIENT, "speaks pop3", "Use the port that begins with TLS, where the server has it: 995.", NULL, LOWERS_NONE},
    {REMEDY_CLIENT, "speaks ldap", "Use the port that begins with TLS, where the server has it: 636.", NULL, LOWERS_NONE},
    {REMEDY_CLIENT, "speaks ftp", "Use the port that begins with TLS, where the server has it: 990.", NULL, LOWERS_NONE},
    {REMEDY_CLIENT, NULL, "Do not go on in clear: anybody on the way can read and change it.", NULL, LOWERS_NONE},
    {REMEDY_SERVER, NULL, "Give the service a certificate and a key, and switch its TLS on.", NULL, LOWERS_NONE},
    /* From the manuals of the servers that are met most. */
    {REMEDY_SERVER, "speaks smtp", "In Postfix (postconf(5)):", "smtpd_tls_security_level = may", LOWERS_NONE},
    {REMEDY_SERVER, "speaks imap", "In Dovecot:", "ssl = yes", LOWERS_NONE},
    {REMEDY_SERVER, "speaks pop3", "In Dovecot:", "ssl = yes", LOWERS_NONE},
    {REMEDY_SERVER, "speaks ftp", "In vsftpd (vsftpd.conf(5)):", "ssl_enable=YES", LOWERS_NONE},
    {REMEDY_SERVER, "speaks postgresql", "In postgresql.conf:", "ssl = on", LOWERS_NONE},
};

static const remedy_row rows_of_streams[] = {
    /* RFC 6120, 4.9.3 */
    {REMEDY_CLIENT, "speaks xmpp",
     "Open the stream to a domain that the server serves (host-unknown: not to that one); from one server to another, on the port "
     "for servers (invalid-namespace).",
     NULL, LOWERS_NONE},
};

static const char *how(arena *a, const conversation *c)
{
    const preamble *p = &c->preamble;
    if (p->refused && p->refusal.len > 0)
        return arena_printf(a, "it answers \"%s\"", bytes_to_text(a, p->refusal));
    if (p->refused)
        return "it says no";
    if (c->has_first_end && c->first_end == SIDE_SERVER)
        return c->end[SIDE_SERVER] == STREAM_RESET ? "it resets the connection instead of an answer"
                                                   : "it ends the connection instead of an answer";
    return "it had not answered when the client gave up";
}

/* What it says is about the dialog and not about TLS: a certificate would not help. */
static void tell_ended_before(const facts *f, const conversation *c, verdict *v)
{
    arena *a = f->arena;
    v->proof = PROOF_OBSERVED;
    v->headline = arena_printf(a, "%s ends the client's %s before TLS can begin: it says \"%s\".", facts_target(f),
                               protocol_name(c->preamble.protocol), bytes_to_text(a, c->preamble.refusal));
    verdict_add_remedy_rows(f, v, rows_of_streams, sizeof rows_of_streams / sizeof *rows_of_streams);
}

static bool observe(const facts *f, verdict *v)
{
    const conversation *c = f->evidence->failed;
    if (c == NULL || !preamble_was_in_vain(&c->preamble) || !protocol_upgrades(c->preamble.protocol))
        return false;
    arena *a = f->arena;
    enum protocol p = c->preamble.protocol;
    if (c->preamble.not_offered && c->preamble.refused) {
        tell_ended_before(f, c, v);
        return true;
    }
    if (c->preamble.not_offered) {
        v->proof = PROOF_INFERRED;
        v->headline = arena_printf(a,
                                   "%s speaks %s and does not offer to upgrade it to TLS; the client looked at what is offered and "
                                   "left. That it left for want of TLS is what its command or its message has to say.",
                                   facts_target(f), protocol_name(p));
    } else {
        v->proof = PROOF_OBSERVED;
        v->headline = arena_printf(a, "The client asks %s to upgrade %s to TLS, and the server does not: %s. TLS never began.",
                                   facts_target(f), protocol_name(p), how(a, c));
    }
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    return true;
}

const cause cause_starttls_refused = {.id = "starttls-refused", .where = WHERE_SERVER, .observe = observe};
