#include "report/check.h"

#include "causes/catalogue.h"
#include "report/page.h"
#include "report/report.h"

#include <string.h>

enum { INDENT = 2, GAP = 2, PROGRAM_WIDTH_MAX = 48, RESULT_WIDTH = 11, DETAIL_INDENT = INDENT + RESULT_WIDTH, ATTEMPT_WIDTH = 39 };
#define SHOWN_LEN_MAX ((size_t)1000)

static const char *const result_names[] = {"works", "fails", "would work", "would fail", "not tried"};

const char *check_result_name(enum check_result r)
{
    return result_names[r];
}

static size_t count(const check_report *r, enum check_result result)
{
    size_t num = 0;
    for (size_t i = 0; i < r->num_rows; i++)
        num += r->rows[i].result == result;
    return num;
}

bool check_all_work(const check_report *r)
{
    return count(r, CHECK_FAILS) + count(r, CHECK_WOULD_FAIL) == 0 && count(r, CHECK_WORKS) + count(r, CHECK_WOULD_WORK) > 0;
}

/* ---- text ------------------------------------------------------------------------------------------------------------------ */

static const char *safe(arena *a, const char *text)
{
    return text_escape(a, bytes_from_text(text == NULL ? "" : text), SHOWN_LEN_MAX);
}

static const char *library_text(arena *a, const check_row *row)
{
    const char *shown = client_library_short(a, row->client);
    return shown == NULL ? "?" : safe(a, shown);
}

/* The cause's title, from its page: its first line is "# id: title". */
static const char *cause_title(arena *a, const char *id)
{
    const cause_page *found = cause_page_find(id);
    const char *title = found == NULL ? NULL : strstr(found->text, ": ");
    return title == NULL ? NULL : bytes_to_text(a, bytes_until(bytes_from_text(title + 2), '\n'));
}

static const char *bare_result_text(arena *a, const check_row *row)
{
    if (row->result == CHECK_WORKS || row->result == CHECK_WOULD_WORK)
        return safe(a, row->cipher == NULL ? row->version : arena_printf(a, "%s, %s", row->version, row->cipher));
    if (row->cause == NULL)
        return safe(a, row->reason);
    const char *title = cause_title(a, row->cause);
    return title == NULL ? row->cause : arena_printf(a, "%s: %s", row->cause, title);
}

static const char *result_text(arena *a, const check_row *row)
{
    bool is_by_hello = row->result == CHECK_WOULD_WORK || row->result == CHECK_WOULD_FAIL;
    const char *text = bare_result_text(a, row);
    return is_by_hello ? arena_printf(a, "%s (%s)", text, safe(a, row->reason)) : text;
}

static enum page_style style_of(enum check_result r)
{
    bool is_well = r == CHECK_WORKS || r == CHECK_WOULD_WORK;
    return is_well ? STYLE_GREEN : r == CHECK_NOT_TRIED ? STYLE_PLAIN : STYLE_RED;
}

static void padded_result(page *p, enum check_result result)
{
    const char *name = check_result_name(result);
    page_text(p, style_of(result), name);
    page_printf(p, "%*s", RESULT_WIDTH - (int)strlen(name), "");
}

/* ---- those of which the same is to be told ------------------------------------------------------------------------------------
 */

static bool same_text(const char *one, const char *other)
{
    return one == other || (one != NULL && other != NULL && strcmp(one, other) == 0);
}

static bool is_alike(arena *a, const check_row *one, const check_row *other)
{
    return one->result == other->result && same_text(result_text(a, one), result_text(a, other)) &&
           same_text(one->headline, other->headline);
}

static bool was_told(arena *a, const check_report *r, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (is_alike(a, &r->rows[i], &r->rows[index]))
            return true;
    return false;
}

static size_t program_width(const page *p, const check_report *r)
{
    size_t width = 0;
    for (size_t i = 0; i < r->num_rows; i++) {
        size_t own = text_columns(safe(p->arena, r->rows[i].name));
        width = own > width && own <= PROGRAM_WIDTH_MAX ? own : width;
    }
    return width;
}

