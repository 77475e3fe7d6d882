#include "crypto/key_schedule.h"

#include "registry/registry.h"
#include "wire/record.h"

#include <openssl/hmac.h>

static const suite_parameters suites[] = {
    {0x1301, "SHA256", "AES-128-GCM", 32, 16, 16, false},       {0x1302, "SHA384", "AES-256-GCM", 48, 32, 16, false},
    {0x1303, "SHA256", "ChaCha20-Poly1305", 32, 32, 16, false}, {0x1304, "SHA256", "AES-128-CCM", 32, 16, 16, true},
    {0x1305, "SHA256", "AES-128-CCM", 32, 16, 8, true},
};

const suite_parameters *suite_parameters_find(uint16_t cipher_suite)
{
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
        if (suites[i].code == cipher_suite)
            return &suites[i];
    return NULL;
}

bool transcript_hash(const suite_parameters *suite, bytes_view messages, secret *out)
{
    size_t len = 0;
    return EVP_Q_digest(NULL, suite->hash, NULL, messages.data, messages.len, out->bytes, &len) == 1 && len == suite->hash_len;
}

static bool hmac(const suite_parameters *suite, bytes_view key, bytes_view input, uint8_t out[HASH_LEN_MAX])
{
    size_t len = 0;
    return EVP_Q_mac(NULL, "HMAC", NULL, suite->hash, NULL, key.data, key.len, input.data, input.len, out, HASH_LEN_MAX, &len) !=
               NULL &&
           len == suite->hash_len;
}

bool hkdf_extract(const suite_parameters *suite, bytes_view salt, bytes_view input, secret *out)
{
    static const uint8_t zeros[HASH_LEN_MAX];
    bytes_view none = bytes_from(zeros, suite->hash_len);
    return hmac(suite, salt.len == 0 ? none : salt, input.len == 0 ? none : input, out->bytes);
}

/* struct HkdfLabel: uint16 length; opaque label<7..255> = "tls13 " + Label; opaque context<0..255> */
static bool label_write(const char *label, bytes_view context, size_t len, writer *w)
{
    write_u16(w, (uint16_t)len);
    writer_vector name = writer_open8(w);
    write_bytes(w, bytes_from_text("tls13 "));
    write_bytes(w, bytes_from_text(label));
    writer_close(w, name);
    writer_vector value = writer_open8(w);
    write_bytes(w, context);
    writer_close(w, value);
    write_u8(w, 1); /* HKDF-Expand's first block (RFC 5869, 2.3): no output here is longer than the hash */
    return !w->failed;
}

bool hkdf_expand_label(const suite_parameters *suite, const secret *from, const char *label, bytes_view context, uint8_t *out,
                       size_t len)
{
    enum { LABEL_LEN_MAX = 2 + 256 + 256 + 1 };
    uint8_t block[HASH_LEN_MAX];
    writer w;
    writer_init(&w, LABEL_LEN_MAX);
    bool made = len <= suite->hash_len && label_write(label, context, len, &w) &&
                hmac(suite, bytes_from(from->bytes, suite->hash_len), buffer_view(&w.out), block);
    writer_free(&w);
    for (size_t i = 0; made && i < len; i++)
        out[i] = block[i];
    return made;
}

bool derive_secret(const suite_parameters *suite, const secret *from, const char *label, const secret *hash, secret *out)
{
    return hkdf_expand_label(suite, from, label, bytes_from(hash->bytes, suite->hash_len), out->bytes, suite->hash_len);
}

bool finished_data(const suite_parameters *suite, const secret *traffic_secret, const secret *hash, secret *out)
{
    secret key;
    return hkdf_expand_label(suite, traffic_secret, "finished", bytes_from(NULL, 0), key.bytes, suite->hash_len) &&
           hmac(suite, bytes_from(key.bytes, suite->hash_len), bytes_from(hash->bytes, suite->hash_len), out->bytes);
}

