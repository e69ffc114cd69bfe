/*
 * Values that are wiped and never printed: passwords, keys, tokens, assertions.
 *
 * Members are for secret.c alone. A secret has no printf conversion, so it cannot reach a log or
 * a message by accident; rs_secret_reveal is the one way to the bytes and stands directly in the
 * call that needs them.
 */
#ifndef RS_SECRET_H
#define RS_SECRET_H

#include "attrs.h"
#include "str.h"

struct rs_diag;

struct rs_secret {
    char *bytes; /* NUL-terminated; NULL when empty */
    size_t len;
};

/* Replaces the old value. On failure (HY001) the old value stays. */
RS_NODISCARD bool rs_secret_set(struct rs_secret *s, struct rs_str value, struct rs_diag *diag);
RS_NODISCARD bool rs_secret_copy(struct rs_secret *to, const struct rs_secret *from,
                                 struct rs_diag *diag);
/* `to` is cleared first; `from` is empty afterwards. */
void rs_secret_move(struct rs_secret *to, struct rs_secret *from);
void rs_secret_clear(struct rs_secret *s); /* wipes, frees; safe on empty and on NULL */
bool rs_secret_is_set(const struct rs_secret *s);
size_t rs_secret_len(const struct rs_secret *s);
bool rs_secret_equal(const struct rs_secret *a, const struct rs_secret *b); /* constant time */
const char *rs_secret_reveal(const struct rs_secret *s);                    /* "" when empty */
/* The text holds it, in letters of either case: not for a message. An empty secret is in no text.
 */
bool rs_secret_is_in(const struct rs_secret *s, struct rs_str text);

/* Overwrites memory in a way the compiler may not remove (OPENSSL_cleanse through crypto.h). */
void rs_wipe(void *p, size_t n);

#endif
