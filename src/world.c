/* The real outside world, as src/auth and src/idp see it. */
#include "crypto.h"
#include "http.h"
#include "os.h"
#include "transport.h"

static int64_t real_utc_s(void *ctx)
{
    (void)ctx;
    return rs_utc_s();
}

static int64_t real_utc_ms(void *ctx)
{
    (void)ctx;
    return rs_utc_us() / 1000;
}

static void real_sleep(void *ctx, int64_t ms)
{
    (void)ctx;
    rs_sleep_ms(ms);
}

static double real_random(void *ctx)
{
    uint32_t bits = 0;
    struct rs_diag diag = { 0 };

    (void)ctx;
    if (!rs_random(&bits, sizeof bits, &diag))
        bits = (uint32_t)rs_utc_us(); /* only spreads retries in time */
    rs_diag_clear(&diag);
    return bits / 4294967296.0;
}

static const char *real_env(void *ctx, const char *name)
{
    (void)ctx;
    return rs_env(name);
}

static bool real_http(void *ctx, const struct rs_http_request *req, struct rs_http_reply *reply,
                      bool *retryable, struct rs_diag *diag)
{
    (void)ctx;
    return rs_http_send(req, reply, retryable, diag);
}

static bool real_aliases(void *ctx, const char *host, struct rs_deadline deadline,
                         struct rs_buf *out, struct rs_diag *diag)
{
    (void)ctx;
    return rs_resolve_aliases(host, deadline, out, diag);
}

static bool real_start(void *ctx, char *const *argv, struct rs_child *child, struct rs_diag *diag)
{
    (void)ctx;
    return rs_os_start(argv, child, diag);
}

const struct rs_world rs_world_real = {
    .utc_s = real_utc_s,
    .utc_ms = real_utc_ms,
    .sleep_ms = real_sleep,
    .random01 = real_random,
    .env = real_env,
    .http = real_http,
    .aliases = real_aliases,
    .start = real_start,
};