static void programs(page *p, const check_report *r, size_t index)
{
    size_t width = program_width(p, r);
    for (size_t i = index; i < r->num_rows; i++) {
        const check_row *row = &r->rows[i];
        if (!is_alike(p->arena, row, &r->rows[index]))
            continue;
        const char *library = library_text(p->arena, row);
        size_t others = DETAIL_INDENT + GAP + text_columns(library), room = p->columns > others ? p->columns - others : 0;
        page_printf(p, "%*s", DETAIL_INDENT, "");
        page_padded(p, safe(p->arena, row->name), room < width ? room : width);
        page_printf(p, "%*s%s", GAP, "", library);
        page_newline(p);
    }
}

/* Of those that are alike the first that knows one: what is to be done may differ by program. */
static const check_row *with_remedies(arena *a, const check_report *r, size_t index)
{
    for (size_t i = index; i < r->num_rows; i++)
        if (r->rows[i].num_remedies > 0 && is_alike(a, &r->rows[i], &r->rows[index]))
            return &r->rows[i];
    return NULL;
}

/* In one line, to be copied; a list of all suites is left to the JSON. */
static void copied_line(page *p, const char *before, const char *text)
{
    enum { COPIED_LEN_MAX = 300 };
    if (text == NULL)
        return;
    bool is_short = strlen(text) <= COPIED_LEN_MAX;
    page_printf(p, "%*s%s%s\n", DETAIL_INDENT, "", is_short ? before : "",
                is_short ? safe(p->arena, text) : "(a long line: --json has it)");
}

static void remedy_of(page *p, const check_row *row, const check_remedy *to_do)
{
    bool is_clients = same_text(to_do->who, "client");
    const char *lowers = to_do->lowers_security == NULL || strcmp(to_do->lowers_security, "none") == 0
                             ? ""
                             : arena_printf(p->arena, " (Lowers the security of %s.)", safe(p->arena, to_do->lowers_security));
    page_wrapped(p, STYLE_PLAIN, DETAIL_INDENT, "",
                 arena_printf(p->arena, "To do (%s): %s%s", safe(p->arena, is_clients ? row->name : to_do->who),
                              safe(p->arena, to_do->text), lowers));
    copied_line(p, "$ ", to_do->command);
    copied_line(p, "", to_do->line);
}

/* For whom of those that are alike that is why: "python", "python and 3 more"; "" for all of them. NULL: it was told for an earlier
 * one. */
static const char *programs_of_why(arena *a, const check_report *r, size_t index, size_t first)
{
    size_t num_alike = 0, num = 0;
    for (size_t i = first; i < r->num_rows; i++) {
        if (!is_alike(a, &r->rows[i], &r->rows[index]))
            continue;
        num_alike++;
        bool has_it = same_text(r->rows[i].why, r->rows[index].why);
        if (has_it && i < index)
            return NULL;
        num += has_it;
    }
    const char *name = safe(a, r->rows[index].name);
    return num == num_alike ? "" : num == 1 ? arena_printf(a, " (%s)", name) : arena_printf(a, " (%s and %zu more)", name, num - 1);
}

static void whys(page *p, const check_report *r, size_t first)
{
    for (size_t i = first; i < r->num_rows; i++) {
        const check_row *row = &r->rows[i];
        bool is_meant = row->why != NULL && is_alike(p->arena, row, &r->rows[first]);
        const char *names = is_meant ? programs_of_why(p->arena, r, i, first) : NULL;
        if (names != NULL)
            page_wrapped(p, STYLE_PLAIN, DETAIL_INDENT, "", arena_printf(p->arena, "Why%s: %s", names, safe(p->arena, row->why)));
    }
}

static void explanation(page *p, const check_report *r, size_t index)
{
    const check_row *row = &r->rows[index], *to_do = with_remedies(p->arena, r, index);
    if (row->headline != NULL)
        page_wrapped(p, STYLE_PLAIN, DETAIL_INDENT, "", safe(p->arena, row->headline));
    whys(p, r, index);
    for (size_t i = 0; to_do != NULL && i < to_do->num_remedies; i++)
        remedy_of(p, to_do, &to_do->remedies[i]);
}

