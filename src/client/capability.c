#include "client/capability.h"

#include "client/library_versions.h"
#include "registry/registry.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

typedef struct ability_row {
    enum library_kind kind;
    enum ability what;
    uint16_t code;      /* of a group, scheme or extension; 0: see `cipher` */
    const char *cipher; /* the registry's name of a cipher begins so */
    const char *since;
    const char *source; /* NULL: see below */
} ability_row;

/* What came when; versions of TLS have a table of their own (library_versions.c). Sources: OpenSSL's CHANGES and NEWS; GnuTLS's
 * NEWS; NSS release notes; Mbed TLS's ChangeLog; wolfSSL's ChangeLog; Go's release notes; JDK release notes and JEP 332 (TLS 1.3);
 * LibreSSL's release notes. */
static const ability_row rows[] = {
    {LIBRARY_OPENSSL, ABILITY_CIPHER, 0, "CHACHA20_POLY1305", "1.1.0", NULL},
    {LIBRARY_OPENSSL, ABILITY_CIPHER, 0, "AES_128_CCM", "1.1.0", NULL},
    {LIBRARY_OPENSSL, ABILITY_CIPHER, 0, "AES_256_CCM", "1.1.0", NULL},
    {LIBRARY_OPENSSL, ABILITY_CIPHER, 0, "AES_128_GCM", "1.0.1", NULL},
    {LIBRARY_OPENSSL, ABILITY_CIPHER, 0, "AES_256_GCM", "1.0.1", NULL},
    {LIBRARY_OPENSSL, ABILITY_CIPHER, 0, "ARIA", "1.1.1", NULL},
    {LIBRARY_OPENSSL, ABILITY_GROUP, 29, NULL, "1.1.0", NULL},
    {LIBRARY_OPENSSL, ABILITY_GROUP, 30, NULL, "1.1.1", NULL},
    {LIBRARY_OPENSSL, ABILITY_GROUP, 26, NULL, "1.0.2", NULL},
    {LIBRARY_OPENSSL, ABILITY_GROUP, 27, NULL, "1.0.2", NULL},
    {LIBRARY_OPENSSL, ABILITY_GROUP, 28, NULL, "1.0.2", NULL},
    {LIBRARY_OPENSSL, ABILITY_GROUP, 31, NULL, "3.2.0", NULL},
    {LIBRARY_OPENSSL, ABILITY_GROUP, 32, NULL, "3.2.0", NULL},
    {LIBRARY_OPENSSL, ABILITY_GROUP, 33, NULL, "3.2.0", NULL},
    {LIBRARY_OPENSSL, ABILITY_GROUP, 256, NULL, "3.0.0", NULL},
    {LIBRARY_OPENSSL, ABILITY_GROUP, 257, NULL, "3.0.0", NULL},
    {LIBRARY_OPENSSL, ABILITY_GROUP, 258, NULL, "3.0.0", NULL},
    {LIBRARY_OPENSSL, ABILITY_GROUP, 259, NULL, "3.0.0", NULL},
    {LIBRARY_OPENSSL, ABILITY_GROUP, 260, NULL, "3.0.0", NULL},
    {LIBRARY_OPENSSL, ABILITY_GROUP, 0x0200, NULL, "3.5.0", NULL},
    {LIBRARY_OPENSSL, ABILITY_GROUP, 0x0201, NULL, "3.5.0", NULL},
    {LIBRARY_OPENSSL, ABILITY_GROUP, 0x0202, NULL, "3.5.0", NULL},
    {LIBRARY_OPENSSL, ABILITY_GROUP, 0x11eb, NULL, "3.5.0", NULL},
    {LIBRARY_OPENSSL, ABILITY_GROUP, 0x11ec, NULL, "3.5.0", NULL},
    {LIBRARY_OPENSSL, ABILITY_GROUP, 0x11ed, NULL, "3.5.0", NULL},
    {LIBRARY_OPENSSL, ABILITY_SCHEME, 0x0401, NULL, "1.0.1", NULL},
    {LIBRARY_OPENSSL, ABILITY_SCHEME, 0x0501, NULL, "1.0.1", NULL},
    {LIBRARY_OPENSSL, ABILITY_SCHEME, 0x0601, NULL, "1.0.1", NULL},
    {LIBRARY_OPENSSL, ABILITY_SCHEME, 0x0804, NULL, "1.1.1", NULL},
    {LIBRARY_OPENSSL, ABILITY_SCHEME, 0x0805, NULL, "1.1.1", NULL},
    {LIBRARY_OPENSSL, ABILITY_SCHEME, 0x0806, NULL, "1.1.1", NULL},
    {LIBRARY_OPENSSL, ABILITY_SCHEME, 0x0809, NULL, "1.1.1", NULL},
    {LIBRARY_OPENSSL, ABILITY_SCHEME, 0x080a, NULL, "1.1.1", NULL},
    {LIBRARY_OPENSSL, ABILITY_SCHEME, 0x080b, NULL, "1.1.1", NULL},
    {LIBRARY_OPENSSL, ABILITY_SCHEME, 0x0807, NULL, "1.1.1", NULL},
    {LIBRARY_OPENSSL, ABILITY_SCHEME, 0x0808, NULL, "1.1.1", NULL},
    {LIBRARY_OPENSSL, ABILITY_EXTENSION, 0, NULL, "0.9.8f", NULL}, /* server_name; on by default since 0.9.8j */
    {LIBRARY_OPENSSL, ABILITY_EXTENSION, 16, NULL, "1.0.2", NULL}, /* ALPN */
    {LIBRARY_OPENSSL, ABILITY_EXTENSION, 23, NULL, "1.1.0", NULL}, /* extended_master_secret */
    {LIBRARY_OPENSSL, ABILITY_EXTENSION, 0xff01, NULL, "0.9.8m", NULL},
    {LIBRARY_LIBRESSL, ABILITY_CIPHER, 0, "CHACHA20_POLY1305", "2.4.0", "LibreSSL ChangeLog, 2.4.0: the IETF's suites"},
    {LIBRARY_LIBRESSL, ABILITY_GROUP, 29, NULL, "2.5.1", "LibreSSL ChangeLog, 2.5.1: Curve25519 key exchange"},
    {LIBRARY_LIBRESSL, ABILITY_SCHEME, 0x0804, NULL, "2.9.0", "LibreSSL ChangeLog, 2.9.0: RSA-PSS for handshake signatures"},
    {LIBRARY_LIBRESSL, ABILITY_SCHEME, 0x0805, NULL, "2.9.0", "LibreSSL ChangeLog, 2.9.0"},
    {LIBRARY_LIBRESSL, ABILITY_SCHEME, 0x0806, NULL, "2.9.0", "LibreSSL ChangeLog, 2.9.0"},
    {LIBRARY_GNUTLS, ABILITY_CIPHER, 0, "CHACHA20_POLY1305", "3.4.0", "GnuTLS NEWS, 3.4.0; by default since 3.5.0"},
    {LIBRARY_GNUTLS, ABILITY_CIPHER, 0, "AES_128_CCM", "3.4.0", "GnuTLS NEWS, 3.4.0: RFC 6655 and RFC 7251"},
    {LIBRARY_GNUTLS, ABILITY_CIPHER, 0, "AES_256_CCM", "3.4.0", "GnuTLS NEWS, 3.4.0"},
    {LIBRARY_GNUTLS, ABILITY_GROUP, 29, NULL, "3.5.0", "GnuTLS NEWS, 3.5.0; by default since 3.6.0"},
    {LIBRARY_GNUTLS, ABILITY_GROUP, 30, NULL, "3.6.12", "GnuTLS NEWS, 3.6.12"},
    {LIBRARY_GNUTLS, ABILITY_GROUP, 256, NULL, "3.6.0", "GnuTLS NEWS, 3.6.0: RFC 7919"},
    {LIBRARY_GNUTLS, ABILITY_GROUP, 257, NULL, "3.6.0", "GnuTLS NEWS, 3.6.0"},
    {LIBRARY_GNUTLS, ABILITY_GROUP, 258, NULL, "3.6.0", "GnuTLS NEWS, 3.6.0"},
    {LIBRARY_GNUTLS, ABILITY_GROUP, 259, NULL, "3.6.4", "GnuTLS NEWS, 3.6.0 (without it) and 3.6.4"},
    {LIBRARY_GNUTLS, ABILITY_GROUP, 260, NULL, "3.6.0", "GnuTLS NEWS, 3.6.0"},
    {LIBRARY_GNUTLS, ABILITY_GROUP, 0x11eb, NULL, "3.8.8", NULL},
    {LIBRARY_GNUTLS, ABILITY_GROUP, 0x11ec, NULL, "3.8.8", NULL},
    {LIBRARY_GNUTLS, ABILITY_SCHEME, 0x0804, NULL, "3.6.0", "GnuTLS NEWS, 3.6.0: RSA-PSS in TLS 1.2"},
    {LIBRARY_GNUTLS, ABILITY_SCHEME, 0x0807, NULL, "3.6.0", "GnuTLS NEWS, 3.6.0: Ed25519"},
    {LIBRARY_GNUTLS, ABILITY_SCHEME, 0x0808, NULL, "3.6.12", "GnuTLS NEWS, 3.6.12: Ed448"},
    {LIBRARY_GNUTLS, ABILITY_EXTENSION, 16, NULL, "3.2.0", "GnuTLS NEWS, 3.2.0: ALPN"},
    {LIBRARY_GNUTLS, ABILITY_EXTENSION, 23, NULL, "3.4.0", "GnuTLS NEWS, 3.4.0"},
    {LIBRARY_NSS, ABILITY_GROUP, 29, NULL, "3.28", NULL},
    {LIBRARY_NSS, ABILITY_GROUP, 0x11eb, NULL, "3.118", "NSS 3.118 release notes, bug 1983313"},
    {LIBRARY_NSS, ABILITY_GROUP, 0x11ed, NULL, "3.118", "NSS 3.118 release notes, bug 1983313"},
    {LIBRARY_NSS, ABILITY_CIPHER, 0, "CHACHA20_POLY1305", "3.23", "NSS 3.23 release notes"},
    {LIBRARY_MBEDTLS, ABILITY_GROUP, 29, NULL, "2.9.0", NULL},
    {LIBRARY_MBEDTLS, ABILITY_CIPHER, 0, "CHACHA20_POLY1305", "2.12.0", "Mbed TLS ChangeLog, 2.12.0: RFC 7905"},
    {LIBRARY_MBEDTLS, ABILITY_CIPHER, 0, "ARIA", "2.10.0", "Mbed TLS ChangeLog, 2.10.0"},
    {LIBRARY_MBEDTLS, ABILITY_CIPHER, 0, "AES_128_CCM", "1.3.8", "Mbed TLS ChangeLog, 1.3.8"},
    {LIBRARY_MBEDTLS, ABILITY_CIPHER, 0, "AES_256_CCM", "1.3.8", "Mbed TLS ChangeLog, 1.3.8"},
    {LIBRARY_MBEDTLS, ABILITY_EXTENSION, 16, NULL, "1.3.6", "Mbed TLS ChangeLog, 1.3.6: ALPN"},
    {LIBRARY_MBEDTLS, ABILITY_EXTENSION, 23, NULL, "1.3.10", "Mbed TLS ChangeLog, 1.3.10"},
    {LIBRARY_WOLFSSL, ABILITY_CIPHER, 0, "CHACHA20_POLY1305", "3.2.0", "wolfSSL ChangeLog, 3.2.0"},
    {LIBRARY_WOLFSSL, ABILITY_EXTENSION, 16, NULL, "3.7.0", "wolfSSL ChangeLog, 3.7.0: ALPN"},
    {LIBRARY_GO, ABILITY_GROUP, 29, NULL, "1.8", NULL},
    {LIBRARY_GO, ABILITY_GROUP, 0x11ec, NULL, "1.24", NULL},
    {LIBRARY_GO, ABILITY_GROUP, 0x11eb, NULL, "1.26", NULL},
    {LIBRARY_GO, ABILITY_GROUP, 0x11ed, NULL, "1.26", NULL},
    {LIBRARY_GO, ABILITY_EXTENSION, 23, NULL, "1.21", NULL}, /* extended_master_secret */
    {LIBRARY_GO, ABILITY_CIPHER, 0, "CHACHA20_POLY1305", "1.8", NULL},
    {LIBRARY_GO, ABILITY_SCHEME, 0x0807, NULL, "1.13", NULL},
    {LIBRARY_GO, ABILITY_SCHEME, 0x0804, NULL, "1.10", NULL},
    {LIBRARY_JSSE, ABILITY_GROUP, 29, NULL, "13", NULL},
    {LIBRARY_JSSE, ABILITY_GROUP, 30, NULL, "13", NULL},
    {LIBRARY_JSSE, ABILITY_GROUP, 0x11eb, NULL, "27", NULL}, /* JEP 527 */
    {LIBRARY_JSSE, ABILITY_GROUP, 0x11ec, NULL, "27", NULL},
    {LIBRARY_JSSE, ABILITY_GROUP, 0x11ed, NULL, "27", NULL},
    {LIBRARY_JSSE, ABILITY_CIPHER, 0, "CHACHA20_POLY1305", "12", NULL},
    {LIBRARY_JSSE, ABILITY_CIPHER, 0, "AES_256_GCM", "1.8", NULL},
    {LIBRARY_JSSE, ABILITY_CIPHER, 0, "AES_128_GCM", "1.8", NULL},
    {LIBRARY_JSSE, ABILITY_SCHEME, 0x0807, NULL, "15", NULL},
    {LIBRARY_JSSE, ABILITY_SCHEME, 0x0808, NULL, "15", NULL},
};

