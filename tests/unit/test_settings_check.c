/* Which authentication settings mean, and every refusal of dsn-keys.md 6 and credentials.md 1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "odbc/connstr.h"
#include "oom.h"
#include "os.h"
#include "settings.h"

#define TARGET "ClusterID=c;Region=us-west-2;Database=dev;"
#define IAM    TARGET "IAM=1;"
#define STATIC TARGET "AccessKeyID=AKIA;SecretAccessKey=s;DbUser=u;"
#define LOGIN  "Server=h;Database=dev;UID=u;"

static bool read_settings(const char *text, struct rs_settings *set, struct rs_diag *diag)
{
    struct rs_connstr list = { 0 };
    bool ok = rs_settings_init(set, diag);

    if (!ok)
        return false;
    ok = rs_connstr_parse(rs_str_of(text), &list, diag);
    for (size_t i = 0; ok && i < list.n; i++) {
        struct rs_str value = { rs_secret_reveal(&list.pair[i].value),
                                rs_secret_len(&list.pair[i].value) };

        assert_int_not_equal(list.pair[i].id, RS_KEY_NONE);
        ok = rs_settings_put(set, list.pair[i].id, value, RS_LAYER_STRING, diag);
    }
    rs_connstr_clear(&list);
    if (!ok)
        rs_settings_clear(set);
    return ok;
}

enum { NO_METHOD = -1 };

static const struct {
    const char *text;
    int method;
    const char *message; /* of the error when there is no method */
} methods[] = {
    { "", RS_METHOD_STANDARD, NULL },
    { "UID=u;PWD=p", RS_METHOD_STANDARD, NULL },
    { "IAM=1", RS_METHOD_CHAIN, NULL },
    { "IAM=0;Profile=p", RS_METHOD_STANDARD, NULL },
    { "IAM=0;AuthType=Static", RS_METHOD_STANDARD, NULL },
    { "Profile=p", RS_METHOD_PROFILE, NULL },
    { "AccessKeyID=a", RS_METHOD_STATIC, NULL },
    { "SecretAccessKey=a", RS_METHOD_STATIC, NULL },
    { "InstanceProfile=1;Profile=p", RS_METHOD_INSTANCE, NULL },
    { "InstanceProfile=0;Profile=p", RS_METHOD_PROFILE, NULL },
    { "plugin_name=ADFS", RS_METHOD_PLUGIN, NULL },
    { "plugin_name=JWT;IAM=0", RS_METHOD_PLUGIN, NULL },
    { "plugin_name=ADFS;IAM=0", RS_METHOD_STANDARD, NULL },
    { "plugin_name=IdpTokenAuthPlugin;IAM=0", RS_METHOD_PLUGIN, NULL },
    { "plugin_name=IdpTokenAuthPlugin;AccessKeyID=a", RS_METHOD_PLUGIN, NULL },
    { "plugin_name=IdpTokenAuthPlugin;IAM=1", NO_METHOD,
      "IAM and plugin_name cannot be used together" },
    { "plugin_name=com.amazon.redshift.plugin.IdpTokenAuthPlugin;IAM=1", NO_METHOD,
      "IAM and plugin_name cannot be used together" },
    { "plugin_name=com.amazon.redshift.plugin.IdpTokenAuthPlugin;AccessKeyID=a", RS_METHOD_PLUGIN,
      NULL },
    { "plugin_name=BrowserIdcAuthPlugin;IAM=1", NO_METHOD,
      "IAM and plugin_name cannot be used together" },
    { "AuthType=Standard;AccessKeyID=a;Profile=p", RS_METHOD_STANDARD, NULL },
    { "AuthType=static;Profile=p", RS_METHOD_STATIC, NULL },
    { "AuthType=AWS IAM Credentials", RS_METHOD_STATIC, NULL },
    { "AuthType=AWS Profile;Profile=p", RS_METHOD_PROFILE, NULL },
    { "AuthType=Profile", RS_METHOD_CHAIN, NULL },
    { "AuthType=Profile;InstanceProfile=1;Profile=p", RS_METHOD_INSTANCE, NULL },
    { "AuthType=Plugin;plugin_name=Okta", RS_METHOD_PLUGIN, NULL },
    { "AuthType=Plugin", NO_METHOD, "plugin_name is required with AuthType Plugin" },
    { "AuthType=identity provider: okta", RS_METHOD_PLUGIN, NULL },
    { "AuthType=Identity Provider: Okta;plugin_name=OKTA", RS_METHOD_PLUGIN, NULL },
    { "AuthType=Identity Provider: Okta;plugin_name=ADFS", NO_METHOD,
      "AuthType and plugin_name contradict each other" },
    { "AuthType=IdP Token Auth Plugin;IAM=0", RS_METHOD_PLUGIN, NULL },
    { "AuthType=IdP Token Auth Plugin;IAM=1", NO_METHOD,
      "IAM and plugin_name cannot be used together" },
    { "Profile=p;AccessKeyID=a", NO_METHOD, "Profile and AccessKeyID cannot be used together" },
    { "Profile=p;SessionToken=a", NO_METHOD, "Profile and SessionToken cannot be used together" },
    { "Profile=p;plugin_name=ADFS", NO_METHOD, "plugin_name and Profile cannot be used together" },
    { "plugin_name=ADFS;SecretAccessKey=a", NO_METHOD,
      "plugin_name and SecretAccessKey cannot be used together" },
    { "AuthProfile=x;Profile=p;AccessKeyID=a", RS_METHOD_PROFILE, NULL },
    { "AuthProfile=x;AccessKeyID=a", RS_METHOD_STATIC, NULL },
};

