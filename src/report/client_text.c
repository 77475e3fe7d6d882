/* Clients as text for a terminal. */
#include "report/client_report.h"

#include "client/trust_program.h"
#include "registry/registry.h"
#include "report/fingerprint.h"
#include "report/page.h"
#include "report/report.h"

#include <string.h>

#define TEXT_SHOWN_MAX ((size_t)2000)
enum { INDENT = 2, LABEL_WIDTH = 11, SETTINGS_SHOWN_MAX = 40, PATH_COLUMN_MAX = 48, LIBRARY_COLUMN = 24, VERSION_COLUMN = 10 };

static const char *safe(page *p, const char *text)
{
    return text_escape(p->arena, bytes_from_text(text == NULL ? "" : text), TEXT_SHOWN_MAX);
}

/* "  label      text", wrapped beneath itself. */
static void field(page *p, const char *label, const char *text)
{
    if (text != NULL)
        page_wrapped(p, STYLE_PLAIN, INDENT + LABEL_WIDTH, arena_printf(p->arena, "%*s%s", INDENT, "", label), safe(p, text));
}

/* ---- the table of all ------------------------------------------------------------------------------------------------------ */

static const char *version_max_of(arena *a, const client *c)
{
    uint16_t highest = summary_version_max(a, c);
    return highest == 0 ? "?" : version_name(a, highest);
}

static size_t path_column(page *p, const found_clients *list)
{
    size_t width = strlen("CLIENT");
    for (size_t i = 0; i < list->num_clients; i++) {
        size_t len = text_columns(safe(p, list->clients[i].path));
        width = len > width ? len : width;
    }
    return width < PATH_COLUMN_MAX ? width : PATH_COLUMN_MAX;
}

static void table_row(page *p, size_t width, const char *path, const char *library, const char *highest, const char *through)
{
    size_t library_len = text_columns(library), over = library_len > LIBRARY_COLUMN ? library_len - LIBRARY_COLUMN : 0;
    page_padded(p, path, width > over ? width - over : 0); /* what comes after stays in its column */
    page_printf(p, "  ");
    page_padded(p, library, LIBRARY_COLUMN);
    page_printf(p, "  ");
    page_padded(p, highest, VERSION_COLUMN);
    page_printf(p, "%s", through);
    page_newline(p);
}

static const char *where_of(page *p, const client *c)
{
    if (c->library.is_inside)
        return "in the program";
    return c->library.file == NULL ? "" : safe(p, base_name(c->library.file));
}

char *clients_to_text(arena *a, const found_clients *list, bool color, size_t columns)
{
    page p;
    page_init(&p, a, color, columns);
    size_t width = path_column(&p, list);
    if (list->num_clients == 0)
        page_line(&p, STYLE_PLAIN, 0, "No TLS client was found on the PATH of this machine.");
    else
        table_row(&p, width, "CLIENT", "LIBRARY", "UP TO", "IN");
    for (size_t i = 0; i < list->num_clients; i++) {
        const client *c = list->clients[i].client;
        table_row(&p, width, safe(&p, list->clients[i].path), safe(&p, client_library_short(a, c)), version_max_of(a, c),
                  where_of(&p, c));
    }
    if (list->num_late > 0)
        page_line(&p, STYLE_PLAIN, 0, arena_printf(a, "Not looked at within the time: %zu files.", list->num_late));
    return page_take(&p);
}

/* ---- one in full ------------------------------------------------------------------------------------------------------------- */

static void headline(page *p, const client_summary *r)
{
    const client *c = r->client;
    const char *name = runtime_name(c->runtime), *version = r->runtime_version;
    const char *who = r->pid != 0 ? arena_printf(p->arena, "process %d", r->pid) : r->found.path;
    page_text(p, STYLE_BOLD, safe(p, who));
    if (name != NULL)
        page_printf(p, "   %s%s%s", name, version == NULL ? "" : " ", version == NULL ? "" : safe(p, version));
    page_newline(p);
    page_newline(p);
}

static void program_lines(page *p, const client_summary *r)
{
    const char *file = r->client->process->exe;
    field(p, "program", file);
    for (size_t i = 0; i < r->found.num_steps; i++)
        field(p, "", r->found.steps[i]);
    if (r->elf.build_id != NULL)
        field(p, "build id", arena_printf(p->arena, "%s%s", r->elf.build_id, r->elf.is_stripped ? " (stripped)" : ""));
}

static void library_lines(page *p, const client_summary *r)
{
    const client *c = r->client;
    field(p, "library", client_library_text(p->arena, c));
    if (c->module != NULL)
        field(p, "through", c->module);
    if (c->is_loaded_by_name)
        field(p, "", "The program loads it by its name when it runs (dlopen).");
    if (r->said.library != NULL)
        field(p, "it says", r->said.library);
}

static void version_line(page *p, const char *who, const client_summary *r, enum summary_answer (*of)(const summary_version *))
{
    page_printf(p, "%*s%-21s", INDENT, "", who);
    for (size_t i = 0; i < SUMMARY_VERSIONS; i++) {
        enum summary_answer is = of(&r->versions[i]);
        page_printf(p, "   ");
        page_text(p,
                  is == SUMMARY_YES  ? STYLE_GREEN
                  : is == SUMMARY_NO ? STYLE_RED
                                     : STYLE_PLAIN,
                  is == SUMMARY_YES  ? "x"
                  : is == SUMMARY_NO ? "-"
                                     : "?");
        page_printf(p, "     ");
    }
    page_newline(p);
}

