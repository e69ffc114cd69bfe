#include "endpoint.h"

#include "../os.h"
#include "../url.h"

enum { URL_MAX_BYTES = 4096, REGION_MAX_BYTES = 64 };

/* Longer prefixes first: us-gov- before what begins with us-. */
static const struct rs_partition partitions[] = {
    { "aws-us-gov", "us-gov-", "amazonaws.com", "api.aws" },
    { "aws-iso-b", "us-isob-", "sc2s.sgov.gov", NULL },
    { "aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", NULL },
    { "aws-iso-f", "us-isof-", "csp.hci.ic.gov", NULL },
    { "aws-iso", "us-iso-", "c2s.ic.gov", NULL },
    { "aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn" },
    { "aws-eusc", "eusc-", "amazonaws.eu", "api.amazonwebservices.eu" },
    { "aws", "", "amazonaws.com", "api.aws" },
};

const struct rs_partition *rs_partition_of(struct rs_str region)
{
    size_t i = 0;

    while (!rs_str_starts_nocase(region, rs_str_of(partitions[i].prefix)))
        i++; /* the last prefix is empty */
    return &partitions[i];
}

const struct rs_partition *rs_partition_at(size_t i)
{
    return i < RS_COUNT(partitions) ? &partitions[i] : NULL;
}

/* ^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$ */
bool rs_region_is(struct rs_str text)
{
    struct rs_str rest = text, part = RS_STR_NULL;
    bool done = false, is_number = false;
    size_t n = 0;

    while (rs_str_split(&rest, '-', &done, &part)) {
        if (part.n == 0 || is_number)
            return false;
        is_number = rs_is_digit(part.p[0]);
        for (size_t i = 0; i < part.n; i++)
            if (is_number ? !rs_is_digit(part.p[i]) : !rs_is_alpha(part.p[i]))
                return false;
        if ((n == 0 && (is_number || part.n < 2 || part.n > 4)) || (is_number && part.n > 2))
            return false;
        n++;
    }
    return is_number && n >= 3 && text.n <= REGION_MAX_BYTES;
}

static void add_lower(struct rs_buf *out, struct rs_str text)
{
    for (size_t i = 0; i < text.n; i++)
        rs_buf_addc(out, rs_lower(text.p[i]));
}

bool rs_region_clean(struct rs_str text, struct rs_buf *out)
{
    text = rs_str_trim(text);
    if (!rs_region_is(text))
        return false;
    add_lower(out, text);
    return true;
}

void rs_endpoint_clear(struct rs_endpoint *endpoint)
{
    rs_free(endpoint->url);
    rs_free(endpoint->host);
    rs_free(endpoint->name);
    rs_free(endpoint->path);
    *endpoint = (struct rs_endpoint){ 0 };
}

static bool make(bool is_https, const struct rs_url *url, struct rs_endpoint *out,
                 struct rs_diag *diag)
{
    struct rs_buf host = RS_BUF_INIT(URL_MAX_BYTES), whole = RS_BUF_INIT(URL_MAX_BYTES);
    struct rs_str path = url->path.n == 0 ? RS_STR("/") : url->path;
    struct rs_endpoint made = { 0 };
    bool ok = false;

    if (url->is_ipv6)
        rs_buf_addc(&host, '[');
    add_lower(&host, url->host);
    if (url->is_ipv6)
        rs_buf_addc(&host, ']');
    if (url->port != 0 && url->port != (is_https ? 443 : 80))
        rs_buf_addf(&host, ":%d", (int)url->port);
    rs_buf_addf(&whole, "%s://", is_https ? "https" : "http");
    rs_buf_add(&whole, rs_buf_str(&host));
    rs_buf_add(&whole, path);
    if (!rs_buf_ok(&host, diag) || !rs_buf_ok(&whole, diag))
        goto out;
    made.url = rs_str_dup(rs_buf_str(&whole), diag);
    made.host = made.url == NULL ? NULL : rs_str_dup(rs_buf_str(&host), diag);
    made.name = made.host == NULL ? NULL : rs_str_dup(url->host, diag);
    made.path = made.name == NULL ? NULL : rs_str_dup(path, diag);
    if (made.path == NULL)
        goto out;
    *out = made;
    made = (struct rs_endpoint){ 0 };
    ok = true;
out:
    rs_endpoint_clear(&made);
    rs_buf_clear(&host);
    rs_buf_clear(&whole);
    return ok;
}

bool rs_endpoint_make(const char *service, const char *region, const char *suffix,
                      struct rs_endpoint *out, struct rs_diag *diag)
{
    struct rs_buf host = RS_BUF_INIT(URL_MAX_BYTES);
    bool ok;

    rs_buf_addf(&host, "%s.%s.%s", service, region, suffix);
    ok = rs_buf_ok(&host, diag) &&
         make(true, &(struct rs_url){ .host = rs_buf_str(&host) }, out, diag);
    rs_buf_clear(&host);
    return ok;
}

bool rs_endpoint_parse(const char *key, const char *value, struct rs_endpoint *out,
                       struct rs_diag *diag)
{
    struct rs_str text = rs_str_trim(rs_str_of(value));
    struct rs_buf whole = RS_BUF_INIT(URL_MAX_BYTES);
    struct rs_url url;
    bool is_https, ok = false;

    if (rs_str_find_nocase(text, RS_STR("://")) < 0)
        rs_buf_adds(&whole, "https://");
    rs_buf_add(&whole, text);
    if (!rs_buf_ok(&whole, diag))
        goto out;
    if (!rs_url_split(rs_buf_str(&whole), &url)) {
        rs_fail(diag, RS_HY000, 0, "%s must be an https URL", key);
        goto out;
    }
    is_https = rs_str_eq_nocase(url.scheme, RS_STR("https"));
    if (!is_https &&
        !(rs_str_eq_nocase(url.scheme, RS_STR("http")) && rs_url_is_loopback(url.host))) {
        rs_fail(diag, RS_HY000, 0, "%s must be an https URL", key);
        goto out;
    }
    if (url.has_userinfo || url.has_query || url.has_fragment) {
        rs_fail(diag, RS_HY000, 0, "%s must be an https URL without user, query and fragment", key);
        goto out;
    }
    ok = make(is_https, &url, out, diag);
out:
    rs_buf_clear(&whole);
    return ok;
}

static bool is_suffix(struct rs_str text)
{
    for (size_t i = 0; i < RS_COUNT(partitions); i++)
        if (rs_str_eq_nocase(text, rs_str_of(partitions[i].suffix)) ||
            (partitions[i].dual_stack != NULL &&
             rs_str_eq_nocase(text, rs_str_of(partitions[i].dual_stack))))
            return true;
    return false;
}

bool rs_endpoint_region(const struct rs_endpoint *endpoint, struct rs_buf *out)
{
    struct rs_str name = rs_str_of(endpoint->name);
    ptrdiff_t first = rs_str_chr(name, '.'), second;
    struct rs_str rest;

    if (first < 1)
        return false;
    rest = rs_str_sub(name, (size_t)first + 1, name.n);
    second = rs_str_chr(rest, '.');
    if (second < 1 || !is_suffix(rs_str_sub(rest, (size_t)second + 1, rest.n)))
        return false;
    return rs_region_clean(rs_str_sub(rest, 0, (size_t)second), out);
}
