/* Credentials of the machine: containers and instances. aws-api.md 8 and 9. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auth/chain.h"
#include "auth/container.h"
#include "auth/imds.h"
#include "fakeworld.h"
#include "oom.h"
#include "tempdir.h"

#define KEYS                                                                                       \
    "\"AccessKeyId\":\"ASIA1\",\"SecretAccessKey\":\"CANARYs\",\"Token\":\"CANARYt\","             \
    "\"Expiration\":\"2026-01-15T17:50:00Z\""
#define DOCUMENT "{\"Code\":\"Success\"," KEYS "}"

enum who { CONTAINER, INSTANCE, CHAIN };

static char token_path[600];
static struct tempdir temp;

/* One question. env: "NAME=value\n…"; ~ in it becomes the token file. */
struct look {
    struct fake_world fake;
    struct rs_source from;
    struct rs_profiles *profiles;
    struct rs_creds creds;
    struct rs_diag diag;
    enum who who;
    const char *env[16][2];
    char text[2048];
};

static void begin(struct look *look, enum who who, const char *env)
{
    size_t n = 0;

    memset(look, 0, sizeof *look);
    look->who = who;
    for (const char *at = env; *at != '\0'; at++) {
        size_t len = strlen(look->text);

        if (*at == '~')
            snprintf(look->text + len, sizeof look->text - len, "%s", token_path);
        else
            snprintf(look->text + len, sizeof look->text - len, "%c", *at);
    }
    for (char *at = look->text; *at != '\0'; n++) {
        char *eq = strchr(at, '='), *end = strchr(at, '\n');

        assert_true(eq != NULL && end != NULL && n < 12);
        *eq = *end = '\0';
        look->env[n][0] = at;
        look->env[n][1] = eq + 1;
        at = end + 1;
    }
    look->env[n][0] = "AWS_CONFIG_FILE";
    look->env[n++][1] = "/nonexistent/config";
    look->env[n][0] = "AWS_SHARED_CREDENTIALS_FILE";
    look->env[n++][1] = "/nonexistent/credentials";
    fake_world_init(&look->fake, NULL, 0);
    look->fake.env = (const char *const(*)[2])look->env;
    look->from = (struct rs_source){ .world = &look->fake.world,
                                     .deadline = RS_FOREVER,
                                     .region = "eu-west-3",
                                     .ca_file = "/ca.pem" };
}

static bool chain_gives(struct look *look)
{
    struct rs_chain chain = { .tried = NULL };
    bool ok = rs_chain_choose(&look->from, &look->profiles, &chain, &look->diag);

    look->from.profiles = look->profiles;
    ok = ok && rs_chain_fetch(&look->from, &chain, &look->creds, &look->diag);
    rs_chain_clear(&chain);
    return ok;
}

static bool gives(struct look *look)
{
    if (look->who == CONTAINER)
        return rs_container_fetch(&look->from, &look->creds, &look->diag);
    if (look->who == INSTANCE)
        return rs_imds_fetch(&look->from, NULL, RS_IMDS_EXPLICIT_ATTEMPTS, &look->creds,
                             &look->diag);
    return chain_gives(look);
}

static void end(struct look *look)
{
    rs_profiles_free(look->profiles);
    look->profiles = NULL;
    rs_creds_clear(&look->creds);
    rs_diag_clear(&look->diag);
}

