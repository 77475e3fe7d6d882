/*
 * The seccomp filter that a watched command carries: which system calls wait for the supervisor, in each of the ways that
 * x86-64 and arm64 have of making them (64 bit, 32 bit, x32, socketcall). Pure.
 */
#ifndef TLSWHY_TRACE_FILTER_H
#define TLSWHY_TRACE_FILTER_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum watched_call {
    WATCHED_NONE,
    WATCHED_CONNECT,
    WATCHED_GETPEERNAME,
    WATCHED_GETSOCKNAME,
    WATCHED_SOCKET_ERROR, /* getsockopt(SOL_SOCKET, SO_ERROR) */
    WATCHED_SOCKETCALL,   /* 32 bit: one number for all calls on sockets; the others are behind it */
    WATCHED_EXEC,
    WATCHED_EXEC_AT,
    WATCHED_IO_URING,
    WATCHED_SOCKET,  /* socket(AF_INET or AF_INET6, SOCK_DGRAM) */
    WATCHED_SEND_TO, /* sendto with MSG_FASTOPEN: a connect that carries data; or to an address: a name server's, or HTTP/3's? */
    WATCHED_RECEIVE_FROM,    /* recvfrom that asks whom it is from, as resolvers do */
    WATCHED_RECEIVE_SEVERAL, /* recvmmsg: nobody receives a stream by it */
    WATCHED_SEND_MESSAGE,    /* sendmsg with MSG_FASTOPEN */
    WATCHED_SEND_SEVERAL,    /* sendmmsg: glibc's questions for both families, HTTP/3 */
    WATCHED_SET_OPTION,      /* those that tell of QUIC, and all where sockets may have to be made again */
    WATCHED_BIND,            /* only there */
    WATCHED_OPEN,            /* this and the next two only where files are wanted */
    WATCHED_OPEN_AT,
    WATCHED_OPEN_AT_2,
};

/* A question to a name server over UDP is no longer (RFC 1035, 2.3.4), and whoever waits for an answer has room for that much. */
#define FILTER_QUESTION_LEN_MAX 512

#define FILTER_LEN_MAX ((size_t)512)

/* What waits besides. */
typedef struct filter_wants {
    bool shapes; /* bind, and all of setsockopt */
    bool files;  /* open, openat, openat2 */
} filter_wants;

/* Writes the program; returns its length in instructions. */
size_t filter_build(struct sock_filter program[FILTER_LEN_MAX], filter_wants wants);

/* Which call a number of an architecture (AUDIT_ARCH_*) is. */
enum watched_call filter_call(uint32_t arch, uint32_t number);

/* Whether that way in has pointers of 32 bits. */
bool filter_is_narrow(uint32_t arch, uint32_t number);

/* Which call the first argument of socketcall(2) selects. */
enum watched_call filter_call_of_socketcall(uint64_t selector);

#endif
