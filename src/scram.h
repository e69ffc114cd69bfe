/*
 * SCRAM-SHA-256, the client's side, without channel binding: four messages, each as text.
 *
 * The server's texts are hostile. A password goes in as its bytes: what SASLprep would change in
 * one that is not ASCII is not changed here.
 *
 * Source: RFC 5802, RFC 7677; PostgreSQL documentation, "SASL Authentication" (the user name in
 * the messages is empty there).
 */
#ifndef RS_SCRAM_H
#define RS_SCRAM_H

#include "attrs.h"
#include "crypto.h"
#include "diag.h"
#include "secret.h"
#include "str.h"

#define RS_SCRAM_NAME "SCRAM-SHA-256"

enum {
    RS_SCRAM_TEXT_MAX = 4096,     /* of one message */
    RS_SCRAM_COUNT_MAX = 1000000, /* about a second of computing */
    RS_SCRAM_NONCE_BYTES = 18
};

/* All zero: not begun. Clear it whatever happened. */
struct rs_scram {
    struct rs_buf bare; /* the first message without its head: n=,r=nonce */
    size_t nonce_at;    /* of our nonce in it */
    int32_t count_max;  /* RS_SCRAM_COUNT_MAX; lower for tests */
    uint8_t server_signature[RS_SHA256_BYTES];
    bool has_signature;
};
void rs_scram_clear(struct rs_scram *scram); /* wipes */

/* Appends the client's first message. nonce: printable, without a comma; NULL: a random one.
 * Posts HY000 (no random bytes), HY001. */
RS_NODISCARD bool rs_scram_first(struct rs_scram *scram, const char *user, const char *nonce,
                                 struct rs_buf *out, struct rs_diag *diag);
/* Reads the server's first message and appends the client's final one. Posts 08S01 (malformed),
 * 28000 (another's nonce, an iteration count out of range), HY000, HY001. */
RS_NODISCARD bool rs_scram_final(struct rs_scram *scram, struct rs_str server_first,
                                 const struct rs_secret *password, struct rs_buf *out,
                                 struct rs_diag *diag);
/* True when the server's final message proves that it knows the password. Posts 08S01, 28000. */
RS_NODISCARD bool rs_scram_check(struct rs_scram *scram, struct rs_str server_final,
                                 struct rs_diag *diag);

#endif
