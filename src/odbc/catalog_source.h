/*
 * Where the catalog functions look: pg_catalog, Redshift's views, or its SHOW commands.
 *
 * Locked: dbc. Source: redshift.md 4 ("single database") and 17.1; odbc.md 13.3; dsn-keys.md 2.5,
 * DatabaseMetadataCurrentDbOnly and MetadataSource.
 */
#ifndef RS_ODBC_CATALOG_SOURCE_H
#define RS_ODBC_CATALOG_SOURCE_H

#include "stmt.h"

enum rs_catalog_where {
    RS_WHERE_CATALOG, /* pg_catalog alone: PostgreSQL, or MetadataSource=catalog */
    RS_WHERE_SINGLE,  /* the connected database with its external schemas */
    RS_WHERE_CROSS    /* all databases that the server shows */
};

struct rs_catalog_source {
    enum rs_catalog_where where;
    bool views_only; /* MetadataSource=views: of the connected database, too */
    bool may_show;   /* the server has SHOW for objects */
    bool wants_show; /* MetadataSource=show: wherever it can answer */
    bool is_foreign; /* the connected database is a share: pg_catalog knows nothing of it */
};

struct rs_catalog_source rs_catalog_source_of(const struct rs_dbc *dbc);

/*
 * May a statement be tried that the server may refuse? Not within a transaction, which would fail
 * with it. Posts what storing posts, into a list of its own.
 */
bool rs_catalog_may_try(struct rs_dbc *dbc);
/* Did the server refuse it, so that another source is to be asked? Not: a lost connection, no
 * memory, a timeout, a cancel. */
bool rs_catalog_was_refused(const struct rs_dbc *dbc, const struct rs_diag *of);
/* Was it because there is no such object? */
bool rs_catalog_was_missing(const struct rs_diag *of);

#endif
