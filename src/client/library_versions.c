#include "client/library_versions.h"

#include "client/capability.h"
#include "registry/registry.h"

/* `until` is the last version that has it in a usual build: NULL where none took it out. A library without a row for a version
 * never had it. */
typedef struct version_span {
    enum library_kind kind;
    uint16_t version;
    const char *since, *until;
    const char *source;
} version_span;

static const version_span spans[] = {
    {LIBRARY_OPENSSL, VERSION_SSL2, "0.9", "1.0.2zz", "OpenSSL CHANGES, 1.1.0: SSLv2 removed"},
    {LIBRARY_OPENSSL, VERSION_SSL3, "0.9", "1.0.2zz", "OpenSSL CHANGES, 1.1.0: SSLv3 is by default disabled at build-time"},
    {LIBRARY_OPENSSL, VERSION_TLS10, "0.9", NULL, "OpenSSL CHANGES, 0.9.1"},
    {LIBRARY_OPENSSL, VERSION_TLS11, "1.0.1", NULL, "OpenSSL CHANGES, 1.0.1"},
    {LIBRARY_OPENSSL, VERSION_TLS12, "1.0.1", NULL, "OpenSSL CHANGES, 1.0.1"},
    {LIBRARY_OPENSSL, VERSION_TLS13, "1.1.1", NULL, "OpenSSL CHANGES, 1.1.1"},
    {LIBRARY_LIBRESSL, VERSION_SSL3, "2.0", "2.2.99", "LibreSSL release notes, 2.3.0: SSLv3 removed"},
    {LIBRARY_LIBRESSL, VERSION_TLS10, "2.0", "3.8.0", "LibreSSL release notes, 3.8.1: TLS 1.0 and 1.1 are ignored"},
    {LIBRARY_LIBRESSL, VERSION_TLS11, "2.0", "3.8.0", "LibreSSL release notes, 3.8.1"},
    {LIBRARY_LIBRESSL, VERSION_TLS12, "2.0", NULL, "LibreSSL is of OpenSSL 1.0.1g"},
    {LIBRARY_LIBRESSL, VERSION_TLS13, "3.1.0", NULL, "LibreSSL ChangeLog, 3.1.0: clients; servers since 3.2.0"},
    {LIBRARY_BORINGSSL, VERSION_TLS10, NULL, NULL, "BoringSSL ssl/ssl_versions.cc"},
    {LIBRARY_BORINGSSL, VERSION_TLS11, NULL, NULL, "BoringSSL ssl/ssl_versions.cc"},
    {LIBRARY_BORINGSSL, VERSION_TLS12, NULL, NULL, "BoringSSL ssl/ssl_versions.cc"},
    {LIBRARY_BORINGSSL, VERSION_TLS13, NULL, NULL, "BoringSSL ssl/ssl_versions.cc"},
    {LIBRARY_GNUTLS, VERSION_SSL3, "1.0", "3.6.2", "GnuTLS NEWS, 3.6.3: SSL 3.0 disabled at compile time by default"},
    {LIBRARY_GNUTLS, VERSION_TLS10, "1.0", NULL, "GnuTLS NEWS"},
    {LIBRARY_GNUTLS, VERSION_TLS11, "1.0", NULL, "GnuTLS NEWS"},
    {LIBRARY_GNUTLS, VERSION_TLS12, "2.12.0", NULL, "GnuTLS NEWS"},
    {LIBRARY_GNUTLS, VERSION_TLS13, "3.6.3", NULL, "GnuTLS NEWS, 3.6.3 (by default since 3.6.5)"},
    {LIBRARY_NSS, VERSION_SSL2, "3.0", "3.23", "NSS 3.24 release notes: SSLv2 code disabled"},
    {LIBRARY_NSS, VERSION_SSL3, "3.0", NULL, "NSS release notes"},
    {LIBRARY_NSS, VERSION_TLS10, "3.0", NULL, "NSS release notes"},
    {LIBRARY_NSS, VERSION_TLS11, "3.14", NULL, "NSS 3.14 release notes"},
    {LIBRARY_NSS, VERSION_TLS12, "3.15.1", NULL, "NSS 3.15.1 release notes"},
    {LIBRARY_NSS, VERSION_TLS13, "3.39", NULL, "NSS 3.39 release notes: RFC 8446"},
    {LIBRARY_MBEDTLS, VERSION_SSL3, "1.0", "2.2.99", "Mbed TLS ChangeLog, 2.3.0: SSLv3 not in the default configuration"},
    {LIBRARY_MBEDTLS, VERSION_TLS10, "1.0", "2.99", "Mbed TLS ChangeLog, 3.0.0: TLS 1.0 and 1.1 removed"},
    {LIBRARY_MBEDTLS, VERSION_TLS11, "1.0", "2.99", "Mbed TLS ChangeLog, 3.0.0"},
    {LIBRARY_MBEDTLS, VERSION_TLS12, "1.3", NULL, "Mbed TLS ChangeLog"},
    {LIBRARY_MBEDTLS, VERSION_TLS13, "3.6.0", NULL, "Mbed TLS ChangeLog, 3.6.0: in the default build"},
    {LIBRARY_WOLFSSL, VERSION_SSL3, "3.0", "3.6.0", "wolfSSL ChangeLog, 3.6.6: SSLv3 disabled by default"},
    {LIBRARY_WOLFSSL, VERSION_TLS10, "3.0", "3.12.9", "wolfSSL ChangeLog, 3.13.0: TLS 1.0 disabled by default"},
    {LIBRARY_WOLFSSL, VERSION_TLS11, "3.0", NULL, "wolfSSL ChangeLog"},
    {LIBRARY_WOLFSSL, VERSION_TLS12, "3.0", NULL, "wolfSSL ChangeLog"},
    {LIBRARY_WOLFSSL, VERSION_TLS13, "4.0.0", NULL, "wolfSSL ChangeLog"},
    {LIBRARY_GO, VERSION_SSL3, "1.0", "1.13.99", "Go 1.14 release notes: SSLv3 removed"},
    {LIBRARY_GO, VERSION_TLS10, "1.0", NULL, "crypto/tls"},
    {LIBRARY_GO, VERSION_TLS11, "1.2", NULL, "Go 1.2 release notes"},
    {LIBRARY_GO, VERSION_TLS12, "1.2", NULL, "Go 1.2 release notes"},
    {LIBRARY_GO, VERSION_TLS13, "1.12", NULL, "Go 1.12 release notes (by default since 1.13)"},
    {LIBRARY_JSSE, VERSION_SSL3, "1.4", NULL, "JSSE reference guide"},
    {LIBRARY_JSSE, VERSION_TLS10, "1.4", NULL, "JSSE reference guide"},
    {LIBRARY_JSSE, VERSION_TLS11, "1.7", NULL, "JDK 7 release notes"},
    {LIBRARY_JSSE, VERSION_TLS12, "1.7", NULL, "JDK 7 release notes"},
    {LIBRARY_JSSE, VERSION_TLS13, "1.8.0_261", NULL, "JDK 8u261 release notes; JEP 332 for 11"},
    {LIBRARY_RUSTLS, VERSION_TLS12, "0.1", NULL, "rustls README"},
    {LIBRARY_RUSTLS, VERSION_TLS13, "0.1", NULL, "rustls README"},
};

