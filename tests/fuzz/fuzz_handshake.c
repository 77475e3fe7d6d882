/*
 * What a server may say in a handshake whose keys are known, and before there are keys. The first byte says how: from the first
 * hello on, under protection of TLS 1.3, or under that of an earlier version. Then steps: a byte whose top bit asks for bytes that
 * are not protected and whose others are a content type, two bytes of length, that many bytes; what is too short is taken as it is.
 */
#include "crypto/handshake.h"
#include "fuzz.h"
#include "known_keys.h"
#include "wire/reader.h"
#include <stdlib.h>

enum { MODE_FROM_HELLO = 0, MODE_TLS13 = 1, MODE_TLS12 = 2, STEP_RAW = 0x80, FINISHES = 0x80 };

/* ClientHello of TLS 1.2 with two suites and no extensions. */
static const uint8_t hello[] = {22, 3,  1,  0,  47, 1,  0,  0,  43, 3,  3,    1,    2,  3,    4,  5,  6,  7,
                                8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18,   19,   20, 21,   22, 23, 24, 25,
                                26, 27, 28, 29, 30, 31, 32, 0,  0,  4,  0xc0, 0x2f, 0,  0x2f, 1,  0};

typedef struct world {
    arena *arena;
    handshake *h;
    traffic_keys tls13;
    record_keys *tls12;
    uint8_t mode;
} world;

static void begin(world *w, uint8_t how)
{
    static const uint16_t tls13_suites[] = {0x1301, 0x1302, 0x1303, 0x1304, 0x1305};
    static const uint16_t tls12_suites[] = {0x002f, 0x009c, 0xcca8, 0xc0a0, 0x0005, 0x003d, 0x000a, 0x0002};
    uint8_t which = (uint8_t)((how & 0x7f) / 3);
    w->mode = (uint8_t)((how & 0x7f) % 3);
    if (w->mode == MODE_TLS13) {
        w->h = known_tls13(w->arena, tls13_suites[which % 5], (how & FINISHES) != 0, &w->tls13);
    } else if (w->mode == MODE_TLS12) {
        uint16_t version = (uint16_t)(0x0301 + which % 3);
        w->h = known_tls12(w->arena, tls12_suites[which % 8], version, (how & FINISHES) != 0, &w->tls12);
        if (w->h != NULL)
            handshake_renegotiate(w->h);
    } else {
        w->h = handshake_new(w->arena, NULL, (how & FINISHES) != 0);
        handshake_sent(w->h, bytes_from(hello, sizeof hello));
    }
}

static void say(world *w, uint8_t content_type, bytes_view bytes)
{
    bytes_view sealed;
    if (w->mode == MODE_TLS13) {
        (void)known_tls13_say(w->h, w->arena, &w->tls13, content_type, bytes);
        return;
    }
    if (w->tls12 != NULL && record_keys_seal(w->tls12, w->arena, content_type, bytes, &sealed))
        handshake_received(w->h, sealed);
}

/* What its header promises of every flight. */
static void promises_check(const handshake *h)
{
    const server_flight *f = handshake_flight(h);
    if (f->signature_is_right && !f->has_certificate_verify)
        abort();
    if (f->finished_is_right && !f->has_finished)
        abort();
    if (f->renegotiated && !f->asked_to_renegotiate)
        abort();
    if (handshake_awaits_consent(h) && (handshake_is_over(h) || !f->sent_finished))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    world w = {.arena = arena_new()};
    reader script = reader_from(bytes_from(data, size));
    uint8_t how = 0, what;
    uint16_t len;
    if (!read_u8(&script, "mode", &how))
        how = 0;
    begin(&w, how);
    while (w.h != NULL && read_u8(&script, "step", &what) && read_u16(&script, "length", &len)) {
        bytes_view bytes;
        if (!read_bytes(&script, "bytes", len, &bytes))
            bytes = read_rest(&script);
        if (what & STEP_RAW || w.mode == MODE_FROM_HELLO)
            handshake_received(w.h, bytes);
        else
            say(&w, what, bytes);
        (void)handshake_to_send(w.h);
        promises_check(w.h);
    }
    if (w.h != NULL)
        handshake_ended(w.h);
    record_keys_free(w.tls12);
    arena_free(w.arena);
    return 0;
}
