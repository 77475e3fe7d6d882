/* What the filter decides, by running its program as the kernel would (the few instructions that it uses). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trace/filter.h"

#include <linux/audit.h>
#include <linux/net.h>
#include <netinet/in.h>
#include <sys/socket.h>

static uint32_t loaded(const struct seccomp_data *data, uint32_t offset)
{
    if (offset == offsetof(struct seccomp_data, nr))
        return (uint32_t)data->nr;
    if (offset == offsetof(struct seccomp_data, arch))
        return data->arch;
    size_t index = (offset - offsetof(struct seccomp_data, args)) / sizeof(uint64_t);
    assert_true(index < 6);
    return (uint32_t)data->args[index];
}

static bool jumps(const struct sock_filter *i, uint32_t a)
{
    if (i->code == (BPF_JMP | BPF_JEQ | BPF_K))
        return a == i->k;
    if (i->code == (BPF_JMP | BPF_JGT | BPF_K))
        return a > i->k;
    if (i->code == (BPF_JMP | BPF_JGE | BPF_K))
        return a >= i->k;
    assert_int_equal(i->code, BPF_JMP | BPF_JSET | BPF_K);
    return (a & i->k) != 0;
}

static uint32_t decide(const struct seccomp_data *data, filter_wants wants)
{
    struct sock_filter program[FILTER_LEN_MAX];
    size_t len = filter_build(program, wants), at = 0;
    uint32_t a = 0;
    while (at < len) {
        const struct sock_filter *i = &program[at++];
        if (i->code == (BPF_RET | BPF_K))
            return i->k;
        if (i->code == (BPF_LD | BPF_W | BPF_ABS))
            a = loaded(data, i->k);
        else if (i->code == (BPF_ALU | BPF_AND | BPF_K))
            a &= i->k;
        else
            at += jumps(i, a) ? i->jt : i->jf;
    }
    fail_msg("the program ends without a decision");
    return 0;
}

static void expect(uint32_t arch, uint32_t number, uint64_t args[6], uint32_t decision)
{
    struct seccomp_data data = {.arch = arch, .nr = (int)number};
    for (size_t i = 0; args != NULL && i < 6; i++)
        data.args[i] = args[i];
    assert_int_equal(decide(&data, (filter_wants){0}), decision);
}

#if defined __x86_64__
static void connect_waits_in_each_of_its_ways(void **state)
{
    (void)state;
    expect(AUDIT_ARCH_X86_64, 42, NULL, SECCOMP_RET_USER_NOTIF);
    expect(AUDIT_ARCH_X86_64, 0x40000000 | 42, NULL, SECCOMP_RET_USER_NOTIF);
    expect(AUDIT_ARCH_I386, 362, NULL, SECCOMP_RET_USER_NOTIF);
    expect(AUDIT_ARCH_I386, 102, (uint64_t[6]){SYS_CONNECT}, SECCOMP_RET_USER_NOTIF);
}

static void names_and_exec_and_io_uring_wait(void **state)
{
    static const uint32_t native[] = {51, 52, 59, 322, 425}, compat[] = {367, 368, 11, 358, 425};
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        expect(AUDIT_ARCH_X86_64, native[i], NULL, SECCOMP_RET_USER_NOTIF);
        expect(AUDIT_ARCH_I386, compat[i], NULL, SECCOMP_RET_USER_NOTIF);
    }
}

static void of_getsockopt_only_the_error_waits(void **state)
{
    (void)state;
    expect(AUDIT_ARCH_X86_64, 55, (uint64_t[6]){3, SOL_SOCKET, SO_ERROR}, SECCOMP_RET_USER_NOTIF);
    expect(AUDIT_ARCH_X86_64, 55, (uint64_t[6]){3, SOL_SOCKET, SO_TYPE}, SECCOMP_RET_ALLOW);
    expect(AUDIT_ARCH_X86_64, 55, (uint64_t[6]){3, 6, SO_ERROR}, SECCOMP_RET_ALLOW);
}

static void of_socketcall_only_some_wait(void **state)
{
    (void)state;
    for (uint64_t selector = 0; selector <= 20; selector++) {
        bool waits = selector == SYS_CONNECT || selector == SYS_GETSOCKNAME || selector == SYS_GETPEERNAME ||
                     selector == SYS_GETSOCKOPT || selector == SYS_SENDTO || selector == SYS_RECVFROM || selector == SYS_SENDMMSG ||
                     selector == SYS_RECVMMSG || selector == SYS_SOCKET;
        expect(AUDIT_ARCH_I386, 102, (uint64_t[6]){selector}, waits ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_ALLOW);
    }
}

static void of_setsockopt_only_what_tells_of_quic_waits(void **state)
{
    (void)state;
    expect(AUDIT_ARCH_X86_64, 54, (uint64_t[6]){3, IPPROTO_IP, IP_RECVTOS}, SECCOMP_RET_USER_NOTIF);
    expect(AUDIT_ARCH_X86_64, 54, (uint64_t[6]){3, IPPROTO_IPV6, IPV6_RECVTCLASS}, SECCOMP_RET_USER_NOTIF);
    expect(AUDIT_ARCH_X86_64, 54, (uint64_t[6]){3, IPPROTO_UDP, 103}, SECCOMP_RET_USER_NOTIF);
    expect(AUDIT_ARCH_X86_64, 54, (uint64_t[6]){3, IPPROTO_UDP, 104}, SECCOMP_RET_USER_NOTIF);
    expect(AUDIT_ARCH_I386, 366, (uint64_t[6]){3, IPPROTO_UDP, 104}, SECCOMP_RET_USER_NOTIF);
    expect(AUDIT_ARCH_X86_64, 54, (uint64_t[6]){3, SOL_SOCKET, SO_KEEPALIVE}, SECCOMP_RET_ALLOW);
    expect(AUDIT_ARCH_X86_64, 54, (uint64_t[6]){3, IPPROTO_TCP, IP_RECVTOS}, SECCOMP_RET_ALLOW);
    expect(AUDIT_ARCH_X86_64, 54, (uint64_t[6]){3, IPPROTO_IP, 104}, SECCOMP_RET_ALLOW);
}

static void sending_waits_only_with_fast_open(void **state)
{
    (void)state;
    expect(AUDIT_ARCH_X86_64, 44, (uint64_t[6]){3, 0, 0, MSG_NOSIGNAL}, SECCOMP_RET_ALLOW);
    expect(AUDIT_ARCH_X86_64, 44, (uint64_t[6]){3, 0, 0, MSG_NOSIGNAL | MSG_FASTOPEN}, SECCOMP_RET_USER_NOTIF);
}

static void sending_waits_where_its_destination_is_told(void **state)
{
    (void)state;
    expect(AUDIT_ARCH_X86_64, 44, (uint64_t[6]){3, 0x7fff0000, 30, MSG_NOSIGNAL, 0x7fff0100, 16}, SECCOMP_RET_USER_NOTIF);
    expect(AUDIT_ARCH_X86_64, 44, (uint64_t[6]){3, 0x7fff0000, 30, MSG_NOSIGNAL, 0, 0}, SECCOMP_RET_ALLOW);
    expect(AUDIT_ARCH_X86_64, 44, (uint64_t[6]){3, 0x7fff0000, 1200, 0, 0x7fff0100, 16}, SECCOMP_RET_USER_NOTIF);
    expect(AUDIT_ARCH_X86_64, 307, (uint64_t[6]){3, 0x7fff0000, 2, MSG_NOSIGNAL}, SECCOMP_RET_USER_NOTIF);
    expect(AUDIT_ARCH_X86_64, 307, (uint64_t[6]){3, 0x7fff0000, 30, MSG_NOSIGNAL}, SECCOMP_RET_USER_NOTIF);
    expect(AUDIT_ARCH_X86_64, 46, (uint64_t[6]){3, 0x7fff0000, 0}, SECCOMP_RET_ALLOW);
    expect(AUDIT_ARCH_X86_64, 46, (uint64_t[6]){3, 0x7fff0000, MSG_FASTOPEN}, SECCOMP_RET_USER_NOTIF);
}

static void receiving_waits_where_it_may_be_an_answer(void **state)
{
    (void)state;
    expect(AUDIT_ARCH_X86_64, 45, (uint64_t[6]){3, 0x7fff0000, 2048, 0, 0x7fff0100, 0x7fff0200}, SECCOMP_RET_USER_NOTIF);
    expect(AUDIT_ARCH_X86_64, 45, (uint64_t[6]){3, 0x7fff0000, 16384, 0, 0, 0}, SECCOMP_RET_ALLOW);
    expect(AUDIT_ARCH_X86_64, 45, (uint64_t[6]){3, 0x7fff0000, 100, 0, 0x7fff0100, 0x7fff0200}, SECCOMP_RET_ALLOW);
}

static void receiving_several_waits(void **state)
{
    (void)state;
    expect(AUDIT_ARCH_X86_64, 299, NULL, SECCOMP_RET_USER_NOTIF);
    expect(AUDIT_ARCH_I386, 337, NULL, SECCOMP_RET_USER_NOTIF);
    expect(AUDIT_ARCH_I386, 417, NULL, SECCOMP_RET_USER_NOTIF);
    expect(AUDIT_ARCH_X86_64, 47, NULL, SECCOMP_RET_ALLOW); /* recvmsg: of streams as well */
}

