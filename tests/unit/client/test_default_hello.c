/* This program is its own runtime: asked by a line of Python's, it sends a hello to the port in that line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/default_hello.h"
#include "folder.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FOLDER_VARIABLE "FOLDER_OF_THE_TEST"

/* ---- the clock -----------------------------------------------------------------------------------------------------------------
 */

static time_t seconds_ahead;

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = __real_clock_gettime(clock, now);
    now->tv_sec += seconds_ahead;
    return result;
}

static void pass_every_deadline(void)
{
    seconds_ahead += DEFAULT_HELLO_TIMEOUT_MS / 1000 + 1;
}

/* ---- the runtime ---------------------------------------------------------------------------------------------------------------
 */

static size_t count_files(const char *folder)
{
    DIR *opened = opendir(folder);
    size_t num = 0;
    const struct dirent *entry;
    while (opened != NULL && (entry = readdir(opened)) != NULL)
        num += entry->d_name[0] != '.';
    if (opened != NULL)
        (void)closedir(opened);
    return num;
}

static bool wait_for_files(const char *folder, size_t num)
{
    enum { ROUNDS_MAX = 1000 };
    const struct timespec pause = {.tv_nsec = 5000000};
    for (int i = 0; i < ROUNDS_MAX && count_files(folder) < num; i++)
        (void)nanosleep(&pause, NULL);
    return count_files(folder) >= num;
}

static void leave_file(const char *folder, const char *what)
{
    char name[4096];
    (void)snprintf(name, sizeof name, "%s/%s-%d", folder, what, getpid());
    FILE *own = fopen(name, "w");
    if (own != NULL)
        (void)fclose(own);
}

/* Until another one has come as well. */
static void wait_for_another(const char *folder)
{
    leave_file(folder, "come");
    (void)wait_for_files(folder, 2);
}

/* With another suite where a policy is put aside. */
static int send_hello(unsigned port, const char *folder)
{
    uint8_t hello[50] = {0x16, 3, 1, 0, 45, 1, 0, 0, 41, 3, 3};
    const uint8_t end[] = {0, 0, 2, 0x13, 1, 1, 0};
    const char *conf = getenv("OPENSSL_CONF");
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    memcpy(hello + 43, end, sizeof end);
    if (conf != NULL && strcmp(conf, "/dev/null") == 0)
        hello[47] = 2;
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0 || write(fd, hello, sizeof hello) != (ssize_t)sizeof hello)
        return 1;
    if (folder != NULL)
        leave_file(folder, "sent");
    return pause();
}

static int be_runtime(const char *line)
{
    const char *at = strstr(line, "127.0.0.1',"), *folder = getenv(FOLDER_VARIABLE);
    if (at == NULL)
        return 1;
    if (folder != NULL)
        wait_for_another(folder);
    return send_hello((unsigned)strtoul(at + 11, NULL, 10), folder);
}

/* ---- the tests -----------------------------------------------------------------------------------------------------------------
 */

static const client *own_client(arena *a, const char *folder)
{
    char exe[4096];
    ssize_t len = readlink("/proc/self/exe", exe, sizeof exe - 1);
    assert_true(len > 0);
    exe[len] = '\0';
    const char **environment = ARENA_ARRAY(a, 2, const char *), **argv = ARENA_ARRAY(a, 2, const char *);
    argv[0] = arena_printf(a, "%s", exe);
    environment[0] = folder == NULL ? NULL : arena_printf(a, FOLDER_VARIABLE "=%s", folder);
    process_snapshot *process = ARENA_NEW(a, process_snapshot);
    *process = (process_snapshot){.exe = argv[0], .argv = argv, .environment = environment};
    client *c = ARENA_NEW(a, client);
    *c = (client){.process = process, .runtime = RUNTIME_PYTHON, .program = "python3"};
    return c;
}

