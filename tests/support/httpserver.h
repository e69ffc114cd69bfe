/*
 * A scripted HTTP server on the loopback address: takes one connection per answer, keeps what was
 * asked, writes the scripted bytes and closes.
 */
#ifndef RS_TEST_HTTPSERVER_H
#define RS_TEST_HTTPSERVER_H

#include <pthread.h>
#include <stddef.h>

struct http_script {
    const char *bytes; /* the whole answer, as sent; NULL: nothing, the connection is just closed */
    int stall_ms;      /* before the answer */
    size_t repeat;     /* bytes are sent once more so many times */
};

struct http_server {
    int port;
    /* inside */
    int fd;
    pthread_t thread;
    const struct http_script *script;
    size_t n;
    char asked[8][16384];
    size_t n_asked;
};

/* Fails the test when it cannot start. */
void http_server_start(struct http_server *server, const struct http_script *script, size_t n);
/* Waits until all answers were given, or ends the server when it still waits for a connection. */
void http_server_stop(struct http_server *server);

#endif
