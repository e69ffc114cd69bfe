#define _GNU_SOURCE
#include "playbrowser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "url.h"

static const char good_post[] = "POST /redshift/ HTTP/1.1\r\nHost: localhost:{port}\r\n"
                                "Content-Type: application/x-www-form-urlencoded\r\n{extra}"
                                "Content-Length: {body}\r\n\r\n";

/* Not on a stack, which may be a small one. */
static char answers[PLAY_MAX][PLAY_ANSWER_MAX];

static int connect_to(const struct play_browser *play, bool by_v6)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)play->port) };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
                               .sin6_port = htons((uint16_t)play->port),
                               .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    struct sockaddr *to = by_v6 ? (void *)&v6 : (void *)&v4;
    int fd = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, to, by_v6 ? sizeof v6 : sizeof v4) == 0)
        return fd;
    close(fd);
    return -1;
}

static void fill(const struct play_browser *play, const struct play_step *step, const char *text,
                 size_t body, struct rs_buf *out)
{
    while (*text != '\0') {
        if (strncmp(text, "{port}", 6) == 0) {
            rs_buf_addf(out, "%d", play->port);
            text += 6;
        } else if (strncmp(text, "{state}", 7) == 0) {
            rs_buf_adds(out, play->state);
            text += 7;
        } else if (strncmp(text, "{body}", 6) == 0) {
            rs_buf_addf(out, "%zu", body);
            text += 6;
        } else if (strncmp(text, "{extra}", 7) == 0) {
            fill(play, step, step->extra == NULL ? "" : step->extra, body, out);
            text += 7;
        } else {
            rs_buf_addc(out, *text++);
        }
    }
}

static void send_all(int fd, const char *p, size_t n, bool is_slow)
{
    while (n > 0) {
        ssize_t put = send(fd, p, is_slow ? 1 : n, MSG_NOSIGNAL);

        if (put <= 0)
            return;
        p += put;
        n -= (size_t)put;
        if (is_slow)
            usleep(500);
    }
}

static void hear_answer(int fd, char *to)
{
    size_t n = 0;
    ssize_t got = 1;

    while (got > 0 && n + 1 < PLAY_ANSWER_MAX) {
        got = recv(fd, to + n, PLAY_ANSWER_MAX - 1 - n, 0);
        n += got > 0 ? (size_t)got : 0;
    }
    to[n] = '\0';
}

static void send_step(struct play_browser *play, size_t i)
{
    const struct play_step *step = &play->step[i];
    struct rs_buf body = RS_BUF_INIT(8 << 20), text = RS_BUF_INIT(8 << 20);
    int fd = connect_to(play, step->by_v6);

    if (fd < 0)
        return;
    fill(play, step, step->body == NULL ? "" : step->body, 0, &body);
    for (size_t k = 0; step->body != NULL && k < step->repeat; k++)
        rs_buf_addc(&body, body.p[body.len - 1]);
    fill(play, step, step->head == NULL ? good_post : step->head, body.len, &text);
    for (size_t k = 0; step->body == NULL && k < step->repeat; k++)
        rs_buf_addc(&text, text.p[text.len - 1]);
    rs_buf_add(&text, rs_buf_str(&body));
    if (!step->keeps_quiet && !text.bad)
        send_all(fd, text.p, text.len, step->is_slow);
    if (!step->keeps_quiet)
        hear_answer(fd, play->answer[i]);
    close(fd);
    rs_buf_clear(&body);
    rs_buf_clear(&text);
}

static void *run(void *arg)
{
    struct play_browser *play = arg;

    for (size_t i = 0; i < play->n; i++) {
        send_step(play, i);
        play->n_sent++;
    }
    return NULL;
}

static void take_url(struct play_browser *play, const char *url)
{
    struct rs_url parts = { .port = 0 };
    struct rs_str name, value;

    (void)snprintf(play->url, sizeof play->url, "%s", url);
    if (!rs_url_split(rs_str_of(url), &parts))
        return;
    while (rs_query_next(&parts.query, &name, &value)) {
        struct rs_buf plain = RS_BUF_INIT(4096);
        struct rs_url redirect = { .port = 0 };

        rs_url_decode(&plain, value);
        if (rs_str_eq(name, RS_STR("state")) && plain.len > 0)
            (void)snprintf(play->state, sizeof play->state, "%s", plain.p);
        if (rs_str_eq(name, RS_STR("redirect_uri")) && play->port == 0 &&
            rs_url_split(rs_buf_str(&plain), &redirect))
            play->port = redirect.port;
        rs_buf_clear(&plain);
    }
}

static bool start(void *ctx, char *const *argv, struct rs_child *child, struct rs_diag *diag)
{
    struct play_browser *play = ctx;

    play->n_started++;
    if (play->cannot_start)
        return rs_fail(diag, RS_HY000, 0, "it cannot be started: No such file or directory");
    (void)snprintf(play->program, sizeof play->program, "%s", argv[0]);
    take_url(play, argv[1]);
    child->id = 0;
    play->is_running = play->n > 0 && pthread_create(&play->thread, NULL, run, play) == 0;
    return true;
}

int play_browser_free_port(void)
{
    struct sockaddr_in addr = { .sin_family = AF_INET };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    socklen_t size = sizeof addr;

    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof addr) != 0 ||
        getsockname(fd, (struct sockaddr *)&addr, &size) != 0)
        fail_msg("no port is free");
    close(fd);
    return ntohs(addr.sin_port);
}

void play_browser_init(struct play_browser *play, const struct fake_answer *answer,
                       size_t n_answers, const struct play_step *step, size_t n)
{
    static const char *const env[][2] = { { "DISPLAY", ":7" }, { NULL, NULL } };

    memset(play, 0, sizeof *play);
    memset(answers, 0, sizeof answers);
    play->answer = answers;
    fake_world_init(&play->fake, answer, n_answers);
    play->fake.world.start = start;
    play->fake.env = env;
    play->step = step;
    play->n = n;
}

void play_browser_end(struct play_browser *play)
{
    if (!play->is_running)
        return;
    (void)pthread_join(play->thread, NULL);
    play->is_running = false;
    for (size_t i = 0; i < play->n; i++) {
        const char *wants = play->step[i].wants;

        if (wants == NULL ? play->answer[i][0] != '\0'
                          : strncmp(play->answer[i], wants, strlen(wants)) != 0)
            fail_msg("request %zu: \"%.80s\" and not \"%s\"", i, play->answer[i],
                     wants == NULL ? "" : wants);
    }
}
