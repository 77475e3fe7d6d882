/* A run as text for a terminal. */
#include "report/page.h"
#include "report/report.h"
#include "report/story.h"

#include "registry/registry.h"
#include <string.h>

#define SENTENCE_SHOWN_MAX ((size_t)4000)
enum { INDENT = 2, ROW_INDENT = 4, STACKED_INDENT = 6, VERSION_COLUMN = 10, RESULT_WIDTH = 30, LABEL_WIDTH_MIN = 30 };

static const uint16_t table_versions[] = {VERSION_SSL3, VERSION_TLS10, VERSION_TLS11, VERSION_TLS12, VERSION_TLS13};
#define NUM_TABLE_VERSIONS (sizeof table_versions / sizeof *table_versions)

static const char *safe(page *p, const char *text)
{
    return text_escape(p->arena, bytes_from_text(text), SENTENCE_SHOWN_MAX);
}

static bool is_told_failure(const report_connection *c)
{
    return c->outcome == OUTCOME_FAILED;
}

static size_t count_failed(const report *r)
{
    size_t count = 0;
    for (size_t i = 0; i < r->num_connections; i++)
        if (is_told_failure(&r->connections[i]))
            count += 1 + r->connections[i].num_more;
    return count;
}

/* Connections that count as TLS: those that worked and those that failed. */
static size_t count_wanted(const report *r)
{
    size_t count = r->num_more_ok;
    for (size_t i = 0; i < r->num_connections; i++)
        if (r->connections[i].outcome == OUTCOME_FAILED || r->connections[i].outcome == OUTCOME_OK)
            count += 1 + r->connections[i].num_more;
    return count;
}

static void section(page *p, const char *title)
{
    page_newline(p);
    page_line(p, STYLE_PLAIN, INDENT, title);
}

/* ---- the versions of both -------------------------------------------------------------------------------------------- */

/* x, - or ?: had, not had, not known. */
static void version_row_text(page *p, const char *who, code_list has, code_list lacks)
{
    page_printf(p, "%*s%-9s", ROW_INDENT, "", who);
    for (size_t i = 0; i < NUM_TABLE_VERSIONS; i++) {
        bool yes = codes_contain(has, table_versions[i]), no = codes_contain(lacks, table_versions[i]);
        page_printf(p, "%*s", VERSION_COLUMN / 2, "");
        page_text(p, yes ? STYLE_GREEN : no ? STYLE_RED : STYLE_PLAIN, yes ? "x" : no ? "-" : "?");
        page_printf(p, "%*s", VERSION_COLUMN / 2 - 1, "");
    }
    page_newline(p);
}

/* A hello before TLS 1.3 names its highest version alone: what is below that is not known. */
static code_list versions_not_offered(page *p, const client_hello *hello, code_list offered)
{
    code_list all = codes_from(p->arena, table_versions, NUM_TABLE_VERSIONS), not_offered = {0};
    not_offered.codes = ARENA_ARRAY(p->arena, NUM_TABLE_VERSIONS, uint16_t);
    bool states_all = client_hello_version_min_stated(hello) != 0;
    for (size_t i = 0; i < all.num_codes; i++)
        if (!codes_contain(offered, all.codes[i]) && (states_all || all.codes[i] > codes_max(offered)))
            not_offered.codes[not_offered.num_codes++] = all.codes[i];
    return not_offered;
}

static void version_header(page *p)
{
    page_printf(p, "%*s%-9s", ROW_INDENT, "", "");
    for (size_t i = 0; i < NUM_TABLE_VERSIONS; i++)
        page_printf(p, "  %-8s", version_name(p->arena, table_versions[i]));
    page_newline(p);
}

/* The same row where the terminal is too narrow for the table. */
static void version_row_words(page *p, const char *who, code_list has, code_list lacks)
{
    const char *words = "";
    for (size_t i = 0; i < NUM_TABLE_VERSIONS; i++) {
        bool yes = codes_contain(has, table_versions[i]), no = codes_contain(lacks, table_versions[i]);
        words = arena_printf(p->arena, "%s%s%s %s", words, i == 0 ? "" : ", ", version_name(p->arena, table_versions[i]),
                             yes  ? "x"
                             : no ? "-"
                                  : "?");
    }
    page_wrapped(p, STYLE_PLAIN, ROW_INDENT + 8, arena_printf(p->arena, "%*s%s", ROW_INDENT, "", who), words);
}

