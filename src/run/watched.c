#include "run/watched.h"

#include "run/credentials.h"
#include "run/libpq.h"
#include "run/outcome.h"
#include "run/proxies.h"
#include "run/words.h"
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { HOSTS_MAX = 8, NAMES_MAX = 6 };

watched *watched_add(arena *a, watched_list *list, const trace_connection *traced)
{
    if (list->num_items == list->capacity) {
        size_t capacity = list->capacity == 0 ? 16 : list->capacity * 2;
        watched **items = ARENA_ARRAY(a, capacity, watched *);
        for (size_t i = 0; i < list->num_items; i++)
            items[i] = list->items[i];
        list->items = items;
        list->capacity = capacity;
    }
    watched *w = ARENA_NEW(traced->arena, watched);
    w->traced = traced;
    list->items[list->num_items++] = w;
    list->num_begun++;
    return w;
}

/* ---- TCP ------------------------------------------------------------------------------------------------------- */

static enum tcp_outcome outcome_of_errno(int number)
{
    switch (number) {
    case ECONNREFUSED:
        return TCP_REFUSED;
    case ETIMEDOUT:
        return TCP_TIMEOUT;
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
        return TCP_UNREACHABLE;
    default:
        return TCP_FAILED;
    }
}

static void fill_tcp(const trace_connection *t, evidence *out)
{
    out->tcp_waited_us = t->ended_us > t->began_us ? t->ended_us - t->began_us : 0;
    out->tcp_errno = t->connect_errno;
    switch (t->tcp_state) {
    case TRACE_CONNECTED:
        out->tcp = TCP_CONNECTED;
        break;
    case TRACE_CONNECT_FAILED:
        out->tcp = outcome_of_errno(t->connect_errno);
        break;
    case TRACE_CONNECTING:
    case TRACE_CONNECT_GIVEN_UP:
        out->tcp = TCP_TIMEOUT;
        break;
    }
}

/* ---- the host ---------------------------------------------------------------------------------------------------- */

static const char *host_of_authority(arena *a, bytes_view authority)
{
    bytes_view host = bytes_until(authority, ':');
    return bytes_at(authority, 0) == '[' ? bytes_to_text(a, bytes_until(bytes_slice(authority, 1, authority.len), ']'))
                                         : bytes_to_text(a, host);
}

/* A host that the arguments name together with this port, or with none. */
static const char *host_in_arguments(arena *a, char *const *argv, uint16_t port)
{
    named_host hosts[HOSTS_MAX];
    size_t num = words_hosts(a, (const char *const *)argv, hosts, HOSTS_MAX);
    for (size_t i = 0; i < num; i++)
        if (hosts[i].port == port)
            return hosts[i].host;
    return num == 1 && hosts[0].port == 0 ? hosts[0].host : NULL;
}

static bool is_numeric(const char *host)
{
    address ignored;
    return address_from_text(host, 0, &ignored);
}

static void set_host(evidence *out, const char *host, enum host_source from)
{
    out->host = host;
    out->host_from = from;
    out->host_is_address = is_numeric(host);
}

static name_list names_of(const watched_list *all)
{
    name_list names = {0};
    if (all->trace != NULL)
        names.num = trace_lookups(all->trace, &names.list);
    return names;
}

static bool is_among(const char *name, const char *const *names, size_t num)
{
    for (size_t i = 0; i < num; i++)
        if (strcasecmp(names[i], name) == 0)
            return true;
    return false;
}

/* Where the client was given an address, or its name led to it without a question that was seen. Of the names in /etc/hosts the one
 * that the arguments name; an argument that leads elsewhere by the file may still lead here (curl's --resolve). */
static void fill_host_without_dns(arena *a, const trace_connection *t, char *const *argv, evidence *out)
{
    const char **names, *given = host_in_arguments(a, argv, out->port);
    size_t num = address_names_in_hosts_file(a, &t->to, &names);
    if (words_contain((const char *const *)argv, out->addresses[0]))
        set_host(out, out->addresses[0], HOST_FROM_ARGUMENT);
    else if (given != NULL && is_among(given, names, num))
        set_host(out, given, HOST_FROM_HOSTS_FILE);
    else if (given != NULL)
        set_host(out, given, HOST_FROM_ARGUMENT);
    else if (num > 0)
        set_host(out, names[0], HOST_FROM_HOSTS_FILE);
}

