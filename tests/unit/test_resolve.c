/* From settings to a login, with a scripted AWS. aws-api.md 11, 12; credentials.md 1, 6, 8. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/auth.h"
#include "auth/aws.h"
#include "auth/credcache.h"
#include "fakeworld.h"
#include "oom.h"

#define KEYS    "AccessKeyID=AKIAIOSFODNN7EXAMPLE\nSecretAccessKey=CANARYsecret\n"
#define DB      "Database=dev\nDbUser=bob\n"
#define CLUSTER "ClusterID=c1\nRegion=us-west-2\n"
#define HOST    "c1.abc123.us-west-2.redshift.amazonaws.com"

static const struct fake_answer describe = {
    .status = 200,
    .body = "<DescribeClustersResponse><DescribeClustersResult><Clusters><Cluster><Endpoint>"
            "<Address>found.example</Address><Port>5555</Port></Endpoint></Cluster></Clusters>"
            "</DescribeClustersResult></DescribeClustersResponse>"
};
static const struct fake_answer password = {
    .status = 200,
    .body = "<GetClusterCredentialsResponse><GetClusterCredentialsResult>"
            "<DbUser>IAM:bob</DbUser><DbPassword>CANARYpassword</DbPassword>"
            "<Expiration>2026-01-15T12:15:00Z</Expiration></GetClusterCredentialsResult>"
            "</GetClusterCredentialsResponse>"
};

static char folder[] = "/tmp/rs_resolve_XXXXXX";
static char config_path[64], creds_path[64], ca_path[64];
static const char *const no_env[][2] = { { NULL, NULL } };

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void write_files(void)
{
    snprintf(config_path, sizeof config_path, "%s/config", folder);
    snprintf(creds_path, sizeof creds_path, "%s/credentials", folder);
    snprintf(ca_path, sizeof ca_path, "%s/ca.pem", folder);
    write_file(ca_path, "-----BEGIN CERTIFICATE-----\n");
    write_file(config_path, "[default]\nregion = eu-west-1\n"
                            "[profile p]\nregion = eu-west-2\ndbuser = alice\nautocreate = true\n"
                            "dbgroups = G1,g1\nforcelowercase = 1\n"
                            "[profile odd]\nregion = nowhere\n"
                            "[profile badbool]\nautocreate = maybe\n"
                            "[profile role]\nrole_arn = arn:x\n"
                            "[profile jwt]\nregion = us-west-2\nrole_arn = arn:x\nduration = x\n"
                            "plugin_name = com.amazon.redshift.plugin.BasicJwtCredentialsProvider\n"
                            "Web_Identity_Token = CANARYw\nprovider_name = idp\nuser = bob\n"
                            "dbuser = nobody\n"
                            "[profile idc]\nplugin_name = idptokenauthplugin\ntoken = CANARYk\n"
                            "token_type = ext_jwt\nidentity_namespace = n s\n"
                            "[profile short]\nplugin_name = JWT\n"
                            "[profile okta]\nplugin_name = Okta\n"
                            "[profile shell]\nplugin_name = /bin/sh\n"
                            "[profile bare]\nregion = eu-west-3\n");
    write_file(creds_path, "[default]\naws_access_key_id = A\naws_secret_access_key = CANARYd\n"
                           "[p]\naws_access_key_id = AKIAP\naws_secret_access_key = CANARYp\n"
                           "aws_session_token = CANARYt\n"
                           "[odd]\naws_access_key_id = A\naws_secret_access_key = CANARYo\n"
                           "[badbool]\naws_access_key_id = A\naws_secret_access_key = CANARYo\n");
}

static int make_files(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    write_files();
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    unlink(config_path);
    unlink(creds_path);
    unlink(ca_path);
    rmdir(folder);
    return 0;
}

struct run {
    struct fake_world fake;
    struct rs_settings set;
    struct rs_login login;
    struct rs_diag diag;
    struct rs_log *log;
    bool ok;
};

/* keys: "name=value\n…" of the connection string. */
static void prepare(struct run *run, const char *keys, const struct fake_answer *answer, size_t n,
                    const char *const (*env)[2])
{
    struct rs_str rest = rs_str_of(keys), line;
    bool done = false;
    static const char *all[16][2];
    size_t k = 0;

    memset(run, 0, sizeof *run);
    rs_aws_forget_clocks();
    rs_credcache_clear();
    for (; (*env)[0] != NULL; env++, k++) {
        all[k][0] = (*env)[0];
        all[k][1] = (*env)[1];
    }
    all[k][0] = "AWS_CONFIG_FILE";
    all[k++][1] = config_path;
    all[k][0] = "AWS_SHARED_CREDENTIALS_FILE";
    all[k++][1] = creds_path;
    all[k][0] = "SSL_CERT_FILE";
    all[k++][1] = ca_path;
    all[k][0] = NULL;
    fake_world_init(&run->fake, answer, n);
    run->fake.env = (const char *const(*)[2])all;
    assert_true(rs_settings_init(&run->set, &run->diag));
    while (rs_str_split(&rest, '\n', &done, &line)) {
        ptrdiff_t eq = rs_str_chr(line, '=');
        enum rs_key_id id;

        if (line.n == 0)
            continue;
        id = rs_key_find(rs_str_sub(line, 0, (size_t)eq));
        assert_int_not_equal(id, RS_KEY_NONE);
        assert_true(rs_settings_put(&run->set, id, rs_str_sub(line, (size_t)eq + 1, line.n),
                                    RS_LAYER_STRING, &run->diag));
    }
}

static void go(struct run *run)
{
    run->ok =
        rs_auth_resolve(&run->set, &run->fake.world, RS_FOREVER, run->log, &run->login, &run->diag);
    assert_int_equal(run->diag.n_error, run->ok ? 0 : 1);
    assert_null(strstr(rs_diag_first(&run->diag), "CANARY"));
}

static void done(struct run *run)
{
    rs_login_clear(&run->login);
    rs_settings_clear(&run->set);
    rs_diag_clear(&run->diag);
}

static void expect_text(const char *is, const char *want)
{
    if (want == NULL)
        assert_null(is);
    else
        assert_string_equal(is, want);
}

static void standard(void **state)
{
    struct run run;

    (void)state;
    prepare(&run, "Server=h\nPort=1234\nDatabase=d\nUID=u\nPWD=p\n", NULL, 0, no_env);
    go(&run);
    assert_true(run.ok);
    assert_string_equal(run.login.host, "h");
    assert_int_equal(run.login.port, 1234);
    assert_string_equal(run.login.database, "d");
    assert_string_equal(run.login.user, "u");
    assert_string_equal(rs_secret_reveal(&run.login.secret), "p");
    assert_false(run.login.is_iam);
    assert_int_equal(run.login.expires_at, 0);
    assert_false(rs_auth_is_iam(&run.set));
    done(&run);
}

