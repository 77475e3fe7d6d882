/*
 * One file asked for by HTTP: the request, and what is in the answer. HTTP/1.0 (RFC 1945), so that the answer ends with the
 * connection and comes in one piece. Pure. Ownership: what is made lives in the arena; an answer's body borrows from what was
 * received.
 */
#ifndef TLSWHY_FLOW_HTTP_FILE_H
#define TLSWHY_FLOW_HTTP_FILE_H

#include "base/bytes.h"

/* Whether `uri` can be asked for as it is: http://, only characters of RFC 3986, 2, no user in it, at most 2048 bytes. */
bool http_file_can_be_asked(const char *uri);
/* The request; by a proxy, the proxy is told the whole address (RFC 9112, 3.2.2). `uri` is one that can be asked for. */
bytes_view http_file_request(arena *a, const char *uri, bool by_proxy);

typedef struct http_file_answer {
    int status;           /* 0: it is no answer of HTTP */
    bytes_view body;      /* of status 200, whole; empty else */
    const char *problem;  /* why there is no body, a clause; NULL: there is one */
    const char *location; /* where it leads on to (RFC 9110, 10.2.2), as it was written, escaped nowhere; NULL: nowhere */
} http_file_answer;

http_file_answer http_file_answer_read(arena *a, bytes_view received);

/* What `location` means, said in the answer to `uri`: as it is where it has a scheme, else of the same authority. NULL where it is
 * written in another way, or cannot be asked for by plain HTTP. */
const char *http_file_led_on(arena *a, const char *uri, const char *location);

#endif