static void test_methods(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(methods); i++) {
        struct rs_diag diag = { 0 };
        struct rs_settings set;
        enum rs_method method = RS_METHOD_STANDARD;
        bool ok;

        assert_true(read_settings(methods[i].text, &set, &diag));
        ok = rs_settings_method(&set, &method, &diag);
        if (ok != (methods[i].method != NO_METHOD) || (ok && (int)method != methods[i].method))
            fail_msg("%s: %d %s", methods[i].text, (int)method, rs_diag_first(&diag));
        if (!ok)
            assert_string_equal(rs_diag_first(&diag), methods[i].message);
        rs_settings_clear(&set);
        rs_diag_clear(&diag);
    }
}

#define PROXY "ProxyHost=h;ProxyPort=1;"

/* state NULL: passes, and message (if any) is that of the only warning. */
static const struct {
    const char *text, *state, *message;
} checks[] = {
    { LOGIN, NULL, NULL },
    { LOGIN "PWD=p;SSLMode=disable", NULL, NULL },
    { STATIC, NULL, NULL },
    { TARGET "AccessKeyID=a;PWD=secret;UID=u", NULL, NULL },
    { IAM "Profile=p;UID=u", NULL, NULL },
    { "Server=h;Database=d;IAM=1", NULL, NULL },
    { "ClusterID=c;Database=d;IAM=1", NULL, NULL }, /* Region may come from elsewhere */
    /* refusals */
    { LOGIN "AuthType=Kerberos", "HY000",
      "AuthType \"Kerberos\" is not known; it is one of "
      "Standard, AWS Profile, AWS IAM Credentials, Identity Provider: AD FS, Identity Provider: "
      "PingFederate, Identity Provider: Okta, Identity Provider: Azure AD, Identity Provider: "
      "Browser Azure AD, Identity Provider: Browser SAML, Identity Provider: JWT IAM Auth Plugin, "
      "Identity Provider: JWT, Identity Provider: Browser Azure AD OAUTH2, IdP Token Auth Plugin, "
      "Browser IdC Auth Plugin, Plugin" },
    { "UID=u", "28000", "Server and Database are required" },
    { "", "28000", "Server, Database and UID are required" },
    { "Server=h;UID=u", "28000", "Database is required" },
    { "Database=d;IAM=1", "28000", "Server, or ClusterID and Region, is required" },
    { "Database=d;IAM=1;Region=us-east-1", "28000",
      "Server, or ClusterID and Region, is required" },
    { "IAM=1", "28000", "Server (or ClusterID and Region) and Database are required" },
    { "AuthType=Static", "28000",
      "Server (or ClusterID and Region), Database, AccessKeyID, "
      "SecretAccessKey and DbUser are required" },
    { TARGET "AccessKeyID=a;DbUser=u", "28000", "SecretAccessKey is required with AccessKeyID" },
    { TARGET "SecretAccessKey=a;DbUser=u", "28000",
      "AccessKeyID is required with SecretAccessKey" },
    { TARGET "SessionToken=a;PWD=p;DbUser=u", "28000",
      "AccessKeyID is required with SessionToken" },
    { TARGET "AccessKeyID=a;SecretAccessKey=s", "28000", "DbUser is required" },
    { TARGET "AuthProfile=x;Profile=p", "28000",
      "AuthProfile needs AccessKeyID, SecretAccessKey and Region" },
    { IAM "SSLMode=prefer", "HY000",
      "IAM authentication needs SSLMode require, verify-ca or verify-full" },
    { IAM "SSLMode=ALLOW", "HY000",
      "IAM authentication needs SSLMode require, verify-ca or verify-full" },
    { IAM "EncryptionMethod=0", "HY000",
      "IAM authentication needs SSLMode require, verify-ca or verify-full" },
    { "plugin_name=JWT;SSLMode=disable", "HY000",
      "IAM authentication needs SSLMode require, verify-ca or verify-full" },
    { IAM "Region=x", NULL, NULL }, /* the first Region wins */
    { "Server=h;Database=d;IAM=1;Region=us west", "HY000",
      "Region \"us west\" is not a region name" },
    { "Server=h;Database=d;IAM=1;Region=evil.com/a-1", "HY000",
      "Region \"evil.com/a-1\" is not a region name" },
    { "Server=h;Database=d;IAM=1;Region=us-east", "HY000",
      "Region \"us-east\" is not a region name" },
    { "Region=us-east-1;Database=d;IAM=1;ClusterID=a_b", "HY000",
      "ClusterID \"a_b\" is not a cluster identifier" },
    { IAM "login_url=x", "HY000", "login_url must be an https URL" },
    { IAM "idp_host=https://x", "HY000", "idp_host must be a host name" },
    { LOGIN "SSLMode=strict", "HY000",
      "SSLMode \"strict\" is not known; it is one of disable, "
      "allow, prefer, require, verify-ca, verify-full" },
    { LOGIN "Min_TLS=1.4", "HY000",
      "Min_TLS \"1.4\" is not known; it is one of 1.2, 1.3, 1.0, 1.1" },
    { LOGIN "PrepareMode=x", "HY000", "PrepareMode \"x\" is not known; it is one of lazy, eager" },
    { LOGIN "StringType=x", "HY000",
      "StringType \"x\" is not known; it is one of varchar, unspecified" },
    { LOGIN "LogFormat=x", "HY000", "LogFormat \"x\" is not known; it is one of text, json" },
    { LOGIN "Opener=mine", "HY000",
      "Opener \"mine\" is not known; it is one of auto, libpq, native" },
    { LOGIN "ProxyHost=x", "28000", "ProxyPort is required with ProxyHost" },
    { LOGIN PROXY "ProxyPwd=x", "28000", "ProxyUid is required with ProxyPwd" },
    { LOGIN PROXY "ProxyUid=a:b", "HY000",
      "ProxyUid must hold no colon and no control character: HTTP cannot carry them" },
    { LOGIN PROXY "ProxyUid=a\rb", "HY000",
      "ProxyUid must hold no colon and no control character: HTTP cannot carry them" },
    { LOGIN PROXY "ProxyUid=a;ProxyPwd=b\nc", "HY000",
      "ProxyPwd must hold no control character: HTTP cannot carry it" },
    { LOGIN "ProxyPort=1;ProxyHost=http://h", "HY000", "ProxyHost must be a host name" },
    { LOGIN "ProxyPort=1;ProxyHost=u@h", "HY000", "ProxyHost must be a host name" },
    { LOGIN "ProxyPort=1;ProxyHost=[::1]", "HY000", "ProxyHost must be a host name" },
    { LOGIN PROXY "Opener=libpq", "HYC00",
      "libpq knows no proxy (ProxyHost); Opener=auto or Opener=native does" },
    /* warnings */
    { LOGIN "Min_TLS=1.0", NULL, "Min_TLS 1.0 is raised to 1.2" },
    { LOGIN "ProxyPwd=x", NULL, "ProxyPwd is ignored without ProxyHost" },
    { LOGIN PROXY "ProxyUid=a@b%;ProxyPwd=:p", NULL, NULL },
    { LOGIN "FetchRefCursor=1", NULL, NULL },
    { LOGIN "PipelineParams=0", NULL, NULL }, /* off is what happens */
    { LOGIN "Compression=off", NULL, NULL },
    { LOGIN "Compression=zstd", NULL, "Compression has no effect in this build" },
    { LOGIN "Trace=1;KSN=x", NULL, NULL }, /* kept for old data sources */
    { LOGIN "DisableCache=1", NULL, "DisableCache is ignored for a login with user and password" },
    { LOGIN "IAM=0;ClusterID=c;DbUser=x;SecretAccessKey=s", NULL,
      "ClusterID, DbUser, SecretAccessKey are ignored for a login with user and password" },
    { LOGIN "AuthType=Standard;IAM=1", NULL, "IAM is ignored for a login with user and password" },
    { LOGIN "AuthType=Standard", NULL, NULL },
    { LOGIN "vpc_endpoint_url=x", NULL,
      "vpc_endpoint_url is ignored for a login with user and password" },
    { STATIC "PWD=x", NULL, "PWD is ignored for AWS IAM Credentials" },
    { STATIC "AuthType=Static;Profile=p", NULL, "Profile is ignored for AWS IAM Credentials" },
    { IAM "PWD=x", NULL, "PWD is ignored for the default credential chain" },
    { IAM "AuthType=Profile;AccessKeyID=a;Profile=p", NULL,
      "AccessKeyID is ignored for AWS Profile" },
};

