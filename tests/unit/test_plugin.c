/* Plugins whose proof AWS is shown: what is asked of whom, whose DbUser and groups count, what is
 * kept, and the texts of refusals. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "auth/auth.h"
#include "auth/aws.h"
#include "auth/credcache.h"
#include "crypto.h"
#include "fakeworld.h"
#include "idp/jwt.h"
#include "oom.h"

#define TARGET "Database=d\nClusterID=c1\nRegion=us-west-2\nServer=h\n"
#define AZURE                                                                                      \
    TARGET "plugin_name=AzureAD\nidp_tenant=example.com\nclient_id=CLIENT\n"                       \
           "client_secret=CANARYc\nUID=login@example.com\nPWD=CANARYp\n"
#define JWT_IAM TARGET "plugin_name=JwtIamAuthPlugin\nrole_arn=arn:r\nUID=login\n"

#define ROLE "arn:aws:iam::1:role/A"
#define IDP  "arn:aws:iam::1:saml-provider/I"

#define STS_ANSWER(op)                                                                             \
    "<" op "Response><" op "Result><Credentials><AccessKeyId>ASIAX</AccessKeyId>"                  \
    "<SecretAccessKey>CANARYk</SecretAccessKey><SessionToken>CANARYs</SessionToken>"               \
    "<Expiration>2026-01-15T13:00:00Z</Expiration></Credentials></" op "Result></" op "Response>"
#define PASSWORD_ANSWER                                                                            \
    "<GetClusterCredentialsResponse><GetClusterCredentialsResult><DbUser>IAM:x</DbUser>"           \
    "<DbPassword>CANARYd</DbPassword><Expiration>2026-01-15T12:15:00Z</Expiration>"                \
    "</GetClusterCredentialsResult></GetClusterCredentialsResponse>"

/* A signed token would be longer; nobody here checks that. {"upn":"jwt@x","exp":4102444800} */
#define TOKEN "eyJhbGciOiJub25lIn0.eyJ1cG4iOiJqd3RAeCIsImV4cCI6NDEwMjQ0NDgwMH0.c2ln"

static char folder[] = "/tmp/rs_plugin_XXXXXX";
static char config_path[64], ca_path[64];

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
    snprintf(ca_path, sizeof ca_path, "%s/ca.pem", folder);
    write_file(ca_path, "-----BEGIN CERTIFICATE-----\n");
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    unlink(config_path);
    unlink(ca_path);
    rmdir(folder);
    return 0;
}

struct run {
    struct fake_world fake;
    struct rs_settings set;
    struct rs_login login;
    struct rs_diag diag;
    bool ok;
};

static void go(struct run *run, const char *keys, const struct fake_answer *answer, size_t n)
{
    struct rs_str rest = rs_str_of(keys), line;
    static const char *env[3][2];
    bool done = false;

    memset(run, 0, sizeof *run);
    env[0][0] = "AWS_CONFIG_FILE";
    env[0][1] = config_path;
    env[1][0] = "SSL_CERT_FILE";
    env[1][1] = ca_path;
    fake_world_init(&run->fake, answer, n);
    run->fake.env = (const char *const(*)[2])env;
    if (!rs_settings_init(&run->set, &run->diag))
        return;
    while (rs_str_split(&rest, '\n', &done, &line)) {
        ptrdiff_t eq = rs_str_chr(line, '=');

        if (line.n > 0 &&
            !rs_settings_put(&run->set, rs_key_find(rs_str_sub(line, 0, (size_t)eq)),
                             rs_str_sub(line, (size_t)eq + 1, line.n), RS_LAYER_STRING, &run->diag))
            return;
    }
    run->ok =
        rs_auth_resolve(&run->set, &run->fake.world, RS_FOREVER, NULL, &run->login, &run->diag);
    assert_int_equal(run->diag.n_error, run->ok ? 0 : 1);
    assert_null(strstr(rs_diag_first(&run->diag), "CANARY"));
}

static void done(struct run *run)
{
    rs_login_clear(&run->login);
    rs_settings_clear(&run->set);
    rs_diag_clear(&run->diag);
}

static void start(void)
{
    rs_aws_forget_clocks();
    rs_credcache_clear();
}

