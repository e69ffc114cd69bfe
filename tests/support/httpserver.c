#define _GNU_SOURCE
#include "httpserver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static size_t wanted_bytes(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n"), *length = strcasestr(text, "\r\ncontent-length:");

    if (end == NULL)
        return SIZE_MAX;
    return (size_t)(end + 4 - text) +
           (length != NULL && length < end ? (size_t)strtoul(length + 17, NULL, 10) : 0);
}

/* Reads all of it, keeps what fits. */
static void read_request(int fd, char *text, size_t size)
{
    static char rest[65536];
    size_t n = 0, total = 0;

    text[0] = '\0';
    while (total < wanted_bytes(text)) {
        bool fits = n + 1 < size;
        ssize_t got = recv(fd, fits ? text + n : rest, fits ? size - 1 - n : sizeof rest, 0);

        if (got <= 0)
            break;
        total += (size_t)got;
        n += fits ? (size_t)got : 0;
        text[n] = '\0';
    }
}

static void *serve(void *arg)
{
    struct http_server *server = arg;

    for (size_t i = 0; i < server->n; i++) {
        const struct http_script *script = &server->script[i];
        int fd = accept(server->fd, NULL, NULL);

        if (fd < 0)
            break;
        read_request(fd, server->asked[i], sizeof server->asked[i]);
        server->n_asked++;
        if (script->stall_ms > 0)
            poll(NULL, 0, script->stall_ms);
        for (size_t k = 0; script->bytes != NULL && k <= script->repeat; k++)
            if (send(fd, script->bytes, strlen(script->bytes), MSG_NOSIGNAL) < 0)
                break;
        shutdown(fd, SHUT_WR);
        close(fd);
    }
    return NULL;
}

void http_server_start(struct http_server *server, const struct http_script *script, size_t n)
{
    struct sockaddr_in at = { .sin_family = AF_INET };
    socklen_t size = sizeof at;

    memset(server, 0, sizeof *server);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->script = script;
    server->n = n;
    server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(server->fd >= 0);
    assert_int_equal(bind(server->fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(server->fd, 8), 0);
    assert_int_equal(getsockname(server->fd, (struct sockaddr *)&at, &size), 0);
    server->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

void http_server_stop(struct http_server *server)
{
    shutdown(server->fd, SHUT_RDWR); /* ends a waiting accept */
    pthread_join(server->thread, NULL);
    close(server->fd);
}
