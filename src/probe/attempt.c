/*
 * The stages follow each other: connecting, preamble, sending, listening, ended. In each, whatever the server sends goes to the
 * flow first; then the stage looks at what the conversation has become. The connection is closed as soon as its answer is known.
 *
 * Three bounds hold whatever the server does: the deadline for all of it, ATTEMPT_RECEIVED_LEN_MAX, and PREAMBLE_LEN_MAX for one
 * reply of a preamble.
 */
#include "probe/attempt.h"

#include "crypto/handshake.h"
#include "crypto/key_share.h"
#include "net/socket_error.h"
#include "wire/hello_edit.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIECE_GAP_US ((int64_t)5000)
/* An answer in clear has no end that can be read from it: it is taken as said when this long nothing more came. */
#define PLAIN_QUIET_US ((int64_t)50000)
#define SMALL_SEGMENT_LEN 536 /* RFC 9293, 3.7.1: what every way has to carry */
#define CONSENT_US ((int64_t)100000)
/* After a handshake: to a second hello under protection a server owes no answer, but most give one; and as long, whether it ends
 * without being asked. */
#define SECOND_HELLO_US ((int64_t)1000000)
#define CONSENT_PACES ((int64_t)3)
#define PACE_MAX_US ((int64_t)500000)
#define PLAIN_LEN_MAX ((size_t)1024)
#define RECEIVE_LEN ((size_t)16 * 1024)
#define RECEIVES_IN_A_ROW ((size_t)4) /* then the others of the wave get their turn */

enum stage { STAGE_CONNECTING, STAGE_PREAMBLE, STAGE_SENDING, STAGE_LISTENING, STAGE_ENDED };

struct attempt {
    loop *loop;
    arena *arena;
    const question *question;
    attempt_callback *done;
    void *user;

    enum stage stage;
    int fd; /* -1: none */
    loop_watch *watch;
    loop_timer *deadline;
    loop_timer *pause;  /* between two pieces of the hello */
    loop_timer *quiet;  /* after the last byte of an answer in clear */
    loop_timer *failed; /* brings a failure at the start back into the loop */
    flow *flow;
    const conversation *conversation; /* NULL until connected */
    handshake *handshake;             /* NULL where only the hello's answer is wanted */

    size_t step_index;
    buffer reply;      /* of the preamble: what no step has taken yet; then what came for a request in clear */
    bytes_view unsent; /* of the step or the piece that is being sent */
    bool was_reset;    /* a send was told so, and a read is told no more but the end */
    bytes_view flight; /* what of the hello comes after that */
    size_t piece_index;
    size_t num_hellos; /* sent, or being sent */
    size_t received_len;
    size_t answer_len; /* received after the preamble */

    int64_t began_us, connected_us;
    bytes_view said;
    answer answer;
};

/* ---- the end ----------------------------------------------------------------------------------------------------- */

static void release(attempt *t)
{
    t->stage = STAGE_ENDED;
    loop_watch_stop(t->watch);
    loop_timer_stop(t->deadline);
    loop_timer_stop(t->pause);
    loop_timer_stop(t->quiet);
    loop_timer_stop(t->failed);
    t->watch = NULL;
    t->deadline = t->pause = t->quiet = t->failed = NULL;
    if (t->fd >= 0)
        close(t->fd);
    t->fd = -1;
    if (t->flow != NULL)
        flow_free(t->flow);
    t->flow = NULL;
    if (t->handshake != NULL)
        handshake_ended(t->handshake);
    buffer_free(&t->reply);
}

void attempt_cancel(attempt *t)
{
    if (t->stage != STAGE_ENDED)
        release(t);
}

/* What the server said under protection. An alert that came in place of its flight's end is a refusal, whatever its size; one that
 * came after our own last flight is no answer to the hello. */
static void take_flight(attempt *t)
{
    if (t->handshake == NULL)
        return;
    bool is_over = handshake_is_over(t->handshake) || handshake_awaits_consent(t->handshake);
    handshake_ended(t->handshake);
    const server_flight *flight = handshake_flight(t->handshake);
    t->answer.flight = flight;
    bool refused = flight->has_alert && flight->is_read && !flight->has_finished && !flight->sent_finished;
    bool has_stalled = t->conversation != NULL && t->conversation->end[SIDE_SERVER] == STREAM_TIMEOUT && !flight->has_finished &&
                       !flight->sent_finished && !is_over;
    if (has_stalled && t->answer.kind == ANSWER_ACCEPTED)
        t->answer.kind = ANSWER_SILENCE;
    if (refused && (t->answer.kind == ANSWER_ACCEPTED || t->answer.kind == ANSWER_ENCRYPTED_ALERT)) {
        t->answer.kind = ANSWER_ALERT;
        t->answer.alert = flight->alert;
    }
}

