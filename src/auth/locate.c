#include "locate.h"

#include "creds.h"

enum { NAME_MAX_BYTES = 512 };

static const struct service {
    const char *variable; /* of its own endpoint */
    const char *setting;  /* in a services section */
    const char *before;   /* its host name: before the region, FIPS or not */
    const char *before_fips;
} services[] = {
    [RS_SERVICE_REDSHIFT] = { "AWS_ENDPOINT_URL_REDSHIFT", "redshift.endpoint_url", "redshift",
                              "redshift-fips" },
    [RS_SERVICE_SERVERLESS] = { "AWS_ENDPOINT_URL_REDSHIFT_SERVERLESS",
                                "redshift_serverless.endpoint_url", "redshift-serverless",
                                "redshift-serverless-fips" },
    [RS_SERVICE_STS] = { "AWS_ENDPOINT_URL_STS", "sts.endpoint_url", "sts", "sts-fips" },
    [RS_SERVICE_SSO] = { "AWS_ENDPOINT_URL_SSO", "sso.endpoint_url", "portal.sso",
                         "portal.sso-fips" },
    [RS_SERVICE_SSO_OIDC] = { "AWS_ENDPOINT_URL_SSO_OIDC", "sso_oidc.endpoint_url", "oidc",
                              "oidc-fips" },
};

static struct rs_str variable(const struct rs_locate *from, const char *name)
{
    return rs_str_trim(rs_str_of(from->world->env(from->world->ctx, name)));
}

static struct rs_str property(const struct rs_locate *from, const char *name)
{
    return from->profile == NULL ? RS_STR_NULL : rs_creds_text(from->profile, name);
}

/* The variable, else the profile's property: "true" of any case. */
static bool is_on(const struct rs_locate *from, const char *name, const char *setting)
{
    struct rs_str value = variable(from, name);

    return rs_str_eq_nocase(value.n > 0 ? value : property(from, setting), RS_STR("true"));
}

static bool take(const struct rs_locate *from, const char *source, struct rs_str value,
                 struct rs_endpoint *out, struct rs_diag *diag)
{
    char *copy = rs_str_dup(value, diag);
    bool ok = copy != NULL && rs_endpoint_parse(source, copy, out, diag);

    rs_free(copy);
    if (ok)
        RS_LOG(from->log, RS_LOG_INFO, "auth.endpoint", "%s, from %s", out->url, source);
    return ok;
}

/* The section that the profile's property services names. *out: NULL when it names none. */
static bool find_section(const struct rs_locate *from, const struct rs_profile **out,
                         struct rs_diag *diag)
{
    struct rs_str name = property(from, "services");

    *out = NULL;
    if (name.n == 0 || from->profiles == NULL)
        return true;
    *out = rs_profiles_section(from->profiles, "services", name);
    return *out != NULL || rs_fail(diag, RS_HY000, 0,
                                   "AWS profile \"%s\" names the section [services %.*s], which is "
                                   "not there",
                                   rs_profile_name(from->profile), RS_ARG(name));
}

/* The host name that follows from region and switches. */
static bool make(const struct rs_locate *from, enum rs_service service, const char *region,
                 struct rs_endpoint *out, struct rs_diag *diag)
{
    const struct rs_partition *partition = rs_partition_of(rs_str_of(region));
    bool fips = is_on(from, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
    bool dual = is_on(from, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
    const char *suffix = dual ? partition->dual_stack : partition->suffix;

    if (suffix == NULL)
        return rs_fail(diag, RS_HY000, 0,
                       "partition %s has no dual-stack endpoints (AWS_USE_DUALSTACK_ENDPOINT); set "
                       "EndpointUrl and StsEndpointUrl",
                       partition->name);
    /* There the plain name of STS is the FIPS one. */
    if (service == RS_SERVICE_STS && !dual &&
        rs_str_eq(rs_str_of(partition->name), RS_STR("aws-us-gov")))
        fips = false;
    if (!rs_endpoint_make(fips ? services[service].before_fips : services[service].before, region,
                          suffix, out, diag))
        return false;
    RS_LOG(from->log, RS_LOG_DEBUG, "auth.endpoint", "%s, by region%s%s", out->url,
           fips ? ", FIPS" : "", dual ? ", dual stack" : "");
    return true;
}

bool rs_locate(const struct rs_locate *from, enum rs_service service, const char *region,
               struct rs_endpoint *out, struct rs_diag *diag)
{
    const struct service *it = &services[service];
    const struct rs_profile *section;

    if (is_on(from, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls"))
        return make(from, service, region, out, diag);
    if (variable(from, it->variable).n > 0)
        return take(from, it->variable, variable(from, it->variable), out, diag);
    if (variable(from, "AWS_ENDPOINT_URL").n > 0)
        return take(from, "AWS_ENDPOINT_URL", variable(from, "AWS_ENDPOINT_URL"), out, diag);
    if (!find_section(from, &section, diag))
        return false;
    if (section != NULL && rs_creds_text(section, it->setting).n > 0)
        return take(from, "endpoint_url of the services section",
                    rs_creds_text(section, it->setting), out, diag);
    if (property(from, "endpoint_url").n > 0)
        return take(from, "endpoint_url of the AWS profile", property(from, "endpoint_url"), out,
                    diag);
    return make(from, service, region, out, diag);
}
