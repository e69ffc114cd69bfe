/* The Redshift calls: forms as sent, answers as read, answers that must not be believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "auth/redshift.h"
#include "fakeworld.h"
#include "oom.h"
#include "os.h"

#define NS    " xmlns=\"http://redshift.amazonaws.com/doc/2012-12-01/\""
#define BEGIN "GetClusterCredentials&Version=2012-12-01&DbUser=u"
#define FORM  "Action=" BEGIN

static void forms(void **state)
{
    static const struct {
        struct rs_redshift_ask ask;
        const char *want;
    } cases[] = {
        { { .db_user = "newuser",
            .database = "dev",
            .cluster_id = "examplecluster",
            .duration_s = 900,
            .has_auto_create = true,
            .auto_create = true,
            .groups = "group1,group2" },
          "Action=GetClusterCredentials&Version=2012-12-01&DbUser=newuser&DbName=dev"
          "&ClusterIdentifier=examplecluster&DurationSeconds=900&AutoCreate=true"
          "&DbGroups.DbGroup.1=group1&DbGroups.DbGroup.2=group2" },
        { { .db_user = "u", .cluster_id = "c" }, FORM "&ClusterIdentifier=c" },
        { { .db_user = "u", .cluster_id = "c", .custom_domain = "d.e" },
          FORM "&ClusterIdentifier=c" },
        { { .db_user = "u", .custom_domain = "d.e" }, FORM "&CustomDomainName=d.e" },
        { { .db_user = "u", .cluster_id = "c", .has_auto_create = true },
          FORM "&ClusterIdentifier=c&AutoCreate=false" },
        { { .db_user = "u", .cluster_id = "c", .groups = " b , ,a,b,B,, a " },
          FORM "&ClusterIdentifier=c&DbGroups.DbGroup.1=b&DbGroups.DbGroup.2=a"
               "&DbGroups.DbGroup.3=B" },
        { { .db_user = "u", .cluster_id = "c", .groups = "B,a,b,A", .lower_case_groups = true },
          FORM "&ClusterIdentifier=c&DbGroups.DbGroup.1=b&DbGroups.DbGroup.2=a" },
        { { .db_user = "u", .cluster_id = "c", .groups = " , " }, FORM "&ClusterIdentifier=c" },
        { { .with_iam = true, .database = "dev", .custom_domain = "db.example.com" },
          "Action=GetClusterCredentialsWithIAM&Version=2012-12-01&DbName=dev"
          "&CustomDomainName=db.example.com" },
        { { .with_iam = true,
            .db_user = "u",
            .cluster_id = "c",
            .duration_s = 900,
            .has_auto_create = true,
            .groups = "g" },
          "Action=GetClusterCredentialsWithIAM&Version=2012-12-01&ClusterIdentifier=c"
          "&DurationSeconds=900" },
        { { .db_user = "u", .cluster_id = "c", .database = "d b&=\xC3\xA9", .groups = "x y" },
          FORM "&DbName=d%20b%26%3D%C3%A9&ClusterIdentifier=c&DbGroups.DbGroup.1=x%20y" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_buf out = RS_BUF_INIT(4096);

        rs_redshift_form(&cases[i].ask, &out);
        assert_string_equal(out.p, cases[i].want);
        rs_buf_clear(&out);
    }
}

#define CLUSTERS(inner)                                                                            \
    "<DescribeClustersResponse" NS "><DescribeClustersResult><Clusters>" inner                     \
    "</Clusters></DescribeClustersResult></DescribeClustersResponse>"
#define ENDPOINT(inner)                                                                            \
    CLUSTERS("<Cluster><ClusterStatus>creating</ClusterStatus><Endpoint>" inner                    \
             "</Endpoint></Cluster>")

static void clusters(void **state)
{
    static const struct {
        const char *text, *host; /* NULL: fails */
        int port;
        enum rs_state want;
        const char *says;
    } cases[] = {
        { ENDPOINT("<Address>h.example</Address><Port>5439</Port>"), "h.example", 5439, RS_00000,
          "" },
        { ENDPOINT("<Port>65535</Port><New/><Address> h.example\n</Address><VpcEndpoints/>"),
          "h.example", 65535, RS_00000, "" },
        { CLUSTERS("<Cluster><Endpoint><Address>first</Address><Port>1</Port></Endpoint></Cluster>"
                   "<Cluster><Endpoint><Address>second</Address><Port>2</Port></Endpoint>"
                   "</Cluster>"),
          "first", 1, RS_00000, "" },
        { CLUSTERS(""), NULL, 0, RS_08001, "cluster \"c1\" not found" },
        { CLUSTERS("<Cluster><ClusterStatus>creating</ClusterStatus></Cluster>"), NULL, 0, RS_08001,
          "no endpoint yet (its status is \"creating\")" },
        { ENDPOINT("<Address></Address><Port>5439</Port>"), NULL, 0, RS_08001, "no endpoint yet" },
        { ENDPOINT("<Address>h</Address><Port>0</Port>"), NULL, 0, RS_08001, "no endpoint yet" },
        { ENDPOINT("<Address>h</Address>"), NULL, 0, RS_08001, "no endpoint yet" },
        { ENDPOINT("<Address>h</Address><Port>65536</Port>"), NULL, 0, RS_HY000, "Port" },
        { ENDPOINT("<Address>h</Address><Port>-1</Port>"), NULL, 0, RS_HY000, "Port" },
        { ENDPOINT("<Address>h</Address><Port>x</Port>"), NULL, 0, RS_HY000, "Port" },
        { ENDPOINT("<Address>h/../x</Address><Port>1</Port>"), NULL, 0, RS_HY000, "Address" },
        { ENDPOINT("<Address>/tmp</Address><Port>1</Port>"), NULL, 0, RS_HY000, "Address" },
        { "<Other" NS "/>", NULL, 0, RS_HY000, "other document" },
        { "<DescribeClustersResponse>", NULL, 0, RS_HY000, "not well formed" },
        { "CANARY", NULL, 0, RS_HY000, "DescribeClusters: the answer" },
        { "", NULL, 0, RS_HY000, "empty" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_diag diag = { 0 };
        char *host = NULL;
        int32_t port = 0;
        bool ok = rs_redshift_read_cluster(rs_str_of(cases[i].text), "c1", &host, &port, &diag);

        if (ok != (cases[i].host != NULL))
            fail_msg("case %zu: %s", i, rs_diag_first(&diag));
        assert_int_equal(diag.n_error, ok ? 0 : 1);
        if (ok) {
            assert_string_equal(host, cases[i].host);
            assert_int_equal(port, cases[i].port);
        } else {
            assert_null(host);
            assert_int_equal(rs_diag_state(&diag), cases[i].want);
            assert_null(strstr(rs_diag_first(&diag), "CANARY"));
            if (strstr(rs_diag_first(&diag), cases[i].says) == NULL)
                fail_msg("case %zu: %s", i, rs_diag_first(&diag));
        }
        rs_free(host);
        rs_diag_clear(&diag);
    }
}