/* Calls back with t->answer. Nothing of the attempt may be touched afterwards. */
static void report(attempt *t)
{
    t->answer.total_us = loop_now_us(t->loop) - t->began_us;
    t->answer.connect_us = t->connected_us == 0 ? 0 : t->connected_us - t->began_us;
    t->answer.conversation = t->conversation;
    t->answer.said = t->said;
    t->answer.ended_before_hello = t->question->hello != NULL && t->connected_us != 0 && t->num_hellos == 0;
    take_flight(t);
    release(t);
    t->done(t->user, &t->answer, t->answer_len > 0);
}

/* The answer is what the conversation amounts to. */
static void finish(attempt *t)
{
    t->answer = answer_from_conversation(t->conversation);
    report(t);
}

/* The answer is one that the conversation alone does not show. */
static void finish_as(attempt *t, enum answer_kind kind, const char *problem)
{
    if (t->conversation != NULL)
        t->answer = answer_from_conversation(t->conversation);
    t->answer.kind = kind;
    t->answer.problem = problem;
    report(t);
}

static bool is_request(const attempt *t)
{
    return t->question->hello == NULL && t->question->request.len > 0;
}

/* Of a connection that was only listened to, all that came is what the server says by itself. */
static void finish_listening(attempt *t)
{
    if (is_request(t))
        t->said = bytes_copy(t->arena, buffer_view(&t->reply));
    if (t->answer_len > 0)
        finish_as(t, ANSWER_PLAIN, NULL);
    else
        finish(t);
}

static void end_stream(attempt *t, enum stream_end end)
{
    flow_end(t->flow, SIDE_SERVER, end, loop_now_us(t->loop));
    if (t->question->hello == NULL)
        finish_listening(t);
    else
        finish(t);
}

static void not_connected(attempt *t, int connect_errno)
{
    t->answer.connect_errno = connect_errno;
    if (connect_errno == EADDRNOTAVAIL)
        finish_as(t, ANSWER_FAILED, "no local port is left to connect from");
    else
        finish_as(t, ANSWER_NOT_CONNECTED, NULL);
}

static void deadline_has_come(void *user)
{
    attempt *t = user;
    if (t->stage == STAGE_CONNECTING)
        not_connected(t, ETIMEDOUT);
    else
        end_stream(t, STREAM_TIMEOUT);
}

static void failed_at_start(void *user)
{
    attempt *t = user;
    if (t->answer.problem != NULL)
        finish_as(t, ANSWER_FAILED, t->answer.problem);
    else
        not_connected(t, t->answer.connect_errno);
}

/* ---- sending ----------------------------------------------------------------------------------------------------- */

static void go_on_sending(attempt *t);

static void watch_what_matters(attempt *t)
{
    if (t->stage != STAGE_ENDED)
        loop_watch_change(t->watch, LOOP_READABLE | (t->unsent.len > 0 ? LOOP_WRITABLE : 0));
}

/* Sends what the socket takes. Where it takes no more because the server has gone, what the server said before is still to be
 * read: the end is found there. */
static void flush(attempt *t)
{
    while (t->unsent.len > 0) {
        ssize_t sent = send(t->fd, t->unsent.data, t->unsent.len, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno != EAGAIN) {
            t->was_reset = t->was_reset || errno == ECONNRESET;
            t->unsent = t->flight = bytes_from(NULL, 0);
        }
        if (sent < 0)
            return;
        flow_bytes(t->flow, SIDE_CLIENT, bytes_slice(t->unsent, 0, (size_t)sent), loop_now_us(t->loop));
        t->unsent = bytes_slice(t->unsent, (size_t)sent, t->unsent.len);
    }
}

static void take_next_piece(attempt *t)
{
    const question *q = t->question;
    size_t len = t->flight.len;
    if (t->num_hellos == 1 && t->piece_index + 1 < q->num_chunks && q->chunk_lens[t->piece_index] < len)
        len = q->chunk_lens[t->piece_index];
    t->piece_index++;
    t->unsent = bytes_slice(t->flight, 0, len);
    t->flight = bytes_slice(t->flight, len, t->flight.len);
}

static void pause_is_over(void *user)
{
    attempt *t = user;
    loop_timer_stop(t->pause);
    t->pause = NULL;
    take_next_piece(t);
    go_on_sending(t);
}

