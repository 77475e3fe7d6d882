#include "registry/registry.h"

/* Every row begins with its number, and the tables are sorted by it: the place of `code`, by halving. num_rows where
 * no row has it. */
typedef uint16_t code_at(size_t index);

static size_t find_place(uint16_t code, size_t num_rows, code_at *at)
{
    size_t low = 0, high = num_rows;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (at(middle) < code)
            low = middle + 1;
        else
            high = middle;
    }
    return low < num_rows && at(low) == code ? low : num_rows;
}

static uint16_t version_at(size_t index)
{
    return version_rows[index].code;
}

static uint16_t cipher_suite_at(size_t index)
{
    return cipher_suite_rows[index].code;
}

static uint16_t group_at(size_t index)
{
    return group_rows[index].code;
}

static uint16_t signature_scheme_at(size_t index)
{
    return signature_scheme_rows[index].code;
}

static uint16_t extension_at(size_t index)
{
    return extension_rows[index].code;
}

static uint16_t alert_at(size_t index)
{
    return alert_rows[index].code;
}

const version_row *version_find(uint16_t code)
{
    size_t place = find_place(code, num_version_rows, version_at);
    return place == num_version_rows ? NULL : &version_rows[place];
}

const cipher_suite_row *cipher_suite_find(uint16_t code)
{
    size_t place = find_place(code, num_cipher_suite_rows, cipher_suite_at);
    return place == num_cipher_suite_rows ? NULL : &cipher_suite_rows[place];
}

const group_row *group_find(uint16_t code)
{
    size_t place = find_place(code, num_group_rows, group_at);
    return place == num_group_rows ? NULL : &group_rows[place];
}

const signature_scheme_row *signature_scheme_find(uint16_t code)
{
    size_t place = find_place(code, num_signature_scheme_rows, signature_scheme_at);
    return place == num_signature_scheme_rows ? NULL : &signature_scheme_rows[place];
}

const extension_row *extension_find(uint16_t code)
{
    size_t place = find_place(code, num_extension_rows, extension_at);
    return place == num_extension_rows ? NULL : &extension_rows[place];
}

const alert_row *alert_find(uint8_t code)
{
    size_t place = find_place(code, num_alert_rows, alert_at);
    return place == num_alert_rows ? NULL : &alert_rows[place];
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

bool cipher_suite_goes_by_certificate(uint16_t suite)
{
    const cipher_suite_row *row = cipher_suite_find(suite);
    if (row == NULL)
        return true;
    switch (row->key_exchange) {
    case SUITE_KX_RSA:
    case SUITE_KX_DH:
    case SUITE_KX_DHE:
    case SUITE_KX_ECDH:
    case SUITE_KX_ECDHE:
    case SUITE_KX_GOST:
    case SUITE_KX_ANY:
        return row->authentication != SUITE_AUTH_ANONYMOUS;
    default:
        return false;
    }
}
