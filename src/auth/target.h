/*
 * What a server's host name says: cluster or workgroup, region, kind of endpoint. Pure text work.
 *
 * Source: aws-api.md 11; Redshift Management Guide, "Connecting to a cluster".
 */
#ifndef RS_TARGET_H
#define RS_TARGET_H

#include "../attrs.h"
#include "../str.h"

enum rs_host_kind {
    RS_HOST_OTHER,        /* address, localhost, custom domain: says nothing */
    RS_HOST_CLUSTER,      /* id and region */
    RS_HOST_WORKGROUP,    /* id and region, serverless */
    RS_HOST_VPC_ENDPOINT, /* Redshift-managed VPC endpoint: region only */
    RS_HOST_PRIVATE_LINK, /* interface endpoint: nothing */
    RS_HOST_BALANCER      /* network load balancer: region, below an explicit one */
};

/* Slices borrow from the host text. */
struct rs_host {
    enum rs_host_kind kind;
    bool is_serverless;
    struct rs_str id;      /* cluster or workgroup, as written */
    struct rs_str region;  /* as written */
    struct rs_str account; /* of a workgroup */
};
/* Case is ignored and one trailing dot stripped; labels must fit exactly, at both ends, and the end
 * must be that of the region's partition. */
struct rs_host rs_host_parse(struct rs_str host);

#endif