/* Ciphers that no version of a library has had for TLS. Sources: GnuTLS lib/algorithms/ciphersuites.c; JDK
 * sun.security.ssl.CipherSuite; Go crypto/tls/cipher_suites.go; NSS lib/ssl/sslproto.h and ssl3con.c; rustls and Mbed TLS: their
 * lists of suites. */
static const struct {
    enum library_kind kind;
    const char *cipher; /* the registry's name begins so */
} never[] = {
    {LIBRARY_GNUTLS, "IDEA"},      {LIBRARY_GNUTLS, "SEED"},        {LIBRARY_GNUTLS, "ARIA"},        {LIBRARY_JSSE, "IDEA"},
    {LIBRARY_JSSE, "SEED"},        {LIBRARY_JSSE, "ARIA"},          {LIBRARY_JSSE, "CAMELLIA"},      {LIBRARY_NSS, "IDEA"},
    {LIBRARY_NSS, "ARIA"},         {LIBRARY_MBEDTLS, "IDEA"},       {LIBRARY_MBEDTLS, "SEED"},       {LIBRARY_RUSTLS, "IDEA"},
    {LIBRARY_RUSTLS, "SEED"},      {LIBRARY_RUSTLS, "ARIA"},        {LIBRARY_RUSTLS, "CAMELLIA"},    {LIBRARY_RUSTLS, "RC4"},
    {LIBRARY_RUSTLS, "3DES"},      {LIBRARY_RUSTLS, "AES_128_CBC"}, {LIBRARY_RUSTLS, "AES_256_CBC"}, {LIBRARY_JSSE, "AES_128_CCM"},
    {LIBRARY_JSSE, "AES_256_CCM"}, {LIBRARY_NSS, "AES_128_CCM"},    {LIBRARY_NSS, "AES_256_CCM"},    {LIBRARY_BORINGSSL, "IDEA"},
    {LIBRARY_BORINGSSL, "SEED"},   {LIBRARY_BORINGSSL, "ARIA"},     {LIBRARY_BORINGSSL, "CAMELLIA"}, {LIBRARY_LIBRESSL, "ARIA"},
};

