/* BrowserIdcAuthPlugin: registering, the code with PKCE, asking for the token until it is there,
 * the way without a browser, what is kept, and no secret told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "auth/auth.h"
#include "auth/credcache.h"
#include "idp/oidckeep.h"
#include "oom.h"
#include "playbrowser.h"

#define IDC                                                                                        \
    "Server=h\nDatabase=d\nplugin_name=BrowserIdcAuthPlugin\nidc_region=us-west-2\n"               \
    "issuer_url=https://example.awsapps.com/start\nlisten_port=1\n"

#define CLIENT                                                                                     \
    "{\"clientId\":\"CLIENT\",\"clientSecret\":\"CANARYsecret\",\"clientSecretExpiresAt\":"        \
    "1776254400}"
#define TOKEN   "{\"accessToken\":\"CANARYtoken\",\"tokenType\":\"Bearer\",\"expiresIn\":28800}"
#define PENDING "{\"error\":\"authorization_pending\",\"error_description\":\"not yet\"}"
#define DEVICE                                                                                     \
    "{\"deviceCode\":\"CANARYdevice\",\"userCode\":\"ABCD-EFGH\",\"verificationUri\":"             \
    "\"https://device.example/\",\"verificationUriComplete\":\"https://device.example/?user_code=" \
    "ABCD-EFGH\",\"expiresIn\":600,\"interval\":1}"

#define GET(query) "GET /" query " HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"
#define GOOD                                                                                       \
    {                                                                                              \
        .head = GET("?code=CANARYcode&state={state}"), .wants = "HTTP/1.1 200 OK\r\n"              \
    }

struct bed {
    struct play_browser play;
    struct rs_settings set;
    struct rs_login login;
    struct rs_diag diag;
    struct rs_log log;
    struct rs_buf told;
};

static void on_event(void *ctx, enum rs_log_level level, const char *event, struct rs_str text)
{
    struct bed *bed = ctx;

    (void)level;
    rs_buf_addf(&bed->told, "%s: %.*s\n", event, RS_ARG(text));
}

static void read_keys(struct rs_settings *set, const char *keys)
{
    struct rs_str rest = rs_str_of(keys), line;
    struct rs_diag diag = { 0 };
    bool done = false;

    assert_true(rs_settings_init(set, &diag));
    while (rs_str_split(&rest, '\n', &done, &line)) {
        ptrdiff_t eq = rs_str_chr(line, '=');

        if (line.n > 0)
            assert_true(rs_settings_put(set, rs_key_find(rs_str_sub(line, 0, (size_t)eq)),
                                        rs_str_sub(line, (size_t)eq + 1, line.n), RS_LAYER_STRING,
                                        &diag));
    }
}

/* Of the tests' listener. The same for all, since it goes into what is kept. */
static int port;

static void make_bed(struct bed *bed, const char *keys, const struct fake_answer *answer,
                     size_t n_answers, const struct play_step *step, size_t n)
{
    memset(bed, 0, sizeof *bed);
    bed->told = (struct rs_buf)RS_BUF_INIT(1 << 20);
    bed->log = (struct rs_log){ .level = RS_LOG_DEBUG,
                                .listener = on_event,
                                .listener_ctx = bed,
                                .listener_level = RS_LOG_DEBUG };
    play_browser_init(&bed->play, answer, n_answers, step, n);
    read_keys(&bed->set, keys);
    if (bed->set.listen_port == 1)
        bed->set.listen_port = port;
}

static bool resolve(struct bed *bed, struct rs_deadline deadline, bool has_log)
{
    bool ok = rs_settings_check(&bed->set, &bed->diag) &&
              rs_auth_resolve(&bed->set, &bed->play.fake.world, deadline,
                              has_log ? &bed->log : NULL, &bed->login, &bed->diag);

    play_browser_end(&bed->play);
    if (bed->diag.n_error != (ok ? 0 : 1))
        fail_msg("%zu errors: %s", bed->diag.n_error, rs_diag_first(&bed->diag));
    return ok;
}