static void write_token(const char *text)
{
    FILE *file = fopen(token_path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* One row: what is asked, what is answered, what comes out. */
struct row {
    const char *env;
    struct fake_answer answer[6];
    size_t n_asked;
    const char *says; /* NULL: works */
    enum rs_state want;
    const char *url, *header; /* of the last request; "": any */
    int64_t slept_ms;
};

static void check(enum who who, const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct row *row = &rows[i];
        size_t last = row->n_asked - 1;
        struct look look;
        bool ok;

        begin(&look, who, row->env);
        look.fake.answer = row->answer;
        look.fake.n_answers = RS_COUNT(row->answer);
        ok = gives(&look);
        if (ok != (row->says == NULL) || rs_diag_state(&look.diag) != row->want ||
            (!ok && strstr(rs_diag_first(&look.diag), row->says) == NULL))
            fail_msg("row %zu: %s", i, rs_diag_first(&look.diag));
        assert_int_equal(look.diag.n_error, ok ? 0 : 1);
        if (look.fake.n_asked != row->n_asked)
            fail_msg("row %zu: asked %zu times", i, look.fake.n_asked);
        assert_null(strstr(rs_diag_first(&look.diag), "CANARY"));
        if (look.fake.slept_ms != row->slept_ms)
            fail_msg("row %zu: slept %d ms", i, (int)look.fake.slept_ms);
        if (row->n_asked > 0 && (strstr(look.fake.url[last], row->url) != look.fake.url[last] ||
                                 strstr(look.fake.headers[last], row->header) == NULL))
            fail_msg("row %zu: %s %s", i, look.fake.url[last], look.fake.headers[last]);
        if (ok) {
            assert_string_equal(look.creds.access_key_id, "ASIA1");
            assert_string_equal(rs_secret_reveal(&look.creds.secret_access_key), "CANARYs");
            assert_string_equal(rs_secret_reveal(&look.creds.session_token), "CANARYt");
            assert_true(look.creds.expires_at > 1500000000);
        }
        end(&look);
    }
}

#define RELATIVE "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI="
#define FULL     "AWS_CONTAINER_CREDENTIALS_FULL_URI="
#define VALUE    "AWS_CONTAINER_AUTHORIZATION_TOKEN="
#define OK                                                                                         \
    {                                                                                              \
        .status = 200, .body = DOCUMENT                                                            \
    }
#define WORKS RS_00000
#define LOST                                                                                       \
    {                                                                                              \
        .status = 0, .fail = RS_08001                                                              \
    }
#define LATE                                                                                       \
    {                                                                                              \
        .status = 0, .fail = RS_HYT00                                                              \
    }

static void container(void **state)
{
    static const struct row rows[] = {
        /* works */
        { RELATIVE "/v2/x?id=1\n",
          { OK },
          1,
          NULL,
          WORKS,
          "http://169.254.170.2/v2/x?id=1",
          "Accept: application/json\n",
          0 },
        { RELATIVE "/v2/x\n" FULL "http://localhost:1/\n",
          { OK },
          1,
          NULL,
          WORKS,
          "http://169.254.170.2/v2/x",
          "",
          0 },
        { FULL "https://keys.example.com/a\n" VALUE "CANARYa b\n",
          { OK },
          1,
          NULL,
          WORKS,
          "https://keys.example.com/a",
          "Authorization: CANARYa b\n",
          0 },
        { FULL "http://169.254.170.23/v1\nAWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=~\n" VALUE "no\n",
          { OK },
          1,
          NULL,
          WORKS,
          "http://169.254.170.23/",
          "Authorization: CANARYfile\n",
          0 },
        { FULL "http://[fd00:ec2::23]/v1\n",
          { OK },
          1,
          NULL,
          WORKS,
          "http://[fd00:ec2::23]/",
          "",
          0 },
        { FULL "http://127.0.0.9:99/\n",
          { { .status = 503 }, LOST, OK },
          3,
          NULL,
          WORKS,
          "http://127.0.0.9:99/",
          "",
          2000 },
        /* expired: AWS has the last word */
        { RELATIVE "/x\n",
          { { .status = 200,
              .body = "{\"AccessKeyId\":\"ASIA1\",\"SecretAccessKey\":\"CANARYs\",\"Token\":"
                      "\"CANARYt\",\"Expiration\":\"2020-01-15T17:50:00Z\"}" } },
          1,
          NULL,
          WORKS,
          "http://",
          "",
          0 },
        /* absent */
        { "",
          { OK },
          0,
          "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor",
          RS_28000,
          "",
          "",
          0 },
        { RELATIVE "/x\n",
          { LOST, LOST, LOST },
          3,
          "container credentials: scripted",
          RS_08001,
          "http://",
          "",
          2000 },
        { RELATIVE "/x\n",
          { LATE, LATE, LATE },
          3,
          "no answer within 2000 ms (3 attempts)",
          RS_08001,
          "http://",
          "",
          2000 },
        { FULL "http://localhost/\nAWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=/nonexistent/f\n",
          { OK },
          0,
          "there is no file \"/nonexistent/f\"",
          RS_28000,
          "",
          "",
          0 },
        /* malformed */
        { RELATIVE "x\n", { OK }, 0, "must begin with /", RS_28000, "", "", 0 },
        { RELATIVE "/x y\n", { OK }, 0, "must be an https URL", RS_28000, "", "", 0 },
        { FULL "http://169.254.170.20/\n", { OK }, 0, "must be an https URL", RS_28000, "", "", 0 },
        { FULL "http://example.com/\n", { OK }, 0, "must be an https URL", RS_28000, "", "", 0 },
        { FULL "http://localhost.example.com/\n", { OK }, 0, "must be an", RS_28000, "", "", 0 },
        { FULL "https://u@example.com/\n", { OK }, 0, "must be an https URL", RS_28000, "", "", 0 },
        { FULL "file:///etc/passwd\n", { OK }, 0, "must be an https URL", RS_28000, "", "", 0 },
        { FULL "http://localhost/\n" VALUE "CANARY\rX\n",
          { OK },
          0,
          "contains a line end",
          RS_28000,
          "",
          "",
          0 },
        { RELATIVE "/x\n",
          { { .status = 200, .body = "<html>" } },
          1,
          "it is not JSON",
          RS_28000,
          "http://",
          "",
          0 },
        { RELATIVE "/x\n",
          { { .status = 200, .body = "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"CANARY\"}" } },
          1,
          "Token is missing",
          RS_28000,
          "http://",
          "",
          0 },
        { RELATIVE "/x\n",
          { { .status = 200,
              .body = "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"CANARY\",\"Token\":\"CANARY\","
                      "\"Expiration\":\"soon\"}" } },
          1,
          "Expiration is not a time",
          RS_28000,
          "http://",
          "",
          0 },
        /* refused */
        { FULL "http://localhost/\n" VALUE "CANARYa\n",
          { { .status = 400,
              .body = "{\"code\":\"ClientError\",\"message\":\"no CANARYa\\nx\"}" } },
          1,
          "container credentials: ClientError: no **** (HTTP 400)",
          RS_28000,
          "http://localhost",
          "",
          0 },
        { RELATIVE "/x\n",
          { { .status = 302 } },
          1,
          "HTTP302 (HTTP 302)",
          RS_HY000,
          "http://",
          "",
          0 },
        { RELATIVE "/x\n",
          { { .status = 500 }, { .status = 500 }, { .status = 500, .body = "x" } },
          3,
          "HTTP500 (HTTP 500)",
          RS_HY000,
          "http://",
          "",
          2000 },
    };

    (void)state;
    write_token("CANARYfile\n");
    check(CONTAINER, rows, RS_COUNT(rows));
    check(CHAIN, rows, 7);
}

static void token_file_with_lines(void **state)
{
    static const struct row row = { RELATIVE "/\nAWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=~\n",
                                    { OK },
                                    0,
                                    "contains a line end",
                                    RS_28000,
                                    "",
                                    "",
                                    0 };

    (void)state;
    write_token("CANARY\nX-Other: 1\n");
    check(CONTAINER, &row, 1);
}

#define TOKEN                                                                                      \
    {                                                                                              \
        .status = 200, .body = "TOKEN==\n"                                                         \
    }
#define ROLE                                                                                       \
    {                                                                                              \
        .status = 200, .body = "my role\nother"                                                    \
    }
#define IPV4 "http://169.254.169.254/latest/meta-data/iam/security-credentials/"
#define AT   "AWS_EC2_METADATA_SERVICE_ENDPOINT="
#define MODE "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE="
#define SENT "X-aws-ec2-metadata-token: TOKEN==\n"

static void instance(void **state)
{
    static const struct row rows[] = {
        /* works */
        { "", { TOKEN, ROLE, OK }, 3, NULL, WORKS, IPV4 "my%20role", SENT, 0 },
        { MODE "ipv6\n",
          { TOKEN, ROLE, OK },
          3,
          NULL,
          WORKS,
          "http://[fd00:ec2::254]/latest/",
          SENT,
          0 },
        { MODE "IPv6\n" AT "http://localhost:9/\n",
          { TOKEN, ROLE, OK },
          3,
          NULL,
          WORKS,
          "http://localhost:9/latest/",
          SENT,
          0 },
        { "AWS_EC2_METADATA_DISABLED=no\n", { TOKEN, ROLE, OK }, 3, NULL, WORKS, IPV4, SENT, 0 },
        { "",
          { TOKEN, { .status = 401 }, { .status = 200, .body = "NEW" }, ROLE, OK },
          5,
          NULL,
          WORKS,
          IPV4 "my%20role",
          "X-aws-ec2-metadata-token: NEW\n",
          0 },
        /* expired: AWS has the last word */
        { "",
          { TOKEN,
            ROLE,
            { .status = 200,
              .body = "{\"Code\":\"Success\",\"AccessKeyId\":\"ASIA1\",\"SecretAccessKey\":"
                      "\"CANARYs\",\"Token\":\"CANARYt\",\"Expiration\":"
                      "\"2020-01-15T17:50:00Z\"}" } },
          3,
          NULL,
          WORKS,
          IPV4 "my%20role",
          SENT,
          0 },
        /* absent */
        { "AWS_EC2_METADATA_DISABLED=TRUE\n",
          { TOKEN, ROLE, OK },
          0,
          "DISABLED is true",
          RS_28000,
          "",
          "",
          0 },
        { "", { TOKEN, { .status = 404 } }, 2, "no role is attached", RS_28000, IPV4, SENT, 0 },
        { "", { TOKEN, { .status = 200 } }, 2, "no role is attached", RS_28000, IPV4, SENT, 0 },
        /* malformed */
        { MODE "ipv5\n", { TOKEN }, 0, "mode must be IPv4 or IPv6", RS_28000, "", "", 0 },
        { AT "169.254.169.254\n",
          { TOKEN },
          0,
          "must be an http or https URL",
          RS_28000,
          "",
          "",
          0 },
        { AT "http://u:p@localhost\n", { TOKEN }, 0, "must be an http", RS_28000, "", "", 0 },
        { "",
          { { .status = 200, .body = "a b" } },
          1,
          "the token cannot be used",
          RS_28000,
          "http://",
          "X-aws-ec2-metadata-token-ttl-seconds: 21600\n",
          0 },
        { "",
          { { .status = 200, .body = "" } },
          1,
          "the token cannot be used",
          RS_28000,
          "",
          "",
          0 },
        { "",
          { TOKEN, ROLE, { .status = 200, .body = "{" } },
          3,
          "it is not JSON",
          RS_28000,
          IPV4,
          "",
          0 },
        /* refused: never by version 1 */
        { "", { { .status = 403 } }, 1, "no token: HTTP 403", RS_28000, "", "", 0 },
        { "", { { .status = 405 } }, 1, "no token: HTTP 405", RS_28000, "", "", 0 },
        { "",
          { TOKEN, { .status = 401 }, TOKEN, { .status = 401 } },
          4,
          "no role name: HTTP 401",
          RS_28000,
          IPV4,
          "",
          0 },
        { "",
          { TOKEN,
            ROLE,
            { .status = 200,
              .body = "{\"Code\":\"AssumeRoleUnauthorizedAccess\",\"Message\":\"not trusted\"}" } },
          3,
          "instance metadata: AssumeRoleUnauthorizedAccess: not trusted",
          RS_28000,
          IPV4,
          "",
          0 },
    };
    static const struct row attempts[] = {
        { "", { LATE, LATE, TOKEN, ROLE, OK }, 5, NULL, WORKS, IPV4, SENT, 1500 },
        { "AWS_METADATA_SERVICE_NUM_ATTEMPTS=2\nAWS_METADATA_SERVICE_TIMEOUT=5\n",
          { LATE, LATE },
          2,
          "no answer within 5000 ms (2 attempts)",
          RS_08001,
          "http://",
          "",
          500 },
    };
    /* One error names every link. */
    static const struct row ends[] = {
        { "AWS_ACCESS_KEY_ID=E\n",
          { LATE },
          1,
          "no AWS credentials found (environment: AWS_SECRET_ACCESS_KEY is not set; web identity: "
          "AWS_WEB_IDENTITY_TOKEN_FILE is not set; profile: AWS profile \"default\" not found in "
          "\"/nonexistent/config\" or \"/nonexistent/credentials\"; container: neither "
          "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set; "
          "instance metadata: no answer within 1000 ms (1 attempt))",
          RS_28000,
          "http://",
          "",
          0 },
    };

    (void)state;
    check(INSTANCE, rows, RS_COUNT(rows));
    check(CHAIN, rows, RS_COUNT(rows));
    check(INSTANCE, attempts, RS_COUNT(attempts));
    check(CHAIN, ends, RS_COUNT(ends));
}

/* The profile may say where the service is; a variable says it louder. */
static void instance_of_profile(void **state)
{
    static const char text[] = "[default]\nec2_metadata_service_endpoint_mode = IPv6\n";
    static const struct fake_answer answers[] = { TOKEN, ROLE, OK };
    struct look look;

    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        begin(&look, INSTANCE, turn == 0 ? "" : MODE "IPv4\n");
        look.fake.answer = answers;
        look.fake.n_answers = RS_COUNT(answers);
        assert_true(rs_profiles_parse(rs_str_of(text), RS_PROFILE_CONFIG, "c", &look.profiles, NULL,
                                      &look.diag));
        assert_true(rs_imds_fetch(&look.from, rs_profiles_find(look.profiles, "default"), 1,
                                  &look.creds, &look.diag));
        assert_non_null(
            strstr(look.fake.url[0], turn == 0 ? "http://[fd00:ec2::254]/" : "http://169.254.169"));
        end(&look);
    }
}

