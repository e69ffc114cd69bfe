/* Where a service is: variables, the profile, its services section, partitions, FIPS, dual stack.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "auth/locate.h"
#include "fakeworld.h"
#include "oom.h"

#define FIPS "AWS_USE_FIPS_ENDPOINT"
#define DUAL "AWS_USE_DUALSTACK_ENDPOINT"
#define ANY  "AWS_ENDPOINT_URL"

static const char config[] =
    "[profile p]\nservices = s\nendpoint_url = https://profile/\n"
    "use_fips_endpoint = true\nuse_dualstack_endpoint = false\n"
    "[profile q]\nendpoint_url = https://q\nuse_dualstack_endpoint = True\n"
    "[profile r]\nuse_dualstack_endpoint = true\nuse_fips_endpoint = true\n"
    "ignore_configured_endpoint_urls = true\nendpoint_url = https://r\n"
    "[profile lost]\nservices = gone\n[profile http]\nendpoint_url = "
    "http://example.com\n"
    "[services  s]\nredshift =\n  endpoint_url = https://s/x # c\nsts =\n"
    "  endpoint_url = https://t\n";

static const struct {
    const char *env[3][2];
    const char *profile; /* NULL: none */
    enum rs_service service;
    const char *region;
    const char *url;  /* NULL: fails */
    const char *says; /* why */
} cases[] = {
    /* as botocore makes them */
    { { { NULL } },
      NULL,
      RS_SERVICE_REDSHIFT,
      "us-east-1",
      "https://redshift.us-east-1.amazonaws.com/",
      "" },
    { { { NULL } },
      NULL,
      RS_SERVICE_SERVERLESS,
      "us-gov-west-1",
      "https://redshift-serverless.us-gov-west-1.amazonaws.com/",
      "" },
    { { { NULL } },
      NULL,
      RS_SERVICE_STS,
      "cn-north-1",
      "https://sts.cn-north-1.amazonaws.com.cn/",
      "" },
    { { { NULL } },
      NULL,
      RS_SERVICE_SSO,
      "us-iso-east-1",
      "https://portal.sso.us-iso-east-1.c2s.ic.gov/",
      "" },
    { { { NULL } },
      NULL,
      RS_SERVICE_SSO_OIDC,
      "us-isob-east-1",
      "https://oidc.us-isob-east-1.sc2s.sgov.gov/",
      "" },
    { { { NULL } },
      NULL,
      RS_SERVICE_REDSHIFT,
      "eu-isoe-west-1",
      "https://redshift.eu-isoe-west-1.cloud.adc-e.uk/",
      "" },
    { { { NULL } },
      NULL,
      RS_SERVICE_REDSHIFT,
      "us-isof-south-1",
      "https://redshift.us-isof-south-1.csp.hci.ic.gov/",
      "" },
    { { { NULL } },
      NULL,
      RS_SERVICE_REDSHIFT,
      "eusc-de-east-1",
      "https://redshift.eusc-de-east-1.amazonaws.eu/",
      "" },
    { { { FIPS, "true" } },
      NULL,
      RS_SERVICE_REDSHIFT,
      "us-east-1",
      "https://redshift-fips.us-east-1.amazonaws.com/",
      "" },
    { { { FIPS, "True" } },
      NULL,
      RS_SERVICE_SERVERLESS,
      "us-east-1",
      "https://redshift-serverless-fips.us-east-1.amazonaws.com/",
      "" },
    { { { FIPS, "true" } },
      NULL,
      RS_SERVICE_STS,
      "us-east-1",
      "https://sts-fips.us-east-1.amazonaws.com/",
      "" },
    { { { FIPS, "true" } },
      NULL,
      RS_SERVICE_STS,
      "us-gov-west-1",
      "https://sts.us-gov-west-1.amazonaws.com/",
      "" },
    { { { FIPS, "true" }, { DUAL, "true" } },
      NULL,
      RS_SERVICE_STS,
      "us-gov-west-1",
      "https://sts-fips.us-gov-west-1.api.aws/",
      "" },
    { { { FIPS, "true" } },
      NULL,
      RS_SERVICE_SSO,
      "us-gov-west-1",
      "https://portal.sso-fips.us-gov-west-1.amazonaws.com/",
      "" },
    { { { FIPS, "true" } },
      NULL,
      RS_SERVICE_SSO_OIDC,
      "us-gov-west-1",
      "https://oidc-fips.us-gov-west-1.amazonaws.com/",
      "" },
    { { { FIPS, "false" } },
      NULL,
      RS_SERVICE_STS,
      "us-east-1",
      "https://sts.us-east-1.amazonaws.com/",
      "" },
    { { { DUAL, "true" } },
      NULL,
      RS_SERVICE_REDSHIFT,
      "us-east-1",
      "https://redshift.us-east-1.api.aws/",
      "" },
    { { { DUAL, "true" } },
      NULL,
      RS_SERVICE_REDSHIFT,
      "us-gov-west-1",
      "https://redshift.us-gov-west-1.api.aws/",
      "" },
    { { { DUAL, "true" } },
      NULL,
      RS_SERVICE_REDSHIFT,
      "cn-north-1",
      "https://redshift.cn-north-1.api.amazonwebservices.com.cn/",
      "" },
    { { { DUAL, "true" } },
      NULL,
      RS_SERVICE_REDSHIFT,
      "eusc-de-east-1",
      "https://redshift.eusc-de-east-1.api.amazonwebservices.eu/",
      "" },
    { { { DUAL, "true" } },
      NULL,
      RS_SERVICE_REDSHIFT,
      "eu-isoe-west-1",
      NULL,
      "partition aws-iso-e has no dual-stack endpoints" },
    /* who says it louder */
    { { { ANY, "https://any" } }, NULL, RS_SERVICE_REDSHIFT, "us-east-1", "https://any/", "" },
    { { { ANY, "https://any" }, { ANY "_REDSHIFT", "https://own:1/a" } },
      NULL,
      RS_SERVICE_REDSHIFT,
      "us-east-1",
      "https://own:1/a",
      "" },
    { { { ANY "_STS", "https://sts" } },
      NULL,
      RS_SERVICE_REDSHIFT,
      "us-east-1",
      "https://redshift.us-east-1.amazonaws.com/",
      "" },
    { { { ANY "_STS", "https://sts" } }, NULL, RS_SERVICE_STS, "us-east-1", "https://sts/", "" },
    { { { ANY "_REDSHIFT_SERVERLESS", "https://less" } },
      NULL,
      RS_SERVICE_SERVERLESS,
      "us-east-1",
      "https://less/",
      "" },
    { { { ANY "_SSO", "https://sso" } }, NULL, RS_SERVICE_SSO, "us-east-1", "https://sso/", "" },
    { { { ANY "_SSO_OIDC", "https://oidc" } },
      NULL,
      RS_SERVICE_SSO_OIDC,
      "us-east-1",
      "https://oidc/",
      "" },
    { { { ANY, "https://any" } }, "p", RS_SERVICE_REDSHIFT, "us-east-1", "https://any/", "" },
    { { { NULL } }, "p", RS_SERVICE_REDSHIFT, "us-east-1", "https://s/x", "" },
    { { { NULL } }, "p", RS_SERVICE_STS, "us-east-1", "https://t/", "" },
    { { { NULL } }, "p", RS_SERVICE_SSO, "us-east-1", "https://profile/", "" },
    { { { NULL } }, "q", RS_SERVICE_REDSHIFT, "us-east-1", "https://q/", "" },
    { { { "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true" }, { ANY, "https://any" } },
      "p",
      RS_SERVICE_REDSHIFT,
      "us-east-1",
      "https://redshift-fips.us-east-1.amazonaws.com/",
      "" },
    { { { "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true" }, { FIPS, "false" } },
      "p",
      RS_SERVICE_REDSHIFT,
      "us-east-1",
      "https://redshift.us-east-1.amazonaws.com/",
      "" },
    { { { "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true" } },
      "q",
      RS_SERVICE_REDSHIFT,
      "us-east-1",
      "https://redshift.us-east-1.api.aws/",
      "" },
    { { { NULL } },
      "r",
      RS_SERVICE_REDSHIFT,
      "us-east-1",
      "https://redshift-fips.us-east-1.api.aws/",
      "" },
    /* what cannot be */
    { { { ANY, "http://localhost:1" } },
      NULL,
      RS_SERVICE_REDSHIFT,
      "us-east-1",
      "http://localhost:1/",
      "" },
    { { { ANY, "http://example.com" } },
      NULL,
      RS_SERVICE_REDSHIFT,
      "us-east-1",
      NULL,
      "AWS_ENDPOINT_URL must be an https URL" },
    { { { NULL } },
      "http",
      RS_SERVICE_REDSHIFT,
      "us-east-1",
      NULL,
      "endpoint_url of the AWS profile must be" },
    { { { NULL } },
      "lost",
      RS_SERVICE_REDSHIFT,
      "us-east-1",
      NULL,
      "[services gone], which is not there" },
};