#define RESULT(inner)                                                                              \
    "<GetClusterCredentialsResponse" NS "><GetClusterCredentialsResult>" inner                     \
    "</GetClusterCredentialsResult></GetClusterCredentialsResponse>"
#define EXPIRES "<Expiration>2026-01-15T12:15:00.456Z</Expiration>"

static void passwords(void **state)
{
    static const struct {
        const char *text, *user, *password; /* NULL: fails */
    } cases[] = {
        { RESULT("<DbUser>IAMA:newuser</DbUser><DbPassword>p;{}&lt;&amp;'\"</DbPassword>" EXPIRES),
          "IAMA:newuser", "p;{}<&'\"" },
        { RESULT("<New>1</New>" EXPIRES "<DbPassword>p</DbPassword><DbUser>IAM:u</DbUser>"),
          "IAM:u", "p" },
        { RESULT("<DbUser>u</DbUser><DbPassword></DbPassword>" EXPIRES), NULL, NULL },
        { RESULT("<DbPassword>CANARY</DbPassword>" EXPIRES), NULL, NULL },
        { RESULT("<DbUser>u</DbUser><DbPassword>CANARY</DbPassword>"), NULL, NULL },
        { RESULT("<DbUser>u</DbUser><DbPassword>CANARY</DbPassword><Expiration>x</Expiration>"),
          NULL, NULL },
        { "<GetClusterCredentialsResponse" NS "/>", NULL, NULL },
        { RESULT("<DbUser>u</DbUser><DbPassword>CANARY</DbPassword"), NULL, NULL },
        { "<!DOCTYPE x>" RESULT("<DbUser>u</DbUser><DbPassword>CANARY</DbPassword>" EXPIRES), NULL,
          NULL },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_redshift_password password = { 0 };
        struct rs_diag diag = { 0 };
        bool ok = rs_redshift_read_password(rs_str_of(cases[i].text), false, &password, &diag);

        if (ok != (cases[i].user != NULL))
            fail_msg("case %zu: %s", i, rs_diag_first(&diag));
        if (ok) {
            assert_string_equal(password.user, cases[i].user);
            assert_string_equal(rs_secret_reveal(&password.password), cases[i].password);
            assert_int_equal(password.expires_at, 1768479300);
        } else {
            assert_int_equal(diag.n_error, 1);
            assert_int_equal(rs_diag_state(&diag), RS_HY000);
            assert_null(strstr(rs_diag_first(&diag), "CANARY"));
        }
        rs_redshift_password_clear(&password);
        rs_diag_clear(&diag);
    }
}

