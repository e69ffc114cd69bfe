/* JDBC URLs as connection keys. aws-api.md 13. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "odbc/dsn.h"
#include "odbc/jdbcurl.h"
#include "oom.h"

#define IAM   "jdbc:redshift:iam://"
#define PLAIN "jdbc:redshift://"
#define HOST  "examplecluster.abc123xyz789.us-west-2.redshift.amazonaws.com"
#define WG    "default.123456789012.us-east-1.redshift-serverless.amazonaws.com"

static void urls(void **state)
{
    static const struct {
        const char *url, *want; /* NULL: refused, for this reason: */
        const char *says;
    } cases[] = {
        { IAM "examplecluster:us-west-2/dev",
          "ClusterID=examplecluster|Region=us-west-2|Database=dev|IAM=1" },
        { IAM HOST ":5439/dev", "Server=" HOST "|Port=5439|Database=dev|IAM=1" },
        { IAM HOST "/dev", "Server=" HOST "|Database=dev|IAM=1" },
        { IAM HOST ":/dev", "Server=" HOST "|Database=dev|IAM=1" },
        { IAM WG "/dev", "Server=" WG "|Database=dev|IAM=1" },
        { IAM WG ":5439/dev", "Server=" WG "|Port=5439|Database=dev|IAM=1" },
        { IAM "c:us-gov-west-1", "ClusterID=c|Region=us-gov-west-1|IAM=1" },
        { IAM "c:us-west-2/", "ClusterID=c|Region=us-west-2|IAM=1" },
        { IAM "c:us-west-2/dev?Profile=user2&DbUser=newuser&AutoCreate=true&DbGroups=group1,group2",
          "ClusterID=c|Region=us-west-2|Database=dev|IAM=1|Profile=user2|DbUser=newuser|"
          "AutoCreate=true|DbGroups=group1,group2" },
        { IAM "c:us-west-2/dev;Profile=user2;DbUser=newuser",
          "ClusterID=c|Region=us-west-2|Database=dev|IAM=1|Profile=user2|DbUser=newuser" },
        { IAM "c:us-west-2?Profile=user2;DbUser=u&UID=x",
          "ClusterID=c|Region=us-west-2|IAM=1|Profile=user2|DbUser=u|UID=x" },
        { IAM "c:us-west-2;Profile=user2", "ClusterID=c|Region=us-west-2|IAM=1|Profile=user2" },
        { IAM HOST "/dev?AccessKeyID=AKIAX&SecretAccessKey=wJalr/K7%2FMD%3D==",
          "Server=" HOST "|Database=dev|IAM=1|AccessKeyID=AKIAX|SecretAccessKey=wJalr/K7/MD===" },
        { PLAIN "host:5439/db", "Server=host|Port=5439|Database=db|IAM=0" },
        { PLAIN "host/db?user=u&password=p%3Bw%26%20+",
          "Server=host|Database=db|IAM=0|user=u|password=p;w& +" },
        { PLAIN "10.0.0.1:1/db", "Server=10.0.0.1|Port=1|Database=db|IAM=0" },
        { PLAIN "[2001:db8::1]:5439/db", "Server=2001:db8::1|Port=5439|Database=db|IAM=0" },
        { PLAIN "[::1]/db", "Server=::1|Database=db|IAM=0" },
        { PLAIN "h/a%20b%2Fc", "Server=h|Database=a b/c|IAM=0" },
        { " JDBC:Redshift:IAM://c:us-west-2/dev ",
          "ClusterID=c|Region=us-west-2|Database=dev|IAM=1" },
        { PLAIN "h/d?&&a=b&;c=", "Server=h|Database=d|IAM=0|a=b|c=" },
        { PLAIN "h/d?sslMode=verify-ca&sslRootCert=/x%20y.pem",
          "Server=h|Database=d|IAM=0|sslMode=verify-ca|sslRootCert=/x y.pem" },
        { PLAIN "h/d?authMech=REQUIRE&tcpKeepAlive=false&serverlessAcctId=1",
          "Server=h|Database=d|IAM=0|SSLMode=REQUIRE|KeepAlive=false" },
        { IAM "c:us-west-2/d?IAM=0", "ClusterID=c|Region=us-west-2|Database=d|IAM=1" },
        { IAM "c:us-west-2/d?x=1&X=2", "ClusterID=c|Region=us-west-2|Database=d|IAM=1|x=1" },
        { PLAIN "h/d?%55ID=u", "Server=h|Database=d|IAM=0|UID=u" },
        { PLAIN "h:us-west-2/d", NULL, "its port is not a number" },
        { IAM "[::1]:us-west-2/d", NULL, "its port is not a number" },
        { PLAIN "[::1/d", NULL, "a bracket is not closed" },
        { PLAIN "[::1]x/d", NULL, "text follows the address in brackets" },
        { PLAIN "/d", NULL, "names no host" },
        { PLAIN ":5439/d", NULL, "names no host" },
        { PLAIN "[]/d", NULL, "names no host" },
        { PLAIN, NULL, "names no host" },
        { PLAIN "h/d?CANARY", NULL, "not name=value" },
        { PLAIN "h/d?=CANARY", NULL, "not name=value" },
        { PLAIN "h/d?DSN=x", NULL, "DSN and Driver" },
        { PLAIN "h/d?driver=x", NULL, "DSN and Driver" },
        { PLAIN "h/d?u%72l=jdbc:redshift://h", NULL, "DSN and Driver" },
        { "jdbc:redshift:h", NULL, "begins with neither" },
        { "jdbc:postgresql://h/CANARY", NULL, "begins with neither" },
        { "https://h", NULL, "begins with neither" },
        { "", NULL, "begins with neither" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_connstr list = { 0 };
        struct rs_diag diag = { 0 };
        struct rs_buf text = RS_BUF_INIT(65536);
        bool ok = rs_jdbcurl_read(rs_str_of(cases[i].url), &list, &diag);

        rs_buf_adds(&text, "");
        for (size_t k = 0; k < list.n; k++)
            rs_buf_addf(&text, "%s%s=%s", k == 0 ? "" : "|", list.pair[k].key,
                        rs_secret_reveal(&list.pair[k].value));
        if (ok != (cases[i].want != NULL) || (ok && strcmp(text.p, cases[i].want) != 0))
            fail_msg("%s: %s %s", cases[i].url, text.p, rs_diag_first(&diag));
        if (!ok) {
            assert_int_equal(rs_diag_state(&diag), RS_HY000);
            if (strstr(rs_diag_first(&diag), cases[i].says) == NULL)
                fail_msg("%s: %s", cases[i].url, rs_diag_first(&diag));
            assert_null(strstr(rs_diag_first(&diag), "CANARY"));
        }
        rs_connstr_clear(&list);
        rs_diag_clear(&diag);
        rs_buf_clear(&text);
    }
}

