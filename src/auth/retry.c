#include "retry.h"

#include "../proxy.h"

enum { THROTTLED_MIN_MS = 500, ASKED_MAX_S = 3600, ASKED_MORE_MS = 5000 };

/* Seconds that the service asked for; 0: none. */
static int64_t asked_s(const struct rs_http_reply *reply)
{
    int64_t seconds = 0;

    if (reply == NULL || !rs_parse_i64(rs_http_header(reply, "Retry-After"), &seconds))
        return 0;
    return seconds < 0 ? 0 : seconds > ASKED_MAX_S ? ASKED_MAX_S : seconds;
}

int64_t rs_retry_delay_ms(const struct rs_world *world, const struct rs_retry *retry)
{
    double most = retry->next <= 2 ? 1 : retry->next == 3 ? 2 : 20;
    int64_t ms = retry->gap_ms, asked = asked_s(retry->reply) * 1000;

    if (ms == 0)
        ms = (int64_t)(world->random01(world->ctx) * most * 1000);
    if (retry->is_throttling && ms < THROTTLED_MIN_MS)
        ms = THROTTLED_MIN_MS;
    if (asked > ms)
        ms = asked < ms + ASKED_MORE_MS ? asked : ms + ASKED_MORE_MS;
    return ms;
}

void rs_retry_add_hint(const struct rs_world *world, const struct rs_http_proxy *used,
                       struct rs_buf *text)
{
    const char *name = used == NULL ? rs_proxy_variable(world) : NULL;

    if (name != NULL)
        rs_buf_addf(text,
                    "; %s is set, but proxies are not taken from the environment; set "
                    "https_proxy_host",
                    name);
}
