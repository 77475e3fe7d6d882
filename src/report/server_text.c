/* What servers accept, for people. */
#include "registry/registry.h"
#include "report/page.h"
#include "report/report.h"
#include "report/server_differences.h"

enum { INDENT = 2, INNER = 4, LIST_LABEL_WIDTH = 28, LABEL_WIDTH = 46, NAME_SHOWN_MAX = 200, REFUSED_NAMED_MAX = 20, ALL = 256 };

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

/* IANA's name; OpenSSL's; and GnuTLS's where it is wanted, or the only one. In TLS 1.3 all are the same. */
static const char *suite_text(const page *p, bool with_gnutls, uint16_t code)
{
    const cipher_suite_row *row = cipher_suite_find(code);
    if (row == NULL || row->version_min >= VERSION_TLS13 || (row->openssl_name == NULL && row->gnutls_name == NULL))
        return cipher_suite_name(p->arena, code);
    bool shows_gnutls = row->gnutls_name != NULL && (with_gnutls || row->openssl_name == NULL);
    return arena_printf(p->arena, "%s (%s%s%s%s)", row->name, row->openssl_name == NULL ? "" : row->openssl_name,
                        shows_gnutls && row->openssl_name != NULL ? "; " : "", shows_gnutls ? "GnuTLS " : "",
                        shows_gnutls ? row->gnutls_name : "");
}

static const char *order_text(const accepted_list *list)
{
    switch (list->order) {
    case ORDER_SERVER:
        return list->is_order_settled ? ", in the server's order" : ", in the server's order, of which not all was found out";
    case ORDER_CLIENT:
        return ", the client's order counts";
    case ORDER_MIXED:
        return list->is_order_settled ? ", in the server's order, but among some the client's"
                                      : ", in the server's order, but among some the client's; not all of it was found out";
    default:
        return list->codes.num_codes > 1 ? ", whose order counts is unknown" : "";
    }
}

static void heading(page *p, const char *text)
{
    page_newline(p);
    page_line(p, STYLE_BOLD, 0, text);
}

/* A line of a label and what is known of it. */
static void in_columns(page *p, size_t width, const char *label, const char *value)
{
    size_t gap = text_columns(label) < width ? width - text_columns(label) : 1;
    page_wrapped(p, STYLE_PLAIN, INDENT + width, arena_printf(p->arena, "  %s%*s", label, (int)gap, ""), value);
}

static void labelled(page *p, const char *label, const char *value)
{
    in_columns(p, LABEL_WIDTH, label, value);
}

static void listed(page *p, const char *label, const char *value)
{
    in_columns(p, LIST_LABEL_WIDTH, label, value);
}

/* What became of those that are not in a list of some: by name, where `name` is given and they are few. */
static const char *others_text(page *p, const accepted_list *list, const char *(*name)(arena *, uint16_t))
{
    arena *a = p->arena;
    const char *more = list->is_complete ? "" : "; there may be more";
    if (!accepted_list_has_refusal(list) || list->refused.num_codes == 0)
        return more;
    return arena_printf(a, "%s; %s (%s)", more,
                        name == NULL || list->refused.num_codes > REFUSED_NAMED_MAX
                            ? "others are refused"
                            : arena_printf(a, "refused: %s", code_names(a, list->refused, name, ALL)),
                        safe(a, refusal_text(a, &list->refusal)));
}

static const char *state_text(page *p, const accepted_list *list)
{
    arena *a = p->arena;
    if (list->accepted == KNOWN_YES)
        return arena_printf(a, "yes: %zu%s%s", list->codes.num_codes, order_text(list), others_text(p, list, NULL));
    return arena_printf(a, "%s (%s)", known_name(list->accepted), safe(a, refusal_text(a, &list->refusal)));
}

/* Of a mixed order: among which the client chooses. */
static void show_equals(page *p, const accepted_list *list, const char *(*name)(arena *, uint16_t))
{
    for (size_t i = 0; i < list->num_equals; i++)
        page_wrapped(p, STYLE_PLAIN, 2 * INNER, "    the client's order decides among ",
                     code_names(p->arena, list->equals[i], name, ALL));
}

