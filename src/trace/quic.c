#include "trace/quic.h"

#include <netinet/in.h>
#include <netinet/udp.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif
#define LOOKS_MAX 16 /* some come before there is anything to see */

/* Congestion marks (RFC 9000, 13.4) and large batches: quic-go sys_conn_oob.go, quinn-udp unix.rs, msquic datapath_linux.c, ngtcp2
 * examples/shared.cc, ip(7), ipv6(7), udp(7). */
const quic_option quic_options[QUIC_OPTIONS_NUM] = {
    {IPPROTO_IP, IP_RECVTOS}, {IPPROTO_IPV6, IPV6_RECVTCLASS}, {IPPROTO_UDP, UDP_SEGMENT}, {IPPROTO_UDP, UDP_GRO}};

bool quic_is_option(int level, int name)
{
    for (size_t i = 0; i < QUIC_OPTIONS_NUM; i++)
        if (quic_options[i].level == level && quic_options[i].name == name)
            return true;
    return false;
}

bool quic_wants_look(quic_looks *q, uint64_t inode)
{
    if (inode == 0)
        return false;
    for (size_t i = 0; i < QUIC_SOCKETS_MAX; i++)
        if (q->inodes[i] == inode)
            return q->nums[i]++ < LOOKS_MAX;
    size_t place = q->next++ % QUIC_SOCKETS_MAX;
    q->inodes[place] = inode;
    q->nums[place] = 1;
    return true;
}
