/* The local listener: hostile requests and good ones, its limits, who may speak to it, and the
 * browser that is started or is not there. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "idp/incoming.h"
#include "idp/listener.h"
#include "idp/pkce.h"
#include "oom.h"
#include "playbrowser.h"

#define URL  "https://idp.example/start"
#define HOST "Host: localhost:{port}\r\n"
#define FORM "Content-Type: application/x-www-form-urlencoded\r\n"
#define POST "POST /redshift/ HTTP/1.1\r\n"
#define LEN  "Content-Length: {body}\r\n"
#define END  "\r\n"

/* ---- requests as text ---- */

static void test_requests(void **state)
{
    static const struct {
        const char *text;
        enum rs_incoming_says says;
        int status;
    } cases[] = {
        { POST "Host: localhost:7890\r\n" FORM "Content-Length: 3\r\n\r\na=b", RS_INCOMING_WHOLE,
          0 },
        { "POST /redshift?x HTTP/1.0\r\nhost:[::1]:7890\r\nCONTENT-TYPE: "
          "application/X-www-form-urlencoded ; charset=utf-8\r\nContent-Length: 0\r\n\r\n",
          RS_INCOMING_WHOLE, 0 },
        { POST "Host: 127.0.0.1:7890\r\n" FORM "Content-Length: 4\r\n\r\na=b", RS_INCOMING_MORE,
          0 },
        { "", RS_INCOMING_MORE, 0 },
        { POST "Host: localhost:7890\r", RS_INCOMING_MORE, 0 },
        /* Host */
        { POST FORM "Content-Length: 0\r\n\r\n", RS_INCOMING_REFUSED, 403 },
        { POST "Host:\r\n\r\n", RS_INCOMING_REFUSED, 403 },
        { POST "Host: localhost\r\n\r\n", RS_INCOMING_REFUSED, 403 },
        { POST "Host: localhost:7891\r\n\r\n", RS_INCOMING_REFUSED, 403 },
        { POST "Host: localhost:78900\r\n\r\n", RS_INCOMING_REFUSED, 403 },
        { POST "Host: localhost.:7890\r\n\r\n", RS_INCOMING_REFUSED, 403 },
        { POST "Host: localhost.evil.example:7890\r\n\r\n", RS_INCOMING_REFUSED, 403 },
        { POST "Host: evil.example:7890\r\n\r\n", RS_INCOMING_REFUSED, 403 },
        { POST "Host: 127.0.0.2:7890\r\n\r\n", RS_INCOMING_REFUSED, 403 },
        { POST "Host: localhost:7890\r\nHost: localhost:7890\r\n\r\n", RS_INCOMING_REFUSED, 400 },
        /* path and method */
        { "POST / HTTP/1.1\r\nHost: localhost:7890\r\n\r\n", RS_INCOMING_REFUSED, 404 },
        { "POST /redshift/x HTTP/1.1\r\nHost: localhost:7890\r\n\r\n", RS_INCOMING_REFUSED, 404 },
        { "POST http://localhost:7890/redshift/ HTTP/1.1\r\nHost: localhost:7890\r\n\r\n",
          RS_INCOMING_REFUSED, 404 },
        { "GET /favicon.ico HTTP/1.1\r\nHost: localhost:7890\r\n\r\n", RS_INCOMING_REFUSED, 404 },
        { "GET /redshift/ HTTP/1.1\r\nHost: localhost:7890\r\n\r\n", RS_INCOMING_REFUSED, 405 },
        { "OPTIONS /redshift/ HTTP/1.1\r\nHost: localhost:7890\r\n\r\n", RS_INCOMING_REFUSED, 405 },
        { "OPTIONS /x HTTP/1.1\r\nHost: localhost:7890\r\n\r\n", RS_INCOMING_REFUSED, 405 },
        { "post /redshift/ HTTP/1.1\r\nHost: localhost:7890\r\n\r\n", RS_INCOMING_REFUSED, 405 },
        { "POST /redshift/ HTTP/2.0\r\nHost: localhost:7890\r\n\r\n", RS_INCOMING_REFUSED, 505 },
        /* length and coding */
        { POST "Host: localhost:7890\r\n" FORM "\r\n", RS_INCOMING_REFUSED, 411 },
        { POST "Host: localhost:7890\r\n" FORM
               "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
          RS_INCOMING_REFUSED, 411 },
        { POST "Host: localhost:7890\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
          RS_INCOMING_REFUSED, 400 },
        { POST "Host: localhost:7890\r\nContent-Length: -1\r\n\r\n", RS_INCOMING_REFUSED, 400 },
        { POST "Host: localhost:7890\r\nContent-Length: +1\r\n\r\n", RS_INCOMING_REFUSED, 400 },
        { POST "Host: localhost:7890\r\nContent-Length:\r\n\r\n", RS_INCOMING_REFUSED, 400 },
        { POST "Host: localhost:7890\r\n" FORM "Content-Length: 524289\r\n\r\n",
          RS_INCOMING_REFUSED, 413 },
        { POST "Host: localhost:7890\r\n" FORM "Content-Length: 99999999999999999999999\r\n\r\n",
          RS_INCOMING_REFUSED, 413 },
        { POST "Host: localhost:7890\r\n" FORM "Content-Length: 524288\r\n\r\n", RS_INCOMING_MORE,
          0 },
        /* type */
        { POST "Host: localhost:7890\r\nContent-Length: 0\r\n\r\n", RS_INCOMING_REFUSED, 415 },
        { POST "Host: localhost:7890\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n",
          RS_INCOMING_REFUSED, 415 },
        { POST "Host: localhost:7890\r\nContent-Type: "
               "application/x-www-form-urlencodedx\r\nContent-Length: 0\r\n\r\n",
          RS_INCOMING_REFUSED, 415 },
        /* what is no HTTP */
        { "\r\n", RS_INCOMING_REFUSED, 400 },
        { "\x16\x03\x01\x02", RS_INCOMING_REFUSED, 400 },
        { "POST /redshift/\r\n", RS_INCOMING_REFUSED, 400 },
        { "POST  /redshift/ HTTP/1.1\r\n", RS_INCOMING_REFUSED, 400 },
        { "POST /redshift/ HTTP/1.1\nHost: localhost:7890\n\n", RS_INCOMING_REFUSED, 400 },
        { POST "Host: localhost:7890\r\n folded\r\n\r\n", RS_INCOMING_REFUSED, 400 },
        { POST "Host : localhost:7890\r\n\r\n", RS_INCOMING_REFUSED, 400 },
        { POST "no colon\r\n\r\n", RS_INCOMING_REFUSED, 400 },
        { POST "Host: localhost:7890\r\n\rX", RS_INCOMING_REFUSED, 400 },
        { POST "Host: localhost:7890\r\nOrigin: a\r\nOrigin: b\r\n\r\n", RS_INCOMING_REFUSED, 400 },
        /* bodies */
        { POST "Host: localhost:7890\r\n" FORM "Content-Length: 5\r\n\r\na=%00",
          RS_INCOMING_REFUSED, 400 },
        { POST "Host: localhost:7890\r\n" FORM "Content-Length: 4\r\n\r\na=%4", RS_INCOMING_REFUSED,
          400 },
        { POST "Host: localhost:7890\r\n" FORM "Content-Length: 5\r\n\r\na=%zz",
          RS_INCOMING_REFUSED, 400 },
    };
    static const struct rs_incoming_want want = { .port = 7890 };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_str text = rs_str_of(cases[i].text);
        struct rs_incoming out;
        enum rs_incoming_says says = rs_incoming_read(text, &want, &out);

        if (says != cases[i].says || out.status != cases[i].status)
            fail_msg("case %zu: %d, %d", i, (int)says, out.status);
        /* Nothing of it is a verdict too early. */
        for (size_t n = 0; n < text.n && says == RS_INCOMING_WHOLE; n++)
            assert_int_equal(rs_incoming_read(rs_str_sub(text, 0, n), &want, &out),
                             RS_INCOMING_MORE);
    }
}

