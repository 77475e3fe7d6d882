/*
 * How a handshake went on after the two hellos: who gave it up, with which alert, what the server asked for. From the failed
 * connection where it is in clear (up to TLS 1.2), else from the replay that read the server's flight.
 * Pure; ownership: what is returned lives in the facts' arena or the conversation's.
 */
#ifndef TLSWHY_CAUSES_AFTER_HELLO_H
#define TLSWHY_CAUSES_AFTER_HELLO_H

#include "causes/facts.h"

#define ALERT_NOT_READ (-1)

/* Both agreed on version and suite, and the client ended it when it had the server's flight, or right after its own Finished. Not
 * where the server had refused something before. */
bool client_gave_up(const facts *f);
/* The client sent its hello and nothing more, and ended the connection first: what it got, if anything, it may not have read. curl
 * loads its CA file only then. */
bool client_left_with_its_hello(const facts *f);
/* Both agreed, the client went on, and the server ended it before any data had come from it. */
bool server_gave_up(const facts *f);

/* The client may have been asked for a certificate after a handshake of TLS 1.3 that went well, or have lacked the offer of that.
 */
bool may_be_asked_after_handshake(const facts *f);
/* Whether its hello offers that (post_handshake_auth; RFC 8446, 4.2.6). */
bool offers_post_handshake_auth(const facts *f);
/* Whether the server asked a probe that offers it. */
bool server_asks_after_handshake(const facts *f);

/* The alert that side sent in the failed connection, where it was in clear; ALERT_NOT_READ else. */
int alert_read_from(const facts *f, enum side side);
/* What the server said to the replay after the client's last flight, decrypted; ALERT_NOT_READ where nothing. */
int alert_to_replay(const facts *f);

/* Whether an alert says that a certificate was refused (RFC 8446, 6.2: bad_certificate to unknown_ca, and what goes with them). */
bool alert_is_on_certificate(int description);
/* Whether it says that what came is not what it should be: a record that cannot be decrypted (bad_record_mac, decryption_failed), a
 * message that cannot be read, does not verify or has a value that may not be (decode_error, decrypt_error, illegal_parameter). An
 * empty Certificate is what it should be: none of them is for it. */
bool alert_calls_message_wrong(int description);
/* Whether it may say that parameters were refused: handshake_failure, insufficient_security, illegal_parameter, internal_error ...;
 * also where no alert was read. */
bool alert_may_be_on_parameters(int description);

/* The version that both agreed on in the failed connection; 0 none. */
uint16_t agreed_version(const facts *f);
/* The ServerHello of the failed connection; NULL none. */
const server_hello *agreed_server_hello(const facts *f);

/* The server's certificates, leaf first: of the failed connection, else of the replay. */
size_t server_certificates(const facts *f, bytes_view **certificates);

bool server_requests_certificate(const facts *f);
/* The DistinguishedNames that it accepts, DER; none where it does not say. */
size_t accepted_issuers(const facts *f, bytes_view **names);
/* Those names for people, joined by ", ", at most six; NULL where there are none. */
const char *accepted_issuers_text(const facts *f);

enum client_certificate { CLIENT_CERTIFICATE_UNKNOWN, CLIENT_CERTIFICATE_EMPTY, CLIENT_CERTIFICATE_SENT };
/* What the client answered to the request: in clear up to TLS 1.2, by the size of its last flight in TLS 1.3. */
enum client_certificate client_certificate_sent(const facts *f);

#endif
