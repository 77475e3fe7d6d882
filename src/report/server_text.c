/* What servers accept, for people. */
#include "registry/registry.h"
#include "report/page.h"
#include "report/report.h"
#include "report/server_report.h"

enum { INDENT = 2, INNER = 4, LABEL_WIDTH = 50, NAME_SHOWN_MAX = 200 };

static const char *safe(arena *a, const char *text)
{
    return text_escape(a, bytes_from_text(text), NAME_SHOWN_MAX);
}

bool server_report_has_tls(const server_report *r)
{
    for (size_t i = 0; i < r->num_addresses; i++)
        if (server_speaks_tls(r->addresses[i].server))
            return true;
    return false;
}

static const char *suite_text(arena *a, uint16_t code)
{
    const cipher_suite_row *row = cipher_suite_find(code);
    return row == NULL || row->openssl_name == NULL || row->version_min >= VERSION_TLS13
               ? cipher_suite_name(a, code)
               : arena_printf(a, "%s (%s)", row->name, row->openssl_name);
}

static const char *order_text(const accepted_list *list)
{
    switch (list->order) {
    case ORDER_SERVER:
        return ", in the server's order";
    case ORDER_CLIENT:
        return ", the client's order counts";
    default:
        return "";
    }
}

static void heading(page *p, const char *text)
{
    page_newline(p);
    page_line(p, STYLE_BOLD, 0, text);
}

/* A line of a label and what is known of it. */
static void labelled(page *p, const char *label, const char *value)
{
    size_t gap = text_columns(label) < LABEL_WIDTH ? LABEL_WIDTH - text_columns(label) : 1;
    page_wrapped(p, STYLE_PLAIN, INDENT + LABEL_WIDTH, arena_printf(p->arena, "  %s%*s", label, (int)gap, ""), value);
}

static const char *state_text(page *p, const accepted_list *list)
{
    arena *a = p->arena;
    if (list->accepted == KNOWN_YES)
        return arena_printf(a, "yes: %zu%s%s", list->codes.num_codes, order_text(list),
                            list->is_complete ? "" : "; there may be more");
    return arena_printf(a, "%s (%s)", known_name(list->accepted), refusal_text(a, &list->refusal));
}

static void show_versions(page *p, const server *s)
{
    heading(p, "Versions and cipher suites");
    for (size_t i = SERVER_VERSIONS_MAX; i > 0; i--) {
        const server_version *v = &s->versions[i - 1];
        labelled(p, version_name(p->arena, v->version), state_text(p, &v->suites));
        for (size_t k = 0; k < v->suites.codes.num_codes; k++)
            page_line(p, STYLE_PLAIN, INNER, suite_text(p->arena, v->suites.codes.codes[k]));
    }
}

static void show_list(page *p, const char *label, const accepted_list *list, const char *(*name)(arena *, uint16_t))
{
    enum { ALL = 256 };
    if (list->accepted == KNOWN_YES)
        labelled(p, label,
                 arena_printf(p->arena, "%s%s%s", code_names(p->arena, list->codes, name, ALL), order_text(list),
                              list->is_complete ? "" : "; there may be more"));
    else if (list->refusal.kind != ANSWER_ACCEPTED || list->accepted == KNOWN_NO)
        labelled(p, label, state_text(p, list));
}

static void show_key_exchange(page *p, const server *s)
{
    heading(p, "Groups and signatures");
    show_list(p, "Groups (TLS 1.3)", &s->groups_tls13, group_name);
    show_list(p, "Groups (TLS 1.2)", &s->groups_tls12, group_name);
    for (size_t i = 0; i < s->num_group_sizes; i++)
        labelled(p, "Finite field (DHE up to TLS 1.2)", arena_printf(p->arena, "%zu bits", s->group_sizes[i]));
    show_list(p, "Signature schemes (TLS 1.3)", &s->schemes_tls13, signature_scheme_name);
    show_list(p, "Signature schemes (TLS 1.2)", &s->schemes_tls12, signature_scheme_name);
}