static void fill_host(arena *a, const trace_connection *t, const watched_list *all, char *const *argv, evidence *out)
{
    const conversation *c = t->conversation;
    const char *looked_up = names_of_address(a, names_of(all), &t->to, t->pid);
    bytes_view server_name = c != NULL && c->has_hello ? client_hello_server_name(&c->hello) : bytes_from(NULL, 0);
    if (server_name.len > 0)
        set_host(out, bytes_to_text(a, server_name), HOST_FROM_SNI);
    else if (c != NULL && c->preamble.authority.len > 0)
        set_host(out, host_of_authority(a, c->preamble.authority), HOST_FROM_CONNECT);
    else if (looked_up != NULL)
        set_host(out, looked_up, HOST_FROM_DNS);
    else
        fill_host_without_dns(a, t, argv, out);
}

static void add_name(evidence *out, const char *name)
{
    for (size_t i = 0; i < out->num_names; i++)
        if (strcmp(out->names[i], name) == 0)
            return;
    if (out->num_names < NAMES_MAX)
        out->names[out->num_names++] = name;
}

/* Names to try where the client sent none. The last is nobody's (RFC 6761): whether any name at all is enough. */
static void fill_names(arena *a, const trace_connection *t, evidence *out)
{
    const char **names;
    out->names = ARENA_ARRAY(a, NAMES_MAX, const char *);
    if (out->host != NULL && !out->host_is_address)
        add_name(out, out->host);
    size_t num = address_names_in_hosts_file(a, &t->to, &names);
    for (size_t i = 0; i < num; i++)
        add_name(out, names[i]);
    add_name(out, "server.invalid");
}

/* ---- the addresses ------------------------------------------------------------------------------------------------ */

static bool same_name_sent(const conversation *one, const conversation *other)
{
    return one != NULL && other != NULL && one->has_hello && other->has_hello &&
           bytes_equal(client_hello_server_name(&one->hello), client_hello_server_name(&other->hello)) &&
           client_hello_server_name(&one->hello).len > 0;
}

static void fill_addresses(arena *a, watched *w, const watched_list *all, evidence *out)
{
    out->addresses = ARENA_ARRAY(a, WATCHED_ADDRESSES_MAX, const char *);
    out->num_addresses = 0;
    const trace_connection *own = w->traced;
    for (size_t i = 0; i <= all->num_items && out->num_addresses < WATCHED_ADDRESSES_MAX; i++) {
        const trace_connection *t = i == 0 ? own : all->items[i - 1]->traced;
        bool known = t == NULL;
        for (size_t k = 0; k < out->num_addresses && !known; k++)
            known = address_equal(&w->addresses[k], &t->to);
        if (known || (t != own && (address_port(&t->to) != out->port || !same_name_sent(own->conversation, t->conversation))))
            continue;
        w->addresses[out->num_addresses] = t->to;
        out->addresses[out->num_addresses++] = address_to_text(a, &t->to);
    }
}

/* ---- the proxy ---------------------------------------------------------------------------------------------------- */

/* Where the client asked it to lead on, the port alone tells; else it has to be the place itself. */
static void fill_proxy(arena *a, const trace_connection *t, evidence *out)
{
    enum { PLACES_MAX = 12 };
    named_proxy proxies[PROXIES_MAX];
    const char *places[PLACES_MAX] = {out->host, out->addresses[0]}, **names;
    size_t num = proxies_of(a, out->process, proxies), num_places = 2;
    if (num == 0)
        return;
    size_t num_names = address_names_in_hosts_file(a, &t->to, &names);
    for (size_t i = 0; i < num_names && num_places < PLACES_MAX; i++)
        places[num_places++] = names[i];
    bool was_asked = t->conversation != NULL && preamble_has_proxy(&t->conversation->preamble);
    for (size_t i = 0; was_asked && i < num && num_places < PLACES_MAX; i++)
        places[num_places++] = proxies[i].host;
    out->proxy_variable = proxies_variable(proxies, num, out->port, places, num_places);
}

/* What it was at its first byte, and the files that it has opened up to now. */
static const process_snapshot *process_with_files(arena *a, const watched *w, const watched_list *all)
{
    const char *const *files = all->trace == NULL ? NULL : trace_opened_files(all->trace, a, w->traced->pid);
    if (files == NULL || w->process == NULL)
        return w->process;
    process_snapshot *p = arena_copy(a, w->process, sizeof *w->process);
    p->opened_files = files;
    return p;
}

void watched_fill_evidence(arena *a, watched *w, const watched_list *all, char *const *argv, bool command_failed, bool snapshot,
                           evidence *out)
{
    const trace_connection *t = w->traced;
    *out = (evidence){.argv = (const char *const *)argv, .command_failed = command_failed};
    out->unusable = credentials_problem(a, (const char *const *)argv);
    out->own = credentials_own(a, (const char *const *)argv);
    out->port = address_port(&t->to);
    out->exe = t->exe;
    out->process = process_with_files(a, w, all);
    if (out->unusable == NULL)
        out->unusable = libpq_problem(a, out->process);
    out->now_unix = (int64_t)time(NULL);
    fill_tcp(t, out);
    fill_addresses(a, w, all, out);
    fill_host(a, t, all, argv, out);
    fill_names(a, t, out);
    fill_proxy(a, t, out);
    if (t->tcp_state == TRACE_CONNECTED && t->conversation != NULL)
        out->failed = snapshot ? arena_copy(a, t->conversation, sizeof *t->conversation) : t->conversation;
}

