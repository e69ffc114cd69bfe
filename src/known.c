#include "known.h"

#include <string.h>

enum { SERVERS_MAX = 32, HOST_MAX = 256 };

static struct {
    struct rs_mutex lock;
    struct {
        struct {
            char host[HOST_MAX];
            int32_t port; /* 0: nobody's */
        } server[SERVERS_MAX];
        size_t next;
    } of[RS_KNOWN_COUNT];
} known = { .lock = RS_MUTEX_INIT };

/* Locked. */
static bool is_there(enum rs_known what, const char *host, int32_t port)
{
    for (size_t i = 0; i < SERVERS_MAX; i++)
        if (known.of[what].server[i].port == port &&
            strcmp(known.of[what].server[i].host, host) == 0)
            return true;
    return false;
}

bool rs_known_is(enum rs_known what, const char *host, int32_t port)
{
    bool found;

    rs_lock(&known.lock);
    found = is_there(what, host, port);
    rs_unlock(&known.lock);
    return found;
}

void rs_known_add(enum rs_known what, const char *host, int32_t port)
{
    size_t n = strlen(host), at;

    if (n >= HOST_MAX)
        return;
    rs_lock(&known.lock);
    if (!is_there(what, host, port)) {
        at = known.of[what].next;
        memcpy(known.of[what].server[at].host, host, n + 1);
        known.of[what].server[at].port = port;
        known.of[what].next = (at + 1) % SERVERS_MAX;
    }
    rs_unlock(&known.lock);
}
