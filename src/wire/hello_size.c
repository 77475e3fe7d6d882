#include "wire/extension.h"
#include "wire/hello_edit.h"

size_t hello_message_len(arena *a, const client_hello *hello)
{
    bytes_view message;
    return client_hello_message(a, hello, &message, NULL) ? message.len : 0;
}

static client_hello with_padding(arena *a, const client_hello *hello, size_t body_len)
{
    return hello_with_extension(a, hello, EXTENSION_PADDING, bytes_from(arena_alloc(a, body_len), body_len));
}

static bool fits(arena *a, const client_hello *candidate, size_t message_len, client_hello *out)
{
    if (hello_message_len(a, candidate) != message_len)
        return false;
    *out = *candidate;
    return true;
}

bool hello_padded_to(arena *a, const client_hello *hello, size_t message_len, client_hello *out)
{
    client_hello plain = hello_in_tls_format(a, hello);
    if (fits(a, &plain, message_len, out))
        return true;
    client_hello without = hello_without_extension(a, &plain, EXTENSION_PADDING);
    if (fits(a, &without, message_len, out))
        return true;
    client_hello least = with_padding(a, &plain, 0);
    size_t least_len = hello_message_len(a, &least);
    if (least_len == 0 || least_len > message_len || message_len - least_len > UINT16_MAX)
        return false;
    client_hello padded = with_padding(a, &plain, message_len - least_len);
    return fits(a, &padded, message_len, out);
}

bool hello_filled_to(arena *a, const client_hello *hello, size_t message_len, client_hello *out)
{
    client_hello plain = hello_in_tls_format(a, hello);
    if (fits(a, &plain, message_len, out))
        return true;
    size_t plain_len = hello_message_len(a, &plain);
    size_t num_suites = plain.cipher_suites.num_codes;
    if (plain_len == 0 || plain_len > message_len || (message_len - plain_len) % 2 != 0 || num_suites == 0)
        return false;
    size_t num_added = (message_len - plain_len) / 2;
    if (num_added > UINT16_MAX / 2)
        return false;
    code_list suites = {.codes = ARENA_ARRAY(a, num_suites + num_added, uint16_t), .num_codes = num_suites + num_added};
    for (size_t i = 0; i < suites.num_codes; i++)
        suites.codes[i] = plain.cipher_suites.codes[i < num_suites ? i : num_suites - 1];
    client_hello filled = hello_with_cipher_suites(a, &plain, suites);
    return fits(a, &filled, message_len, out);
}