static void show_certificate(page *p, const server_chain *chain, const trust_judgement *j)
{
    certificate_summary leaf;
    arena *a = p->arena;
    if (!certificate_summarise(a, chain->certificates[0], &leaf)) {
        labelled(p, "a certificate that cannot be read", "");
        return;
    }
    page_line(p, STYLE_PLAIN, INDENT,
              arena_printf(a, "%s, valid %s to %s", safe(a, leaf.subject), leaf.not_before_text, leaf.not_after_text));
    page_line(p, STYLE_PLAIN, INNER, arena_printf(a, "%zu sent, issued by %s", chain->num_certificates, safe(a, leaf.issuer)));
    if (chain->schemes.num_codes > 0)
        page_line(p, STYLE_PLAIN, INNER,
                  arena_printf(a, "signs with %s", code_names(a, chain->schemes, signature_scheme_name, 32)));
    if (j != NULL && j->num_findings == 0)
        page_line(p, STYLE_GREEN, INNER, "trusted by this system's store");
    for (size_t i = 0; j != NULL && i < j->num_findings; i++)
        page_line(p, STYLE_RED, INNER,
                  arena_printf(a, "%s%s%s", trust_kind_cause(j->findings[i].kind), j->findings[i].detail == NULL ? "" : ": ",
                               j->findings[i].detail == NULL ? "" : safe(a, j->findings[i].detail)));
}

static void show_facts(page *p, const server *s)
{
    arena *a = p->arena;
    heading(p, "Habits");
    for (size_t i = 0; i < s->num_facts; i++) {
        const server_fact *fact = &s->facts[i];
        const char *detail = fact->detail == NULL ? "" : arena_printf(a, ": %s", safe(a, fact->detail));
        const char *refused = fact->was_refused ? arena_printf(a, " (%s)", refusal_text(a, &fact->refusal)) : "";
        labelled(p, fact->label, arena_printf(a, "%s%s%s", known_name(fact->known), refused, detail));
    }
    for (size_t i = 0; i < s->num_issuers; i++)
        labelled(p, i == 0 ? "Issuers of client certificates" : "", safe(a, s->issuers[i]));
}

static void show_address(page *p, const server_at *at)
{
    const server *s = at->server;
    show_versions(p, s);
    if (s->num_facts > 0)
        show_key_exchange(p, s);
    if (s->num_chains > 0)
        heading(p, "Certificates");
    for (size_t i = 0; i < s->num_chains; i++)
        show_certificate(p, &s->chains[i], at->judgements[i]);
    if (s->num_facts > 0)
        show_facts(p, s);
    if (s->num_lies > 0)
        heading(p, "Where it broke the protocol");
    for (size_t i = 0; i < s->num_lies; i++)
        page_line(p, STYLE_RED, INDENT, safe(p->arena, s->lies[i]));
    if (s->ran_out_of_time)
        page_line(p, STYLE_RED, 0, "Time ran out before all was known; --timeout gives it more.");
}

char *server_report_to_text(arena *a, const server_report *r, bool color, size_t columns)
{
    page p;
    page_init(&p, a, color, columns);
    for (size_t i = 0; i < r->num_addresses; i++) {
        if (i > 0)
            page_newline(&p);
        page_line(&p, STYLE_BOLD, 0,
                  arena_printf(a, "%s port %u (%s), server name %s", safe(a, r->host), r->port, r->addresses[i].address,
                               r->server_name == NULL ? "not sent" : safe(a, r->server_name)));
        show_address(&p, &r->addresses[i]);
    }
    page_newline(&p);
    page_line(&p, STYLE_PLAIN, 0, arena_printf(a, "%zu connections in %.2f s", r->num_connections, (double)r->probing_us / 1e6));
    return page_take(&p);
}