static void places(void **state)
{
    struct rs_profiles *profiles = NULL;
    struct rs_diag diag = { 0 };

    (void)state;
    assert_true(
        rs_profiles_parse(rs_str_of(config), RS_PROFILE_CONFIG, "c", &profiles, NULL, &diag));
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_endpoint endpoint = { 0 };
        struct fake_world fake;
        struct rs_locate from;
        bool ok;

        fake_world_init(&fake, NULL, 0);
        fake.env = cases[i].env;
        from = (struct rs_locate){ .world = &fake.world, .profiles = profiles };
        if (cases[i].profile != NULL)
            from.profile = rs_profiles_find(profiles, cases[i].profile);
        ok = rs_locate(&from, cases[i].service, cases[i].region, &endpoint, &diag);
        if (ok != (cases[i].url != NULL) || strstr(rs_diag_first(&diag), cases[i].says) == NULL ||
            (ok && strcmp(endpoint.url, cases[i].url) != 0))
            fail_msg("case %zu: %s %s", i, ok ? endpoint.url : "", rs_diag_first(&diag));
        rs_endpoint_clear(&endpoint);
        rs_diag_clear(&diag);
    }
    /* A section's name is no profile's. */
    assert_null(rs_profiles_find(profiles, "services s"));
    assert_null(rs_profiles_section(profiles, "sso-session", RS_STR("s")));
    rs_profiles_free(profiles);
}