static void test_get(void **state)
{
    static const struct {
        const char *text;
        enum rs_incoming_says says;
        const char *fields;
        int status;
    } cases[] = {
        { "GET /?code=a&state=b HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n", RS_INCOMING_WHOLE,
          "code=a&state=b", 0 },
        { "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", RS_INCOMING_WHOLE, "", 0 },
        { "GET /? HTTP/1.1\r\nHost: localhost\r\n\r\n", RS_INCOMING_WHOLE, "", 0 },
        { "GET /x?code=a HTTP/1.1\r\nHost: localhost\r\n\r\n", RS_INCOMING_REFUSED, "", 404 },
        { "POST /?code=a HTTP/1.1\r\nHost: localhost\r\n\r\n", RS_INCOMING_REFUSED, "", 405 },
        { "GET /?code=%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", RS_INCOMING_REFUSED, NULL, 400 },
        { "GET /?code=a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n",
          RS_INCOMING_REFUSED, "", 411 },
    };
    static const struct rs_incoming_want want = { .by_get = true, .port = 80 };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_incoming out;

        if (rs_incoming_read(rs_str_of(cases[i].text), &want, &out) != cases[i].says ||
            out.status != cases[i].status ||
            (cases[i].fields != NULL && !rs_str_eq(out.fields, rs_str_of(cases[i].fields))))
            fail_msg("case %zu: %d \"%.*s\"", i, out.status, RS_ARG(out.fields));
    }
}