static void version_table(page *p, const report_connection *c)
{
    enum { TABLE_WIDTH = ROW_INDENT + 9 + (int)NUM_TABLE_VERSIONS * VERSION_COLUMN - 1 };
    const verdict *v = c->verdict;
    const conversation *failed = c->evidence->failed;
    if (failed == NULL || !failed->has_hello || v->server_versions.num_codes + v->server_versions_refused.num_codes == 0)
        return;
    page_newline(p);
    void (*row)(page *, const char *, code_list, code_list) = p->columns < TABLE_WIDTH ? version_row_words : version_row_text;
    if (row == version_row_text)
        version_header(p);
    const client_hello *hello = &failed->hello;
    bool states_all = client_hello_version_min_stated(hello) != 0;
    code_list offered = states_all ? client_hello_versions(p->arena, hello) : codes_one(p->arena, client_hello_version_max(hello));
    row(p, "client", offered, versions_not_offered(p, hello, offered));
    /* Where no hello at all was accepted, it was not for its version. */
    code_list none = {.num_codes = 0};
    row(p, "server", v->server_versions, v->server_versions.num_codes == 0 ? none : v->server_versions_refused);
}

/* ---- the proof --------------------------------------------------------------------------------------------------------- */

typedef struct proof_layout {
    size_t label, result; /* columns */
    bool stacked;         /* too narrow for a table: the result goes below its label */
} proof_layout;

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static const char *figures_of(page *p, const experiment *e)
{
    return arena_printf(p->arena, "%zu of %zu", e->agreed, e->times);
}

static proof_layout proof_layout_of(page *p, const verdict *v)
{
    size_t label = 0, result = 0, figures = 0;
    for (size_t i = 0; i < v->num_experiments; i++) {
        label = larger(label, text_columns(safe(p, v->experiments[i].label)));
        result = larger(result, text_columns(safe(p, v->experiments[i].result)));
        figures = larger(figures, text_columns(figures_of(p, &v->experiments[i])));
    }
    size_t taken = ROW_INDENT + 2 + 2 + figures, room = p->columns > taken ? p->columns - taken : 0;
    if (result < RESULT_WIDTH && label + RESULT_WIDTH <= room)
        result = RESULT_WIDTH;
    if (label + result <= room)
        return (proof_layout){.label = label, .result = result};
    if (LABEL_WIDTH_MIN + result <= room)
        return (proof_layout){.label = room - result, .result = result};
    return (proof_layout){.stacked = true};
}

static void experiment_row(page *p, const experiment *e, proof_layout layout)
{
    const char *label = safe(p, e->label), *result = safe(p, e->result);
    if (layout.stacked) {
        page_wrapped(p, STYLE_PLAIN, ROW_INDENT, "", label);
        page_wrapped(p, STYLE_PLAIN, STACKED_INDENT, "", arena_printf(p->arena, "%s, %s", result, figures_of(p, e)));
        return;
    }
    if (text_columns(label) > layout.label) {
        page_wrapped(p, STYLE_PLAIN, ROW_INDENT, "", label);
        label = "";
    }
    page_printf(p, "%*s", ROW_INDENT, "");
    page_padded(p, label, layout.label);
    page_printf(p, "  ");
    page_padded(p, result, layout.result);
    page_printf(p, "  %s\n", figures_of(p, e));
}

static const char *proof_title(page *p, const verdict *v)
{
    const char *figures = arena_printf(p->arena, "(%zu connection%s, %.2f s)", v->num_connections,
                                       v->num_connections == 1 ? "" : "s", (double)v->probing_us / 1e6);
    switch (v->proof) {
    case PROOF_EXPERIMENT:
        return arena_printf(p->arena, "Proof  %s", figures);
    case PROOF_OBSERVED:
        return v->num_experiments > 0 ? arena_printf(p->arena, "Seen on the wire, and tried  %s", figures) : "Seen";
    case PROOF_INFERRED:
        return arena_printf(p->arena, "Inferred from what was seen; no change was tried  %s", figures);
    case PROOF_NONE:
        return arena_printf(p->arena, "Tried  %s", figures);
    }
    return "";
}

static void proof_section(page *p, const verdict *v)
{
    if (v->num_experiments == 0)
        return;
    section(p, proof_title(p, v));
    proof_layout layout = proof_layout_of(p, v);
    for (size_t i = 0; i < v->num_experiments; i++)
        experiment_row(p, &v->experiments[i], layout);
}

static bool is_always_the_same(const verdict *v)
{
    for (size_t i = 0; i < v->num_seen; i++)
        if ((v->seen[i].control_worked > 0 && v->seen[i].control_failed > 0) ||
            (v->seen[i].change_worked > 0 && v->seen[i].change_failed > 0))
            return false;
    return true;
}

