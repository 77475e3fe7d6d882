#include "registry/registry.h"

#include <stdlib.h>

/* Every row begins with its number, of one or two bytes; the tables are sorted by it. */
#define DEFINE_COMPARE(kind)                                                                                                           \
    static int compare_##kind(const void *key, const void *row)                                                                       \
    {                                                                                                                                  \
        return (int)*(const uint16_t *)key - (int)((const kind##_row *)row)->code;                                                    \
    }

DEFINE_COMPARE(version)
DEFINE_COMPARE(cipher_suite)
DEFINE_COMPARE(group)
DEFINE_COMPARE(signature_scheme)
DEFINE_COMPARE(extension)
DEFINE_COMPARE(alert)

const version_row *version_find(uint16_t code)
{
    return bsearch(&code, version_rows, num_version_rows, sizeof *version_rows, compare_version);
}

const cipher_suite_row *cipher_suite_find(uint16_t code)
{
    return bsearch(&code, cipher_suite_rows, num_cipher_suite_rows, sizeof *cipher_suite_rows, compare_cipher_suite);
}

const group_row *group_find(uint16_t code)
{
    return bsearch(&code, group_rows, num_group_rows, sizeof *group_rows, compare_group);
}

const signature_scheme_row *signature_scheme_find(uint16_t code)
{
    return bsearch(&code, signature_scheme_rows, num_signature_scheme_rows, sizeof *signature_scheme_rows, compare_signature_scheme);
}

const extension_row *extension_find(uint16_t code)
{
    return bsearch(&code, extension_rows, num_extension_rows, sizeof *extension_rows, compare_extension);
}

const alert_row *alert_find(uint8_t code)
{
    uint16_t key = code;
    return bsearch(&key, alert_rows, num_alert_rows, sizeof *alert_rows, compare_alert);
}

/* RFC 8701: both bytes alike, 0x0A to 0xFA. */
static bool is_grease(uint16_t code)
{
    return (code & 0x0F0F) == 0x0A0A && code >> 8 == (code & 0xFF);
}

static const char *name_or_number(arena *a, const char *name, uint16_t code)
{
    if (name != NULL)
        return name;
    return arena_printf(a, is_grease(code) ? "GREASE (0x%04X)" : "unknown (0x%04X)", code);
}

const char *version_name(arena *a, uint16_t code)
{
    const version_row *row = version_find(code);
    return name_or_number(a, row == NULL ? NULL : row->name, code);
}

const char *cipher_suite_name(arena *a, uint16_t code)
{
    const cipher_suite_row *row = cipher_suite_find(code);
    return name_or_number(a, row == NULL ? NULL : row->name, code);
}

const char *group_name(arena *a, uint16_t code)
{
    const group_row *row = group_find(code);
    return name_or_number(a, row == NULL ? NULL : row->name, code);
}

const char *signature_scheme_name(arena *a, uint16_t code)
{
    const signature_scheme_row *row = signature_scheme_find(code);
    return name_or_number(a, row == NULL ? NULL : row->name, code);
}

const char *extension_name(arena *a, uint16_t code)
{
    const extension_row *row = extension_find(code);
    return row != NULL ? row->name : arena_printf(a, is_grease(code) ? "GREASE (%u)" : "unknown (%u)", code);
}

const char *alert_name(arena *a, uint8_t code)
{
    const alert_row *row = alert_find(code);
    return arena_printf(a, "%s (%u)", row == NULL ? "unknown" : row->name, code);
}

char *code_names(arena *a, code_list list, const char *(*name)(arena *, uint16_t), size_t count_max)
{
    size_t shown = list.num_codes > count_max ? count_max : list.num_codes, left = list.num_codes - shown;
    char *text = arena_printf(a, "%s", shown == 0 ? "" : name(a, list.codes[0]));
    for (size_t i = 1; i < shown; i++) {
        const char *separator = i + 1 == shown && left == 0 ? " and " : ", ";
        text = arena_printf(a, "%s%s%s", text, separator, name(a, list.codes[i]));
    }
    return left == 0 ? text : arena_printf(a, "%s and %zu more", text, left);
}

bool cipher_suite_fits_version(uint16_t suite, uint16_t version)
{
    const cipher_suite_row *row = cipher_suite_find(suite);
    return row != NULL && row->kind == SUITE_NORMAL && row->version_min <= version && version <= row->version_max;
}