/* Each of them sends its hello only once the other has been started. */
static void two_are_asked_at_the_same_time(void **state)
{
    (void)state;
    test_folder f = folder_new();
    client_hello usual, open;
    default_hellos *d = default_hellos_new(f.arena, own_client(f.arena, f.path));
    default_hellos_begin(d, SURROUNDINGS_AS_THEY_ARE);
    default_hellos_begin(d, SURROUNDINGS_WITHOUT_POLICY);
    assert_true(default_hellos_wait(d, SURROUNDINGS_AS_THEY_ARE, &usual));
    assert_true(default_hellos_wait(d, SURROUNDINGS_WITHOUT_POLICY, &open));
    assert_int_equal(usual.cipher_suites.codes[0], 0x1301);
    assert_int_equal(open.cipher_suites.codes[0], 0x1302);
    default_hellos_end(d);
    folder_free(&f);
}

/* As where the one that is waited for first takes all the time there is. */
static void what_has_come_is_read_after_its_deadline(void **state)
{
    (void)state;
    enum { COME_AND_SENT = 4 };
    test_folder f = folder_new();
    client_hello usual, open;
    default_hellos *d = default_hellos_new(f.arena, own_client(f.arena, f.path));
    default_hellos_begin(d, SURROUNDINGS_AS_THEY_ARE);
    default_hellos_begin(d, SURROUNDINGS_WITHOUT_POLICY);
    assert_true(wait_for_files(f.path, COME_AND_SENT));
    pass_every_deadline();
    assert_true(default_hellos_wait(d, SURROUNDINGS_AS_THEY_ARE, &usual));
    assert_true(default_hellos_wait(d, SURROUNDINGS_WITHOUT_POLICY, &open));
    assert_int_equal(open.cipher_suites.codes[0], 0x1302);
    default_hellos_end(d);
    folder_free(&f);
}

/* It would send one in the end, since no other comes. */
static void nothing_is_waited_for_after_its_deadline(void **state)
{
    (void)state;
    test_folder f = folder_new();
    client_hello none;
    default_hellos *d = default_hellos_new(f.arena, own_client(f.arena, f.path));
    default_hellos_begin(d, SURROUNDINGS_AS_THEY_ARE);
    pass_every_deadline();
    assert_false(default_hellos_wait(d, SURROUNDINGS_AS_THEY_ARE, &none));
    default_hellos_end(d);
    folder_free(&f);
}

static void one_is_started_once(void **state)
{
    (void)state;
    test_folder f = folder_new();
    client_hello first, again;
    default_hellos *d = default_hellos_new(f.arena, own_client(f.arena, NULL));
    default_hellos_begin(d, SURROUNDINGS_WITHOUT_POLICY);
    assert_true(default_hellos_wait(d, SURROUNDINGS_AS_THEY_ARE, &first));
    assert_true(default_hellos_wait(d, SURROUNDINGS_AS_THEY_ARE, &again));
    assert_ptr_equal(first.cipher_suites.codes, again.cipher_suites.codes);
    default_hellos_end(d); /* with the one that nobody has waited for */
    default_hellos_end(NULL);
    folder_free(&f);
}

static void a_runtime_that_is_not_known_has_none(void **state)
{
    (void)state;
    test_folder f = folder_new();
    client_hello none;
    client other = *own_client(f.arena, NULL);
    other.runtime = RUNTIME_OTHER;
    default_hellos *d = default_hellos_new(f.arena, &other);
    assert_false(default_hellos_wait(d, SURROUNDINGS_AS_THEY_ARE, &none));
    assert_false(default_hellos_wait(d, SURROUNDINGS_AS_THEY_ARE, &none));
    default_hellos_end(d);
    folder_free(&f);
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "-c") == 0)
        return be_runtime(argv[2]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_are_asked_at_the_same_time),           cmocka_unit_test(what_has_come_is_read_after_its_deadline),
        cmocka_unit_test(nothing_is_waited_for_after_its_deadline), cmocka_unit_test(one_is_started_once),
        cmocka_unit_test(a_runtime_that_is_not_known_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
