/*
 * Connects to 127.0.0.1:PORT in each way that this machine has into the kernel, asks for the peer's name in the same way, and
 * prints what it was told:  ways PORT
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the first 4 GiB, where 32-bit pointers reach. */
typedef struct low_memory {
    struct sockaddr_in to, peer;
    uint32_t len;
    int32_t problem;
    uint32_t arguments[6];
} low_memory;

static void tell(const char *way, long connected, long named, const low_memory *m)
{
    char text[64] = "?";
    (void)inet_ntop(AF_INET, &m->peer.sin_addr, text, sizeof text);
    printf("%s: connect %ld, getpeername %ld, %s:%d, %u\n", way, connected, named, text, ntohs(m->peer.sin_port), m->len);
}

static void clear(low_memory *m)
{
    memset(&m->peer, 0, sizeof m->peer);
    m->len = sizeof m->peer;
}

static void by_syscall(low_memory *m)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    clear(m);
    long connected = syscall(SYS_connect, fd, &m->to, sizeof m->to);
    long named = syscall(SYS_getpeername, fd, &m->peer, &m->len);
    tell("64 bit", connected, named, m);
    close(fd);
}

/* As a shell or posix_spawn starts a program: the child borrows our memory and our thread until it ends. */
static void by_vfork(low_memory *m)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    static volatile long connected, named;
    clear(m);
    pid_t child = vfork();
    if (child == 0) {
        connected = syscall(SYS_connect, fd, &m->to, sizeof m->to);
        named = syscall(SYS_getpeername, fd, &m->peer, &m->len);
        _exit(0);
    }
    (void)waitpid(child, NULL, 0);
    tell("vfork", connected, named, m);
    close(fd);
}

#if defined __x86_64__
#define X32 0x40000000L

static void by_x32(low_memory *m)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    clear(m);
    long connected = syscall(X32 | SYS_connect, fd, &m->to, sizeof m->to);
    long named = syscall(X32 | SYS_getpeername, fd, &m->peer, &m->len);
    tell("x32", connected, named, m);
    close(fd);
}

static long call_32(long number, long a, long b, long c)
{
    long result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(a), "c"(b), "d"(c), "S"(0), "D"(0)
                     : "memory", "r8", "r9", "r10", "r11");
    return result;
}

static long low(const void *p)
{
    return (long)(uintptr_t)p;
}

static void by_32_bit(low_memory *m)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    clear(m);
    long connected = call_32(362, fd, low(&m->to), sizeof m->to);
    long named = call_32(368, fd, low(&m->peer), low(&m->len));
    tell("32 bit", connected, named, m);
    close(fd);
}

static long socketcall(low_memory *m, long selector, long a, long b, long c)
{
    m->arguments[0] = (uint32_t)a;
    m->arguments[1] = (uint32_t)b;
    m->arguments[2] = (uint32_t)c;
    return call_32(102, selector, low(m->arguments), 0);
}

static void by_socketcall(low_memory *m)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    clear(m);
    long connected = socketcall(m, 3, fd, low(&m->to), sizeof m->to);
    long named = socketcall(m, 7, fd, low(&m->peer), low(&m->len));
    tell("socketcall", connected, named, m);
    close(fd);
}

/* A kernel without 32-bit emulation answers with SIGSEGV. */
static int has_32_bit(void)
{
    int status = 1;
    pid_t child = fork();
    if (child == 0)
        _exit(call_32(20, 0, 0, 0) > 0 ? 0 : 1); /* getpid */
    return waitpid(child, &status, 0) == child && status == 0;
}
#endif

int main(int argc, char **argv)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS;
#if defined __x86_64__
    flags |= MAP_32BIT;
#endif
    low_memory *m = mmap(NULL, sizeof *m, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (argc != 2 || m == MAP_FAILED)
        return 2;
    m->to = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    by_syscall(m);
    by_vfork(m);
#if defined __x86_64__
    if (syscall(X32 | SYS_getpid) > 0)
        by_x32(m);
    if (has_32_bit()) {
        by_32_bit(m);
        by_socketcall(m);
    }
#endif
    return 0;
}
