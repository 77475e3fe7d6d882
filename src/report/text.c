/* A run as text for a terminal. */
#include "report/page.h"
#include "report/report.h"
#include "report/story.h"

#include "registry/registry.h"
#include <string.h>

#define SENTENCE_SHOWN_MAX ((size_t)4000)
enum { INDENT = 2, ROW_INDENT = 4, VERSION_COLUMN = 10, LABEL_WIDTH_MAX = 44, RESULT_WIDTH = 30 };

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
            count++;
    return count;
}

/* Connections that count as TLS: those that worked and those that failed. */
static size_t count_wanted(const report *r)
{
    size_t count = 0;
    for (size_t i = 0; i < r->num_connections; i++)
        if (r->connections[i].outcome == OUTCOME_FAILED || r->connections[i].outcome == OUTCOME_OK)
            count++;
    return count;
}

static void section(page *p, const char *title)
{
    page_newline(p);
    page_printf(p, "%*s%s\n", INDENT, "", title);
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

static void version_table(page *p, const report_connection *c)
{
    const verdict *v = c->verdict;
    const conversation *failed = c->evidence->failed;
    if (failed == NULL || !failed->has_hello || v->server_versions.num_codes + v->server_versions_refused.num_codes == 0)
        return;
    page_newline(p);
    page_printf(p, "%*s%-9s", ROW_INDENT, "", "");
    for (size_t i = 0; i < NUM_TABLE_VERSIONS; i++)
        page_printf(p, "  %-8s", version_name(p->arena, table_versions[i]));
    page_newline(p);
    const client_hello *hello = &failed->hello;
    bool states_all = client_hello_version_min_stated(hello) != 0;
    code_list offered = states_all ? client_hello_versions(p->arena, hello) : codes_one(p->arena, client_hello_version_max(hello));
    version_row_text(p, "client", offered, versions_not_offered(p, hello, offered));
    version_row_text(p, "server", v->server_versions, v->server_versions_refused);
}

/* ---- the proof --------------------------------------------------------------------------------------------------------- */

static size_t label_width(const page *p, const verdict *v)
{
    size_t width = 0, widest = p->columns - ROW_INDENT - RESULT_WIDTH - 10;
    for (size_t i = 0; i < v->num_experiments; i++)
        if (strlen(v->experiments[i].label) > width)
            width = strlen(v->experiments[i].label);
    size_t most = widest < LABEL_WIDTH_MAX ? widest : LABEL_WIDTH_MAX;
    return width < most ? width : most;
}

static void experiment_row(page *p, const experiment *e, size_t width)
{
    const char *label = safe(p, e->label);
    if (strlen(label) > width) {
        page_wrapped(p, STYLE_PLAIN, ROW_INDENT + 2, "    ", label);
        page_printf(p, "%*s", (int)(ROW_INDENT + width), "");
    } else {
        page_printf(p, "%*s%-*s", ROW_INDENT, "", (int)width, label);
    }
    page_printf(p, "  %-*s  %zu of %zu\n", RESULT_WIDTH, safe(p, e->result), e->agreed, e->times);
}

static const char *proof_title(page *p, const verdict *v)
{
    const char *figures = arena_printf(p->arena, "(%zu connections, %.2f s)", v->num_connections, (double)v->probing_us / 1e6);
    switch (v->proof) {
    case PROOF_EXPERIMENT:
        return arena_printf(p->arena, "Proof  %s", figures);
    case PROOF_OBSERVED:
        return v->num_experiments > 0 ? arena_printf(p->arena, "Seen on the wire, and tried  %s", figures) : "Seen";
    case PROOF_INFERRED:
        return "Inferred from what was seen; nothing was tried";
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
    size_t width = label_width(p, v);
    for (size_t i = 0; i < v->num_experiments; i++)
        experiment_row(p, &v->experiments[i], width);
}

/* By address, where there are several, or where it is not always the same. */
static void seen_section(page *p, const verdict *v)
{
    bool mixed = v->num_seen > 1;
    for (size_t i = 0; i < v->num_seen; i++)
        mixed = mixed || (v->seen[i].control_worked > 0 && v->seen[i].control_failed > 0);
    if (!mixed)
        return;
    section(p, "By address");
    for (size_t i = 0; i < v->num_seen; i++) {
        const seen *s = &v->seen[i];
        page_printf(p, "%*s%-39s  unchanged: failed %zu of %zu; changed: failed %zu of %zu\n", ROW_INDENT, "", safe(p, s->address),
                    s->control_failed, s->control_failed + s->control_worked, s->change_failed,
                    s->change_failed + s->change_worked);
    }
}

/* ---- what was seen, what to do ------------------------------------------------------------------------------------------- */

static void timeline_section(page *p, const report_connection *c)
{
    enum { SHOWN_MAX = 24 };
    const conversation *failed = c->evidence->failed;
    if (failed == NULL || failed->num_events == 0)
        return;
    section(p, "What was seen");
    for (size_t i = 0; i < failed->num_events && i < SHOWN_MAX; i++) {
        const event *e = &failed->events[i];
        page_printf(p, "%*s%8.1f ms  %-6s  %s", ROW_INDENT, "", (double)(e->at_us - c->began_us) / 1e3, side_name(e->side),
                    event_text(p->arena, e, failed));
        if (e->len > 0)
            page_printf(p, ", %zu bytes", e->len);
        page_newline(p);
    }
    size_t left = failed->num_events > SHOWN_MAX ? failed->num_events - SHOWN_MAX : 0;
    if (left + failed->num_events_dropped > 0)
        page_printf(p, "%*s... and %zu more\n", ROW_INDENT, "", left + failed->num_events_dropped);
    for (size_t i = 0; i < failed->findings.num_findings && i < SHOWN_MAX; i++)
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
    section(p, "Why");
    page_wrapped(p, STYLE_PLAIN, ROW_INDENT, "", safe(p, v->why.detail));
    if (v->why.file != NULL)
        page_printf(p, "%*s%s%s", ROW_INDENT, "", safe(p, v->why.file),
                    v->why.line > 0 ? arena_printf(p->arena, ":%d\n", v->why.line) : "\n");
}

static void remedy_text(page *p, const remedy *r)
{
    const char *cost = r->lowers_security == LOWERS_NONE
                           ? ""
                           : arena_printf(p->arena, " (Lowers the security of %s.)", lowers_security_name(r->lowers_security));
    const char *tried = r->verified ? " (Tried here: it works.)" : "";
    page_wrapped(p, STYLE_PLAIN, ROW_INDENT + 8, arena_printf(p->arena, "    %-7s", remedy_owner_name(r->who)),
                 arena_printf(p->arena, "%s%s%s", safe(p, r->text), cost, tried));
    if (r->command != NULL)
        page_printf(p, "%*s$ %s\n", ROW_INDENT + 8, "", safe(p, r->command));
}

static void remedies_section(page *p, const verdict *v)
{
    bool all_tried = true;
    for (size_t i = 0; i < v->num_remedies; i++)
        all_tried = all_tried && v->remedies[i].verified;
    if (v->num_remedies == 0)
        return;
    section(p, all_tried ? "What to do" : "What to do  (not tried here)");
    for (size_t i = 0; i < v->num_remedies; i++)
        remedy_text(p, &v->remedies[i]);
}

/* ---- connections ----------------------------------------------------------------------------------------------------------- */

static size_t count_same(const report *r, size_t index)
{
    size_t count = 0;
    for (size_t i = 0; i < r->num_connections; i++)
        if (is_told_failure(&r->connections[i]) && r->connections[i].same_as == index + 1)
            count++;
    return count;
}

static void failure_block(page *p, const report *r, size_t index)
{
    const report_connection *c = &r->connections[index];
    const verdict *v = c->verdict;
    page_newline(p);
    page_printf(p, "%*s%s", INDENT, "", connection_title(p->arena, c));
    if (c->pid != 0)
        page_printf(p, "   from %s", process_title(p->arena, c));
    page_newline(p);
    if (count_same(r, index) > 0)
        page_printf(p, "%*sand %zu more, the same\n", INDENT, "", count_same(r, index));
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
    page_printf(p, "%*sMore about it: tlswhy explain %s\n", INDENT, "", v->cause);
}

static void connection_line(page *p, const report_connection *c)
{
    const conversation *watched = c->evidence->failed;
    page_printf(p, "%*s%-10s  %s", INDENT, "", outcome_name(c->outcome), connection_title(p->arena, c));
    if (watched != NULL && watched->has_server_hello)
        page_printf(p, "  %s, %s", version_name(p->arena, watched->server_hello.version),
                    cipher_suite_name(p->arena, watched->server_hello.cipher_suite));
    page_newline(p);
}

static void remarks(page *p, const report *r)
{
    for (size_t i = 0; i < r->num_not_observed; i++) {
        const report_unobserved *u = &r->not_observed[i];
        const char *detail = u->detail == NULL ? "" : arena_printf(p->arena, ": %s", u->detail);
        page_wrapped(p, STYLE_PLAIN, INDENT + 2, "",
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
    page_init(&p, a, color, columns);
    if (failed > 0)
        page_printf(&p, "\ntlswhy: %zu of %zu TLS connection%s failed\n", failed, wanted, wanted == 1 ? "" : "s");
    else if (verbose || r->num_notes > 0)
        page_printf(&p, "\ntlswhy: no TLS connection failed (%zu seen)\n", wanted);
    if (verbose)
        for (size_t i = 0; i < r->num_connections; i++)
            connection_line(&p, &r->connections[i]);
    for (size_t i = 0; i < r->num_connections; i++)
        if (is_told_failure(&r->connections[i]) && r->connections[i].same_as == 0)
            failure_block(&p, r, i);
    if (failed > 0 || verbose || r->num_notes > 0)
        remarks(&p, r);
    return page_take(&p);
}
