/* Programs that let somebody else connect. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trace/delegate.h"

#include <string.h>

static const char *detail_of(const char *program, const char *const *arguments)
{
    size_t num = 0;
    while (arguments[num] != NULL)
        num++;
    return delegate_detail(program, arguments, num);
}

#define DETAIL(program, ...) detail_of(program, (const char *const[]){__VA_ARGS__, NULL})

static void what_runs_elsewhere_is_known_by_its_verb(void **state)
{
    (void)state;
    assert_non_null(DETAIL("docker", "run", "image"));
    assert_non_null(DETAIL("docker", "--host", "tcp://x", "compose", "up"));
    assert_non_null(strstr(DETAIL("kubectl", "-n", "prod", "exec", "pod", "--", "curl"), "kubectl exec"));
    assert_non_null(strstr(DETAIL("systemctl", "restart", "app"), "ExecStart"));
    assert_non_null(DETAIL("ssh", "host", "curl"));
}

static void what_connects_itself_is_not(void **state)
{
    (void)state;
    assert_null(DETAIL("docker", "version"));
    assert_null(DETAIL("podman", "pull", "image"));
    assert_null(DETAIL("kubectl", "get", "pods"));
    assert_null(DETAIL("kubectl", "get", "--", "exec"));
    assert_null(DETAIL("systemctl", "status", "app"));
    assert_null(DETAIL("curl", "https://docker/run"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_runs_elsewhere_is_known_by_its_verb),
        cmocka_unit_test(what_connects_itself_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
