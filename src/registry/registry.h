/*
 * Names and properties of every version, cipher suite, group, signature scheme, extension and alert: tables, from the IANA
 * registries, in data/ (each row with its source), made into C by tools/make_registry.py at build time.
 *
 * Ownership: everything here is constant. Look-ups by number are exact; NULL where the registry has no such row.
 */
#ifndef TLSWHY_REGISTRY_REGISTRY_H
#define TLSWHY_REGISTRY_REGISTRY_H

#include "base/arena.h"
#include "base/bytes.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VERSION_SSL2 0x0002
#define VERSION_SSL3 0x0300
#define VERSION_TLS10 0x0301
#define VERSION_TLS11 0x0302
#define VERSION_TLS12 0x0303
#define VERSION_TLS13 0x0304

typedef struct version_row {
    uint16_t code;
    const char *name;   /* "TLS 1.2" */
    const char *source; /* "RFC 5246" */
} version_row;

enum suite_key_exchange {
    SUITE_KX_NULL,
    SUITE_KX_RSA,
    SUITE_KX_DH,
    SUITE_KX_DHE,
    SUITE_KX_ECDH,
    SUITE_KX_ECDHE,
    SUITE_KX_PSK,
    SUITE_KX_DHE_PSK,
    SUITE_KX_ECDHE_PSK,
    SUITE_KX_RSA_PSK,
    SUITE_KX_KRB5,
    SUITE_KX_SRP,
    SUITE_KX_GOST,
    SUITE_KX_ECCPWD,
    SUITE_KX_ANY, /* TLS 1.3: not the suite's business */
};
enum suite_authentication {
    SUITE_AUTH_NULL,
    SUITE_AUTH_ANONYMOUS,
    SUITE_AUTH_RSA,
    SUITE_AUTH_DSS,
    SUITE_AUTH_ECDSA,
    SUITE_AUTH_PSK,
    SUITE_AUTH_KRB5,
    SUITE_AUTH_SRP,
    SUITE_AUTH_GOST,
    SUITE_AUTH_ECCPWD,
    SUITE_AUTH_ANY,
};
enum suite_kind { SUITE_NORMAL, SUITE_SIGNALLING /* SCSV */ };

typedef struct cipher_suite_row {
    uint16_t code;
    const char *name;         /* "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256" */
    const char *openssl_name; /* "ECDHE-RSA-AES128-GCM-SHA256", or NULL */
    const char *gnutls_name;  /* "TLS_ECDHE_RSA_AES_128_GCM_SHA256", or NULL */
    enum suite_kind kind;
    enum suite_key_exchange key_exchange;
    enum suite_authentication authentication;
    const char *cipher;                /* "AES_128_GCM", "3DES_EDE_CBC", "NULL" ... */
    const char *hash;                  /* "SHA256" ... */
    uint16_t version_min, version_max; /* VERSION_...: where it may be negotiated */
    bool is_export, is_aead;
    const char *source; /* "RFC 5289" */
} cipher_suite_row;

enum group_kind { GROUP_EC, GROUP_FFDHE, GROUP_MLKEM, GROUP_HYBRID, GROUP_EXPLICIT };
typedef struct group_row {
    uint16_t code;
    const char *name;         /* "secp256r1", "X25519MLKEM768" */
    const char *openssl_name; /* "prime256v1", or NULL */
    const char *other_name;   /* "P-256", or NULL */
    enum group_kind kind;
    uint16_t bits; /* security-relevant size: 256, 2048 ... */
    bool in_tls13;
    const char *source;
} group_row;

typedef struct signature_scheme_row {
    uint16_t code;
    const char *name;         /* "rsa_pss_rsae_sha256" */
    const char *openssl_name; /* "RSA-PSS+SHA256", or NULL */
    const char *key_type;     /* "RSA", "RSA-PSS", "ECDSA", "EdDSA", "DSA", "ML-DSA", "anonymous" ... */
    const char *hash;         /* "SHA256", "MD5" ..., or NULL */
    bool in_tls13;            /* may sign a TLS 1.3 CertificateVerify */
    const char *source;
} signature_scheme_row;

typedef struct extension_row {
    uint16_t code;
    const char *name;
    const char *source;
} extension_row;

typedef struct alert_row {
    uint8_t code;
    const char *name;    /* "handshake_failure" */
    const char *meaning; /* a short clause for people */
    const char *source;
} alert_row;

const version_row *version_find(uint16_t code);
const cipher_suite_row *cipher_suite_find(uint16_t code);
const group_row *group_find(uint16_t code);
const signature_scheme_row *signature_scheme_find(uint16_t code);
const extension_row *extension_find(uint16_t code);
const alert_row *alert_find(uint8_t code);

/* The whole tables, sorted by number. */
extern const version_row version_rows[];
extern const size_t num_version_rows;
extern const cipher_suite_row cipher_suite_rows[];
extern const size_t num_cipher_suite_rows;
extern const group_row group_rows[];
extern const size_t num_group_rows;
extern const signature_scheme_row signature_scheme_rows[];
extern const size_t num_signature_scheme_rows;
extern const extension_row extension_rows[];
extern const size_t num_extension_rows;
extern const alert_row alert_rows[];
extern const size_t num_alert_rows;

/* A name for people, never NULL: the registry's, or "GREASE (0x2a2a)", or "unknown (0x1234)". In the arena or constant. */
const char *version_name(arena *a, uint16_t code);
const char *cipher_suite_name(arena *a, uint16_t code);
const char *group_name(arena *a, uint16_t code);
const char *signature_scheme_name(arena *a, uint16_t code);
const char *extension_name(arena *a, uint16_t code);
const char *alert_name(arena *a, uint8_t code); /* "handshake_failure (40)" */
/* "A, B and C" by one of the functions above; more than `count_max` end with "and 12 more". */
char *code_names(arena *a, code_list list, const char *(*name)(arena *, uint16_t), size_t count_max);

/* Whether a certificate is what the server proves itself with: not where it is a key, a password or a ticket that both have, or
 * nothing. Unknown suites: true. */
bool cipher_suite_goes_by_certificate(uint16_t suite);
/* Whether a suite may be negotiated at that version. Unknown suites: false. */
bool cipher_suite_fits_version(uint16_t suite, uint16_t version);

#endif
