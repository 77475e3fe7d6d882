#include "cli/admit.h"

#include "cli/output.h"
#include "net/loop.h"
#include "run/admission.h"

#include <stdio.h>
#include <string.h>

enum { EXIT_REFUSED = 1 };

static bool emit(arena *a, const cli_options *options, const char *server, const admission_told *told, size_t num_told, error *e)
{
    cli_output output;
    if (!cli_output_open(options, stdout, "stdout", &output, e))
        return false;
    return cli_output_write(&output,
                            options->json ? admissions_to_json(a, server, told, num_told)
                                          : admissions_to_text(a, server, told, num_told, output.wants_color, output.columns),
                            e);
}

static admission_target target_of(const cli_options *options, const target *t)
{
    return (admission_target){.host = t->host,
                              .host_is_address = t->host_is_address,
                              .server_name = t->server_name,
                              .port = t->port,
                              .addresses = t->addresses,
                              .num_addresses = t->num_addresses,
                              .route = &t->route,
                              .gap_us = options->network.rate > 0 ? (int64_t)(1e6 / options->network.rate) : 0};
}

/* One after the other: what one asks must not count as load in the eyes of the next. Each has an equal share of the time that is
 * left when it begins. `told` has room for each at each address. */
static bool ask_all(arena *a, const cli_options *options, const target *t, const client_profile *profiles, size_t num_profiles,
                    int64_t deadline_us, admission_told *told, size_t *num_told, error *e)
{
    admission *came = ARENA_ARRAY(a, t->num_addresses, admission);
    admission_target to = target_of(options, t);
    loop *l = loop_new(e);
    for (size_t i = 0; l != NULL && i < num_profiles; i++) {
        int64_t now_us = loop_now_us(l);
        to.timeout_us = (deadline_us - now_us) / (int64_t)(num_profiles - i);
        to.begin_us = i == 0 ? 0 : now_us + to.gap_us;
        size_t num = admissions_ask(a, l, &profiles[i].hello, &to, came);
        for (size_t k = 0; k < num; k++)
            told[(*num_told)++] = admission_tell(a, &profiles[i], &came[k]);
    }
    loop_free(l);
    return l != NULL;
}

static bool all_get_in(const admission_told *told, size_t num_told)
{
    for (size_t i = 0; i < num_told; i++)
        if (!told[i].is_passed_over && (!told[i].is_admitted || told[i].problem != NULL))
            return false;
    return true;
}

static int failed(const error *e, int exit_status)
{
    cli_complain(e->message);
    return exit_status;
}

int cli_admit(arena *a, const cli_options *options, const target *t, int64_t timeout_us)
{
    error e;
    size_t num = 0, num_told = 0;
    client_profile profiles[CLI_CLIENTS_MAX];
    admission_told *told = ARENA_ARRAY(a, CLI_CLIENTS_MAX * t->num_addresses, admission_told);
    const char *server = arena_printf(a, strchr(t->host, ':') != NULL ? "[%s]:%u" : "%s:%u", t->host, t->port);
    for (; options->clients[num] != NULL; num++)
        if (!profile_find(a, options->clients[num], &profiles[num], &e))
            return failed(&e, EXIT_USAGE);
    int64_t deadline_us = loop_now_us(NULL) + timeout_us;
    if (!ask_all(a, options, t, profiles, num, deadline_us, told, &num_told, &e) || !emit(a, options, server, told, num_told, &e))
        return failed(&e, EXIT_OURS);
    return all_get_in(told, num_told) ? 0 : EXIT_REFUSED;
}
