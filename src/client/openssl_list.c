#include "client/openssl_list.h"

#include "client/capability.h"
#include "registry/dialect.h"

#include <string.h>

static const char default_word[] = "DEFAULT";

code_list suites_of_tls13(arena *a, code_list suites, bool of_tls13)
{
    code_list list = {.num_codes = 0};
    for (size_t i = 0; i < suites.num_codes; i++) {
        const cipher_suite_row *row = cipher_suite_find(suites.codes[i]);
        if (row != NULL && (row->version_min >= VERSION_TLS13) == of_tls13)
            list = codes_joined(a, list, codes_one(a, suites.codes[i]));
    }
    return list;
}

/* ssl/s3_lib.c of OpenSSL 1.1.0 to 3.5: SSL_NOT_DEFAULT. */
static bool is_left_out_by_default(uint16_t code)
{
    static const char *const ciphers[] = {"CAMELLIA", "ARIA", "SEED", "IDEA", "RC4", "3DES", "DES", "NULL"};
    const cipher_suite_row *row = cipher_suite_find(code);
    for (size_t i = 0; row->cipher != NULL && i < sizeof ciphers / sizeof *ciphers; i++)
        if (strncmp(row->cipher, ciphers[i], strlen(ciphers[i])) == 0)
            return true;
    bool is_ccm = row->cipher != NULL && strstr(row->cipher, "CCM") != NULL;
    return is_ccm || row->authentication == SUITE_AUTH_DSS || row->authentication == SUITE_AUTH_ANONYMOUS;
}

/* Before 1.1.0 it was ALL:!EXPORT:!LOW:!aNULL:!eNULL:!SSLv2 (ssl/ssl.h of 1.0.2). */
static bool was_left_out_by_default(uint16_t code)
{
    const cipher_suite_row *row = cipher_suite_find(code);
    bool is_low = row->cipher != NULL && (strcmp(row->cipher, "DES_CBC") == 0 || strcmp(row->cipher, "NULL") == 0);
    return row->is_export || is_low || row->authentication == SUITE_AUTH_ANONYMOUS;
}

/* What DEFAULT stands for, with the rest taken away for now and not for good; NULL where it need not be written out: LibreSSL's and
 * BoringSSL's take away for good only what nobody wants. */
static const char *default_written_out(const tls_library *library, code_list suites)
{
    bool is_other = library != NULL && library->kind != LIBRARY_OPENSSL && library->kind != LIBRARY_UNKNOWN;
    bool is_old = library != NULL && library->version != NULL && version_compare(library->version, "1.1.0") < 0;
    for (size_t i = 0; i < suites.num_codes && !is_other; i++)
        if (is_old ? was_left_out_by_default(suites.codes[i]) : is_left_out_by_default(suites.codes[i]))
            return is_old ? "ALL:-EXPORT:-LOW:-aNULL:-SSLv2" : "ALL:-COMPLEMENTOFDEFAULT";
    return NULL;
}

/* The same list, whose "!WORD" stand behind all else as "-WORD": then what follows may add it again. */
static const char *with_nothing_for_good(arena *a, const char *own)
{
    static const char separators[] = ": ,;";
    const char *kept = "", *taken = "";
    if (strchr(own, '!') == NULL)
        return own;
    char *rest, *text = bytes_to_text(a, bytes_from_text(own));
    for (char *word = strtok_r(text, separators, &rest); word != NULL; word = strtok_r(NULL, separators, &rest)) {
        if (word[0] == '!')
            taken = arena_printf(a, "%s:-%s", taken, word + 1);
        else
            kept = arena_printf(a, "%s%s%s", kept, kept[0] == 0 ? "" : ":", word);
    }
    return arena_printf(a, "%s%s", kept, taken);
}

static const char *with_default_written_out(arena *a, const tls_library *library, const char *own, code_list suites)
{
    const char *instead = default_written_out(library, suites);
    if (instead == NULL || strncmp(own, default_word, sizeof default_word - 1) != 0)
        return own;
    const char *rest = own + sizeof default_word - 1;
    return arena_printf(a, "%s%s%s", instead, rest[0] == 0 || rest[0] == ':' ? "" : ":", rest);
}

const char *openssl_list_with(arena *a, const tls_library *library, const char *own, code_list suites)
{
    code_list older = suites_of_tls13(a, suites, false);
    const char *more = dialect_list(a, DIALECT_OPENSSL, dialect_suite, older, ":");
    if (more == NULL)
        return NULL;
    const char *base = with_default_written_out(a, library, own == NULL ? default_word : own, older);
    return arena_printf(a, "%s:%s", with_nothing_for_good(a, base), more);
}

const char *openssl_tls13_list_with(arena *a, code_list suites)
{
    code_list newer = suites_of_tls13(a, suites, true);
    const char *list = OPENSSL_TLS13_SUITES;
    for (size_t i = 0; i < newer.num_codes; i++) {
        const char *name = dialect_suite(a, DIALECT_OPENSSL, newer.codes[i]);
        if (name != NULL && strstr(list, name) == NULL)
            list = arena_printf(a, "%s:%s", list, name);
    }
    return newer.num_codes == 0 ? NULL : list;
}
