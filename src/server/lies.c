/*
 * What a server does that no server may do: it chooses what was not offered, answers an extension that was not sent (RFC 5246,
 * 7.4.1.4; RFC 8446, 4.2), leaves out what it has to say, or ends in the middle of it. Each is told once, whatever it answered to.
 */
#include "registry/registry.h"
#include "server/survey_state.h"
#include "wire/extension.h"

#include <string.h>

/* Without the figures of one case, which follow a colon. */
static bytes_view kind_of_lie(const char *what)
{
    return bytes_from((const uint8_t *)what, strcspn(what, ":"));
}

void survey_lie(survey *s, const char *what)
{
    for (size_t i = 0; i < s->server.num_lies; i++)
        if (bytes_equal(kind_of_lie(s->server.lies[i]), kind_of_lie(what)))
            return;
    if (s->server.num_lies < SERVER_LIES_MAX)
        s->server.lies[s->server.num_lies++] = what;
}

static void name_foreign(survey *s, const char *what)
{
    survey_lie(s, arena_printf(s->arena, "it chose %s where that was not offered", what));
}

void lies_name_choice(survey *s, unsigned topic, uint16_t chosen)
{
    bool is_scheme = topic == TOPIC_SCHEMES12 || topic == TOPIC_SCHEMES13;
    bool is_group = topic == TOPIC_GROUPS12 || topic == TOPIC_GROUPS13;
    name_foreign(s, is_scheme             ? signature_scheme_name(s->arena, chosen)
                    : is_group            ? group_name(s->arena, chosen)
                    : topic == TOPIC_ALPN ? application_protocol_name(s->arena, chosen)
                                          : cipher_suite_name(s->arena, chosen));
}

/* One that does not know supported_versions goes by the old field, and may choose any up to that. */
static bool is_version_offered(survey *s, const client_hello *asked, uint16_t version)
{
    return version <= asked->legacy_version || codes_contain(client_hello_versions(s->arena, asked), version);
}

static bool is_compression_offered(const client_hello *asked, uint8_t method)
{
    bool is_offered = method == 0;
    for (size_t i = 0; i < asked->compression_methods.len; i++)
        is_offered = is_offered || bytes_at(asked->compression_methods, i) == method;
    return is_offered;
}

/* The signaling suite of RFC 5746 (3.3) stands for an empty renegotiation_info. */
static bool is_extension_offered(const client_hello *asked, uint16_t type)
{
    bool by_suite = type == EXTENSION_RENEGOTIATION_INFO && codes_contain(asked->cipher_suites, SUITE_EMPTY_RENEGOTIATION_INFO);
    return by_suite || client_hello_extension(asked, type) != NULL;
}

static void name_extensions(survey *s, const client_hello *asked, const extension *extensions, size_t num_extensions)
{
    for (size_t i = 0; i < num_extensions; i++)
        if (!is_extension_offered(asked, extensions[i].type))
            survey_lie(s, arena_printf(s->arena, "it answered the extension %s, which was not sent",
                                       extension_name(s->arena, extensions[i].type)));
}

/* RFC 8446, 4.2.8 and 4.2.9: without a share there is no key, but for that of an earlier session. */
static bool lacks_key_share(const server_hello *hello)
{
    return hello->version == VERSION_TLS13 && hello->group == 0 && server_hello_extension(hello, EXTENSION_PRE_SHARED_KEY) == NULL;
}

static void hear_server_hello(survey *s, const client_hello *asked, const server_hello *hello)
{
    if (!codes_contain(asked->cipher_suites, hello->cipher_suite))
        name_foreign(s, cipher_suite_name(s->arena, hello->cipher_suite));
    if (!is_version_offered(s, asked, hello->version))
        name_foreign(s, version_name(s->arena, hello->version));
    if (!is_compression_offered(asked, hello->compression_method))
        name_foreign(s, "compression");
    if (lacks_key_share(hello))
        survey_lie(s, "a ServerHello of TLS 1.3 without a key share");
    name_extensions(s, asked, hello->extensions, hello->num_extensions);
}

/* Of one that cannot be read. */
static const char *malformed_text(const answer *given)
{
    const conversation *c = given->conversation;
    return given->problem != NULL                      ? given->problem
           : c != NULL && c->findings.num_findings > 0 ? c->findings.findings[0].text
                                                       : "an answer that begins as TLS and cannot be read as such";
}

void lies_hear(survey *s, const survey_probe *asked, const answer *given)
{
    const conversation *c = given->conversation;
    if (given->kind == ANSWER_MALFORMED)
        survey_lie(s, malformed_text(given));
    if (c == NULL || asked->hello->format == HELLO_FORMAT_SSLV2)
        return;
    /* Between two messages a server may take its time; and one that was cut once may have met a segment that was lost. */
    if (given->kind == ANSWER_SILENCE && c->was_cut[SIDE_SERVER] && ++s->num_cut > 1)
        survey_lie(s, "an answer that was begun and not ended in the time that a probe has");
    bool broke_off = c->server_spoke_tls && refusal_of(given).kind == ANSWER_CLOSED;
    for (size_t i = 0; (c->has_server_hello || broke_off) && i < c->findings.num_findings; i++)
        survey_lie(s, c->findings.findings[i].text);
    const client_hello *sent = c->has_second_hello ? &c->second_hello : asked->hello;
    if (c->has_server_hello)
        hear_server_hello(s, sent, &c->server_hello);
    if (given->flight != NULL)
        name_extensions(s, sent, given->flight->extensions, given->flight->num_extensions);
}
