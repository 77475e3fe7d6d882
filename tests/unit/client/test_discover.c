/* The clients of a machine that the test makes: programs that are copies of its own, with a text in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/discover.h"
#include "client/runtime_module.h"
#include "folder.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROGRAM_LEN_MAX ((size_t)64 * 1024 * 1024)
enum { TIME_MS = 60000, SHORT_TIME_MS = 1500 };

/* In the C library's place: what has a name that ends so lies where nothing answers. Who asks waits until the program ends. */
#define UNANSWERED "999"

int stat(const char *path, struct stat *out)
{
    size_t len = strlen(path);
    while (len >= strlen(UNANSWERED) && strcmp(path + len - strlen(UNANSWERED), UNANSWERED) == 0)
        (void)pause();
    return fstatat(AT_FDCWD, path, out, 0);
}

/* Over a text that this program carries for it. */
static const char place[] = "PLACE OF A VERSION TEXT, as long as any: ........................";

/* The text is put together here, since this program has its literals in every copy. */
static void add_program(const test_folder *f, const char *name, const char *version)
{
    const char *text = arena_printf(f->arena, "%s%s%s", "Libre", "SSL ", version);
    bytes_view program;
    assert_true(file_read(f->arena, "/proc/self/exe", PROGRAM_LEN_MAX, &program));
    uint8_t *copy = arena_copy(f->arena, program.data, program.len);
    size_t at = bytes_find(program, place, 0);
    assert_true(at < program.len && strlen(text) < sizeof place);
    for (size_t i = 0; i <= strlen(text); i++)
        copy[at + i] = (uint8_t)text[i];
    (void)folder_add(f, name, copy, program.len);
}

static const found_client *client_at(const found_clients *list, const char *end)
{
    for (size_t i = 0; i < list->num_clients; i++) {
        size_t len = strlen(list->clients[i].path);
        if (len >= strlen(end) && strcmp(list->clients[i].path + len - strlen(end), end) == 0)
            return &list->clients[i];
    }
    return NULL;
}

static found_clients find(const test_folder *f)
{
    const char *environment[] = {arena_printf(f->arena, "PATH=%s/bin:%s/bin:relative:%s/more", f->path, f->path, f->path),
                                 arena_printf(f->arena, "HOME=%s/home", f->path), NULL};
    return clients_find(f->arena, environment, NULL, TIME_MS);
}

static void the_path_and_the_folders_of_keepers_are_looked_through(void **state)
{
    (void)state;
    test_folder f = folder_new();
    add_program(&f, "bin/node", "2.2.7");
    add_program(&f, "more/node", "2.2.7");
    add_program(&f, "bin/node-gyp", "2.2.7");
    add_program(&f, "home/.nvm/versions/node/v8.17.0/bin/node", "2.9.1");
    (void)folder_add_text(&f, "bin/wget", "no program");
    (void)folder_add_text(&f, "bin/python3", "#!/nonexistent/sh\n");
    assert_int_equal(symlink(arena_printf(f.arena, "%s/bin/node", f.path), arena_printf(f.arena, "%s/bin/nodejs", f.path)), 0);
    found_clients list = find(&f);
    assert_int_equal(list.num_late, 0);
    const found_client *node = client_at(&list, arena_printf(f.arena, "%s/bin/node", f.path)),
                       *kept = client_at(&list, "/v8.17.0/bin/node");
    assert_non_null(node);
    assert_non_null(kept);
    assert_string_equal(node->client->library.version, "2.2.7");
    assert_true(node->is_startable);
    assert_null(node->keeper);
    assert_string_equal(kept->keeper, "nvm");
    assert_string_equal(kept->client->library.version, "2.9.1");
    assert_null(client_at(&list, "/nodejs")); /* the same program */
    assert_null(client_at(&list, "/node-gyp"));
    folder_free(&f);
}

