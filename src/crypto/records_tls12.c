/*
 * A record is protected in one of three ways: MAC then cipher (stream or CBC), cipher then MAC (RFC 7366), or AEAD. The MAC and the
 * AEAD take the record's number, type, version and length in.
 *
 * CBC up to TLS 1.0 goes on from the last record's end. From TLS 1.1 on a block comes first that is random: it is encrypted like
 * the rest, and what it decrypts to is thrown away, so that the chain may go on here too (RFC 4346, 6.2.3.2, (2)(b)).
 *
 * Nothing here is constant in time: these keys protect nothing of anybody's.
 */
#include "crypto/records_tls12.h"

#include "crypto/aead.h"
#include "crypto/key_share.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <stdlib.h>

struct record_keys {
    suite_tls12 suite;
    uint16_t version;
    bool encrypts_then_macs, seals;
    record_key_block block;
    uint64_t sequence;
    EVP_CIPHER_CTX *context; /* stream and CBC */
    OSSL_LIB_CTX *library;   /* of a legacy cipher; NULL else */
    OSSL_PROVIDER *legacy;
};

/* ---- keys ----------------------------------------------------------------------------------------------------------------- */

/* A library context of our own, so that what the user's configuration says of providers does not matter and is not changed. */
static EVP_CIPHER *cipher_fetch(record_keys *keys)
{
    const cipher_parameters *p = keys->suite.cipher;
    if (p->is_legacy) {
        keys->library = OSSL_LIB_CTX_new();
        keys->legacy = keys->library == NULL ? NULL : OSSL_PROVIDER_load(keys->library, "legacy");
        if (keys->legacy == NULL)
            return NULL;
    }
    return EVP_CIPHER_fetch(keys->library, p->cipher, NULL);
}

static bool context_make(record_keys *keys)
{
    if (keys->suite.cipher->mode == PROTECTION_NONE || keys->suite.cipher->mode == PROTECTION_AEAD)
        return true;
    EVP_CIPHER *cipher = cipher_fetch(keys);
    keys->context = cipher == NULL ? NULL : EVP_CIPHER_CTX_new();
    bool made = keys->context != NULL &&
                EVP_CipherInit_ex2(keys->context, cipher, keys->block.key, keys->block.iv, keys->seals ? 1 : 0, NULL) == 1 &&
                EVP_CIPHER_CTX_set_padding(keys->context, 0) == 1;
    EVP_CIPHER_free(cipher);
    return made;
}

record_keys *record_keys_new(const suite_tls12 *suite, uint16_t version, bool encrypts_then_macs, bool seals,
                             const record_key_block *block)
{
    record_keys *keys = calloc(1, sizeof *keys);
    if (keys == NULL)
        return NULL;
    keys->suite = *suite;
    keys->version = version;
    keys->encrypts_then_macs = encrypts_then_macs && suite->cipher->mode == PROTECTION_CBC;
    keys->seals = seals;
    keys->block = *block;
    if (context_make(keys))
        return keys;
    record_keys_free(keys);
    return NULL;
}

void record_keys_free(record_keys *keys)
{
    if (keys == NULL)
        return;
    EVP_CIPHER_CTX_free(keys->context);
    if (keys->legacy != NULL)
        (void)OSSL_PROVIDER_unload(keys->legacy);
    OSSL_LIB_CTX_free(keys->library);
    OPENSSL_cleanse(keys, sizeof *keys);
    free(keys);
}

/* ---- what is authenticated -------------------------------------------------------------------------------------------- */

/* seq_num, type, version, length (RFC 5246, 6.2.3.1 and 6.2.3.3) */
static void write_additional_data(writer *w, uint64_t sequence, uint8_t content_type, uint16_t version, size_t len)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        write_u8(w, (uint8_t)(sequence >> shift));
    write_u8(w, content_type);
    write_u16(w, version);
    write_u16(w, (uint16_t)len);
}

static bool mac_of(const record_keys *keys, uint8_t content_type, uint16_t version, bytes_view content,
                   uint8_t out[MAC_KEY_LEN_MAX])
{
    enum { ADDITIONAL_LEN = 13 };
    writer w;
    size_t len = 0;
    writer_init(&w, ADDITIONAL_LEN + RECORD_PAYLOAD_LEN_MAX);
    write_additional_data(&w, keys->sequence, content_type, version, content.len);
    write_bytes(&w, content);
    bytes_view input = buffer_view(&w.out);
    bool made = !w.failed &&
                EVP_Q_mac(NULL, "HMAC", NULL, keys->suite.mac, NULL, keys->block.mac_key, keys->suite.mac_len, input.data,
                          input.len, out, MAC_KEY_LEN_MAX, &len) != NULL &&
                len == keys->suite.mac_len;
    writer_free(&w);
    return made;
}

