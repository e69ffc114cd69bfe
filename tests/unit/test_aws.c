/* One signed call: errors, retries, clock, deadline, masking. aws-api.md 10. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "auth/aws.h"
#include "fakeworld.h"
#include "oom.h"

#define ERROR(code, message)                                                                       \
    "<ErrorResponse xmlns=\"http://redshift.amazonaws.com/doc/2012-12-01/\"><Error>"               \
    "<Type>Sender</Type><Code>" code "</Code><Message>" message "</Message></Error>"               \
    "<RequestId>req-1</RequestId></ErrorResponse>"
#define TOKEN  "TOKENTOKEN+/="
#define SECRET "SECRETSECRET/+"

static struct rs_creds creds;
static struct rs_endpoint endpoint;

static int set_up(void **state)
{
    struct rs_diag diag = { 0 };

    (void)state;
    creds.access_key_id = rs_str_dup(RS_STR("AKIAIOSFODNN7EXAMPLE"), &diag);
    return creds.access_key_id != NULL &&
                   rs_secret_set(&creds.secret_access_key, RS_STR(SECRET), &diag) &&
                   rs_secret_set(&creds.session_token, RS_STR(TOKEN), &diag) &&
                   rs_endpoint_make("redshift", "us-west-2", "amazonaws.com", &endpoint, &diag)
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    rs_creds_clear(&creds);
    rs_endpoint_clear(&endpoint);
    return 0;
}

struct run {
    struct fake_world fake;
    struct rs_aws aws;
    struct rs_buf reply;
    struct rs_diag diag;
    bool ok;
};

static void prepare(struct run *run, const struct fake_answer *answer, size_t n)
{
    memset(run, 0, sizeof *run);
    rs_aws_forget_clocks();
    fake_world_init(&run->fake, answer, n);
    run->reply = (struct rs_buf)RS_BUF_WIPED(RS_AWS_MAX_REPLY);
    run->aws = (struct rs_aws){ .world = &run->fake.world,
                                .deadline = RS_FOREVER,
                                .creds = &creds,
                                .endpoint = &endpoint,
                                .region = "us-west-2",
                                .service = "redshift",
                                .ca_file = "/ca.pem" };
}

static void go(struct run *run)
{
    struct rs_aws_call call = { .operation = "DoThing", .body = RS_STR("Action=DoThing") };

    run->ok = rs_aws_send(&run->aws, &call, &run->reply, &run->diag);
    assert_int_equal(run->diag.n_error, run->ok ? 0 : 1);
    assert_null(strstr(rs_diag_first(&run->diag), TOKEN));
    assert_null(strstr(rs_diag_first(&run->diag), SECRET));
}

static void done(struct run *run)
{
    rs_buf_clear(&run->reply);
    rs_diag_clear(&run->diag);
}

static void request(void **state)
{
    static const struct fake_answer answer[] = { { .status = 200, .body = "<ok/>" } };
    struct run run;

    (void)state;
    prepare(&run, answer, 1);
    go(&run);
    assert_true(run.ok);
    assert_string_equal(run.reply.p, "<ok/>");
    assert_string_equal(run.fake.url[0], "https://redshift.us-west-2.amazonaws.com/");
    assert_string_equal(run.fake.body[0], "Action=DoThing");
    assert_string_equal(run.fake.ca_file[0], "/ca.pem");
    assert_true(fake_world_had_header(&run.fake, 0, "Host", "redshift.us-west-2.amazonaws.com"));
    assert_true(fake_world_had_header(&run.fake, 0, "X-Amz-Date", "20260115T120000Z"));
    assert_true(fake_world_had_header(&run.fake, 0, "X-Amz-Security-Token", TOKEN));
    assert_non_null(strstr(run.fake.headers[0],
                           "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token,"));
    done(&run);
}

/* The last answer decides; all before it must have been worth another attempt. */
static void errors(void **state)
{
    static const struct {
        struct fake_answer answer;
        enum rs_state want;
        const char *says;
        size_t asked;
    } cases[] = {
        { { .status = 403, .body = ERROR("AccessDenied", "User x may not do") },
          RS_28000,
          "DoThing: AccessDenied: User x may not do (HTTP 403, request id req-1)",
          1 },
        { { .status = 403, .body = ERROR("InvalidClientTokenId", "m") },
          RS_28000,
          "access key",
          1 },
        { { .status = 403, .body = ERROR("SignatureDoesNotMatch", "m") },
          RS_28000,
          "secret key",
          1 },
        { { .status = 403, .body = ERROR("ExpiredToken", "m") }, RS_28000, "expired", 1 },
        { { .status = 403, .body = ERROR("MissingAuthenticationToken", "m") },
          RS_HY000,
          "driver",
          1 },
        { { .status = 403, .body = ERROR("OptInRequired", "m") }, RS_28000, "not enabled", 1 },
        { { .status = 404, .body = ERROR("ClusterNotFound", "m") },
          RS_08001,
          "check ClusterID",
          1 },
        { { .status = 400, .body = ERROR("InvalidParameterValue", "m") },
          RS_HY000,
          "(HTTP 400",
          1 },
        { { .status = 400, .body = ERROR("SomethingNew", "m") }, RS_HY000, "SomethingNew: m", 1 },
        { { .status = 403, .body = ERROR("SomethingNew", "m") }, RS_28000, "SomethingNew: m", 1 },
        { { .status = 404, .body = "<html>CANARY</html>" },
          RS_HY000,
          "DoThing: HTTP404 (HTTP 404)",
          1 },
        { { .status = 404, .body = "", .headers = "x-amzn-RequestId: id-9\n" },
          RS_HY000,
          "HTTP404 (HTTP 404, request id id-9)",
          1 },
        { { .status = 302, .body = "" }, RS_HY000, "redirect", 1 },
        { { .status = 407, .body = "" }, RS_HY000, "HTTP407", 1 },
        { { .status = 400, .body = ERROR("A\nB", "one\ntwo") },
          RS_HY000,
          "DoThing: A: one (HTTP",
          1 },
        { { .status = 400, .body = "<ErrorResponse><Error><Code></Code></Error></ErrorResponse>" },
          RS_HY000,
          "HTTP400",
          1 },
        { { .status = 500, .body = "" }, RS_HY000, "3 attempts", 3 },
        { { .status = 502, .body = "" }, RS_HY000, "3 attempts", 3 },
        { { .status = 503, .body = ERROR("ServiceUnavailable", "m") }, RS_HY000, "3 attempts", 3 },
        { { .status = 504, .body = "" }, RS_HY000, "3 attempts", 3 },
        { { .status = 501, .body = "" }, RS_HY000, "HTTP501", 1 },
        { { .status = 429, .body = "" }, RS_HY000, "3 attempts", 3 },
        { { .status = 400, .body = ERROR("Throttling", "m") }, RS_HY000, "3 attempts", 3 },
        { { .status = 400, .body = ERROR("X", "Rate exceeded") }, RS_HY000, "3 attempts", 3 },
        { { .status = 400, .body = ERROR("InternalFailure", "m") }, RS_HY000, "3 attempts", 3 },
        { { .fail = RS_08001 }, RS_08001, "DoThing: scripted failure (redshift.us-west-2", 3 },
        { { .fail = RS_08001, .is_final = true }, RS_08001, "scripted failure", 1 },
        { { .fail = RS_HYT00 },
          RS_08001,
          "no answer from redshift.us-west-2.amazonaws.com within 60 s",
          3 },
        { { .fail = RS_HY000, .is_final = true }, RS_HY000, "scripted failure", 1 },
        { { .fail = RS_HY001, .is_final = true }, RS_HY001, "", 1 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct fake_answer answer[3] = { cases[i].answer, cases[i].answer, cases[i].answer };
        struct run run;

        prepare(&run, answer, 3);
        go(&run);
        assert_false(run.ok);
        if (rs_diag_state(&run.diag) != cases[i].want || run.fake.n_asked != cases[i].asked ||
            strstr(rs_diag_first(&run.diag), cases[i].says) == NULL ||
            strstr(rs_diag_first(&run.diag), "CANARY") != NULL)
            fail_msg("case %zu: %s, %zu requests: %s", i,
                     rs_state_text(rs_diag_state(&run.diag), false), run.fake.n_asked,
                     rs_diag_first(&run.diag));
        done(&run);
    }
}

static void secrets_are_masked(void **state)
{
    static const struct fake_answer answer[] = {
        { .status = 400,
          .body = ERROR("Odd",
                        "a " TOKEN " b " SECRET " c " TOKEN "\n'x-amz-security-token:" TOKEN) }
    };
    struct run run;

    (void)state;
    prepare(&run, answer, 1);
    go(&run); /* looks for the secrets */
    assert_non_null(strstr(rs_diag_first(&run.diag), "Odd: a **** b **** c **** (HTTP 400"));
    done(&run);
}

static void retries(void **state)
{
    static const struct {
        struct fake_answer first, second;
        double random;
        int64_t ms[2]; /* slept before the second and the third request, all in all */
    } cases[] = {
        { { .status = 500 }, { .status = 500 }, 0.0, { 0, 0 } },
        { { .status = 500 }, { .status = 500 }, 0.5, { 500, 1500 } },
        { { .status = 500 }, { .status = 500 }, 0.999, { 999, 2997 } },
        { { .status = 429 }, { .status = 429 }, 0.0, { 500, 1000 } },
        { { .status = 429 }, { .status = 429 }, 0.9, { 900, 2700 } },
        { { .fail = RS_08001 }, { .fail = RS_08001 }, 0.5, { 500, 1500 } },
        { { .status = 503, .headers = "Retry-After: 3\n" },
          { .status = 500 },
          0.0,
          { 3000, 3000 } },
        { { .status = 503, .headers = "Retry-After: 60\n" },
          { .status = 500 },
          0.5,
          { 5500, 6500 } },
        { { .status = 503, .headers = "Retry-After: 0\n" }, { .status = 500 }, 0.5, { 500, 1500 } },
        { { .status = 503, .headers = "Retry-After: soon\n" },
          { .status = 500 },
          0.5,
          { 500, 1500 } },
        { { .status = 503, .headers = "Retry-After: 9999999999999999\n" },
          { .status = 500 },
          0.0,
          { 5000, 5000 } },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct fake_answer answer[3] = { cases[i].first,
                                         cases[i].second,
                                         { .status = 200, .body = "<ok/>" } };
        struct run run;

        prepare(&run, answer, 3);
        run.fake.random = cases[i].random;
        go(&run);
        assert_true(run.ok);
        assert_int_equal(run.fake.n_asked, 3);
        assert_int_equal(run.fake.slept_before[1], cases[i].ms[0]);
        assert_int_equal(run.fake.slept_before[2], cases[i].ms[1]);
        done(&run);
    }
}

/* Each attempt is signed anew. */
static void retries_are_signed_anew(void **state)
{
    static const struct fake_answer answer[] = { { .status = 503, .headers = "Retry-After: 4\n" },
                                                 { .status = 200, .body = "x" } };
    struct run run;

    (void)state;
    prepare(&run, answer, 2);
    run.fake.random = 0;
    go(&run);
    assert_true(run.ok);
    assert_true(fake_world_had_header(&run.fake, 1, "X-Amz-Date", "20260115T120004Z"));
    done(&run);
}

static void clock_skew(void **state)
{
    enum { NOW = 1768478400, HOUR = 3600 };
    static const struct {
        const char *body;
        int64_t date_s;
        size_t asked;
    } cases[] = {
        { ERROR("RequestExpired", "m"), NOW + HOUR, 2 },
        { ERROR("RequestTimeTooSkewed", "m"), NOW - HOUR, 2 },
        { ERROR("RequestInTheFuture", "m"), NOW - 1, 2 },
        { ERROR("RequestExpired", "m"), 0, 1 },
        { ERROR("SignatureDoesNotMatch", "m"), NOW + HOUR, 2 },
        { ERROR("SignatureDoesNotMatch", "m"), NOW + 241, 2 },
        { ERROR("SignatureDoesNotMatch", "m"), NOW - 241, 2 },
        { ERROR("SignatureDoesNotMatch", "m"), NOW + 240, 1 },
        { ERROR("SignatureDoesNotMatch", "m"), NOW - 240, 1 },
        { ERROR("AuthFailure", "m"), NOW + HOUR, 2 },
        { ERROR("AccessDenied", "m"), NOW + HOUR, 1 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct fake_answer answer[] = {
            { .status = 403, .body = cases[i].body, .date_s = cases[i].date_s },
            { .status = 200, .body = "<ok/>" }
        };
        struct run run;

        prepare(&run, answer, 2);
        go(&run);
        if (run.fake.n_asked != cases[i].asked)
            fail_msg("case %zu: %zu requests", i, run.fake.n_asked);
        assert_int_equal(run.ok, cases[i].asked == 2);
        if (run.ok)
            assert_int_equal(rs_aws_now(&run.aws), cases[i].date_s);
        assert_int_equal(run.fake.slept_ms, 0);
        done(&run);
    }
}

/* The corrected attempt is not one of the three; it happens once; the offset is remembered. */
static void clock_is_corrected_once(void **state)
{
    static const struct fake_answer answer[] = {
        { .status = 500 },
        { .status = 403, .body = ERROR("RequestExpired", "m"), .date_s = 1768478400 + 7200 },
        { .status = 500 },
        { .status = 403, .body = ERROR("RequestExpired", "m"), .date_s = 1768478400 + 9000 },
    };
    static const struct fake_answer good[] = { { .status = 200, .body = "x" } };
    static const struct fake_answer again[] = {
        { .status = 403, .body = ERROR("RequestExpired", "m"), .date_s = 1768478400 + 9000 },
        { .status = 200, .body = "x" },
    };
    struct run run;

    (void)state;
    prepare(&run, answer, 4);
    run.fake.random = 0;
    go(&run);
    assert_false(run.ok);
    assert_int_equal(run.fake.n_asked, 4);
    assert_true(fake_world_had_header(&run.fake, 2, "X-Amz-Date", "20260115T140000Z"));
    assert_true(fake_world_had_header(&run.fake, 3, "X-Amz-Date", "20260115T140000Z"));
    done(&run);

    fake_world_init(&run.fake, good, 1);
    go(&run);
    assert_true(run.ok);
    assert_true(fake_world_had_header(&run.fake, 0, "X-Amz-Date", "20260115T140000Z"));
    done(&run);

    /* what was remembered may be wrong by now */
    fake_world_init(&run.fake, again, 2);
    go(&run);
    assert_true(run.ok);
    assert_true(fake_world_had_header(&run.fake, 1, "X-Amz-Date", "20260115T143000Z"));
    done(&run);
    rs_aws_forget_clocks();
}

static void deadline_passed(void **state)
{
    static const struct fake_answer answer[] = { { .status = 500 }, { .status = 500 } };
    struct run run;

    (void)state;
    prepare(&run, answer, 2);
    run.aws.deadline = (struct rs_deadline){ rs_now_ms() - 1 };
    go(&run);
    assert_false(run.ok);
    assert_int_equal(rs_diag_state(&run.diag), RS_HYT00);
    assert_int_equal(run.fake.n_asked, 0);
    done(&run);

    /* no pause that would outlast the deadline */
    prepare(&run, answer, 2);
    run.fake.random = 1e6; /* days */
    run.aws.deadline = rs_deadline_in(3600 * 1000);
    go(&run);
    assert_false(run.ok);
    assert_int_equal(run.fake.n_asked, 1);
    assert_int_equal(run.fake.slept_ms, 0);
    done(&run);
}

static void proxy_hint(void **state)
{
    static const char *const names[] = { "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy" };
    static const struct fake_answer soft[] = { { .fail = RS_08001 },
                                               { .fail = RS_08001 },
                                               { .fail = RS_08001 } };
    static const struct fake_answer hard[] = { { .fail = RS_08001, .is_final = true } };
    struct run run;

    (void)state;
    for (size_t i = 0; i < RS_COUNT(names); i++) {
        const char *const env[][2] = { { names[i], "http://p:1" }, { NULL, NULL } };

        prepare(&run, soft, 3);
        run.fake.env = env;
        go(&run);
        assert_non_null(strstr(rs_diag_first(&run.diag), names[i]));
        assert_non_null(strstr(rs_diag_first(&run.diag), "proxies are not taken"));
        done(&run);
        prepare(&run, hard, 1);
        run.fake.env = env;
        go(&run);
        assert_null(strstr(rs_diag_first(&run.diag), "proxies"));
        done(&run);
    }
    prepare(&run, soft, 3);
    go(&run);
    assert_null(strstr(rs_diag_first(&run.diag), "proxies"));
    done(&run);
}

static void times(void **state)
{
    static const struct {
        const char *text;
        int64_t want; /* -1: none */
    } cases[] = {
        { "2026-01-15T12:15:00Z", 1768479300 },
        { "2026-01-15T12:15:00.456Z", 1768479300 },
        { "1970-01-01T00:00:00Z", 0 },
        { "2024-02-29T23:59:59Z", 1709251199 },
        { "2000-03-01T00:00:00Z", 951868800 },
        { "2026-01-15T12:15:00", -1 },
        { "2026-01-15 12:15:00Z", -1 },
        { "2026-13-15T12:15:00Z", -1 },
        { "2026-01-15T24:15:00Z", -1 },
        { "2026-01-15T12:15:00+01:00", 1768475700 },
        { "2026-01-15T12:15:00.5-05:30", 1768499100 },
        { "2026-01-15T12:15:00+00:00", 1768479300 },
        { "2026-01-15T12:15:00+0100", -1 },
        { "2026-01-15T12:15:00+24:00", -1 },
        { "2026-01-15T12:15:00+01:00Z", -1 },
        { "", -1 },
        { "soon", -1 },
        { "2026-01-15T12:15:00Z ", -1 },
        { "1768479300.123456789012345", -1 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        int64_t got = -1;

        if (rs_aws_time(rs_str_of(cases[i].text), &got) != (cases[i].want >= 0) ||
            got != cases[i].want)
            fail_msg("%s: %lld", cases[i].text, (long long)got);
    }
}

static bool send_once(void *ctx)
{
    struct run *run = ctx;
    struct rs_aws_call call = { .operation = "DoThing", .body = RS_STR("Action=DoThing") };

    fake_world_rewind(&run->fake);
    rs_aws_forget_clocks();
    rs_buf_clear(&run->reply);
    rs_diag_clear(&run->diag);
    run->ok = rs_aws_send(&run->aws, &call, &run->reply, &run->diag);
    if (!run->ok)
        assert_int_equal(rs_diag_state(&run->diag), RS_HY001);
    assert_int_equal(run->diag.n_error, run->ok ? 0 : 1);
    return run->ok;
}

static void sweep(void **state)
{
    static const struct fake_answer answer[] = {
        { .status = 403, .body = ERROR("RequestExpired", "m " TOKEN), .date_s = 1768482000 },
        { .status = 200, .body = "<ok/>" }
    };
    struct run run;

    (void)state;
    prepare(&run, answer, 2);
    rs_test_oom(send_once, &run);
    done(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request),
        cmocka_unit_test(errors),
        cmocka_unit_test(secrets_are_masked),
        cmocka_unit_test(retries),
        cmocka_unit_test(retries_are_signed_anew),
        cmocka_unit_test(clock_skew),
        cmocka_unit_test(clock_is_corrected_once),
        cmocka_unit_test(deadline_passed),
        cmocka_unit_test(proxy_hint),
        cmocka_unit_test(times),
        cmocka_unit_test(sweep),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
