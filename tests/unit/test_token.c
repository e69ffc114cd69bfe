/* Plugins that hand a token to the database: which keys, what becomes of them, and no secret told.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "auth/auth.h"
#include "fakeworld.h"
#include "oom.h"

#define DB  "Server=h\nDatabase=d\n"
#define JWT DB "plugin_name=JWT\n"
#define IDC DB "plugin_name=IdpTokenAuthPlugin\n"

static void read_keys(struct rs_settings *set, const char *keys)
{
    struct rs_str rest = rs_str_of(keys), line;
    struct rs_diag diag = { 0 };
    bool done = false;

    assert_true(rs_settings_init(set, &diag));
    while (rs_str_split(&rest, '\n', &done, &line)) {
        ptrdiff_t eq = rs_str_chr(line, '=');

        if (line.n == 0)
            continue;
        assert_true(rs_settings_put(set, rs_key_find(rs_str_sub(line, 0, (size_t)eq)),
                                    rs_str_sub(line, (size_t)eq + 1, line.n), RS_LAYER_STRING,
                                    &diag));
    }
}

/* The way of a connection: the checks of the settings, then the sign-in. No HTTP is in reach. */
static bool resolve(struct rs_settings *set, struct rs_login *login, struct rs_diag *diag)
{
    struct fake_world fake;

    fake_world_init(&fake, NULL, 0);
    return rs_settings_check(set, diag) &&
           rs_auth_resolve(set, &fake.world, RS_FOREVER, NULL, login, diag);
}

static void expect_text(const char *is, const char *want)
{
    if (want == NULL)
        assert_null(is);
    else
        assert_string_equal(is, want);
}

