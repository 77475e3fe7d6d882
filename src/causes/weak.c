#include "causes/weak.h"

#include "registry/registry.h"

#include <string.h>

static bool has_cipher_of(const cipher_suite_row *suite, const char *const *ciphers, size_t num)
{
    for (size_t i = 0; i < num; i++)
        if (strncmp(suite->cipher, ciphers[i], strlen(ciphers[i])) == 0)
            return true;
    return false;
}

static bool vouches_for_no_key(const cipher_suite_row *suite)
{
    return suite->authentication == SUITE_AUTH_ANONYMOUS || suite->authentication == SUITE_AUTH_NULL;
}

/* RFC 7465 for RC4, whose strength is not told by its key. */
bool suite_is_below_112_bits(uint16_t code)
{
    static const char *const ciphers[] = {"NULL", "RC4", "RC2", "DES"};
    const cipher_suite_row *suite = cipher_suite_find(code);
    return suite != NULL && suite->cipher != NULL &&
           (suite->is_export || vouches_for_no_key(suite) || has_cipher_of(suite, ciphers, sizeof ciphers / sizeof *ciphers));
}

/* OpenSSL's strength of RC4 (ssl/s3_lib.c of 1.1.1); with MD5 its level 1 takes none (SSL_CTX_set_security_level(3)). */
bool suite_is_below_80_bits(uint16_t code)
{
    const cipher_suite_row *suite = cipher_suite_find(code);
    bool is_rc4 = suite != NULL && suite->cipher != NULL && strncmp(suite->cipher, "RC4", strlen("RC4")) == 0;
    bool has_80 =
        is_rc4 && !suite->is_export && !vouches_for_no_key(suite) && suite->hash != NULL && strcmp(suite->hash, "MD5") != 0;
    return suite_is_below_112_bits(code) && !has_80;
}

/* Below 112 bits, or without a key that anybody vouches for (NIST SP 800-57; RFC 7465; RFC 9155 for the others). */
bool suite_is_weak(uint16_t code)
{
    static const char *const ciphers[] = {"NULL", "RC4", "RC2", "DES", "3DES", "IDEA", "SEED"};
    const cipher_suite_row *suite = cipher_suite_find(code);
    if (suite == NULL || suite->cipher == NULL)
        return true;
    return suite->is_export || vouches_for_no_key(suite) || has_cipher_of(suite, ciphers, sizeof ciphers / sizeof *ciphers);
}

/* RFC 9155. */
bool scheme_is_weak(uint16_t code)
{
    const signature_scheme_row *scheme = signature_scheme_find(code);
    return scheme == NULL || (scheme->hash != NULL && (strcmp(scheme->hash, "SHA1") == 0 || strcmp(scheme->hash, "MD5") == 0));
}

/* A curve of 224 bits gives 112. */
bool group_is_weak(uint16_t code)
{
    const group_row *group = group_find(code);
    return group == NULL || (group->kind == GROUP_EC && group->bits < 224);
}

/* The first is what is told and tried. */
bool change_is_weak(const change *c)
{
    switch (c->kind) {
    case CHANGE_VERSION_RAISED:
    case CHANGE_VERSION_CAPPED:
    case CHANGE_VERSION_LOWERED:
        return c->code < VERSION_TLS12;
    case CHANGE_SUITES_ADDED:
        return c->codes.num_codes == 0 || suite_is_weak(c->codes.codes[0]);
    case CHANGE_GROUPS_ADDED:
        return c->codes.num_codes == 0 || group_is_weak(c->codes.codes[0]);
    case CHANGE_SCHEMES_ADDED:
        return c->codes.num_codes == 0 || scheme_is_weak(c->codes.codes[0]);
    default:
        return false;
    }
}