/* Groups and schemes that no version has had for TLS, from `first` to `last`. An OpenSSL since 3.0 may have any by a provider: none
 * is claimed of it. Sources: Go crypto/tls/common.go; JDK sun.security.ssl.NamedGroup and SignatureScheme; GnuTLS
 * lib/algorithms/groups.c and sign.c; NSS lib/ssl/ssl3ecc.c; BoringSSL include/openssl/ssl.h; LibreSSL ssl/t1_lib.c and
 * ssl_sigalgs.c; Mbed TLS include/mbedtls/ecp.h; wolfSSL wolfssl/ssl.h; rustls src/crypto. */
static const struct {
    enum library_kind kind;
    enum ability what;
    uint16_t first, last;
} never_codes[] = {
    {LIBRARY_GO, ABILITY_GROUP, 1, 22},
    {LIBRARY_GO, ABILITY_GROUP, 26, 28}, /* brainpool */
    {LIBRARY_GO, ABILITY_GROUP, 30, 41}, /* X448, brainpool of TLS 1.3, GOST, SM2 */
    {LIBRARY_GO, ABILITY_GROUP, 256, 260},
    {LIBRARY_GO, ABILITY_GROUP, 0x0200, 0x0202},
    {LIBRARY_GO, ABILITY_SCHEME, 0x0101, 0x0103},
    {LIBRARY_GO, ABILITY_SCHEME, 0x0202, 0x0202}, /* DSA */
    {LIBRARY_GO, ABILITY_SCHEME, 0x0301, 0x0303},
    {LIBRARY_GO, ABILITY_SCHEME, 0x0402, 0x0402},
    {LIBRARY_GO, ABILITY_SCHEME, 0x0502, 0x0502},
    {LIBRARY_GO, ABILITY_SCHEME, 0x0602, 0x0602},
    {LIBRARY_GO, ABILITY_SCHEME, 0x0808, 0x080b}, /* Ed448, RSASSA-PSS keys */
    {LIBRARY_GO, ABILITY_SCHEME, 0x081a, 0x081c},
    {LIBRARY_JSSE, ABILITY_GROUP, 26, 28},
    {LIBRARY_JSSE, ABILITY_GROUP, 31, 41},
    {LIBRARY_JSSE, ABILITY_GROUP, 0x0200, 0x0202},
    {LIBRARY_JSSE, ABILITY_SCHEME, 0x081a, 0x081c},
    {LIBRARY_GNUTLS, ABILITY_GROUP, 1, 18},
    {LIBRARY_GNUTLS, ABILITY_GROUP, 20, 20},
    {LIBRARY_GNUTLS, ABILITY_GROUP, 22, 22},
    {LIBRARY_GNUTLS, ABILITY_GROUP, 26, 28},
    {LIBRARY_GNUTLS, ABILITY_GROUP, 31, 33},
    {LIBRARY_GNUTLS, ABILITY_SCHEME, 0x081a, 0x081c},
    {LIBRARY_NSS, ABILITY_GROUP, 26, 28},
    {LIBRARY_NSS, ABILITY_GROUP, 30, 33},
    {LIBRARY_NSS, ABILITY_SCHEME, 0x0808, 0x0808},
    {LIBRARY_NSS, ABILITY_SCHEME, 0x081a, 0x081c},
    {LIBRARY_BORINGSSL, ABILITY_GROUP, 1, 20},
    {LIBRARY_BORINGSSL, ABILITY_GROUP, 22, 22},
    {LIBRARY_BORINGSSL, ABILITY_GROUP, 26, 28},
    {LIBRARY_BORINGSSL, ABILITY_GROUP, 30, 33},
    {LIBRARY_BORINGSSL, ABILITY_GROUP, 256, 260},
    {LIBRARY_BORINGSSL, ABILITY_SCHEME, 0x0808, 0x080b},
    {LIBRARY_BORINGSSL, ABILITY_SCHEME, 0x081a, 0x081c},
    {LIBRARY_LIBRESSL, ABILITY_GROUP, 30, 33},
    {LIBRARY_LIBRESSL, ABILITY_GROUP, 256, 260},
    {LIBRARY_LIBRESSL, ABILITY_SCHEME, 0x0808, 0x0808},
    {LIBRARY_LIBRESSL, ABILITY_SCHEME, 0x081a, 0x081c},
    {LIBRARY_MBEDTLS, ABILITY_GROUP, 1, 17},
    {LIBRARY_MBEDTLS, ABILITY_SCHEME, 0x0807, 0x0808},
    {LIBRARY_WOLFSSL, ABILITY_GROUP, 1, 14},
    {LIBRARY_RUSTLS, ABILITY_GROUP, 1, 22},
    {LIBRARY_RUSTLS, ABILITY_GROUP, 26, 28},
    {LIBRARY_RUSTLS, ABILITY_GROUP, 30, 33},
    {LIBRARY_RUSTLS, ABILITY_SCHEME, 0x081a, 0x081c},
    {LIBRARY_RUSTLS, ABILITY_VERSION, VERSION_SSL2, VERSION_TLS11},
    {LIBRARY_BORINGSSL, ABILITY_VERSION, VERSION_SSL2, VERSION_SSL2},
    {LIBRARY_GO, ABILITY_VERSION, VERSION_SSL2, VERSION_SSL2},
};