/* A pause that would pass the deadline is not begun. */
static void deadline(void **state)
{
    static const struct fake_answer answers[] = { { .status = 503 }, OK };
    struct look look;

    (void)state;
    begin(&look, CONTAINER, RELATIVE "/\n");
    look.fake.answer = answers;
    look.fake.n_answers = RS_COUNT(answers);
    look.from.deadline = rs_deadline_in(900);
    assert_false(gives(&look));
    assert_int_equal(look.fake.n_asked, 1);
    end(&look);

    begin(&look, INSTANCE, "");
    look.from.deadline = (struct rs_deadline){ 1 };
    assert_false(gives(&look));
    assert_int_equal(look.fake.n_asked, 0);
    assert_int_equal(rs_diag_state(&look.diag), RS_HYT00);
    end(&look);
}

static bool once(void *ctx)
{
    struct look *look = ctx;
    bool ok;

    fake_world_rewind(&look->fake);
    ok = gives(look);
    if (!ok)
        assert_int_equal(rs_diag_state(&look->diag), RS_HY001);
    assert_int_equal(look->diag.n_error, ok ? 0 : 1);
    end(look);
    return ok;
}

/* The end of an error is the end of the sweep. */
static bool refused_once(void *ctx)
{
    struct look *look = ctx;
    bool done;

    fake_world_rewind(&look->fake);
    assert_false(gives(look));
    assert_int_equal(look->diag.n_error, 1);
    done = rs_diag_state(&look->diag) != RS_HY001;
    end(look);
    return done;
}

