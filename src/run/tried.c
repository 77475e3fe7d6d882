#include "run/tried.h"

#include "run/outcome.h"

/* Beside four round trips. */
#define REFUSAL_US ((int64_t)1000000)
/* Some look at the certificates when they have asked for something, and leave then: at once, if the machine lets them. */
#define LEAVING_US ((int64_t)150000)

/* As far as it was seen: without tickets a server of TLS 1.3 says nothing to the client's Finished. */
bool tried_goes_well(const trace_connection *t)
{
    enum course course = course_of(t);
    return course == COURSE_FINE ||
           (course == COURSE_OPEN && t->conversation != NULL && t->conversation->phase == PHASE_CLIENT_FINISHED);
}

void tried_begin(tried *t, const trace_connection *connection, int64_t now_us)
{
    int64_t round_trip_us = connection->connected_us > connection->began_us ? connection->connected_us - connection->began_us : 0;
    *t = (tried){.connection = connection, .until_us = now_us + REFUSAL_US + 4 * round_trip_us};
}

/* Up to TLS 1.2 the server's Finished came before, and its data is an answer; in TLS 1.3 only what it sends after the client's
 * Finished tells that it is content, tickets among it. */
static bool is_over(const tried *t, int64_t now_us)
{
    bool is_answered = t->answer_us > 0 && now_us - t->answer_us >= LEAVING_US;
    return t->data_us > 0 && now_us - t->data_us >= LEAVING_US && (is_answered || now_us > t->until_us);
}

bool tried_look(tried *t, int64_t now_us)
{
    if (t->connection == NULL)
        return false;
    if (!tried_goes_well(t->connection)) {
        t->connection = NULL;
        return false;
    }
    const conversation *c = t->connection->conversation;
    if (t->data_us == 0 && c->established_data[SIDE_CLIENT])
        t->data_us = now_us;
    if (t->answer_us == 0 && c->established_data[SIDE_SERVER])
        t->answer_us = now_us;
    t->went_well = is_over(t, now_us);
    return t->went_well;
}