/* All suites that any version of Go's crypto/tls has (cipher_suites.go): no other. */
static const uint16_t suites_of_go[] = {
    0x0005, 0x000a, 0x002f, 0x0035, 0x003c, 0x009c, 0x009d, 0xc007, 0xc009, 0xc00a, 0xc011, 0xc012, 0xc013,
    0xc014, 0xc023, 0xc027, 0xc02b, 0xc02c, 0xc02f, 0xc030, 0xcca8, 0xcca9, 0x1301, 0x1302, 0x1303, 0x5600,
};

/* Key exchanges that no version has had. BoringSSL: ssl/ssl_cipher.cc; rustls: its README; JDK sun.security.ssl.CipherSuite. */
static const struct {
    enum library_kind kind;
    enum suite_key_exchange key_exchange;
} never_exchanged[] = {
    {LIBRARY_BORINGSSL, SUITE_KX_DHE}, {LIBRARY_BORINGSSL, SUITE_KX_DH}, {LIBRARY_BORINGSSL, SUITE_KX_ECDH},
    {LIBRARY_RUSTLS, SUITE_KX_RSA},    {LIBRARY_RUSTLS, SUITE_KX_DHE},   {LIBRARY_RUSTLS, SUITE_KX_DH},
    {LIBRARY_RUSTLS, SUITE_KX_ECDH},   {LIBRARY_RUSTLS, SUITE_KX_PSK},   {LIBRARY_JSSE, SUITE_KX_PSK},
    {LIBRARY_JSSE, SUITE_KX_DHE_PSK},  {LIBRARY_JSSE, SUITE_KX_RSA_PSK}, {LIBRARY_JSSE, SUITE_KX_ECDHE_PSK},
    {LIBRARY_JSSE, SUITE_KX_SRP},
};

