/*
 * What the catalog functions share: their result columns by catalog.def. The functions themselves
 * are declared at the end of stmt.h.
 */
#ifndef RS_ODBC_CATALOG_H
#define RS_ODBC_CATALOG_H

#include "stmt.h"

enum rs_catalog_result {
    RS_RESULT_TABLES,
    RS_RESULT_COLUMNS,
    RS_RESULT_TYPEINFO,
    RS_RESULT_PRIMARYKEYS,
    RS_RESULT_FOREIGNKEYS,
};

/* Names in the application's ODBC version, types by the connection's policy. Posts HY001. */
RS_NODISCARD bool rs_catalog_columns(struct rs_columns *columns, enum rs_catalog_result result,
                                     const struct rs_dbc *dbc, struct rs_diag *diag);
/*
 * May a catalog function begin? HY010 in the midst of parameter data, 24000 with an open cursor;
 * the statement's former text is forgotten.
 */
RS_NODISCARD bool rs_catalog_enter(struct rs_stmt *stmt);
/* Opens the rows as the statement's result under the columns of that name; takes them over. */
SQLRETURN rs_catalog_open(struct rs_stmt *stmt, enum rs_catalog_result result,
                          struct rs_made_rows *rows);

#endif
