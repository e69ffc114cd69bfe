/* Host names, regions, endpoints. aws-api.md 3 and 11. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "auth/endpoint.h"
#include "auth/target.h"
#include "idp/idp.h"
#include "oom.h"

static struct rs_diag diag;

static void hosts(void **state)
{
    static const struct {
        const char *host;
        enum rs_host_kind kind;
        const char *id, *region, *partition, *account; /* "": it does not say */
        bool serverless;
    } cases[] = {
        { "c1.abc123xyz789.us-west-2.redshift.amazonaws.com", RS_HOST_CLUSTER, "c1", "us-west-2",
          "aws", "", false },
        { "my-cluster-2.c9akdsd.eu-central-1.redshift.amazonaws.com", RS_HOST_CLUSTER,
          "my-cluster-2", "eu-central-1", "aws", "", false },
        { "c1.abc123.us-west-2.redshift.amazonaws.com.", RS_HOST_CLUSTER, "c1", "us-west-2", "aws",
          "", false },
        { "C1.ABC.US-WEST-2.Redshift.AmazonAWS.com", RS_HOST_CLUSTER, "C1", "US-WEST-2", "aws", "",
          false },
        { "C1.ABC.US-WEST-2.REDSHIFT.AMAZONAWS.COM.", RS_HOST_CLUSTER, "C1", "US-WEST-2", "aws", "",
          false },
        { " c1.abc.us-west-2.redshift.amazonaws.com\t", RS_HOST_CLUSTER, "c1", "us-west-2", "aws",
          "", false },
        { "c.h.ap-southeast-4.redshift.amazonaws.com", RS_HOST_CLUSTER, "c", "ap-southeast-4",
          "aws", "", false },
        { "c.h.sa-east-1.redshift.amazonaws.com", RS_HOST_CLUSTER, "c", "sa-east-1", "aws", "",
          false },
        { "c.h.ca-west-1.redshift.amazonaws.com", RS_HOST_CLUSTER, "c", "ca-west-1", "aws", "",
          false },
        { "c.h.me-central-1.redshift.amazonaws.com", RS_HOST_CLUSTER, "c", "me-central-1", "aws",
          "", false },
        { "c.h.af-south-1.redshift.amazonaws.com", RS_HOST_CLUSTER, "c", "af-south-1", "aws", "",
          false },
        { "c.h.il-central-1.redshift.amazonaws.com", RS_HOST_CLUSTER, "c", "il-central-1", "aws",
          "", false },
        { "c.h.mx-central-1.redshift.amazonaws.com", RS_HOST_CLUSTER, "c", "mx-central-1", "aws",
          "", false },
        { "c.h.xx-new-11.redshift.amazonaws.com", RS_HOST_CLUSTER, "c", "xx-new-11", "aws", "",
          false },
        { "c.h.cn-north-1.redshift.amazonaws.com.cn", RS_HOST_CLUSTER, "c", "cn-north-1", "aws-cn",
          "", false },
        { "c.h.cn-northwest-1.redshift.amazonaws.com.cn.", RS_HOST_CLUSTER, "c", "cn-northwest-1",
          "aws-cn", "", false },
        { "c.h.us-gov-west-1.redshift.amazonaws.com", RS_HOST_CLUSTER, "c", "us-gov-west-1",
          "aws-us-gov", "", false },
        { "c.h.us-gov-east-1.redshift.amazonaws.com", RS_HOST_CLUSTER, "c", "us-gov-east-1",
          "aws-us-gov", "", false },
        { "c.h.us-iso-east-1.redshift.c2s.ic.gov", RS_HOST_CLUSTER, "c", "us-iso-east-1", "aws-iso",
          "", false },
        { "c.h.us-isob-east-1.redshift.sc2s.sgov.gov", RS_HOST_CLUSTER, "c", "us-isob-east-1",
          "aws-iso-b", "", false },
        { "c.h.eu-isoe-west-1.redshift.cloud.adc-e.uk", RS_HOST_CLUSTER, "c", "eu-isoe-west-1",
          "aws-iso-e", "", false },
        { "c.h.us-isof-south-1.redshift.csp.hci.ic.gov", RS_HOST_CLUSTER, "c", "us-isof-south-1",
          "aws-iso-f", "", false },
        { "c.h.eusc-de-east-1.redshift.amazonaws.eu", RS_HOST_CLUSTER, "c", "eusc-de-east-1",
          "aws-eusc", "", false },
        { "c.h.us-east-1.redshift-dev.amazonaws.com", RS_HOST_CLUSTER, "c", "us-east-1", "aws", "",
          false },
        { "default.123456789012.us-east-1.redshift-serverless.amazonaws.com", RS_HOST_WORKGROUP,
          "default", "us-east-1", "aws", "123456789012", true },
        { "w-1.000000000000.us-east-1.redshift-serverless.amazonaws.com.", RS_HOST_WORKGROUP, "w-1",
          "us-east-1", "aws", "000000000000", true },
        { "W.123456789012.US-EAST-1.REDSHIFT-SERVERLESS.AMAZONAWS.COM", RS_HOST_WORKGROUP, "W",
          "US-EAST-1", "aws", "123456789012", true },
        { "w.123456789012.us-east-1.redshift-serverless-dev.amazonaws.com", RS_HOST_WORKGROUP, "w",
          "us-east-1", "aws", "123456789012", true },
        { "w.123456789012.cn-north-1.redshift-serverless.amazonaws.com.cn", RS_HOST_WORKGROUP, "w",
          "cn-north-1", "aws-cn", "123456789012", true },
        { "w.123456789012.us-gov-west-1.redshift-serverless.amazonaws.com", RS_HOST_WORKGROUP, "w",
          "us-gov-west-1", "aws-us-gov", "123456789012", true },
        { "x-endpoint-1.h.us-east-1.redshift.amazonaws.com", RS_HOST_VPC_ENDPOINT, "", "us-east-1",
          "aws", "", false },
        { "my-vpce-endpoint-a1b2c3.c9ak.eu-west-1.redshift.amazonaws.com", RS_HOST_VPC_ENDPOINT, "",
          "eu-west-1", "aws", "", false },
        { "x-ENDPOINT-1.h.cn-north-1.redshift.amazonaws.com.cn", RS_HOST_VPC_ENDPOINT, "",
          "cn-north-1", "aws-cn", "", false },
        { "x-endpoint-1.123456789012.us-east-1.redshift-serverless.amazonaws.com",
          RS_HOST_VPC_ENDPOINT, "", "us-east-1", "aws", "", true },
        { "w-endpoint-1.abc.us-east-1.redshift-serverless.amazonaws.com", RS_HOST_VPC_ENDPOINT, "",
          "us-east-1", "aws", "", true },
        { "vpce-0123-4567.redshift.us-east-1.vpce.amazonaws.com", RS_HOST_PRIVATE_LINK, "", "", "",
          "", false },
        { "VPCE-0123-4567-us-east-1a.redshift.us-east-1.vpce.amazonaws.com.", RS_HOST_PRIVATE_LINK,
          "", "", "", "", false },
        { "my-nlb-0123.elb.eu-west-1.amazonaws.com", RS_HOST_BALANCER, "", "eu-west-1", "aws", "",
          false },
        { "MY-NLB.ELB.US-GOV-WEST-1.AMAZONAWS.COM.", RS_HOST_BALANCER, "", "US-GOV-WEST-1",
          "aws-us-gov", "", false },
        { "db.example.com", RS_HOST_OTHER, "", "", "", "", false },
        { "redshift.example.com", RS_HOST_OTHER, "", "", "", "", false },
        { "c1.h.us-west-2.redshift.example.com", RS_HOST_OTHER, "", "", "", "", false },
        { "analytics.internal", RS_HOST_OTHER, "", "", "", "", false },
        { "localhost", RS_HOST_OTHER, "", "", "", "", false },
        { "10.0.0.1", RS_HOST_OTHER, "", "", "", "", false },
        { "127.0.0.1", RS_HOST_OTHER, "", "", "", "", false },
        { "::1", RS_HOST_OTHER, "", "", "", "", false },
        { "[2001:db8::1]", RS_HOST_OTHER, "", "", "", "", false },
        { "fe80::1%eth0", RS_HOST_OTHER, "", "", "", "", false },
        { "", RS_HOST_OTHER, "", "", "", "", false },
        { ".", RS_HOST_OTHER, "", "", "", "", false },
        { "..", RS_HOST_OTHER, "", "", "", "", false },
        { " ", RS_HOST_OTHER, "", "", "", "", false },
        { "w.12345678901.us-east-1.redshift-serverless.amazonaws.com", RS_HOST_OTHER, "", "", "",
          "", false },
        { "w.1234567890123.us-east-1.redshift-serverless.amazonaws.com", RS_HOST_OTHER, "", "", "",
          "", false },
        { "w.abc.us-east-1.redshift-serverless.amazonaws.com", RS_HOST_OTHER, "", "", "", "",
          false },
        { "w.12345678901x.us-east-1.redshift-serverless.amazonaws.com", RS_HOST_OTHER, "", "", "",
          "", false },
        { "a.b.elb.eu-west-1.amazonaws.com", RS_HOST_OTHER, "", "", "", "", false },
        { "elb.eu-west-1.amazonaws.com", RS_HOST_OTHER, "", "", "", "", false },
        { "n.elb.nowhere.amazonaws.com", RS_HOST_OTHER, "", "", "", "", false },
        { "n.elb.eu-west-1.amazonaws.com.cn", RS_HOST_OTHER, "", "", "", "", false },
        { "a.c.h.us-west-2.redshift.amazonaws.com", RS_HOST_OTHER, "", "", "", "", false },
        { "h.us-west-2.redshift.amazonaws.com", RS_HOST_OTHER, "", "", "", "", false },
        { "us-west-2.redshift.amazonaws.com", RS_HOST_OTHER, "", "", "", "", false },
        { "redshift.amazonaws.com", RS_HOST_OTHER, "", "", "", "", false },
        { ".redshift.amazonaws.com", RS_HOST_OTHER, "", "", "", "", false },
        { "c..us-west-2.redshift.amazonaws.com", RS_HOST_OTHER, "", "", "", "", false },
        { ".h.us-west-2.redshift.amazonaws.com", RS_HOST_OTHER, "", "", "", "", false },
        { "c.h..redshift.amazonaws.com", RS_HOST_OTHER, "", "", "", "", false },
        { "c.h.us-west-2.redshift.amazonaws.com..", RS_HOST_OTHER, "", "", "", "", false },
        { "c.h.nowhere.redshift.amazonaws.com", RS_HOST_OTHER, "", "", "", "", false },
        { "c.h.us-west-222.redshift.amazonaws.com", RS_HOST_OTHER, "", "", "", "", false },
        { "c.h.us_west_2.redshift.amazonaws.com", RS_HOST_OTHER, "", "", "", "", false },
        { "c.h.us-west-2.redshift.amazonaws.com.evil.com", RS_HOST_OTHER, "", "", "", "", false },
        { "c.h.us-west-2.xredshift.amazonaws.com", RS_HOST_OTHER, "", "", "", "", false },
        { "c.h.us-west-2.redshift-fips.amazonaws.com", RS_HOST_OTHER, "", "", "", "", false },
        { "c.h.us-west-2.redshift.amazonaws.co", RS_HOST_OTHER, "", "", "", "", false },
        { "c.h.us-west-2.redshiftxamazonaws.com", RS_HOST_OTHER, "", "", "", "", false },
        { "c.h.cn-north-1.redshift.amazonaws.com", RS_HOST_OTHER, "", "", "", "", false },
        { "c.h.us-west-2.redshift.amazonaws.com.cn", RS_HOST_OTHER, "", "", "", "", false },
        { "c.h.us-west-2.redshift.c2s.ic.gov", RS_HOST_OTHER, "", "", "", "", false },
        { "c.h.us-iso-east-1.redshift.amazonaws.com", RS_HOST_OTHER, "", "", "", "", false },
        { "redshift.us-west-2.amazonaws.com", RS_HOST_OTHER, "", "", "", "", false },
        { "vpce-1.redshift.us-east-1.vpce.amazonaws.com.cn", RS_HOST_OTHER, "", "", "", "", false },
        { "xvpce-1.us-east-1.vpce.amazonaws.com", RS_HOST_OTHER, "", "", "", "", false },
        { "jdbc:redshift://h", RS_HOST_OTHER, "", "", "", "", false },
        { "https://c.h.us-west-2.redshift.amazonaws.com/", RS_HOST_OTHER, "", "", "", "", false },
        { "c.h.us-west-2.redshift.amazonaws.com:5439", RS_HOST_OTHER, "", "", "", "", false },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_host host = rs_host_parse(rs_str_of(cases[i].host));
        const char *partition = host.region.n == 0 ? "" : rs_partition_of(host.region)->name;

        if (host.kind != cases[i].kind || host.is_serverless != cases[i].serverless ||
            !rs_str_eq(host.id, rs_str_of(cases[i].id)) ||
            !rs_str_eq(host.region, rs_str_of(cases[i].region)) ||
            !rs_str_eq(host.account, rs_str_of(cases[i].account)) ||
            strcmp(partition, cases[i].partition) != 0)
            fail_msg("%s: kind %d, id %.*s, region %.*s, account %.*s, partition %s", cases[i].host,
                     host.kind, RS_ARG(host.id), RS_ARG(host.region), RS_ARG(host.account),
                     partition);
    }
}

