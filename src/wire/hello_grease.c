#include "wire/extension.h"
#include "wire/hello_edit.h"

static bool has_grease(code_list codes)
{
    for (size_t i = 0; i < codes.num_codes; i++)
        if (code_is_grease(codes.codes[i]))
            return true;
    return false;
}

static code_list without_grease(arena *a, code_list codes)
{
    code_list rest = {.codes = ARENA_ARRAY(a, codes.num_codes, uint16_t)};
    for (size_t i = 0; i < codes.num_codes; i++)
        if (!code_is_grease(codes.codes[i]))
            rest.codes[rest.num_codes++] = codes.codes[i];
    return rest;
}

/* An ALPN name of RFC 8701, 3.1: two equal bytes of the form 0x?A. */
static bool name_is_grease(bytes_view name)
{
    return name.len == 2 && code_is_grease((uint16_t)(bytes_at(name, 0) << 8 | bytes_at(name, 1)));
}

static void extensions_clean(arena *a, client_hello *hello)
{
    code_list types = {.codes = ARENA_ARRAY(a, hello->num_extensions, uint16_t)};
    for (size_t i = 0; i < hello->num_extensions; i++)
        types.codes[types.num_codes++] = hello->extensions[i].type;
    for (size_t i = 0; i < types.num_codes; i++)
        if (code_is_grease(types.codes[i]))
            *hello = hello_without_extension(a, hello, types.codes[i]);
}

/* Bodies without GREASE, and bodies that break their structure, stay as they are. */
static void code_lists_clean(arena *a, client_hello *hello)
{
    for (size_t i = 0; i < hello->num_extensions; i++) {
        const extension *e = &hello->extensions[i];
        size_t length_size = code_list_body_length_size(e->type);
        code_list codes;
        if (length_size == 0 || !code_list_body_read(a, e->body, length_size, &codes) || !has_grease(codes))
            continue;
        writer w;
        bytes_view body;
        writer_init(&w, UINT16_MAX);
        writer_vector list = length_size == 1 ? writer_open8(&w) : writer_open16(&w);
        write_codes(&w, without_grease(a, codes));
        writer_close(&w, list);
        if (writer_take(&w, a, &body))
            *hello = hello_with_extension(a, hello, e->type, body);
    }
}

static void key_shares_clean(arena *a, client_hello *hello)
{
    if (!has_grease(client_hello_key_share_groups(a, hello)))
        return;
    key_share *shares;
    size_t num_shares = hello_key_shares(a, hello, &shares);
    size_t num_kept = 0;
    for (size_t i = 0; i < num_shares; i++)
        if (!code_is_grease(shares[i].group))
            shares[num_kept++] = shares[i];
    *hello = hello_with_key_shares(a, hello, shares, num_kept);
}

static void alpn_clean(arena *a, client_hello *hello)
{
    bytes_view *protocols;
    size_t num_protocols = client_hello_alpn(a, hello, &protocols);
    size_t num_kept = 0;
    for (size_t i = 0; i < num_protocols; i++)
        if (!name_is_grease(protocols[i]))
            protocols[num_kept++] = protocols[i];
    if (num_kept < num_protocols)
        *hello = hello_with_alpn(a, hello, protocols, num_kept);
}

/* PskKeyExchangeMode values of RFC 8701, 2: 0x0B, and every 0x1F from there. */
static bool mode_is_grease(uint8_t mode)
{
    return mode >= 0x0b && (mode - 0x0b) % 0x1f == 0;
}

static void psk_modes_clean(arena *a, client_hello *hello)
{
    const extension *e = client_hello_extension(hello, EXTENSION_PSK_KEY_EXCHANGE_MODES);
    reader body = reader_from(e == NULL ? bytes_from(NULL, 0) : e->body);
    reader modes;
    uint8_t mode;
    if (!read_vector8(&body, "ke_modes", &modes) || !reader_is_empty(&body))
        return;
    size_t num_modes = reader_len(&modes);
    writer w;
    bytes_view clean;
    writer_init(&w, 256);
    writer_vector kept = writer_open8(&w);
    while (read_u8(&modes, "mode", &mode))
        if (!mode_is_grease(mode))
            write_u8(&w, mode);
    writer_close(&w, kept);
    if (writer_take(&w, a, &clean) && clean.len < 1 + num_modes)
        *hello = hello_with_extension(a, hello, EXTENSION_PSK_KEY_EXCHANGE_MODES, clean);
}

client_hello hello_without_grease(arena *a, const client_hello *hello)
{
    /* Nothing else is changed, and so the copy is made by an edit that changes nothing. */
    client_hello copy = hello_with_legacy_version(a, hello, hello->legacy_version);
    if (has_grease(hello->cipher_suites))
        copy = hello_with_cipher_suites(a, &copy, without_grease(a, hello->cipher_suites));
    extensions_clean(a, &copy);
    code_lists_clean(a, &copy);
    key_shares_clean(a, &copy);
    alpn_clean(a, &copy);
    psk_modes_clean(a, &copy);
    return copy;
}
