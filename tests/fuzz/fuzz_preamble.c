/* Any bytes as what is said before TLS: two bytes of port, two of the client's length, what the client said, what the server said.
 */
#include "flow/preamble.h"
#include "fuzz.h"
#include "wire/reader.h"
#include <stdlib.h>

static void steps_answer(bytes_view received)
{
    for (int expectation = EXPECT_NOTHING; expectation < EXPECTATION_COUNT; expectation++) {
        size_t answer_len = 0;
        enum preamble_answer answer = preamble_step_answered((enum expectation)expectation, received, &answer_len);
        if (answer != PREAMBLE_WAIT && answer_len > received.len)
            abort();
    }
}

static void scripts_make(arena *a, bytes_view name)
{
    const char *text = bytes_to_text(a, name);
    for (int protocol = PROTOCOL_UNKNOWN; protocol < PROTOCOL_COUNT; protocol++)
        (void)preamble_script_make(a, (enum protocol)protocol, text, text);
    (void)protocol_from_name(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena *a = arena_new();
    reader r = reader_from(bytes_from(data, size));
    uint16_t port, client_len;
    bytes_view client, server;
    preamble p = {0};
    if (read_u16(&r, "port", &port) && read_u16(&r, "client's length", &client_len)) {
        if (!read_bytes(&r, "client", client_len, &client))
            client = read_rest(&r);
        server = read_rest(&r);
        bool may_be = preamble_read(a, client, server, port, &p);
        if (p.client_bytes.len > client.len || p.server_bytes.len > server.len || (p.complete && !may_be))
            abort();
        (void)protocol_of_greeting(server, port);
        (void)protocol_of_request(client);
        steps_answer(server);
        scripts_make(a, bytes_slice(client, 0, 300));
    }
    arena_free(a);
    return 0;
}
