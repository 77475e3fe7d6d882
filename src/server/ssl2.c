/* SSL 2.0, which shares nothing with what came after it: draft-hickman-netscape-ssl-00. One hello asks for all of its ciphers, and
 * the answer lists those that are taken. */
#include "registry/registry.h"
#include "server/survey_state.h"
#include "wire/reader.h"

/* C.4. */
const char *ssl2_cipher_name(arena *a, uint16_t first_byte)
{
    static const char *const names[] = {
        "SSL_CK_RC4_128_WITH_MD5",          "SSL_CK_RC4_128_EXPORT40_WITH_MD5",
        "SSL_CK_RC2_128_CBC_WITH_MD5",      "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5",
        "SSL_CK_IDEA_128_CBC_WITH_MD5",     "SSL_CK_DES_64_CBC_WITH_MD5",
        "SSL_CK_DES_192_EDE3_CBC_WITH_MD5",
    };
    (void)a;
    return first_byte >= 1 && first_byte <= sizeof names / sizeof *names ? names[first_byte - 1] : "unknown";
}

/* CLIENT-HELLO of SSL 2.0 alone, with all of its ciphers (2.5 and C.3). */
client_hello survey_hello_ssl2(const survey *s)
{
    static const uint8_t specs[] = {1, 0, 0x80, 2, 0, 0x80, 3, 0, 0x80, 4, 0, 0x80, 5, 0, 0x80, 6, 0, 0x40, 7, 0, 0xC0};
    uint8_t challenge[16];
    s->tools->random_bytes(s->tools->user, challenge, sizeof challenge);
    return (client_hello){.format = HELLO_FORMAT_SSLV2,
                          .legacy_version = VERSION_SSL2,
                          .random = bytes_copy(s->arena, bytes_from(challenge, sizeof challenge)),
                          .sslv2_cipher_specs = bytes_copy(s->arena, bytes_from(specs, sizeof specs))};
}

/* SERVER-HELLO of SSL 2.0 (2.6): a two-byte header, then type 4, the lengths of its parts, the
 * certificate, and all ciphers that both have: it is whole where the certificate fits into what is kept of an answer's beginning.
 */
static bool read_ssl2_hello(arena *a, bytes_view said, code_list *ciphers)
{
    reader r = reader_from(said);
    uint16_t header, version, certificate_len, specs_len, connection_id_len;
    uint8_t type, session_id_hit, certificate_type;
    bytes_view certificate, specs;
    if (!read_u16(&r, "header", &header) || !read_u8(&r, "type", &type) || header < 0x8000 || type != 4)
        return false;
    if (!read_u8(&r, "session_id_hit", &session_id_hit) || !read_u8(&r, "certificate_type", &certificate_type) ||
        !read_u16(&r, "version", &version) || !read_u16(&r, "certificate_length", &certificate_len) ||
        !read_u16(&r, "cipher_specs_length", &specs_len) || !read_u16(&r, "connection_id_length", &connection_id_len) ||
        !read_bytes(&r, "certificate", certificate_len, &certificate) || !read_bytes(&r, "cipher_specs", specs_len, &specs))
        return true;
    ciphers->codes = ARENA_ARRAY(a, specs.len, uint16_t);
    for (size_t i = 0; i + 2 < specs.len; i += 3)
        ciphers->codes[ciphers->num_codes++] = (uint16_t)bytes_at(specs, i);
    return true;
}

void survey_hear_ssl2(survey *s, const answer *given)
{
    accepted_list *out = &s->server.versions[0].suites;
    bool accepts = given->conversation != NULL && read_ssl2_hello(s->arena, given->conversation->server_first_bytes, &out->codes);
    out->refusal = refusal_of(given);
    bool tells = !survey_says_nothing(given) && !silence_tells_nothing(s, given) && !refusal_is_of_name(&out->refusal);
    out->accepted = accepts ? KNOWN_YES : tells ? KNOWN_NO : KNOWN_UNKNOWN;
    out->order = out->codes.num_codes > 1 ? ORDER_CLIENT : ORDER_UNKNOWN; /* it names all that both have: the client chooses */
    out->is_order_settled = out->order == ORDER_CLIENT;
    out->is_complete = out->codes.num_codes > 0 || out->accepted == KNOWN_NO;
}