/* Azure's answer with an assertion that has these attributes, besides a role. */
static char *azure_answer(const char *attributes)
{
    struct rs_buf xml = RS_BUF_INIT(65536), text = RS_BUF_INIT(65536);
    char *p;

    rs_buf_addf(&xml,
                "<?xml version=\"1.0\"?><Assertion xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\">"
                "<AttributeStatement><Attribute Name=\"https://aws.amazon.com/SAML/Attributes/Role"
                "\"><AttributeValue>" IDP "," ROLE "</AttributeValue></Attribute>%s"
                "</AttributeStatement></Assertion>",
                attributes);
    rs_buf_adds(&text, "{\"expires_in\":\"3599\",\"access_token\":\"");
    rs_base64_add(&text, rs_buf_str(&xml));
    while (text.p[text.len - 1] == '=')
        rs_buf_truncate(&text, text.len - 1);
    for (size_t i = 0; i < text.len; i++)
        if (text.p[i] == '+' || (text.p[i] == '/' && i > 0))
            text.p[i] = text.p[i] == '+' ? '-' : '_';
    rs_buf_adds(&text, "\"}");
    p = rs_buf_take(&text);
    rs_buf_clear(&xml);
    assert_non_null(p);
    return p;
}

static bool has_part(const char *form, const char *name, const char *value)
{
    char want[512];
    const char *at;

    snprintf(want, sizeof want, "&%s=%s", name, value == NULL ? "" : value);
    at = strstr(form, want);
    if (value == NULL)
        return at == NULL;
    return at != NULL && (at[strlen(want)] == '&' || at[strlen(want)] == '\0');
}

#define A(name, value)                                                                             \
    "<Attribute Name=\"https://redshift.amazon.com/SAML/Attributes/" name                          \
    "\"><AttributeValue>" value "</AttributeValue></Attribute>"
#define A_NAME(value)                                                                              \
    "<Attribute "                                                                                  \
    "Name=\"https://aws.amazon.com/SAML/Attributes/RoleSessionName\"><AttributeValue>" value       \
    "</AttributeValue></Attribute>"
#define P(text)                                                                                    \
    "[default]\n[profile p]\nplugin_name = AzureAD\nidp_tenant = example.com\n"                    \
    "client_id = CLIENT\nclient_secret = CANARYc\nuid = login@example.com\n"                       \
    "pwd = CANARYp\n" text
#define BY_PROFILE TARGET "Profile=p\n"
#define G1         "DbGroups.DbGroup.1"