static void of_sockets_only_those_of_udp_wait(void **state)
{
    (void)state;
    expect(AUDIT_ARCH_X86_64, 41, (uint64_t[6]){AF_INET, SOCK_DGRAM}, SECCOMP_RET_USER_NOTIF);
    expect(AUDIT_ARCH_X86_64, 41, (uint64_t[6]){AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK}, SECCOMP_RET_USER_NOTIF);
    expect(AUDIT_ARCH_I386, 359, (uint64_t[6]){AF_INET, SOCK_DGRAM}, SECCOMP_RET_USER_NOTIF);
    expect(AUDIT_ARCH_X86_64, 41, (uint64_t[6]){AF_UNIX, SOCK_DGRAM}, SECCOMP_RET_ALLOW);
    expect(AUDIT_ARCH_X86_64, 41, (uint64_t[6]){AF_INET, SOCK_STREAM | SOCK_CLOEXEC}, SECCOMP_RET_ALLOW);
    expect(AUDIT_ARCH_X86_64, 41, (uint64_t[6]){AF_INET6, SOCK_RAW}, SECCOMP_RET_ALLOW);
}

static void numbers_of_one_architecture_mean_nothing_in_another(void **state)
{
    (void)state;
    expect(AUDIT_ARCH_I386, 42, NULL, SECCOMP_RET_ALLOW); /* pipe */
    expect(AUDIT_ARCH_X86_64, 362, NULL, SECCOMP_RET_ALLOW);
    expect(AUDIT_ARCH_X86_64, 102, (uint64_t[6]){SYS_CONNECT}, SECCOMP_RET_ALLOW); /* getuid */
    expect(AUDIT_ARCH_AARCH64, 203, NULL, SECCOMP_RET_ALLOW);
}
#else
static void connect_waits_in_each_of_its_ways(void **state)
{
    (void)state;
    expect(AUDIT_ARCH_AARCH64, 203, NULL, SECCOMP_RET_USER_NOTIF);
    expect(AUDIT_ARCH_ARM, 283, NULL, SECCOMP_RET_USER_NOTIF);
}
#endif

