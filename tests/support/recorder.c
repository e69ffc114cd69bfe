#include "recorder.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BLOCK = 65536 };

struct recorder {
    int listener, to_port;
    struct script *script;
    /* of the client's stream: the message being read, and requests not written down yet */
    unsigned char head[5];
    size_t head_n, left, requests;
    bool started;
};

static bool put_all(int fd, const unsigned char *p, size_t n)
{
    while (n > 0) {
        ssize_t put = send(fd, p, n, MSG_NOSIGNAL);

        if (put <= 0)
            return false;
        p += put;
        n -= (size_t)put;
    }
    return true;
}

/* Counts the ends of requests. The start-up packet is none: scripts begin behind it. */
static void look(struct recorder *r, const unsigned char *p, size_t n)
{
    while (n > 0) {
        size_t head = r->started ? 5 : 4;

        if (r->head_n < head) {
            r->head[r->head_n++] = *p++;
            n--;
            if (r->head_n == head) {
                const unsigned char *length = r->head + head - 4;

                r->left = ((size_t)length[0] << 24 | (size_t)length[1] << 16 |
                           (size_t)length[2] << 8 | length[3]) -
                          4;
            }
        }
        if (r->head_n == head) {
            size_t part = r->left < n ? r->left : n;

            p += part;
            n -= part;
            r->left -= part;
            if (r->left > 0)
                continue;
            if (r->started && strchr("QSp", r->head[0]) != NULL)
                r->requests++;
            r->started = true;
            r->head_n = 0;
        }
    }
}

static int connect_on(int port)
{
    struct sockaddr_in there = { .sin_family = AF_INET,
                                 .sin_port = htons((uint16_t)port),
                                 .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (connect(fd, (struct sockaddr *)&there, sizeof there) != 0)
        abort();
    return fd;
}

static bool pass(struct recorder *r, int from, int to, bool is_client)
{
    static unsigned char block[BLOCK];
    ssize_t n = recv(from, block, sizeof block, 0);

    if (n <= 0)
        return false;
    if (is_client) {
        look(r, block, (size_t)n);
    } else {
        for (; r->requests > 0; r->requests--)
            script_add(r->script, SCRIPT_AWAIT);
        script_say(r->script, block, (size_t)n);
    }
    return put_all(to, block, (size_t)n);
}

static void *relay(void *arg)
{
    struct recorder *r = arg;
    int client = accept(r->listener, NULL, NULL), server = connect_on(r->to_port);
    struct pollfd fds[2] = { { .fd = client, .events = POLLIN },
                             { .fd = server, .events = POLLIN } };

    while (poll(fds, 2, -1) > 0) {
        if (fds[0].revents != 0 && !pass(r, client, server, true))
            break;
        if (fds[1].revents != 0 && !pass(r, server, client, false))
            break;
    }
    (void)close(client);
    (void)close(server);
    return NULL;
}

void recorder_run(int to_port, void (*session)(int port, void *arg), void *arg, struct script *out)
{
    struct recorder r = { .to_port = to_port, .script = out };
    struct sockaddr_in here = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t size = sizeof here;
    pthread_t thread;

    r.listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(r.listener, (struct sockaddr *)&here, sizeof here) != 0 ||
        listen(r.listener, 4) != 0 ||
        getsockname(r.listener, (struct sockaddr *)&here, &size) != 0 ||
        pthread_create(&thread, NULL, relay, &r) != 0)
        abort();
    session(ntohs(here.sin_port), arg);
    (void)shutdown(r.listener, SHUT_RDWR); /* ends it when nobody came */
    pthread_join(thread, NULL);
    (void)close(r.listener);
}