/* What is asked of AWS, and where the session then goes. */
static void sign_in(void **state)
{
    static const struct {
        const char *keys;
        const char *host;
        int port;
        size_t asked;
        const char *url;  /* of the last request */
        const char *form; /* part of the last request */
    } cases[] = {
        { KEYS DB CLUSTER, "found.example", 5555, 2, "https://redshift.us-west-2.amazonaws.com/",
          "&DbUser=bob&DbName=dev&ClusterIdentifier=c1" },
        { KEYS DB CLUSTER "Port=1111\n", "found.example", 1111, 2, NULL, "ClusterIdentifier=c1" },
        { KEYS DB CLUSTER "Server=h\n", "h", 5439, 1, NULL, "ClusterIdentifier=c1" },
        { KEYS DB CLUSTER "Server=h\nPort=1111\n", "h", 1111, 1, NULL, "ClusterIdentifier=c1" },
        { KEYS DB "Server=" HOST "\n", HOST, 5439, 1, "https://redshift.us-west-2.amazonaws.com/",
          "ClusterIdentifier=c1" },
        { KEYS DB "Server=" HOST "\nClusterID=Other\nRegion=EU-west-1\n", HOST, 5439, 1,
          "https://redshift.eu-west-1.amazonaws.com/", "ClusterIdentifier=other" },
        { KEYS DB "Server=db.example.com\nRegion=us-west-2\n", "db.example.com", 5439, 1, NULL,
          "&DbName=dev&CustomDomainName=db.example.com" },
        { KEYS DB "Server=x.elb.eu-west-3.amazonaws.com\nClusterID=c1\n",
          "x.elb.eu-west-3.amazonaws.com", 5439, 1, "https://redshift.eu-west-3.amazonaws.com/",
          "ClusterIdentifier=c1" },
        { KEYS DB "Server=x-endpoint-1.h.eu-west-3.redshift.amazonaws.com\nClusterID=c1\n",
          "x-endpoint-1.h.eu-west-3.redshift.amazonaws.com", 5439, 1,
          "https://redshift.eu-west-3.amazonaws.com/", "ClusterIdentifier=c1" },
        { KEYS DB "Server=" HOST "\nvpc_endpoint_url=vpce.example\n", "vpce.example", 5439, 1, NULL,
          "ClusterIdentifier=c1" },
        { KEYS DB "Server=" HOST "\nvpc_endpoint_url=https://vpce.example:7777/\n", "vpce.example",
          7777, 1, NULL, "ClusterIdentifier=c1" },
        { KEYS DB CLUSTER "vpc_endpoint_url=vpce.example:7777\nPort=8\n", "vpce.example", 8, 1,
          NULL, "ClusterIdentifier=c1" },
        { KEYS DB CLUSTER "EndpointUrl=https://aws.example:8443/pre/\n", "found.example", 5555, 2,
          "https://aws.example:8443/pre/", "ClusterIdentifier=c1" },
        { KEYS DB "ClusterID=c1\nEndpointUrl=redshift.ap-south-1.amazonaws.com\n", "found.example",
          5555, 2, "https://redshift.ap-south-1.amazonaws.com/", "ClusterIdentifier=c1" },
        { KEYS DB CLUSTER "Server=h\nIAMDuration=1200\n", "h", 5439, 1, NULL,
          "&DurationSeconds=1200" },
        { KEYS DB CLUSTER "Server=h\nAutoCreate=0\n", "h", 5439, 1, NULL, "&AutoCreate=false" },
        { KEYS DB CLUSTER "Server=h\nDbGroups=A, a ,B\nForceLowercase=1\n", "h", 5439, 1, NULL,
          "ClusterIdentifier=c1&DbGroups.DbGroup.1=a&DbGroups.DbGroup.2=b" },
        { KEYS "Database=dev\nUID=carol\nServer=h\n" CLUSTER, "h", 5439, 1, NULL,
          "&DbUser=carol&" },
        { KEYS DB CLUSTER "Server=h\nServerless=1\nClusterID=c1\n", "h", 5439, 1, NULL,
          "ClusterIdentifier=c1" },
        { "Database=dev\nProfile=p\nServer=h\nClusterID=c1\n", "h", 5439, 1,
          "https://redshift.eu-west-2.amazonaws.com/",
          "&DbUser=alice&DbName=dev&ClusterIdentifier=c1&AutoCreate=true&DbGroups.DbGroup.1=g1" },
        { "Database=dev\nProfile=p\nServer=h\nClusterID=c1\nDbUser=bob\nAutoCreate=0\nDbGroups=X\n"
          "ForceLowercase=0\n",
          "h", 5439, 1, NULL,
          "&DbUser=bob&DbName=dev&ClusterIdentifier=c1&AutoCreate=false"
          "&DbGroups.DbGroup.1=X" },
        { "Database=dev\nAuthType=AWS Profile\nProfile=default\nUID=u\nServer=h\nClusterID=c1\n",
          "h", 5439, 1, "https://redshift.eu-west-1.amazonaws.com/", "&DbUser=u&" },
        { KEYS DB "ClusterID=c1\nServer=h\n", "h", 5439, 1,
          "https://redshift.eu-west-1.amazonaws.com/", "ClusterIdentifier=c1" },
        { "AccessKeyID=A\nPWD=CANARYpwd\nServer=h\n" DB CLUSTER, "h", 5439, 1, NULL,
          "ClusterIdentifier=c1" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct fake_answer answer[] = { describe, password };
        struct run run;
        size_t last = cases[i].asked - 1;

        prepare(&run, cases[i].keys, cases[i].asked == 2 ? answer : answer + 1, cases[i].asked,
                no_env);
        go(&run);
        if (!run.ok || run.fake.n_asked != cases[i].asked)
            fail_msg("case %zu: %zu requests: %s", i, run.fake.n_asked, rs_diag_first(&run.diag));
        if (strstr(run.fake.body[last], cases[i].form) == NULL)
            fail_msg("case %zu: %s", i, run.fake.body[last]);
        if (cases[i].url != NULL)
            assert_string_equal(run.fake.url[last], cases[i].url);
        assert_string_equal(run.fake.ca_file[last], ca_path);
        assert_string_equal(run.login.host, cases[i].host);
        assert_int_equal(run.login.port, cases[i].port);
        assert_string_equal(run.login.database, "dev");
        assert_string_equal(run.login.user, "IAM:bob");
        assert_string_equal(rs_secret_reveal(&run.login.secret), "CANARYpassword");
        assert_true(run.login.is_iam);
        assert_int_equal(run.login.expires_at, 1768479300);
        assert_true(rs_auth_is_iam(&run.set));
        done(&run);
    }
}

static const struct fake_answer workgroup = {
    .status = 200,
    .body = "{\"workgroup\":{\"workgroupName\":\"wg1\",\"status\":\"AVAILABLE\",\"endpoint\":"
            "{\"address\":\"wg.example\",\"port\":5556}}}"
};
static const struct fake_answer credentials = {
    .status = 200,
    .body = "{\"dbPassword\":\"CANARYpassword\",\"dbUser\":\"IAMR:R\","
            "\"expiration\":1768479300.123,\"nextRefreshTime\":1768478700.0}"
};

#define WORKGROUP_HOST "wg1.123456789012.us-east-1.redshift-serverless.amazonaws.com"

/* aws-api.md 12: which API, about what. */
static void serverless(void **state)
{
    static const struct {
        const char *keys;
        const char *host;
        int port;
        bool looks_up, by_cluster;
        const char *url;
        const char *body;
        const char *warns; /* NULL: does not */
    } cases[] = {
        { "Server=" WORKGROUP_HOST "\n", WORKGROUP_HOST, 5439, false, false,
          "https://redshift-serverless.us-east-1.amazonaws.com/",
          "{\"dbName\":\"dev\",\"workgroupName\":\"wg1\"}", NULL },
        { "Server=" WORKGROUP_HOST "\nWorkgroup=Other\nRegion=eu-west-1\nIAMDuration=900\n",
          WORKGROUP_HOST, 5439, false, false,
          "https://redshift-serverless.eu-west-1.amazonaws.com/",
          "{\"dbName\":\"dev\",\"durationSeconds\":900,\"workgroupName\":\"other\"}", NULL },
        { "Workgroup=wg1\nRegion=us-west-2\n", "wg.example", 5556, true, false,
          "https://redshift-serverless.us-west-2.amazonaws.com/",
          "{\"dbName\":\"dev\",\"workgroupName\":\"wg1\"}", NULL },
        { "Workgroup=wg1\nRegion=cn-north-1\nServerless=1\nPort=7\n", "wg.example", 7, true, false,
          "https://redshift-serverless.cn-north-1.amazonaws.com.cn/",
          "{\"dbName\":\"dev\",\"workgroupName\":\"wg1\"}", NULL },
        { "Workgroup=wg1\nServerless=1\nServer=alias.example\nRegion=us-west-2\n", "alias.example",
          5439, false, false, NULL, "{\"dbName\":\"dev\",\"workgroupName\":\"wg1\"}", NULL },
        { "Serverless=1\nServer=db.example.com\nRegion=us-west-2\n", "db.example.com", 5439, false,
          false, NULL, "{\"dbName\":\"dev\",\"customDomainName\":\"db.example.com\"}", NULL },
        { "Server=" WORKGROUP_HOST "\nDbUser=x\n", WORKGROUP_HOST, 5439, false, false, NULL,
          "{\"dbName\":\"dev\",\"workgroupName\":\"wg1\"}", "DbUser is ignored for serverless" },
        { "Server=" WORKGROUP_HOST "\ngroup_federation=1\nvpc_endpoint_url=v.example\n",
          "v.example", 5439, false, false, NULL, "{\"dbName\":\"dev\",\"workgroupName\":\"wg1\"}",
          NULL },
        { "Server=x-endpoint-1.123456789012.eu-west-3.redshift-serverless.amazonaws.com\n"
          "Workgroup=wg1\n",
          "x-endpoint-1.123456789012.eu-west-3.redshift-serverless.amazonaws.com", 5439, false,
          false, "https://redshift-serverless.eu-west-3.amazonaws.com/",
          "{\"dbName\":\"dev\",\"workgroupName\":\"wg1\"}", NULL },
        /* by the cluster API */
        { "Serverless=1\nServer=alias.example\nClusterID=redshift-serverless-wg1\n"
          "Region=us-west-2\nDbUser=bob\n",
          "alias.example", 5439, false, true, "https://redshift.us-west-2.amazonaws.com/",
          "&DbUser=bob&DbName=dev&ClusterIdentifier=redshift-serverless-wg1", NULL },
        { "Server=" WORKGROUP_HOST "\nServerless=0\nClusterID=c1\nDbUser=bob\n", WORKGROUP_HOST,
          5439, false, true, "https://redshift.us-east-1.amazonaws.com/", "ClusterIdentifier=c1",
          NULL },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct fake_answer answer[2] = { workgroup, credentials };
        struct rs_buf keys = RS_BUF_INIT(4096);
        size_t last = cases[i].looks_up;
        struct run run;

        if (!cases[i].looks_up)
            answer[0] = cases[i].by_cluster ? password : credentials;
        rs_buf_addf(&keys, "%s" KEYS "Database=dev\n", cases[i].keys);
        prepare(&run, keys.p, answer, last + 1, no_env);
        go(&run);
        if (!run.ok || run.fake.n_asked != last + 1 ||
            strstr(run.fake.body[last], cases[i].body) == NULL)
            fail_msg("case %zu: %zu requests: %s %s", i, run.fake.n_asked, run.fake.body[last],
                     rs_diag_first(&run.diag));
        if (cases[i].url != NULL)
            assert_string_equal(run.fake.url[last], cases[i].url);
        if (!cases[i].by_cluster) {
            assert_true(fake_world_had_header(&run.fake, last, "X-Amz-Target",
                                              "RedshiftServerless.GetCredentials"));
            assert_true(fake_world_had_header(&run.fake, last, "Content-Type",
                                              "application/x-amz-json-1.1"));
            assert_string_equal(run.login.user, "IAMR:R");
        }
        if (cases[i].looks_up)
            assert_string_equal(run.fake.body[0], "{\"workgroupName\":\"wg1\"}");
        assert_int_equal(run.diag.n_warning, cases[i].warns != NULL);
        if (cases[i].warns != NULL)
            assert_string_equal(rs_diag_get(&run.diag, 0)->text, cases[i].warns);
        assert_string_equal(run.login.host, cases[i].host);
        assert_int_equal(run.login.port, cases[i].port);
        assert_string_equal(rs_secret_reveal(&run.login.secret), "CANARYpassword");
        assert_int_equal(run.login.expires_at, 1768479300);
        done(&run);
        rs_buf_clear(&keys);
    }
}

/* Which of two places wins: C over D over P. NULL: it does not say. */
static void precedence(void **state)
{
    static const struct {
        const char *string, *dsn, *profile, *want;
    } cases[] = {
        { "a", "b", "c", "a" },   { "a", "b", NULL, "a" },    { "a", NULL, "c", "a" },
        { "a", NULL, NULL, "a" }, { NULL, "b", "c", "b" },    { NULL, "b", NULL, "b" },
        { NULL, NULL, "c", "c" }, { NULL, NULL, NULL, NULL },
    };
    static const struct {
        enum rs_key_id id;
        const char *property, *parameter;
        const char *value[3], *sent[3]; /* of a, b, c */
        const char *none;               /* what is sent without; NULL: nothing */
    } keys[] = {
        { RS_KEY_db_user,
          "dbuser",
          "DbUser",
          { "anna", "bert", "cora" },
          { "anna", "bert", "cora" },
          "uid" },
        { RS_KEY_auto_create,
          "autocreate",
          "AutoCreate",
          { "0", "1", "0" },
          { "false", "true", "false" },
          NULL },
        { RS_KEY_auto_create,
          "autocreate",
          "AutoCreate",
          { "1", "0", "true" },
          { "true", "false", "true" },
          NULL },
        { RS_KEY_db_groups,
          "dbgroups",
          "DbGroups.DbGroup.1",
          { "ga", "gb", "gc" },
          { "ga", "gb", "gc" },
          NULL },
    };

    (void)state;
    for (size_t k = 0; k < RS_COUNT(keys); k++)
        for (size_t i = 0; i < RS_COUNT(cases); i++) {
            struct rs_buf text = RS_BUF_INIT(4096);
            struct run run;
            const char *sent =
                cases[i].want == NULL ? keys[k].none : keys[k].sent[cases[i].want[0] - 'a'];

            rs_buf_adds(&text, "[w]\naws_access_key_id = A\naws_secret_access_key = CANARYw\n");
            if (cases[i].profile != NULL)
                rs_buf_addf(&text, "%s = %s\n", keys[k].property, keys[k].value[2]);
            write_file(creds_path, text.p);
            prepare(&run, "Profile=w\nDatabase=dev\nServer=h\nUID=uid\n" CLUSTER, &password, 1,
                    no_env);
            if (cases[i].dsn != NULL)
                assert_true(rs_settings_put(&run.set, keys[k].id, rs_str_of(keys[k].value[1]),
                                            RS_LAYER_DSN, &run.diag));
            if (cases[i].string != NULL)
                assert_true(rs_settings_put(&run.set, keys[k].id, rs_str_of(keys[k].value[0]),
                                            RS_LAYER_STRING, &run.diag));
            go(&run);
            assert_true(run.ok);
            rs_buf_truncate(&text, 0);
            rs_buf_addf(&text, "&%s=%s", keys[k].parameter, sent == NULL ? "" : sent);
            if ((strstr(run.fake.body[0], text.p) != NULL) != (sent != NULL))
                fail_msg("key %zu, case %zu: %s", k, i, run.fake.body[0]);
            done(&run);
            rs_buf_clear(&text);
        }
    write_files();
}

/* AuthProfile: below the user's own values, and no more than it may say. */
static void auth_profile(void **state)
{
#define CONTENT(json)                                                                              \
    "<DescribeAuthenticationProfilesResponse><DescribeAuthenticationProfilesResult>"               \
    "<AuthenticationProfiles><member><AuthenticationProfileName>other</AuthenticationProfileName>" \
    "<AuthenticationProfileContent>{}</AuthenticationProfileContent></member><member>"             \
    "<AuthenticationProfileName>team</AuthenticationProfileName>"                                  \
    "<AuthenticationProfileContent>" json "</AuthenticationProfileContent></member>"               \
    "</AuthenticationProfiles></DescribeAuthenticationProfilesResult>"                             \
    "</DescribeAuthenticationProfilesResponse>"
    static const struct {
        const char *keys, *content;
        const char *form; /* of the credentials call; NULL: fails with `says` */
        const char *says; /* the warning, or the error */
        enum rs_state state;
    } cases[] = {
        { "DbUser=bob\nClusterID=c1\nServer=h\nDatabase=dev\n",
          CONTENT("{\"DbUser\":\"eve\",\"AutoCreate\":\"1\",\"dbgroups\":\"g\"}"),
          "&DbUser=bob&DbName=dev&ClusterIdentifier=c1&AutoCreate=true&DbGroups.DbGroup.1=g", NULL,
          RS_00000 },
        { "",
          CONTENT("{\"Database\":\"d2\",\"ClusterIdentifier\":\"C2\",\"Host\":\"h2\","
                  "\"DbUser\":\"eve\"}"),
          "&DbUser=eve&DbName=d2&ClusterIdentifier=c2", NULL, RS_00000 },
        { "Profile=p\nClusterID=c1\nServer=h\nDatabase=dev\n", CONTENT("{\"DbGroups\":\"g\"}"),
          "&DbUser=alice&DbName=dev&ClusterIdentifier=c1&AutoCreate=true&DbGroups.DbGroup.1=g",
          NULL, RS_00000 },
        { "DbUser=bob\nClusterID=c1\nServer=h\nDatabase=dev\n",
          CONTENT("{\"SSLMode\":\"disable\"}"), "&DbUser=bob&",
          "SSLMode of the authentication profile is ignored", RS_01S00 },
        { "DbUser=bob\nClusterID=c1\nServer=h\nDatabase=dev\n", CONTENT("{\"Nonsense\":\"x\"}"),
          "&DbUser=bob&", "Nonsense of the authentication profile is ignored", RS_01S00 },
        { "DbUser=bob\nClusterID=c1\nServer=h\nDatabase=dev\n", CONTENT("{\"AutoCreate\":\"x\"}"),
          NULL, "AutoCreate: \"x\" is not a boolean", RS_HY000 },
        { "DbUser=bob\n", CONTENT("[]"), NULL, "authentication profile \"team\" cannot be used",
          RS_HY000 },
        { "DbUser=bob\n", CONTENT("{}"), NULL, "Database is required", RS_28000 },
        { "DbUser=bob\n", CONTENT("{\"plugin_name\":\"Okta\"}"), NULL, "plugin Okta", RS_28000 },
        { "DbUser=bob\n", "<DescribeAuthenticationProfilesResponse/>", NULL,
          "authentication profile \"team\" not found", RS_28000 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct fake_answer answer[2] = { { .status = 200, .body = cases[i].content }, password };
        struct rs_buf keys = RS_BUF_INIT(4096);
        struct run run;

        rs_buf_addf(&keys, "%sAuthProfile=team\nRegion=us-west-2\n" KEYS, cases[i].keys);
        prepare(&run, keys.p, answer, 2, no_env);
        go(&run);
        assert_string_equal(run.fake.body[0],
                            "Action=DescribeAuthenticationProfiles&Version=2012-12-01"
                            "&AuthenticationProfileName=team");
        if (run.ok != (cases[i].form != NULL) ||
            (run.ok && strstr(run.fake.body[1], cases[i].form) == NULL))
            fail_msg("case %zu: %s %s", i, run.fake.body[1], rs_diag_first(&run.diag));
        if (cases[i].says != NULL) {
            assert_int_equal(run.diag.n, 1);
            assert_int_equal(rs_diag_get(&run.diag, 0)->state, cases[i].state);
            assert_non_null(strstr(rs_diag_get(&run.diag, 0)->text, cases[i].says));
        } else {
            assert_int_equal(run.diag.n, 0);
        }
        done(&run);
        rs_buf_clear(&keys);
    }
}

static void regions(void **state)
{
    static const struct {
        const char *keys, *aws_region, *aws_default, *want;
        const char *aliases; /* what DNS says of Server; NULL: nothing */
        bool asks_dns;
    } cases[] = {
        { "Region=us-east-1\nServer=" HOST "\n", "eu-north-1", "", "us-east-1" },
        { "Server=" HOST "\n", "eu-north-1", "eu-north-2", "us-west-2" },
        { "ClusterID=c\nServer=h\n", "eu-north-1", "eu-south-2", "eu-north-1" },
        { "ClusterID=c\nServer=h\n", "", "eu-south-2", "eu-south-2" },
        { "ClusterID=c\nServer=h\n", "", "", "eu-west-1" },
        /* a domain of one's own */
        { "ClusterID=c\nServer=db.example.com\n", "eu-north-1", "", "eu-north-1", NULL, true },
        { "ClusterID=c\nServer=db.example.com\n", "eu-north-1", "", "us-west-2", HOST "\n", true },
        { "ClusterID=c\nServer=db.example.com.\n", "eu-north-1", "", "us-west-2",
          "x.example.com\n" HOST "\nec2-1-2-3-4.eu-west-2.compute.amazonaws.com\n", true },
        { "ClusterID=c\nServer=db.example.com\n", "", "", "cn-north-1",
          "w.123456789012.cn-north-1.redshift-serverless.amazonaws.com.cn\n", true },
        { "ClusterID=c\nServer=db.example.com\n", "", "", "us-gov-west-1",
          "e-endpoint-x.h.us-gov-west-1.redshift.amazonaws.com\n", true },
        { "ClusterID=c\nServer=db.example.com\n", "", "", "eu-west-1",
          "lb.elb.us-west-2.amazonaws.com\nvpce-1.vpce.amazonaws.com\n", true },
        { "ClusterID=c\nServer=db.example.com\n", "", "", "eu-west-1",
          "c1.abc.us-west-2.redshift.amazonaws.com.evil.com\n"
          "c1.abc.evil/x.redshift.amazonaws.com\n",
          true },
        { "ClusterID=c\nServer=db.example.com\nRegion=us-east-1\n", "", "", "us-east-1", HOST "\n",
          false },
        { "ClusterID=c\nServer=10.0.0.1\n", "", "", "eu-west-1", HOST "\n", false },
        { "ClusterID=c\nServer=fd00::1\n", "", "", "eu-west-1", HOST "\n", false },
        { "ClusterID=c\nServer=localhost\n", "", "", "eu-west-1", HOST "\n", false },
        { "ClusterID=c\nServer=lb.elb.eu-west-3.amazonaws.com\n", "", "", "eu-west-3", HOST "\n",
          false },
        { "ClusterID=c\n", "", "", "eu-west-1", HOST "\n", false },
    };

    const struct fake_answer answers[] = { describe, password };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        const char *const env[][2] = { { "AWS_REGION", cases[i].aws_region },
                                       { "AWS_DEFAULT_REGION", cases[i].aws_default },
                                       { NULL, NULL } };
        struct rs_buf keys = RS_BUF_INIT(4096);
        struct run run;

        rs_buf_addf(&keys, "%s" KEYS DB, cases[i].keys);
        prepare(&run, keys.p, answers, 2, env);
        run.fake.answer = strstr(cases[i].keys, "Server") == NULL ? answers : &answers[1];
        run.fake.aliases = cases[i].aliases;
        go(&run);
        assert_true(run.ok);
        if (strstr(run.fake.url[0], cases[i].want) == NULL)
            fail_msg("case %zu: %s", i, run.fake.url[0]);
        assert_int_equal(run.fake.n_aliases_asked, cases[i].asks_dns);
        done(&run);
        rs_buf_clear(&keys);
    }
}

static void refusals(void **state)
{
    static const struct {
        const char *keys;
        enum rs_state want;
        const char *says;
    } cases[] = {
        { "Server=h\nDatabase=d\n", RS_28000, "UID" },
        { "plugin_name=BrowserSAML\n" DB CLUSTER, RS_28000,
          "login_url is required for plugin BrowserSAML" },
        { "plugin_name=Okta\n" DB CLUSTER, RS_28000,
          "idp_host, UID, PWD, app_id are required for plugin Okta" },
        { "plugin_name=com.amazon.redshift.plugin.AzureCredentialsProvider\n" DB, RS_28000,
          "are required for plugin AzureAD" },
        { "AuthType=Identity Provider: AD FS\n" DB CLUSTER, RS_28000,
          "idp_host is required for plugin ADFS" },
        { "plugin_name=/bin/sh\n" DB CLUSTER, RS_HY000,
          "plugin \"/bin/sh\" is not supported; it is one of ADFS, Ping, Okta, AzureAD, "
          "BrowserAzureAD, BrowserSAML, JwtIamAuthPlugin, JWT, BrowserAzureADOAuth2, "
          "IdpTokenAuthPlugin, BrowserIdcAuthPlugin" },
        { "Profile=role\n" DB CLUSTER, RS_28000, "role_arn" },
        { "Profile=nobody\n" DB CLUSTER, RS_28000, "\"nobody\" not found" },
        { "Profile=odd\nClusterID=c1\n" DB, RS_HY000, "region of the AWS profile \"nowhere\"" },
        { "Profile=badbool\n" DB CLUSTER, RS_HY000, "AutoCreate" },
        { "SecretAccessKey=CANARY\n" DB CLUSTER, RS_28000, "AccessKeyID" },
        { "SessionToken=CANARY\n" DB CLUSTER, RS_28000, "AccessKeyID" },
        { "AccessKeyID=A\n" DB CLUSTER, RS_28000, "SecretAccessKey" },
        { KEYS "Profile=p\n" DB CLUSTER, RS_28000, "cannot be used together" },
        { KEYS CLUSTER "DbUser=u\n", RS_28000, "Database" },
        { KEYS DB, RS_28000, "Server, or ClusterID and Region" },
        { KEYS "Database=dev\n" CLUSTER, RS_28000, "DbUser is required" },
        { KEYS "Database=dev\nDbUser=a\x01\x62\n" CLUSTER, RS_HY000, "control character" },
        { KEYS DB "ClusterID=c_1\nRegion=us-west-2\n", RS_HY000, "not a cluster identifier" },
        { KEYS DB "ClusterID=c1\nRegion=us.evil.com/-1\n", RS_HY000, "not a region name" },
        { KEYS DB CLUSTER "EndpointUrl=http://aws.example/\n", RS_HY000, "EndpointUrl" },
        { KEYS DB CLUSTER "CaFile=/nonexistent/ca\n", RS_08001, "/nonexistent/ca" },
        { KEYS DB CLUSTER "Serverless=1\nWorkgroup=w\n", RS_HY000, "not a workgroup's name" },
        { KEYS DB "Region=us-west-2\nServerless=1\n", RS_28000, "Workgroup and Region" },
        { KEYS DB "Server=x-endpoint-1.123456789012.us-east-1.redshift-serverless.amazonaws.com\n",
          RS_28000, "Workgroup is required" },
        { KEYS DB "Server=x-endpoint-1.h.us-east-1.redshift.amazonaws.com\n", RS_28000,
          "ClusterID is required" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct run run;

        prepare(&run, cases[i].keys, NULL, 0, no_env);
        go(&run);
        if (run.ok || run.fake.n_asked != 0 || rs_diag_state(&run.diag) != cases[i].want ||
            strstr(rs_diag_first(&run.diag), cases[i].says) == NULL)
            fail_msg("case %zu: %s: %s", i, rs_state_text(rs_diag_state(&run.diag), false),
                     rs_diag_first(&run.diag));
        assert_null(run.login.host);
        done(&run);
    }
}

/* credentials.md 4: which link wins, and what its profile says beside the keys. */
static void default_chain(void **state)
{
    static const struct {
        const char *keys, *id, *secret, *token, *profile;
        const char *used; /* access key id of the request */
        const char *sent; /* session token, NULL: none */
        const char *form; /* part of the request */
        const char *region;
    } cases[] = {
        { "IAM=1\n" DB, "AKIAENV", "CANARYe", "", "", "AKIAENV", NULL, "&DbUser=bob&",
          "eu-west-1" },
        { "IAM=1\n" DB, "AKIAENV", "CANARYe", "CANARYet", "p", "AKIAENV", "CANARYet",
          "&DbUser=bob&", "eu-west-2" },
        { "IAM=1\n" DB, " AKIAENV ", " CANARYe", "", "", "AKIAENV", NULL, "&DbUser=bob&",
          "eu-west-1" },
        { "IAM=1\nDatabase=dev\n", "", "CANARYe", "", "p", "AKIAP", "CANARYt", "&DbUser=alice&",
          "eu-west-2" },
        { "IAM=1\nDatabase=dev\nUID=u\n", "AKIAENV", "CANARYe", "", "p", "AKIAENV", NULL,
          "&DbUser=u&", "eu-west-2" },
        { "AuthType=Profile\n" DB, "AKIAENV", "", "", "", "A", NULL, "&DbUser=bob&", "eu-west-1" },
        { "Profile=p\n" DB, "AKIAENV", "CANARYe", "", "odd", "AKIAP", "CANARYt", "&DbUser=bob&",
          "eu-west-2" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        const char *const env[][2] = { { "AWS_ACCESS_KEY_ID", cases[i].id },
                                       { "AWS_SECRET_ACCESS_KEY", cases[i].secret },
                                       { "AWS_SESSION_TOKEN", cases[i].token },
                                       { "AWS_PROFILE", cases[i].profile },
                                       { NULL, NULL } };
        struct rs_buf text = RS_BUF_INIT(4096);
        struct run run;

        rs_buf_addf(&text, "%sServer=h\nClusterID=c1\n", cases[i].keys);
        prepare(&run, text.p, &password, 1, env);
        go(&run);
        if (!run.ok)
            fail_msg("case %zu: %s", i, rs_diag_first(&run.diag));
        rs_buf_truncate(&text, 0);
        rs_buf_addf(&text, "Credential=%s/", cases[i].used);
        if (strstr(run.fake.headers[0], text.p) == NULL ||
            strstr(run.fake.body[0], cases[i].form) == NULL ||
            strstr(run.fake.url[0], cases[i].region) == NULL)
            fail_msg("case %zu: %s %s %s", i, run.fake.url[0], run.fake.headers[0],
                     run.fake.body[0]);
        assert_int_equal(fake_world_had_header(&run.fake, 0, "X-Amz-Security-Token",
                                               cases[i].sent == NULL ? "" : cases[i].sent),
                         cases[i].sent != NULL);
        assert_true(run.login.is_iam);
        done(&run);
        rs_buf_clear(&text);
    }
}

/* An instance, named or at the end of the chain; region and user of the usual profile. */
static void instance_profile(void **state)
{
    static const char *const asks[] = { "InstanceProfile=1\nProfile=nobody\n", "IAM=1\n" };
    static const char document[] = "{\"AccessKeyId\":\"ASIA1\",\"SecretAccessKey\":\"CANARYs\","
                                   "\"Token\":\"CANARYt\",\"Expiration\":\"2026-01-15T17:50:00Z\"}";
    static const char *const bare[][2] = { { "AWS_PROFILE", "bare" }, { NULL, NULL } };
    const struct fake_answer answers[] = { { .status = 200, .body = "TOKEN" },
                                           { .status = 200, .body = "role" },
                                           { .status = 200, .body = document },
                                           password };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(asks); i++) {
        struct rs_buf text = RS_BUF_INIT(4096);
        struct run run;

        rs_buf_addf(&text, "%s%sServer=h\nClusterID=c1\n", asks[i], DB);
        prepare(&run, text.p, answers, RS_COUNT(answers), bare);
        go(&run);
        if (!run.ok)
            fail_msg("case %zu: %s", i, rs_diag_first(&run.diag));
        assert_int_equal(run.fake.n_asked, 4);
        assert_non_null(strstr(run.fake.headers[3], "Credential=ASIA1/20260115/eu-west-3/"));
        assert_true(fake_world_had_header(&run.fake, 3, "X-Amz-Security-Token", "CANARYt"));
        done(&run);
        rs_buf_clear(&text);
    }
}

static void long_db_user(void **state)
{
    (void)state;
    for (size_t n = 128; n <= 129; n++) {
        struct rs_buf keys = RS_BUF_INIT(4096);
        struct run run;

        rs_buf_adds(&keys, KEYS CLUSTER "Database=dev\nServer=h\nDbUser=");
        for (size_t i = 0; i < n; i++)
            rs_buf_addc(&keys, 'u');
        prepare(&run, keys.p, &password, 1, no_env);
        go(&run);
        assert_int_equal(run.ok, n == 128);
        done(&run);
        rs_buf_clear(&keys);
    }
}

static void no_region_anywhere(void **state)
{
    struct run run;

    (void)state;
    write_file(config_path, "");
    prepare(&run, KEYS DB "ClusterID=c1\n", NULL, 0, no_env);
    go(&run);
    assert_int_equal(rs_diag_state(&run.diag), RS_28000);
    assert_non_null(strstr(rs_diag_first(&run.diag), "Region is required"));
    done(&run);
    write_files();
}

#define ERROR(code)                                                                                \
    "<ErrorResponse><Error><Code>" code "</Code><Message>no</Message></Error></ErrorResponse>"

static void advice(void **state)
{
    static const struct fake_answer denied = { .status = 403, .body = ERROR("AccessDenied") };
    static const struct fake_answer missing = { .status = 404, .body = ERROR("ClusterNotFound") };
    struct fake_answer unknown[] = { missing, missing };
    struct run run;

    (void)state;
    prepare(&run, KEYS DB CLUSTER, &denied, 1, no_env);
    go(&run);
    assert_int_equal(rs_diag_state(&run.diag), RS_28000);
    assert_non_null(strstr(rs_diag_first(&run.diag), "give Server and Port"));
    done(&run);
    prepare(&run, KEYS DB CLUSTER "Server=h\n", &denied, 1, no_env);
    go(&run);
    assert_null(strstr(rs_diag_first(&run.diag), "give Server"));
    done(&run);
    prepare(&run, KEYS DB "Server=db.example.com\nRegion=us-west-2\n", unknown, 2, no_env);
    go(&run);
    assert_int_equal(run.fake.n_asked, 2); /* the association is looked up too */
    assert_int_equal(rs_diag_state(&run.diag), RS_08001);
    assert_non_null(strstr(rs_diag_first(&run.diag), "set ClusterID"));
    done(&run);
    prepare(&run, KEYS DB CLUSTER "Server=h\n", &missing, 1, no_env);
    go(&run);
    assert_non_null(strstr(rs_diag_first(&run.diag), "check ClusterID and Region"));
    done(&run);
}

/* The log at its highest level tells what happened and holds no secret. */
static void log_without_secrets(void **state)
{
    static const struct fake_answer answer[] = {
        { .status = 403, .body = ERROR("RequestExpired"), .date_s = 1768482000 },
        { .status = 500 },
    };
    struct fake_answer script[] = { answer[0], answer[1], describe, password };
    struct rs_buf why = RS_BUF_INIT(4096), path = RS_BUF_INIT(4096), text = RS_BUF_INIT(1 << 20);
    struct rs_log log = { 0 };
    struct rs_diag diag = { 0 };
    struct run run;

    (void)state;
    assert_true(rs_log_open(&log, RS_LOG_TRACE, true, folder, false, 0, &why));
    prepare(&run, "Database=dev\nProfile=p\nClusterID=c1\n", script, 4, no_env);
    run.log = &log;
    go(&run);
    assert_true(run.ok);
    done(&run);
    prepare(&run, KEYS DB CLUSTER "SessionToken=CANARYtoken\n", script, 4, no_env);
    run.log = &log;
    go(&run);
    assert_true(run.ok);
    done(&run);
    rs_log_close(&log);
    rs_buf_addf(&path, "%s/redshift_odbc_%lld.log", folder, (long long)rs_os_pid());
    assert_int_equal(rs_os_read_file(path.p, &text, NULL, &diag), RS_FILE_READ);
    assert_null(strstr(text.p, "CANARY"));
    assert_null(strstr(text.p, "Signature"));
    assert_non_null(strstr(text.p, "auth.method"));
    assert_non_null(strstr(text.p, "AWS profile, because Profile is set"));
    assert_non_null(strstr(text.p, "DescribeClusters"));
    assert_non_null(strstr(text.p, "GetClusterCredentials"));
    assert_non_null(strstr(text.p, "attempt 2"));
    unlink(path.p);
    rs_buf_clear(&why);
    rs_buf_clear(&path);
    rs_buf_clear(&text);
}

static const char *const env_keys[][2] = { { "AWS_ACCESS_KEY_ID", "A" },
                                           { "AWS_SECRET_ACCESS_KEY", "S" },
                                           { NULL, NULL } };

static bool resolve_once(void *ctx)
{
    struct run *run = ctx;
    struct rs_settings copy = { 0 };
    struct rs_login login = { 0 };
    struct rs_diag diag = { 0 };
    bool ok;

    fake_world_rewind(&run->fake);
    rs_credcache_clear();
    ok = rs_settings_copy(&copy, &run->set, &diag) &&
         rs_auth_resolve(&copy, &run->fake.world, RS_FOREVER, NULL, &login, &diag);
    if (!ok)
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    assert_int_equal(diag.n_error, ok ? 0 : 1);
    rs_login_clear(&login);
    rs_settings_clear(&copy);
    rs_diag_clear(&diag);
    return ok;
}

static void sweep(void **state)
{
    static const struct {
        const char *keys;
        const char *const (*env)[2];
    } cases[] = { { "Database=dev\nProfile=p\nClusterID=c1\n", no_env },
                  { "Database=dev\nIAM=1\nClusterID=c1\nDbUser=u\n", no_env },
                  { "Database=dev\nIAM=1\nClusterID=c1\nDbUser=u\n", env_keys },
                  { "Server=h\nDatabase=d\nProfile=jwt\n", no_env },
                  { "Server=h\nDatabase=d\nUID=u\nPWD=p\n", no_env } };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct fake_answer script[] = { describe, password };
        struct run run;

        prepare(&run, cases[i].keys, script, 2, cases[i].env);
        rs_test_oom(resolve_once, &run);
        done(&run);
    }
}

static void sweep_serverless(void **state)
{
    struct fake_answer script[] = { workgroup, credentials };
    struct run run;

    (void)state;
    prepare(&run, KEYS "Database=dev\nWorkgroup=wg1\nRegion=us-west-2\n", script, 2, no_env);
    rs_test_oom(resolve_once, &run);
    done(&run);
}

static void sweep_auth_profile(void **state)
{
    struct fake_answer script[] = {
        { .status = 200,
          .body = CONTENT("{\"Database\":\"d2\",\"ClusterID\":\"c2\",\"Server\":\"h\"}") },
        password
    };
    struct run run;

    (void)state;
    prepare(&run, KEYS "AuthProfile=team\nDbUser=u\nRegion=us-west-2\n", script, 2, no_env);
    rs_test_oom(resolve_once, &run);
    done(&run);
}

static void sweep_custom_domain(void **state)
{
    struct fake_answer script[] = {
        { .status = 404, .body = ERROR("CustomDomainAssociationNotFoundFault") },
        { .status = 200,
          .body = "<DescribeCustomDomainAssociationsResponse>"
                  "<DescribeCustomDomainAssociationsResult><Associations><Association>"
                  "<CertificateAssociations><CertificateAssociation>"
                  "<CustomDomainName>DB.example.com</CustomDomainName>"
                  "<ClusterIdentifier>c9</ClusterIdentifier></CertificateAssociation>"
                  "</CertificateAssociations></Association></Associations>"
                  "</DescribeCustomDomainAssociationsResult>"
                  "</DescribeCustomDomainAssociationsResponse>" },
        password
    };
    struct run run;

    (void)state;
    prepare(&run, KEYS DB "Server=db.example.com\n", script, 3, no_env);
    run.fake.aliases = "a.example.com\n" HOST "\n";
    go(&run);
    assert_true(run.ok);
    assert_non_null(strstr(run.fake.body[1], "&CustomDomainName=db.example.com"));
    assert_non_null(strstr(run.fake.body[2], "ClusterIdentifier=c9"));
    assert_null(strstr(run.fake.body[2], "CustomDomainName"));
    rs_login_clear(&run.login);
    rs_test_oom(resolve_once, &run);
    done(&run);
}

/* plugin_name in a profile, and what goes with it: below what the user set. */
static void profile_plugins(void **state)
{
    static const struct {
        const char *keys, *secret, *user, *provider, *type, *space; /* secret NULL: refused */
        enum rs_state want;
        const char *text;
    } cases[] = {
        { "Profile=jwt\n", "CANARYw", "bob", "idp", NULL, NULL, RS_00000, NULL },
        { "Profile=jwt\nIAM=1\nUID=eve\nprovider_name=mine\nweb_identity_token=CANARYm\n",
          "CANARYm", "eve", "mine", NULL, NULL, RS_00000, NULL },
        { "AuthType=Profile\nProfile=idc\n", "CANARYk", NULL, NULL, "EXT_JWT", "n s", RS_00000,
          NULL },
        { "Profile=idc\ntoken_type=ACCESS_TOKEN\n", "CANARYk", NULL, NULL, "ACCESS_TOKEN", "n s",
          RS_00000, NULL },
        { "Profile=idc\nIAM=1\n", NULL, NULL, NULL, NULL, NULL, RS_28000,
          "IAM cannot be used together with AWS profile \"idc\"" },
        { "Profile=idc\nAuthType=Profile\nAccessKeyID=A\n", NULL, NULL, NULL, NULL, NULL, RS_28000,
          "AccessKeyID cannot be used together with AWS profile \"idc\"" },
        { "Profile=short\n", NULL, NULL, NULL, NULL, NULL, RS_28000,
          "web_identity_token is required for plugin JWT" },
        { "Profile=jwt\nOpener=libpq\n", NULL, NULL, NULL, NULL, NULL, RS_HYC00, "Opener=native" },
        { "Profile=okta\n", NULL, NULL, NULL, NULL, NULL, RS_28000,
          "are required for plugin Okta" },
        { "Profile=shell\n", NULL, NULL, NULL, NULL, NULL, RS_HY000,
          "plugin \"/bin/sh\" is not supported" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        char keys[256];
        struct run run;

        (void)snprintf(keys, sizeof keys, "Server=h\nDatabase=d\n%s", cases[i].keys);
        prepare(&run, keys, NULL, 0, no_env);
        go(&run);
        assert_int_equal(run.fake.n_asked, 0);
        if (run.ok != (cases[i].secret != NULL))
            fail_msg("case %zu: %s", i, rs_diag_first(&run.diag));
        if (run.ok) {
            assert_int_equal(run.login.kind, RS_LOGIN_TOKEN);
            assert_true(rs_login_needs_tls(&run.login));
            assert_int_equal(run.diag.n, 0);
            assert_string_equal(rs_secret_reveal(&run.login.secret), cases[i].secret);
            expect_text(run.login.user, cases[i].user);
            expect_text(run.login.provider_name, cases[i].provider);
            expect_text(run.login.token_type, cases[i].type);
            expect_text(run.login.identity_namespace, cases[i].space);
        } else if (rs_diag_state(&run.diag) != cases[i].want ||
                   strstr(rs_diag_first(&run.diag), cases[i].text) == NULL) {
            fail_msg("case %zu: %s", i, rs_diag_first(&run.diag));
        }
        done(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(profile_plugins),
        cmocka_unit_test(standard),
        cmocka_unit_test(sign_in),
        cmocka_unit_test(serverless),
        cmocka_unit_test(precedence),
        cmocka_unit_test(auth_profile),
        cmocka_unit_test(regions),
        cmocka_unit_test(refusals),
        cmocka_unit_test(default_chain),
        cmocka_unit_test(instance_profile),
        cmocka_unit_test(long_db_user),
        cmocka_unit_test(no_region_anywhere),
        cmocka_unit_test(advice),
        cmocka_unit_test(log_without_secrets),
        cmocka_unit_test(sweep),
        cmocka_unit_test(sweep_serverless),
        cmocka_unit_test(sweep_auth_profile),
        cmocka_unit_test(sweep_custom_domain),
    };

    return cmocka_run_group_tests(tests, make_files, remove_files);
}
