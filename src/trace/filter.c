/*
 * One row for each call of each architecture; the program is the table written out. Numbers are those of the kernel's own tables:
 * arch/x86/entry/syscalls/syscall_64.tbl and syscall_32.tbl, include/uapi/asm-generic/unistd.h, arch/arm/tools/syscall.tbl (6.12).
 */
#include "trace/filter.h"

#include <linux/audit.h>
#include <linux/net.h>
#include <sys/socket.h>

#define X32 0x40000000u /* __X32_SYSCALL_BIT: x32 shares AUDIT_ARCH_X86_64 */

typedef struct filter_row {
    uint32_t number;
    enum watched_call call;
} filter_row;

typedef struct filter_arch {
    uint32_t arch;
    const filter_row *rows;
    size_t num_rows;
} filter_arch;

#if defined __x86_64__
static const filter_row x86_64_rows[] = {
    {42, WATCHED_CONNECT},
    {51, WATCHED_GETSOCKNAME},
    {52, WATCHED_GETPEERNAME},
    {55, WATCHED_SOCKET_ERROR},
    {59, WATCHED_EXEC},
    {322, WATCHED_EXEC_AT},
    {425, WATCHED_IO_URING},
    {44, WATCHED_FAST_OPEN},
    {X32 | 42, WATCHED_CONNECT},
    {X32 | 51, WATCHED_GETSOCKNAME},
    {X32 | 52, WATCHED_GETPEERNAME},
    {X32 | 542, WATCHED_SOCKET_ERROR},
    {X32 | 520, WATCHED_EXEC},
    {X32 | 545, WATCHED_EXEC_AT},
    {X32 | 425, WATCHED_IO_URING},
    {X32 | 44, WATCHED_FAST_OPEN},
    {49, WATCHED_BIND},
    {54, WATCHED_SET_OPTION},
    {X32 | 49, WATCHED_BIND},
    {X32 | 541, WATCHED_SET_OPTION},
};
static const filter_row i386_rows[] = {
    {362, WATCHED_CONNECT},    {367, WATCHED_GETSOCKNAME}, {368, WATCHED_GETPEERNAME}, {365, WATCHED_SOCKET_ERROR},
    {102, WATCHED_SOCKETCALL}, {11, WATCHED_EXEC},         {358, WATCHED_EXEC_AT},     {425, WATCHED_IO_URING},
    {369, WATCHED_FAST_OPEN},  {361, WATCHED_BIND},        {366, WATCHED_SET_OPTION},
};
static const filter_arch arches[] = {
    {AUDIT_ARCH_X86_64, x86_64_rows, sizeof x86_64_rows / sizeof *x86_64_rows},
    {AUDIT_ARCH_I386, i386_rows, sizeof i386_rows / sizeof *i386_rows},
};
#elif defined __aarch64__
static const filter_row aarch64_rows[] = {
    {203, WATCHED_CONNECT}, {204, WATCHED_GETSOCKNAME}, {205, WATCHED_GETPEERNAME}, {209, WATCHED_SOCKET_ERROR},
    {221, WATCHED_EXEC},    {281, WATCHED_EXEC_AT},     {425, WATCHED_IO_URING},    {206, WATCHED_FAST_OPEN},
    {200, WATCHED_BIND},    {208, WATCHED_SET_OPTION},
};
static const filter_row arm_rows[] = {
    {283, WATCHED_CONNECT},    {286, WATCHED_GETSOCKNAME}, {287, WATCHED_GETPEERNAME}, {295, WATCHED_SOCKET_ERROR},
    {102, WATCHED_SOCKETCALL}, {11, WATCHED_EXEC},         {387, WATCHED_EXEC_AT},     {425, WATCHED_IO_URING},
    {290, WATCHED_FAST_OPEN},  {282, WATCHED_BIND},        {294, WATCHED_SET_OPTION},
};
static const filter_arch arches[] = {
    {AUDIT_ARCH_AARCH64, aarch64_rows, sizeof aarch64_rows / sizeof *aarch64_rows},
    {AUDIT_ARCH_ARM, arm_rows, sizeof arm_rows / sizeof *arm_rows},
};
#else
#error "the numbers of this architecture's system calls are missing here"
#endif

#define NUM_ARCHES (sizeof arches / sizeof *arches)

