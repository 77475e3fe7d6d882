#include "wire/hello_edit.h"
#include "registry/registry.h"
#include "wire/extension.h"
#include "wire/sslv2_hello.h"

#define HELLO_RANDOM_LEN ((size_t)32)

/* A copy that is written from its parts. */
static client_hello edited(const client_hello *hello)
{
    client_hello copy = *hello;
    copy.verbatim = bytes_from(NULL, 0);
    copy.findings = (finding_list){0};
    return copy;
}

/* ---- extensions ------------------------------------------------------------------------------------------------ */

/* Where a new extension goes: before padding, whose size makes up for the rest, and before pre_shared_key, which must be last
 * (RFC 8446, 4.2.11). */
static size_t place_of_new(const client_hello *hello, uint16_t type)
{
    for (size_t i = 0; i < hello->num_extensions && type != EXTENSION_PRE_SHARED_KEY; i++) {
        uint16_t there = hello->extensions[i].type;
        if (there == EXTENSION_PRE_SHARED_KEY || (there == EXTENSION_PADDING && type != EXTENSION_PADDING))
            return i;
    }
    return hello->num_extensions;
}

static void insert_at(arena *a, client_hello *hello, size_t place, extension added)
{
    extension *extensions = ARENA_ARRAY(a, hello->num_extensions + 1, extension);
    for (size_t i = 0; i < hello->num_extensions; i++)
        extensions[i < place ? i : i + 1] = hello->extensions[i];
    extensions[place] = added;
    hello->extensions = extensions;
    hello->num_extensions++;
}

client_hello hello_with_extension(arena *a, const client_hello *hello, uint16_t type, bytes_view body)
{
    client_hello copy = hello_in_tls_format(a, hello);
    extension added = {.type = type, .body = bytes_copy(a, body)};
    copy.has_extensions = true;
    if (extension_in(copy.extensions, copy.num_extensions, type) == NULL) {
        insert_at(a, &copy, place_of_new(&copy, type), added);
        return copy;
    }
    copy.extensions = ARENA_ARRAY(a, hello->num_extensions, extension);
    copy.num_extensions = 0;
    bool placed = false; /* the first takes the body; further ones of the type go */
    for (size_t i = 0; i < hello->num_extensions; i++) {
        bool is_it = hello->extensions[i].type == type;
        if (!is_it || !placed)
            copy.extensions[copy.num_extensions++] = is_it ? added : hello->extensions[i];
        placed = placed || is_it;
    }
    return copy;
}

client_hello hello_without_extension(arena *a, const client_hello *hello, uint16_t type)
{
    client_hello copy = edited(hello);
    if (extension_in(hello->extensions, hello->num_extensions, type) == NULL)
        return copy;
    copy.extensions = ARENA_ARRAY(a, hello->num_extensions, extension);
    copy.num_extensions = 0;
    for (size_t i = 0; i < hello->num_extensions; i++)
        if (hello->extensions[i].type != type)
            copy.extensions[copy.num_extensions++] = hello->extensions[i];
    copy.has_extensions = copy.num_extensions > 0; /* a client without extensions sends no block */
    return copy;
}

/* With the body that was written, or, where it is too long for its length fields, unchanged. */
static client_hello with_written(arena *a, const client_hello *hello, uint16_t type, writer *w)
{
    bytes_view body;
    if (!writer_take(w, a, &body))
        return edited(hello);
    return hello_with_extension(a, hello, type, body);
}

static client_hello with_code_list(arena *a, const client_hello *hello, uint16_t type, code_list codes)
{
    if (codes.num_codes == 0)
        return hello_without_extension(a, hello, type);
    writer w;
    writer_init(&w, UINT16_MAX);
    writer_vector list = code_list_body_length_size(type) == 1 ? writer_open8(&w) : writer_open16(&w);
    write_codes(&w, codes);
    writer_close(&w, list);
    return with_written(a, hello, type, &w);
}

client_hello hello_with_versions(arena *a, const client_hello *hello, code_list versions)
{
    return with_code_list(a, hello, EXTENSION_SUPPORTED_VERSIONS, versions);
}

client_hello hello_with_groups(arena *a, const client_hello *hello, code_list groups)
{
    return with_code_list(a, hello, EXTENSION_SUPPORTED_GROUPS, groups);
}

client_hello hello_with_signature_schemes(arena *a, const client_hello *hello, code_list schemes)
{
    return with_code_list(a, hello, EXTENSION_SIGNATURE_ALGORITHMS, schemes);
}

client_hello hello_with_key_shares(arena *a, const client_hello *hello, const key_share *shares, size_t num_shares)
{
    writer w;
    writer_init(&w, UINT16_MAX);
    writer_vector client_shares = writer_open16(&w);
    for (size_t i = 0; i < num_shares; i++) {
        write_u16(&w, shares[i].group);
        writer_vector key_exchange = writer_open16(&w);
        write_bytes(&w, shares[i].key_exchange);
        writer_close(&w, key_exchange);
    }
    writer_close(&w, client_shares);
    return with_written(a, hello, EXTENSION_KEY_SHARE, &w);
}