static void sweep(void **state)
{
    static const struct fake_answer container_answers[] = { OK };
    static const struct fake_answer instance_answers[] = { TOKEN, ROLE, OK };
    static const struct fake_answer refusal[] = {
        { .status = 400, .body = "{\"code\":\"X\",\"message\":\"y\"}" }
    };
    struct look look;

    (void)state;
    begin(&look, CONTAINER, RELATIVE "/\n" VALUE "t\n");
    look.fake.answer = container_answers;
    look.fake.n_answers = 1;
    rs_test_oom(once, &look);
    begin(&look, CHAIN, "");
    look.fake.answer = instance_answers;
    look.fake.n_answers = 3;
    rs_test_oom(once, &look);
    begin(&look, CONTAINER, RELATIVE "/\n");
    look.fake.answer = refusal;
    look.fake.n_answers = 1;
    rs_test_oom(refused_once, &look);
    look.who = CHAIN;
    begin(&look, CHAIN, "");
    look.fake.answer = refusal;
    look.fake.n_answers = 1;
    rs_test_oom(refused_once, &look);
}

static int make_files(void **state)
{
    (void)state;
    tempdir_make(&temp);
    snprintf(token_path, sizeof token_path, "%s/token", temp.path);
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    unlink(token_path);
    tempdir_remove(&temp);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(container), cmocka_unit_test(token_file_with_lines),
        cmocka_unit_test(instance),  cmocka_unit_test(instance_of_profile),
        cmocka_unit_test(deadline),  cmocka_unit_test(sweep),
    };

    return cmocka_run_group_tests(tests, make_files, remove_files);
}
