#include "crypto/suite_tls12.h"

#include <string.h>

/* RFC 5246 (CBC, RC4), RFC 5288 (GCM), RFC 6655 (CCM), RFC 7905 (ChaCha20), RFC 5932 and 6367 (Camellia), RFC 6209 (ARIA),
 * RFC 4162 (SEED), RFC 5469 (DES). What libcrypto no longer has fails when it is asked for. */
static const cipher_parameters ciphers[] = {
    {"NULL", PROTECTION_NONE, NULL, false, 0, 0, 0, 0, false},
    {"RC4_128", PROTECTION_STREAM, "RC4", true, 16, 0, 0, 0, false},
    {"DES_CBC", PROTECTION_CBC, "DES-CBC", true, 8, 8, 0, 0, false},
    {"3DES_EDE_CBC", PROTECTION_CBC, "DES-EDE3-CBC", false, 24, 8, 0, 0, false},
    {"IDEA_CBC", PROTECTION_CBC, "IDEA-CBC", true, 16, 8, 0, 0, false},
    {"SEED_CBC", PROTECTION_CBC, "SEED-CBC", true, 16, 16, 0, 0, false},
    {"AES_128_CBC", PROTECTION_CBC, "AES-128-CBC", false, 16, 16, 0, 0, false},
    {"AES_256_CBC", PROTECTION_CBC, "AES-256-CBC", false, 32, 16, 0, 0, false},
    {"CAMELLIA_128_CBC", PROTECTION_CBC, "CAMELLIA-128-CBC", false, 16, 16, 0, 0, false},
    {"CAMELLIA_256_CBC", PROTECTION_CBC, "CAMELLIA-256-CBC", false, 32, 16, 0, 0, false},
    {"ARIA_128_CBC", PROTECTION_CBC, "ARIA-128-CBC", false, 16, 16, 0, 0, false},
    {"ARIA_256_CBC", PROTECTION_CBC, "ARIA-256-CBC", false, 32, 16, 0, 0, false},
    {"AES_128_GCM", PROTECTION_AEAD, "AES-128-GCM", false, 16, 4, 8, 16, false},
    {"AES_256_GCM", PROTECTION_AEAD, "AES-256-GCM", false, 32, 4, 8, 16, false},
    {"ARIA_128_GCM", PROTECTION_AEAD, "ARIA-128-GCM", false, 16, 4, 8, 16, false},
    {"ARIA_256_GCM", PROTECTION_AEAD, "ARIA-256-GCM", false, 32, 4, 8, 16, false},
    {"AES_128_CCM", PROTECTION_AEAD, "AES-128-CCM", false, 16, 4, 8, 16, true},
    {"AES_256_CCM", PROTECTION_AEAD, "AES-256-CCM", false, 32, 4, 8, 16, true},
    {"AES_128_CCM_8", PROTECTION_AEAD, "AES-128-CCM", false, 16, 4, 8, 8, true},
    {"AES_256_CCM_8", PROTECTION_AEAD, "AES-256-CCM", false, 32, 4, 8, 8, true},
    {"CHACHA20_POLY1305", PROTECTION_AEAD, "ChaCha20-Poly1305", false, 32, 12, 0, 16, false},
};

static const struct {
    const char *name, *digest;
    size_t len;
} macs[] = {{"MD5", "MD5", 16}, {"SHA", "SHA1", 20}, {"SHA256", "SHA256", 32}, {"SHA384", "SHA384", 48}};

static const cipher_parameters *cipher_find(const char *name)
{
    for (size_t i = 0; i < sizeof ciphers / sizeof *ciphers; i++)
        if (strcmp(ciphers[i].name, name) == 0)
            return &ciphers[i];
    return NULL;
}

static bool mac_find(suite_tls12 *s)
{
    for (size_t i = 0; i < sizeof macs / sizeof *macs; i++)
        if (strcmp(macs[i].name, s->row->hash) == 0) {
            s->mac = macs[i].digest;
            s->mac_len = macs[i].len;
            return true;
        }
    return false;
}

static const char *exchange_objection(const cipher_suite_row *row, enum key_exchange_kind *out)
{
    if (row->is_export)
        return "keys of export suites are not computed here";
    *out = KEY_EXCHANGE_UNKNOWN;
    switch (row->key_exchange) {
    case SUITE_KX_RSA:
        return NULL;
    case SUITE_KX_DHE:
        *out = KEY_EXCHANGE_DHE;
        return NULL;
    case SUITE_KX_ECDHE:
        *out = KEY_EXCHANGE_ECDHE;
        return NULL;
    case SUITE_KX_DH:
    case SUITE_KX_ECDH:
        return "keys of static Diffie-Hellman are not computed here";
    default:
        return "keys of this suite's key exchange are not computed here";
    }
}

/* Numbers of the drafts of ChaCha20: another nonce, and no libcrypto that has it. */
static bool is_draft(const cipher_suite_row *row)
{
    return row->code >= 0xcc13 && row->code <= 0xcc15;
}

bool suite_tls12_find(uint16_t cipher_suite, suite_tls12 *out, const char **why_not)
{
    *out = (suite_tls12){.row = cipher_suite_find(cipher_suite), .prf_hash = "SHA256"};
    *why_not = "the suite that the server chose is unknown here";
    if (out->row == NULL || out->row->kind != SUITE_NORMAL)
        return false;
    *why_not = exchange_objection(out->row, &out->server_key_exchange);
    if (*why_not != NULL)
        return false;
    *why_not = "the cipher that the server chose cannot be computed here";
    out->cipher = is_draft(out->row) ? NULL : cipher_find(out->row->cipher);
    if (out->cipher == NULL || (out->cipher->mode != PROTECTION_AEAD && !mac_find(out)))
        return false;
    if (strcmp(out->row->hash, "SHA384") == 0)
        out->prf_hash = "SHA384";
    *why_not = NULL;
    return true;
}
