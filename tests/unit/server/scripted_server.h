/*
 * A server that is a few lists: it answers a survey's probes as one of OpenSSL would, without a socket.
 * Ownership: answers live in the arena given.
 */
#ifndef TLSWHY_UNIT_SERVER_SCRIPTED_SERVER_H
#define TLSWHY_UNIT_SERVER_SCRIPTED_SERVER_H

#include "server/survey.h"

typedef struct scripted_server {
    code_list versions; /* highest first */
    code_list suites, groups, schemes;
    code_list finite_field_groups; /* of RFC 7919, for DHE suites in TLS 1.2; empty: a prime of its own */
    bool own_order;                /* its suites' order counts, not the client's */
    size_t num_equal;              /* so many of the first suites are equal to it: among them the client's order counts */
    uint16_t favourite;            /* chosen by a client that has it first, before its own order; 0: none */
    const char *protocol;          /* of ALPN, others are refused once it has chosen a suite; NULL: it does not know ALPN */
    bool looks_at_protocols_first; /* they are refused before it looks at suites */
    uint16_t fails_at_keys_of;     /* handshake_failure where it would have to make a finite-field key in that version; 0: none */
    size_t *num_finite_field_keys; /* that it made so far */
    size_t resumes_every;       /* up to TLS 1.2: so many processes of it take turns, of which one knows the session; 0: no ids */
    size_t *num_resumptions;    /* that were tried so far */
    bool leaves_at_once;        /* up to TLS 1.2: gives a ticket, and a close_notify after its Finished */
    bool falls_silent;          /* after its ServerHello */
    bool breaks_off;            /* the same: the stream ends there */
    bool serves_one_at_a_time;  /* others stay without a byte */
    bool is_mute;               /* takes connections, and never says anything */
    int64_t answers_after_us;   /* who does not wait so long hears nothing */
    uint16_t silent_to_version; /* nothing at all comes of a hello of that version; 0: none */
    uint16_t resets_version;    /* every hello of that version as its highest is reset; 0: none */
    uint8_t resets_alert;       /* they get that alert instead; 0: they are reset */
    size_t resets_times;        /* so many of them only; 0: all */
    size_t resets_every;        /* of all connections, what each so-many-th asks; 0: none */
    size_t alerts_every;        /* the same, with handshake_failure instead */
    uint16_t chokes_on_group;   /* handshake_failure to every hello that has it; 0: none */
    size_t alerts_after;        /* so many connections: what is asked without a pause gets it; 0: none */
    size_t alert_at;            /* the same to that connection alone; 0: none */
    size_t *num_connections;    /* of these: so many there were */
    bool dies_in_the_end;       /* what is asked after a pause stays without a byte */
    size_t hello_max;           /* bytes; larger ones get handshake_failure; 0: any length is borne */
    size_t offer_max;           /* more suites than that get handshake_failure; 0: any number is borne */
    uint16_t always_chooses;    /* that suite, offered or not; 0: no */
    bool compresses;            /* offered or not */
    const char *unasked_alpn;   /* that protocol, offered or not; NULL: none */
} scripted_server;

answer scripted_answer(arena *a, const scripted_server *s, const survey_probe *probe);

/* How a survey went. */
enum { WAVES_MAX = 64 };
typedef struct survey_course {
    size_t wave_lens[WAVES_MAX];
    size_t num_waves, num_probes, num_alone;
    const server *found;
} survey_course;
survey_course scripted_survey(arena *a, const scripted_server *s, bool suites_only);

#endif
