/* Profiles of IAM Identity Center: the kept token, its renewal, the role's credentials. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/sso.h"
#include "auth/ssotoken.h"
#include "fakeworld.h"
#include "oom.h"

/* SHA-1 of "corp" and of the start URL, by sha1sum. */
#define CORP   "ee0bfd2552fbd840c02cc48b6e823320543c450f"
#define LEGACY "e8be5486177c5b5392bd9aa76563515b29358e6e"

static char home[] = "/tmp/rs_sso_XXXXXX";
static char cache[64], corp_path[160], legacy_path[160];

static int make_home(void **state)
{
    char path[64];

    (void)state;
    assert_non_null(mkdtemp(home));
    snprintf(path, sizeof path, "%s/.aws", home);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/.aws/sso", home);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(cache, sizeof cache, "%s/.aws/sso/cache", home);
    assert_int_equal(mkdir(cache, 0700), 0);
    snprintf(corp_path, sizeof corp_path, "%s/" CORP ".json", cache);
    snprintf(legacy_path, sizeof legacy_path, "%s/" LEGACY ".json", cache);
    return 0;
}

static int remove_home(void **state)
{
    char path[64];

    (void)state;
    unlink(corp_path);
    unlink(legacy_path);
    assert_int_equal(rmdir(cache), 0); /* nothing else was left in it */
    snprintf(path, sizeof path, "%s/.aws/sso", home);
    rmdir(path);
    snprintf(path, sizeof path, "%s/.aws", home);
    rmdir(path);
    rmdir(home);
    return 0;
}

