#include "target.h"

#include "endpoint.h"

enum { MAX_LABELS = 4 };

static bool cut_end(struct rs_str *text, struct rs_str end)
{
    if (!rs_str_ends_nocase(*text, end))
        return false;
    text->n -= end.n;
    return true;
}

/* Cuts ".WORD.SUFFIX" for a suffix of some partition off the end of a host. */
static bool cut_service(struct rs_str *host, const char *word, const char **suffix)
{
    for (size_t i = 0; rs_partition_at(i) != NULL; i++) {
        struct rs_str rest = *host;

        if (cut_end(&rest, rs_str_of(rs_partition_at(i)->suffix)) && cut_end(&rest, RS_STR(".")) &&
            cut_end(&rest, rs_str_of(word)) && cut_end(&rest, RS_STR("."))) {
            *host = rest;
            *suffix = rs_partition_at(i)->suffix;
            return true;
        }
    }
    return false;
}

/* The labels of a text; 0 when there are more than MAX_LABELS or an empty one. */
static size_t labels_of(struct rs_str text, struct rs_str *label)
{
    bool done = false;
    struct rs_str part;
    size_t n = 0;

    while (rs_str_split(&text, '.', &done, &part)) {
        if (n == MAX_LABELS || part.n == 0)
            return 0;
        label[n++] = part;
    }
    return n;
}

static bool is_account(struct rs_str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (!rs_is_digit(text.p[i]))
            return false;
    return text.n == 12;
}

static bool parse_redshift(struct rs_str host, const char *word, bool is_serverless,
                           struct rs_host *out)
{
    struct rs_str label[MAX_LABELS];
    const char *suffix;

    if (!cut_service(&host, word, &suffix) || labels_of(host, label) != 3 ||
        !rs_region_is(label[2]) ||
        !rs_str_eq(rs_str_of(suffix), rs_str_of(rs_partition_of(label[2])->suffix)))
        return false;
    if (rs_str_find_nocase(label[0], RS_STR("-endpoint-")) >= 0) {
        *out = (struct rs_host){ RS_HOST_VPC_ENDPOINT, is_serverless, RS_STR_NULL, label[2],
                                 RS_STR_NULL };
        return true;
    }
    if (is_serverless && !is_account(label[1]))
        return false;
    *out = (struct rs_host){ is_serverless ? RS_HOST_WORKGROUP : RS_HOST_CLUSTER, is_serverless,
                             label[0], label[2], is_serverless ? label[1] : RS_STR_NULL };
    return true;
}

static bool parse_balancer(struct rs_str host, struct rs_host *out)
{
    struct rs_str label[MAX_LABELS];

    if (!cut_end(&host, RS_STR(".amazonaws.com")) || labels_of(host, label) != 3 ||
        !rs_str_eq_nocase(label[1], RS_STR("elb")) || !rs_region_is(label[2]))
        return false;
    *out = (struct rs_host){ .kind = RS_HOST_BALANCER, .region = label[2] };
    return true;
}

struct rs_host rs_host_parse(struct rs_str host)
{
    struct rs_host out = { 0 };

    host = rs_str_trim(host);
    if (host.n > 0 && host.p[host.n - 1] == '.')
        host.n--;
    if (parse_redshift(host, "redshift", false, &out) ||
        parse_redshift(host, "redshift-dev", false, &out) ||
        parse_redshift(host, "redshift-serverless", true, &out) ||
        parse_redshift(host, "redshift-serverless-dev", true, &out) || parse_balancer(host, &out))
        return out;
    if (rs_str_starts_nocase(host, RS_STR("vpce-")) &&
        rs_str_ends_nocase(host, RS_STR(".vpce.amazonaws.com")))
        out.kind = RS_HOST_PRIVATE_LINK;
    return out;
}