client_hello hello_with_server_name(arena *a, const client_hello *hello, bytes_view name)
{
    if (name.len == 0)
        return hello_without_extension(a, hello, EXTENSION_SERVER_NAME);
    writer w;
    writer_init(&w, UINT16_MAX);
    writer_vector server_name_list = writer_open16(&w);
    write_u8(&w, 0); /* host_name */
    writer_vector host_name = writer_open16(&w);
    write_bytes(&w, name);
    writer_close(&w, host_name);
    writer_close(&w, server_name_list);
    return with_written(a, hello, EXTENSION_SERVER_NAME, &w);
}

client_hello hello_with_alpn(arena *a, const client_hello *hello, const bytes_view *protocols, size_t num_protocols)
{
    if (num_protocols == 0)
        return hello_without_extension(a, hello, EXTENSION_ALPN);
    writer w;
    writer_init(&w, UINT16_MAX);
    writer_vector protocol_name_list = writer_open16(&w);
    for (size_t i = 0; i < num_protocols; i++) {
        writer_vector name = writer_open8(&w);
        write_bytes(&w, protocols[i]);
        writer_close(&w, name);
    }
    writer_close(&w, protocol_name_list);
    return with_written(a, hello, EXTENSION_ALPN, &w);
}

/* ---- other fields ---------------------------------------------------------------------------------------------- */

client_hello hello_with_cipher_suites(arena *a, const client_hello *hello, code_list suites)
{
    client_hello copy = edited(hello);
    copy.cipher_suites = codes_from(a, suites.codes, suites.num_codes);
    if (copy.format == HELLO_FORMAT_SSLV2)
        copy.sslv2_cipher_specs = sslv2_specs_from_suites(a, suites);
    return copy;
}

client_hello hello_with_legacy_version(arena *a, const client_hello *hello, uint16_t version)
{
    (void)a;
    client_hello copy = edited(hello);
    copy.legacy_version = version;
    return copy;
}

client_hello hello_with_record_version(arena *a, const client_hello *hello, uint16_t version)
{
    client_hello copy = hello_in_tls_format(a, hello);
    copy.record_version = version;
    return copy;
}

client_hello hello_with_random(arena *a, const client_hello *hello, bytes_view random, bytes_view session_id)
{
    client_hello copy = edited(hello);
    copy.random = bytes_copy(a, random);
    bool is_carried = hello->format == HELLO_FORMAT_TLS || session_id.len == 0 || session_id.len == 16;
    copy.session_id = is_carried ? bytes_copy(a, session_id) : bytes_from(NULL, 0);
    return copy;
}

/* The challenge, padded on the left with zeros; of a longer one the last 32 bytes (RFC 5246, E.2). */
static bytes_view random_from_challenge(arena *a, bytes_view challenge)
{
    bytes_view kept =
        challenge.len > HELLO_RANDOM_LEN ? bytes_slice(challenge, challenge.len - HELLO_RANDOM_LEN, HELLO_RANDOM_LEN) : challenge;
    writer w;
    bytes_view random;
    writer_init(&w, HELLO_RANDOM_LEN);
    write_zeros(&w, HELLO_RANDOM_LEN - kept.len);
    write_bytes(&w, kept);
    return writer_take(&w, a, &random) ? random : bytes_from(NULL, 0);
}

client_hello hello_in_tls_format(arena *a, const client_hello *hello)
{
    static const uint8_t null_compression[] = {0};
    client_hello copy = edited(hello);
    if (hello->format == HELLO_FORMAT_TLS)
        return copy;
    copy.format = HELLO_FORMAT_TLS;
    copy.legacy_version = hello->legacy_version < VERSION_SSL3 ? VERSION_SSL3 : hello->legacy_version;
    /* What clients of the time put there (RFC 5246, E.1: the lowest that they speak, where they do not know better). */
    copy.record_version = copy.legacy_version > VERSION_TLS10 ? VERSION_TLS10 : copy.legacy_version;
    copy.random = random_from_challenge(a, hello->random);
    copy.session_id = bytes_slice(hello->session_id, 0, 32);
    copy.compression_methods = bytes_from(null_compression, sizeof null_compression);
    copy.sslv2_cipher_specs = bytes_from(NULL, 0);
    return copy;
}

client_hello hello_in_one_record(arena *a, const client_hello *hello)
{
    (void)a;
    client_hello copy = edited(hello);
    copy.fragment_lens = NULL;
    copy.num_fragments = 0;
    copy.trailing = bytes_from(NULL, 0);
    return copy;
}

client_hello hello_after_retry(arena *a, const client_hello *hello, const key_share *share, bytes_view cookie)
{
    client_hello second = hello_without_extension(a, hello, EXTENSION_EARLY_DATA);
    second.trailing = bytes_from(NULL, 0); /* early data, which the server has refused by asking again */
    second.record_version = VERSION_TLS12; /* RFC 8446, 5.1: only the first hello's record may say otherwise */
    if (share != NULL)
        second = hello_with_key_shares(a, &second, share, 1);
    if (cookie.len == 0)
        return second;
    writer w;
    writer_init(&w, UINT16_MAX);
    writer_vector echoed = writer_open16(&w);
    write_bytes(&w, cookie);
    writer_close(&w, echoed);
    return with_written(a, &second, EXTENSION_COOKIE, &w);
}