/* What came of it, once, and who it came to. */
static void alike(page *p, const check_report *r, size_t index)
{
    const check_row *row = &r->rows[index];
    page_newline(p);
    page_wrapped(p, style_of(row->result), DETAIL_INDENT,
                 arena_printf(p->arena, "%*s%s", INDENT, "", check_result_name(row->result)), result_text(p->arena, row));
    programs(p, r, index);
    if (row->result == CHECK_FAILS || row->result == CHECK_WOULD_FAIL)
        explanation(p, r, index);
}

/* ---- Python --------------------------------------------------------------------------------------------------------------------
 */

static void attempts(page *p, const check_row *row)
{
    page_newline(p);
    page_line(p, STYLE_PLAIN, INDENT, arena_printf(p->arena, "What is tried in code, with %s:", safe(p->arena, row->name)));
    for (size_t i = 0; i < row->num_attempts; i++) {
        const check_attempt *attempt = &row->attempts[i];
        const char *detail = safe(p->arena, attempt->detail);
        page_printf(p, "%*s", INDENT, "");
        padded_result(p, attempt->result);
        page_padded(p, safe(p->arena, attempt->name), ATTEMPT_WIDTH);
        bool fits = DETAIL_INDENT + ATTEMPT_WIDTH + GAP + text_columns(detail) <= p->columns;
        if (fits)
            page_printf(p, "%*s%s", GAP, "", detail);
        page_newline(p);
        if (!fits)
            page_wrapped(p, STYLE_PLAIN, DETAIL_INDENT + GAP, "", detail);
    }
    if (row->constants != NULL)
        page_wrapped(p, STYLE_PLAIN, DETAIL_INDENT, "", arena_printf(p->arena, "It has: %s", safe(p->arena, row->constants)));
}

/* ---- the whole -----------------------------------------------------------------------------------------------------------------
 */

static const char *title(arena *a, const check_report *r)
{
    size_t works = count(r, CHECK_WORKS), fails = count(r, CHECK_FAILS);
    const char *way =
        arena_printf(a, "%s%s%s%s", r->starttls == NULL ? "" : " by STARTTLS of ", r->starttls == NULL ? "" : r->starttls,
                     r->proxy == NULL ? "" : " through ", r->proxy == NULL ? "" : safe(a, r->proxy));
    const char *host = safe(a, r->host);
    if (works + fails == 0)
        return arena_printf(a, "tlswhy: no TLS client was found that could be tried against %s:%u%s", host, r->port, way);
    return arena_printf(a, "tlswhy: %zu of %zu TLS clients reach %s:%u%s", works, works + fails, host, r->port, way);
}

static void closing(page *p, const check_report *r)
{
    page_newline(p);
    if (r->working_command != NULL) {
        page_line(p, STYLE_PLAIN, INDENT, "One that gets through:");
        page_printf(p, "%*s$ %s\n", 2 * INDENT, "", safe(p->arena, r->working_command));
    }
    page_line(p, STYLE_PLAIN, INDENT,
              "Your own command, with the experiments and a fix that is tried: tlswhy run --fix -- COMMAND. "
              "A cause in full: tlswhy explain CAUSE.");
}

char *check_to_text(arena *a, const check_report *r, bool color, size_t columns)
{
    page p;
    page_init(&p, a, color, columns);
    page_line(&p, STYLE_BOLD, 0, title(a, r));
    for (enum check_result result = CHECK_WORKS; result <= CHECK_NOT_TRIED; result++)
        for (size_t i = 0; i < r->num_rows; i++)
            if (r->rows[i].result == result && !was_told(a, r, i))
                alike(&p, r, i);
    for (size_t i = 0; i < r->num_rows; i++)
        if (r->rows[i].num_attempts > 0)
            attempts(&p, &r->rows[i]);
    if (count(r, CHECK_FAILS) > 0)
        closing(&p, r);
    return page_take(&p);
}
