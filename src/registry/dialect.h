/*
 * How programs and libraries spell versions, suites, groups and signature schemes in their options, files and code.
 * Pure; ownership: constant, or in the arena given.
 */
#ifndef TLSWHY_REGISTRY_DIALECT_H
#define TLSWHY_REGISTRY_DIALECT_H

#include "registry/registry.h"

enum dialect {
    DIALECT_PEOPLE,  /* TLS 1.2, as in the registry */
    DIALECT_NUMBER,  /* 1.2: curl */
    DIALECT_OPENSSL, /* TLSv1.2, P-256, RSA+SHA256: openssl.cnf; also Node.js, nginx, Apache, HAProxy, PHP's ciphers */
    DIALECT_JAVA,    /* TLSv1.2, IANA's names */
    DIALECT_PYTHON,  /* TLSv1_2: the ssl module; also Perl and wget */
    DIALECT_RUBY,    /* TLS1_2: OpenSSL::SSL::TLS1_2_VERSION */
    DIALECT_PHP,     /* TLSv1_2, TLSv1_0: STREAM_CRYPTO_METHOD_TLSv1_2_CLIENT */
    DIALECT_GO,      /* TLS12: tls.VersionTLS12; CurveP256 */
    DIALECT_DOTNET,  /* Tls12: SslProtocols.Tls12 */
    DIALECT_GNUTLS,  /* VERS-TLS1.2, GROUP-SECP256R1: priority strings, without the sign before each */
    NUM_DIALECTS,
};

/* "python" ...: as in the texts of remedies. `name` need not end in NUL; false where there is none of that name. */
bool dialect_find(bytes_view name, enum dialect *out);

/* NULL where that dialect has no word for it. A suite is several words in GnuTLS: "RSA:+AES-128-CBC:+SHA1". */
const char *dialect_version(arena *a, enum dialect d, uint16_t version);
const char *dialect_suite(arena *a, enum dialect d, uint16_t suite);
const char *dialect_group(arena *a, enum dialect d, uint16_t group);
const char *dialect_scheme(arena *a, enum dialect d, uint16_t scheme);

/* What stands between the words of a list there: "," or ":". */
const char *dialect_separator(enum dialect d);

/* Those of a list that have a word, joined by `separator`; NULL where none has. */
typedef const char *dialect_word(arena *a, enum dialect d, uint16_t code);
const char *dialect_list(arena *a, enum dialect d, dialect_word *word, code_list list, const char *separator);

#endif