static void go_on_sending(attempt *t)
{
    flush(t);
    if (t->unsent.len == 0 && t->flight.len > 0 && t->pause == NULL)
        t->pause = loop_timer_start(t->loop, loop_now_us(t->loop) + PIECE_GAP_US, pause_is_over, t);
    if (t->unsent.len == 0 && t->flight.len == 0)
        t->stage = STAGE_LISTENING;
    watch_what_matters(t);
}

static void send_flight(attempt *t, bytes_view flight)
{
    t->stage = STAGE_SENDING;
    t->flight = flight;
    t->num_hellos++;
    if (t->handshake != NULL)
        handshake_sent(t->handshake, flight);
    take_next_piece(t);
    go_on_sending(t);
}

/* ---- the preamble ------------------------------------------------------------------------------------------------ */

/* Says as many steps as can be said now; after the last one, the hello. */
static void advance_preamble(attempt *t)
{
    const preamble_script *script = &t->question->script;
    flush(t);
    while (t->unsent.len == 0 && t->step_index < script->num_steps) {
        size_t len = 0;
        enum preamble_answer said = preamble_script_next(script, &t->step_index, buffer_view(&t->reply), &len, &t->unsent);
        if (said == PREAMBLE_NO) {
            finish_as(t, ANSWER_PREAMBLE_REFUSED, NULL);
            return;
        }
        if (said == PREAMBLE_WAIT)
            break;
        buffer_consume(&t->reply, len);
        flush(t);
    }
    watch_what_matters(t);
    if (t->unsent.len > 0 || t->step_index < script->num_steps)
        return;
    t->answer_len = t->reply.len; /* already said, though nobody had asked yet */
    if (t->question->hello == NULL && !is_request(t))
        t->stage = STAGE_LISTENING;
    else
        send_flight(t, t->flight);
}

static void take_reply(attempt *t, bytes_view bytes)
{
    if (buffer_append(&t->reply, bytes.data, bytes.len))
        advance_preamble(t);
    else
        finish_as(t, ANSWER_PREAMBLE_REFUSED, "the reply before TLS is longer than any that makes sense");
}

/* ---- the answer -------------------------------------------------------------------------------------------------- */

static size_t num_retry_requests(const conversation *c)
{
    size_t num = 0;
    for (size_t i = 0; i < c->num_events; i++)
        num += c->events[i].kind == EVENT_RETRY_REQUEST;
    return num;
}

/* What a client has to hold against a retry request (RFC 8446, 4.1.4 and 4.2.8), or NULL. */
static const char *retry_objection(attempt *t, const server_hello *retry)
{
    const client_hello *hello = t->question->hello;
    if (num_retry_requests(t->conversation) > 1)
        return "the server asked a second time for another hello";
    if (retry->group == 0 && retry->cookie.len == 0)
        return "the server asked for another hello without saying what to change";
    if (retry->group != 0 && codes_contain(client_hello_key_share_groups(t->arena, hello), retry->group))
        return "the server asked for a key share that the hello already had";
    if (retry->group != 0 && !codes_contain(client_hello_groups(t->arena, hello), retry->group))
        return "the server asked for a key share of a group that was not offered";
    return NULL;
}

static bool make_share(attempt *t, uint16_t group, bytes_view *out)
{
    return t->question->keys != NULL ? key_ring_share(t->question->keys, t->arena, group, out)
                                     : key_share_make(t->arena, group, out);
}

static void follow_retry(attempt *t)
{
    const server_hello *retry = &t->conversation->retry_request;
    key_share share = {.group = retry->group};
    const char *objection = retry_objection(t, retry);
    if (objection == NULL && t->question->stays_at_retry) {
        finish(t);
        return;
    }
    if (objection != NULL) {
        finish_as(t, ANSWER_MALFORMED, objection);
        return;
    }
    if (share.group != 0 && !make_share(t, share.group, &share.key_exchange)) {
        finish_as(t, ANSWER_RETRY, "the server asked for a key share that cannot be made here");
        return;
    }
    client_hello second = hello_after_retry(t->arena, t->question->hello, share.group == 0 ? NULL : &share, retry->cookie);
    bytes_view flight;
    error e;
    if (client_hello_write(t->arena, &second, &flight, &e))
        send_flight(t, flight);
    else
        finish_as(t, ANSWER_FAILED, arena_printf(t->arena, "the second hello cannot be written: %s", e.message));
}