static void show_versions(page *p, bool with_gnutls, const server *s)
{
    heading(p, "Versions and cipher suites");
    for (size_t i = SERVER_VERSIONS_MAX; i > 0; i--) {
        const server_version *v = &s->versions[i - 1];
        listed(p, version_name(p->arena, v->version), state_text(p, &v->suites));
        for (size_t k = 0; k < v->suites.codes.num_codes; k++)
            page_line(p, STYLE_PLAIN, INNER,
                      v->version == VERSION_SSL2 ? ssl2_cipher_name(p->arena, v->suites.codes.codes[k])
                                                 : suite_text(p, with_gnutls, v->suites.codes.codes[k]));
        show_equals(p, &v->suites, cipher_suite_name);
    }
}

static void show_list(page *p, const char *label, const accepted_list *list, const char *(*name)(arena *, uint16_t))
{
    if (list->accepted == KNOWN_YES) {
        listed(p, label,
               arena_printf(p->arena, "%s%s%s", code_names(p->arena, list->codes, name, ALL), order_text(list),
                            others_text(p, list, name == group_name ? name : NULL)));
        show_equals(p, list, name);
    } else if (list->refusal.kind != ANSWER_ACCEPTED || list->accepted == KNOWN_NO) {
        listed(p, label, state_text(p, list));
    }
}

static const char *sizes_text(arena *a, const server *s)
{
    const char *text = "";
    for (size_t i = 0; i < s->num_group_sizes; i++)
        text = arena_printf(a, "%s%s%zu", text, i == 0 ? "" : ", ", s->group_sizes[i]);
    return arena_printf(a, "%s bits", text);
}

static void show_key_exchange(page *p, const server *s)
{
    heading(p, "Groups, signatures and protocols");
    show_list(p, "Groups (TLS 1.3)", &s->groups_tls13, group_name);
    show_list(p, "Groups (TLS 1.2)", &s->groups_tls12, group_name);
    show_list(p, "DHE groups (TLS 1.2)", &s->finite_field_groups, group_name);
    if (s->num_group_sizes > 0)
        listed(p, "DHE primes (up to TLS 1.2)", sizes_text(p->arena, s));
    show_list(p, "Signature schemes (TLS 1.3)", &s->schemes_tls13, signature_scheme_name);
    show_list(p, "Signature schemes (TLS 1.2)", &s->schemes_tls12, signature_scheme_name);
    show_list(p, "Protocols (ALPN)", &s->protocols, application_protocol_name);
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
    page_line(p, STYLE_PLAIN, INNER,
              arena_printf(a, "%s key of %zu bits, %s; %zu sent, issued by %s", safe(a, leaf.key_type), leaf.key_bits,
                           safe(a, leaf.signature_algorithm), chain->num_certificates, safe(a, leaf.issuer)));
    if (chain->num_timestamps > 0)
        page_line(p, STYLE_PLAIN, INNER, arena_printf(a, "%zu timestamps in it", chain->num_timestamps));
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
        const char *refused = fact->was_refused ? arena_printf(a, " (%s)", safe(a, refusal_text(a, &fact->refusal))) : "";
        labelled(p, fact->label, arena_printf(a, "%s%s%s", known_name(fact->known), refused, detail));
    }
    for (size_t i = 0; i < s->num_issuers; i++)
        labelled(p, i == 0 ? "Issuers of client certificates" : "", safe(a, s->issuers[i]));
}

/* What it is instead. */
static void show_plain_protocol(page *p, const server *s)
{
    enum protocol plain = s->plain_protocol;
    const char *is = plain == PROTOCOL_UNKNOWN ? "in clear, in a protocol that is not known here"
                                               : arena_printf(p->arena, "in plain %s", protocol_name(plain));
    const char *advice =
        protocol_upgrades(plain) ? arena_printf(p->arena, " To upgrade first: --starttls %s.", protocol_name(plain)) : "";
    page_newline(p);
    page_line(p, STYLE_RED, 0, arena_printf(p->arena, "It answers %s.%s", is, advice));
}

static void show_address(page *p, bool with_gnutls, const server_at *at)
{
    const server *s = at->server;
    if (s->answered_in_clear)
        show_plain_protocol(p, s);
    show_versions(p, with_gnutls, s);
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
    if (s->limit != NULL) {
        page_newline(p);
        page_line(p, STYLE_PLAIN, 0, s->limit);
    }
    if (s->ran_out_of_time)
        page_line(p, STYLE_RED, 0, "Time ran out before all was known; --timeout gives it more.");
}

/* How TLS 1.2 was refused tells most: it is what almost any server has. */
static const char *why_no_tls(page *p, const server *s)
{
    const accepted_list *tls12 = &s->versions[SERVER_VERSIONS_MAX - 2].suites;
    return safe(p->arena, refusal_text(p->arena, &tls12->refusal));
}