static enum summary_answer can(const summary_version *v)
{
    return v->can;
}

static enum summary_answer by_default(const summary_version *v)
{
    return v->by_default;
}

static enum summary_answer by_policy(const summary_version *v)
{
    return v->by_policy;
}

static void version_lines(page *p, const client_summary *r)
{
    page_newline(p);
    page_printf(p, "%*s%-21s", INDENT, "", "");
    for (size_t i = 0; i < SUMMARY_VERSIONS; i++)
        page_printf(p, " %-8s", version_name(p->arena, r->versions[i].version));
    page_newline(p);
    version_line(p, "its library can", r, can);
    version_line(p, "its defaults offer", r, by_default);
    version_line(p, "with policy it offers", r, by_policy);
    page_newline(p);
}

static void codes_line(page *p, const char *label, code_list list, const char *(*name)(arena *, uint16_t))
{
    enum { NAMES_MAX = 200 };
    if (list.num_codes > 0)
        field(p, label, code_names(p->arena, list, name, NAMES_MAX));
}

static void hello_lines(page *p, const client_summary *r)
{
    if (!r->has_hello) {
        field(p, "hello", arena_printf(p->arena, "not seen: %s", r->no_hello_for));
        return;
    }
    codes_line(p, "suites", r->hello.cipher_suites, cipher_suite_name);
    codes_line(p, "groups", client_hello_groups(p->arena, &r->hello), group_name);
    codes_line(p, "schemes", client_hello_signature_schemes(p->arena, &r->hello), signature_scheme_name);
    field(p, "JA3", fingerprint_ja3(p->arena, &r->hello));
    field(p, "JA4", fingerprint_ja4(p->arena, &r->hello));
}

static const char *source_text(arena *a, const trust_source *s)
{
    if (!s->exists)
        return arena_printf(a, "%s (%s%s%s): it does not exist", s->path, trust_origin_name(s->origin), s->named == NULL ? "" : " ",
                            s->named == NULL ? "" : s->named);
    return arena_printf(a, "%s, %zu root%s", trust_source_text(a, s), s->num_roots, s->num_roots == 1 ? "" : "s");
}

static void trust_lines(page *p, const client_summary *r)
{
    if (r->store == NULL)
        return;
    page_newline(p);
    for (size_t i = 0; i < r->store->num_sources; i++)
        field(p, i == 0 ? "trusts" : "", source_text(p->arena, &r->store->sources[i]));
    if (r->store->unverified != NULL)
        field(p, "", arena_printf(p->arena, "It is told not to verify (%s).", r->store->unverified));
}

/* A value that goes over several lines, on one. */
static const char *on_one_line(arena *a, const char *value)
{
    char *copy = arena_printf(a, "%s", value);
    for (char *c = copy; *c != '\0'; c++)
        if (*c == '\n' || *c == '\t' || (*c == '\\' && c[1] == '\n'))
            *c = ' ';
    return copy;
}

static void setting_lines(page *p, const client_summary *r)
{
    const char *label = "reads";
    if (r->settings.file != NULL) {
        field(p, label,
              arena_printf(p->arena, "%s%s", r->settings.file,
                           r->settings.num_settings > 0 ? ""
                           : r->settings_file_exists    ? ": nothing in it that narrows TLS"
                                                        : ": it does not exist"));
        label = "";
    }
    for (size_t i = 0; i < r->settings.num_settings && i < SETTINGS_SHOWN_MAX; i++) {
        const setting *s = &r->settings.settings[i];
        const char *where = s->file == NULL ? s->from == NULL ? "" : s->from
                            : s->line == 0  ? s->file
                                            : arena_printf(p->arena, "%s:%d", s->file, s->line);
        field(p, label, arena_printf(p->arena, "%s: %s = %s", where, s->name, on_one_line(p->arena, s->value)));
        label = "";
    }
    const char *const *variables = client_variables(p->arena, r->client);
    for (size_t i = 0; variables[i] != NULL; i++)
        field(p, i == 0 ? "variables" : "", variables[i]);
}

char *summary_to_text(arena *a, const client_summary *r, bool color, size_t columns)
{
    page p;
    page_init(&p, a, color, columns);
    headline(&p, r);
    program_lines(&p, r);
    if (r->client->library.kind == LIBRARY_UNKNOWN) {
        field(&p, "library", "none: no TLS library is linked with it, in it, or named by it");
    } else {
        library_lines(&p, r);
        version_lines(&p, r);
        hello_lines(&p, r);
        trust_lines(&p, r);
        setting_lines(&p, r);
    }
    for (size_t i = 0; i < r->num_notes; i++) {
        page_newline(&p);
        page_wrapped(&p, STYLE_PLAIN, INDENT, arena_printf(a, "%*s", INDENT, ""), safe(&p, r->notes[i]));
    }
    return page_take(&p);
}
