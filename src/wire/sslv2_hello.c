#include "wire/sslv2_hello.h"
#include "wire/extension.h"

#define SSLV2_CLIENT_HELLO 1
#define SSLV2_SPEC_LEN ((size_t)3)

/* The record header: two bytes with the top bit set, or three with the length of the padding. The second form is for
 * encrypted records; in a hello it is read, but not among the parts that can be written. */
typedef struct sslv2_header {
    size_t len;         /* 2 or 3 bytes */
    size_t record_len;  /* what follows the header */
    size_t padding_len; /* of that, at its end */
} sslv2_header;

static size_t header_len_of(bytes_view flight)
{
    return bytes_at(flight, 0) & 0x80 ? 2 : 3;
}

static bool version_is_possible(int high, int low)
{
    return high == 3 || (high == 0 && low == 2);
}

enum parse_status sslv2_hello_recognise(bytes_view flight)
{
    if (flight.len == 0)
        return PARSE_MORE;
    /* A three-byte header with the escape bit, which no client sent: text begins so, since ASCII letters have that bit. */
    if ((bytes_at(flight, 0) & 0xc0) == 0x40)
        return PARSE_BAD;
    size_t header_len = header_len_of(flight);
    int type = bytes_at(flight, header_len);
    int version_high = bytes_at(flight, header_len + 1);
    int version_low = bytes_at(flight, header_len + 2);
    if (type >= 0 && type != SSLV2_CLIENT_HELLO)
        return PARSE_BAD;
    if (version_high > 0 && version_high != 3)
        return PARSE_BAD;
    if (version_low < 0)
        return PARSE_MORE;
    return version_is_possible(version_high, version_low) ? PARSE_DONE : PARSE_BAD;
}

static bool header_read(reader *r, sslv2_header *out)
{
    *out = (sslv2_header){0};
    uint16_t first;
    uint8_t padding_len = 0;
    if (!read_u16(r, "SSLv2 header", &first))
        return false;
    out->len = first & 0x8000 ? 2 : 3;
    out->record_len = first & (first & 0x8000 ? 0x7fff : 0x3fff);
    if (out->len == 3 && !read_u8(r, "SSLv2 padding length", &padding_len))
        return false;
    out->padding_len = padding_len;
    return true;
}

/* The fields in the order of the wire; false where one is cut. */
static bool body_read(arena *a, reader *r, client_hello *out)
{
    uint8_t type;
    uint16_t specs_len, session_id_len, challenge_len;
    if (!read_u8(r, "msg_type", &type) || !read_u16(r, "version", &out->legacy_version) ||
        !read_u16(r, "cipher_spec_length", &specs_len) || !read_u16(r, "session_id_length", &session_id_len) ||
        !read_u16(r, "challenge_length", &challenge_len))
        return false;
    if (!read_bytes(r, "cipher_specs", specs_len, &out->sslv2_cipher_specs))
        return false;
    out->cipher_suites = sslv2_specs_suites(a, out->sslv2_cipher_specs);
    return read_bytes(r, "session_id", session_id_len, &out->session_id) && read_bytes(r, "challenge", challenge_len, &out->random);
}

static void rules_check(arena *a, const sslv2_header *header, client_hello *out)
{
    if (header->len == 3)
        finding_add(a, &out->findings, 0, "the SSLv2 header has the form for padding");
    if (out->sslv2_cipher_specs.len % SSLV2_SPEC_LEN != 0)
        finding_add(a, &out->findings, header->len + 3, "cipher_spec_length is no multiple of 3");
    if (out->session_id.len != 0 && out->session_id.len != 16)
        finding_add(a, &out->findings, header->len + 5, "session_id_length is neither 0 nor 16");
    if (out->random.len < 16 || out->random.len > 32)
        finding_add(a, &out->findings, header->len + 7, "the challenge is not 16 to 32 bytes long");
}

enum parse_status sslv2_hello_parse(arena *a, bytes_view flight, bool ended, client_hello *out)
{
    reader r = reader_from(flight);
    sslv2_header header;
    bool cut = !header_read(&r, &header) || reader_len(&r) < header.record_len;
    if (cut && !ended)
        return PARSE_MORE;
    if (flight.len <= 3 && header_len_of(flight) == 3) {
        finding_add(a, &out->findings, flight.len, "the stream ends before it says what it is");
        return PARSE_BAD;
    }
    bytes_view kept = bytes_copy(a, r.rest);
    out->format = HELLO_FORMAT_SSLV2;
    out->trailing = bytes_slice(kept, header.record_len, kept.len);
    reader body = reader_of_part(&r, bytes_slice(kept, 0, header.record_len), 0);
    if (cut)
        finding_add(a, &out->findings, flight.len, "the stream ends within the hello");
    if (!body_read(a, &body, out)) {
        finding_add_unread(a, &out->findings, &body);
        return PARSE_NOTE;
    }
    rules_check(a, &header, out);
    if (reader_len(&body) != header.padding_len)
        finding_add_unread(a, &out->findings, &body);
    return out->findings.num_findings == 0 ? PARSE_DONE : PARSE_NOTE;
}

static void write_length(writer *w, size_t len)
{
    if (len > 0xffff)
        w->failed = true;
    write_u16(w, (uint16_t)len);
}

void sslv2_hello_message_write(writer *w, const client_hello *hello)
{
    write_u8(w, SSLV2_CLIENT_HELLO);
    write_u16(w, hello->legacy_version);
    write_length(w, hello->sslv2_cipher_specs.len);
    write_length(w, hello->session_id.len);
    write_length(w, hello->random.len);
    write_bytes(w, hello->sslv2_cipher_specs);
    write_bytes(w, hello->session_id);
    write_bytes(w, hello->random);
}

void sslv2_hello_write(writer *w, const client_hello *hello)
{
    size_t message_len = 9 + hello->sslv2_cipher_specs.len + hello->session_id.len + hello->random.len;
    if (message_len > 0x7fff)
        w->failed = true;
    write_u16(w, (uint16_t)(0x8000 | message_len));
    sslv2_hello_message_write(w, hello);
}

bytes_view sslv2_hello_verbatim_message(const client_hello *hello)
{
    size_t header_len = header_len_of(hello->verbatim);
    size_t around_len = header_len + hello->trailing.len;
    size_t message_len = hello->verbatim.len > around_len ? hello->verbatim.len - around_len : 0;
    return bytes_slice(hello->verbatim, header_len, message_len);
}

code_list sslv2_specs_suites(arena *a, bytes_view specs)
{
    code_list suites = {.codes = ARENA_ARRAY(a, specs.len / SSLV2_SPEC_LEN, uint16_t)};
    reader r = reader_from(specs);
    uint32_t spec;
    while (reader_len(&r) >= SSLV2_SPEC_LEN && read_u24(&r, "cipher_spec", &spec))
        if (spec <= 0xffff)
            suites.codes[suites.num_codes++] = (uint16_t)spec;
    return suites;
}

bytes_view sslv2_specs_from_suites(arena *a, code_list suites)
{
    writer w;
    writer_init(&w, suites.num_codes * SSLV2_SPEC_LEN);
    for (size_t i = 0; i < suites.num_codes; i++)
        write_u24(&w, suites.codes[i]);
    bytes_view specs;
    return writer_take(&w, a, &specs) ? specs : bytes_from(NULL, 0);
}
