/* The default chain and what a profile describes. credentials.md 3.2 and 4. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/chain.h"
#include "auth/source.h"
#include "fakeworld.h"
#include "oom.h"

static char folder[] = "/tmp/rs_chain_XXXXXX";
static char config_path[64], creds_path[64], token_path[64];

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int make_files(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(config_path, sizeof config_path, "%s/config", folder);
    snprintf(creds_path, sizeof creds_path, "%s/credentials", folder);
    snprintf(token_path, sizeof token_path, "%s/token", folder);
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    unlink(config_path);
    unlink(creds_path);
    unlink(token_path);
    rmdir(folder);
    return 0;
}

/* One look for credentials. env: "NAME=value\n…" beside the two paths. */
struct look {
    struct fake_world fake;
    struct rs_source from;
    struct rs_profiles *profiles;
    struct rs_creds creds;
    struct rs_diag diag;
    const char *env[16][2];
    char text[1024];
};

static void begin(struct look *look, const char *env, const char *config)
{
    size_t n = 0;

    memset(look, 0, sizeof *look);
    write_file(config_path, config);
    write_file(creds_path, "");
    snprintf(look->text, sizeof look->text, "%s", env);
    for (char *at = look->text; *at != '\0'; n++) {
        char *eq = strchr(at, '='), *end = strchr(at, '\n');

        assert_true(eq != NULL && end != NULL && n < 13);
        *eq = *end = '\0';
        look->env[n][0] = at;
        look->env[n][1] = eq + 1;
        at = end + 1;
    }
    look->env[n][0] = "AWS_CONFIG_FILE";
    look->env[n++][1] = config_path;
    look->env[n][0] = "AWS_SHARED_CREDENTIALS_FILE";
    look->env[n++][1] = creds_path;
    fake_world_init(&look->fake, NULL, 0);
    look->fake.env = (const char *const(*)[2])look->env;
    look->from = (struct rs_source){ .world = &look->fake.world,
                                     .deadline = RS_FOREVER,
                                     .region = "eu-west-3",
                                     .ca_file = "/ca.pem" };
}

