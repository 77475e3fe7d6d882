/* large-flight-lost: the handshake stalls where the server sends its first large flight; told to send small segments, it comes. */
#include "causes/cause.h"

static const remedy_row rows[] = {
    {REMEDY_SYSTEM, NULL,
     "Set the true MTU on the interface towards the server (try 1400), or let the gateway tell TCP its segment size, and do not "
     "filter ICMP \"fragmentation needed\" (ICMPv6 \"packet too big\").",
     "$ ip link set dev eth0 mtu 1400", LOWERS_NONE},
    {REMEDY_SYSTEM, NULL, "On a router or VPN gateway:",
     "$ iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu", LOWERS_NONE},
    {REMEDY_SERVER, NULL, "A shorter chain of certificates makes the flight smaller, and hides it only.", NULL, LOWERS_NONE},
};

static void tell(const facts *f, const change *c, verdict *v)
{
    (void)c;
    const conversation *stalled = f->control.conversation;
    v->headline =
        arena_printf(f->arena,
                     "The server's large packets are lost on the way: its answer stalls after %zu bytes, and comes whole where "
                     "the connection takes segments of at most 536 bytes (a path MTU black hole).",
                     stalled == NULL ? 0 : stalled->server_len - stalled->preamble.server_bytes.len);
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
}

const cause cause_large_flight_lost = {.id = "large-flight-lost", .where = WHERE_NETWORK, .tell = tell};