static bool mac_is_right(const record_keys *keys, const record *r, bytes_view content, bytes_view mac)
{
    uint8_t expected[MAC_KEY_LEN_MAX];
    return mac_of(keys, r->content_type, r->version, content, expected) &&
           bytes_equal(mac, bytes_from(expected, keys->suite.mac_len));
}

/* ---- opening ------------------------------------------------------------------------------------------------------------ */

static bool decipher(const record_keys *keys, arena *a, bytes_view in, bytes_view *out)
{
    const cipher_parameters *p = keys->suite.cipher;
    *out = in;
    if (p->mode == PROTECTION_NONE)
        return true;
    if (p->mode == PROTECTION_CBC && (in.len == 0 || in.len % p->iv_len != 0))
        return false;
    uint8_t *plain = arena_alloc(a, in.len);
    int written = 0;
    *out = bytes_from(plain, in.len);
    return EVP_CipherUpdate(keys->context, plain, &written, in.data, (int)in.len) == 1 && (size_t)written == in.len;
}

/* GenericBlockCipher: IV (TLS 1.1 on), content, MAC (where it is not outside), padding and its length (RFC 5246, 6.2.3.2). */
static bool strip_block(const record_keys *keys, bytes_view *content)
{
    size_t iv_len = keys->version >= VERSION_TLS11 ? keys->suite.cipher->iv_len : 0;
    int padding_len = content->len == 0 ? -1 : bytes_at(*content, content->len - 1);
    if (padding_len < 0 || content->len < iv_len + (size_t)padding_len + 1)
        return false;
    *content = bytes_slice(*content, iv_len, content->len - iv_len - (size_t)padding_len - 1);
    return true;
}

static bool open_mac_then_encrypt(const record_keys *keys, arena *a, const record *r, bytes_view *plaintext)
{
    bytes_view content;
    size_t mac_len = keys->suite.mac_len;
    if (!decipher(keys, a, r->payload, &content))
        return false;
    if (keys->suite.cipher->mode == PROTECTION_CBC && !strip_block(keys, &content))
        return false;
    if (content.len < mac_len)
        return false;
    *plaintext = bytes_slice(content, 0, content.len - mac_len);
    return mac_is_right(keys, r, *plaintext, bytes_slice(content, content.len - mac_len, mac_len));
}

static bool open_encrypt_then_mac(const record_keys *keys, arena *a, const record *r, bytes_view *plaintext)
{
    size_t mac_len = keys->suite.mac_len;
    if (r->payload.len < mac_len)
        return false;
    bytes_view sealed = bytes_slice(r->payload, 0, r->payload.len - mac_len);
    return mac_is_right(keys, r, sealed, bytes_slice(r->payload, sealed.len, mac_len)) && decipher(keys, a, sealed, plaintext) &&
           strip_block(keys, plaintext);
}

/* RFC 5288, 3 and RFC 6655, 3: salt, then the explicit part; RFC 7905, 2: the IV with the record's number. */
static void nonce_of(const record_keys *keys, bytes_view explicit_part, uint8_t nonce[AEAD_NONCE_LEN])
{
    for (size_t i = 0; i < AEAD_NONCE_LEN; i++)
        nonce[i] = keys->block.iv[i];
    for (size_t i = 0; i < explicit_part.len; i++)
        nonce[keys->suite.cipher->iv_len + i] = (uint8_t)bytes_at(explicit_part, i);
    for (size_t i = 0; explicit_part.len == 0 && i < sizeof keys->sequence; i++)
        nonce[AEAD_NONCE_LEN - 1 - i] ^= (uint8_t)(keys->sequence >> (8 * i));
}

static aead aead_of(const record_keys *keys)
{
    const cipher_parameters *p = keys->suite.cipher;
    return (aead){.cipher = p->cipher, .tag_len = p->tag_len, .is_ccm = p->is_ccm};
}

static bool open_aead(const record_keys *keys, arena *a, const record *r, bytes_view *plaintext)
{
    const cipher_parameters *p = keys->suite.cipher;
    if (r->payload.len < p->explicit_len + p->tag_len)
        return false;
    aead kind = aead_of(keys);
    uint8_t nonce[AEAD_NONCE_LEN];
    nonce_of(keys, bytes_slice(r->payload, 0, p->explicit_len), nonce);
    bytes_view sealed = bytes_slice(r->payload, p->explicit_len, r->payload.len);
    size_t len = sealed.len - p->tag_len;
    uint8_t *out = arena_alloc(a, len);
    writer w;
    writer_init(&w, 13);
    write_additional_data(&w, keys->sequence, r->content_type, r->version, len);
    bool opened = !w.failed && aead_open(&kind, keys->block.key, nonce, buffer_view(&w.out), sealed, out);
    writer_free(&w);
    *plaintext = bytes_from(out, len);
    return opened;
}