static bool is_suite_of_go(uint16_t code)
{
    for (size_t i = 0; i < sizeof suites_of_go / sizeof *suites_of_go; i++)
        if (suites_of_go[i] == code)
            return true;
    return false;
}

static bool never_had_suite(enum library_kind kind, uint16_t code)
{
    const cipher_suite_row *suite = cipher_suite_find(code);
    if (suite == NULL)
        return false;
    if (kind == LIBRARY_GO)
        return !is_suite_of_go(code);
    for (size_t i = 0; i < sizeof never_exchanged / sizeof *never_exchanged; i++)
        if (never_exchanged[i].kind == kind && never_exchanged[i].key_exchange == suite->key_exchange)
            return true;
    for (size_t i = 0; suite->cipher != NULL && i < sizeof never / sizeof *never; i++)
        if (never[i].kind == kind && strncmp(suite->cipher, never[i].cipher, strlen(never[i].cipher)) == 0)
            return true;
    return false;
}

static bool never_had(enum library_kind kind, enum ability what, uint16_t code)
{
    if (what == ABILITY_CIPHER)
        return never_had_suite(kind, code);
    for (size_t i = 0; i < sizeof never_codes / sizeof *never_codes; i++)
        if (never_codes[i].kind == kind && never_codes[i].what == what && code >= never_codes[i].first &&
            code <= never_codes[i].last)
            return true;
    return false;
}

