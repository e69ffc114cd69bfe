/*
 * Redshift's password digest (authentication request 13): a salted SHA-256 and two nonces.
 *
 * The request is hostile. The password goes in as its bytes; the user name takes no part.
 *
 * Source: redshift.md 3.2.
 */
#ifndef RS_DIGEST_H
#define RS_DIGEST_H

#include "attrs.h"
#include "diag.h"
#include "secret.h"
#include "str.h"

enum {
    RS_DIGEST_PART_MAX = 1024,   /* salt, server nonce */
    RS_DIGEST_NONCE_BYTES = 16,  /* ours */
    RS_DIGEST_ANSWER_MAX = 1024, /* much more than an answer takes */
    RS_DIGEST_SHA256 = 0         /* of the algorithms, the only one known */
};

struct rs_digest {
    uint32_t algorithm;
    struct rs_str salt, nonce; /* in the request; not read for another algorithm */
};

/* Takes the request apart, without its code. False: malformed; posts nothing. */
RS_NODISCARD bool rs_digest_read(struct rs_str request, struct rs_digest *out);

/* Appends the body of the answer. nonce: ours; NULL for a random one of RS_DIGEST_NONCE_BYTES.
 * The algorithm is RS_DIGEST_SHA256. Posts HY000 (no SHA-256, no random bytes), HY001. */
RS_NODISCARD bool rs_digest_answer(const struct rs_digest *digest, const struct rs_secret *password,
                                   const struct rs_str *nonce, struct rs_buf *out,
                                   struct rs_diag *diag);

#endif
