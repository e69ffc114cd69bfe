/*
 * URLs: split into their parts, percent-encode and -decode, query strings and form bodies.
 *
 * Strict where it matters for safety: a text with blanks, control characters or backslashes, or
 * with a host that is not one, has no parts at all, so no two readers can see two hosts in it.
 * Source: RFC 3986.
 */
#ifndef RS_URL_H
#define RS_URL_H

#include "attrs.h"
#include "str.h"

/* All slices borrow from the text. */
struct rs_url {
    struct rs_str scheme;   /* as written */
    struct rs_str userinfo; /* without @ */
    struct rs_str host;     /* without brackets, as written */
    struct rs_str path;     /* from the first slash; may be empty */
    struct rs_str query;    /* without ? */
    struct rs_str fragment; /* without # */
    int32_t port;           /* 0: not given */
    bool is_ipv6, has_userinfo, has_query, has_fragment;
};

/* An absolute URL with an authority. False (nothing posted) when it is not one. */
RS_NODISCARD bool rs_url_split(struct rs_str text, struct rs_url *out);

/* True for 127.0.0.0/8 in dotted form, ::1 and localhost. */
bool rs_url_is_loopback(struct rs_str host);
/* True for labels of letters, digits, - and _, joined by single dots, 253 bytes at most; a dotted
 * IPv4 address is one too. */
bool rs_url_is_host(struct rs_str host);

/* Everything but A-Z a-z 0-9 - _ . ~ becomes %XX, upper-case; appended. */
void rs_url_encode(struct rs_buf *out, struct rs_str text);
/* %XX undone; a % that starts no escape stays. + stays. */
void rs_url_decode(struct rs_buf *out, struct rs_str text);

/* Appends name=value, both encoded, with & in front when the buffer is not empty. */
void rs_query_add(struct rs_buf *out, const char *name, struct rs_str value);
/* Cuts the first pair off *query (split at &, then at the first =); empty parts are skipped.
 * Name and value are still encoded. False when there is none left. */
bool rs_query_next(struct rs_str *query, struct rs_str *name, struct rs_str *value);

#endif