static void end(struct look *look)
{
    rs_profiles_free(look->profiles);
    rs_creds_clear(&look->creds);
    rs_diag_clear(&look->diag);
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

#define KEYS(id) "aws_access_key_id=" id "\naws_secret_access_key=CANARY\n"
#define ENV_KEYS "AWS_ACCESS_KEY_ID=E\nAWS_SECRET_ACCESS_KEY=CANARY\n"

static void links(void **state)
{
    static const struct {
        const char *env, *config;
        const char *id; /* NULL: fails */
        const char *token;
        enum rs_state want;
        const char *says;
    } cases[] = {
        { ENV_KEYS, "[default]\n" KEYS("D"), "E", "", RS_00000, "" },
        { ENV_KEYS "AWS_SESSION_TOKEN=1\nAWS_SECURITY_TOKEN=2\n", "", "E", "1", RS_00000, "" },
        { ENV_KEYS "AWS_SECURITY_TOKEN=2\n", "", "E", "2", RS_00000, "" },
        { ENV_KEYS "AWS_PROFILE=gone\n", "", "E", "", RS_00000, "" },
        { ENV_KEYS, "not a file", "E", "", RS_00000, "" },
        { "AWS_ACCESS_KEY_ID=E\n", "[default]\n" KEYS("D"), "D", "", RS_00000, "" },
        { "AWS_SECRET_ACCESS_KEY=CANARY\n", "[default]\n" KEYS("D"), "D", "", RS_00000, "" },
        { "AWS_ACCESS_KEY_ID= \nAWS_SECRET_ACCESS_KEY=CANARY\n", "[default]\n" KEYS("D"), "D", "",
          RS_00000, "" },
        { "AWS_PROFILE=p\nAWS_DEFAULT_PROFILE=q\n",
          "[profile p]\n" KEYS("P") "[profile q]\n" KEYS("Q"), "P", "", RS_00000, "" },
        { "AWS_DEFAULT_PROFILE=q\n", "[profile p]\n" KEYS("P") "[profile q]\n" KEYS("Q"), "Q", "",
          RS_00000, "" },
        { "AWS_PROFILE=gone\n", "[default]\n" KEYS("D"), NULL, "", RS_28000, "\"gone\" not found" },
        { "", "[default]\naws_access_key_id=D\n", NULL, "", RS_28000, "aws_secret_access_key" },
        { "", "not a file", NULL, "", RS_HY000, "line 1" },
        { "AWS_EC2_METADATA_DISABLED=True\n", "[default]\nregion=r\n", NULL, "", RS_28000,
          "no AWS credentials found (environment: AWS_ACCESS_KEY_ID is not set; web identity: "
          "AWS_WEB_IDENTITY_TOKEN_FILE is not set; profile: AWS profile \"default\" contains no "
          "credentials; container: neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor "
          "AWS_CONTAINER_CREDENTIALS_FULL_URI is set; instance metadata: AWS_EC2_METADATA_DISABLED "
          "is true)" },
        { "AWS_ACCESS_KEY_ID=E\nAWS_WEB_IDENTITY_TOKEN_FILE=/f\n", "", NULL, "", RS_28000,
          "environment: AWS_SECRET_ACCESS_KEY is not set; web identity: AWS_ROLE_ARN is not set; "
          "profile: AWS profile \"default\" not found in \"" },
        { "AWS_WEB_IDENTITY_TOKEN_FILE=/nonexistent/f\nAWS_ROLE_ARN=a\n", "[default]\n" KEYS("D"),
          NULL, "", RS_28000, "there is no web identity token file \"/nonexistent/f\"" },
        { ENV_KEYS "AWS_WEB_IDENTITY_TOKEN_FILE=/f\nAWS_ROLE_ARN=a\n", "", "E", "", RS_00000, "" },
        { "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://localhost/\n", "[default]\n" KEYS("D"), "D",
          "", RS_00000, "" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct look look;
        bool ok;

        begin(&look, cases[i].env, cases[i].config);
        ok = chain_gives(&look);
        if (ok != (cases[i].id != NULL) || rs_diag_state(&look.diag) != cases[i].want ||
            strstr(rs_diag_first(&look.diag), cases[i].says) == NULL)
            fail_msg("case %zu: %s", i, rs_diag_first(&look.diag));
        assert_int_equal(look.diag.n_error, ok ? 0 : 1);
        assert_null(strstr(rs_diag_first(&look.diag), "CANARY"));
        if (ok) {
            assert_string_equal(look.creds.access_key_id, cases[i].id);
            assert_string_equal(rs_secret_reveal(&look.creds.secret_access_key), "CANARY");
            assert_string_equal(rs_secret_reveal(&look.creds.session_token), cases[i].token);
        }
        end(&look);
    }
}

/* A profile that cannot be used, and is not: no call is made. */
struct bad_profile {
    const char *text;
    enum rs_state want;
    const char *says;
};

static bool profile_gives(struct look *look, const char *name)
{
    if (!rs_profiles_load(&look->fake.world, &look->profiles, NULL, &look->diag))
        return false;
    look->from.profiles = look->profiles;
    return rs_source_profile(&look->from, rs_profiles_find(look->profiles, name), &look->creds,
                             &look->diag);
}

/* before: what stands before each text. */
static void expect_refusals(const char *before, const struct bad_profile *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct rs_buf text = RS_BUF_INIT(4096);
        struct look look;

        rs_buf_addf(&text, "%s%s\n", before, cases[i].text);
        begin(&look, "", text.p);
        assert_false(profile_gives(&look, "x"));
        if (look.fake.n_asked != 0 || look.diag.n_error != 1 ||
            rs_diag_state(&look.diag) != cases[i].want ||
            !fake_world_says(rs_diag_first(&look.diag), cases[i].says))
            fail_msg("case %zu: %s", i, rs_diag_first(&look.diag));
        assert_null(strstr(rs_diag_first(&look.diag), "CANARY"));
        end(&look);
        rs_buf_clear(&text);
    }
}

/* What a profile without keys of its own says. */
static void profiles(void **state)
{
    static const struct bad_profile cases[] = {
        { "region=us-west-2", RS_28000, "contains no credentials" },
        { "source_profile=x", RS_28000, "no role_arn" },
        { "credential_source=Environment", RS_28000, "no role_arn" },
        { "web_identity_token_file=/x", RS_28000, "no role_arn" },
        { "plugin_name=Okta\nrole_arn=a\n" KEYS("A"), RS_HYC00, "plugin_name" },
        { "role_arn=a\n" KEYS("A"), RS_28000, "needs source_profile or credential_source" },
        { "sso_session=a\n" KEYS("A"), RS_28000, "names the section [sso-session a]" },
        { "sso_start_url=a", RS_28000, "lacks sso_account_id, sso_role_name, sso_region" },
        { "credential_process=/nonexistent/p", RS_28000, "cannot be started" },
    };

    (void)state;
    expect_refusals("[profile x]\n", cases, RS_COUNT(cases));
}

/* ---- roles ---- */

#define CREDENTIALS(id)                                                                            \
    "<Credentials><AccessKeyId>" id "</AccessKeyId><SecretAccessKey>CANARYs</SecretAccessKey>"     \
    "<SessionToken>CANARYt</SessionToken><Expiration>2026-01-15T13:00:00Z</Expiration>"            \
    "</Credentials>"
#define ASSUMED(id)                                                                                \
    "<AssumeRoleResponse><AssumeRoleResult>" CREDENTIALS(                                          \
        id) "</AssumeRoleResult></AssumeRoleResponse>"

static const struct fake_answer assumed[] = { { .status = 200, .body = ASSUMED("R1") },
                                              { .status = 200, .body = ASSUMED("R2") } };

static void roles(void **state)
{
    static const struct {
        const char *env, *config, *sts_url;
        size_t asked;
        const char *url, *by, *form; /* of the last request */
    } cases[] = {
        { "", "[profile x]\nrole_arn=arn:r/x\nsource_profile=b\n[profile b]\n" KEYS("B"), NULL, 1,
          "https://sts.eu-west-3.amazonaws.com/", "B/20260115/eu-west-3/sts/",
          "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Ar%2Fx"
          "&RoleSessionName=odbc-1768478400000" },
        { "",
          "[profile x]\nrole_arn=r\nsource_profile=b\nrole_session_name=me@x\nexternal_id=e/1\n"
          "role_external_id=no\nduration_seconds= 900\nregion=us-east-2\n[profile "
          "b]\nmfa_serial=m\n"
          "region=us-east-1\n" KEYS("B"),
          NULL, 1, "https://sts.eu-west-3.amazonaws.com/", "B/20260115/eu-west-3/sts/",
          "&RoleArn=r&RoleSessionName=me%40x&ExternalId=e%2F1&DurationSeconds=900" },
        { "",
          "[profile x]\nrole_arn=r\nsource_profile=b\nrole_external_id=yes\n[profile b]\n" KEYS(
              "B"),
          NULL, 1, "https://sts.", "B/", "&ExternalId=yes" },
        { "", "[profile x]\nrole_arn=r\nsource_profile=x\n" KEYS("X"), NULL, 1, "https://sts.",
          "X/", "&RoleArn=r&" },
        { "",
          "[profile x]\nrole_arn=r\nsource_profile=y\n[profile y]\nrole_arn=q\n"
          "source_profile=b\n[profile b]\n" KEYS("B"),
          NULL, 2, "https://sts.", "R1/", "&RoleArn=r&" },
        { ENV_KEYS, "[profile x]\nrole_arn=r\ncredential_source=Environment\n", NULL, 1,
          "https://sts.", "E/", "&RoleArn=r&" },
        { "",
          "[profile x]\nrole_arn=r\nsource_profile=b\n[profile b]\ncredential_process=echo "
          "'{\"Version\":1,\"AccessKeyId\":\"P\",\"SecretAccessKey\":\"CANARY\"}'\n",
          NULL, 1, "https://sts.", "P/", "&RoleArn=r&" },
        { "", "[profile x]\nrole_arn=r\nsource_profile=b\n[profile b]\n" KEYS("B"),
          "sts.amazonaws.com", 1, "https://sts.amazonaws.com/", "B/20260115/us-east-1/sts/", "" },
        { "", "[profile x]\nrole_arn=r\nsource_profile=b\n[profile b]\n" KEYS("B"),
          "http://localhost:99/", 1, "http://localhost:99/", "B/20260115/eu-west-3/sts/", "" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        size_t last = cases[i].asked - 1;
        char by[128];
        struct look look;

        begin(&look, cases[i].env, cases[i].config);
        look.fake.answer = assumed;
        look.fake.n_answers = 2;
        look.from.sts_url = cases[i].sts_url;
        snprintf(by, sizeof by, "Credential=%s", cases[i].by);
        if (!profile_gives(&look, "x"))
            fail_msg("case %zu: %s", i, rs_diag_first(&look.diag));
        assert_int_equal(look.fake.n_asked, cases[i].asked);
        if (strstr(look.fake.url[last], cases[i].url) != look.fake.url[last] ||
            strstr(look.fake.headers[last], by) == NULL ||
            strstr(look.fake.body[last], cases[i].form) == NULL)
            fail_msg("case %zu: %s %s %s", i, look.fake.url[last], look.fake.headers[last],
                     look.fake.body[last]);
        assert_string_equal(look.fake.ca_file[last], "/ca.pem");
        assert_string_equal(look.creds.access_key_id, last == 0 ? "R1" : "R2");
        assert_string_equal(rs_secret_reveal(&look.creds.secret_access_key), "CANARYs");
        assert_string_equal(rs_secret_reveal(&look.creds.session_token), "CANARYt");
        assert_int_equal(look.creds.expires_at, 1768482000);
        end(&look);
    }
}

/* What is wrong before any call. */
static void role_contradictions(void **state)
{
    static const struct bad_profile cases[] = {
        { "source_profile=b\nmfa_serial=m", RS_28000, "multi-factor" },
        { "source_profile=b\ncredential_source=Environment", RS_28000, "has both" },
        { "source_profile=gone", RS_28000, "\"gone\" not found" },
        { "source_profile=x", RS_28000, "leads back to it: x -> x" },
        { "source_profile=y\n[profile y]\nrole_arn=r\nsource_profile=z\n[profile z]\nrole_arn=r\n"
          "source_profile=y",
          RS_28000, "leads back to it: x -> y -> z -> y" },
        { "source_profile=e\n[profile e]\nregion=r", RS_28000, "\"e\" contains no credentials" },
        { "source_profile=e\n[profile e]\nplugin_name=Okta", RS_HYC00, "\"e\" needs an identity" },
        { "credential_source=environment", RS_28000,
          "must be Environment, EcsContainer or Ec2InstanceMetadata" },
        { "credential_source=Environment", RS_28000, "AWS_ACCESS_KEY_ID is not set" },
        { "credential_source=EcsContainer", RS_28000, "neither AWS_CONTAINER_CREDENTIALS_REL" },
        { "source_profile=b\nduration_seconds=1h", RS_28000, "duration_seconds" },
        { "source_profile=b\nduration_seconds=-1", RS_28000, "duration_seconds" },
        { "source_profile=b\nrole_arn=", RS_28000, "role_arn of AWS profile \"x\" is empty" },
        { "source_profile=b\nweb_identity_token_file=/nonexistent/f", RS_28000,
          "there is no web identity token file" },
    };

    (void)state;
    expect_refusals("[profile b]\n" KEYS("B") "[profile x]\nrole_arn=r\n", cases, RS_COUNT(cases));
}

static void long_chains(void **state)
{
    (void)state;
    for (int n = RS_SOURCE_MAX_HOPS; n <= RS_SOURCE_MAX_HOPS + 1; n++) {
        struct rs_buf text = RS_BUF_INIT(8192);
        struct look look;

        for (int i = 1; i < n; i++)
            rs_buf_addf(&text, "[profile %d]\nrole_arn=r\nsource_profile=%d\n", i, i + 1);
        rs_buf_addf(&text, "[profile %d]\nregion=r\n", n);
        begin(&look, "", text.p);
        assert_false(profile_gives(&look, "1"));
        if (strstr(rs_diag_first(&look.diag),
                   n == RS_SOURCE_MAX_HOPS ? "contains no credentials" : "more than 16") == NULL)
            fail_msg("%d: %s", n, rs_diag_first(&look.diag));
        end(&look);
        rs_buf_clear(&text);
    }
}

#define ROLE "[profile x]\nrole_arn=r\nsource_profile=b\n[profile b]\n" KEYS("B")

static void sts_answers(void **state)
{
    static const struct {
        struct fake_answer answer;
        const char *sts_url;
        enum rs_state want;
        const char *says;
    } cases[] = {
        { { .status = 403,
            .body = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not CANARY</Message>"
                    "</Error></ErrorResponse>" },
          NULL,
          RS_28000,
          "AssumeRole: AccessDenied: not **** (HTTP 403); the source identity" },
        { { .status = 403,
            .body = "<ErrorResponse><Error><Code>ExpiredToken</Code></Error></ErrorResponse>" },
          NULL,
          RS_28000,
          "AssumeRole: ExpiredToken" },
        { { .fail = RS_08001, .is_final = true }, NULL, RS_08001, "sts.eu-west-3.amazonaws.com" },
        { { .status = 200, .body = "CANARY" }, NULL, RS_HY000, "the answer cannot be used" },
        { { .status = 200, .body = "" }, NULL, RS_HY000, "the answer cannot be used" },
        { { .status = 200, .body = "<a/>" },
          NULL,
          RS_HY000,
          "a part of the credentials is missing" },
        { { .status = 200,
            .body =
                "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId>"
                "<SecretAccessKey>CANARY</SecretAccessKey><SessionToken>CANARY</SessionToken>"
                "<Expiration>later</Expiration></Credentials></AssumeRoleResult>"
                "</AssumeRoleResponse>" },
          NULL,
          RS_HY000,
          "Expiration is not a time" },
        { { .status = 200, .body = ASSUMED("R") },
          "http://sts.example/",
          RS_HY000,
          "StsEndpointUrl must be an https URL" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct look look;

        begin(&look, "", ROLE);
        look.fake.answer = &cases[i].answer;
        look.fake.n_answers = 1;
        look.from.sts_url = cases[i].sts_url;
        assert_false(profile_gives(&look, "x"));
        if (look.diag.n_error != 1 || rs_diag_state(&look.diag) != cases[i].want ||
            strstr(rs_diag_first(&look.diag), cases[i].says) == NULL)
            fail_msg("case %zu: %s", i, rs_diag_first(&look.diag));
        assert_null(strstr(rs_diag_first(&look.diag), "CANARY"));
        end(&look);
    }
}

/* ---- web identity ---- */

#define WEB_ASSUMED                                                                                \
    "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult>" CREDENTIALS(            \
        "W") "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"

static const struct fake_answer web_assumed = { .status = 200, .body = WEB_ASSUMED };

/* By the profile x, or by the environment. */
static bool web_gives(struct look *look, bool by_profile, const struct fake_answer *answer)
{
    char text[512];

    if (by_profile)
        snprintf(text, sizeof text,
                 "[profile x]\nrole_arn=r/1\nrole_session_name=me\nexternal_id=no\n"
                 "duration_seconds=901\nweb_identity_token_file=%s\n",
                 token_path);
    else
        snprintf(text, sizeof text, "AWS_WEB_IDENTITY_TOKEN_FILE=%s\nAWS_ROLE_ARN=r/1\n",
                 token_path);
    begin(look, by_profile ? "" : text, by_profile ? text : "");
    look->fake.answer = answer;
    look->fake.n_answers = 1;
    return by_profile ? profile_gives(look, "x") : chain_gives(look);
}

static void web_identity(void **state)
{
    static const char *const forms[] = {
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=r%2F1"
        "&RoleSessionName=odbc-1768478400000&WebIdentityToken=CANARY.t%2Bk%3D",
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=r%2F1&RoleSessionName=me"
        "&DurationSeconds=901&WebIdentityToken=CANARY.t%2Bk%3D"
    };

    (void)state;
    write_file(token_path, "CANARY.t+k= \n\n");
    for (int i = 0; i < 2; i++) {
        struct look look;

        if (!web_gives(&look, i == 1, &web_assumed))
            fail_msg("%s", rs_diag_first(&look.diag));
        assert_int_equal(look.fake.n_asked, 1);
        assert_string_equal(look.fake.url[0], "https://sts.eu-west-3.amazonaws.com/");
        assert_string_equal(look.fake.body[0], forms[i]);
        assert_null(strstr(look.fake.headers[0], "Authorization"));
        assert_null(strstr(look.fake.headers[0], "X-Amz"));
        assert_string_equal(look.creds.access_key_id, "W");
        assert_string_equal(rs_secret_reveal(&look.creds.session_token), "CANARYt");
        assert_int_equal(look.creds.expires_at, 1768482000);
        end(&look);
    }
}

static void web_failures(void **state)
{
    static const struct {
        const char *token; /* NULL: one byte more than fits */
        struct fake_answer answer;
        enum rs_state want;
        const char *says;
    } cases[] = {
        { " \n", { 0 }, RS_28000, "is empty" },
        { NULL, { 0 }, RS_HY000, "larger than 20000 bytes" },
        { "CANARY.token",
          { .status = 400,
            .body =
                "<ErrorResponse><Error><Code>ExpiredTokenException</Code><Message>Token expired: "
                "CANARY.token</Message></Error></ErrorResponse>" },
          RS_28000,
          "ExpiredTokenException: Token expired: **** (HTTP 400); the token has expired; its "
          "file" },
        { "CANARY.token",
          { .status = 403,
            .body = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not with CANARY.token"
                    "</Message></Error></ErrorResponse>" },
          RS_28000,
          "AssumeRoleWithWebIdentity: AccessDenied: not with **** (HTTP 403)" },
        { "CANARY.token",
          { .status = 200, .body = ASSUMED("R") },
          RS_HY000,
          "AssumeRoleWithWebIdentity: the answer cannot be used" },
    };
    static char large[RS_SOURCE_MAX_TOKEN + 2];

    (void)state;
    memset(large, 'x', sizeof large - 1);
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct look look;

        write_file(token_path, cases[i].token == NULL ? large : cases[i].token);
        assert_false(web_gives(&look, false, &cases[i].answer));
        if (look.diag.n_error != 1 || rs_diag_state(&look.diag) != cases[i].want ||
            strstr(rs_diag_first(&look.diag), cases[i].says) == NULL)
            fail_msg("case %zu: %s", i, rs_diag_first(&look.diag));
        assert_null(strstr(rs_diag_first(&look.diag), "CANARY"));
        end(&look);
    }
}

static bool web_once(void *ctx)
{
    struct look look;
    bool ok = web_gives(&look, false, ctx);

    if (!ok)
        assert_int_equal(rs_diag_state(&look.diag), RS_HY001);
    assert_int_equal(look.diag.n_error, ok ? 0 : 1);
    end(&look);
    return ok;
}

static void web_sweep(void **state)
{
    struct fake_answer answer = web_assumed;

    (void)state;
    write_file(token_path, "a.web.token");
    rs_test_oom(web_once, &answer);
}

static bool role_once(void *ctx)
{
    struct look *look = ctx;
    bool ok;

    fake_world_rewind(&look->fake);
    ok = profile_gives(look, "x");
    if (!ok)
        assert_int_equal(rs_diag_state(&look->diag), RS_HY001);
    assert_int_equal(look->diag.n_error, ok ? 0 : 1);
    end(look);
    look->profiles = NULL;
    return ok;
}

static bool chain_once(void *ctx)
{
    struct look *look = ctx;
    bool ok = chain_gives(look);

    if (!ok)
        assert_int_equal(rs_diag_state(&look->diag), RS_HY001);
    assert_int_equal(look->diag.n_error, ok ? 0 : 1);
    end(look);
    look->profiles = NULL;
    return ok;
}

static bool nothing_once(void *ctx)
{
    struct look *look = ctx;
    bool done;

    assert_false(chain_gives(look));
    assert_int_equal(look->diag.n_error, 1);
    done = rs_diag_state(&look->diag) == RS_28000;
    if (!done)
        assert_int_equal(rs_diag_state(&look->diag), RS_HY001);
    end(look);
    look->profiles = NULL;
    return done;
}

static void sweep(void **state)
{
    struct look look;

    (void)state;
    begin(&look, ENV_KEYS, "");
    rs_test_oom(chain_once, &look);
    begin(&look, "", "[default]\n" KEYS("D"));
    rs_test_oom(chain_once, &look);
    begin(&look, "AWS_EC2_METADATA_DISABLED=true\n", "");
    rs_test_oom(nothing_once, &look);
    begin(&look, "", ROLE);
    look.fake.answer = assumed;
    look.fake.n_answers = 1;
    rs_test_oom(role_once, &look);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links),        cmocka_unit_test(profiles),
        cmocka_unit_test(roles),        cmocka_unit_test(role_contradictions),
        cmocka_unit_test(long_chains),  cmocka_unit_test(sts_answers),
        cmocka_unit_test(web_identity), cmocka_unit_test(web_failures),
        cmocka_unit_test(web_sweep),    cmocka_unit_test(sweep),
    };

    return cmocka_run_group_tests(tests, make_files, remove_files);
}
