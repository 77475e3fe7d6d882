/*
 * One row for each call of each architecture; the program is the table written out. Numbers are those of the kernel's own tables:
 * arch/x86/entry/syscalls/syscall_64.tbl and syscall_32.tbl, include/uapi/asm-generic/unistd.h, arch/arm/tools/syscall.tbl (6.12).
 */
#include "trace/filter.h"

#include "trace/quic.h"

#include <linux/audit.h>
#include <linux/net.h>
#include <sys/socket.h>

#define TYPE_OF_SOCKET 0xfu /* SOCK_TYPE_MASK: what is above are flags */
#define X32 0x40000000u     /* __X32_SYSCALL_BIT: x32 shares AUDIT_ARCH_X86_64 */

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
    {41, WATCHED_SOCKET},
    {42, WATCHED_CONNECT},
    {51, WATCHED_GETSOCKNAME},
    {52, WATCHED_GETPEERNAME},
    {55, WATCHED_SOCKET_ERROR},
    {59, WATCHED_EXEC},
    {322, WATCHED_EXEC_AT},
    {425, WATCHED_IO_URING},
    {44, WATCHED_SEND_TO},
    {45, WATCHED_RECEIVE_FROM},
    {46, WATCHED_SEND_MESSAGE},
    {299, WATCHED_RECEIVE_SEVERAL},
    {307, WATCHED_SEND_SEVERAL},
    {X32 | 41, WATCHED_SOCKET},
    {X32 | 42, WATCHED_CONNECT},
    {X32 | 51, WATCHED_GETSOCKNAME},
    {X32 | 52, WATCHED_GETPEERNAME},
    {X32 | 542, WATCHED_SOCKET_ERROR},
    {X32 | 520, WATCHED_EXEC},
    {X32 | 545, WATCHED_EXEC_AT},
    {X32 | 425, WATCHED_IO_URING},
    {X32 | 44, WATCHED_SEND_TO},
    {X32 | 517, WATCHED_RECEIVE_FROM},
    {X32 | 518, WATCHED_SEND_MESSAGE},
    {X32 | 537, WATCHED_RECEIVE_SEVERAL},
    {X32 | 538, WATCHED_SEND_SEVERAL},
    {49, WATCHED_BIND},
    {54, WATCHED_SET_OPTION},
    {X32 | 49, WATCHED_BIND},
    {X32 | 541, WATCHED_SET_OPTION},
    {2, WATCHED_OPEN},
    {257, WATCHED_OPEN_AT},
    {437, WATCHED_OPEN_AT_2},
    {X32 | 2, WATCHED_OPEN},
    {X32 | 257, WATCHED_OPEN_AT},
    {X32 | 437, WATCHED_OPEN_AT_2},
};
static const filter_row i386_rows[] = {
    {362, WATCHED_CONNECT},
    {367, WATCHED_GETSOCKNAME},
    {368, WATCHED_GETPEERNAME},
    {365, WATCHED_SOCKET_ERROR},
    {102, WATCHED_SOCKETCALL},
    {11, WATCHED_EXEC},
    {358, WATCHED_EXEC_AT},
    {425, WATCHED_IO_URING},
    {369, WATCHED_SEND_TO},
    {371, WATCHED_RECEIVE_FROM},
    {370, WATCHED_SEND_MESSAGE},
    {345, WATCHED_SEND_SEVERAL},
    {361, WATCHED_BIND},
    {366, WATCHED_SET_OPTION},
    {5, WATCHED_OPEN},
    {295, WATCHED_OPEN_AT},
    {437, WATCHED_OPEN_AT_2},
    {359, WATCHED_SOCKET},
    {337, WATCHED_RECEIVE_SEVERAL},
    {417, WATCHED_RECEIVE_SEVERAL},
};
static const filter_arch arches[] = {
    {AUDIT_ARCH_X86_64, x86_64_rows, sizeof x86_64_rows / sizeof *x86_64_rows},
    {AUDIT_ARCH_I386, i386_rows, sizeof i386_rows / sizeof *i386_rows},
};
#elif defined __aarch64__
static const filter_row aarch64_rows[] = {
    {203, WATCHED_CONNECT},
    {204, WATCHED_GETSOCKNAME},
    {205, WATCHED_GETPEERNAME},
    {209, WATCHED_SOCKET_ERROR},
    {221, WATCHED_EXEC},
    {281, WATCHED_EXEC_AT},
    {425, WATCHED_IO_URING},
    {206, WATCHED_SEND_TO},
    {207, WATCHED_RECEIVE_FROM},
    {211, WATCHED_SEND_MESSAGE},
    {269, WATCHED_SEND_SEVERAL},
    {200, WATCHED_BIND},
    {208, WATCHED_SET_OPTION},
    {56, WATCHED_OPEN_AT},
    {437, WATCHED_OPEN_AT_2},
    {198, WATCHED_SOCKET},
    {243, WATCHED_RECEIVE_SEVERAL},
};
static const filter_row arm_rows[] = {
    {283, WATCHED_CONNECT},
    {286, WATCHED_GETSOCKNAME},
    {287, WATCHED_GETPEERNAME},
    {295, WATCHED_SOCKET_ERROR},
    {102, WATCHED_SOCKETCALL},
    {11, WATCHED_EXEC},
    {387, WATCHED_EXEC_AT},
    {425, WATCHED_IO_URING},
    {290, WATCHED_SEND_TO},
    {292, WATCHED_RECEIVE_FROM},
    {296, WATCHED_SEND_MESSAGE},
    {374, WATCHED_SEND_SEVERAL},
    {282, WATCHED_BIND},
    {294, WATCHED_SET_OPTION},
    {5, WATCHED_OPEN},
    {322, WATCHED_OPEN_AT},
    {437, WATCHED_OPEN_AT_2},
    {281, WATCHED_SOCKET},
    {365, WATCHED_RECEIVE_SEVERAL},
    {417, WATCHED_RECEIVE_SEVERAL},
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

bool filter_is_narrow(uint32_t arch, uint32_t number)
{
    return (arch & __AUDIT_ARCH_64BIT) == 0 || (arch == AUDIT_ARCH_X86_64 && (number & X32) != 0);
}

enum watched_call filter_call_of_socketcall(uint64_t selector)
{
    switch (selector) {
    case SYS_SOCKET:
        return WATCHED_SOCKET;
    case SYS_CONNECT:
        return WATCHED_CONNECT;
    case SYS_GETSOCKNAME:
        return WATCHED_GETSOCKNAME;
    case SYS_GETPEERNAME:
        return WATCHED_GETPEERNAME;
    case SYS_GETSOCKOPT:
        return WATCHED_SOCKET_ERROR;
    case SYS_SENDTO:
        return WATCHED_SEND_TO;
    case SYS_RECVFROM:
        return WATCHED_RECEIVE_FROM;
    case SYS_RECVMMSG:
        return WATCHED_RECEIVE_SEVERAL;
    case SYS_SENDMMSG:
        return WATCHED_SEND_SEVERAL;
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
    filter_wants wants;
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

/* A call's arguments are in memory, where no filter can look: all of a kind wait. */
static void notify_socketcall(program *p)
{
    static const uint32_t selectors[] = {SYS_SOCKET,   SYS_CONNECT,  SYS_GETSOCKNAME, SYS_GETPEERNAME, SYS_GETSOCKOPT, SYS_SENDTO,
                                         SYS_RECVFROM, SYS_RECVMMSG, SYS_SENDMMSG,    SYS_BIND,        SYS_SETSOCKOPT};
    const size_t num_shapes = 2, num_all = sizeof selectors / sizeof *selectors;
    size_t num = p->wants.shapes ? num_all : num_all - num_shapes;
    load_argument(p, 0);
    for (size_t i = 0; i < num; i++)
        emit(p, BPF_JMP | BPF_JEQ | BPF_K, (uint8_t)(num - i), 0, selectors[i]); /* to the last instruction */
    allow(p);
    notify(p);
}

/* socket(family, type and flags, protocol): of UDP */
static void notify_socket(program *p)
{
    load_argument(p, 1);
    emit(p, BPF_ALU | BPF_AND | BPF_K, 0, 0, TYPE_OF_SOCKET);
    emit(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 3, SOCK_DGRAM);
    load_argument(p, 0);
    emit(p, BPF_JMP | BPF_JEQ | BPF_K, 2, 0, AF_INET);
    emit(p, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, AF_INET6);
    allow(p);
    notify(p);
}

/* sendto(fd, data, len, flags, address, address_len): with MSG_FASTOPEN, or to an address */
static void notify_send_to(program *p)
{
    load_argument(p, 3);
    emit(p, BPF_JMP | BPF_JSET | BPF_K, 2, 0, MSG_FASTOPEN);
    load_argument(p, 5);
    emit(p, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0);
    notify(p);
    allow(p);
}

/* recvfrom(fd, data, room, flags, address, address_len) with room for an answer, and an address that is asked for. (One that is a
 * multiple of 4 GiB counts as none.) */
static void notify_receive_from(program *p)
{
    load_argument(p, 4);
    emit(p, BPF_JMP | BPF_JEQ | BPF_K, 3, 0, 0);
    load_argument(p, 2);
    emit(p, BPF_JMP | BPF_JGE | BPF_K, 0, 1, FILTER_QUESTION_LEN_MAX);
    notify(p);
    allow(p);
}

/* sendmsg(fd, message, flags with MSG_FASTOPEN) */
static void notify_send_message(program *p)
{
    load_argument(p, 2);
    emit(p, BPF_JMP | BPF_JSET | BPF_K, 0, 1, MSG_FASTOPEN);
    notify(p);
    allow(p);
}

/* setsockopt(fd, level, name, ...): all of them where sockets may have to be made again, else those that tell of QUIC */
static void notify_set_option(program *p)
{
    enum { LEN_OF_ONE = 4 };
    for (size_t i = 0; !p->wants.shapes && i < QUIC_OPTIONS_NUM; i++) {
        size_t rest = (QUIC_OPTIONS_NUM - i - 1) * LEN_OF_ONE;
        load_argument(p, 1);
        emit(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 2, (uint32_t)quic_options[i].level);
        load_argument(p, 2);
        emit(p, BPF_JMP | BPF_JEQ | BPF_K, (uint8_t)(rest + 1), 0, (uint32_t)quic_options[i].name);
    }
    if (!p->wants.shapes)
        allow(p);
    notify(p);
}

static void emit_body(program *p, enum watched_call call)
{
    switch (call) {
    case WATCHED_SET_OPTION:
        notify_set_option(p);
        break;
    case WATCHED_SOCKET_ERROR:
        notify_socket_error(p);
        break;
    case WATCHED_SOCKETCALL:
        notify_socketcall(p);
        break;
    case WATCHED_SOCKET:
        notify_socket(p);
        break;
    case WATCHED_SEND_TO:
        notify_send_to(p);
        break;
    case WATCHED_RECEIVE_FROM:
        notify_receive_from(p);
        break;
    case WATCHED_SEND_MESSAGE:
        notify_send_message(p);
        break;
    default:
        notify(p);
    }
}

static bool is_wanted(const program *p, enum watched_call call)
{
    bool is_shape = call == WATCHED_BIND, is_file = call >= WATCHED_OPEN;
    return (!is_shape || p->wants.shapes) && (!is_file || p->wants.files);
}

/* `if (number == row) body`: the jump over the body is filled in once its length is known. */
static void emit_row(program *p, const filter_row *row)
{
    size_t test = p->len;
    if (!is_wanted(p, row->call))
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

size_t filter_build(struct sock_filter out[FILTER_LEN_MAX], filter_wants wants)
{
    program p = {out, 0, wants};
    for (size_t i = 0; i < NUM_ARCHES; i++)
        emit_arch(&p, &arches[i]);
    allow(&p);
    return p.len;
}
