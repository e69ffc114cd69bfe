/*
 * A request that somebody sends to the local listener: taken apart, and judged by what every such
 * request must be. Pure text work. Anybody may send anything here: other programs of this computer,
 * and any web page that the user's browser shows.
 *
 * Source: idp-flows.md 11; RFC 9112 (HTTP/1.1), RFC 6454 (Origin).
 */
#ifndef RS_INCOMING_H
#define RS_INCOMING_H

#include "../attrs.h"
#include "../str.h"

enum {
    RS_INCOMING_LINE_MAX = 8 << 10,
    RS_INCOMING_HEADERS_MAX = 16 << 10,
    RS_INCOMING_BODY_MAX = 512 << 10,
    RS_INCOMING_MAX = RS_INCOMING_LINE_MAX + RS_INCOMING_HEADERS_MAX + RS_INCOMING_BODY_MAX
};

struct rs_incoming_want {
    bool by_get;  /* GET / with a query; else a POST of a form to /redshift/ */
    int32_t port; /* of the listener, as Host must say it */
};

enum rs_incoming_says {
    RS_INCOMING_MORE,   /* so far so good */
    RS_INCOMING_WHOLE,  /* it is one */
    RS_INCOMING_REFUSED /* by status, whatever follows */
};

/* Texts are of what was read. */
struct rs_incoming {
    int status;           /* of the refusal */
    bool is_known_method; /* the one that is wanted: it may have been meant for us */
    struct rs_str fields; /* query or form, still encoded */
    bool has_origin;
    struct rs_str origin;
};

/* text: all that has come so far. What follows a whole request is not looked at. */
enum rs_incoming_says rs_incoming_read(struct rs_str text, const struct rs_incoming_want *want,
                                       struct rs_incoming *out);

enum rs_field { RS_FIELD_NONE, RS_FIELD_ONE, RS_FIELD_REPEATED };
/* The field of that name, decoded and appended. */
enum rs_field rs_incoming_field(struct rs_str fields, const char *name, struct rs_buf *out);

#endif