/* Names of JDBC's that are keys by another spelling. */
static void options(void **state)
{
    static const char *const known[] = {
        "UID",
        "user",
        "PWD",
        "password",
        "DbUser",
        "DbGroups",
        "AutoCreate",
        "ForceLowercase",
        "DbGroupsFilter",
        "ClusterID",
        "Region",
        "EndpointUrl",
        "StsEndpointUrl",
        "isServerless",
        "serverlessWorkGroup",
        "AccessKeyID",
        "SecretAccessKey",
        "SessionToken",
        "Profile",
        "AuthProfile",
        "IAMDuration",
        "IAMDisableCache",
        "groupFederation",
        "plugin_name",
        "idp_host",
        "idp_port",
        "idp_tenant",
        "idp_partition",
        "client_id",
        "client_secret",
        "scope",
        "preferred_role",
        "loginToRp",
        "partner_spid",
        "app_id",
        "app_name",
        "login_url",
        "listen_port",
        "idp_response_timeout",
        "ssl_insecure",
        "duration",
        "webIdentityToken",
        "roleArn",
        "roleSessionName",
        "providerName",
        "token",
        "token_type",
        "identity_namespace",
        "issuer_url",
        "idc_region",
        "idc_client_display_name",
        "AllowDBUserOverride",
        "sslMode",
        "sslRootCert",
        "authMech",
        "ApplicationName",
        "readOnly",
        "loginTimeout",
        "currentSchema",
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(known); i++) {
        struct rs_buf url = RS_BUF_INIT(256);
        struct rs_connstr list = { 0 };
        struct rs_diag diag = { 0 };

        rs_buf_addf(&url, IAM "h?%s=v", known[i]);
        assert_true(rs_jdbcurl_read(rs_buf_str(&url), &list, &diag));
        if (list.pair[list.n - 1].id == RS_KEY_NONE)
            fail_msg("%s", known[i]);
        rs_connstr_clear(&list);
        rs_buf_clear(&url);
    }
}

/* Through a connection string: below the keys beside it, secrets as secrets, its text not kept. */
static void in_a_string(void **state)
{
    static const char text[] = "Driver=x;Database=mine;Url={" IAM
                               "c:us-west-2/dev?DbUser=u&SecretAccessKey=CANARY;AccessKeyID=AKIAX};"
                               "DbUser=me;Nonsense=1";
    struct rs_connstr list = { 0 };
    struct rs_settings set = { 0 };
    struct rs_diag diag = { 0 };
    struct rs_buf shown = RS_BUF_INIT(65536);
    char ini[] = "/tmp/rs_jdbcurl_XXXXXX";
    int file = mkstemp(ini);

    (void)state;
    assert_true(file >= 0);
    close(file);
    setenv("REDSHIFTODBCINI", ini, 1);
    assert_true(rs_settings_init(&set, &diag));
    assert_true(rs_connstr_parse(rs_str_of(text), &list, &diag));
    if (!rs_dsn_load(&set, &list, &diag))
        fail_msg("%s", rs_diag_first(&diag));
    unlink(ini);
    assert_string_equal(set.database, "mine");
    assert_string_equal(set.db_user, "me");
    assert_string_equal(set.cluster_id, "c");
    assert_string_equal(set.region, "us-west-2");
    assert_string_equal(set.access_key_id, "AKIAX");
    assert_string_equal(rs_secret_reveal(&set.secret_access_key), "CANARY");
    assert_true(set.iam);
    assert_null(set.url);
    assert_int_equal(diag.n_warning, 1);
    rs_settings_print(&set, &shown);
    assert_null(strstr(shown.p, "CANARY"));
    rs_connstr_clear(&list);
    rs_settings_clear(&set);
    rs_diag_clear(&diag);
    rs_buf_clear(&shown);
}

static bool read_once(void *ctx)
{
    struct rs_connstr list = { 0 };
    struct rs_diag diag = { 0 };
    bool ok = rs_jdbcurl_read(rs_str_of(ctx), &list, &diag);

    if (!ok)
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    rs_connstr_clear(&list);
    rs_diag_clear(&diag);
    return ok;
}

static void sweep(void **state)
{
    static char url[] = IAM "c:us-west-2/dev?UID=u&PWD=%20p";

    (void)state;
    rs_test_oom(read_once, url);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls),
        cmocka_unit_test(options),
        cmocka_unit_test(in_a_string),
        cmocka_unit_test(sweep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