/* TLS 1.3 is in Java 8 since 8u261, in no 9 or 10, and in 11. */
static bool is_java_between(const version_span *span, const char *version)
{
    return span->kind == LIBRARY_JSSE && span->version == VERSION_TLS13 && version_compare(version, "9") >= 0 &&
           version_compare(version, "11") < 0;
}

static bool span_holds(const version_span *span, const tls_library *library)
{
    if (span->kind != library->kind || span->since == NULL)
        return span->kind == library->kind; /* a library without versions */
    return library->version != NULL && version_compare(library->version, span->since) >= 0 &&
           (span->until == NULL || version_compare(library->version, span->until) <= 0) && !is_java_between(span, library->version);
}

code_list library_versions(arena *a, const tls_library *library)
{
    code_list list = {.codes = ARENA_ARRAY(a, sizeof spans / sizeof *spans, uint16_t)};
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++)
        if (span_holds(&spans[i], library))
            list.codes[list.num_codes++] = spans[i].version;
    return list;
}

static const version_span *find_span(enum library_kind kind, uint16_t version)
{
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++)
        if (spans[i].kind == kind && spans[i].version == version)
            return &spans[i];
    return NULL;
}

const char *library_version_since(enum library_kind kind, uint16_t version)
{
    const version_span *span = find_span(kind, version);
    return span == NULL ? NULL : span->since;
}

bool library_lacks_version(const tls_library *library, uint16_t version, const char **since)
{
    const version_span *span = find_span(library->kind, version);
    *since = span == NULL ? NULL : span->since;
    if (*since == NULL || library->version == NULL)
        return false;
    if (span->until != NULL && version_compare(library->version, span->until) > 0) {
        *since = NULL; /* no later version can */
        return true;
    }
    if (is_java_between(span, library->version)) {
        *since = "11";
        return true;
    }
    return version_compare(library->version, span->since) < 0;
}

/* ---- defaults ------------------------------------------------------------------------------------------------------------ */

/* The last row that begins at or below the version holds. At OpenSSL's level 1 TLS 1.0 and 1.1 are out since 3.0, for their
 * signatures with SHA-1. */