/* ---- the process -------------------------------------------------------------------------------------------------- */

static known_program *find_program(const watched *w, const watched_list *all, bool spoken)
{
    const char *exe = w->traced->exe;
    for (known_program *p = all->programs; p != NULL; p = p->next)
        if (p->snapshot->pid == w->traced->pid && exe != NULL && p->snapshot->exe != NULL && strcmp(exe, p->snapshot->exe) == 0 &&
            (p->has_spoken || !spoken))
            return p;
    return NULL;
}

/* Of those that nobody uses only the newest are kept. */
static void drop_unused_programs(watched_list *all)
{
    enum { UNUSED_MAX = 4 };
    size_t num_unused = 0;
    for (known_program **link = &all->programs; *link != NULL;) {
        known_program *p = *link;
        num_unused += p->num_users == 0 ? 1 : 0;
        if (p->num_users == 0 && num_unused > UNUSED_MAX) {
            *link = p->next;
            arena_free(p->arena);
        } else {
            link = &p->next;
        }
    }
}

static known_program *read_program(watched_list *all, int pid, bool spoken)
{
    arena *own = arena_new();
    known_program *p = ARENA_NEW(own, known_program);
    *p = (known_program){.next = all->programs, .arena = own, .snapshot = process_snapshot_read(own, pid), .has_spoken = spoken};
    all->programs = p;
    return p;
}

static void leave_program(watched *w, watched_list *all)
{
    if (w->program != NULL)
        w->program->num_users--;
    w->program = NULL;
    w->process = NULL;
    drop_unused_programs(all);
}

void watched_leave(watched *w, watched_list *all)
{
    loop_timer_stop(w->silence);
    w->silence = NULL;
    leave_program(w, all);
}

void watched_keep_programs(arena *a, watched_list *all)
{
    for (known_program *p = all->programs, *next; p != NULL; p = next) {
        next = p->next;
        arena_adopt(a, p->arena);
    }
    all->programs = NULL;
}

/* When it connects it is there for certain, and may not have loaded its libraries; when it has spoken it may be gone again. */
void watched_take_snapshot(watched *w, watched_list *all)
{
    const conversation *c = w->traced->conversation;
    bool spoken = c != NULL && c->client_len > 0;
    if (w->has_spoken || (w->process != NULL && !spoken))
        return;
    known_program *now = find_program(w, all, spoken);
    if (now == NULL)
        now = read_program(all, w->traced->pid, spoken);
    bool is_there = now->snapshot->argv != NULL && now->snapshot->argv[0] != NULL && now->snapshot->mapped_files != NULL;
    w->has_spoken = spoken;
    if (w->process != NULL && !is_there)
        return;
    now->num_users++;
    leave_program(w, all);
    w->program = now;
    w->process = now->snapshot;
}

/* ---- the same again ------------------------------------------------------------------------------------------------ */

static bool same_failure(const trace_connection *one, const trace_connection *other)
{
    if (address_port(&one->to) != address_port(&other->to) || one->tcp_state != other->tcp_state)
        return false;
    if (one->tcp_state != TRACE_CONNECTED)
        return address_equal(&one->to, &other->to) && one->connect_errno == other->connect_errno;
    const conversation *c = one->conversation, *o = other->conversation;
    if (c == NULL || o == NULL || c->has_hello != o->has_hello || course_of(one) != course_of(other) || c->phase != o->phase)
        return false;
    if (!c->has_hello)
        return address_equal(&one->to, &other->to) && bytes_equal(c->client_first_bytes, o->client_first_bytes);
    arena *scratch = arena_new();
    bool alike = hellos_alike(scratch, &c->hello, &o->hello);
    arena_free(scratch);
    return alike;
}

static watched *find_same(const watched *w, const watched_list *all, bool asked)
{
    for (size_t i = 0; i < all->num_items; i++) {
        watched *other = all->items[i];
        bool is_asked = other->inquiry != NULL || other->wants_inquiry;
        if (other != w && is_asked == asked && other->twin == NULL && same_failure(w->traced, other->traced))
            return other;
    }
    return NULL;
}

watched *watched_twin(const watched *w, const watched_list *all)
{
    return find_same(w, all, true);
}

watched *watched_alike(const watched *w, const watched_list *all)
{
    return find_same(w, all, false);
}