/* Where each keeps it, with the version of the program's own name; PERL5LIB before the rest. */
static void the_module_of_a_runtime_is_found_where_it_keeps_it(void **state)
{
    (void)state;
    test_folder f = folder_new();
    const char *environment[] = {arena_printf(f.arena, "PERL5LIB=/nonexistent:%s/own", f.path), NULL};
    const process_snapshot *own = folder_surroundings(&f, environment), *none = folder_surroundings(&f, NULL);
    const char *python = arena_printf(f.arena, "%s/bin/python3.11", f.path), *perl = arena_printf(f.arena, "%s/bin/perl", f.path);
    (void)folder_add_text(&f, "lib/python3.9/lib-dynload/_ssl.cpython-39-x86_64-linux-gnu.so", "");
    assert_null(runtime_module_find(f.arena, RUNTIME_PYTHON, python, none));
    const char *ssl = folder_add_text(&f, "lib/python3.11/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so", "");
    assert_string_equal(runtime_module_find(f.arena, RUNTIME_PYTHON, python, none), ssl);
    assert_true(runtime_module_is(ssl));
    const char *usual = folder_add_text(&f, "lib/x86_64-linux-gnu/perl5/5.36/auto/Net/SSLeay/SSLeay.so", "");
    const char *local = folder_add_text(&f, "own/x86_64-linux/auto/Net/SSLeay/SSLeay.so", "");
    assert_string_equal(runtime_module_find(f.arena, RUNTIME_PERL, perl, none), usual);
    assert_string_equal(runtime_module_find(f.arena, RUNTIME_PERL, perl, own), local);
    assert_null(runtime_module_find(f.arena, RUNTIME_CURL, perl, own));
    folder_free(&f);
}

static bool is_node(enum runtime runtime)
{
    return runtime == RUNTIME_NODE;
}

static void one_runtime_alone_may_be_looked_for(void **state)
{
    (void)state;
    test_folder f = folder_new();
    add_program(&f, "bin/node", "2.2.7");
    add_program(&f, "bin/perl", "2.2.7");
    add_program(&f, "home/.nvm/versions/node/v8.17.0/bin/node", "2.9.1");
    const char *environment[] = {arena_printf(f.arena, "PATH=%s/bin", f.path), arena_printf(f.arena, "HOME=%s/home", f.path), NULL};
    found_clients all = clients_find(f.arena, environment, NULL, TIME_MS),
                  list = clients_find(f.arena, environment, is_node, TIME_MS);
    assert_non_null(client_at(&all, "/bin/perl"));
    assert_null(client_at(&list, "/bin/perl"));
    assert_non_null(client_at(&list, arena_printf(f.arena, "%s/bin/node", f.path)));
    assert_non_null(client_at(&list, "/v8.17.0/bin/node"));
    folder_free(&f);
}

static void check_found_beside(const test_folder *f, const char *path)
{
    const char *environment[] = {arena_printf(f->arena, "PATH=%s", path), "HOME=/nonexistent", NULL};
    found_clients list = clients_find(f->arena, environment, is_node, SHORT_TIME_MS);
    assert_int_equal(list.num_late, 1);
    assert_non_null(client_at(&list, "/bin/node"));
}

/* A program that is a link into a mount which is gone, and a folder of the PATH on one. */
static void what_does_not_answer_keeps_no_other_from_being_found(void **state)
{
    (void)state;
    test_folder f = folder_new();
    add_program(&f, "bin/node", "2.2.7");
    check_found_beside(&f, arena_printf(f.arena, "%s/bin:%s/bin" UNANSWERED, f.path, f.path));
    (void)folder_add_text(&f, "bin/node" UNANSWERED, "");
    check_found_beside(&f, arena_printf(f.arena, "%s/bin", f.path));
    folder_free(&f);
}

static void without_a_path_nothing_is_found_there(void **state)
{
    (void)state;
    arena *a = arena_new();
    const char *environment[] = {"HOME=/nonexistent", NULL};
    found_clients list = clients_find(a, environment, NULL, TIME_MS);
    for (size_t i = 0; i < list.num_clients; i++)
        assert_non_null(list.clients[i].keeper);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_path_and_the_folders_of_keepers_are_looked_through),
        cmocka_unit_test(the_module_of_a_runtime_is_found_where_it_keeps_it),
        cmocka_unit_test(one_runtime_alone_may_be_looked_for),
        cmocka_unit_test(what_does_not_answer_keeps_no_other_from_being_found),
        cmocka_unit_test(without_a_path_nothing_is_found_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
