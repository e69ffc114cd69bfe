/*
 * A call that failed is made again: how long to wait first, and what to say of proxies when nothing
 * came at all.
 *
 * Source: aws-api.md 1, 10.4.
 */
#ifndef RS_RETRY_H
#define RS_RETRY_H

#include "../attrs.h"
#include "../http.h"
#include "../os.h"

struct rs_retry {
    unsigned next;  /* number of the attempt to come, 2 or more */
    int64_t gap_ms; /* between two attempts; 0: full jitter */
    bool is_throttling;
    const struct rs_http_reply *reply; /* the last one, for its Retry-After; NULL: none came */
};
/* Milliseconds to wait. */
int64_t rs_retry_delay_ms(const struct rs_world *world, const struct rs_retry *retry);

/* Appends a hint to the text of a failed connect when the environment names a proxy, which was not
 * used; only where none was. */
void rs_retry_add_hint(const struct rs_world *world, const struct rs_http_proxy *used,
                       struct rs_buf *text);

#endif