bool record_keys_open(record_keys *keys, arena *a, const record *r, bytes_view *plaintext)
{
    bool opened;
    *plaintext = bytes_from(NULL, 0);
    if (keys->suite.cipher->mode == PROTECTION_AEAD)
        opened = open_aead(keys, a, r, plaintext);
    else if (keys->encrypts_then_macs)
        opened = open_encrypt_then_mac(keys, a, r, plaintext);
    else
        opened = open_mac_then_encrypt(keys, a, r, plaintext);
    keys->sequence++;
    return opened;
}

/* ---- sealing ------------------------------------------------------------------------------------------------------------ */

/* What is padded to whole blocks: `len` bytes of content, and of its MAC where that is inside. */
static void write_padding(const record_keys *keys, writer *w)
{
    size_t block_len = keys->suite.cipher->iv_len;
    size_t padding_len = block_len - 1 - w->out.len % block_len;
    for (size_t i = 0; i <= padding_len; i++)
        write_u8(w, (uint8_t)padding_len);
}

static void write_iv(const record_keys *keys, writer *w)
{
    uint8_t iv[CIPHER_IV_LEN_MAX];
    if (keys->suite.cipher->mode != PROTECTION_CBC || keys->version < VERSION_TLS11)
        return;
    crypto_random_bytes(NULL, iv, keys->suite.cipher->iv_len);
    write_bytes(w, bytes_from(iv, keys->suite.cipher->iv_len));
}

static bool encipher(const record_keys *keys, arena *a, writer *w, bytes_view *out)
{
    bytes_view plain;
    if (keys->suite.cipher->mode == PROTECTION_CBC)
        write_padding(keys, w);
    return writer_take(w, a, &plain) && decipher(keys, a, plain, out); /* the context knows its direction */
}

static bool seal_with_mac(const record_keys *keys, arena *a, uint8_t content_type, bytes_view plaintext, writer *payload)
{
    uint8_t mac[MAC_KEY_LEN_MAX];
    bytes_view sealed;
    writer w;
    writer_init(&w, RECORD_PAYLOAD_LEN_MAX);
    write_iv(keys, &w);
    write_bytes(&w, plaintext);
    bool made = true;
    if (!keys->encrypts_then_macs) {
        made = mac_of(keys, content_type, keys->version, plaintext, mac);
        write_bytes(&w, bytes_from(mac, keys->suite.mac_len));
    }
    made = encipher(keys, a, &w, &sealed) && made;
    write_bytes(payload, sealed);
    if (keys->encrypts_then_macs) {
        made = mac_of(keys, content_type, keys->version, sealed, mac) && made;
        write_bytes(payload, bytes_from(mac, keys->suite.mac_len));
    }
    return made;
}

static bool seal_aead(const record_keys *keys, arena *a, uint8_t content_type, bytes_view plaintext, writer *payload)
{
    const cipher_parameters *p = keys->suite.cipher;
    aead kind = aead_of(keys);
    uint8_t nonce[AEAD_NONCE_LEN], *out = arena_alloc(a, plaintext.len + p->tag_len);
    bytes_view explicit_part;
    writer number, additional;
    writer_init(&number, sizeof keys->sequence);
    for (size_t i = 0; i < p->explicit_len; i++)
        write_u8(&number, (uint8_t)(keys->sequence >> (8 * (p->explicit_len - 1 - i))));
    if (!writer_take(&number, a, &explicit_part))
        return false;
    nonce_of(keys, explicit_part, nonce);
    writer_init(&additional, 13);
    write_additional_data(&additional, keys->sequence, content_type, keys->version, plaintext.len);
    bool made = !additional.failed && aead_seal(&kind, keys->block.key, nonce, buffer_view(&additional.out), plaintext, out);
    writer_free(&additional);
    write_bytes(payload, explicit_part);
    write_bytes(payload, bytes_from(out, plaintext.len + p->tag_len));
    return made;
}

bool record_keys_seal(record_keys *keys, arena *a, uint8_t content_type, bytes_view plaintext, bytes_view *out)
{
    writer payload, whole;
    bytes_view body;
    *out = bytes_from(NULL, 0);
    writer_init(&payload, RECORD_PAYLOAD_LEN_MAX);
    bool made = keys->suite.cipher->mode == PROTECTION_AEAD ? seal_aead(keys, a, content_type, plaintext, &payload)
                                                            : seal_with_mac(keys, a, content_type, plaintext, &payload);
    if (!writer_take(&payload, a, &body) || !made)
        return false;
    writer_init(&whole, RECORD_HEADER_LEN + RECORD_PAYLOAD_LEN_MAX);
    record_write(&whole, content_type, keys->version, body);
    keys->sequence++;
    return writer_take(&whole, a, out);
}
