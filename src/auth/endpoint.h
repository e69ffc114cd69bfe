/*
 * Where an AWS service is: partitions, region names, endpoint host names, EndpointUrl.
 *
 * Source: aws-api.md 3; AWS General Reference, "Amazon Redshift endpoints and quotas".
 */
#ifndef RS_ENDPOINT_H
#define RS_ENDPOINT_H

#include "../attrs.h"
#include "../diag.h"
#include "../str.h"

struct rs_partition {
    const char *name, *prefix, *suffix; /* "aws-cn", "cn-", "amazonaws.com.cn" */
    const char *dual_stack;             /* suffix of names with IPv6, too; NULL: none known */
};
/* Of a well-formed region; the commercial one when nothing matches. */
const struct rs_partition *rs_partition_of(struct rs_str region);
/* Partition number i; NULL past the end. For recognising host names. */
const struct rs_partition *rs_partition_at(size_t i);

/* True for xx-word-n, of either case: a region becomes part of a host name and must not be able to
 * change it. */
bool rs_region_is(struct rs_str text);
/* Trimmed and lower-cased, appended. False (nothing posted) when it is none. */
RS_NODISCARD bool rs_region_clean(struct rs_str text, struct rs_buf *out);

struct rs_endpoint {
    char *url;  /* scheme, host, port, path: what is sent to */
    char *host; /* value of the Host header: lower case, port only when it is not the usual one */
    char *name; /* host name alone */
    char *path; /* "/" or the prefix of EndpointUrl */
};
void rs_endpoint_clear(struct rs_endpoint *endpoint);

/* https://SERVICE.REGION.SUFFIX/ Posts HY001. Which suffix: locate.h. */
RS_NODISCARD bool rs_endpoint_make(const char *service, const char *region, const char *suffix,
                                   struct rs_endpoint *out, struct rs_diag *diag);
/* From a key's value: a URL, or host[:port], which gets https. http only to this computer itself.
 * Posts HY000 naming the key (not an https URL; user info, query, fragment), HY001. */
RS_NODISCARD bool rs_endpoint_parse(const char *key, const char *value, struct rs_endpoint *out,
                                    struct rs_diag *diag);
/* The region in SERVICE[-fips].REGION.SUFFIX, appended; false when the host has no such form. */
RS_NODISCARD bool rs_endpoint_region(const struct rs_endpoint *endpoint, struct rs_buf *out);

#endif