struct look {
    const struct rs_profiles *profiles;
    size_t i;
};

static bool locate_once(void *ctx)
{
    const struct look *look = ctx;
    struct rs_endpoint endpoint = { 0 };
    struct rs_diag diag = { 0 };
    struct fake_world fake;
    struct rs_locate from;
    bool ok;

    fake_world_init(&fake, NULL, 0);
    fake.env = cases[look->i].env;
    from = (struct rs_locate){ .world = &fake.world, .profiles = look->profiles };
    if (cases[look->i].profile != NULL)
        from.profile = rs_profiles_find(look->profiles, cases[look->i].profile);
    ok = rs_locate(&from, cases[look->i].service, cases[look->i].region, &endpoint, &diag);
    if (ok)
        assert_string_equal(endpoint.url, cases[look->i].url);
    else
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    rs_endpoint_clear(&endpoint);
    rs_diag_clear(&diag);
    return ok;
}

/* Every place that is found, without memory at each step. */
static void sweep(void **state)
{
    struct rs_profiles *profiles = NULL;
    struct rs_diag diag = { 0 };

    (void)state;
    assert_true(
        rs_profiles_parse(rs_str_of(config), RS_PROFILE_CONFIG, "c", &profiles, NULL, &diag));
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct look look = { profiles, i };

        if (cases[i].url != NULL)
            rs_test_oom(locate_once, &look);
    }
    rs_profiles_free(profiles);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(places), cmocka_unit_test(sweep) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