static bool row_fits(const ability_row *row, enum library_kind kind, enum ability what, uint16_t code)
{
    if (row->kind != kind || row->what != what)
        return false;
    if (row->cipher == NULL)
        return row->code == code;
    const cipher_suite_row *suite = cipher_suite_find(code);
    return suite != NULL && suite->cipher != NULL && strncmp(suite->cipher, row->cipher, strlen(row->cipher)) == 0;
}

/* A suite cannot be known before the version that it belongs to. */
static const char *later(const char *one, const char *other)
{
    if (one == NULL || other == NULL)
        return one == NULL ? other : one;
    return version_compare(one, other) >= 0 ? one : other;
}

const char *ability_since(enum library_kind kind, enum ability what, uint16_t code)
{
    const char *since = what == ABILITY_VERSION ? library_version_since(kind, code) : NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows && since == NULL; i++)
        if (row_fits(&rows[i], kind, what, code))
            since = rows[i].since;
    const cipher_suite_row *suite = what == ABILITY_CIPHER ? cipher_suite_find(code) : NULL;
    if (suite != NULL && suite->version_min >= VERSION_TLS12)
        since = later(since, ability_since(kind, ABILITY_VERSION, suite->version_min));
    return since;
}

bool library_lacks(const tls_library *library, enum ability what, uint16_t code, const char **since)
{
    *since = NULL;
    if (never_had(library->kind, what, code))
        return true;
    if (what == ABILITY_VERSION)
        return library_lacks_version(library, code, since);
    *since = ability_since(library->kind, what, code);
    return library->version != NULL && *since != NULL && version_compare(library->version, *since) < 0;
}