/* AWS's bound of a password is unknown; 32767 bytes are allowed, more is refused. */
static void long_passwords(void **state)
{
    (void)state;
    for (size_t n = 32767; n <= 32768; n++) {
        struct rs_buf text = RS_BUF_INIT(65536);
        struct rs_redshift_password password = { 0 };
        struct rs_diag diag = { 0 };
        bool ok;

        rs_buf_adds(&text, "<GetClusterCredentialsResponse><GetClusterCredentialsResult>"
                           "<DbUser>u</DbUser>" EXPIRES "<DbPassword>");
        for (size_t i = 0; i < n; i++)
            rs_buf_addc(&text, 'p');
        rs_buf_adds(&text, "</DbPassword></GetClusterCredentialsResult>"
                           "</GetClusterCredentialsResponse>");
        ok = rs_redshift_read_password(rs_buf_str(&text), false, &password, &diag);
        assert_int_equal(ok, n == 32767);
        if (ok)
            assert_int_equal(rs_secret_len(&password.password), n);
        rs_redshift_password_clear(&password);
        rs_diag_clear(&diag);
        rs_buf_clear(&text);
    }
}

static void with_iam(void **state)
{
#define IAM_RESULT(text)                                                                           \
    "<GetClusterCredentialsWithIAMResponse" NS "><GetClusterCredentialsWithIAMResult>" text        \
    "</GetClusterCredentialsWithIAMResult></GetClusterCredentialsWithIAMResponse>"
    static const char good[] =
        IAM_RESULT("<DbUser>IAMR:R</DbUser><DbPassword>p</DbPassword>"
                   "<Expiration>2026-01-15T12:15:00Z</Expiration>"
                   "<NextRefreshTime>2026-01-15T12:05:00Z</NextRefreshTime>");
    struct rs_redshift_password password = { 0 };
    struct rs_diag diag = { 0 };

    (void)state;
    assert_true(rs_redshift_read_password(rs_str_of(good), true, &password, &diag));
    assert_string_equal(password.user, "IAMR:R");
    assert_int_equal(password.expires_at, 1768479300);
    rs_redshift_password_clear(&password);
    assert_false(rs_redshift_read_password(rs_str_of(good), false, &password, &diag));
    assert_non_null(strstr(rs_diag_first(&diag), "some other document"));
    rs_diag_clear(&diag);
    assert_false(rs_redshift_read_password(RS_STR(IAM_RESULT("<DbUser>u</DbUser>")), true,
                                           &password, &diag));
    assert_non_null(strstr(rs_diag_first(&diag), "GetClusterCredentialsWithIAM: "));
    rs_diag_clear(&diag);
}

static void domains(void **state)
{
#define PAIR(name, id)                                                                             \
    "<CertificateAssociation><CustomDomainName>" name "</CustomDomainName><ClusterIdentifier>" id  \
    "</ClusterIdentifier></CertificateAssociation>"
#define DOMAINS(text)                                                                              \
    "<DescribeCustomDomainAssociationsResponse" NS "><DescribeCustomDomainAssociationsResult>"     \
    "<Associations>" text "</Associations></DescribeCustomDomainAssociationsResult>"               \
    "</DescribeCustomDomainAssociationsResponse>"
#define ONE(text)                                                                                  \
    "<Association><CertificateAssociations>" text "</CertificateAssociations></Association>"
    static const struct {
        const char *text, *want;
    } cases[] = {
        { DOMAINS(ONE(PAIR("db.example.com", "c1"))), "c1" },
        { DOMAINS(ONE(PAIR("DB.Example.COM", "c1"))), "c1" },
        { DOMAINS(ONE(PAIR("a.example.com", "c0") PAIR("db.example.com", "c1"))), "c1" },
        { DOMAINS(ONE(PAIR("a.example.com", "c0")) ONE(PAIR("db.example.com", "c1"))), "c1" },
        { DOMAINS("<Association/>" ONE("") ONE(PAIR("db.example.com", "c1"))), "c1" },
        { DOMAINS(ONE(PAIR("b.example.com", "c1"))), NULL },
        { DOMAINS(ONE(PAIR("db.example.com", ""))), NULL },
        { DOMAINS(""), NULL },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_diag diag = { 0 };
        char *id = NULL;

        assert_true(
            rs_redshift_read_domain(rs_str_of(cases[i].text), "db.example.com", &id, &diag));
        if (cases[i].want == NULL)
            assert_null(id);
        else
            assert_string_equal(id, cases[i].want);
        rs_free(id);
    }
}

static bool read_once(void *ctx)
{
    struct rs_redshift_password password = { 0 };
    struct rs_diag diag = { 0 };
    char *host = NULL;
    int32_t port;
    bool ok =
        rs_redshift_read_password(
            RS_STR(RESULT("<DbUser>u</DbUser><DbPassword>p</DbPassword>" EXPIRES)), false,
            &password, &diag) &&
        rs_redshift_read_cluster(RS_STR(ENDPOINT("<Address>h.example</Address><Port>5439</Port>")),
                                 "c", &host, &port, &diag);

    (void)ctx;
    if (!ok)
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    rs_redshift_password_clear(&password);
    rs_free(host);
    rs_diag_clear(&diag);
    return ok;
}

static void sweep(void **state)
{
    (void)state;
    rs_test_oom(read_once, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),          cmocka_unit_test(clusters), cmocka_unit_test(passwords),
        cmocka_unit_test(long_passwords), cmocka_unit_test(sweep),    cmocka_unit_test(with_iam),
        cmocka_unit_test(domains),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
