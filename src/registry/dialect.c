#include "registry/dialect.h"

#include <ctype.h>
#include <string.h>

bool dialect_find(bytes_view name, enum dialect *out)
{
    static const char *const names[NUM_DIALECTS] = {"people", "number", "openssl", "java",   "python",
                                                    "ruby",   "php",    "go",      "dotnet", "gnutls"};
    for (size_t i = 0; i < NUM_DIALECTS; i++)
        if (bytes_equal(name, bytes_from_text(names[i]))) {
            *out = (enum dialect)i;
            return true;
        }
    return false;
}

/* In the order of enum dialect. From: curl(1), SSL_CONF_cmd(3), the JSSE reference guide, Python's ssl, Ruby's OpenSSL::SSL, PHP's
 * stream constants, Go's crypto/tls, .NET's SslProtocols, GnuTLS "Priority strings". */
static const struct {
    uint16_t code;
    const char *words[NUM_DIALECTS];
} versions[] = {
    {VERSION_SSL3, {"SSL 3.0", NULL, "SSLv3", "SSLv3", "SSLv3", "SSL3", "SSLv3", NULL, "Ssl3", "VERS-SSL3.0"}},
    {VERSION_TLS10, {"TLS 1.0", "1.0", "TLSv1", "TLSv1", "TLSv1", "TLS1", "TLSv1_0", "TLS10", "Tls", "VERS-TLS1.0"}},
    {VERSION_TLS11, {"TLS 1.1", "1.1", "TLSv1.1", "TLSv1.1", "TLSv1_1", "TLS1_1", "TLSv1_1", "TLS11", "Tls11", "VERS-TLS1.1"}},
    {VERSION_TLS12, {"TLS 1.2", "1.2", "TLSv1.2", "TLSv1.2", "TLSv1_2", "TLS1_2", "TLSv1_2", "TLS12", "Tls12", "VERS-TLS1.2"}},
    {VERSION_TLS13, {"TLS 1.3", "1.3", "TLSv1.3", "TLSv1.3", "TLSv1_3", "TLS1_3", "TLSv1_3", "TLS13", "Tls13", "VERS-TLS1.3"}},
};

const char *dialect_version(arena *a, enum dialect d, uint16_t version)
{
    (void)a;
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
        if (versions[i].code == version)
            return versions[i].words[d];
    return NULL;
}

/* ---- GnuTLS ------------------------------------------------------------------------------------------------------------- */

static char *upper_with_dashes(arena *a, const char *name)
{
    char *text = bytes_to_text(a, bytes_from_text(name));
    for (char *at = text; *at != 0; at++)
        *at = *at == '_' ? '-' : (char)toupper((unsigned char)*at);
    return text;
}

static const char *gnutls_key_exchange(const cipher_suite_row *suite)
{
    bool is_rsa = suite->authentication == SUITE_AUTH_RSA;
    switch (suite->key_exchange) {
    case SUITE_KX_RSA:
        return "RSA";
    case SUITE_KX_DHE:
        return is_rsa ? "DHE-RSA" : suite->authentication == SUITE_AUTH_DSS ? "DHE-DSS" : NULL;
    case SUITE_KX_ECDHE:
        return is_rsa ? "ECDHE-RSA" : suite->authentication == SUITE_AUTH_ECDSA ? "ECDHE-ECDSA" : NULL;
    default:
        return NULL;
    }
}

static const char *gnutls_suite(arena *a, const cipher_suite_row *suite)
{
    const char *cipher = strcmp(suite->cipher, "3DES_EDE_CBC") == 0 ? "3DES-CBC"
                         : strcmp(suite->cipher, "RC4_128") == 0    ? "ARCFOUR-128"
                                                                    : upper_with_dashes(a, suite->cipher);
    const char *hash = strcmp(suite->hash, "SHA") == 0 ? "SHA1" : suite->hash;
    const char *exchange = gnutls_key_exchange(suite);
    if (suite->key_exchange == SUITE_KX_ANY)
        return arena_printf(a, "%s:+AEAD", cipher);
    return exchange == NULL ? NULL : arena_printf(a, "%s:+%s:+%s", exchange, cipher, suite->is_aead ? "AEAD" : hash);
}

