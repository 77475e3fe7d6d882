/* Which habits are asked for, and what their answers are made of. The rows lie in files of their own. */
#include "server/facts.h"

#include "registry/registry.h"
#include "wire/extension.h"

#include <string.h>

server_fact *fact_add(survey *s, const char *id, const char *label, enum known known, const char *detail)
{
    if (s->server.num_facts == SERVER_FACTS_MAX)
        return ARENA_NEW(s->arena, server_fact);
    server_fact *fact = &s->server.facts[s->server.num_facts++];
    *fact = (server_fact){.place = s->fact_place, .id = id, .label = label, .known = known, .detail = detail};
    return fact;
}

server_fact *fact_find(survey *s, const char *id)
{
    for (size_t i = 0; i < s->server.num_facts; i++)
        if (strcmp(s->server.facts[i].id, id) == 0)
            return &s->server.facts[i];
    return NULL;
}

bool fact_was_taken(const answer *given)
{
    return given->kind == ANSWER_ACCEPTED || given->kind == ANSWER_RETRY;
}

void fact_add_taken(survey *s, const char *id, const char *label, const answer *given, const char *detail)
{
    bool was_taken = fact_was_taken(given);
    server_fact *fact = fact_add(s, id, label,
                                 was_taken                    ? KNOWN_YES
                                 : survey_says_nothing(given) ? KNOWN_UNKNOWN
                                                              : KNOWN_NO,
                                 detail);
    fact->was_refused = !was_taken;
    fact->refusal = refusal_of(given);
}

void fact_add_shown(survey *s, const char *id, const char *label, const answer *given, bool shown, const char *detail)
{
    bool was_taken = fact_was_taken(given);
    if (was_taken && !shown && detail == NULL)
        detail = FACT_WITHOUT;
    server_fact *fact = fact_add(s, id, label, !was_taken ? KNOWN_UNKNOWN : shown ? KNOWN_YES : KNOWN_NO, detail);
    fact->was_refused = !was_taken;
    fact->refusal = refusal_of(given);
}

const server_hello *fact_server_hello(const answer *given)
{
    return given->conversation != NULL && given->conversation->has_server_hello ? &given->conversation->server_hello : NULL;
}

bool fact_echoes(const answer *given, uint16_t type)
{
    const server_hello *hello = fact_server_hello(given);
    bool in_hello = hello != NULL && server_hello_extension(hello, type) != NULL;
    bool in_flight = given->flight != NULL && extension_in(given->flight->extensions, given->flight->num_extensions, type) != NULL;
    return in_hello || in_flight;
}

/* ---- asking ------------------------------------------------------------------------------------------------------------- */

static const fact_table *const tables[] = {&facts_of_old_versions, &facts_of_sessions, &facts_of_certificates, &facts_of_tolerance};
enum { NUM_TABLES = sizeof tables / sizeof *tables, ROWS_MAX = 64 };

static uint16_t version_of(const survey *s, const fact_row *row)
{
    bool has_tls13 = survey_takes(s, VERSION_TLS13);
    if (row->version == FACT_TLS13)
        return has_tls13 ? VERSION_TLS13 : 0;
    return survey_highest(s, row->version == FACT_HIGHEST && has_tls13 ? VERSION_TLS13 : VERSION_TLS12);
}

static void ask_row(survey *s, const fact_row *row, unsigned index)
{
    uint16_t version = version_of(s, row);
    if (version == 0)
        return;
    client_hello hello = survey_hello(s, version);
    s->fact_place = index;
    if (row->make != NULL && !row->make(s, &hello))
        return;
    survey_probe *p = survey_ask(s, &hello, row->depth, TOPIC_FACTS, index, (code_list){0});
    if (p != NULL)
        p->in_pieces = row->in_pieces;
}

void facts_ask(survey *s, enum fact_stage stage)
{
    for (unsigned t = 0; t < NUM_TABLES; t++)
        for (unsigned i = 0; i < tables[t]->num_rows; i++) {
            const fact_row *row = &tables[t]->rows[i];
            for (size_t n = 0; row->stage == stage && (n == 0 || n < row->num_times); n++)
                ask_row(s, row, t * ROWS_MAX + i);
        }
}

void facts_hear(survey *s, unsigned index, const answer *given)
{
    s->fact_place = index;
    tables[index / ROWS_MAX]->rows[index % ROWS_MAX].hear(s, given);
}