static const char *name_refusal_text(page *p, const server_report *r, const refusal *of_name)
{
    return arena_printf(p->arena, "it refuses %s: %s",
                        r->server_name == NULL ? "clients that send no server name" : "this server name",
                        refusal_text(p->arena, of_name));
}

/* Of a server that was asked and neither took a hello nor refused it. */
static bool may_have_tls(const server *s)
{
    const accepted_list *tls12 = &s->versions[SERVER_VERSIONS_MAX - 2].suites;
    const refusal *r = &tls12->refusal;
    bool broke_off = r->has_begun && (r->kind == ANSWER_CLOSED || r->kind == ANSWER_RESET);
    return tls12->accepted == KNOWN_UNKNOWN && !r->before_hello && (r->kind == ANSWER_SILENCE || broke_off);
}

static void show_that_there_is_none(page *p, const server_report *r, const server *s)
{
    const refusal *of_name = server_refusal_of_name(s);
    page_newline(p);
    page_line(p, STYLE_RED, 0,
              of_name == NULL
                  ? arena_printf(p->arena, "%s: %s.",
                                 may_have_tls(s) ? "What is to be had is unknown" : "There is no TLS to be had", why_no_tls(p, s))
                  : arena_printf(p->arena, "What is to be had is unknown: %s. To send another: --sni NAME.",
                                 name_refusal_text(p, r, of_name)));
}

static bool means_any(const server_differences *found, enum difference_meaning meaning)
{
    for (size_t i = 0; i < found->num_differences; i++)
        if (server_difference_meaning(&found->differences[i]) == meaning)
            return true;
    return false;
}

static void show_each_difference(page *p, const server_differences *found)
{
    for (size_t i = 0; i < found->num_differences; i++)
        if (!server_difference_follows(found, i) && server_difference_meaning(&found->differences[i]) != MEANS_NOTHING)
            page_line(p, STYLE_PLAIN, INDENT, server_difference_text(p->arena, &found->differences[i], "there", "here"));
}

/* Another address: what is different there. */
static void show_differences(page *p, const server_report *r, const server_at *base, const server_at *other)
{
    arena *a = p->arena;
    const refusal *of_name = server_refusal_of_name(other->server);
    server_differences found = server_address_differences(a, base, other);
    bool has_none = !server_speaks_tls(other->server) && server_speaks_tls(base->server);
    bool differs = has_none || means_any(&found, MEANS_CHANGE);
    page_newline(p);
    page_line(p, STYLE_BOLD, 0,
              arena_printf(a, "%s is %s %s%s", other->address, differs ? "different from" : "the same as", base->address,
                           !differs && means_any(&found, MEANS_UNKNOWN) ? ", as far as both are known" : ""));
    if (has_none)
        page_line(p, STYLE_RED, INDENT,
                  of_name == NULL ? arena_printf(a, "no TLS there: %s", why_no_tls(p, other->server))
                                  : name_refusal_text(p, r, of_name));
    else
        show_each_difference(p, &found);
    server_differences_free(&found);
}

char *server_report_to_text(arena *a, const server_report *r, bool color, size_t columns, bool with_gnutls)
{
    page p;
    size_t base = server_report_base(r);
    page_init(&p, a, color, columns);
    page_line(&p, STYLE_BOLD, 0,
              arena_printf(a, "%s port %u (%s%s%s), server name %s", safe(a, r->host), r->port, r->proxy == NULL ? "" : "by ",
                           r->proxy == NULL ? "" : safe(a, r->proxy), r->proxy == NULL ? r->addresses[base].address : "",
                           r->server_name == NULL ? "not sent" : safe(a, r->server_name)));
    if (!server_report_has_tls(r))
        show_that_there_is_none(&p, r, r->addresses[base].server);
    show_address(&p, with_gnutls, &r->addresses[base]);
    for (size_t i = 0; i < r->num_addresses; i++)
        if (i != base)
            show_differences(&p, r, &r->addresses[base], &r->addresses[i]);
    page_newline(&p);
    page_line(&p, STYLE_PLAIN, 0,
              arena_printf(a, "%zu connection%s in %.2f s", r->num_connections, r->num_connections == 1 ? "" : "s",
                           (double)r->probing_us / 1e6));
    return page_take(&p);
}