static void run_check(const char *text, const char *want_state, const char *message)
{
    struct rs_diag diag = { 0 };
    struct rs_settings set;
    bool ok;

    assert_true(read_settings(text, &set, &diag));
    ok = rs_settings_check(&set, &diag);
    if (ok != (want_state == NULL) || diag.n != (message != NULL ? 1 : 0))
        fail_msg("%s: %s, %zu records: %s", text, ok ? "passed" : "refused", diag.n,
                 diag.n > 0 ? diag.rec[0].text : "");
    if (message != NULL) {
        assert_string_equal(rs_diag_get(&diag, 0)->text, message);
        assert_string_equal(rs_state_text(rs_diag_get(&diag, 0)->state, false),
                            want_state != NULL ? want_state : "01S00");
    }
    rs_settings_clear(&set);
    rs_diag_clear(&diag);
}

static void test_checks(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(checks); i++)
        run_check(checks[i].text, checks[i].state, checks[i].message);
}

static void test_spelling(void **state)
{
    struct rs_diag diag = { 0 };
    struct rs_settings set;

    (void)state;
    assert_true(read_settings("ClusterID=MyCluster;Region=US-West-2;Database=d;IAM=1;EM=1;"
                              "CaFile=a;TrustStore=b;PrepareMode=EAGER",
                              &set, &diag));
    assert_true(rs_settings_check(&set, &diag));
    assert_string_equal(set.cluster_id, "mycluster");
    assert_string_equal(set.region, "us-west-2");
    assert_string_equal(set.sslmode, "verify-ca");
    assert_true(rs_settings_is_set(&set, RS_KEY_sslmode));
    assert_string_equal(set.ca_file, "b");
    assert_string_equal(set.prepare_mode, "eager");
    rs_settings_clear(&set);
    /* EncryptionMethod is used only without SSLMode */
    assert_true(read_settings(LOGIN "EM=0;SSLMode=Verify-CA;Min_TLS=1.1", &set, &diag));
    assert_true(rs_settings_check(&set, &diag));
    assert_string_equal(set.sslmode, "verify-ca");
    assert_string_equal(set.min_tls, "1.2");
    rs_settings_clear(&set);
    rs_diag_clear(&diag);
}