/* GnuTLS has ECDSA's schemes by curve (SIGN-ECDSA-SECP256R1-SHA256), those of PKCS #1 without its name. */
static const char *gnutls_scheme(arena *a, const signature_scheme_row *scheme)
{
    static const char pkcs1[] = "rsa_pkcs1_";
    if (strcmp(scheme->key_type, "EdDSA") == 0)
        return arena_printf(a, "SIGN-EDDSA-%s", upper_with_dashes(a, scheme->name));
    if (strncmp(scheme->name, pkcs1, sizeof pkcs1 - 1) == 0)
        return arena_printf(a, "SIGN-RSA-%s", scheme->hash);
    return arena_printf(a, "SIGN-%s", upper_with_dashes(a, scheme->name));
}

/* ---- all ----------------------------------------------------------------------------------------------------------------------
 */

const char *dialect_suite(arena *a, enum dialect d, uint16_t suite)
{
    const cipher_suite_row *row = cipher_suite_find(suite);
    if (row == NULL || row->kind != SUITE_NORMAL)
        return NULL;
    switch (d) {
    case DIALECT_JAVA:
    case DIALECT_DOTNET:
        return row->name;
    case DIALECT_GO:
        return arena_printf(a, "tls.%s", row->name);
    case DIALECT_GNUTLS:
        return gnutls_suite(a, row);
    case DIALECT_PEOPLE:
        return row->openssl_name == NULL || strcmp(row->openssl_name, row->name) == 0
                   ? row->name
                   : arena_printf(a, "%s (%s)", row->openssl_name, row->name);
    default:
        return row->openssl_name;
    }
}

static const char *go_group(const group_row *row)
{
    static const struct {
        const char *name, *word;
    } words[] = {{"secp256r1", "tls.CurveP256"},
                 {"secp384r1", "tls.CurveP384"},
                 {"secp521r1", "tls.CurveP521"},
                 {"x25519", "tls.X25519"},
                 {"X25519MLKEM768", "tls.X25519MLKEM768"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].name, row->name) == 0)
            return words[i].word;
    return NULL;
}

const char *dialect_group(arena *a, enum dialect d, uint16_t group)
{
    const group_row *row = group_find(group);
    if (row == NULL)
        return NULL;
    switch (d) {
    case DIALECT_JAVA:
        return row->name;
    case DIALECT_GO:
        return go_group(row);
    case DIALECT_GNUTLS:
        return arena_printf(a, "GROUP-%s", upper_with_dashes(a, row->name));
    case DIALECT_PEOPLE:
        return row->other_name == NULL ? row->name : arena_printf(a, "%s (%s)", row->name, row->other_name);
    case DIALECT_PYTHON: /* one curve, by the name that OpenSSL's objects have (set_ecdh_curve) */
        return row->openssl_name;
    default:
        return row->other_name != NULL ? row->other_name : row->openssl_name;
    }
}

const char *dialect_scheme(arena *a, enum dialect d, uint16_t scheme)
{
    const signature_scheme_row *row = signature_scheme_find(scheme);
    if (row == NULL)
        return NULL;
    switch (d) {
    case DIALECT_JAVA:
    case DIALECT_PEOPLE:
        return row->name;
    case DIALECT_GNUTLS:
        return gnutls_scheme(a, row);
    default:
        return row->openssl_name;
    }
}

const char *dialect_separator(enum dialect d)
{
    switch (d) {
    case DIALECT_PEOPLE:
    case DIALECT_GO:
    case DIALECT_DOTNET:
        return ", ";
    case DIALECT_JAVA:
        return ",";
    case DIALECT_GNUTLS:
        return ":+";
    default:
        return ":";
    }
}

const char *dialect_list(arena *a, enum dialect d, dialect_word *word, code_list list, const char *separator)
{
    const char *text = NULL;
    for (size_t i = 0; i < list.num_codes; i++) {
        const char *one = word(a, d, list.codes[i]);
        if (one != NULL)
            text = text == NULL ? one : arena_printf(a, "%s%s%s", text, separator, one);
    }
    return text;
}