static void regions(void **state)
{
    static const struct {
        const char *text, *want; /* NULL: none */
    } cases[] = {
        { "us-west-2", "us-west-2" },
        { " US-West-2\n", "us-west-2" },
        { "us-gov-east-1", "us-gov-east-1" },
        { "mx-central-1", "mx-central-1" },
        { "eusc-de-east-1", "eusc-de-east-1" },
        { "ap-southeast-12", "ap-southeast-12" },
        { "us-west", NULL },
        { "us-2", NULL },
        { "u-west-2", NULL },
        { "useast-west-2", NULL },
        { "us-west-123", NULL },
        { "us-we5t-2", NULL },
        { "us--west-2", NULL },
        { "us-west-2-", NULL },
        { "us-west-2-x", NULL },
        { "us-west-2.evil.com", NULL },
        { "us-west-2/x", NULL },
        { "", NULL },
        { "-west-2", NULL },
        { "us-west-2@evil", NULL },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_buf out = RS_BUF_INIT(128);
        bool ok = rs_region_clean(rs_str_of(cases[i].text), &out);

        if (ok != (cases[i].want != NULL))
            fail_msg("%s", cases[i].text);
        if (ok)
            assert_string_equal(out.p, cases[i].want);
        rs_buf_clear(&out);
    }
}