static void plain_is_over(void *user)
{
    attempt *t = user;
    if (t->question->hello == NULL)
        finish_listening(t);
    else
        finish(t);
}

static void wait_for_more_plain(attempt *t)
{
    loop_timer_stop(t->quiet);
    t->quiet = NULL;
    if (t->conversation->server_first_bytes.len >= PLAIN_LEN_MAX)
        plain_is_over(t);
    else
        t->quiet = loop_timer_start(t->loop, loop_now_us(t->loop) + PLAIN_QUIET_US, plain_is_over, t);
}

static bool has_fatal_alert(const conversation *c)
{
    return c->has_alert[SIDE_SERVER] && c->alerts[SIDE_SERVER].level != ALERT_WARNING;
}

static bool answer_is_known(const attempt *t)
{
    const conversation *c = t->conversation;
    return has_fatal_alert(c) || c->has_encrypted_alert[SIDE_SERVER] || c->malformed[SIDE_SERVER] ||
           c->phase >= PHASE_SERVER_FLIGHT;
}

/* How long the way and the server took for what it has said so far. One that is slow to its first flight is slow to its tickets. */
static int64_t pace_of(const attempt *t)
{
    int64_t round_trip_us = t->connected_us - t->began_us, flight_us = loop_now_us(t->loop) - t->connected_us;
    int64_t pace_us = flight_us < PACE_MAX_US ? flight_us : PACE_MAX_US;
    return pace_us > round_trip_us ? pace_us : round_trip_us;
}

/* A server that asks for nothing more may say nothing to our Finished: after some time at its pace that is consent. */
static void consent_is_given(void *user)
{
    finish(user);
}

static void wait_for_consent(attempt *t)
{
    int64_t wait_us = t->question->depth >= DEPTH_LINGER ? SECOND_HELLO_US : CONSENT_US;
    if (t->quiet == NULL)
        t->quiet = loop_timer_start(t->loop, loop_now_us(t->loop) + wait_us + CONSENT_PACES * pace_of(t), consent_is_given, t);
}

/* Whether there is more to be read under protection. */
static bool reads_on(attempt *t)
{
    const conversation *c = t->conversation;
    if (t->handshake == NULL || has_fatal_alert(c) || c->malformed[SIDE_SERVER] || handshake_is_over(t->handshake))
        return false;
    if (handshake_awaits_consent(t->handshake))
        wait_for_consent(t);
    return true;
}

static void judge(attempt *t)
{
    const conversation *c = t->conversation;
    if (t->question->hello == NULL || c->plain[SIDE_SERVER])
        wait_for_more_plain(t);
    else if (num_retry_requests(c) >= t->num_hellos && !c->has_server_hello && t->stage == STAGE_LISTENING)
        follow_retry(t);
    else if (answer_is_known(t) && !reads_on(t))
        finish(t);
    else if (t->received_len > ATTEMPT_RECEIVED_LEN_MAX)
        finish_as(t, ANSWER_MALFORMED, "the server sent a megabyte and still no answer");
}

static void read_flight(attempt *t, bytes_view bytes)
{
    if (t->handshake == NULL)
        return;
    handshake_received(t->handshake, bytes);
    bytes_view last = handshake_to_send(t->handshake);
    if (last.len == 0)
        return;
    t->unsent = last;
    go_on_sending(t);
}

/* ---- receiving --------------------------------------------------------------------------------------------------- */

/* A request's answer is over when the connection is; what is too long for us is cut, and the asker sees that it is. */
static void keep_said(attempt *t, bytes_view bytes)
{
    if (!buffer_append(&t->reply, bytes.data, bytes.len))
        finish_listening(t);
}

static void take_bytes(attempt *t, bytes_view bytes)
{
    t->received_len += bytes.len;
    flow_bytes(t->flow, SIDE_SERVER, bytes, loop_now_us(t->loop));
    if (t->stage == STAGE_PREAMBLE) {
        take_reply(t, bytes);
        return;
    }
    t->answer_len += bytes.len;
    if (is_request(t)) {
        keep_said(t, bytes);
        return;
    }
    read_flight(t, bytes);
    judge(t);
}

/* One receive. False where there is nothing more for now, or the attempt has ended. */
static bool receive(attempt *t)
{
    uint8_t bytes[RECEIVE_LEN];
    ssize_t len = recv(t->fd, bytes, sizeof bytes, 0);
    if (len < 0 && errno == EINTR)
        return true;
    if (len < 0 && errno == EAGAIN)
        return false;
    if (len > 0)
        take_bytes(t, bytes_from(bytes, (size_t)len));
    else if (len == 0 && !t->was_reset)
        end_stream(t, STREAM_FIN);
    else
        end_stream(t, len < 0 && errno == ETIMEDOUT ? STREAM_TIMEOUT : STREAM_RESET);
    return t->stage != STAGE_ENDED;
}