bool traffic_keys_from(const suite_parameters *suite, const secret *traffic_secret, traffic_keys *out)
{
    *out = (traffic_keys){.suite = suite};
    bytes_view none = bytes_from(NULL, 0);
    return hkdf_expand_label(suite, traffic_secret, "key", none, out->key, suite->key_len) &&
           hkdf_expand_label(suite, traffic_secret, "iv", none, out->iv, AEAD_NONCE_LEN);
}

/* ---- records ------------------------------------------------------------------------------------------------------- */

/* RFC 8446, 5.3: the IV with the record's number. */
static void next_nonce(traffic_keys *keys, uint8_t nonce[AEAD_NONCE_LEN])
{
    for (size_t i = 0; i < AEAD_NONCE_LEN; i++)
        nonce[i] = keys->iv[i];
    for (size_t i = 0; i < sizeof keys->sequence; i++)
        nonce[AEAD_NONCE_LEN - 1 - i] ^= (uint8_t)(keys->sequence >> (8 * i));
    keys->sequence++;
}

static aead aead_of(const suite_parameters *suite)
{
    return (aead){.cipher = suite->cipher, .tag_len = suite->tag_len, .is_ccm = suite->is_ccm};
}

/* TLSInnerPlaintext: content, content type, zeros (RFC 8446, 5.2). */
static bool strip_padding(bytes_view inner, uint8_t *content_type, bytes_view *plaintext)
{
    size_t len = inner.len;
    while (len > 0 && bytes_at(inner, len - 1) == 0)
        len--;
    if (len == 0)
        return false;
    *content_type = (uint8_t)bytes_at(inner, len - 1);
    *plaintext = bytes_slice(inner, 0, len - 1);
    return true;
}

bool record_open(traffic_keys *keys, arena *a, bytes_view header, bytes_view payload, uint8_t *content_type, bytes_view *plaintext)
{
    size_t tag_len = keys->suite->tag_len;
    if (payload.len <= tag_len || payload.len > RECORD_PAYLOAD_LEN_MAX)
        return false;
    size_t len = payload.len - tag_len;
    uint8_t *out = arena_alloc(a, len), nonce[AEAD_NONCE_LEN];
    aead kind = aead_of(keys->suite);
    next_nonce(keys, nonce);
    bool opened = aead_open(&kind, keys->key, nonce, header, payload, out);
    return opened && strip_padding(bytes_from(out, len), content_type, plaintext);
}

bool record_seal(traffic_keys *keys, arena *a, uint8_t content_type, bytes_view plaintext, bytes_view *out)
{
    size_t tag_len = keys->suite->tag_len, len = plaintext.len + 1;
    bytes_view inner, frame;
    writer w;
    *out = bytes_from(NULL, 0);
    writer_init(&w, RECORD_PAYLOAD_LEN_MAX);
    write_bytes(&w, plaintext);
    write_u8(&w, content_type);
    if (!writer_take(&w, a, &inner))
        return false;
    writer_init(&w, RECORD_HEADER_LEN + RECORD_PAYLOAD_LEN_MAX);
    write_u8(&w, CONTENT_APPLICATION_DATA);
    write_u16(&w, VERSION_TLS12); /* legacy_record_version */
    write_u16(&w, (uint16_t)(len + tag_len));
    write_zeros(&w, len + tag_len);
    if (!writer_take(&w, a, &frame))
        return false;
    uint8_t *whole = arena_copy(a, frame.data, frame.len);
    uint8_t nonce[AEAD_NONCE_LEN];
    aead kind = aead_of(keys->suite);
    next_nonce(keys, nonce);
    bool sealed = aead_seal(&kind, keys->key, nonce, bytes_slice(frame, 0, RECORD_HEADER_LEN), inner, whole + RECORD_HEADER_LEN);
    *out = bytes_from(whole, frame.len);
    return sealed;
}
