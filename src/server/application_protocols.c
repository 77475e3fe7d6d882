/* The names of ALPN: IANA, TLS Application-Layer Protocol Negotiation (ALPN) Protocol IDs, 2024-12, without those of DTLS and QUIC.
 */
#include "server/survey_state.h"

static const char *const names[] = {
    "h2",     "http/1.1", "http/1.0",    "http/0.9", "h2c",        "spdy/3",      "spdy/2",      "spdy/1",    "acme-tls/1",
    "imap",   "pop3",     "managesieve", "ftp",      "smtp",       "xmpp-client", "xmpp-server", "irc",       "nntp",
    "dot",    "mqtt",     "postgresql",  "tds/8.0",  "dicom",      "ntske/1",     "sunrpc",      "stun.turn", "stun.nat-discovery",
    "webrtc", "c-webrtc", "coap",        "sip/2",    "radius/1.0", "radius/1.1",  "smb",
};
enum { NUM_NAMES = sizeof names / sizeof *names };

code_list application_protocols(arena *a)
{
    code_list list = {.codes = ARENA_ARRAY(a, NUM_NAMES, uint16_t), .num_codes = NUM_NAMES};
    for (uint16_t i = 0; i < NUM_NAMES; i++)
        list.codes[i] = (uint16_t)(i + 1);
    return list;
}

uint16_t application_protocol_number(bytes_view name)
{
    for (uint16_t i = 0; i < NUM_NAMES; i++)
        if (bytes_equal(name, bytes_from_text(names[i])))
            return (uint16_t)(i + 1);
    return 0;
}

const char *application_protocol_name(arena *a, uint16_t number)
{
    (void)a;
    return number >= 1 && number <= NUM_NAMES ? names[number - 1] : "unknown";
}
