/* Any bytes as each of a server's messages. The first byte says which, the second the version. */
#include "fuzz.h"
#include "wire/record.h"
#include "wire/server_hello.h"

static void records_read(bytes_view input)
{
    reader r = reader_from(input);
    record one;
    alert problem;
    while (record_read(&r, &one) == PARSE_DONE)
        if (one.content_type == CONTENT_ALERT && alert_read(one.payload, &problem) == PARSE_DONE)
            continue;
}

static enum parse_status message_read(arena *a, uint8_t which, uint16_t version, bytes_view body)
{
    server_hello hello;
    certificate_list certificates;
    certificate_request request;
    server_key_exchange exchange;
    switch (which % 8) {
    case 0:
        return server_hello_parse(a, body, &hello);
    case 1:
        return certificate_list_parse(a, body, &certificates);
    case 2:
        return certificate_request_parse(a, body, version, &request);
    case 3:
        records_read(body);
        return PARSE_DONE;
    default:
        return server_key_exchange_parse(a, body, (enum key_exchange_kind)(which % 4), (which & 8) != 0, version, &exchange);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bytes_view input = bytes_from(data, size);
    if (size < 2)
        return 0;
    arena *a = arena_new();
    uint16_t version = (uint16_t)(0x0300 | (data[1] & 7));
    enum parse_status status = message_read(a, data[0], version, bytes_slice(input, 2, size));
    if (status == PARSE_MORE) /* a body whose length is known is never cut, it is malformed */
        __builtin_trap();
    arena_free(a);
    return 0;
}
