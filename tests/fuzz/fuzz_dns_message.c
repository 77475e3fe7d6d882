/* Any bytes as a message of the domain name system. */
#include "fuzz.h"
#include "wire/dns_message.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena *a = arena_new();
    dns_message message;
    enum parse_status status = dns_message_read(a, bytes_from(data, size), &message);
    if (status != PARSE_DONE && status != PARSE_BAD)
        __builtin_trap();
    if (status == PARSE_DONE && (strlen(message.name) > DNS_NAME_TEXT_LEN_MAX || message.num_addresses > DNS_ADDRESSES_MAX))
        __builtin_trap();
    arena_free(a);
    return 0;
}
