/* One request against a scripted server: what goes out, what comes in, how it fails. */
#define _GNU_SOURCE /* setenv */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http.h"
#include "httpserver.h"
#include "oom.h"

static struct http_server server;

struct outcome {
    bool ok, retryable;
    struct rs_http_reply reply;
    struct rs_diag diag;
};

static void ask(struct outcome *out, struct rs_http_request req)
{
    char url[128];

    memset(out, 0, sizeof *out);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/path/", server.port);
    if (req.url == NULL)
        req.url = url;
    if (req.deadline.at_ms == 0)
        req.deadline = rs_deadline_in(20000);
    if (req.max_reply_bytes == 0)
        req.max_reply_bytes = 65536;
    out->ok = rs_http_send(&req, &out->reply, &out->retryable, &out->diag);
    assert_int_equal(out->diag.n_error, out->ok ? 0 : 1);
}

static void done(struct outcome *out)
{
    rs_http_reply_clear(&out->reply);
    rs_diag_clear(&out->diag);
}

/* One scripted answer to a plain POST. */
static void exchange(struct outcome *out, const char *bytes, struct rs_http_request req)
{
    struct http_script script = { .bytes = bytes };

    http_server_start(&server, &script, 1);
    if (req.method == NULL)
        req.method = "POST";
    ask(out, req);
    http_server_stop(&server);
}

static void request_and_reply(void **state)
{
    struct rs_header header[] = { { RS_STR("Host"), RS_STR("aws.example") },
                                  { RS_STR("X-Thing"), RS_STR("a b") } };
    struct rs_http_request req = { .headers = header, .n_headers = 2, .body = RS_STR("a=1&b=2") };
    struct outcome out;

    (void)state;
    exchange(&out,
             "HTTP/1.1 403 Forbidden\r\nDate: Thu, 15 Jan 2026 12:00:00 GMT\r\n"
             "X-Thing:  one \r\nx-thing: two\r\nContent-Length: 5\r\n\r\nhello",
             req);
    assert_true(out.ok);
    assert_int_equal(out.reply.status, 403);
    assert_string_equal(out.reply.body.p, "hello");
    assert_true(out.reply.body.wipe);
    assert_int_equal(out.reply.date_s, 1768478400);
    assert_true(rs_str_eq(rs_http_header(&out.reply, "X-THING"), RS_STR("one")));
    assert_int_equal(rs_http_header(&out.reply, "Thing").n, 0);
    done(&out);

    assert_int_equal(strncmp(server.asked[0], "POST /path/ HTTP/1.1\r\n", 22), 0);
    assert_non_null(strstr(server.asked[0], "\r\nHost: aws.example\r\n"));
    assert_null(strstr(server.asked[0], "127.0.0.1"));
    assert_non_null(strstr(server.asked[0], "\r\nX-Thing: a b\r\n"));
    assert_non_null(strstr(server.asked[0], "\r\nUser-Agent: redshift-odbc/"));
    assert_non_null(strstr(server.asked[0], "\r\n\r\na=1&b=2"));
    assert_null(strstr(server.asked[0], "Expect"));
    assert_null(strstr(server.asked[0], "Accept-Encoding"));
}