static const char *seen_text(page *p, const seen *s)
{
    return arena_printf(p->arena, "unchanged: failed %zu of %zu; changed: failed %zu of %zu", s->control_failed,
                        s->control_failed + s->control_worked, s->change_failed, s->change_failed + s->change_worked);
}

/* By address, where there are several, or where it is not always the same. */
static void seen_section(page *p, const verdict *v)
{
    if (v->num_seen <= 1 && is_always_the_same(v))
        return;
    section(p, "By address");
    size_t address = 0, figures = 0;
    for (size_t i = 0; i < v->num_seen; i++) {
        address = larger(address, text_columns(safe(p, v->seen[i].address)));
        figures = larger(figures, text_columns(seen_text(p, &v->seen[i])));
    }
    for (size_t i = 0; i < v->num_seen; i++) {
        const char *shown = safe(p, v->seen[i].address), *told = seen_text(p, &v->seen[i]);
        page_printf(p, "%*s", ROW_INDENT, "");
        if (ROW_INDENT + address + 2 + figures > p->columns) {
            page_printf(p, "%s\n", shown);
            page_wrapped(p, STYLE_PLAIN, STACKED_INDENT, "", told);
            continue;
        }
        page_padded(p, shown, address + 2);
        page_printf(p, "%s\n", told);
    }
}

/* ---- what was seen, what to do ------------------------------------------------------------------------------------------- */

static void event_row(page *p, const report_connection *c, const event *e)
{
    enum { WRAPPED_INDENT = 24, COLUMNS_FOR_IT = 60 };
    const char *first =
        arena_printf(p->arena, "%*s%8.1f ms  %-6s  ", ROW_INDENT, "", (double)(e->at_us - c->began_us) / 1e3, side_name(e->side));
    const char *words = event_words(p->arena, e, c->evidence->failed);
    if (e->len > 0)
        words = arena_printf(p->arena, "%s, %zu bytes", words, e->len);
    page_wrapped(p, STYLE_PLAIN, p->columns < COLUMNS_FOR_IT ? STACKED_INDENT : WRAPPED_INDENT, first, safe(p, words));
}

/* The beginning and the end: who ended it, and how, is never what is left out. */
static void timeline_section(page *p, const report_connection *c)
{
    enum { SHOWN_FIRST = 16, SHOWN_LAST = 8 };
    const conversation *failed = c->evidence->failed;
    if (failed == NULL || failed->num_events == 0)
        return;
    section(p, "What was seen");
    size_t num = failed->num_events, left_out = num > SHOWN_FIRST + SHOWN_LAST ? num - SHOWN_FIRST - SHOWN_LAST : 0;
    for (size_t i = 0; i < num; i++) {
        if (left_out > 0 && i == SHOWN_FIRST) {
            page_printf(p, "%*s... %zu more ...\n", ROW_INDENT, "", left_out);
            i += left_out;
        }
        event_row(p, c, &failed->events[i]);
    }
    if (failed->num_events_dropped > 0)
        page_printf(p, "%*s... and %zu more\n", ROW_INDENT, "", failed->num_events_dropped);
    for (size_t i = 0; i < failed->findings.num_findings && i < SHOWN_FIRST; i++)
        page_wrapped(p, STYLE_PLAIN, ROW_INDENT, "", safe(p, failed->findings.findings[i].text));
}

static void details_section(page *p, const verdict *v)
{
    if (v->num_details > 0)
        page_newline(p);
    for (size_t i = 0; i < v->num_details; i++)
        page_wrapped(p, STYLE_PLAIN, INDENT, "", safe(p, v->details[i]));
}

static void also_section(page *p, const verdict *v)
{
    if (v->num_also == 0)
        return;
    const char *list = v->also[0];
    for (size_t i = 1; i < v->num_also; i++)
        list = arena_printf(p->arena, "%s, %s", list, v->also[i]);
    page_newline(p);
    page_wrapped(p, STYLE_PLAIN, INDENT, "", arena_printf(p->arena, "Also in the way: %s.", list));
}

static void why_section(page *p, const verdict *v)
{
    if (v->why.kind == WHY_UNKNOWN || v->why.detail == NULL)
        return;
    section(p, "Why the client lacks it");
    page_wrapped(p, STYLE_PLAIN, ROW_INDENT, "", safe(p, v->why.detail));
    if (v->why.file != NULL)
        page_printf(p, "%*s%s%s", ROW_INDENT, "", safe(p, v->why.file),
                    v->why.line > 0 ? arena_printf(p->arena, ":%d\n", v->why.line) : "\n");
}

