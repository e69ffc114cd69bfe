/* Okta: the authentication API's states, a second factor, and the application's page. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "fakeworld.h"
#include "idp/okta.h"
#include "oom.h"

#define KEYS                                                                                       \
    "idp_host=example.okta.com\nUID=bob\nPWD=CANARY\"p\napp_id=0oa/272\napp_name=amazon aws\n"
#define SUCCESS  "{\"status\":\"SUCCESS\",\"sessionToken\":\"CANARY+t\"}"
#define PAGE     "<form><input name=SAMLResponse value=\"QUJD&#x2b;w&#x3d;&#x3d;\"></form>"
#define STATE(x) "{\"status\":\"" x "\",\"stateToken\":\"CANARYs\"}"
#define FACTORS(x)                                                                                 \
    "{\"status\":\"MFA_REQUIRED\",\"stateToken\":\"CANARYs\",\"_embedded\":{\"factors\":[" x "]}}"
#define TOTP "{\"id\":\"tot1\",\"factorType\":\"token:software:totp\"}"
#define PUSH "{\"id\":\"psh1\",\"factorType\":\"push\"}"
#define WAITING                                                                                    \
    "{\"status\":\"MFA_CHALLENGE\",\"stateToken\":\"CANARYs\",\"factorResult\":\"WAITING\"}"

struct run {
    struct fake_world fake;
    struct rs_settings set;
    struct rs_idp_proof proof;
    struct rs_diag diag;
    bool ok;
};

static void go(struct run *run, const char *keys, const struct fake_answer *answer, size_t n,
               struct rs_deadline deadline)
{
    struct rs_str rest = rs_str_of(keys), line;
    struct rs_idp_ask ask = { .set = &run->set, .deadline = deadline };
    bool done = false;

    memset(run, 0, sizeof *run);
    fake_world_init(&run->fake, answer, n);
    ask.world = &run->fake.world;
    if (!rs_settings_init(&run->set, &run->diag))
        return;
    while (rs_str_split(&rest, '\n', &done, &line)) {
        ptrdiff_t eq = rs_str_chr(line, '=');

        if (line.n > 0 &&
            !rs_settings_put(&run->set, rs_key_find(rs_str_sub(line, 0, (size_t)eq)),
                             rs_str_sub(line, (size_t)eq + 1, line.n), RS_LAYER_STRING, &run->diag))
            return;
    }
    run->ok = rs_idp_okta(&ask, &run->proof, &run->diag);
    assert_int_equal(run->diag.n_error, run->ok ? 0 : 1);
    assert_null(strstr(rs_diag_first(&run->diag), "CANARY"));
}

static void done(struct run *run)
{
    rs_secret_clear(&run->proof.text);
    rs_settings_clear(&run->set);
    rs_diag_clear(&run->diag);
}

static void the_usual_way(void **state)
{
    static const struct fake_answer answers[] = { { .status = 200, .body = SUCCESS },
                                                  { .status = 200, .body = PAGE } };
    struct run run;

    (void)state;
    go(&run, KEYS, answers, RS_COUNT(answers), RS_FOREVER);
    if (!run.ok)
        fail_msg("%s", rs_diag_first(&run.diag));
    assert_string_equal(rs_secret_reveal(&run.proof.text), "QUJD+w==");
    assert_string_equal(run.fake.url[0], "https://example.okta.com/api/v1/authn");
    assert_string_equal(run.fake.body[0], "{\"username\":\"bob\",\"password\":\"CANARY\\\"p\"}");
    assert_string_equal(
        run.fake.url[1],
        "https://example.okta.com/home/amazon%20aws/0oa/272?onetimetoken=CANARY%2Bt");
    done(&run);
}

static void a_code(void **state)
{
    static const struct fake_answer answers[] = { { .status = 200, .body = FACTORS(PUSH "," TOTP) },
                                                  { .status = 200, .body = SUCCESS },
                                                  { .status = 200, .body = PAGE } };
    struct run run;

    (void)state;
    go(&run, KEYS "okta_mfa_code=123456\n", answers, RS_COUNT(answers), RS_FOREVER);
    if (!run.ok)
        fail_msg("%s", rs_diag_first(&run.diag));
    assert_string_equal(run.fake.url[1],
                        "https://example.okta.com/api/v1/authn/factors/tot1/verify");
    assert_string_equal(run.fake.body[1], "{\"stateToken\":\"CANARYs\",\"passCode\":\"123456\"}");
    done(&run);
}

static void a_push(void **state)
{
    static const struct fake_answer answers[] = {
        { .status = 200, .body = FACTORS(PUSH) }, { .status = 200, .body = WAITING },
        { .status = 200, .body = WAITING },       { .status = 200, .body = SUCCESS },
        { .status = 200, .body = PAGE },
    };
    struct run run;

    (void)state;
    go(&run, KEYS, answers, RS_COUNT(answers), RS_FOREVER);
    if (!run.ok)
        fail_msg("%s", rs_diag_first(&run.diag));
    assert_int_equal(run.fake.slept_ms, 6000);
    done(&run);
    /* no longer than the deadline lets it */
    go(&run, KEYS, answers, RS_COUNT(answers), rs_deadline_in(2000));
    assert_false(run.ok);
    assert_int_equal(rs_diag_state(&run.diag), RS_HYT00);
    done(&run);
}