static void write_file(const char *path, const char *text)
{
    FILE *file;

    unlink(path);
    if (text == NULL)
        return;
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

struct look {
    struct fake_world fake;
    struct rs_source from;
    struct rs_profiles *profiles;
    struct rs_creds creds;
    struct rs_diag diag;
    const char *env[4][2];
};

#define SESSION                                                                                    \
    "[profile dev]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Read "      \
    "Only\n[sso-session corp]\nsso_region = EU-west-1\n"                                           \
    "sso_start_url = https://example.awsapps.com/start\n"
#define OLD                                                                                        \
    "[profile dev]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\n"   \
    "sso_account_id = 123456789012\nsso_role_name = Read Only\n"

static void begin(struct look *look, const char *config)
{
    memset(look, 0, sizeof *look);
    fake_world_init(&look->fake, NULL, 0);
    look->env[0][0] = "HOME";
    look->env[0][1] = home;
    look->fake.env = (const char *const(*)[2])look->env;
    if (!rs_profiles_parse(rs_str_of(config), RS_PROFILE_CONFIG, "c", &look->profiles, NULL,
                           &look->diag))
        fail_msg("%s", rs_diag_first(&look->diag));
    look->from = (struct rs_source){ .world = &look->fake.world,
                                     .deadline = RS_FOREVER,
                                     .profiles = look->profiles,
                                     .region = "us-east-2",
                                     .ca_file = "/ca.pem" };
}

static bool gives(struct look *look)
{
    return rs_sso_fetch(&look->from, rs_profiles_find(look->profiles, "dev"), &look->creds,
                        &look->diag);
}

static void end(struct look *look)
{
    rs_profiles_free(look->profiles);
    rs_creds_clear(&look->creds);
    rs_diag_clear(&look->diag);
}

/* The clock stands at 2026-01-15T12:00:00Z. */
#define TOKEN(until) "{\"accessToken\":\"CANARYa\",\"expiresAt\":\"" until "\"}"
#define FULL(until, registered)                                                                    \
    "{\"startUrl\":\"https://example.awsapps.com/start\",\"extra\":{\"k\":[1]},\"accessToken\":"   \
    "\"CANARYa\",\"expiresAt\":\"" until "\",\"clientId\":\"id\",\"clientSecret\":\"CANARYc\","    \
    "\"registrationExpiresAt\":\"" registered "\",\"refreshToken\":\"CANARYr\"}"
#define KEYS                                                                                       \
    {                                                                                              \
        .status = 200,                                                                             \
        .body = "{\"roleCredentials\":{\"accessKeyId\":\"ASIA1\",\"secretAccessKey\":\"CANARYs\"," \
                "\"sessionToken\":\"CANARYt\",\"expiration\":1768482000000}}"                      \
    }
#define NEW                                                                                        \
    {                                                                                              \
        .status = 200, .body = "{\"accessToken\":\"CANARYn\",\"expiresIn\":3600}"                  \
    }
#define LATE  "2026-01-15T20:00:00Z"
#define SOON  "2026-01-15T12:14:59Z"
#define PAST  "2026-01-15T12:00:00Z"
#define LOGIN "run \"aws sso login --profile dev\""

struct row {
    const char *config;
    const char *corp, *legacy; /* the kept tokens; NULL: none */
    struct fake_answer answer[4];
    size_t n_asked;
    const char *says; /* NULL: works */
    enum rs_state want;
    const char *bearer; /* of the last request; NULL: not looked at */
};

static const struct row rows[] = {
    /* works */
    { SESSION, TOKEN(LATE), NULL, { KEYS }, 1, NULL, RS_00000, "CANARYa" },
    { SESSION, TOKEN("2026-01-15T12:00:01UTC"), NULL, { KEYS }, 1, NULL, RS_00000, "CANARYa" },
    { OLD, TOKEN(PAST), TOKEN(LATE), { KEYS }, 1, NULL, RS_00000, "CANARYa" },
    { SESSION, FULL("2026-01-15T12:15:00Z", LATE), NULL, { KEYS }, 1, NULL, RS_00000, "CANARYa" },
    { SESSION, FULL(SOON, LATE), NULL, { NEW, KEYS }, 2, NULL, RS_00000, "CANARYn" },
    { SESSION, FULL(PAST, LATE), NULL, { NEW, KEYS }, 2, NULL, RS_00000, "CANARYn" },
    { SESSION, FULL(SOON, PAST), NULL, { KEYS }, 1, NULL, RS_00000, "CANARYa" },
    /* the old one is used while it is valid */
    { SESSION,
      FULL(SOON, LATE),
      NULL,
      { { .status = 400, .body = "{\"error\":\"invalid_grant\"}" }, KEYS },
      2,
      NULL,
      RS_00000,
      "CANARYa" },
    { SESSION,
      FULL(SOON, LATE),
      NULL,
      { { .status = 200, .body = "{\"accessToken\":\"x\"}" }, KEYS },
      2,
      NULL,
      RS_00000,
      "CANARYa" },
    { OLD, NULL, FULL(SOON, LATE), { KEYS }, 1, NULL, RS_00000, "CANARYa" },
    { SESSION, TOKEN(LATE), NULL, { { .status = 429 }, KEYS }, 2, NULL, RS_00000, "CANARYa" },
    /* absent */
    { SESSION,
      NULL,
      TOKEN(LATE),
      { KEYS },
      0,
      "the SSO session \"corp\" has expired or was never started (no token is kept); " LOGIN,
      RS_28000,
      NULL },
    { OLD,
      TOKEN(LATE),
      NULL,
      { KEYS },
      0,
      "the SSO session \"https://example.awsapps.com/start\" has expired or was never started",
      RS_28000,
      NULL },
    { "[profile dev]\nsso_session = corp\n",
      TOKEN(LATE),
      NULL,
      { KEYS },
      0,
      "names the section [sso-session corp]",
      RS_28000,
      NULL },
    { "[profile dev]\nsso_session = corp\n[sso-session corp]\n",
      TOKEN(LATE),
      NULL,
      { KEYS },
      0,
      "lacks sso_account_id, sso_role_name, sso_region, sso_start_url",
      RS_28000,
      NULL },
    { "[profile dev]\nsso_account_id = 1\n",
      TOKEN(LATE),
      NULL,
      { KEYS },
      0,
      "lacks sso_role_name, sso_region, sso_start_url",
      RS_28000,
      NULL },
    /* malformed */
    { SESSION, "{", NULL, { KEYS }, 0, "the kept token cannot be read); " LOGIN, RS_28000, NULL },
    { SESSION,
      "{\"accessToken\":\"CANARY\"}",
      NULL,
      { KEYS },
      0,
      "cannot be read); " LOGIN,
      RS_28000,
      NULL },
    { OLD, NULL, "{", { KEYS }, 0, "the kept token cannot be read); " LOGIN, RS_28000, NULL },
    { SESSION "sso_region = eu/west\n",
      TOKEN(LATE),
      NULL,
      { KEYS },
      0,
      "is no region name",
      RS_28000,
      NULL },
    { SESSION "[profile dev]\nsso_region = us-east-1\n",
      TOKEN(LATE),
      NULL,
      { KEYS },
      0,
      "differ in sso_region",
      RS_28000,
      NULL },
    { SESSION,
      TOKEN(LATE),
      NULL,
      { { .status = 200, .body = "{\"roleCredentials\":1}" } },
      1,
      "GetRoleCredentials: the answer cannot be used: roleCredentials is missing",
      RS_HY000,
      NULL },
    { SESSION,
      TOKEN(LATE),
      NULL,
      { { .status = 200, .body = "{\"roleCredentials\":{\"accessKeyId\":\"CANARY\"}}" } },
      1,
      "secretAccessKey is missing",
      RS_HY000,
      NULL },
    /* expired */
    { SESSION,
      TOKEN(PAST),
      NULL,
      { KEYS },
      0,
      "the kept token has expired); " LOGIN,
      RS_28000,
      NULL },
    { OLD,
      NULL,
      FULL(PAST, LATE),
      { KEYS },
      0,
      "the kept token has expired); " LOGIN,
      RS_28000,
      NULL },
    { SESSION,
      FULL(PAST, LATE),
      NULL,
      { { .status = 401, .body = "{\"error\":\"invalid_client\"}" } },
      1,
      "the kept token has expired); " LOGIN,
      RS_28000,
      NULL },
    /* refused */
    { SESSION,
      TOKEN(LATE),
      NULL,
      { { .status = 401 } },
      1,
      "the token is refused); " LOGIN,
      RS_28000,
      NULL },
    { OLD,
      NULL,
      TOKEN(LATE),
      { { .status = 401 } },
      1,
      "the token is refused); " LOGIN,
      RS_28000,
      NULL },
    { SESSION,
      TOKEN(LATE),
      NULL,
      { { .status = 403,
          .headers = "x-amzn-ErrorType: a#ForbiddenException:http://x\n",
          .body = "{\"message\":\"No access for CANARYa\"}" } },
      1,
      "GetRoleCredentials: ForbiddenException: No access for **** (HTTP 403); check "
      "sso_account_id and sso_role_name",
      RS_28000,
      NULL },
    { SESSION,
      TOKEN(LATE),
      NULL,
      { { .status = 0, .fail = RS_08001, .is_final = true } },
      1,
      "GetRoleCredentials: scripted failure",
      RS_08001,
      NULL },
};

static void ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(rows); i++) {
        const struct row *row = &rows[i];
        struct look look;
        bool ok;

        write_file(corp_path, row->corp);
        write_file(legacy_path, row->legacy);
        begin(&look, row->config);
        look.fake.answer = row->answer;
        look.fake.n_answers = RS_COUNT(row->answer);
        ok = gives(&look);
        if (ok != (row->says == NULL) || rs_diag_state(&look.diag) != row->want ||
            (!ok && strstr(rs_diag_first(&look.diag), row->says) == NULL))
            fail_msg("row %zu: %s", i, rs_diag_first(&look.diag));
        assert_int_equal(look.diag.n_error, ok ? 0 : 1);
        assert_null(strstr(rs_diag_first(&look.diag), "CANARY"));
        if (look.fake.n_asked != row->n_asked)
            fail_msg("row %zu: asked %zu times", i, look.fake.n_asked);
        if (ok) {
            size_t last = row->n_asked - 1;

            assert_string_equal(look.fake.url[last],
                                "https://portal.sso.eu-west-1.amazonaws.com/federation/credentials"
                                "?role_name=Read%20Only&account_id=123456789012");
            if (!fake_world_had_header(&look.fake, last, "x-amz-sso_bearer_token", row->bearer))
                fail_msg("row %zu: %s", i, look.fake.headers[last]);
            assert_string_equal(look.fake.ca_file[last], "/ca.pem");
            assert_string_equal(look.creds.access_key_id, "ASIA1");
            assert_string_equal(rs_secret_reveal(&look.creds.secret_access_key), "CANARYs");
            assert_string_equal(rs_secret_reveal(&look.creds.session_token), "CANARYt");
            assert_int_equal(look.creds.expires_at, 1768482000);
        }
        end(&look);
    }
}