static void big_body_without_expect(void **state)
{
    static char body[3 << 20]; /* the library asks first from 1 MiB on */
    struct rs_http_request req = { .body = { body, sizeof body } };
    struct outcome out;

    (void)state;
    memset(body, 'x', sizeof body);
    exchange(&out, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", req);
    assert_true(out.ok);
    assert_null(strstr(server.asked[0], "Expect"));
    done(&out);
}

static void redirects_are_not_followed(void **state)
{
    struct outcome out;

    (void)state;
    exchange(&out,
             "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
             (struct rs_http_request){ 0 });
    assert_true(out.ok);
    assert_int_equal(out.reply.status, 302);
    done(&out);
}

static void interim_answers_are_skipped(void **state)
{
    struct outcome out;

    (void)state;
    exchange(&out,
             "HTTP/1.1 103 Early Hints\r\nX-A: early\r\n\r\n"
             "HTTP/1.1 200 OK\r\nX-A: late\r\nContent-Length: 2\r\n\r\nok",
             (struct rs_http_request){ 0 });
    assert_true(out.ok);
    assert_int_equal(out.reply.status, 200);
    assert_true(rs_str_eq(rs_http_header(&out.reply, "x-a"), RS_STR("late")));
    assert_int_equal(out.reply.date_s, 0);
    done(&out);
}

static void failures(void **state)
{
    static const struct {
        const char *bytes;
        enum rs_state want;
        bool retryable;
    } cases[] = {
        { NULL, RS_08001, true },
        { "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", RS_08001, true },
        { "HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n"
          "0123456789012345678901234567890123456789012345678901234567890123456789",
          RS_HY000, false },
        { "garbage\r\n\r\n", RS_08001, false },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_http_request req = { .max_reply_bytes = 64 };
        struct outcome out;

        exchange(&out, cases[i].bytes, req);
        assert_false(out.ok);
        assert_int_equal(rs_diag_state(&out.diag), cases[i].want);
        assert_int_equal(out.retryable, cases[i].retryable);
        assert_null(out.reply.body.p);
        done(&out);
    }
}

static void size_limit_is_exact(void **state)
{
    (void)state;
    for (size_t max = 4; max <= 5; max++) {
        struct rs_http_request req = { .max_reply_bytes = max };
        struct outcome out;

        exchange(&out, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", req);
        assert_int_equal(out.ok, max == 5);
        if (!out.ok)
            assert_non_null(strstr(rs_diag_first(&out.diag), "larger than 4 bytes"));
        done(&out);
    }
}

static void endless_headers(void **state)
{
    struct http_script script = {
        .bytes = "HTTP/1.1 103 Early Hints\r\nX-A: 0123456789012345678901234567890123456789\r\n"
                 "X-B: 0123456789012345678901234567890123456789\r\n",
        .repeat = 5000
    };
    struct outcome out;

    (void)state;
    http_server_start(&server, &script, 1);
    ask(&out, (struct rs_http_request){ .method = "POST" });
    http_server_stop(&server);
    assert_false(out.ok);
    done(&out);
}

/* It is asked to connect, by its own name and password, and sees no header of the request. */
static void proxy_refuses(void **state)
{
    struct http_script script = { .bytes = "HTTP/1.1 407 Who\r\nX-Proxy: 1\r\n"
                                           "Content-Length: 0\r\n\r\n" };
    struct rs_header header = { RS_STR("Authorization"), RS_STR("CANARY") };
    struct rs_http_proxy proxy = { .host = "127.0.0.1", .user = "u:ser", .password = "p w" };
    struct rs_http_request req = { .method = "GET",
                                   .url = "https://aws.invalid/x",
                                   .headers = &header,
                                   .n_headers = 1,
                                   .proxy = &proxy,
                                   .deadline = rs_deadline_in(5000),
                                   .max_reply_bytes = 1000 };
    struct rs_http_reply reply = { 0 };
    struct rs_diag diag = { 0 };
    bool retryable = true;

    (void)state;
    http_server_start(&server, &script, 1);
    proxy.port = server.port;
    assert_false(rs_http_send(&req, &reply, &retryable, &diag));
    http_server_stop(&server);
    assert_false(retryable);
    assert_int_equal(rs_diag_state(&diag), RS_08001);
    assert_non_null(strstr(rs_diag_first(&diag), "refused the connection (HTTP 407); https_proxy"));
    assert_int_equal(strncmp(server.asked[0], "CONNECT aws.invalid:443 HTTP/1.1\r\n", 34), 0);
    assert_non_null(strstr(server.asked[0], "Proxy-Authorization: Basic dTpzZXI6cCB3\r\n"));
    assert_null(strstr(server.asked[0], "CANARY"));
    rs_diag_clear(&diag);
    rs_http_reply_clear(&reply);
}

/* Cookies go back to where they came from; a request by itself has none. */
static void sessions(void **state)
{
    static const struct http_script script[] = {
        { .bytes = "HTTP/1.1 302 Found\r\nSet-Cookie: a=CANARY1; Path=/\r\nSet-Cookie: b=2; "
                   "Path=/elsewhere\r\nContent-Length: 0\r\n\r\n" },
        { .bytes = "HTTP/1.1 200 OK\r\nSet-Cookie: a=; Max-Age=0; Path=/\r\n"
                   "Set-Cookie: c=3; Domain=example.com\r\nContent-Length: 0\r\n\r\n" },
        { .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" },
        { .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" },
    };
    struct rs_http_session session = { NULL };
    struct rs_header header = { RS_STR("X-Once"), RS_STR("1") };
    struct rs_http_request post = { .method = "POST",
                                    .session = &session,
                                    .headers = &header,
                                    .n_headers = 1,
                                    .body = RS_STR("CANARYbody") };
    struct rs_http_request get = { .method = "GET",
                                   .session = &session,
                                   .user_agent = "Mozilla/5.0" };
    struct outcome out;

    (void)state;
    http_server_start(&server, script, RS_COUNT(script));
    ask(&out, post);
    assert_true(out.ok);
    done(&out);
    ask(&out, get);
    assert_true(out.ok);
    done(&out);
    ask(&out, get);
    assert_true(out.ok);
    done(&out);
    rs_http_session_clear(&session);
    ask(&out, get);
    assert_true(out.ok);
    done(&out);
    rs_http_session_clear(&session);
    rs_http_session_clear(&session);
    http_server_stop(&server);
    assert_null(strstr(server.asked[0], "Cookie"));
    assert_non_null(strstr(server.asked[0], "X-Once: 1\r\n"));
    assert_non_null(strstr(server.asked[1], "GET /path/ "));
    assert_non_null(strstr(server.asked[1], "\r\nCookie: a=CANARY1\r\n"));
    assert_non_null(strstr(server.asked[1], "\r\nUser-Agent: Mozilla/5.0\r\n"));
    assert_null(strstr(server.asked[1], "X-Once"));
    assert_null(strstr(server.asked[1], "CANARYbody"));
    assert_null(strstr(server.asked[2], "Cookie"));
    assert_null(strstr(server.asked[3], "Cookie"));
}

static void nobody_listens(void **state)
{
    struct rs_http_request req = { .method = "POST" };
    struct outcome out;

    (void)state;
    req.url = "http://127.0.0.1:1/";
    ask(&out, req);
    assert_false(out.ok);
    assert_true(out.retryable);
    assert_int_equal(rs_diag_state(&out.diag), RS_08001);
    done(&out);
}

static void proxies_of_the_environment_are_not_used(void **state)
{
    struct outcome out;

    (void)state;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    exchange(&out, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", (struct rs_http_request){ 0 });
    unsetenv("http_proxy");
    unsetenv("ALL_PROXY");
    assert_true(out.ok);
    done(&out);
}

/* The system makes the connection, and nobody is there. */
static void deadline(void **state)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct rs_http_request req = { .method = "POST" };
    struct outcome out;
    char url[64];

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, n), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", ntohs(at.sin_port));
    req.url = url;
    req.deadline = rs_deadline_in(50);
    ask(&out, req);
    close(fd);
    assert_false(out.ok);
    assert_true(out.retryable);
    assert_int_equal(rs_diag_state(&out.diag), RS_HYT00);
    done(&out);
}

static void no_line_ends_in_headers(void **state)
{
    static const char *const values[] = { "a\nX-Evil: 1", "a\r", "\n" };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(values); i++) {
        struct rs_header header = { RS_STR("X-Amz-Security-Token"), rs_str_of(values[i]) };
        struct rs_http_request req = { .method = "POST", .headers = &header, .n_headers = 1 };
        struct outcome out;

        req.url = "http://127.0.0.1:1/";
        ask(&out, req);
        assert_false(out.ok);
        assert_int_equal(rs_diag_state(&out.diag), RS_HY000);
        assert_null(strstr(rs_diag_first(&out.diag), "Evil"));
        done(&out);
    }
}

static void other_schemes(void **state)
{
    static const char *const urls[] = { "file:///etc/hostname", "ftp://127.0.0.1/", "nonsense" };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(urls); i++) {
        struct outcome out;

        ask(&out, (struct rs_http_request){
                      .method = "GET", .url = urls[i], .deadline = rs_deadline_in(2000) });
        assert_false(out.ok);
        done(&out);
    }
}

static bool send_once(void *ctx)
{
    struct http_script script = { .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" };
    struct rs_header header = { RS_STR("X-A"), RS_STR("b") };
    struct outcome out;

    (void)ctx;
    http_server_start(&server, &script, 1);
    ask(&out, (struct rs_http_request){ .method = "POST", .headers = &header, .n_headers = 1 });
    http_server_stop(&server);
    if (!out.ok)
        assert_int_equal(rs_diag_state(&out.diag), RS_HY001);
    done(&out);
    return out.ok;
}

static void sweep(void **state)
{
    (void)state;
    rs_test_oom(send_once, NULL);
}

/* Asked of a proxy that refuses: what is refused may be no memory, and then says so. */
static bool send_by_proxy(void *ctx)
{
    struct http_script script = { .bytes = "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n" };
    struct rs_http_proxy proxy = { .host = "127.0.0.1", .user = "me", .password = "CANARY" };
    struct rs_header header = { RS_STR("X-A"), RS_STR("b") };
    struct rs_http_request req = { .method = "POST",
                                   .url = "https://aws.invalid/x",
                                   .headers = &header,
                                   .n_headers = 1,
                                   .proxy = &proxy };
    struct outcome out;
    bool is_refused;

    (void)ctx;
    http_server_start(&server, &script, 1);
    proxy.port = server.port;
    ask(&out, req);
    http_server_stop(&server);
    assert_false(out.ok);
    is_refused = rs_diag_state(&out.diag) == RS_08001;
    assert_int_equal(rs_diag_state(&out.diag), is_refused ? RS_08001 : RS_HY001);
    assert_int_equal(out.retryable, is_refused);
    done(&out);
    return is_refused;
}

static void sweep_of_proxies(void **state)
{
    (void)state;
    rs_test_oom(send_by_proxy, NULL);
}

static void real_world(void **state)
{
    const struct rs_world *world = &rs_world_real;
    double a = world->random01(world->ctx);

    (void)state;
    assert_true(a >= 0 && a < 1);
    assert_true(world->utc_ms(world->ctx) / 1000 - world->utc_s(world->ctx) <= 1);
    assert_null(world->env(world->ctx, "RS_SURELY_NOT_SET"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_and_reply),
        cmocka_unit_test(big_body_without_expect),
        cmocka_unit_test(redirects_are_not_followed),
        cmocka_unit_test(interim_answers_are_skipped),
        cmocka_unit_test(failures),
        cmocka_unit_test(size_limit_is_exact),
        cmocka_unit_test(endless_headers),
        cmocka_unit_test(proxy_refuses),
        cmocka_unit_test(sessions),
        cmocka_unit_test(nobody_listens),
        cmocka_unit_test(proxies_of_the_environment_are_not_used),
        cmocka_unit_test(deadline),
        cmocka_unit_test(no_line_ends_in_headers),
        cmocka_unit_test(other_schemes),
        cmocka_unit_test(sweep),
        cmocka_unit_test(sweep_of_proxies),
        cmocka_unit_test(real_world),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