/* Where the title does not say it of all. What is for the server cannot be tried here. */
static bool is_said_to_be_untried(const remedy *r, bool any_tried)
{
    return any_tried && !r->verified && r->who != REMEDY_SERVER && (r->command != NULL || r->line != NULL);
}

static void remedy_text(page *p, const remedy *r, bool any_tried)
{
    const char *cost = r->lowers_security == LOWERS_NONE
                           ? ""
                           : arena_printf(p->arena, " (Lowers the security of %s.)", lowers_security_name(r->lowers_security));
    const char *tried = r->is_verified_by_hello               ? " (Tried with a hello alone: the server accepts it.)"
                        : r->verified                         ? " (Tried here: it works.)"
                        : is_said_to_be_untried(r, any_tried) ? " (Not tried.)"
                                                              : "";
    page_wrapped(p, STYLE_PLAIN, ROW_INDENT + 8, arena_printf(p->arena, "    %-7s", remedy_owner_name(r->who)),
                 arena_printf(p->arena, "%s%s%s", safe(p, r->text), cost, tried));
    if (r->command != NULL) /* in one line, however long: to be copied */
        page_printf(p, "%*s$ %s\n", ROW_INDENT + 8, "", safe(p, r->command));
    if (r->line != NULL)
        page_printf(p, "%*s%s\n", ROW_INDENT + 8, "", safe(p, r->line));
}

static void remedies_section(page *p, const verdict *v)
{
    bool any_tried = false;
    for (size_t i = 0; i < v->num_remedies; i++)
        any_tried = any_tried || v->remedies[i].verified;
    if (v->num_remedies == 0)
        return;
    section(p, any_tried ? "What to do" : "What to do  (not tried here)");
    for (size_t i = 0; i < v->num_remedies; i++)
        remedy_text(p, &v->remedies[i], any_tried);
}

/* ---- connections ----------------------------------------------------------------------------------------------------------- */

static size_t count_same(const report *r, size_t index)
{
    size_t count = r->connections[index].num_more;
    for (size_t i = 0; i < r->num_connections; i++)
        if (is_told_failure(&r->connections[i]) && r->connections[i].same_as == index + 1)
            count += 1 + r->connections[i].num_more;
    return count;
}

/* ": at ::1, 192.0.2.7"; "" where all were at the one that is named. */
static const char *other_addresses(page *p, const report *r, size_t index)
{
    const char *list = "";
    for (size_t i = index + 1; i < r->num_connections; i++) {
        const report_connection *c = &r->connections[i];
        const char *first = r->connections[index].address;
        bool is_another = c->address != NULL && first != NULL && strcmp(c->address, first) != 0;
        if (is_told_failure(c) && c->same_as == index + 1 && is_another && strstr(list, c->address) == NULL)
            list = arena_printf(p->arena, "%s%s%s", list, list[0] == 0 ? ": at " : ", ", c->address);
    }
    return list;
}

/* What the name in the title is from, where the client did not send it itself; NULL where it did, or there is none. */
static const char *name_source(const report_connection *c)
{
    static const char *const words[] = {[HOST_FROM_NOTHING] = NULL,
                                        [HOST_FROM_SNI] = NULL,
                                        [HOST_FROM_CONNECT] = "what the proxy was asked for",
                                        [HOST_FROM_DNS] = "the DNS answer that led to the address",
                                        [HOST_FROM_HOSTS_FILE] = "/etc/hosts",
                                        [HOST_FROM_ARGUMENT] = "an argument of the command"};
    const evidence *e = c->evidence;
    return e->host == NULL || e->host_is_address || c->address == NULL ? NULL : words[e->host_from];
}

static void failure_title(page *p, const report_connection *c)
{
    const char *title = connection_title(p->arena, c), *from = arena_printf(p->arena, "from %s", process_title(p->arena, c));
    page_newline(p);
    bool fits = INDENT + text_columns(title) + 3 + text_columns(from) <= p->columns;
    if (c->pid != 0 && fits)
        title = arena_printf(p->arena, "%s   %s", title, from);
    page_line(p, STYLE_PLAIN, INDENT, title);
    if (c->pid != 0 && !fits)
        page_line(p, STYLE_PLAIN, INDENT, from);
    if (c->evidence->proxy_variable != NULL)
        page_line(p, STYLE_PLAIN, INDENT, arena_printf(p->arena, "the proxy is named by %s", c->evidence->proxy_variable));
    if (name_source(c) != NULL)
        page_line(p, STYLE_PLAIN, INDENT, arena_printf(p->arena, "the name is from %s", name_source(c)));
}

