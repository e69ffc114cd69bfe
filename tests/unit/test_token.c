/* Plugins that hand a token to the database: which keys, what becomes of them, and no secret told.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "auth/auth.h"
#include "fakeworld.h"
#include "oom.h"

#define DB  "Server=h\nDatabase=d\n"
#define JWT DB "plugin_name=JWT\n"
#define IDC DB "plugin_name=IdpTokenAuthPlugin\n"

#define CA_FILE "/etc/ssl/certs/ca-certificates.crt" /* of the package ca-certificates */
#define ACCESS  "AccessKeyID=CANARYi\nSecretAccessKey=CANARYk\nSessionToken=CANARYs\n"
#define ASKS    "Database=d\nplugin_name=IdpTokenAuthPlugin\nRegion=us-west-2\n" ACCESS

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

/* The way of a connection: the checks of the settings, then the sign-in. */
static bool resolve_in(struct fake_world *fake, struct rs_settings *set, struct rs_login *login,
                       struct rs_diag *diag)
{
    return rs_settings_check(set, diag) &&
           rs_auth_resolve(set, &fake->world, RS_FOREVER, NULL, login, diag);
}

/* No HTTP is in reach. */
static bool resolve(struct rs_settings *set, struct rs_login *login, struct rs_diag *diag)
{
    struct fake_world fake;

    fake_world_init(&fake, NULL, 0);
    return resolve_in(&fake, set, login, diag);
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
        { IDC "token_type=EXT_JWT\nAccessKeyID=CANARY\nSecretAccessKey=CANARY\n", RS_28000,
          "token_type and AccessKeyID cannot be used together" },
        { IDC "AccessKeyID=CANARY\nSecretAccessKey=CANARY\n", RS_28000,
          "SessionToken is required with AccessKeyID for plugin IdpTokenAuthPlugin" },
        { IDC "AccessKeyID=CANARY\nSessionToken=CANARY\n", RS_28000,
          "SecretAccessKey is required with AccessKeyID" },
        { IDC "SecretAccessKey=CANARY\nSessionToken=CANARY\n", RS_28000, "AccessKeyID" },
        { IDC ACCESS, RS_28000, "Region is required" },
        { IDC ACCESS "Region=us-west-2\nServerless=1\n", RS_28000,
          "Workgroup is required: Server does not say" },
        { "plugin_name=IdpTokenAuthPlugin\nDatabase=d\n" ACCESS, RS_28000,
          "Server, or ClusterID and Region, is required" },
        { "plugin_name=IdpTokenAuthPlugin\nClusterID=c\nRegion=us-west-2\n" ACCESS, RS_28000,
          "Database is required" },
        { IDC ACCESS "IAM=1\n", RS_28000, "IAM and plugin_name cannot be used together" },
        { IDC ACCESS "Opener=libpq\n", RS_HYC00, "needs Opener=native" },
        { DB "AuthType=Identity Provider: JWT\nAccessKeyID=CANARY\n", RS_28000,
          "web_identity_token is required for plugin JWT" },
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
        { DB "plugin_name=BrowserAzureADOAuth2\n", RS_28000,
          "idp_tenant, client_id are required for plugin BrowserAzureADOAuth2" },
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

/* ---- a token that AWS gives ---- */

#define FORM "Action=GetIdentityCenterAuthToken&Version=2012-12-01&ClusterIds.ClusterIdentifier.1="
#define XML(inner)                                                                                 \
    "<GetIdentityCenterAuthTokenResponse xmlns=\"http://redshift.amazonaws.com/doc/2012-12-01/\">" \
    "<GetIdentityCenterAuthTokenResult>" inner "</GetIdentityCenterAuthTokenResult>"               \
    "</GetIdentityCenterAuthTokenResponse>"
#define TOKEN   "<Token>CANARY.t&amp;k</Token>"
#define EXPIRES "<ExpirationTime>2026-01-15T12:15:00Z</ExpirationTime>"
#define PLACE                                                                                      \
    "<DescribeClustersResponse><DescribeClustersResult><Clusters><Cluster><Endpoint><Address>"     \
    "found.example</Address><Port>5555</Port></Endpoint></Cluster></Clusters>"                     \
    "</DescribeClustersResult></DescribeClustersResponse>"
#define DOMAIN(name)                                                                               \
    "<DescribeCustomDomainAssociationsResponse><DescribeCustomDomainAssociationsResult>"           \
    "<Associations><Association><CertificateAssociations><CertificateAssociation>"                 \
    "<CustomDomainName>" name "</CustomDomainName><ClusterIdentifier>c9</ClusterIdentifier>"       \
    "</CertificateAssociation></CertificateAssociations></Association></Associations>"             \
    "</DescribeCustomDomainAssociationsResult></DescribeCustomDomainAssociationsResponse>"
#define JSON  "{\"token\":\"CANARY.t&k\",\"expirationTime\":\"2026-01-15T12:15:00Z\",\"new\":1}"
#define GROUP "{\"workgroup\":{\"endpoint\":{\"address\":\"found.example\",\"port\":5555}}}"

static void test_asked_tokens(void **state)
{
    static const struct {
        const char *keys, *answer[2], *host;
        int port;
        const char *body, *target, *service;
        int64_t expires_at;
        const char *warning;
    } cases[] = {
        { ASKS "ClusterID=C1\nServer=h\n",
          { XML(TOKEN EXPIRES) },
          "h",
          5439,
          FORM "c1",
          NULL,
          "redshift",
          1768479300,
          NULL },
        { ASKS "Server=c2.abc.us-west-2.redshift.amazonaws.com\nIAM=0\n",
          { XML(TOKEN) },
          "c2.abc.us-west-2.redshift.amazonaws.com",
          5439,
          FORM "c2",
          NULL,
          "redshift",
          0,
          NULL },
        { ASKS "ClusterID=c1\n",
          { PLACE, XML(TOKEN "<ExpirationTime>soon</ExpirationTime>") },
          "found.example",
          5555,
          FORM "c1",
          NULL,
          "redshift",
          0,
          NULL },
        { ASKS "ClusterID=c1\nServer=h\nvpc_endpoint_url=v.example:7\n",
          { XML(TOKEN EXPIRES) },
          "v.example",
          7,
          FORM "c1",
          NULL,
          "redshift",
          1768479300,
          NULL },
        { ASKS "Workgroup=w-1\n",
          { GROUP, JSON },
          "found.example",
          5555,
          "{\"workgroupNames\":[\"w-1\"]}",
          "RedshiftServerless.GetIdentityCenterAuthToken",
          "redshift-serverless",
          1768479300,
          NULL },
        { ASKS "Workgroup=w-1\nServer=h\nServerless=1\nPort=9\n",
          { "{\"token\":\"CANARY.t&k\"}" },
          "h",
          9,
          "{\"workgroupNames\":[\"w-1\"]}",
          "RedshiftServerless.GetIdentityCenterAuthToken",
          "redshift-serverless",
          0,
          NULL },
        { ASKS "Server=db.example.com\n",
          { DOMAIN("DB.example.com"), XML(TOKEN EXPIRES) },
          "db.example.com",
          5439,
          FORM "c9",
          NULL,
          "redshift",
          1768479300,
          NULL },
        /* the plugin by its label and as a class, PWD as the secret key */
        { "Database=d\nServer=h\nClusterID=c1\nAuthType=IdP Token Auth "
          "Plugin\nRegion=us-west-2\n" ACCESS,
          { XML(TOKEN EXPIRES) },
          "h",
          5439,
          FORM "c1",
          NULL,
          "redshift",
          1768479300,
          NULL },
        { "Database=d\nServer=h\nClusterID=c1\nplugin_name=x.y.IdpTokenAuthPlugin\n"
          "Region=us-west-2\nAccessKeyID=CANARYi\nPWD=CANARYk\nSessionToken=CANARYs\n",
          { XML(TOKEN EXPIRES) },
          "h",
          5439,
          FORM "c1",
          NULL,
          "redshift",
          1768479300,
          NULL },
        /* what it has no use for, said once */
        { ASKS "Workgroup=w-1\nServer=h\nServerless=1\nPWD=CANARYp\nDbUser=u\nDbGroups=g\n"
               "IAMDuration=900\nDisableCache=1\nhttps_proxy_port=1\nidp_host=x\n",
          { JSON },
          "h",
          5439,
          "{\"workgroupNames\":[\"w-1\"]}",
          "RedshiftServerless.GetIdentityCenterAuthToken",
          "redshift-serverless",
          1768479300,
          "PWD, DbUser, DbGroups, IAMDuration, idp_host are ignored for plugin "
          "IdpTokenAuthPlugin" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct fake_answer answer[2] = { { .status = 200, .body = cases[i].answer[0] },
                                         { .status = 200, .body = cases[i].answer[1] } };
        size_t last = cases[i].answer[1] == NULL ? 0 : 1;
        struct fake_world fake;

        fake_world_init(&fake, answer, last + 1);
        /* the second time as the first: nothing is kept */
        for (int turn = 0; turn < 2; turn++) {
            struct rs_settings set = { 0 };
            struct rs_login login = { 0 };
            struct rs_diag diag = { 0 };
            const char *headers = fake.headers[last];

            fake_world_rewind(&fake);
            read_keys(&set, cases[i].keys);
            assert_true(
                rs_settings_put(&set, RS_KEY_ca_file, RS_STR(CA_FILE), RS_LAYER_STRING, &diag));
            if (!resolve_in(&fake, &set, &login, &diag))
                fail_msg("case %zu: %s", i, rs_diag_first(&diag));
            assert_string_equal(fake.ca_file[last], CA_FILE);
            assert_int_equal(login.kind, RS_LOGIN_TOKEN);
            assert_false(login.is_iam);
            assert_false(login.is_kept);
            assert_true(rs_login_needs_tls(&login));
            assert_string_equal(login.host, cases[i].host);
            assert_int_equal(login.port, cases[i].port);
            assert_string_equal(login.database, "d");
            assert_null(login.user);
            assert_string_equal(rs_secret_reveal(&login.secret), "CANARY.t&k");
            assert_string_equal(login.idp_type, "AwsIdc");
            assert_string_equal(login.token_type, "SUBJECT_TOKEN");
            assert_int_equal(login.expires_at, cases[i].expires_at);
            assert_int_equal(fake.n_asked, last + 1);
            assert_string_equal(fake.body[last], cases[i].body);
            assert_true(fake_world_had_header(&fake, last, "X-Amz-Security-Token", "CANARYs"));
            assert_non_null(strstr(headers, "Credential=CANARYi/"));
            assert_int_equal(strstr(headers, "/us-west-2/redshift/aws4_request") != NULL,
                             strcmp(cases[i].service, "redshift") == 0);
            if (cases[i].target != NULL)
                assert_true(fake_world_had_header(&fake, last, "X-Amz-Target", cases[i].target));
            if (cases[i].warning == NULL && diag.n > 0)
                fail_msg("case %zu: %s", i, diag.rec[0].text);
            if (cases[i].warning != NULL)
                assert_string_equal(diag.rec[diag.n - 1].text, cases[i].warning);
            rs_login_clear(&login);
            rs_settings_clear(&set);
            rs_diag_clear(&diag);
        }
    }
}

/* Answers and refusals that give no token; nothing of them is told but what AWS says. */
static void test_no_token(void **state)
{
    static const struct {
        const char *keys;
        int status;
        const char *body;
        enum rs_state want;
        const char *text;
    } cases[] = {
        { "Server=db.example.com\n", 200, DOMAIN("other.example.com"), RS_28000,
          "ClusterID is required: Server does not say which cluster" },
        { "Server=db.example.com\n", 403,
          "<ErrorResponse><Error><Code>AccessDenied</Code><Message>m</Message></Error>"
          "</ErrorResponse>",
          RS_28000, "allow redshift:DescribeCustomDomainAssociations, or set ClusterID" },
        { "Server=db.example.com\n", 404,
          "<ErrorResponse><Error><Code>CustomDomainAssociationNotFoundFault</Code><Message>m"
          "</Message></Error></ErrorResponse>",
          RS_08001, "ClusterID says which cluster it is" },
        { "ClusterID=c\n", 200, XML(EXPIRES), RS_HY000, "it holds no token" },
        { "ClusterID=c\n", 200, XML("<Token> </Token>"), RS_HY000, "it holds no token" },
        { "ClusterID=c\n", 200, "<Other/>", RS_HY000, "some other document" },
        { "ClusterID=c\n", 200, "CANARY", RS_HY000, "GetIdentityCenterAuthToken: the answer" },
        { "ClusterID=c\n", 200, JSON, RS_HY000, "GetIdentityCenterAuthToken: the answer" },
        { "Serverless=1\nWorkgroup=w-1\n", 200, "{\"Token\":\"CANARY\"}", RS_HY000,
          "it holds no token" },
        { "Serverless=1\nWorkgroup=w-1\n", 200, "{\"token\":7}", RS_HY000, "it holds no token" },
        { "Serverless=1\nWorkgroup=w-1\n", 200, "CANARY", RS_HY000, "not JSON" },
        { "ClusterID=c\n", 400,
          "<ErrorResponse><Error><Code>UnsupportedOperation</Code><Message>m CANARYs</Message>"
          "</Error></ErrorResponse>",
          RS_HY000, "identity-enhanced session" },
        { "ClusterID=c\n", 403,
          "<ErrorResponse><Error><Code>AccessDenied</Code><Message>m</Message></Error>"
          "</ErrorResponse>",
          RS_28000, "allow redshift:GetIdentityCenterAuthToken" },
        { "Serverless=1\nWorkgroup=w-1\n", 400,
          "{\"__type\":\"AccessDeniedException\",\"message\":\"m\"}", RS_28000,
          "allow redshift-serverless:GetIdentityCenterAuthToken" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        const struct fake_answer answer = { .status = cases[i].status, .body = cases[i].body };
        struct fake_world fake;
        struct rs_settings set = { 0 };
        struct rs_login login = { 0 };
        struct rs_diag diag = { 0 };
        char keys[1024];

        (void)snprintf(keys, sizeof keys, "%sServer=h\n%s", ASKS, cases[i].keys);
        fake_world_init(&fake, &answer, 1);
        read_keys(&set, keys);
        assert_false(resolve_in(&fake, &set, &login, &diag));
        if (rs_diag_state(&diag) != cases[i].want ||
            strstr(rs_diag_first(&diag), cases[i].text) == NULL || diag.n_error != 1 ||
            strstr(rs_diag_first(&diag), "CANARY") != NULL)
            fail_msg("case %zu: %s %s", i, rs_state_text(rs_diag_state(&diag), false),
                     rs_diag_first(&diag));
        assert_int_equal(fake.n_asked, 1);
        assert_false(rs_secret_is_set(&login.secret));
        rs_settings_clear(&set);
        rs_diag_clear(&diag);
    }
}

static bool resolve_once(void *ctx)
{
    struct rs_settings copy = { 0 };
    struct rs_login login = { 0 };
    struct rs_diag diag = { 0 };
    struct fake_answer answer[] = { { .status = 200, .body = PLACE },
                                    { .status = 200, .body = XML(TOKEN EXPIRES) } };
    struct fake_world fake;
    bool ok;

    fake_world_init(&fake, answer, RS_COUNT(answer));
    if (((const struct rs_settings *)ctx)->workgroup != NULL) {
        answer[0].body = GROUP;
        answer[1].body = JSON;
    }
    if (rs_str_eq(rs_str_of(((const struct rs_settings *)ctx)->server), RS_STR("db.example.com")))
        answer[0].body = DOMAIN("db.example.com");
    ok = rs_settings_copy(&copy, ctx, &diag) && resolve_in(&fake, &copy, &login, &diag);

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
        ASKS "Server=db.example.com\n",
        IDC "token=a\ntoken_type=EXT_JWT\nidentity_namespace=n\nvpc_endpoint_url=v\n",
        ASKS "ClusterID=c1\nDbUser=u\n",
        ASKS "Workgroup=w-1\n",
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
        cmocka_unit_test(test_logins),     cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_long_token), cmocka_unit_test(test_asked_tokens),
        cmocka_unit_test(test_no_token),   cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
