/*
 * delay_bridge IFACE_A IFACE_B MICROSECONDS
 *
 * Forwards Ethernet frames between two interfaces, each frame after a fixed delay. Stands in for
 * `tc netem delay`, which kernels built without sch_netem lack. The round trip grows by twice the delay.
 * See wan.sh, which puts it between two network namespaces.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define QUEUE_SIZE (1u << 17)
#define FRAME_MAX 70000

struct frame {
    uint64_t due_ns;
    int out_fd;
    size_t len;
    unsigned char *bytes;
};

static struct frame queue[QUEUE_SIZE];
static unsigned head, tail;

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int open_interface(const char *name)
{
    int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
    struct sockaddr_ll addr = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)if_nametoindex(name)};
    struct packet_mreq promiscuous = {.mr_ifindex = addr.sll_ifindex, .mr_type = PACKET_MR_PROMISC};
    int buffer = 32 << 20, one = 1;
    if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof addr) < 0) {
        perror(name);
        exit(1);
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous, sizeof promiscuous);
    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one);
    return fd;
}

static void enqueue_from(int in_fd, int out_fd, uint64_t delay_ns)
{
    static unsigned char buffer[FRAME_MAX];
    for (int i = 0; i < 256; i++) {
        ssize_t n = recv(in_fd, buffer, sizeof buffer, MSG_DONTWAIT);
        if (n <= 0)
            return;
        if (tail - head >= QUEUE_SIZE)
            continue; /* like a full router: drop */
        struct frame *f = &queue[tail % QUEUE_SIZE];
        f->bytes = malloc((size_t)n);
        if (!f->bytes)
            continue;
        memcpy(f->bytes, buffer, (size_t)n);
        *f = (struct frame){now_ns() + delay_ns, out_fd, (size_t)n, f->bytes};
        tail++;
    }
}

static void send_due(void)
{
    for (uint64_t now = now_ns(); head != tail && queue[head % QUEUE_SIZE].due_ns <= now; head++) {
        struct frame *f = &queue[head % QUEUE_SIZE];
        if (send(f->out_fd, f->bytes, f->len, 0) < 0)
            perror("send");
        free(f->bytes);
    }
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: delay_bridge IFACE_A IFACE_B MICROSECONDS\n");
        return 2;
    }
    int a = open_interface(argv[1]), b = open_interface(argv[2]);
    uint64_t delay_ns = strtoull(argv[3], NULL, 10) * 1000u;
    for (;;) {
        struct pollfd fds[2] = {{.fd = a, .events = POLLIN}, {.fd = b, .events = POLLIN}};
        struct timespec wait, *timeout = NULL;
        if (head != tail) {
            uint64_t now = now_ns(), due = queue[head % QUEUE_SIZE].due_ns, left = due > now ? due - now : 0;
            wait = (struct timespec){(time_t)(left / 1000000000u), (long)(left % 1000000000u)};
            timeout = &wait;
        }
        ppoll(fds, 2, timeout, NULL);
        enqueue_from(a, b, delay_ns);
        enqueue_from(b, a, delay_ns);
        send_due();
    }
}
