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
static char config_path[64], creds_path[64];

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
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    unlink(config_path);
    unlink(creds_path);
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
    look->from = (struct rs_source){ .world = &look->fake.world };
}

static void end(struct look *look)
{
    rs_profiles_free(look->profiles);
    rs_creds_clear(&look->creds);
    rs_diag_clear(&look->diag);
}

static bool chain_gives(struct look *look)
{
    struct rs_chain chain;

    return rs_chain_choose(&look->from, &look->profiles, &chain, &look->diag) &&
           rs_chain_fetch(&look->from, &chain, &look->creds, &look->diag);
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
        { "", "[default]\nregion=r\n", NULL, "", RS_28000,
          "no AWS credentials found (environment: AWS_ACCESS_KEY_ID is not set; web identity: "
          "AWS_WEB_IDENTITY_TOKEN_FILE is not set; profile: AWS profile \"default\" contains no "
          "credentials; container: neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor "
          "AWS_CONTAINER_CREDENTIALS_FULL_URI is set; instance metadata: " },
        { "AWS_ACCESS_KEY_ID=E\nAWS_WEB_IDENTITY_TOKEN_FILE=/f\n", "", NULL, "", RS_28000,
          "environment: AWS_SECRET_ACCESS_KEY is not set; web identity: AWS_ROLE_ARN is not set; "
          "profile: AWS profile \"default\" not found in \"" },
        { "AWS_WEB_IDENTITY_TOKEN_FILE=/f\nAWS_ROLE_ARN=a\n", "[default]\n" KEYS("D"), NULL, "",
          RS_HYC00, "web identity" },
        { "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://localhost/\n", "[default]\n" KEYS("D"), "D",
          "", RS_00000, "" },
        { "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://localhost/\n", "", NULL, "", RS_HYC00,
          "container credentials" },
        { "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/x\n", "", NULL, "", RS_HYC00,
          "container credentials" },
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

/* What a profile without keys of its own says. */
static void profiles(void **state)
{
    static const struct {
        const char *text;
        enum rs_state want;
        const char *says;
    } cases[] = {
        { "region=us-west-2", RS_28000, "contains no credentials" },
        { "source_profile=x", RS_28000, "no role_arn" },
        { "credential_source=Environment", RS_28000, "no role_arn" },
        { "web_identity_token_file=/x", RS_28000, "no role_arn" },
        { "plugin_name=Okta\nrole_arn=a\n" KEYS("A"), RS_HYC00, "plugin_name" },
        { "role_arn=a\n" KEYS("A"), RS_HYC00, "role_arn" },
        { "sso_session=a\n" KEYS("A"), RS_HYC00, "sso_session" },
        { "sso_start_url=a", RS_HYC00, "IAM Identity Center" },
        { "credential_process=/nonexistent/p", RS_28000, "cannot be started" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_buf text = RS_BUF_INIT(4096);
        struct look look;

        rs_buf_addf(&text, "[profile x]\n%s\n", cases[i].text);
        begin(&look, "", text.p);
        assert_true(rs_profiles_load(&look.fake.world, &look.profiles, NULL, &look.diag));
        assert_false(rs_source_profile(&look.from, rs_profiles_find(look.profiles, "x"),
                                       &look.creds, &look.diag));
        if (rs_diag_state(&look.diag) != cases[i].want ||
            strstr(rs_diag_first(&look.diag), cases[i].says) == NULL)
            fail_msg("case %zu: %s", i, rs_diag_first(&look.diag));
        assert_null(strstr(rs_diag_first(&look.diag), "CANARY"));
        end(&look);
        rs_buf_clear(&text);
    }
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
    begin(&look, "", "");
    rs_test_oom(nothing_once, &look);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links),
        cmocka_unit_test(profiles),
        cmocka_unit_test(sweep),
    };

    return cmocka_run_group_tests(tests, make_files, remove_files);
}