static void test_encryption_methods(void **state)
{
    static const char *const words[] = { "disable", "verify-ca", "verify-full", "require" };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(words); i++) {
        struct rs_diag diag = { 0 };
        struct rs_settings set;
        char digit = (char)('0' + i);

        assert_true(read_settings(LOGIN, &set, &diag));
        assert_true(rs_settings_put(&set, RS_KEY_encryption_method, (struct rs_str){ &digit, 1 },
                                    RS_LAYER_DSN, &diag));
        assert_true(rs_settings_check(&set, &diag));
        assert_string_equal(set.sslmode, words[i]);
        rs_settings_clear(&set);
    }
}

static bool check_once(void *ctx)
{
    struct rs_diag diag = { 0 };
    struct rs_settings set;
    bool ok = read_settings(ctx, &set, &diag);

    if (ok) {
        ok = rs_settings_check(&set, &diag);
        rs_settings_clear(&set);
    }
    if (!ok)
        assert_int_equal(diag.n_error, 1);
    ok = ok || rs_diag_state(&diag) != RS_HY001;
    rs_diag_clear(&diag);
    return ok;
}

static void test_oom(void **state)
{
    static char good[] = LOGIN "EM=1;TS=x;Min_TLS=1.0;ProxyPort=1;ClusterID=c";
    static char missing[] = "IAM=1", word[] = LOGIN "SSLMode=x", type[] = "AuthType=x";

    (void)state;
    rs_test_oom(check_once, good);
    rs_test_oom(check_once, missing);
    rs_test_oom(check_once, word);
    rs_test_oom(check_once, type);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_methods),  cmocka_unit_test(test_checks),
        cmocka_unit_test(test_spelling), cmocka_unit_test(test_encryption_methods),
        cmocka_unit_test(test_oom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