/* What is sent, and what is then in the file: the other members as they were, for us alone. */
static void renewal(void **state)
{
    static const struct fake_answer answers[] = {
        { .status = 200,
          .body = "{\"accessToken\":\"CANARY\\u00e9\",\"expiresIn\":28800,"
                  "\"refreshToken\":\"CANARYnew\"}" },
        KEYS
    };
    char text[1024] = "";
    struct look look;
    struct stat st;
    FILE *file;

    (void)state;
    write_file(corp_path, FULL(SOON, LATE));
    begin(&look, SESSION);
    look.fake.answer = answers;
    look.fake.n_answers = 2;
    assert_true(gives(&look));
    assert_string_equal(look.fake.url[0], "https://oidc.eu-west-1.amazonaws.com/token");
    assert_string_equal(look.fake.body[0],
                        "{\"grantType\":\"refresh_token\",\"clientId\":\"id\",\"clientSecret\":"
                        "\"CANARYc\",\"refreshToken\":\"CANARYr\"}");
    end(&look);
    file = fopen(corp_path, "r");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    assert_string_equal(text, "{\"startUrl\":\"https://example.awsapps.com/start\",\"extra\":"
                              "{\"k\":[1]},\"clientId\":\"id\",\"clientSecret\":\"CANARYc\","
                              "\"registrationExpiresAt\":\"" LATE "\",\"accessToken\":"
                              "\"CANARY\u00e9\",\"expiresAt\":\"2026-01-15T20:00:00Z\","
                              "\"refreshToken\":\"CANARYnew\"}");
    assert_int_equal(stat(corp_path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static bool once(void *ctx)
{
    struct look *look = ctx;
    bool ok;

    write_file(corp_path, FULL(SOON, LATE));
    fake_world_rewind(&look->fake);
    ok = gives(look);
    /* A file that cannot be written is no failure, and so is memory for it. */
    if (!ok)
        assert_int_equal(rs_diag_state(&look->diag), RS_HY001);
    assert_int_equal(look->diag.n_error, ok ? 0 : 1);
    rs_creds_clear(&look->creds);
    rs_diag_clear(&look->diag);
    return ok;
}

static void sweep(void **state)
{
    static const struct fake_answer answers[] = { NEW, KEYS };
    struct look look;

    (void)state;
    begin(&look, SESSION);
    look.fake.answer = answers;
    look.fake.n_answers = 2;
    rs_test_oom(once, &look);
    end(&look);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ways),
        cmocka_unit_test(renewal),
        cmocka_unit_test(sweep),
    };

    return cmocka_run_group_tests(tests, make_home, remove_home);
}
