/* What a server says in clear to a client that has to begin TLS first. */
#include "flow/conversation.h"
#include "flow/preamble_kinds.h"

static const char no_login[] = "its list of what it can do has no way to log in in clear";

/* RFC 9051, 6.2.3: no password is taken, and by an upgrade that changes. */
static bool imap_lists_no_login(bytes_view said)
{
    return bytes_contain_ignoring_case(said, " LOGINDISABLED") && bytes_contain_ignoring_case(said, " STARTTLS");
}

/* RFC 2449, 6.2 and 6.3: of the list's ways to log in there is none; RFC 2595, 4: but one to upgrade. */
static bool pop3_lists_no_login(bytes_view said)
{
    bool upgrades = false, logs_in = false, is_whole = false;
    bytes_view line;
    for (size_t offset = 0; text_line(said, &offset, &line);) {
        upgrades = upgrades || text_is_command(line, "STLS");
        logs_in = logs_in || text_is_command(line, "USER") || bytes_start_with_ignoring_case(line, "SASL ");
        is_whole = is_whole || text_is_command(line, ".");
    }
    return upgrades && !logs_in && is_whole;
}

static bytes_view demand_of_mail(bytes_view said, bool lists_no_login)
{
    bytes_view line = line_that_demands_tls(said);
    return line.len == 0 && lists_no_login ? bytes_from_text(no_login) : line;
}

static bytes_view demand_in(enum protocol p, bytes_view said)
{
    switch (p) {
    case PROTOCOL_LDAP:
        return ldap_demand_for_tls(said);
    case PROTOCOL_MYSQL:
        return mysql_demand_for_tls(said);
    case PROTOCOL_POSTGRESQL:
        return postgresql_demand_for_tls(said);
    case PROTOCOL_IMAP:
        return demand_of_mail(said, imap_lists_no_login(said));
    case PROTOCOL_POP3:
        return demand_of_mail(said, pop3_lists_no_login(said));
    default:
        return protocol_upgrades(p) ? line_that_demands_tls(said) : bytes_from(NULL, 0);
    }
}

enum protocol conversation_protocol_in_clear(const conversation *c)
{
    if (!c->preamble.complete && protocol_upgrades(c->preamble.protocol))
        return c->preamble.protocol;
    enum protocol greeted = protocol_of_greeting(c->server_first_bytes, c->port);
    return protocol_upgrades(greeted) ? greeted : protocol_of_request(c->client_first_bytes);
}

/* What the server said in the exchange that is not over. */
static bytes_view said_last(const conversation *c)
{
    size_t client_len = 0, server_len = 0;
    preamble_tunnel_lens(&c->preamble, &client_len, &server_len);
    bytes_view last = bytes_slice(c->preamble.server_bytes, server_len, c->preamble.server_bytes.len);
    return c->preamble.complete || last.len == 0 ? c->server_first_bytes : last;
}

bytes_view conversation_demand_for_tls(const conversation *c)
{
    bool is_in_clear = !c->client_spoke_tls && !c->server_spoke_tls && !preamble_was_in_vain(&c->preamble);
    return is_in_clear ? demand_in(conversation_protocol_in_clear(c), said_last(c)) : bytes_from(NULL, 0);
}

bool conversation_has_word_of_server(const conversation *c)
{
    size_t client_len = 0, server_len = 0;
    preamble_tunnel_lens(&c->preamble, &client_len, &server_len);
    return c->server_len > (c->preamble.complete ? c->preamble.server_bytes.len : server_len);
}
