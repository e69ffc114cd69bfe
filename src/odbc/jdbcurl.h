/*
 * A URL of Redshift's JDBC driver, read as the connection keys it stands for.
 *
 * Source: aws-api.md 13; Redshift JDBC driver guide, "Getting the connection URL", "Options".
 */
#ifndef RS_JDBCURL_H
#define RS_JDBCURL_H

#include "../attrs.h"
#include "connstr.h"

/* Begins with jdbc:, in any case. */
bool rs_jdbcurl_is(struct rs_str text);

/*
 * jdbc:redshift:[iam:]//HOST[:X][/DATABASE][?name=value&…], where X is a port or, behind iam:, a
 * region: then HOST is a cluster's name. ; may stand for ? and &. Appends the pairs to out, names
 * of JDBC's under ours; a name that is neither's stands as it is written.
 *
 * Posts HY000 (no such URL; none of its text, which may hold a password), HY001.
 */
RS_NODISCARD bool rs_jdbcurl_read(struct rs_str url, struct rs_connstr *out, struct rs_diag *diag);

#endif