static void endpoints(void **state)
{
    static const struct {
        const char *region, *url, *host;
    } cases[] = {
        { "us-west-2", "https://redshift.us-west-2.amazonaws.com/",
          "redshift.us-west-2.amazonaws.com" },
        { "cn-north-1", "https://redshift.cn-north-1.amazonaws.com.cn/",
          "redshift.cn-north-1.amazonaws.com.cn" },
        { "us-gov-west-1", "https://redshift.us-gov-west-1.amazonaws.com/",
          "redshift.us-gov-west-1.amazonaws.com" },
        { "eusc-de-east-1", "https://redshift.eusc-de-east-1.amazonaws.eu/",
          "redshift.eusc-de-east-1.amazonaws.eu" },
        { "us-iso-east-1", "https://redshift.us-iso-east-1.c2s.ic.gov/",
          "redshift.us-iso-east-1.c2s.ic.gov" },
        { "us-isob-east-1", "https://redshift.us-isob-east-1.sc2s.sgov.gov/",
          "redshift.us-isob-east-1.sc2s.sgov.gov" },
        { "eu-isoe-west-1", "https://redshift.eu-isoe-west-1.cloud.adc-e.uk/",
          "redshift.eu-isoe-west-1.cloud.adc-e.uk" },
        { "us-isof-south-1", "https://redshift.us-isof-south-1.csp.hci.ic.gov/",
          "redshift.us-isof-south-1.csp.hci.ic.gov" },
        { "xx-new-1", "https://redshift.xx-new-1.amazonaws.com/",
          "redshift.xx-new-1.amazonaws.com" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_endpoint endpoint;

        assert_true(rs_endpoint_make("redshift", cases[i].region,
                                     rs_partition_of(rs_str_of(cases[i].region))->suffix, &endpoint,
                                     &diag));
        assert_string_equal(endpoint.url, cases[i].url);
        assert_string_equal(endpoint.host, cases[i].host);
        assert_string_equal(endpoint.path, "/");
        rs_endpoint_clear(&endpoint);
    }
}

static void overrides(void **state)
{
    /* url NULL: refused */
    static const struct {
        const char *value, *url, *host, *path, *region;
    } cases[] = {
        { "https://Example.com", "https://example.com/", "example.com", "/", "" },
        { "example.com:8443", "https://example.com:8443/", "example.com:8443", "/", "" },
        { " https://example.com:443/ ", "https://example.com/", "example.com", "/", "" },
        { "https://example.com/pre/fix", "https://example.com/pre/fix", "example.com", "/pre/fix",
          "" },
        { "http://localhost:80/", "http://localhost/", "localhost", "/", "" },
        { "http://127.0.0.1:9/", "http://127.0.0.1:9/", "127.0.0.1:9", "/", "" },
        { "http://[::1]:9/", "http://[::1]:9/", "[::1]:9", "/", "" },
        { "https://redshift-fips.us-west-2.amazonaws.com",
          "https://redshift-fips.us-west-2.amazonaws.com/", "redshift-fips.us-west-2.amazonaws.com",
          "/", "us-west-2" },
        { "redshift.eu-west-1.api.aws", "https://redshift.eu-west-1.api.aws/",
          "redshift.eu-west-1.api.aws", "/", "eu-west-1" },
        { "redshift.cn-north-1.amazonaws.com.cn", "https://redshift.cn-north-1.amazonaws.com.cn/",
          "redshift.cn-north-1.amazonaws.com.cn", "/", "cn-north-1" },
        { "https://redshift.nowhere.amazonaws.com", "https://redshift.nowhere.amazonaws.com/",
          "redshift.nowhere.amazonaws.com", "/", "" },
        { "http://example.com/", NULL, NULL, NULL, NULL },
        { "http://127.0.0.1.evil.com/", NULL, NULL, NULL, NULL },
        { "ftp://localhost/", NULL, NULL, NULL, NULL },
        { "https://user@example.com/", NULL, NULL, NULL, NULL },
        { "https://example.com/?a=b", NULL, NULL, NULL, NULL },
        { "https://example.com/#a", NULL, NULL, NULL, NULL },
        { "https://", NULL, NULL, NULL, NULL },
        { "https://exa mple.com", NULL, NULL, NULL, NULL },
        { "", NULL, NULL, NULL, NULL },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_endpoint endpoint = { 0 };
        struct rs_buf region = RS_BUF_INIT(128);
        bool ok = rs_endpoint_parse("EndpointUrl", cases[i].value, &endpoint, &diag);

        if (ok != (cases[i].url != NULL))
            fail_msg("%s", cases[i].value);
        if (ok) {
            assert_string_equal(endpoint.url, cases[i].url);
            assert_string_equal(endpoint.host, cases[i].host);
            assert_string_equal(endpoint.path, cases[i].path);
            assert_int_equal(rs_endpoint_region(&endpoint, &region), cases[i].region[0] != '\0');
            assert_true(rs_str_eq(rs_buf_str(&region), rs_str_of(cases[i].region)));
        } else {
            assert_int_equal(rs_diag_state(&diag), RS_HY000);
            assert_non_null(strstr(rs_diag_first(&diag), "EndpointUrl must be an https URL"));
            rs_diag_clear(&diag);
        }
        rs_buf_clear(&region);
        rs_endpoint_clear(&endpoint);
    }
}

static bool parse_once(void *ctx)
{
    struct rs_endpoint endpoint = { 0 };
    bool ok = rs_endpoint_parse("EndpointUrl", ctx, &endpoint, &diag);

    if (!ok)
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    rs_diag_clear(&diag);
    rs_endpoint_clear(&endpoint);
    return ok;
}

static void sweep(void **state)
{
    static char value[] = "example.com:8443/prefix";

    (void)state;
    rs_test_oom(parse_once, value);
}

static void plugins(void **state)
{
    static const struct {
        const char *text, *want; /* NULL: none */
    } cases[] = {
        { "okta", "Okta" },
        { " ADFS ", "ADFS" },
        { "com.amazon.redshift.plugin.OktaCredentialsProvider", "Okta" },
        { "com.amazon.redshift.plugin.PingCredentialsProvider", "Ping" },
        { "redshift_connector.plugin.BrowserAzureCredentialsProvider", "BrowserAzureAD" },
        { "com.amazon.redshift.plugin.BasicJwtCredentialsProvider", "JWT" },
        { "com.amazon.redshift.plugin.IdpTokenAuthPlugin", "IdpTokenAuthPlugin" },
        { "browserazureoauth2credentialsprovider", "BrowserAzureADOAuth2" },
        { "/usr/bin/program", NULL },
        { "", NULL },
        { "Okta.", NULL },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        const struct rs_idp_plugin *plugin = rs_idp_find(rs_str_of(cases[i].text));

        if ((plugin != NULL) != (cases[i].want != NULL))
            fail_msg("%s", cases[i].text);
        if (plugin != NULL)
            assert_string_equal(plugin->name, cases[i].want);
    }
    for (size_t i = 0; rs_idp_at(i) != NULL; i++) {
        const struct rs_auth_type *type = rs_auth_type_of_word(rs_str_of(rs_idp_at(i)->name));

        assert_non_null(type);
        assert_ptr_equal(rs_idp_find_label(rs_str_of(type->label)), rs_idp_at(i));
        assert_ptr_equal(rs_idp_find(rs_str_of(rs_idp_at(i)->name)), rs_idp_at(i));
    }
    assert_null(rs_idp_find_label(RS_STR("Standard")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts),     cmocka_unit_test(regions), cmocka_unit_test(endpoints),
        cmocka_unit_test(overrides), cmocka_unit_test(sweep),   cmocka_unit_test(plugins),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
