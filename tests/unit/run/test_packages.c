/* What is to be installed, as the machine names it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/packages.h"

static const char debian[] = "PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\n";
static const char rocky[] = "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n";
static const char alpine[] = "NAME=x\nID=alpine\n";

static const char *runtime_command(arena *a, const char *exe, enum runtime runtime, const char *os_release)
{
    process_snapshot process = {.exe = exe};
    client c = {.process = &process, .runtime = runtime};
    return package_for_runtime_of(a, &c, bytes_from_text(os_release));
}

static void by_the_systems_manager(void **state)
{
    (void)state;
    arena *a = arena_new();
    assert_string_equal(runtime_command(a, "/usr/bin/python3.11", RUNTIME_PYTHON, debian), "apt-get install python3");
    assert_string_equal(runtime_command(a, "/usr/bin/node", RUNTIME_NODE, rocky), "dnf install nodejs");
    assert_string_equal(runtime_command(a, "/usr/bin/java", RUNTIME_JAVA, alpine), "apk add openjdk21-jre-headless");
    assert_null(runtime_command(a, "/usr/local/bin/app", RUNTIME_GO, debian));
    assert_null(runtime_command(a, "/usr/bin/curl", RUNTIME_CURL, "ID=plan9\n"));
    assert_string_equal(package_for_roots_of(a, bytes_from_text(rocky)), "dnf install ca-certificates");
    assert_null(package_for_roots_of(a, bytes_from_text("")));
    arena_free(a);
}

static void by_who_keeps_the_program(void **state)
{
    (void)state;
    arena *a = arena_new();
    assert_string_equal(runtime_command(a, "/home/me/.pyenv/versions/2.7/bin/python2.7", RUNTIME_PYTHON, debian),
                        "pyenv install 3.12 && pyenv local 3.12");
    assert_string_equal(runtime_command(a, "/opt/miniconda3/bin/python3.5", RUNTIME_PYTHON, debian),
                        "conda install 'python>=3.10' openssl");
    assert_string_equal(runtime_command(a, "/home/linuxbrew/.linuxbrew/bin/php", RUNTIME_PHP, debian), "brew install php");
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_the_systems_manager), cmocka_unit_test(by_who_keeps_the_program)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