enum watched_call filter_call(uint32_t arch, uint32_t number)
{
    for (size_t i = 0; i < NUM_ARCHES; i++)
        for (size_t j = 0; arches[i].arch == arch && j < arches[i].num_rows; j++)
            if (arches[i].rows[j].number == number)
                return arches[i].rows[j].call;
    return WATCHED_NONE;
}

enum watched_call filter_call_of_socketcall(uint64_t selector)
{
    switch (selector) {
    case SYS_CONNECT:
        return WATCHED_CONNECT;
    case SYS_GETSOCKNAME:
        return WATCHED_GETSOCKNAME;
    case SYS_GETPEERNAME:
        return WATCHED_GETPEERNAME;
    case SYS_GETSOCKOPT:
        return WATCHED_SOCKET_ERROR;
    case SYS_BIND:
        return WATCHED_BIND;
    case SYS_SETSOCKOPT:
        return WATCHED_SET_OPTION;
    default:
        return WATCHED_NONE;
    }
}

/* ---- writing the program ----------------------------------------------------------------------------------------- */

typedef struct program {
    struct sock_filter *out;
    size_t len;
    bool with_shapes;
} program;

static void emit(program *p, uint16_t code, uint8_t jump_true, uint8_t jump_false, uint32_t k)
{
    p->out[p->len++] = (struct sock_filter){code, jump_true, jump_false, k};
}

static void load(program *p, size_t offset)
{
    emit(p, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

/* The low half of an argument: all machines of the table are little-endian. */
static void load_argument(program *p, size_t index)
{
    load(p, offsetof(struct seccomp_data, args) + index * sizeof(uint64_t));
}

static void notify(program *p)
{
    emit(p, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_USER_NOTIF);
}

static void allow(program *p)
{
    emit(p, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
}

/* getsockopt(fd, SOL_SOCKET, SO_ERROR, ...) */
static void notify_socket_error(program *p)
{
    load_argument(p, 1);
    emit(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 3, SOL_SOCKET);
    load_argument(p, 2);
    emit(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SO_ERROR);
    notify(p);
    allow(p);
}

/* A call's arguments are in memory, where no filter can look: all of getsockopt waits. */
static void notify_socketcall(program *p)
{
    static const uint32_t selectors[] = {SYS_CONNECT, SYS_GETSOCKNAME, SYS_GETPEERNAME, SYS_GETSOCKOPT, SYS_BIND, SYS_SETSOCKOPT};
    size_t num = p->with_shapes ? 6 : 4;
    load_argument(p, 0);
    for (size_t i = 0; i < num; i++)
        emit(p, BPF_JMP | BPF_JEQ | BPF_K, (uint8_t)(num - i), 0, selectors[i]); /* to the last instruction */
    allow(p);
    notify(p);
}

/* sendto(fd, data, len, flags with MSG_FASTOPEN, ...) */
static void notify_fast_open(program *p)
{
    load_argument(p, 3);
    emit(p, BPF_JMP | BPF_JSET | BPF_K, 0, 1, MSG_FASTOPEN);
    notify(p);
    allow(p);
}

static void emit_body(program *p, enum watched_call call)
{
    if (call == WATCHED_SOCKET_ERROR)
        notify_socket_error(p);
    else if (call == WATCHED_SOCKETCALL)
        notify_socketcall(p);
    else if (call == WATCHED_FAST_OPEN)
        notify_fast_open(p);
    else
        notify(p);
}

/* `if (number == row) body`: the jump over the body is filled in once its length is known. */
static void emit_row(program *p, const filter_row *row)
{
    size_t test = p->len;
    if (!p->with_shapes && (row->call == WATCHED_BIND || row->call == WATCHED_SET_OPTION))
        return;
    emit(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, row->number);
    emit_body(p, row->call);
    p->out[test].jf = (uint8_t)(p->len - test - 1);
}

static void emit_arch(program *p, const filter_arch *arch)
{
    load(p, offsetof(struct seccomp_data, arch));
    size_t test = p->len;
    emit(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, arch->arch);
    load(p, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < arch->num_rows; i++)
        emit_row(p, &arch->rows[i]);
    allow(p);
    p->out[test].jf = (uint8_t)(p->len - test - 1);
}

size_t filter_build(struct sock_filter out[FILTER_LEN_MAX], bool with_shapes)
{
    program p = {out, 0, with_shapes};
    for (size_t i = 0; i < NUM_ARCHES; i++)
        emit_arch(&p, &arches[i]);
    allow(&p);
    return p.len;
}