static void failure_block(page *p, const report *r, size_t index)
{
    const report_connection *c = &r->connections[index];
    const verdict *v = c->verdict;
    failure_title(p, c);
    if (count_same(r, index) > 0)
        page_line(p, STYLE_PLAIN, INDENT,
                  arena_printf(p->arena, "and %zu more, the same%s", count_same(r, index), other_addresses(p, r, index)));
    page_newline(p);
    if (v == NULL) {
        page_wrapped(p, STYLE_PLAIN, INDENT, "", "It failed, and was not examined.");
        return;
    }
    page_wrapped(p, STYLE_BOLD, INDENT, "", safe(p, v->headline == NULL ? "The cause is not known." : v->headline));
    version_table(p, c);
    proof_section(p, v);
    seen_section(p, v);
    details_section(p, v);
    also_section(p, v);
    why_section(p, v);
    if (strcmp(v->cause, "unknown") == 0)
        timeline_section(p, c);
    remedies_section(p, v);
    page_newline(p);
    page_line(p, STYLE_PLAIN, INDENT, arena_printf(p->arena, "More about it: tlswhy explain %s", v->cause));
}

/* Why there was no TCP connection, in a few words; NULL where there was one, or where more is said of it below. */
static const char *tcp_words(const report_connection *c)
{
    static const char *const words[] = {[TCP_REFUSED] = "nothing listens there",
                                        [TCP_TIMEOUT] = "no answer before the client gave up",
                                        [TCP_UNREACHABLE] = "not reachable",
                                        [TCP_FAILED] = "no TCP connection",
                                        [TCP_NOT_TRIED] = NULL};
    return c->outcome == OUTCOME_FAILED ? NULL : words[c->evidence->tcp];
}

static void connection_line(page *p, const report_connection *c)
{
    const conversation *watched = c->evidence->failed;
    const char *line = arena_printf(p->arena, "%-10s  %s", outcome_name(c->outcome), connection_title(p->arena, c));
    if (tcp_words(c) != NULL)
        line = arena_printf(p->arena, "%s  %s", line, tcp_words(c));
    if (watched != NULL && watched->has_server_hello)
        line = arena_printf(p->arena, "%s  %s, %s", line, version_name(p->arena, watched->server_hello.version),
                            cipher_suite_name(p->arena, watched->server_hello.cipher_suite));
    page_line(p, STYLE_PLAIN, INDENT, line);
}

static void remarks(page *p, const report *r)
{
    size_t num_more = r->num_more_ok + r->num_more_plain + r->num_more_others;
    if (num_more > 0) {
        page_newline(p);
        page_wrapped(p, STYLE_PLAIN, INDENT, "",
                     arena_printf(p->arena,
                                  "%zu more connections are only counted: %zu worked, %zu were without TLS, %zu ended otherwise.",
                                  num_more, r->num_more_ok, r->num_more_plain, r->num_more_others));
    }
    if (r->num_not_observed + r->num_notes > 0)
        page_newline(p);
    for (size_t i = 0; i < r->num_not_observed; i++) {
        const report_unobserved *u = &r->not_observed[i];
        const char *detail = u->detail == NULL ? "" : arena_printf(p->arena, ": %s", u->detail);
        page_wrapped(p, STYLE_PLAIN, INDENT, "",
                     safe(p, arena_printf(p->arena, "Not observed: %s%s (%s[%d])", u->what, detail,
                                          u->exe == NULL ? "process" : u->exe, u->pid)));
    }
    for (size_t i = 0; i < r->num_notes; i++)
        page_wrapped(p, STYLE_PLAIN, INDENT, "", safe(p, r->notes[i]));
}

char *report_to_text(arena *a, const report *r, bool color, size_t columns, bool verbose)
{
    page p;
    size_t failed = count_failed(r), wanted = count_wanted(r);
    bool ended_badly = r->exit_status != 0 && wanted + r->num_not_observed > 0;
    bool is_told = failed > 0 || verbose || r->num_notes > 0 || ended_badly;
    page_init(&p, a, color, columns);
    if (failed > 0)
        page_printf(&p, "\ntlswhy: %zu of %zu TLS connection%s failed\n", failed, wanted, wanted == 1 ? "" : "s");
    else if (is_told)
        page_printf(&p, "\ntlswhy: no TLS connection failed (%zu seen)\n", wanted);
    if (verbose)
        for (size_t i = 0; i < r->num_connections; i++)
            connection_line(&p, &r->connections[i]);
    for (size_t i = 0; i < r->num_connections; i++)
        if (is_told_failure(&r->connections[i]) && r->connections[i].same_as == 0)
            failure_block(&p, r, i);
    if (is_told)
        remarks(&p, r);
    return page_take(&p);
}