#if defined __x86_64__
static void shapes_wait_only_where_they_are_wanted(void **state)
{
    static const uint32_t numbers[] = {49, 54, 0x40000000 | 49, 0x40000000 | 541};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct seccomp_data data = {.arch = AUDIT_ARCH_X86_64, .nr = (int)numbers[i]};
        assert_int_equal(decide(&data, (filter_wants){0}), SECCOMP_RET_ALLOW);
        assert_int_equal(decide(&data, (filter_wants){.shapes = true}), SECCOMP_RET_USER_NOTIF);
    }
    struct seccomp_data bind = {.arch = AUDIT_ARCH_I386, .nr = 102, .args = {SYS_BIND}};
    assert_int_equal(decide(&bind, (filter_wants){0}), SECCOMP_RET_ALLOW);
    assert_int_equal(decide(&bind, (filter_wants){.shapes = true}), SECCOMP_RET_USER_NOTIF);
}

static void opening_waits_only_where_files_are_wanted(void **state)
{
    static const uint32_t numbers[] = {2, 257, 437, 0x40000000 | 257};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct seccomp_data data = {.arch = AUDIT_ARCH_X86_64, .nr = (int)numbers[i]};
        assert_int_equal(decide(&data, (filter_wants){.shapes = true}), SECCOMP_RET_ALLOW);
        assert_int_equal(decide(&data, (filter_wants){.files = true}), SECCOMP_RET_USER_NOTIF);
    }
}
#endif

/* The filter and the table must agree: a call that waits is one that somebody answers. */
static void every_call_that_waits_is_known(void **state)
{
#if defined __x86_64__
    static const uint32_t arches[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_I386};
#else
    static const uint32_t arches[] = {AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM};
#endif
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        for (uint32_t number = 0; number < 1024; number++) {
            struct seccomp_data data = {
                .arch = arches[i], .nr = (int)number, .args = {SYS_CONNECT, SOL_SOCKET, SO_ERROR, MSG_FASTOPEN}};
            if (decide(&data, (filter_wants){.shapes = true, .files = true}) == SECCOMP_RET_USER_NOTIF)
                assert_int_not_equal(filter_call(arches[i], number), WATCHED_NONE);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connect_waits_in_each_of_its_ways),
#if defined __x86_64__
        cmocka_unit_test(names_and_exec_and_io_uring_wait),
        cmocka_unit_test(of_getsockopt_only_the_error_waits),
        cmocka_unit_test(of_socketcall_only_some_wait),
        cmocka_unit_test(of_setsockopt_only_what_tells_of_quic_waits),
        cmocka_unit_test(sending_waits_only_with_fast_open),
        cmocka_unit_test(sending_waits_where_its_destination_is_told),
        cmocka_unit_test(receiving_waits_where_it_may_be_an_answer),
        cmocka_unit_test(receiving_several_waits),
        cmocka_unit_test(of_sockets_only_those_of_udp_wait),
        cmocka_unit_test(opening_waits_only_where_files_are_wanted),
        cmocka_unit_test(shapes_wait_only_where_they_are_wanted),
        cmocka_unit_test(numbers_of_one_architecture_mean_nothing_in_another),
#endif
        cmocka_unit_test(every_call_that_waits_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
