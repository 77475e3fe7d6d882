#include "client/store_naming.h"

#include "client/narrowing_option.h"

#include <string.h>
#include <strings.h>

bool store_name_is_of_folder(const char *name)
{
    static const char *const words[] = {"capath", "cacertdir", "cadirectory", "ca_directory", "ca-directory"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasestr(name, words[i]) != NULL)
            return true;
    return false;
}

/* libpq's sslrootcert (since PostgreSQL 16) and msmtp's tls_trust_file have a word for the system's store. */
static bool is_file(const char *value)
{
    return value != NULL && value[0] != '\0' && strcmp(value, "system") != 0;
}

static bool is_row(const narrowing_option *row, const client *c, bool of_folder)
{
    return row->narrows == NARROWED_STORE && narrowing_option_is_of(row, c) && store_name_is_of_folder(row->option) == of_folder;
}

/* The last argument counts. Whether one says something, be it the word for the system's. */
static bool find_argument(arena *a, const client *c, bool of_folder, store_naming *out)
{
    const char *const *argv = c->process->argv;
    bool is_told = false;
    for (size_t i = 1; argv != NULL && argv[0] != NULL && argv[i] != NULL; i++)
        for (size_t k = 0; k < num_narrowing_options; k++) {
            const narrowing_option *row = &narrowing_options[k];
            if (!is_row(row, c, of_folder))
                continue;
            option_said said = narrowing_option_said(a, row, argv[i], argv[i + 1]);
            if (said.value == NULL)
                continue;
            is_told = true;
            *out = (store_naming){
                .name = row->option,
                .value = said.value,
                .is_argument = true,
                .argument = said.is_in_next ? i + 1 : i,
                .before = bytes_to_text(a, bytes_from(said.text, strlen(said.text) - strlen(said.value))),
                .is_inside = row->is_inside,
                .written = said.written,
                .is_folder = of_folder,
            };
        }
    return is_told;
}

bool store_naming_find(arena *a, const client *c, const setting_list *settings, bool of_folder, store_naming *out)
{
    if (c == NULL || c->process == NULL || c->runtime != RUNTIME_OTHER)
        return false;
    if (find_argument(a, c, of_folder, out))
        return is_file(out->value);
    for (size_t i = settings->num_settings; i-- > 0;) {
        const setting *s = &settings->settings[i];
        if (s->narrows != NARROWED_STORE || store_name_is_of_folder(s->name) != of_folder)
            continue;
        *out = (store_naming){.name = s->name, .value = s->value, .file = s->file, .line = s->line, .is_folder = of_folder};
        return is_file(s->value);
    }
    return false;
}

bool store_naming_known(arena *a, const client *c, const store_naming *now, store_naming *out)
{
    bool file_is_stronger = false;
    if (c == NULL || c->process == NULL || c->runtime != RUNTIME_OTHER)
        return false;
    for (size_t i = 0; i < num_narrowing_options; i++)
        if (is_row(&narrowing_options[i], c, false) && !narrowing_options[i].is_inside) {
            const char *option = narrowing_options[i].option;
            *out = (store_naming){.name = option, .is_argument = true, .before = arena_printf(a, "%s ", option)};
            return true;
        }
    const char *variable = settings_store_variable(c, &file_is_stronger);
    *out = (store_naming){.name = variable};
    return variable != NULL && (now == NULL || now->file == NULL || !file_is_stronger);
}