static void refusals(void **state)
{
    static const struct {
        const char *keys;
        struct fake_answer answer[2];
        const char *text;
        enum rs_state want;
    } cases[] = {
        { KEYS,
          { { .status = 200, .body = STATE("MFA_REQUIRED") } },
          "Okta asks for a second factor, which this plugin cannot answer",
          RS_28000 },
        { KEYS,
          { { .status = 200, .body = FACTORS("{\"id\":\"q\",\"factorType\":\"question\"}") } },
          "Okta asks for a second factor (question), which",
          RS_28000 },
        { KEYS "okta_mfa_code=1\n",
          { { .status = 200, .body = FACTORS(PUSH) } },
          "Okta asks for a second factor (push), which",
          RS_28000 },
        { KEYS, { { .status = 200, .body = STATE("MFA_ENROLL") } }, "to be enrolled", RS_28000 },
        { KEYS,
          { { .status = 200, .body = STATE("MFA_ENROLL_ACTIVATE") } },
          "to be enrolled",
          RS_28000 },
        { KEYS,
          { { .status = 200, .body = STATE("PASSWORD_EXPIRED") } },
          "the Okta password has expired",
          RS_28000 },
        { KEYS,
          { { .status = 200, .body = STATE("PASSWORD_WARN") } },
          "about to expire",
          RS_28000 },
        { KEYS,
          { { .status = 200, .body = STATE("PASSWORD_RESET") } },
          "password reset",
          RS_28000 },
        { KEYS, { { .status = 200, .body = STATE("RECOVERY") } }, "password reset", RS_28000 },
        { KEYS,
          { { .status = 200, .body = STATE("RECOVERY_CHALLENGE") } },
          "password reset",
          RS_28000 },
        { KEYS,
          { { .status = 200, .body = STATE("LOCKED_OUT") } },
          "the Okta account is locked",
          RS_28000 },
        { KEYS,
          { { .status = 200, .body = STATE("UNAUTHENTICATED") } },
          "Okta returned status \"UNAUTHENTICATED\"",
          RS_28000 },
        { KEYS,
          { { .status = 200, .body = STATE("SUCCESS") } },
          "without a session token",
          RS_28000 },
        { KEYS, { { .status = 200, .body = "<html>" } }, "no JSON", RS_08001 },
        { KEYS,
          { { .status = 401, .body = "{\"errorCode\":\"E0000004\"}" } },
          "Okta rejected the user name or password",
          RS_28000 },
        { KEYS, /* its words repeat the password */
          { { .status = 403,
              .body = "{\"errorCode\":\"E6\",\"errorSummary\":\"not canary\\\"P, please\"}" } },
          "Okta refused access (E6)",
          RS_28000 },
        { KEYS,
          { { .status = 403, .body = "{\"errorCode\":\"E6\",\"errorSummary\":\"no\"}" } },
          "Okta refused access (E6: no)",
          RS_28000 },
        { KEYS, { { .status = 429, .body = "{}" } }, "rate limit", RS_08001 },
        { KEYS,
          { { .status = 500, .body = "CANARY" } },
          "the identity provider answered HTTP 500",
          RS_08001 },
        { KEYS,
          { { .status = 200, .body = SUCCESS }, { .status = 404 } },
          "check app_id and app_name",
          RS_28000 },
        { KEYS,
          { { .status = 200, .body = SUCCESS }, { .status = 200, .body = "<p>" } },
          "check app_id and app_name",
          RS_28000 },
        { KEYS,
          { { .status = 200, .body = SUCCESS },
            { .status = 200, .body = "<div class='x mfa-verify'>" } },
          "another sign-in step",
          RS_28000 },
        { "idp_host=h\nUID=b\nPWD=p\napp_id=a/b/c\n",
          { { .status = 200 } },
          "app_id must be",
          RS_HY000 },
        { "idp_host=h\nUID=b\nPWD=p\napp_id=a?b\n",
          { { .status = 200 } },
          "app_id must be",
          RS_HY000 },
        { "idp_host=h@i\nUID=b\nPWD=p\napp_id=a\n",
          { { .status = 200 } },
          "idp_host must be a host name",
          RS_HY000 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct run run;

        go(&run, cases[i].keys, cases[i].answer, 2, RS_FOREVER);
        if (run.ok || rs_diag_state(&run.diag) != cases[i].want ||
            strstr(rs_diag_first(&run.diag), cases[i].text) == NULL)
            fail_msg("case %zu: %s", i, rs_diag_first(&run.diag));
        done(&run);
    }
}

static bool all_of_it(void *ctx)
{
    static const struct fake_answer answers[] = { { .status = 200, .body = FACTORS(TOTP) },
                                                  { .status = 200, .body = SUCCESS },
                                                  { .status = 200, .body = PAGE } };
    struct run run;
    bool ok;

    (void)ctx;
    go(&run, KEYS "okta_mfa_code=1\n", answers, RS_COUNT(answers), RS_FOREVER);
    ok = run.ok;
    if (!ok && rs_diag_state(&run.diag) != RS_HY001)
        fail_msg("%s", rs_diag_first(&run.diag));
    done(&run);
    return ok;
}

/* Too many sign-ins: waited for once, when that ends soon by Okta's clock. */
static void rate(void **state)
{
    static const struct {
        const char *headers;
        int64_t date_s, slept_ms; /* -1: not waited for */
    } cases[] = {
        { "X-Rate-Limit-Reset: 1768478403\n", 0, 3000 },
        { "X-Rate-Limit-Reset: 1768470005\n", 1768470000, 5000 },
        { "X-Rate-Limit-Reset: 1768478400\n", 0, 0 },
        { "X-Rate-Limit-Reset: 1768478406\n", 0, -1 },
        { "X-Rate-Limit-Reset: 1768478399\n", 0, -1 },
        { "X-Rate-Limit-Reset: -9223372036854775808\n", 0, -1 },
        { "X-Rate-Limit-Reset: 9223372036854775807\n", 0, -1 },
        { "X-Rate-Limit-Reset: soon\n", 0, -1 },
        { NULL, 0, -1 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct fake_answer answers[] = {
            { .status = 429, .headers = cases[i].headers, .date_s = cases[i].date_s },
            { .status = 200, .body = SUCCESS },
            { .status = 200, .body = PAGE },
        };
        bool waits = cases[i].slept_ms >= 0;
        struct run run;

        print_message("%zu\n", i);
        go(&run, KEYS, answers, RS_COUNT(answers), RS_FOREVER);
        assert_int_equal(run.ok, waits);
        assert_int_equal(run.fake.n_asked, waits ? 3 : 1);
        assert_int_equal(run.fake.slept_ms, waits ? cases[i].slept_ms : 0);
        if (!waits)
            assert_int_equal(rs_diag_state(&run.diag), RS_08001);
        done(&run);
    }
}

/* The user says no, says nothing, or the account is locked meanwhile. */
static void pushes_in_vain(void **state)
{
    static const struct {
        const char *last, *says;
    } cases[] = {
        { "{\"status\":\"MFA_CHALLENGE\",\"factorResult\":\"REJECTED\"}",
          "the sign-in was rejected on the phone" },
        { "{\"status\":\"MFA_CHALLENGE\",\"factorResult\":\"TIMEOUT\"}",
          "nobody answered Okta's push on the phone" },
        { STATE("LOCKED_OUT"), "the Okta account is locked" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct fake_answer answers[] = {
            { .status = 200, .body = FACTORS(PUSH) },
            { .status = 200, .body = WAITING },
            { .status = 200, .body = WAITING },
            { .status = 200, .body = cases[i].last },
        };
        struct run run;

        go(&run, KEYS, answers, RS_COUNT(answers), RS_FOREVER);
        assert_false(run.ok);
        assert_int_equal(rs_diag_state(&run.diag), RS_28000);
        if (strstr(rs_diag_first(&run.diag), cases[i].says) == NULL)
            fail_msg("%s", rs_diag_first(&run.diag));
        assert_int_equal(run.fake.n_asked, 4);
        done(&run);
    }
}

static void without_memory(void **state)
{
    (void)state;
    rs_test_oom(all_of_it, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_usual_way),  cmocka_unit_test(a_code),
        cmocka_unit_test(a_push),         cmocka_unit_test(refusals),
        cmocka_unit_test(rate),           cmocka_unit_test(pushes_in_vain),
        cmocka_unit_test(without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
