/* Any bytes as a client's first flight: what is read is written back to the same bytes, and edits make hellos. */
#include "fuzz.h"
#include "wire/hello_edit.h"
#include <stdlib.h>

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static void identity_check(arena *a, bytes_view flight, const client_hello *hello)
{
    bytes_view written;
    demand(client_hello_write(a, hello, &written, NULL));
    demand(bytes_equal(written, flight));
}

static void offer_read(arena *a, const client_hello *hello)
{
    bytes_view *protocols;
    key_share *shares;
    client_hello_versions(a, hello);
    client_hello_version_max(hello);
    client_hello_version_min_stated(hello);
    client_hello_groups(a, hello);
    client_hello_signature_schemes(a, hello);
    client_hello_server_name(hello);
    client_hello_alpn(a, hello, &protocols);
    hello_key_shares(a, hello, &shares);
}

/* An edited hello of which every part was read is a hello again, and written from its parts. */
static void edits_check(arena *a, const client_hello *hello)
{
    client_hello edited = hello_without_grease(a, hello);
    edited = hello_with_versions(a, &edited, codes_one(a, 0x0303));
    edited = hello_with_server_name(a, &edited, bytes_from_text("example.com"));
    edited = hello_after_retry(a, &edited, NULL, bytes_from_text("cookie"));
    edited = hello_in_one_record(a, &edited);
    bytes_view flight;
    client_hello again;
    if (hello->random.len >= 32 && client_hello_write(a, &edited, &flight, NULL)) {
        demand(client_hello_parse(a, flight, &again) != PARSE_BAD);
        identity_check(a, flight, &again);
    }
    client_hello sized;
    if (hello_padded_to(a, hello, 600, &sized))
        demand(hello_message_len(a, &sized) == 600);
    if (hello_filled_to(a, hello, 600, &sized))
        demand(hello_message_len(a, &sized) == 600);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena *a = arena_new();
    bytes_view flight = bytes_from(data, size);
    client_hello hello;
    enum parse_status status = client_hello_parse(a, flight, &hello);
    if (status == PARSE_MORE)
        status = client_hello_parse_ended(a, flight, &hello);
    demand(status != PARSE_MORE);
    if (status != PARSE_BAD) {
        bytes_view message;
        demand(client_hello_message(a, &hello, &message, NULL));
        demand((status == PARSE_NOTE) == (hello.findings.num_findings > 0));
        identity_check(a, flight, &hello);
        offer_read(a, &hello);
        edits_check(a, &hello);
    }
    arena_free(a);
    return 0;
}
