#include "report/fingerprint.h"

#include "registry/registry.h"
#include "wire/reader.h"
#include <ctype.h>
#include <openssl/evp.h>

enum {
    EXTENSION_SERVER_NAME = 0,
    EXTENSION_EC_POINT_FORMATS = 11,
    EXTENSION_SIGNATURE_ALGORITHMS = 13,
    EXTENSION_ALPN = 16,
    JA4_HASH_LEN = 12
};

static const char *hex_digest(arena *a, const EVP_MD *kind, const char *input)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int len = 0;
    bytes_view data = bytes_from_text(input);
    if (EVP_Digest(data.data, data.len, digest, &len, kind, NULL) != 1)
        len = 0;
    return bytes_to_hex(a, bytes_from(digest, len));
}

static code_list without_grease(arena *a, code_list list)
{
    code_list rest = {.codes = ARENA_ARRAY(a, list.num_codes, uint16_t)};
    for (size_t i = 0; i < list.num_codes; i++)
        if (!code_is_grease(list.codes[i]))
            rest.codes[rest.num_codes++] = list.codes[i];
    return rest;
}

static code_list extension_types(arena *a, const client_hello *hello)
{
    code_list list = {.codes = ARENA_ARRAY(a, hello->num_extensions, uint16_t)};
    for (size_t i = 0; i < hello->num_extensions; i++)
        list.codes[list.num_codes++] = hello->extensions[i].type;
    return without_grease(a, list);
}

static const char *joined(arena *a, code_list list, const char *format, const char *separator)
{
    const char *text = "";
    for (size_t i = 0; i < list.num_codes; i++) {
        const char *one = format[1] == 'u' ? arena_printf(a, "%u", list.codes[i]) : arena_printf(a, "%04x", list.codes[i]);
        text = arena_printf(a, "%s%s%s", text, i == 0 ? "" : separator, one);
    }
    return text;
}

static code_list point_formats(arena *a, const client_hello *hello)
{
    code_list list = {.codes = ARENA_ARRAY(a, 256, uint16_t)};
    const extension *sent = client_hello_extension(hello, EXTENSION_EC_POINT_FORMATS);
    for (size_t i = 1; sent != NULL && i < sent->body.len && list.num_codes < 256; i++)
        list.codes[list.num_codes++] = (uint16_t)bytes_at(sent->body, i);
    return list;
}

const char *fingerprint_ja3_text(arena *a, const client_hello *hello)
{
    return arena_printf(a, "%u,%s,%s,%s,%s", hello->legacy_version, joined(a, without_grease(a, hello->cipher_suites), "%u", "-"),
                        joined(a, extension_types(a, hello), "%u", "-"),
                        joined(a, without_grease(a, client_hello_groups(a, hello)), "%u", "-"),
                        joined(a, point_formats(a, hello), "%u", "-"));
}

const char *fingerprint_ja3(arena *a, const client_hello *hello)
{
    return hex_digest(a, EVP_md5(), fingerprint_ja3_text(a, hello));
}

static const char *ja4_version(uint16_t version)
{
    switch (version) {
    case VERSION_TLS13:
        return "13";
    case VERSION_TLS12:
        return "12";
    case VERSION_TLS11:
        return "11";
    case VERSION_TLS10:
        return "10";
    case VERSION_SSL3:
        return "s3";
    case VERSION_SSL2:
        return "s2";
    default:
        return "00";
    }
}

/* First and last character of the first ALPN protocol; in hex where they are not letters or digits. */
static const char *ja4_alpn(arena *a, const client_hello *hello)
{
    bytes_view *protocols;
    if (client_hello_alpn(a, hello, &protocols) == 0 || protocols[0].len == 0)
        return "00";
    int first = bytes_at(protocols[0], 0), last = bytes_at(protocols[0], protocols[0].len - 1);
    if (isalnum(first) && isalnum(last))
        return arena_printf(a, "%c%c", first, last);
    return arena_printf(a, "%x%x", first >> 4, last & 15);
}

/* By insertion: a hello has some dozens. */
static code_list sorted(arena *a, code_list list)
{
    code_list copy = codes_from(a, list.codes, list.num_codes);
    for (size_t i = 1; i < copy.num_codes; i++) {
        uint16_t code = copy.codes[i];
        size_t place = i;
        for (; place > 0 && copy.codes[place - 1] > code; place--)
            copy.codes[place] = copy.codes[place - 1];
        copy.codes[place] = code;
    }
    return copy;
}

static const char *short_hash(arena *a, const char *input)
{
    bytes_view digest = bytes_from_text(hex_digest(a, EVP_sha256(), input));
    return input[0] == '\0' ? "000000000000" : bytes_to_text(a, bytes_slice(digest, 0, JA4_HASH_LEN));
}

static unsigned at_most_99(size_t count)
{
    return count > 99 ? 99 : (unsigned)count;
}

const char *fingerprint_ja4(arena *a, const client_hello *hello)
{
    static const uint16_t left_out[] = {EXTENSION_SERVER_NAME, EXTENSION_ALPN};
    code_list suites = without_grease(a, hello->cipher_suites), types = extension_types(a, hello);
    code_list hashed = sorted(a, codes_without(a, types, codes_from(a, left_out, 2)));
    code_list schemes = without_grease(a, client_hello_signature_schemes(a, hello));
    const char *extensions = joined(a, hashed, "%x", ",");
    if (schemes.num_codes > 0)
        extensions = arena_printf(a, "%s_%s", extensions, joined(a, schemes, "%x", ","));
    return arena_printf(a, "t%s%c%02u%02u%s_%s_%s", ja4_version(client_hello_version_max(hello)),
                        codes_contain(types, EXTENSION_SERVER_NAME) ? 'd' : 'i', at_most_99(suites.num_codes),
                        at_most_99(types.num_codes), ja4_alpn(a, hello), short_hash(a, joined(a, sorted(a, suites), "%x", ",")),
                        short_hash(a, extensions));
}