/* credentials.md 6: connection string, profile, assertion; each pair, and the override. */
static void precedence(void **state)
{
    static const struct {
        const char *keys, *profile, *attributes;
        const char *user, *create, *group;
    } cases[] = {
        { AZURE, "", A("DbUser", "a"), "a", NULL, NULL },
        { AZURE, "", A_NAME("session"), "session", NULL, NULL },
        { AZURE "DbUser=c\n", "", A("DbUser", "a"), "c", NULL, NULL },
        { BY_PROFILE, P("dbuser = p\n"), A("DbUser", "a"), "p", NULL, NULL },
        { BY_PROFILE "DbUser=c\n", P("dbuser = p\n"), A("DbUser", "a"), "c", NULL, NULL },
        { BY_PROFILE "DbUser=c\n", P("dbuser = p\n"), A_NAME("a"), "c", NULL, NULL },
        { BY_PROFILE, P(""), A("DbUser", "a"), "a", NULL, NULL },
        /* the override */
        { AZURE "DbUser=c\n", "", A("DbUser", "a") A("AllowDbUserOverride", "true"), "a", NULL,
          NULL },
        { AZURE "DbUser=c\nAllowDBUserOverride=1\n", "", A("DbUser", "a"), "a", NULL, NULL },
        { AZURE "DbUser=c\nAllowDBUserOverride=1\n", "", "", "c", NULL, NULL },
        { AZURE "DbUser=c\n", "", A("DbUser", "a") A("AllowDbUserOverride", "false"), "c", NULL,
          NULL },
        { BY_PROFILE, P("dbuser = p\n"), A("DbUser", "a") A("AllowDbUserOverride", "1"), "a", NULL,
          NULL },
        { BY_PROFILE, P("dbuser = p\nallowdbuseroverride = 1\n"), A("DbUser", "a"), "a", NULL,
          NULL },
        { BY_PROFILE "DbUser=c\n", P("dbuser = p\n"), A("AllowDbUserOverride", "1"), "c", NULL,
          NULL },
        /* AutoCreate: an explicit no stands above a yes */
        { AZURE, "", A("DbUser", "a") A("AutoCreate", "true"), "a", "true", NULL },
        { AZURE, "", A("DbUser", "a") A("AutoCreate", "false"), "a", "false", NULL },
        { AZURE "AutoCreate=0\n", "", A("DbUser", "a") A("AutoCreate", "true"), "a", "false",
          NULL },
        { AZURE "AutoCreate=1\n", "", A("DbUser", "a") A("AutoCreate", "false"), "a", "true",
          NULL },
        { BY_PROFILE, P("autocreate = 0\n"), A("DbUser", "a") A("AutoCreate", "1"), "a", "false",
          NULL },
        { BY_PROFILE "AutoCreate=1\n", P("autocreate = 0\n"), A("DbUser", "a"), "a", "true", NULL },
        { BY_PROFILE "AutoCreate=0\n", P("autocreate = 1\n"), A("DbUser", "a"), "a", "false",
          NULL },
        /* groups: as a whole from one level; the filter looks at the assertion's alone */
        { AZURE, "", A("DbUser", "a") A("DbGroups", "G,h,G"), "a", NULL, "G" },
        { AZURE "DbGroups=C\n", "", A("DbUser", "a") A("DbGroups", "G"), "a", NULL, "C" },
        { BY_PROFILE, P("dbgroups = P\n"), A("DbUser", "a") A("DbGroups", "G"), "a", NULL, "P" },
        { BY_PROFILE "DbGroups=C\n", P("dbgroups = P\n"), A("DbUser", "a"), "a", NULL, "C" },
        { AZURE "ForceLowercase=1\n", "", A("DbUser", "a") A("DbGroups", "G"), "a", NULL, "g" },
        { AZURE, "", A("DbUser", "a") A("DbGroups", "G") A("ForceLowercase", "1"), "a", NULL, "g" },
        { AZURE "ForceLowercase=0\n", "",
          A("DbUser", "a") A("DbGroups", "G") A("ForceLowercase", "1"), "a", NULL, "G" },
        { BY_PROFILE, P("forcelowercase = 0\n"),
          A("DbUser", "a") A("DbGroups", "G") A("ForceLowercase", "1"), "a", NULL, "G" },
        { AZURE "dbgroups_filter=x|G.\n", "", A("DbUser", "a") A("DbGroups", "Gx, x ,G,xG"), "a",
          NULL, "G" },
        { AZURE "dbgroups_filter=g\nForceLowercase=1\n", "", A("DbUser", "a") A("DbGroups", "G"),
          "a", NULL, "g" },
        { AZURE "dbgroups_filter=.*\n", "", A("DbUser", "a") A("DbGroups", "a,b"), "a", NULL,
          NULL },
        { AZURE "dbgroups_filter=C\nDbGroups=C\n", "", A("DbUser", "a"), "a", NULL, "C" },
        { BY_PROFILE, P("dbgroups_filter = x\n"), A("DbUser", "a") A("DbGroups", "x,y"), "a", NULL,
          "y" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        char *body = azure_answer(cases[i].attributes);
        const struct fake_answer answers[] = {
            { .status = 200, .body = body },
            { .status = 200, .body = STS_ANSWER("AssumeRoleWithSAML") },
            { .status = 200, .body = PASSWORD_ANSWER },
        };
        struct run run;

        start();
        write_file(config_path, cases[i].profile);
        go(&run, cases[i].keys, answers, RS_COUNT(answers));
        if (!run.ok)
            fail_msg("case %zu: %s", i, rs_diag_first(&run.diag));
        assert_int_equal(run.fake.n_asked, 3);
        if (!has_part(run.fake.body[2], "DbUser", cases[i].user) ||
            !has_part(run.fake.body[2], "AutoCreate", cases[i].create) ||
            !has_part(run.fake.body[2], G1, cases[i].group))
            fail_msg("case %zu: %s", i, run.fake.body[2]);
        done(&run);
        rs_free(body);
    }
}

static void what_azure_and_aws_are_asked(void **state)
{
    char *body = azure_answer(A("DbUser", "a") A("DbGroups", "g"));
    const struct fake_answer answers[] = {
        { .status = 200, .body = body },
        { .status = 200, .body = STS_ANSWER("AssumeRoleWithSAML") },
        { .status = 200, .body = PASSWORD_ANSWER },
    };
    struct run run;

    (void)state;
    start();
    write_file(config_path, "");
    go(&run, AZURE "duration=1800\nidp_partition=US-Gov\n", answers, RS_COUNT(answers));
    assert_true(run.ok);
    assert_string_equal(run.fake.url[0],
                        "https://login.microsoftonline.us/example.com/oauth2/token");
    assert_string_equal(run.fake.body[0],
                        "grant_type=password&requested_token_type=urn%3Aietf%3Aparams%3Aoauth%3A"
                        "token-type%3Asaml2&username=login%40example.com&password=CANARYp"
                        "&client_secret=CANARYc&client_id=CLIENT&resource=CLIENT");
    assert_true(has_part(run.fake.body[1], "RoleArn", "arn%3Aaws%3Aiam%3A%3A1%3Arole%2FA"));
    assert_true(
        has_part(run.fake.body[1], "PrincipalArn", "arn%3Aaws%3Aiam%3A%3A1%3Asaml-provider%2FI"));
    assert_non_null(strstr(run.fake.body[1], "&SAMLAssertion=PHNhbWxwOlJlc3BvbnNl"));
    assert_true(has_part(run.fake.body[1], "DurationSeconds", "1800"));
    assert_null(strstr(run.fake.body[1], "RoleSessionName"));
    assert_null(strstr(run.fake.headers[1], "uthorization"));
    assert_non_null(strstr(run.fake.headers[2], "CANARYs")); /* the role's token signs */
    assert_string_equal(rs_secret_reveal(&run.login.secret), "CANARYd");
    done(&run);

    /* Once more: nothing is asked, and another database asks AWS alone, with the same claims. */
    go(&run, AZURE "duration=1800\nidp_partition=US-Gov\n", NULL, 0);
    assert_true(run.ok);
    assert_int_equal(run.fake.n_asked, 0);
    done(&run);
    go(&run,
       "Database=other\nClusterID=c1\nRegion=us-west-2\nServer=h\nplugin_name=AzureAD\n"
       "idp_tenant=example.com\nclient_id=CLIENT\nclient_secret=CANARYc\nUID=login@example.com\n"
       "PWD=CANARYp\nduration=1800\nidp_partition=US-Gov\n",
       &answers[2], 1);
    assert_true(run.ok);
    assert_int_equal(run.fake.n_asked, 1);
    assert_true(has_part(run.fake.body[0], "DbUser", "a"));
    assert_true(has_part(run.fake.body[0], G1, "g"));
    done(&run);
    /* another password of the same user is another sign-in */
    go(&run, AZURE "duration=1800\nidp_partition=cn\n", answers, RS_COUNT(answers));
    assert_true(run.ok);
    assert_int_equal(run.fake.n_asked, 3);
    done(&run);
    rs_free(body);
}

static void a_web_identity(void **state)
{
    static const struct fake_answer answers[] = {
        { .status = 200, .body = STS_ANSWER("AssumeRoleWithWebIdentity") },
        { .status = 200, .body = PASSWORD_ANSWER },
    };
    struct run run;

    (void)state;
    start();
    write_file(config_path, "");
    go(&run, JWT_IAM "web_identity_token= " TOKEN " \n", answers, RS_COUNT(answers));
    if (!run.ok)
        fail_msg("%s", rs_diag_first(&run.diag));
    assert_true(has_part(run.fake.body[0], "RoleArn", "arn%3Ar"));
    assert_true(has_part(run.fake.body[0], "RoleSessionName", "jwt_redshift_session"));
    assert_true(has_part(run.fake.body[0], "WebIdentityToken", TOKEN));
    assert_true(has_part(run.fake.body[1], "DbUser", "jwt%40x"));
    assert_true(has_part(run.fake.body[1], "AutoCreate", NULL));
    done(&run);
}

static void refusals(void **state)
{
    char *no_user = azure_answer("");
    const struct {
        const char *keys;
        struct fake_answer answer;
        size_t asked;
        enum rs_state want;
        const char *text;
    } cases[] = {
        { AZURE "dbgroups_filter=(\n",
          { .status = 200 },
          0,
          RS_HY000,
          "dbgroups_filter: ( and ) do not match" },
        { "Database=d\nplugin_name=AzureAD\nidp_tenant=t\n",
          { .status = 200 },
          0,
          RS_28000,
          "client_id, client_secret, UID, PWD are required for plugin AzureAD" },
        { "Database=d\nplugin_name=AzureAD\nidp_tenant=t\nclient_id=c\nclient_secret=CANARY\n"
          "UID=u\nPWD=CANARY\n",
          { .status = 200 },
          0,
          RS_28000,
          "Server, or ClusterID and Region, is required" },
        { AZURE "idp_partition=mars\n",
          { .status = 200 },
          0,
          RS_HY000,
          "idp_partition \"mars\" is not known; it is one of commercial, us-gov, cn" },
        { AZURE,
          { .status = 400,
            .body = "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS50126: wrong.\\r\\n"
                    "Trace ID: CANARY\"}" },
          1,
          RS_28000,
          "Azure AD: invalid_grant: AADSTS50126: wrong." },
        { AZURE,
          { .status = 400,
            .body = "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS50076: x\"}" },
          1,
          RS_28000,
          "Azure AD: invalid_grant: AADSTS50076: x; multi-factor sign-in needed; use "
          "plugin_name=BrowserAzureAD" },
        { AZURE,
          { .status = 401, .body = "{\"error\":\"interaction_required\"}" },
          1,
          RS_28000,
          "Azure AD: interaction_required; multi-factor sign-in needed; use "
          "plugin_name=BrowserAzureAD" },
        { AZURE, { .status = 503, .body = "<CANARY>" }, 1, RS_08001, "HTTP 503" },
        { AZURE,
          { .status = 400, .body = "{}" },
          1,
          RS_08001,
          "the identity provider answered HTTP 400" },
        { AZURE,
          { .status = 200, .body = "{\"access_token\":\"\"}" },
          1,
          RS_28000,
          "Azure AD answered without a token" },
        { AZURE,
          { .status = 200, .body = "{\"access_token\":7}" },
          1,
          RS_28000,
          "Azure AD answered without a token" },
        { AZURE,
          { .status = 200, .body = "<CANARY>" },
          1,
          RS_28000,
          "Azure AD answered without a token" },
        { AZURE,
          { .status = 200, .body = "{\"access_token\":\"CANARY!\"}" },
          1,
          RS_28000,
          "Azure AD answered with a token that is no SAML assertion" },
        { AZURE "preferred_role=arn:x\n",
          { .status = 200, .body = no_user },
          1,
          RS_28000,
          "preferred_role is not among the 1 role of the SAML assertion" },
        { JWT_IAM,
          { .status = 200 },
          0,
          RS_28000,
          "web_identity_token is required for plugin JwtIamAuthPlugin" },
        { JWT_IAM "web_identity_token=CANARY.b.c\n",
          { .status = 200 },
          0,
          RS_28000,
          "invalid JWT" },
        /* {"exp":1} */
        { JWT_IAM "web_identity_token=a0.eyJleHAiOjF9.c0\n",
          { .status = 200 },
          0,
          RS_28000,
          "the token has expired" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct run run;

        start();
        write_file(config_path, "");
        go(&run, cases[i].keys, &cases[i].answer, 1);
        assert_false(run.ok);
        if (run.fake.n_asked != cases[i].asked || rs_diag_state(&run.diag) != cases[i].want ||
            strstr(rs_diag_first(&run.diag), cases[i].text) == NULL)
            fail_msg("case %zu: %zu asked, %s", i, run.fake.n_asked, rs_diag_first(&run.diag));
        done(&run);
    }
    rs_free(no_user);
}

static void sts_refuses(void **state)
{
    static const struct {
        const char *code, *hint;
        enum rs_state want;
        int status;
    } cases[] = {
        { "ExpiredTokenException", "the assertion is too old", RS_28000, 400 },
        { "IDPRejectedClaim", "its metadata in IAM may be old", RS_28000, 403 },
        { "InvalidIdentityToken", "does not fit the SAML provider", RS_28000, 400 },
        { "AccessDenied", "the role must trust the SAML provider", RS_28000, 403 },
        { "ValidationError", "duration may be longer", RS_HY000, 400 },
    };
    char *body = azure_answer(A("DbUser", "a"));

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        char error[256];
        struct fake_answer answers[] = { { .status = 200, .body = body },
                                         { .status = cases[i].status, .body = error } };
        struct run run;

        start();
        write_file(config_path, "");
        snprintf(error, sizeof error,
                 "<ErrorResponse><Error><Code>%s</Code><Message>m</Message></Error>"
                 "</ErrorResponse>",
                 cases[i].code);
        go(&run, AZURE, answers, 2);
        assert_false(run.ok);
        if (rs_diag_state(&run.diag) != cases[i].want ||
            strstr(rs_diag_first(&run.diag), cases[i].hint) == NULL)
            fail_msg("case %zu: %s", i, rs_diag_first(&run.diag));
        done(&run);
    }
    rs_free(body);
}

/* Who holds the ticket may be another the next time. */
static void a_ticket_is_not_kept(void **state)
{
    static const char keys[] = TARGET "plugin_name=ADFS\nidp_host=adfs.example.com\nDbUser=c\n";
    static const char xml[] =
        "<p:Response xmlns:p=\"urn:oasis:names:tc:SAML:2.0:protocol\"><Assertion "
        "xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\"><AttributeStatement><Attribute Name=\""
        "https://aws.amazon.com/SAML/Attributes/Role\"><AttributeValue>" IDP "," ROLE
        "</AttributeValue></Attribute></AttributeStatement></Assertion></p:Response>";
    struct rs_buf page = RS_BUF_INIT(65536);

    (void)state;
    rs_buf_adds(&page, "<form><input name=SAMLResponse value='");
    rs_base64_add(&page, rs_str_of(xml));
    rs_buf_adds(&page, "'></form>");
    start();
    write_file(config_path, "");
    for (int i = 0; i < 2; i++) {
        const struct fake_answer answers[] = {
            { .status = 200, .body = page.p },
            { .status = 200, .body = STS_ANSWER("AssumeRoleWithSAML") },
            { .status = 200, .body = PASSWORD_ANSWER },
        };
        struct run run;

        go(&run, keys, answers, RS_COUNT(answers));
        if (!run.ok)
            fail_msg("%s", rs_diag_first(&run.diag));
        assert_true(run.fake.n_asked >= 2);
        done(&run);
    }
    rs_buf_clear(&page);
}

/* The user at the provider is nobody in the database. */
static void no_db_user(void **state)
{
    char *body = azure_answer("");
    const struct fake_answer answers[] = {
        { .status = 200, .body = body },
        { .status = 200, .body = STS_ANSWER("AssumeRoleWithSAML") },
    };
    struct run run;

    (void)state;
    start();
    write_file(config_path, "");
    go(&run, AZURE, answers, RS_COUNT(answers));
    assert_false(run.ok);
    assert_string_equal(rs_diag_first(&run.diag), "DbUser is required");
    done(&run);
    rs_free(body);
}

static bool all_of_it(void *ctx)
{
    const struct fake_answer answers[] = {
        { .status = 200, .body = ctx },
        { .status = 200, .body = STS_ANSWER("AssumeRoleWithSAML") },
        { .status = 200, .body = PASSWORD_ANSWER },
    };
    struct run run;
    bool ok;

    start();
    go(&run, AZURE "dbgroups_filter=x\n", answers, RS_COUNT(answers));
    ok = run.ok;
    if (!ok && rs_diag_state(&run.diag) != RS_HY001)
        fail_msg("%s", rs_diag_first(&run.diag));
    done(&run);
    return ok;
}

static void without_memory(void **state)
{
    char *body = azure_answer(A("DbUser", "a") A("DbGroups", "g,x"));

    (void)state;
    write_file(config_path, "");
    rs_test_oom(all_of_it, body);
    rs_free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(precedence),     cmocka_unit_test(what_azure_and_aws_are_asked),
        cmocka_unit_test(a_web_identity), cmocka_unit_test(refusals),
        cmocka_unit_test(sts_refuses),    cmocka_unit_test(no_db_user),
        cmocka_unit_test(without_memory), cmocka_unit_test(a_ticket_is_not_kept),
    };

    return cmocka_run_group_tests(tests, make_files, remove_files);
}