static void clear_bed(struct bed *bed)
{
    play_browser_end(&bed->play);
    if (bed->told.len > 0)
        assert_null(strstr(bed->told.p, "CANARY"));
    for (size_t i = 0; i < bed->diag.n; i++)
        assert_null(strstr(bed->diag.rec[i].text, "CANARY"));
    rs_login_clear(&bed->login);
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

static int forget(void **state)
{
    (void)state;
    port = play_browser_free_port();
    rs_credcache_clear();
    return 0;
}

static void test_code(void **state)
{
    static const struct play_step steps[] = {
        { .head = GET("?code=CANARYbad&state=x"), .wants = "HTTP/1.1 400 " },
        { .head = GET("?code=CANARYbad"), .wants = "HTTP/1.1 400 " },
        { .head = GET("?state={state}"), .wants = "HTTP/1.1 400 " },
        { .head = GET("?code=&state={state}"), .wants = "HTTP/1.1 400 " },
        { .head = GET("?code=CANARYbad&code=b&state={state}"), .wants = "HTTP/1.1 400 " },
        { .head = GET("favicon.ico"), .wants = "HTTP/1.1 404 " },
        GOOD,
    };
    static const struct fake_answer answers[] = { { .status = 200, .body = CLIENT },
                                                  { .status = 400, .body = PENDING },
                                                  { .status = 400,
                                                    .body = "{\"error\":\"slow_down\"}" },
                                                  { .status = 200, .body = TOKEN } };
    struct bed bed;
    const char *verifier;
    char wanted[512];

    (void)state;
    make_bed(&bed, IDC "identity_namespace=n s\nidc_client_display_name=My \"tool\"\n", answers,
             RS_COUNT(answers), steps, RS_COUNT(steps));
    if (!resolve(&bed, RS_FOREVER, true))
        fail_msg("%s", rs_diag_first(&bed.diag));
    assert_int_equal(bed.login.kind, RS_LOGIN_TOKEN);
    assert_string_equal(rs_secret_reveal(&bed.login.secret), "CANARYtoken");
    assert_string_equal(bed.login.idp_type, "AwsIdc");
    assert_string_equal(bed.login.token_type, "ACCESS_TOKEN");
    assert_string_equal(bed.login.identity_namespace, "n s");
    assert_null(bed.login.provider_name);
    assert_string_equal(bed.login.host, "h");
    assert_true(rs_login_needs_tls(&bed.login));
    assert_false(bed.login.is_kept);

    assert_string_equal(bed.play.fake.url[0],
                        "https://oidc.us-west-2.amazonaws.com/client/register");
    snprintf(wanted, sizeof wanted,
             "{\"clientName\":\"My \\\"tool\\\"\",\"clientType\":\"public\",\"issuerUrl\":"
             "\"https://example.awsapps.com/start\",\"scopes\":[\"redshift:connect\"],"
             "\"redirectUris\":[\"http://127.0.0.1:%d\"],\"grantTypes\":[\"authorization_code\"]}",
             port);
    assert_string_equal(bed.play.fake.body[0], wanted);
    assert_true(fake_world_had_header(&bed.play.fake, 0, "Content-Type", "application/json"));
    snprintf(wanted, sizeof wanted,
             "https://oidc.us-west-2.amazonaws.com/authorize?response_type=code&client_id=CLIENT&"
             "redirect_uri=http%%3A%%2F%%2F127.0.0.1%%3A%d&state=",
             port);
    assert_ptr_equal(strstr(bed.play.url, wanted), bed.play.url);
    assert_non_null(strstr(bed.play.url, "&scopes=redshift%3Aconnect&code_challenge="));
    assert_non_null(strstr(bed.play.url, "&code_challenge_method=S256"));
    assert_string_equal(bed.play.fake.url[1], "https://oidc.us-west-2.amazonaws.com/token");
    assert_non_null(strstr(bed.play.fake.body[1],
                           "{\"clientId\":\"CLIENT\",\"clientSecret\":\"CANARYsecret\","
                           "\"grantType\":\"authorization_code\",\"code\":\"CANARYcode\","
                           "\"codeVerifier\":\""));
    snprintf(wanted, sizeof wanted, "\",\"redirectUri\":\"http://127.0.0.1:%d\"}", port);
    assert_non_null(strstr(bed.play.fake.body[1], wanted));
    verifier = strstr(bed.play.fake.body[1], "\"codeVerifier\":\"") + 16;
    assert_int_equal(strcspn(verifier, "\""), 80);
    assert_string_equal(bed.play.fake.body[1], bed.play.fake.body[3]);
    /* a second, then five more */
    assert_int_equal(bed.play.fake.slept_before[2], 1000);
    assert_int_equal(bed.play.fake.slept_before[3], 7000);
    clear_bed(&bed);
}

/* One sign-in for all, until the token is over or the server refuses it. */
static void test_kept(void **state)
{
    static const struct play_step steps[] = { GOOD };
    static const struct fake_answer answers[] = { { .status = 200, .body = CLIENT },
                                                  { .status = 200, .body = TOKEN } };
    struct bed bed;

    (void)state;
    make_bed(&bed, IDC, answers, 2, steps, 1);
    assert_true(resolve(&bed, RS_FOREVER, true));
    assert_int_equal(bed.login.expires_at, 1768478400 + 28800);
    clear_bed(&bed);

    make_bed(&bed, IDC, NULL, 0, NULL, 0);
    assert_true(resolve(&bed, RS_FOREVER, true));
    assert_true(bed.login.is_kept);
    assert_string_equal(rs_secret_reveal(&bed.login.secret), "CANARYtoken");
    assert_string_equal(bed.login.idp_type, "AwsIdc");
    assert_string_equal(bed.login.token_type, "ACCESS_TOKEN");
    assert_int_equal(bed.play.n_started, 0);
    /* refused by the server: a new one, by the registration that is kept */
    assert_true(rs_auth_forget(&bed.login));
    clear_bed(&bed);

    make_bed(&bed, IDC, &answers[1], 1, steps, 1);
    assert_true(resolve(&bed, RS_FOREVER, true));
    assert_false(bed.login.is_kept);
    assert_int_equal(bed.play.n_started, 1);
    clear_bed(&bed);

    /* another client is another one */
    make_bed(&bed, IDC "identity_namespace=x\n", &answers[1], 1, steps, 1);
    assert_true(resolve(&bed, RS_FOREVER, true));
    assert_false(bed.login.is_kept);
    clear_bed(&bed);

    make_bed(&bed, IDC "DisableCache=1\n", answers, 2, steps, 1);
    assert_true(resolve(&bed, RS_FOREVER, true));
    assert_false(bed.login.is_kept);
    assert_int_equal(bed.play.fake.n_asked, 2);
    clear_bed(&bed);

    /* over: one minute is not enough */
    make_bed(&bed, IDC, &answers[1], 1, steps, 1);
    bed.play.fake.utc_s += 28800 - 60;
    assert_true(resolve(&bed, RS_FOREVER, true));
    assert_false(bed.login.is_kept);
    clear_bed(&bed);
    /* the registration too */
    make_bed(&bed, IDC, answers, 2, steps, 1);
    bed.play.fake.utc_s = 1776254400 - 60;
    assert_true(resolve(&bed, RS_FOREVER, true));
    assert_int_equal(bed.play.fake.n_asked, 2);
    clear_bed(&bed);
    assert_int_equal(rs_credcache_size(RS_CREDCACHE_TOKEN), 1);
    rs_auth_hold();
    rs_auth_release();
    assert_int_equal(rs_credcache_size(RS_CREDCACHE_TOKEN), 0);
}

static void test_refusals(void **state)
{
    static const struct {
        const char *keys;
        struct fake_answer answers[2];
        size_t n_answers;
        struct play_step step;
        enum rs_state want;
        const char *text;
    } cases[] = {
        { IDC,
          { { .status = 400,
              .body =
                  "{\"error\":\"invalid_request\",\"error_description\":\"no such issuer\"}" } },
          1,
          { .wants = NULL },
          RS_28000,
          "IAM Identity Center: RegisterClient: invalid_request: no such issuer (HTTP 400); check "
          "issuer_url and idc_region" },
        { IDC,
          { { .status = 200, .body = "CANARY" } },
          1,
          { .wants = NULL },
          RS_HY000,
          "RegisterClient: the answer cannot be used" },
        { IDC,
          { { .status = 200, .body = "{\"clientId\":\"CANARY\"}" } },
          1,
          { .wants = NULL },
          RS_HY000,
          "clientSecret is missing" },
        { IDC,
          { { .status = 0, .fail = RS_08001, .is_final = true } },
          1,
          { .wants = NULL },
          RS_08001,
          "IAM Identity Center: RegisterClient: scripted failure" },
        { IDC,
          { { .status = 200, .body = CLIENT } },
          1,
          { .head = GET("?error=access_denied&error_description=No%0d%0aCANARY&state={state}"),
            .wants = "HTTP/1.1 200 OK" },
          RS_28000,
          "IAM Identity Center: access_denied: No" },
        { IDC,
          { { .status = 200, .body = CLIENT },
            { .status = 400,
              .body = "{\"error\":\"invalid_grant\",\"error_description\":\"of CANARYcode\"}" } },
          2,
          GOOD,
          RS_28000,
          "CreateToken: invalid_grant (HTTP 400); the code is used up or too old" },
        { IDC,
          { { .status = 200, .body = CLIENT },
            { .status = 401, .body = "{\"error\":\"invalid_client\"}" } },
          2,
          GOOD,
          RS_28000,
          "CreateToken: invalid_client (HTTP 401); connect again" },
        { IDC,
          { { .status = 200, .body = CLIENT }, { .status = 403, .body = "<html>CANARY" } },
          2,
          GOOD,
          RS_28000,
          "CreateToken: HTTP 403 (HTTP 403)" },
        { IDC,
          { { .status = 200, .body = CLIENT },
            { .status = 200, .body = "{\"accessToken\":\"CANARY\"}" } },
          2,
          GOOD,
          RS_HY000,
          "CreateToken: the answer cannot be used: expiresIn is not" },
        { IDC "IAM=1\n",
          { { .status = 0 } },
          0,
          { .wants = NULL },
          RS_28000,
          "IAM and plugin_name cannot be used together" },
        { IDC "Opener=libpq\n",
          { { .status = 0 } },
          0,
          { .wants = NULL },
          RS_HYC00,
          "plugin BrowserIdcAuthPlugin needs Opener=native" },
        { "Server=h\nDatabase=d\nplugin_name=BrowserIdcAuthPlugin\n",
          { { .status = 0 } },
          0,
          { .wants = NULL },
          RS_28000,
          "issuer_url, idc_region are required for plugin BrowserIdcAuthPlugin" },
        { "Server=h\nDatabase=d\nplugin_name=BrowserIdcAuthPlugin\nissuer_url=http://x/\n"
          "idc_region=us-west-2\n",
          { { .status = 0 } },
          0,
          { .wants = NULL },
          RS_HY000,
          "issuer_url must be an https URL" },
        { "Server=h\nDatabase=d\nplugin_name=BrowserIdcAuthPlugin\nissuer_url=https://x/\n"
          "idc_region=a/b\n",
          { { .status = 0 } },
          0,
          { .wants = NULL },
          RS_HY000,
          "idc_region \"a/b\" is not a region name" },
        { "Server=h\nDatabase=d\nplugin_name=BrowserIdcAuthPlugin\nissuer_url=https://x/\n"
          "idc_region=us-west-2\nlisten_port=0\n",
          { { .status = 0 } },
          0,
          { .wants = NULL },
          RS_HY000,
          "listen_port must be between 1 and 65535" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct bed bed;

        rs_credcache_clear();
        make_bed(&bed, cases[i].keys, cases[i].answers, cases[i].n_answers, &cases[i].step,
                 cases[i].step.wants == NULL ? 0 : 1);
        if (resolve(&bed, RS_FOREVER, true))
            fail_msg("case %zu", i);
        expect(&bed, cases[i].want, cases[i].text);
        assert_int_equal(bed.play.fake.n_asked, cases[i].n_answers);
        clear_bed(&bed);
    }
}

/* Nobody confirms in time; what the login timeout says counts too. */
static void test_late(void **state)
{
    static const struct play_step steps[] = { GOOD };
    static struct fake_answer answers[32];
    struct bed bed;

    (void)state;
    answers[0] = (struct fake_answer){ .status = 200, .body = CLIENT };
    for (size_t i = 1; i < RS_COUNT(answers); i++)
        answers[i] = (struct fake_answer){ .status = 400, .body = PENDING };
    make_bed(&bed, IDC "idp_response_timeout=10\n", answers, RS_COUNT(answers), steps, 1);
    assert_false(resolve(&bed, RS_FOREVER, true));
    expect(&bed, RS_HYT00, "the sign-in was not confirmed within 10 seconds");
    assert_int_equal(bed.play.fake.slept_ms, 10000);
    clear_bed(&bed);

    rs_credcache_clear();
    make_bed(&bed, IDC, answers, RS_COUNT(answers), NULL, 0);
    assert_false(resolve(&bed, rs_deadline_in(200), true));
    expect(&bed, RS_HYT00,
           "the login timeout ran out before the browser brought the answer of IAM");
    clear_bed(&bed);
}

/* ---- no browser here ---- */

static const char *const no_display[][2] = { { NULL, NULL } };

static void test_device(void **state)
{
    static const struct fake_answer answers[] = { { .status = 200, .body = CLIENT },
                                                  { .status = 200, .body = DEVICE },
                                                  { .status = 400, .body = PENDING },
                                                  { .status = 200, .body = TOKEN } };
    struct bed bed;

    (void)state;
    make_bed(&bed, IDC, answers, RS_COUNT(answers), NULL, 0);
    bed.play.fake.env = no_display;
    if (!resolve(&bed, RS_FOREVER, true))
        fail_msg("%s", rs_diag_first(&bed.diag));
    assert_string_equal(rs_secret_reveal(&bed.login.secret), "CANARYtoken");
    assert_string_equal(bed.login.token_type, "ACCESS_TOKEN");
    assert_int_equal(bed.play.n_started, 0);
    assert_non_null(strstr(bed.told.p, "auth.browser: there is no display: open "
                                       "https://device.example/?user_code=ABCD-EFGH in any browser "
                                       "and confirm the code ABCD-EFGH\n"));
    assert_non_null(strstr(bed.play.fake.body[0],
                           "\"grantTypes\":[\"urn:ietf:params:oauth:grant-type:device_code\"]}"));
    assert_string_equal(bed.play.fake.url[1],
                        "https://oidc.us-west-2.amazonaws.com/device_authorization");
    assert_string_equal(bed.play.fake.body[1],
                        "{\"clientId\":\"CLIENT\",\"clientSecret\":\"CANARYsecret\",\"startUrl\":"
                        "\"https://example.awsapps.com/start\"}");
    assert_string_equal(bed.play.fake.body[3],
                        "{\"clientId\":\"CLIENT\",\"clientSecret\":\"CANARYsecret\",\"grantType\":"
                        "\"urn:ietf:params:oauth:grant-type:device_code\",\"deviceCode\":"
                        "\"CANARYdevice\"}");
    clear_bed(&bed);
}

/* A browser that cannot be started is none. */
static void test_device_instead(void **state)
{
    static const struct fake_answer answers[] = { { .status = 200, .body = CLIENT },
                                                  { .status = 200, .body = CLIENT },
                                                  { .status = 200, .body = DEVICE },
                                                  { .status = 200, .body = TOKEN } };
    struct bed bed;

    (void)state;
    make_bed(&bed, IDC, answers, RS_COUNT(answers), NULL, 0);
    bed.play.cannot_start = true;
    if (!resolve(&bed, RS_FOREVER, true))
        fail_msg("%s", rs_diag_first(&bed.diag));
    assert_string_equal(rs_secret_reveal(&bed.login.secret), "CANARYtoken");
    clear_bed(&bed);
}

/* Without a log it is told at once; connecting again goes on with the same code. */
static void test_device_twice(void **state)
{
    static const struct fake_answer first[] = { { .status = 200, .body = CLIENT },
                                                { .status = 200, .body = DEVICE } };
    static const struct fake_answer second[] = { { .status = 400, .body = PENDING } };
    static const struct fake_answer third[] = { { .status = 200, .body = TOKEN } };
    static const struct fake_answer gone[] = {
        { .status = 401, .body = "{\"error\":\"invalid_client\"}" },
        { .status = 200, .body = CLIENT },
        { .status = 200, .body = DEVICE },
    };
    static const struct {
        const struct fake_answer *answers;
        size_t n;
        bool works;
    } turns[] = {
        { first, 2, false }, { second, 1, false }, { third, 1, true }, { gone, 3, false }
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(turns); i++) {
        struct bed bed;

        make_bed(&bed, i == 3 ? IDC "identity_namespace=n\n" : IDC, turns[i].answers, turns[i].n,
                 NULL, 0);
        bed.play.fake.env = no_display;
        assert_int_equal(resolve(&bed, RS_FOREVER, false), turns[i].works);
        if (!turns[i].works)
            expect(&bed, RS_HY000,
                   "could not open a browser: there is no display; open "
                   "https://device.example/?user_code=ABCD-EFGH in any browser, confirm the code "
                   "ABCD-EFGH and connect again");
        assert_int_equal(bed.play.fake.n_asked, turns[i].n);
        clear_bed(&bed);
        /* Driver managers free the environment of a connection that failed. */
        rs_auth_hold();
        if (!turns[i].works)
            rs_auth_release();
    }
    rs_auth_release();
}

static void test_device_refused(void **state)
{
    static const struct {
        struct fake_answer answer, next;
        enum rs_state want;
        const char *text;
    } cases[] = {
        { { .status = 200, .body = DEVICE },
          { .status = 400, .body = "{\"error\":\"expired_token\"}" },
          RS_28000,
          "CreateToken: expired_token (HTTP 400); it was not confirmed in time" },
        { { .status = 200, .body = DEVICE },
          { .status = 400, .body = "{\"error\":\"access_denied\"}" },
          RS_28000,
          "CreateToken: access_denied (HTTP 400); it was refused in the browser" },
        { { .status = 400, .body = "{\"error\":\"slow_down\"}" },
          { .status = 0 },
          RS_08001,
          "StartDeviceAuthorization: it wants to be asked less often" },
        { { .status = 200,
            .body = "{\"deviceCode\":\"CANARY\",\"userCode\":\"A\",\"verificationUri\":"
                    "\"http://device.example/\",\"expiresIn\":600}" },
          { .status = 0 },
          RS_HY000,
          "verificationUri is no https URL" },
        { { .status = 200, .body = "{\"userCode\":\"A\"}" },
          { .status = 0 },
          RS_HY000,
          "deviceCode is missing" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        const struct fake_answer answers[] = { { .status = 200, .body = CLIENT },
                                               cases[i].answer,
                                               cases[i].next };
        struct bed bed;

        rs_credcache_clear();
        make_bed(&bed, IDC, answers, cases[i].next.status == 0 ? 2 : 3, NULL, 0);
        bed.play.fake.env = no_display;
        assert_false(resolve(&bed, RS_FOREVER, true));
        expect(&bed, cases[i].want, cases[i].text);
        clear_bed(&bed);
    }
}

/* ---- many at once, memory ---- */

enum { AT_ONCE = 20 };

static struct bed shared;

static void *connect_one(void *arg)
{
    struct rs_settings set = { 0 };
    struct rs_login login = { 0 };
    struct rs_diag diag = { 0 };
    bool *ok = arg;

    *ok = rs_settings_copy(&set, &shared.set, &diag) &&
          rs_auth_resolve(&set, &shared.play.fake.world, RS_FOREVER, NULL, &login, &diag) &&
          strcmp(rs_secret_reveal(&login.secret), "CANARYtoken") == 0 && login.idp_type != NULL &&
          strcmp(login.idp_type, "AwsIdc") == 0;
    rs_login_clear(&login);
    rs_settings_clear(&set);
    rs_diag_clear(&diag);
    return NULL;
}

static void test_one_window(void **state)
{
    static const struct play_step steps[] = { GOOD };
    static const struct fake_answer answers[] = { { .status = 200, .body = CLIENT },
                                                  { .status = 200, .body = TOKEN } };
    pthread_t threads[AT_ONCE];
    bool ok[AT_ONCE];

    (void)state;
    make_bed(&shared, IDC, answers, 2, steps, 1);
    for (size_t i = 0; i < AT_ONCE; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, connect_one, &ok[i]), 0);
    for (size_t i = 0; i < AT_ONCE; i++) {
        pthread_join(threads[i], NULL);
        assert_true(ok[i]);
    }
    assert_int_equal(shared.play.n_started, 1);
    assert_int_equal(shared.play.fake.n_asked, 2);
    clear_bed(&shared);
}

static bool device_once(void *ctx)
{
    static const struct fake_answer answers[] = { { .status = 200, .body = CLIENT },
                                                  { .status = 200, .body = DEVICE },
                                                  { .status = 200, .body = TOKEN } };
    struct rs_settings set = { 0 };
    struct rs_login login = { 0 };
    struct rs_diag diag = { 0 };
    struct rs_log log = { .level = RS_LOG_WARNING };
    struct fake_world fake;
    bool ok;

    rs_credcache_clear();
    fake_world_init(&fake, answers, RS_COUNT(answers));
    ok = rs_settings_copy(&set, ctx, &diag) &&
         rs_auth_resolve(&set, &fake.world, RS_FOREVER, &log, &login, &diag);
    if (!ok)
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    assert_int_equal(diag.n_error, ok ? 0 : 1);
    rs_login_clear(&login);
    rs_settings_clear(&set);
    rs_diag_clear(&diag);
    return ok;
}

/* The question, and its answer by an error: no thread is needed that plays. */
static bool code_once(void *ctx)
{
    static const struct fake_answer answers[] = { { .status = 200, .body = TOKEN } };
    struct rs_idp_proof proof = { .idp_type = NULL };
    struct rs_secret code = { NULL, 0 };
    struct rs_oidc_client client = { .expires_at = 0 };
    struct rs_diag diag = { 0 };
    struct fake_world fake;
    struct rs_idp_ask ask = {
        .set = ctx, .world = &fake.world, .deadline = RS_FOREVER, .oidc_url = "https://oidc.example"
    };
    struct rs_oidc_grant grant = { .code = &code,
                                   .verifier = &code,
                                   .redirect = "http://127.0.0.1" };
    bool ok;

    fake_world_init(&fake, answers, RS_COUNT(answers));
    ok = rs_secret_set(&code, RS_STR("CANARY"), &diag) &&
         rs_secret_set(&client.id, RS_STR("i"), &diag) &&
         rs_secret_set(&client.secret, RS_STR("s"), &diag) &&
         rs_oidc_token(&ask, &client, &grant, &proof, &diag) == RS_OIDC_DONE;
    if (!ok)
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    assert_int_equal(diag.n_error, ok ? 0 : 1);
    rs_secret_clear(&proof.text);
    rs_secret_clear(&code);
    rs_oidc_client_clear(&client);
    rs_diag_clear(&diag);
    return ok;
}

static void test_memory(void **state)
{
    struct rs_settings set = { 0 };

    (void)state;
    read_keys(&set, IDC "identity_namespace=n\n");
    rs_test_oom(device_once, &set);
    rs_test_oom(code_once, &set);
    rs_settings_clear(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_code, forget),
        cmocka_unit_test_setup(test_kept, forget),
        cmocka_unit_test_setup(test_refusals, forget),
        cmocka_unit_test_setup(test_late, forget),
        cmocka_unit_test_setup(test_device, forget),
        cmocka_unit_test_setup(test_device_instead, forget),
        cmocka_unit_test_setup(test_device_twice, forget),
        cmocka_unit_test_setup(test_device_refused, forget),
        cmocka_unit_test_setup(test_one_window, forget),
        cmocka_unit_test_setup(test_memory, forget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