static const struct {
    enum library_kind kind;
    const char *since;
    library_default is;
} defaults[] = {
    {LIBRARY_OPENSSL, "0.9", {VERSION_SSL2, VERSION_TLS10, -1, "OpenSSL ssl/s23_clnt.c"}},
    {LIBRARY_OPENSSL, "1.0.1", {VERSION_SSL3, VERSION_TLS12, -1, "OpenSSL CHANGES, 1.0.1"}},
    {LIBRARY_OPENSSL, "1.1.0", {VERSION_TLS10, VERSION_TLS12, 1, "OpenSSL CHANGES, 1.1.0"}},
    {LIBRARY_OPENSSL, "1.1.1", {VERSION_TLS10, VERSION_TLS13, 1, "OpenSSL CHANGES, 1.1.1"}},
    {LIBRARY_OPENSSL, "3.0.0", {VERSION_TLS12, VERSION_TLS13, 1, "OpenSSL CHANGES, 3.0: TLS 1.0 and 1.1 need level 0"}},
    {LIBRARY_OPENSSL, "3.2.0", {VERSION_TLS12, VERSION_TLS13, 2, "OpenSSL CHANGES, 3.2: the default level is 2"}},
    {LIBRARY_LIBRESSL, "2.3.0", {VERSION_TLS10, VERSION_TLS12, -1, "LibreSSL release notes"}},
    {LIBRARY_LIBRESSL, "3.1.0", {VERSION_TLS10, VERSION_TLS13, -1, "LibreSSL ChangeLog, 3.1.0"}},
    {LIBRARY_LIBRESSL, "3.8.1", {VERSION_TLS12, VERSION_TLS13, -1, "LibreSSL release notes, 3.8.1"}},
    {LIBRARY_GNUTLS, "2.12.0", {VERSION_SSL3, VERSION_TLS12, -1, "GnuTLS NEWS"}},
    {LIBRARY_GNUTLS, "3.4.0", {VERSION_TLS10, VERSION_TLS12, -1, "GnuTLS NEWS, 3.4.0: SSL 3.0 is not in NORMAL"}},
    {LIBRARY_GNUTLS, "3.6.5", {VERSION_TLS10, VERSION_TLS13, -1, "GnuTLS NEWS, 3.6.5"}},
    {LIBRARY_MBEDTLS, "2.0", {VERSION_TLS10, VERSION_TLS12, -1, "Mbed TLS mbedtls_ssl_config_defaults"}},
    {LIBRARY_MBEDTLS, "3.0", {VERSION_TLS12, VERSION_TLS12, -1, "Mbed TLS ChangeLog, 3.0.0"}},
    {LIBRARY_MBEDTLS, "3.6.0", {VERSION_TLS12, VERSION_TLS13, -1, "Mbed TLS ChangeLog, 3.6.0"}},
    {LIBRARY_GO, "1.0", {VERSION_SSL3, VERSION_TLS10, -1, "crypto/tls"}},
    {LIBRARY_GO, "1.2", {VERSION_TLS10, VERSION_TLS12, -1, "Go 1.2 release notes"}},
    {LIBRARY_GO, "1.13", {VERSION_TLS10, VERSION_TLS13, -1, "Go 1.13 release notes"}},
    {LIBRARY_GO, "1.18", {VERSION_TLS12, VERSION_TLS13, -1, "Go 1.18 release notes: clients begin at TLS 1.2"}},
    {LIBRARY_JSSE, "1.7", {VERSION_TLS10, VERSION_TLS10, -1, "JDK 7 release notes: 1.1 and 1.2 are off for clients"}},
    {LIBRARY_JSSE, "1.8", {VERSION_TLS10, VERSION_TLS12, -1, "JDK 8 release notes"}},
    {LIBRARY_JSSE, "1.8.0_291", {VERSION_TLS12, VERSION_TLS12, -1, "JDK 8u291 release notes"}},
    {LIBRARY_JSSE, "11", {VERSION_TLS10, VERSION_TLS13, -1, "JEP 332"}},
    {LIBRARY_JSSE, "11.0.11", {VERSION_TLS12, VERSION_TLS13, -1, "JDK 11.0.11 and 16 release notes: 1.0 and 1.1 disabled"}},
    {LIBRARY_RUSTLS, "0.1", {VERSION_TLS12, VERSION_TLS13, -1, "rustls README"}},
};

bool library_default_find(const tls_library *library, library_default *out)
{
    bool found = false;
    for (size_t i = 0; library->version != NULL && i < sizeof defaults / sizeof *defaults; i++)
        if (defaults[i].kind == library->kind && version_compare(library->version, defaults[i].since) >= 0) {
            *out = defaults[i].is;
            found = true;
        }
    return found;
}
