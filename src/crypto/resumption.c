#include "crypto/resumption.h"

#include "crypto/key_schedule.h"
#include "wire/extension.h"
#include "wire/hello_edit.h"

enum { MODE_PSK_DHE_KE = 1 };

/* PskBinderEntry binders<33..2^16-1> of one binder. */
static size_t binders_len(const suite_parameters *suite)
{
    return 2 + 1 + suite->hash_len;
}

/* OfferedPsks (RFC 8446, 4.2.11): one identity, one binder. */
static bool write_offered(arena *a, const suite_parameters *suite, const session_ticket *ticket, bytes_view binder, bytes_view *out)
{
    writer w;
    writer_init(&w, UINT16_MAX);
    writer_vector identities = writer_open16(&w);
    writer_vector identity = writer_open16(&w);
    write_bytes(&w, ticket->ticket);
    writer_close(&w, identity);
    write_u16(&w, (uint16_t)(ticket->age_add >> 16)); /* obfuscated_ticket_age of a ticket that is no millisecond old */
    write_u16(&w, (uint16_t)ticket->age_add);
    writer_close(&w, identities);
    writer_vector binders = writer_open16(&w);
    writer_vector entry = writer_open8(&w);
    if (binder.len > 0)
        write_bytes(&w, binder);
    else
        write_zeros(&w, suite->hash_len);
    writer_close(&w, entry);
    writer_close(&w, binders);
    return writer_take(&w, a, out);
}

/* Over the hello up to its binders (RFC 8446, 4.2.11.2). */
static bool make_binder(arena *a, const suite_parameters *suite, bytes_view key, const client_hello *unbound, secret *out)
{
    bytes_view message, none = bytes_from(NULL, 0);
    secret early, empty_hash, binder_key, hash;
    if (!client_hello_message(a, unbound, &message, NULL))
        return false;
    bytes_view truncated = bytes_slice(message, 0, message.len - binders_len(suite));
    return hkdf_extract(suite, none, key, &early) && transcript_hash(suite, none, &empty_hash) &&
           derive_secret(suite, &early, "res binder", &empty_hash, &binder_key) && transcript_hash(suite, truncated, &hash) &&
           finished_data(suite, &binder_key, &hash, out);
}

bool hello_resuming(arena *a, const client_hello *hello, const session_ticket *ticket, uint16_t cipher_suite,
                    bytes_view resumption_key, client_hello *out)
{
    static const uint8_t modes[] = {1, MODE_PSK_DHE_KE};
    const suite_parameters *suite = suite_parameters_find(cipher_suite);
    bytes_view offered;
    secret binder;
    if (suite == NULL || ticket->ticket.len == 0 || resumption_key.len != suite->hash_len ||
        !write_offered(a, suite, ticket, bytes_from(NULL, 0), &offered))
        return false;
    client_hello unbound = hello_with_extension(a, hello, EXTENSION_PSK_KEY_EXCHANGE_MODES, bytes_from(modes, sizeof modes));
    unbound = hello_with_extension(a, &unbound, EXTENSION_PRE_SHARED_KEY, offered);
    if (!make_binder(a, suite, resumption_key, &unbound, &binder) ||
        !write_offered(a, suite, ticket, bytes_from(binder.bytes, suite->hash_len), &offered))
        return false;
    *out = hello_with_extension(a, &unbound, EXTENSION_PRE_SHARED_KEY, offered);
    return true;
}
