/* Requests that are not signed: pauses, hints, limits. aws-api.md 1, 10.4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "auth/plaincall.h"
#include "fakeworld.h"
#include "httpserver.h"

struct run {
    struct fake_world fake;
    struct rs_source from;
    struct rs_plaincall call;
    struct rs_http_reply reply;
    struct rs_diag diag;
    bool ok;
};

static void prepare(struct run *run, const struct fake_answer *answer, size_t n)
{
    memset(run, 0, sizeof *run);
    fake_world_init(&run->fake, answer, n);
    run->from = (struct rs_source){ .world = &run->fake.world, .deadline = RS_FOREVER };
    run->call = (struct rs_plaincall){ .what = "GetRoleCredentials",
                                       .method = "GET",
                                       .url = "https://portal.example/",
                                       .ca_file = "/ca.pem",
                                       .timeout_ms = 20000,
                                       .attempts = 3 };
}

static void go(struct run *run)
{
    run->ok = rs_plaincall_send(&run->from, &run->call, &run->reply, &run->diag);
    assert_int_equal(run->diag.n_error, run->ok ? 0 : 1);
}

static void done(struct run *run)
{
    rs_http_reply_clear(&run->reply);
    rs_diag_clear(&run->diag);
}

static void pauses(void **state)
{
    static const struct {
        struct fake_answer first, second;
        double random;
        int64_t gap_ms;
        int64_t ms[2]; /* slept before the second and the third request, all in all */
    } cases[] = {
        { { .status = 500 }, { .status = 503 }, 0.0, 0, { 0, 0 } },
        { { .status = 500 }, { .status = 503 }, 0.5, 0, { 500, 1500 } },
        { { .status = 500 }, { .status = 503 }, 0.5, 1000, { 1000, 2000 } },
        { { .fail = RS_08001 }, { .fail = RS_HYT00 }, 0.5, 0, { 500, 1500 } },
        { { .status = 429 }, { .status = 429 }, 0.0, 0, { 500, 1000 } },
        { { .status = 429 }, { .status = 429 }, 0.9, 0, { 900, 2700 } },
        { { .status = 429, .headers = "Retry-After: 3\n" },
          { .status = 500 },
          0.0,
          0,
          { 3000, 3000 } },
        { { .status = 503, .headers = "retry-after: 60\n" },
          { .status = 500 },
          0.5,
          0,
          { 5500, 6500 } },
        { { .status = 503, .headers = "Retry-After: 2\n" },
          { .status = 500 },
          0.5,
          1000,
          { 2000, 3000 } },
        { { .status = 503, .headers = "Retry-After: -9\n" },
          { .status = 500 },
          0.5,
          0,
          { 500, 1500 } },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct fake_answer answer[3] = { cases[i].first, cases[i].second, { .status = 200 } };
        struct run run;

        prepare(&run, answer, 3);
        run.fake.random = cases[i].random;
        run.call.gap_ms = cases[i].gap_ms;
        go(&run);
        assert_true(run.ok);
        assert_int_equal(run.fake.n_asked, 3);
        if (run.fake.slept_before[1] != cases[i].ms[0] ||
            run.fake.slept_before[2] != cases[i].ms[1])
            fail_msg("case %zu: %lld, %lld", i, (long long)run.fake.slept_before[1],
                     (long long)run.fake.slept_before[2]);
        done(&run);
    }
}

static void no_pause_past_the_deadline(void **state)
{
    static const struct fake_answer answer[] = { { .status = 500 }, { .status = 200 } };
    struct run run;

    (void)state;
    prepare(&run, answer, 2);
    run.fake.random = 1e6; /* days */
    run.from.deadline = rs_deadline_in(3600 * 1000);
    go(&run);
    assert_true(run.ok);
    assert_int_equal(run.reply.status, 500);
    assert_int_equal(run.fake.n_asked, 1);
    assert_int_equal(run.fake.slept_ms, 0);
    done(&run);
}

static void hints(void **state)
{
    static const struct rs_http_proxy proxy = { .host = "p", .port = 1 };
    static const struct {
        const char *variable, *url;
        const struct rs_http_proxy *proxy;
        bool is_final;
        const char *says; /* NULL: no hint */
    } cases[] = {
        { "HTTPS_PROXY", "https://x/", NULL, false, "failure; HTTPS_PROXY is set, but" },
        { "https_proxy", "https://x/", NULL, false, "failure; https_proxy is set, but" },
        { "ALL_PROXY", "https://x/", NULL, false, "failure; ALL_PROXY is set, but" },
        { "all_proxy", "https://x/", NULL, false, "failure; all_proxy is set, but" },
        { "NO_PROXY", "https://x/", NULL, false, NULL },
        { "HTTPS_PROXY", "http://169.254.169.254/", NULL, false, NULL },
        { "HTTPS_PROXY", "https://x/", &proxy, false, NULL },
        { "HTTPS_PROXY", "https://x/", NULL, true, NULL },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct fake_answer answer = { .fail = RS_08001, .is_final = cases[i].is_final };
        const char *const env[][2] = { { cases[i].variable, "http://me:CANARY@p:1" },
                                       { NULL, NULL } };
        const char *text;
        struct run run;

        prepare(&run, &answer, 1);
        run.fake.env = env;
        run.call.url = cases[i].url;
        run.call.proxy = cases[i].proxy;
        run.call.attempts = 1;
        go(&run);
        assert_false(run.ok);
        text = rs_diag_first(&run.diag);
        if (cases[i].says == NULL ? strstr(text, "prox") != NULL
                                  : strstr(text, cases[i].says) == NULL)
            fail_msg("case %zu: %s", i, text);
        assert_null(strstr(text, "CANARY"));
        done(&run);
    }
}

/* Over a real line: one byte more than an answer may have. */
static void size(void **state)
{
    static char bytes[RS_PLAINCALL_MAX_REPLY + 256];
    static struct http_server server;

    (void)state;
    for (size_t more = 0; more < 2; more++) {
        size_t n = RS_PLAINCALL_MAX_REPLY + more;
        int head =
            snprintf(bytes, sizeof bytes, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", n);
        struct http_script script = { .bytes = bytes };
        char url[64];
        struct run run;

        memset(bytes + head, 'x', n);
        bytes[(size_t)head + n] = '\0';
        prepare(&run, NULL, 0);
        run.from.world = &rs_world_real;
        http_server_start(&server, &script, 1);
        snprintf(url, sizeof url, "http://127.0.0.1:%d/", server.port);
        run.call.url = url;
        go(&run);
        http_server_stop(&server);
        assert_int_equal(run.ok, more == 0);
        if (run.ok)
            assert_int_equal(run.reply.body.len, RS_PLAINCALL_MAX_REPLY);
        else
            assert_string_equal(rs_diag_first(&run.diag),
                                "GetRoleCredentials: the answer is larger than 65536 bytes");
        done(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pauses),
        cmocka_unit_test(no_pause_past_the_deadline),
        cmocka_unit_test(hints),
        cmocka_unit_test(size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