static void connected(attempt *t);

static void socket_is_ready(void *user, int events)
{
    attempt *t = user;
    bool has_failed = events < 0; /* then its end is what will be read, after what came before it */
    if (t->stage == STAGE_CONNECTING) {
        connected(t);
        return;
    }
    if (has_failed || (events & LOOP_READABLE) != 0)
        for (size_t i = 0; (i < RECEIVES_IN_A_ROW || has_failed) && receive(t); i++)
            continue;
    if (t->stage == STAGE_ENDED)
        return;
    if (has_failed)
        end_stream(t, STREAM_RESET);
    else if ((events & LOOP_WRITABLE) != 0 && t->stage == STAGE_PREAMBLE)
        advance_preamble(t);
    else if ((events & LOOP_WRITABLE) != 0)
        go_on_sending(t);
}

/* ---- connecting -------------------------------------------------------------------------------------------------- */

static void connected(attempt *t)
{
    int connect_errno = socket_error_take(t->fd);
    bool was_reset = socket_error_is_of_established(connect_errno);
    if (connect_errno != 0 && !was_reset) {
        not_connected(t, connect_errno);
        return;
    }
    t->connected_us = loop_now_us(t->loop);
    t->flow = flow_new(t->arena, address_port(&t->question->to));
    t->conversation = flow_conversation(t->flow);
    flow_connected(t->flow, t->connected_us);
    if (t->question->depth != DEPTH_HELLO)
        t->handshake = handshake_new(t->arena, t->question->keys, t->question->depth >= DEPTH_REQUEST);
    if (t->question->depth == DEPTH_REQUEST)
        handshake_wait_for_request(t->handshake);
    if (t->question->depth == DEPTH_LINGER)
        handshake_linger(t->handshake);
    if (t->question->depth == DEPTH_RENEGOTIATE)
        handshake_renegotiate(t->handshake);
    t->stage = STAGE_PREAMBLE;
    if (was_reset)
        end_stream(t, STREAM_RESET);
    else
        advance_preamble(t);
}

/* Opens the socket and begins to connect. False: t->answer says why. */
static bool begin(attempt *t)
{
    const question *q = t->question;
    error e;
    t->flight = q->request;
    if (q->hello != NULL && !client_hello_write(t->arena, q->hello, &t->flight, &e)) {
        t->answer.problem = arena_printf(t->arena, "the hello cannot be written: %s", e.message);
        return false;
    }
    t->fd = socket(q->to.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (t->fd < 0) {
        t->answer.problem = arena_printf(t->arena, "cannot open a socket: %s", strerror(errno));
        return false;
    }
    int on = 1;
    int segment_len = SMALL_SEGMENT_LEN;
    if (q->small_segments) /* announced with the SYN: the server's segments get no larger */
        (void)setsockopt(t->fd, IPPROTO_TCP, TCP_MAXSEG, &segment_len, sizeof segment_len);
    (void)setsockopt(t->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* without it pieces may be joined; no more than that */
    if (connect(t->fd, (const struct sockaddr *)&q->to.storage, q->to.len) != 0 && errno != EINPROGRESS) {
        t->answer.connect_errno = errno;
        return false;
    }
    t->watch = loop_watch_start(t->loop, t->fd, LOOP_WRITABLE, socket_is_ready, t, &e);
    if (t->watch == NULL)
        t->answer.problem = arena_printf(t->arena, "%s", e.message);
    return t->watch != NULL;
}

attempt *attempt_start(loop *l, arena *a, const question *q, int64_t timeout_us, attempt_callback *done, void *user)
{
    attempt *t = ARENA_NEW(a, attempt);
    *t = (attempt){.loop = l, .arena = a, .question = q, .done = done, .user = user, .fd = -1, .began_us = loop_now_us(l)};
    buffer_init(&t->reply, is_request(t) ? ATTEMPT_RECEIVED_LEN_MAX : PREAMBLE_LEN_MAX);
    if (begin(t))
        t->deadline = loop_timer_start(l, t->began_us + timeout_us, deadline_has_come, t);
    else
        t->failed = loop_timer_start(l, t->began_us, failed_at_start, t);
    return t;
}
