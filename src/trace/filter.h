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
    WATCHED_FAST_OPEN, /* sendto with MSG_FASTOPEN: a connect that carries data */
    WATCHED_BIND,      /* this and the next only where sockets have to be made again */
    WATCHED_SET_OPTION,
};

#define FILTER_LEN_MAX ((size_t)256)

/* Writes the program; returns its length in instructions. `with_shapes`: bind and setsockopt wait as well. */
size_t filter_build(struct sock_filter program[FILTER_LEN_MAX], bool with_shapes);

/* Which call a number of an architecture (AUDIT_ARCH_*) is. */
enum watched_call filter_call(uint32_t arch, uint32_t number);

/* Which call the first argument of socketcall(2) selects. */
enum watched_call filter_call_of_socketcall(uint64_t selector);

#endif