static void test_fields(void **state)
{
    static const struct {
        const char *fields, *name;
        enum rs_field found;
        const char *value;
    } cases[] = {
        { "a=1&code=x%20y+z&b", "code", RS_FIELD_ONE, "x y z" },
        { "c%6fde=x", "code", RS_FIELD_ONE, "x" },
        { "code", "code", RS_FIELD_ONE, "" },
        { "code=a=b", "code", RS_FIELD_ONE, "a=b" },
        { "code=a%2Bb%26", "code", RS_FIELD_ONE, "a+b&" },
        { "code=a&code=a", "code", RS_FIELD_REPEATED, "" },
        { "code=a&c%6Fde=b", "code", RS_FIELD_REPEATED, "" },
        { "Code=a&codes=b&cod=c&%2Bcode=d", "code", RS_FIELD_NONE, "" },
        { "", "code", RS_FIELD_NONE, "" },
        { "&&=&", "code", RS_FIELD_NONE, "" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_buf value = RS_BUF_INIT(100);

        if (rs_incoming_field(rs_str_of(cases[i].fields), cases[i].name, &value) !=
                cases[i].found ||
            strcmp(value.p == NULL ? "" : value.p, cases[i].value) != 0)
            fail_msg("case %zu: \"%s\"", i, value.p == NULL ? "" : value.p);
        rs_buf_clear(&value);
    }
}

/* RFC 7636, Appendix B. */
static void test_pkce(void **state)
{
    struct rs_pkce one = { .challenge = "" }, two = { .challenge = "" };
    struct rs_diag diag = { 0 };
    char challenge[48];

    (void)state;
    assert_true(
        rs_pkce_challenge(RS_STR("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), challenge, &diag));
    assert_string_equal(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    assert_true(rs_pkce_make(32, &one, &diag));
    assert_true(rs_pkce_make(60, &two, &diag));
    assert_int_equal(rs_secret_len(&one.verifier), 43);
    assert_int_equal(rs_secret_len(&two.verifier), 80);
    assert_int_equal(rs_secret_len(&one.state), 43);
    assert_int_equal(strspn(rs_secret_reveal(&two.verifier),
                            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
                     80);
    assert_false(rs_secret_equal(&one.state, &two.state));
    assert_true(rs_pkce_is_state(&one, rs_str_of(rs_secret_reveal(&one.state))));
    assert_false(rs_pkce_is_state(&one, rs_str_of(rs_secret_reveal(&two.state))));
    assert_false(rs_pkce_is_state(&one, RS_STR("")));
    assert_true(rs_pkce_challenge(rs_str_of(rs_secret_reveal(&one.verifier)), challenge, &diag));
    assert_string_equal(challenge, one.challenge);
    rs_pkce_clear(&one);
    assert_false(rs_pkce_is_state(&one, RS_STR("")));
    rs_pkce_clear(&two);
}

/* ---- waiting ---- */

struct bed {
    struct play_browser play;
    struct rs_settings set;
    struct rs_idp_ask ask;
    struct rs_listener listener;
    struct rs_diag diag;
    struct rs_log log;
    struct rs_buf told; /* of the log */
    char got[64];
};

static void on_event(void *ctx, enum rs_log_level level, const char *event, struct rs_str text)
{
    struct bed *bed = ctx;

    (void)level;
    rs_buf_addf(&bed->told, "%s: %.*s\n", event, RS_ARG(text));
}

static enum rs_verdict take(void *ctx, const struct rs_incoming *request, struct rs_diag *diag)
{
    struct bed *bed = ctx;
    struct rs_buf value = RS_BUF_INIT(1 << 20);
    enum rs_field found = rs_incoming_field(request->fields, "SAMLResponse", &value);
    enum rs_verdict verdict = RS_VERDICT_BAD;

    if (request->has_origin && rs_str_eq(request->origin, RS_STR("https://evil.example")))
        verdict = RS_VERDICT_STRANGER;
    else if (found == RS_FIELD_ONE && strncmp(value.p, "fail", 4) == 0)
        verdict =
            rs_fail(diag, RS_28000, 0, "the provider refused") ? RS_VERDICT_BAD : RS_VERDICT_FAILED;
    else if (found == RS_FIELD_ONE && strncmp(value.p, "good", 4) == 0)
        verdict = RS_VERDICT_TAKEN;
    if (verdict == RS_VERDICT_TAKEN)
        snprintf(bed->got, sizeof bed->got, "%zu %s", value.len, value.p);
    rs_buf_clear(&value);
    return verdict;
}

static void set_key(struct bed *bed, enum rs_key_id id, const char *value)
{
    assert_true(rs_settings_put(&bed->set, id, rs_str_of(value), RS_LAYER_STRING, &bed->diag));
}

static void make_bed(struct bed *bed, const struct play_step *step, size_t n)
{
    memset(bed, 0, sizeof *bed);
    bed->told = (struct rs_buf)RS_BUF_INIT(1 << 20);
    bed->log = (struct rs_log){ .level = RS_LOG_DEBUG,
                                .listener = on_event,
                                .listener_ctx = bed,
                                .listener_level = RS_LOG_DEBUG };
    play_browser_init(&bed->play, NULL, 0, step, n);
    assert_true(rs_settings_init(&bed->set, &bed->diag));
    bed->ask = (struct rs_idp_ask){
        .set = &bed->set, .world = &bed->play.fake.world, .deadline = RS_FOREVER, .log = &bed->log
    };
    bed->listener =
        (struct rs_listener){ .ask = &bed->ask, .what = "SAML response", .take = take, .ctx = bed };
}

/* True: an answer was taken. */
static bool run_bed(struct bed *bed)
{
    bool ok = rs_listener_open(&bed->listener, 0, &bed->diag);

    if (!ok)
        return false;
    bed->play.port = (int)rs_listener_port(&bed->listener);
    ok = rs_listener_run(&bed->listener, URL, &bed->diag);
    rs_listener_close(&bed->listener);
    play_browser_end(&bed->play);
    if (bed->diag.n_error != (ok ? 0 : 1))
        fail_msg("%zu errors: %s", bed->diag.n_error, rs_diag_first(&bed->diag));
    return ok;
}

static void clear_bed(struct bed *bed)
{
    play_browser_end(&bed->play);
    rs_listener_close(&bed->listener);
    rs_settings_clear(&bed->set);
    rs_diag_clear(&bed->diag);
    rs_buf_clear(&bed->told);
}

static void expect(const struct bed *bed, enum rs_state state, const char *text)
{
    if (rs_diag_state(&bed->diag) != state || strstr(rs_diag_first(&bed->diag), text) == NULL)
        fail_msg("%s \"%s\" and not \"%s\"", rs_state_text(rs_diag_state(&bed->diag), false),
                 rs_diag_first(&bed->diag), text);
}

#define GOOD                                                                                       \
    {                                                                                              \
        .body = "SAMLResponse=good", .wants = "HTTP/1.1 200 OK\r\n"                                \
    }
#define REFUSED(number) .wants = "HTTP/1.1 " #number " "

/* Whatever comes, waiting goes on until the answer is there. */
static void test_hostile(void **state)
{
    static const struct play_step steps[] = {
        { .body = "SAMLResponse=bad", REFUSED(400) },
        { .body = "other=good", REFUSED(400) },
        { .body = "SAMLResponse=good&SAMLResponse=good", REFUSED(400) },
        { .body = "SAMLResponse=good%00", REFUSED(400) },
        { .body = "SAMLResponse=good", .extra = "Origin: https://evil.example\r\n", REFUSED(403) },
        { .head = POST "Host: evil.example:{port}\r\n" FORM LEN END,
          .body = "SAMLResponse=good",
          REFUSED(403) },
        { .head = POST FORM LEN END, .body = "SAMLResponse=good", REFUSED(403) },
        { .head = POST HOST FORM "Transfer-Encoding: chunked\r\n" END,
          .body = "11\r\nSAMLResponse=good\r\n0\r\n\r\n",
          REFUSED(411) },
        { .head = POST HOST "Content-Type: text/xml\r\n" LEN END,
          .body = "SAMLResponse=good",
          REFUSED(415) },
        { .head = "POST /saml HTTP/1.1\r\n" HOST FORM LEN END,
          .body = "SAMLResponse=good",
          REFUSED(404) },
        { .head = "GET /favicon.ico HTTP/1.1\r\n" HOST END, REFUSED(404) },
        { .head = "OPTIONS /redshift/ HTTP/1.1\r\n" HOST "Origin: https://evil.example\r\n" END,
          REFUSED(405) },
        { .head = "GET /redshift/?SAMLResponse=good HTTP/1.1\r\n" HOST END, REFUSED(405) },
        { .head = POST HOST "X: x", .repeat = 1 << 20, REFUSED(431) },
        { .head = "GET /x", .repeat = 1 << 20, REFUSED(414) },
        { .body = "SAMLResponse=good", .repeat = 1 << 20, REFUSED(413) },
        { .head = "\x16\x03\x01\x02", REFUSED(400) },
        { .keeps_quiet = true },
        GOOD,
    };
    struct bed bed;

    (void)state;
    make_bed(&bed, steps, RS_COUNT(steps));
    assert_true(run_bed(&bed));
    assert_string_equal(bed.got, "4 good");
    for (size_t i = 0; i < RS_COUNT(steps); i++) {
        const char *answer = bed.play.answer[i];

        if (answer[0] == '\0')
            continue;
        assert_non_null(strstr(answer, "\r\nConnection: close\r\n"));
        assert_non_null(strstr(answer, "\r\nCache-Control: no-store\r\n"));
        assert_non_null(strstr(answer, "\r\nContent-Security-Policy: default-src 'none'\r\n"));
        assert_non_null(strstr(answer, "\r\nX-Content-Type-Options: nosniff\r\n"));
        assert_null(strcasestr(answer, "access-control"));
        assert_null(strstr(answer, "good"));
        assert_null(strstr(answer, "evil"));
    }
    /* Of what came the log tells the status only. */
    assert_non_null(strstr(bed.told.p, "auth.listener: a request was refused: 403 Forbidden\n"));
    assert_null(strstr(bed.told.p, "good"));
    assert_null(strstr(bed.told.p, "evil"));
    clear_bed(&bed);
}

static void test_pages(void **state)
{
    static const struct play_step good[] = { GOOD };
    static const struct play_step fails[] = { { .body = "SAMLResponse=fail",
                                                .wants = "HTTP/1.1 200 OK\r\n" } };
    struct bed bed;
    const char *page;
    char length[64];

    (void)state;
    make_bed(&bed, good, 1);
    assert_true(run_bed(&bed));
    page = strstr(bed.play.answer[0], "\r\n\r\n");
    assert_non_null(page);
    snprintf(length, sizeof length, "\r\nContent-Length: %zu\r\n", strlen(page + 4));
    assert_non_null(strstr(bed.play.answer[0], length));
    assert_non_null(strstr(page, "Your sign-in is complete. You may close this window"));
    assert_string_equal(bed.play.program, "xdg-open");
    assert_string_equal(bed.play.url, URL);
    clear_bed(&bed);

    make_bed(&bed, fails, 1);
    assert_false(run_bed(&bed));
    expect(&bed, RS_28000, "the provider refused");
    assert_non_null(strstr(bed.play.answer[0], "The sign-in did not succeed"));
    clear_bed(&bed);
}

/* Over both addresses, byte by byte, the largest body; a second request finds nobody. */
static void test_good(void **state)
{
    static const struct play_step cases[][2] = {
        { GOOD },
        { { .body = "SAMLResponse=good", .by_v6 = true, .wants = "HTTP/1.1 200 OK\r\n" } },
        { { .body = "SAMLResponse=good", .is_slow = true, .wants = "HTTP/1.1 200 OK\r\n" } },
        { { .body = "SAMLResponse=goodx",
            .repeat = (512 << 10) - 18,
            .wants = "HTTP/1.1 200 OK\r\n" } },
        { GOOD, { .body = "SAMLResponse=good", .wants = NULL } },
    };
    static const char *const got[] = { "4 good", "4 good", "4 good", "524275 goodx", "4 good" };
    int v6 = socket(AF_INET6, SOCK_STREAM, 0);
    struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    bool has_v6 = v6 >= 0 && bind(v6, (struct sockaddr *)&any, sizeof any) == 0;

    (void)state;
    if (v6 >= 0)
        close(v6);
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct bed bed;

        if (cases[i][0].by_v6 && !has_v6)
            continue;
        make_bed(&bed, cases[i], cases[i][1].body != NULL ? 2 : 1);
        if (!run_bed(&bed))
            fail_msg("case %zu: %s", i, rs_diag_first(&bed.diag));
        assert_memory_equal(bed.got, got[i], strlen(got[i]));
        clear_bed(&bed);
    }
}

/* A sender that never ends is left after its time, and the next one is heard. */
static void test_stuck(void **state)
{
    static const struct play_step steps[] = {
        { .head = POST HOST FORM "Content-Length: 100\r\n" END, .body = "SAMLResponse=good" },
        GOOD,
    };
    struct bed bed;
    int64_t began = rs_now_ms();

    (void)state;
    make_bed(&bed, steps, RS_COUNT(steps));
    assert_true(run_bed(&bed));
    assert_true(rs_now_ms() - began >= 5000);
    clear_bed(&bed);
}

static void test_too_many(void **state)
{
    static struct play_step steps[65];
    struct bed bed;

    (void)state;
    for (size_t i = 0; i < 64; i++)
        steps[i] =
            (struct play_step){ .head = "GET /favicon.ico HTTP/1.1\r\n" HOST END, REFUSED(404) };
    steps[64] = (struct play_step){ .body = "SAMLResponse=good", .wants = NULL };
    make_bed(&bed, steps, RS_COUNT(steps));
    assert_false(run_bed(&bed));
    expect(&bed, RS_08001, "64 connections came to port");
    clear_bed(&bed);
}

static void test_times(void **state)
{
    static const struct play_step refused[] = { { .head = "POST /saml HTTP/1.1\r\n" HOST END,
                                                  REFUSED(404) } };
    struct bed bed;

    (void)state;
    /* the browser never returns */
    make_bed(&bed, NULL, 0);
    bed.set.idp_response_timeout = 1;
    assert_false(run_bed(&bed));
    expect(&bed, RS_HYT00, "no SAML response arrived within 1 seconds");
    clear_bed(&bed);

    /* what came instead is told */
    make_bed(&bed, refused, 1);
    bed.set.idp_response_timeout = 1;
    assert_false(run_bed(&bed));
    expect(&bed, RS_HYT00, "; the last request that came was refused with HTTP 404 Not Found");
    clear_bed(&bed);

    make_bed(&bed, NULL, 0);
    bed.ask.deadline = rs_deadline_in(200);
    assert_false(run_bed(&bed));
    expect(&bed, RS_HYT00,
           "the login timeout ran out before the browser brought the SAML response");
    clear_bed(&bed);
}

/* ---- the port ---- */

static int other_listener(int family, int port)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
                               .sin6_port = htons((uint16_t)port),
                               .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 ||
        bind(fd, family == AF_INET ? (void *)&v4 : (void *)&v6,
             family == AF_INET ? sizeof v4 : sizeof v6) != 0 ||
        listen(fd, 1) != 0) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

static void test_port(void **state)
{
    static const int families[] = { AF_INET, AF_INET6 };
    struct bed bed;
    char digits[16];
    int32_t port;

    (void)state;
    make_bed(&bed, NULL, 0);
    assert_true(rs_listener_open(&bed.listener, 0, &bed.diag));
    port = rs_listener_port(&bed.listener);
    assert_true(port > 0);
    assert_int_equal(other_listener(AF_INET, port), -1);
    rs_listener_close(&bed.listener);
    rs_listener_close(&bed.listener);
    snprintf(digits, sizeof digits, "%d", (int)port);
    set_key(&bed, RS_KEY_listen_port, digits);
    for (size_t i = 0; i < RS_COUNT(families); i++) {
        int fd = other_listener(families[i], port);
        char want[64];

        if (fd < 0)
            continue; /* no IPv6 here */
        assert_false(rs_listener_open(&bed.listener, 7890, &bed.diag));
        snprintf(want, sizeof want, "port %d is in use (listen_port)", (int)port);
        expect(&bed, RS_08001, want);
        rs_diag_clear(&bed.diag);
        close(fd);
    }
    assert_true(rs_listener_open(&bed.listener, 7890, &bed.diag));
    assert_int_equal(rs_listener_port(&bed.listener), port);
    rs_listener_close(&bed.listener);
    bed.set.listen_port = 0;
    assert_false(rs_listener_open(&bed.listener, 7890, &bed.diag));
    expect(&bed, RS_HY000, "listen_port must be between 1 and 65535");
    rs_diag_clear(&bed.diag);
    assert_true(rs_listener_open(&bed.listener, 0, &bed.diag));
    clear_bed(&bed);
}

/* Only on the loopback addresses. */
static void test_addresses(void **state)
{
    struct bed bed;

    (void)state;
    make_bed(&bed, NULL, 0);
    assert_true(rs_listener_open(&bed.listener, 0, &bed.diag));
    for (int i = 0; i < 2; i++) {
        struct sockaddr_storage addr;
        socklen_t size = sizeof addr;

        if (bed.listener.listen.fd[i] < 0)
            continue;
        assert_int_equal(getsockname(bed.listener.listen.fd[i], (struct sockaddr *)&addr, &size),
                         0);
        if (addr.ss_family == AF_INET)
            assert_int_equal(((struct sockaddr_in *)&addr)->sin_addr.s_addr,
                             htonl(INADDR_LOOPBACK));
        else
            assert_true(IN6_IS_ADDR_LOOPBACK(&((struct sockaddr_in6 *)&addr)->sin6_addr));
    }
    clear_bed(&bed);
}

/* ---- the browser ---- */

static void test_no_browser(void **state)
{
    static const char *const nothing[][2] = { { NULL, NULL } };
    static const char *const own[][2] = { { "RSODBC_BROWSER", "/opt/b" }, { NULL, NULL } };
    static const char *const named[][2] = { { "BROWSER", "lynx" }, { NULL, NULL } };
    static const struct play_step good[] = { GOOD };
    struct bed bed;
    char port[64];

    (void)state;
    /* no display, nobody reads a log: at once */
    make_bed(&bed, NULL, 0);
    bed.play.fake.env = nothing;
    bed.ask.log = NULL;
    assert_false(run_bed(&bed));
    expect(&bed, RS_HY000, "could not open a browser: there is no display; ");
    expect(&bed, RS_HY000, URL);
    snprintf(port, sizeof port, "ssh -L %d:localhost:%d", bed.play.port, bed.play.port);
    expect(&bed, RS_HY000, port);
    assert_int_equal(bed.play.n_started, 0);
    clear_bed(&bed);

    /* with a log the driver waits */
    make_bed(&bed, NULL, 0);
    bed.play.fake.env = nothing;
    bed.set.idp_response_timeout = 1;
    assert_false(run_bed(&bed));
    expect(&bed, RS_HYT00, "no SAML response arrived within 1 seconds; no browser could be opened");
    expect(&bed, RS_HYT00, URL);
    assert_non_null(strstr(bed.told.p, "auth.browser: there is no display: open " URL " in a"));
    clear_bed(&bed);

    make_bed(&bed, NULL, 0);
    bed.play.cannot_start = true;
    bed.ask.log = NULL;
    assert_false(run_bed(&bed));
    expect(&bed, RS_HY000, "could not open a browser: it cannot be started: No such file");
    assert_int_equal(bed.play.n_started, 1);
    clear_bed(&bed);

    make_bed(&bed, good, 1);
    bed.play.fake.env = own;
    assert_true(run_bed(&bed));
    assert_string_equal(bed.play.program, "/opt/b");
    clear_bed(&bed);

    make_bed(&bed, good, 1);
    bed.play.fake.env = named;
    assert_true(run_bed(&bed));
    assert_string_equal(bed.play.program, "xdg-open");
    clear_bed(&bed);
}

static void test_urls(void **state)
{
    static const char *const bad[] = {
        "http://idp.example/",
        "https://idp.example/a b",
        "https://idp.example/\n",
        "https://idp.example/\"",
        "https://idp.example/'",
        "https://idp.example/`id`",
        "https://u:p@idp.example",
        "https://",
        "-help",
        "file:///etc/passwd",
        "https://idp.example/\xc3\xa9",
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(bad); i++) {
        struct bed bed;
        struct rs_browser browser = { .url = bad[i] };

        make_bed(&bed, NULL, 0);
        browser.ask = &bed.ask;
        if (rs_browser_open(&browser, &bed.diag))
            fail_msg("%s", bad[i]);
        expect(&bed, RS_HY000, "the URL of the sign-in page is not one");
        assert_int_equal(bed.play.n_started, 0);
        clear_bed(&bed);
    }
}

/* ---- real programs ---- */

static char folder[] = "/tmp/rs_browser_XXXXXX";
static char program[64], out_path[64];

static void write_program(const char *text)
{
    FILE *file;

    assert_non_null(mkdtemp(strcpy(folder, "/tmp/rs_browser_XXXXXX")));
    snprintf(program, sizeof program, "%s/b", folder);
    snprintf(out_path, sizeof out_path, "%s/out", folder);
    file = fopen(program, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(program, 0700), 0);
}

static void remove_program(void)
{
    unlink(program);
    unlink(out_path);
    rmdir(folder);
}

static void read_out(char *to, size_t size)
{
    to[0] = '\0';
    for (int i = 0; i < 400 && strchr(to, '\n') == NULL; i++) {
        FILE *file = fopen(out_path, "r");

        if (file != NULL) {
            to[fread(to, 1, size - 1, file)] = '\0';
            fclose(file);
        }
        rs_sleep_ms(10);
    }
}

/* One argument, no shell, streams to nowhere, none of our descriptors. */
static void test_program(void **state)
{
    char url[] = "https://h/?a=$(id)&b=`id`;x", missing[] = "/nowhere/b";
    char *argv[] = { program, url, NULL };
    struct rs_child child = { 0 };
    struct rs_diag diag = { 0 };
    char said[1024];
    int status = -1, extra = dup(1);

    (void)state;
    write_program("#!/bin/sh\n"
                  "d=$(dirname \"$0\"); exec 9>\"$d/out.new\"\n"
                  "echo \"$# $1 $(readlink /proc/$$/fd/0) $(readlink /proc/$$/fd/1) "
                  "$(readlink /proc/$$/fd/2) $(ls /proc/$$/fd | grep -c '^[3-8]$')\" >&9\n"
                  "mv \"$d/out.new\" \"$d/out\"\nexit 3\n");
    assert_true(rs_os_start(argv, &child, &diag));
    assert_true(child.id > 0);
    read_out(said, sizeof said);
    while (!rs_child_has_ended(&child, &status))
        rs_sleep_ms(5);
    assert_int_equal(status, 3);
    assert_int_equal(child.id, 0);
    if (strncmp(said, "1 https://h/?a=$(id)&b=`id`;x /dev/null /dev/null /dev/null ", 60) != 0)
        fail_msg("%s", said);
    close(extra);
    remove_program();
    assert_false(rs_os_start((char *[]){ missing, NULL }, &child, &diag));
    assert_int_equal(rs_diag_state(&diag), RS_HY000);
    assert_non_null(strstr(rs_diag_first(&diag), "it cannot be started"));
    rs_diag_clear(&diag);
}

/* One that is left is no zombie for long: the next start reaps it. */
static void test_left(void **state)
{
    struct rs_child child = { 0 }, next = { 0 };
    struct rs_diag diag = { 0 };
    int status;
    pid_t pid;

    (void)state;
    write_program("#!/bin/sh\nsleep 0.2\n");
    assert_true(rs_os_start((char *[]){ program, NULL }, &child, &diag));
    pid = (pid_t)child.id;
    rs_child_leave(&child);
    assert_int_equal(child.id, 0);
    rs_child_leave(&child);
    for (int i = 0; i < 500; i++) {
        siginfo_t info = { 0 };

        if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | WNOHANG) == 0 && info.si_pid == pid)
            break;
        rs_sleep_ms(10);
    }
    assert_true(rs_os_start((char *[]){ program, NULL }, &next, &diag));
    assert_int_equal(waitpid(pid, &status, WNOHANG), -1);
    while (!rs_child_has_ended(&next, &status))
        rs_sleep_ms(10);
    remove_program();
}

/* A program that says it could not ends the wait, one that stays does not hold it up. */
static void test_program_fails(void **state)
{
    char path[64];
    const char *const env[][2] = { { "RSODBC_BROWSER", path }, { NULL, NULL } };
    struct bed bed;

    (void)state;
    write_program("#!/bin/sh\nexit 4\n");
    snprintf(path, sizeof path, "%s", program);
    make_bed(&bed, NULL, 0);
    bed.play.fake.world.start = rs_world_real.start;
    bed.play.fake.env = env;
    bed.ask.log = NULL;
    assert_false(run_bed(&bed));
    expect(&bed, RS_HY000, "the program that opens pages could not open one");
    clear_bed(&bed);
    remove_program();

    write_program("#!/bin/sh\nexec sleep 3\n");
    snprintf(path, sizeof path, "%s", program);
    make_bed(&bed, NULL, 0);
    bed.play.fake.world.start = rs_world_real.start;
    bed.play.fake.env = env;
    bed.set.idp_response_timeout = 1;
    assert_false(run_bed(&bed));
    expect(&bed, RS_HYT00, "no SAML response arrived within 1 seconds");
    clear_bed(&bed);
    remove_program();
}

/* ---- memory, descriptors ---- */

static size_t count_fds(void)
{
    DIR *dir = opendir("/proc/self/fd");
    size_t n = 0;

    while (dir != NULL && readdir(dir) != NULL)
        n++;
    if (dir != NULL)
        closedir(dir);
    return n;
}

static bool run_once(void *ctx)
{
    static const struct play_step steps[] = { GOOD };
    struct bed bed;
    bool ok;
    size_t n_fds = count_fds();

    (void)ctx;
    memset(&bed, 0, sizeof bed);
    play_browser_init(&bed.play, NULL, 0, steps,
                      0); /* nobody plays: what it allocates is not ours */
    bed.set.idp_response_timeout = 10;
    bed.ask = (struct rs_idp_ask){ .set = &bed.set,
                                   .world = &bed.play.fake.world,
                                   .deadline = rs_deadline_in(30) };
    bed.listener =
        (struct rs_listener){ .ask = &bed.ask, .what = "answer", .take = take, .ctx = &bed };
    ok = rs_listener_open(&bed.listener, 0, &bed.diag) &&
         rs_listener_run(&bed.listener, URL, &bed.diag);
    assert_false(ok);
    assert_int_equal(bed.diag.n_error, 1);
    ok = rs_diag_state(&bed.diag) == RS_HYT00;
    if (!ok)
        assert_int_equal(rs_diag_state(&bed.diag), RS_HY001);
    rs_diag_clear(&bed.diag);
    assert_int_equal(count_fds(), n_fds);
    return ok;
}

static void test_memory(void **state)
{
    (void)state;
    rs_test_oom(run_once, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests),      cmocka_unit_test(test_get),
        cmocka_unit_test(test_fields),        cmocka_unit_test(test_pkce),
        cmocka_unit_test(test_hostile),       cmocka_unit_test(test_pages),
        cmocka_unit_test(test_good),          cmocka_unit_test(test_stuck),
        cmocka_unit_test(test_too_many),      cmocka_unit_test(test_times),
        cmocka_unit_test(test_port),          cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_no_browser),    cmocka_unit_test(test_urls),
        cmocka_unit_test(test_program),       cmocka_unit_test(test_left),
        cmocka_unit_test(test_program_fails), cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
