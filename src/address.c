/*
 * Names to numeric addresses under a deadline, and waiting for a bare socket.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>

#include <arpa/nameser.h>
#include <resolv.h>

#include "cname.h"
#include "transport.h"

enum { ADDRESSES_MAX = 64, REPLY_MAX = 4096, TYPE_A = 1, CLASS_IN = 1 };

/* The system's calls cannot be stopped: a helper thread runs them, and whoever leaves last frees
 * this. */
struct look_up {
    atomic_uint holders;
    struct rs_event *done;
    char *host;
    bool wants_reply; /* of the name server itself, not the system's addresses */
    struct addrinfo *found;
    int error;
    unsigned char reply[REPLY_MAX];
    int n_reply;
};

static void look_up_leave(struct look_up *look)
{
    if (atomic_fetch_sub(&look->holders, 1) != 1)
        return;
    if (look->found != NULL)
        freeaddrinfo(look->found);
    rs_free(look->host);
    rs_free(look);
}

static int look_up_call(const char *host, int flags, struct addrinfo **found)
{
    struct addrinfo hints = { 0 };

    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags;
    return getaddrinfo(host, NULL, &hints, found);
}

static void look_up_run(void *arg)
{
    struct look_up *look = arg;
    struct rs_event *done = look->done;

    if (look->wants_reply)
        look->n_reply = res_query(look->host, CLASS_IN, TYPE_A, look->reply, REPLY_MAX);
    else
        look->error = look_up_call(look->host, AI_ADDRCONFIG, &look->found);
    if (look->error != 0) /* no address of a kind is configured: loopback only machines */
        look->error = look_up_call(look->host, 0, &look->found);
    rs_event_set(done);
    rs_event_release(done);
    look_up_leave(look);
}

static bool addresses_copy(const struct addrinfo *found, struct rs_address **out, size_t *n,
                           struct rs_diag *diag)
{
    size_t count = 0;
    struct rs_address *list;

    for (const struct addrinfo *a = found; a != NULL && count < ADDRESSES_MAX; a = a->ai_next)
        count++;
    list = rs_alloc(count, sizeof(*list), diag);
    if (list == NULL)
        return false;
    *n = 0;
    for (const struct addrinfo *a = found; a != NULL && *n < count; a = a->ai_next) {
        struct rs_address *to = &list[*n];

        if (getnameinfo(a->ai_addr, (socklen_t)a->ai_addrlen, to->text, sizeof(to->text), NULL, 0,
                        NI_NUMERICHOST) == 0) {
            to->family = a->ai_family;
            (*n)++;
        }
    }
    *out = list;
    return true;
}

static bool resolve_failed(const char *host, int error, struct rs_diag *diag)
{
    return rs_fail(diag, RS_08001, 0, "could not find the server \"%s\": %s", host,
                   gai_strerror(error));
}

static struct look_up *look_up_start(const char *host, bool wants_reply, struct rs_diag *diag)
{
    struct look_up *look = rs_new(struct look_up, diag);

    if (look == NULL)
        return NULL;
    atomic_init(&look->holders, 1);
    look->wants_reply = wants_reply;
    look->host = rs_str_dup(rs_str_of(host), diag);
    look->done = look->host == NULL ? NULL : rs_event_new(2, diag);
    if (look->done == NULL) {
        look_up_leave(look);
        return NULL;
    }
    atomic_store(&look->holders, 2);
    if (!rs_thread_detached(look_up_run, look)) {
        rs_event_release(look->done);
        rs_event_release(look->done);
        atomic_store(&look->holders, 1);
        look_up_leave(look);
        rs_fail_memory(diag); /* the system has no room for a thread */
        return NULL;
    }
    return look;
}

bool rs_resolve(const char *host, struct rs_deadline deadline, struct rs_address **out, size_t *n,
                struct rs_diag *diag)
{
    struct addrinfo *numeric = NULL;
    struct rs_event *done;
    struct look_up *look;
    bool ok;

    if (look_up_call(host, AI_NUMERICHOST, &numeric) == 0) {
        ok = addresses_copy(numeric, out, n, diag);
        freeaddrinfo(numeric);
        return ok;
    }
    look = look_up_start(host, false, diag);
    if (look == NULL)
        return false;
    done = look->done;
    if (!rs_event_wait(done, deadline))
        ok = rs_fail(diag, RS_HYT00, 0, "login timeout expired while looking up \"%s\"", host);
    else if (look->error != 0)
        ok = resolve_failed(host, look->error, diag);
    else
        ok = addresses_copy(look->found, out, n, diag);
    rs_event_release(done);
    look_up_leave(look);
    return ok;
}

bool rs_name_is_unknown(const char *host, struct rs_deadline deadline)
{
    struct rs_diag none = { 0 };
    struct look_up *look = look_up_start(host, false, &none);
    struct rs_event *done;
    bool is_unknown;

    rs_diag_clear(&none);
    if (look == NULL)
        return false;
    done = look->done;
    is_unknown = rs_event_wait(done, deadline) && look->error != 0 && look->error != EAI_AGAIN &&
                 look->error != EAI_SYSTEM && look->error != EAI_MEMORY;
    rs_event_release(done);
    look_up_leave(look);
    return is_unknown;
}

bool rs_resolve_aliases(const char *host, struct rs_deadline deadline, struct rs_buf *out,
                        struct rs_diag *diag)
{
    struct look_up *look = look_up_start(host, true, diag);
    struct rs_event *done;

    if (look == NULL)
        return false;
    done = look->done;
    if (rs_event_wait(done, deadline) && look->n_reply > 0)
        rs_cname_read((struct rs_str){ (const char *)look->reply, look->n_reply < REPLY_MAX
                                                                      ? (size_t)look->n_reply
                                                                      : REPLY_MAX },
                      rs_str_of(host), out);
    rs_event_release(done);
    look_up_leave(look);
    return rs_buf_ok(out, diag);
}

enum rs_wait rs_socket_wait(int fd, enum rs_ready what, struct rs_deadline deadline)
{
    struct pollfd p = { .fd = fd, .events = what == RS_READY_READ ? POLLIN : POLLOUT };

    for (;;) {
        int n = poll(&p, 1, rs_deadline_poll(deadline));

        if (n > 0)
            return RS_WAIT_OK;
        if (n < 0 && errno != EINTR)
            return RS_WAIT_FAILED;
        if (rs_deadline_passed(deadline))
            return RS_WAIT_DEADLINE;
    }
}