static void test_logins(void **state)
{
    static const struct {
        const char *keys, *host, *user, *secret, *idp_type, *provider, *type, *space, *warning;
        int port;
    } cases[] = {
        { JWT "web_identity_token=CANARYa.b.c\n", "h", NULL, "CANARYa.b.c", "AzureAD", NULL, NULL,
          NULL, NULL, 5439 },
        { JWT "WebIdentityToken=CANARY\nProviderName=my idp\nUID=bob\nPort=1\n", "h", "bob",
          "CANARY", "AzureAD", "my idp", NULL, NULL, NULL, 1 },
        { DB "AuthType=Identity Provider: JWT\nweb_identity_token=CANARY\n", "h", NULL, "CANARY",
          "AzureAD", NULL, NULL, NULL, NULL, 5439 },
        { DB "plugin_name=com.amazon.redshift.plugin.BasicJwtCredentialsProvider\n"
             "web_identity_token=CANARY\n",
          "h", NULL, "CANARY", "AzureAD", NULL, NULL, NULL, NULL, 5439 },
        { IDC "token=CANARY\ntoken_type=ACCESS_TOKEN\n", "h", NULL, "CANARY", "AwsIdc", NULL,
          "ACCESS_TOKEN", NULL, NULL, 5439 },
        { IDC "token=CANARY\ntoken_type=ext_jwt\nidentity_namespace=n s\nIAM=0\nOpener=native\n",
          "h", NULL, "CANARY", "AwsIdc", NULL, "EXT_JWT", "n s", NULL, 5439 },
        { DB "AuthType=IdP Token Auth Plugin\ntoken=CANARY\ntoken_type=EXT_JWT\nSSLMode=require\n",
          "h", NULL, "CANARY", "AwsIdc", NULL, "EXT_JWT", NULL, NULL, 5439 },
        /* connects elsewhere than the name says */
        { JWT "web_identity_token=CANARY\nvpc_endpoint_url=https://vpce.example:7777/\n",
          "vpce.example", NULL, "CANARY", "AzureAD", NULL, NULL, NULL, NULL, 7777 },
        /* keys that do nothing are named, with nothing that they hold */
        { JWT "web_identity_token=CANARY\nPWD=CANARYp\nidp_host=CANARYh\nDbUser=CANARYu\n"
              "token=CANARYt\n",
          "h", NULL, "CANARY", "AzureAD", NULL, NULL, NULL,
          "PWD, DbUser, idp_host, token are ignored for plugin JWT", 5439 },
        { IDC "token=CANARY\ntoken_type=EXT_JWT\nprovider_name=p\n", "h", NULL, "CANARY", "AwsIdc",
          NULL, "EXT_JWT", NULL, "provider_name is ignored for plugin IdpTokenAuthPlugin", 5439 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_settings set = { 0 };
        struct rs_login login = { 0 };
        struct rs_diag diag = { 0 };

        read_keys(&set, cases[i].keys);
        if (!resolve(&set, &login, &diag))
            fail_msg("case %zu: %s", i, rs_diag_first(&diag));
        assert_int_equal(login.kind, RS_LOGIN_TOKEN);
        assert_false(login.is_iam);
        assert_true(rs_login_needs_tls(&login));
        assert_true(rs_auth_is_iam(&set));
        assert_string_equal(login.host, cases[i].host);
        assert_int_equal(login.port, cases[i].port);
        assert_string_equal(login.database, "d");
        expect_text(login.user, cases[i].user);
        assert_string_equal(rs_secret_reveal(&login.secret), cases[i].secret);
        expect_text(login.idp_type, cases[i].idp_type);
        expect_text(login.provider_name, cases[i].provider);
        expect_text(login.token_type, cases[i].type);
        expect_text(login.identity_namespace, cases[i].space);
        assert_int_equal(diag.n, cases[i].warning == NULL ? 0 : 1);
        if (cases[i].warning != NULL)
            assert_string_equal(diag.rec[0].text, cases[i].warning);
        rs_login_clear(&login);
        rs_settings_clear(&set);
        rs_diag_clear(&diag);
    }
}

static void test_refusals(void **state)
{
    static const struct {
        const char *keys;
        enum rs_state want;
        const char *text;
    } cases[] = {
        { JWT, RS_28000, "web_identity_token is required for plugin JWT" },
        { "plugin_name=JWT\n", RS_28000,
          "Server, Database, web_identity_token are required for plugin JWT" },
        { "plugin_name=JWT\nvpc_endpoint_url=v\nweb_identity_token=CANARY\n", RS_28000,
          "Database is required for plugin JWT" },
        { IDC, RS_28000, "token, token_type are required for plugin IdpTokenAuthPlugin" },
        { IDC "token=CANARY\n", RS_28000, "token_type is required for plugin IdpTokenAuthPlugin" },
        { IDC "token_type=EXT_JWT\n", RS_28000, "token is required for plugin IdpTokenAuthPlugin" },
        { IDC "token=CANARY\ntoken_type=SUBJECT_TOKEN\n", RS_HY000,
          "token_type \"SUBJECT_TOKEN\" is not known; it is one of ACCESS_TOKEN, EXT_JWT" },
        { IDC "token=CANARY\ntoken_type=EXT_JWT\nIAM=1\n", RS_28000,
          "IAM and plugin_name cannot be used together" },
        { IDC "token=CANARY\ntoken_type=EXT_JWT\nAccessKeyID=CANARY\nSecretAccessKey=CANARY\n",
          RS_28000, "token and AccessKeyID cannot be used together" },
        { IDC "token=CANARY\ntoken_type=EXT_JWT\nSessionToken=CANARY\n", RS_28000,
          "token and SessionToken cannot be used together" },
        { IDC "AccessKeyID=CANARY\nSecretAccessKey=CANARY\nSessionToken=CANARY\n", RS_HYC00,
          "IdpTokenAuthPlugin with AWS credentials is not in this build; use token and "
          "token_type" },
        { JWT "web_identity_token=CANARY\nAccessKeyID=CANARY\n", RS_28000,
          "plugin_name and AccessKeyID cannot be used together" },
        { JWT "web_identity_token=CANARY\nProfile=p\n", RS_28000,
          "plugin_name and Profile cannot be used together" },
        { JWT "web_identity_token=CANARY\nOpener=libpq\n", RS_HYC00,
          "plugin JWT needs Opener=native or Opener=auto" },
        { IDC "token=CANARY\ntoken_type=EXT_JWT\nOpener=LIBPQ\n", RS_HYC00,
          "plugin IdpTokenAuthPlugin needs Opener=native or Opener=auto" },
        { JWT "web_identity_token=CANARY\nSSLMode=disable\n", RS_HY000,
          "IAM authentication needs SSLMode require, verify-ca or verify-full" },
        { IDC "token=CANARY\ntoken_type=EXT_JWT\nSSLMode=prefer\n", RS_HY000,
          "IAM authentication needs SSLMode require, verify-ca or verify-full" },
        { DB "plugin_name=BrowserIdcAuthPlugin\n", RS_HYC00, "plugin BrowserIdcAuthPlugin is not" },
        { DB "plugin_name=BrowserAzureADOAuth2\n", RS_HYC00, "plugin BrowserAzureADOAuth2 is not" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_settings set = { 0 };
        struct rs_login login = { 0 };
        struct rs_diag diag = { 0 };

        read_keys(&set, cases[i].keys);
        assert_false(resolve(&set, &login, &diag));
        if (rs_diag_state(&diag) != cases[i].want ||
            strstr(rs_diag_first(&diag), cases[i].text) == NULL || diag.n_error != 1)
            fail_msg("case %zu: %s %s", i, rs_state_text(rs_diag_state(&diag), false),
                     rs_diag_first(&diag));
        for (size_t k = 0; k < diag.n; k++)
            assert_null(strstr(diag.rec[k].text, "CANARY"));
        assert_null(login.host);
        assert_false(rs_secret_is_set(&login.secret));
        rs_settings_clear(&set);
        rs_diag_clear(&diag);
    }
}

/* A token may be as long as 64 KiB, and is printed as stars. */
static void test_long_token(void **state)
{
    static char keys[sizeof(IDC) + 70000];
    struct rs_settings set = { 0 };
    struct rs_login login = { 0 };
    struct rs_diag diag = { 0 };
    struct rs_buf text = RS_BUF_INIT(1 << 20);
    size_t n = sizeof(IDC "token_type=EXT_JWT\ntoken=") - 1;

    (void)state;
    memcpy(keys, IDC "token_type=EXT_JWT\ntoken=", n);
    memset(keys + n, 'C', 65536);
    keys[n + 65536] = '\0';
    read_keys(&set, keys);
    assert_true(resolve(&set, &login, &diag));
    assert_int_equal(rs_secret_len(&login.secret), 65536);
    rs_settings_print(&set, &text);
    assert_false(text.bad);
    assert_non_null(strstr(text.p, "token=****"));
    assert_null(strstr(text.p, "CC"));
    rs_buf_clear(&text);
    rs_login_clear(&login);
    rs_settings_clear(&set);
}

static bool resolve_once(void *ctx)
{
    struct rs_settings copy = { 0 };
    struct rs_login login = { 0 };
    struct rs_diag diag = { 0 };
    bool ok = rs_settings_copy(&copy, ctx, &diag) && resolve(&copy, &login, &diag);

    if (!ok)
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    assert_int_equal(diag.n_error, ok ? 0 : 1);
    rs_login_clear(&login);
    rs_settings_clear(&copy);
    rs_diag_clear(&diag);
    return ok;
}

static void test_memory(void **state)
{
    static const char *const cases[] = {
        JWT "web_identity_token=a\nprovider_name=p\nUID=u\nDbUser=x\n",
        IDC "token=a\ntoken_type=EXT_JWT\nidentity_namespace=n\nvpc_endpoint_url=v\n",
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_settings set = { 0 };

        read_keys(&set, cases[i]);
        rs_test_oom(resolve_once, &set);
        rs_settings_clear(&set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_logins),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_long_token),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