/* ---- numbers of versions ---------------------------------------------------------------------------------------------- */

/* "8u261" and "1.8.0_261" both count their update as one more number. */
static int number_compare(const char **one, const char **other)
{
    char *one_end, *other_end;
    long a = strtol(*one, &one_end, 10), b = strtol(*other, &other_end, 10);
    *one = one_end;
    *other = other_end;
    return a < b ? -1 : a > b;
}

static bool is_separator(char c)
{
    return c == '.' || c == '_' || c == 'u';
}

/* "", "a", "e", "z", "za", "zg": the longer one is the later one. */
static int letters_compare(const char *one, const char *other)
{
    size_t one_len = strspn(one, "abcdefghijklmnopqrstuvwxyz"), other_len = strspn(other, "abcdefghijklmnopqrstuvwxyz");
    if (one_len != other_len)
        return one_len < other_len ? -1 : 1;
    int order = strncmp(one, other, one_len);
    return order < 0 ? -1 : order > 0;
}

/* Java counted 1.7 and 1.8 before it counted 9: the leading "1." of one side alone is no number of its own. */
static const char *without_old_one(const char *version, const char *other)
{
    bool old = strncmp(version, "1.", 2) == 0 && isdigit((unsigned char)version[2]);
    bool other_is_new = strtol(other, NULL, 10) >= 9;
    return old && other_is_new ? version + 2 : version;
}

int version_compare(const char *one, const char *other)
{
    const char *a = without_old_one(one, other), *b = without_old_one(other, one);
    for (;;) {
        int order = number_compare(&a, &b);
        if (order != 0)
            return order;
        bool a_goes_on = is_separator(*a) && isdigit((unsigned char)a[1]);
        bool b_goes_on = is_separator(*b) && isdigit((unsigned char)b[1]);
        if (!a_goes_on && !b_goes_on)
            return letters_compare(a, b);
        /* 3.0 is 3.0.0 */
        a = a_goes_on ? a + 1 : "0";
        b = b_goes_on ? b + 1 : "0";
    }
}
