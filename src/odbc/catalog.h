/*
 * What the catalog functions share: their result columns by catalog.def. The functions themselves
 * are declared at the end of stmt.h.
 */
#ifndef RS_ODBC_CATALOG_H
#define RS_ODBC_CATALOG_H

#include "stmt.h"
#include "typename.h"

enum rs_catalog_result {
    RS_RESULT_TABLES,
    RS_RESULT_COLUMNS,
    RS_RESULT_TABLES_EXTRA, /* behind the former, by ExtraCatalogColumns */
    RS_RESULT_COLUMNS_EXTRA,
    RS_RESULT_TYPEINFO,
    RS_RESULT_PRIMARYKEYS,
    RS_RESULT_FOREIGNKEYS,
    RS_RESULT_STATISTICS,
    RS_RESULT_SPECIAL,
    RS_RESULT_TABLE_PRIVILEGES,
    RS_RESULT_COLUMN_PRIVILEGES,
    RS_RESULT_PROCEDURES,
    RS_RESULT_PROCEDURE_COLUMNS,
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

/* A column or a parameter, as SQLColumns and SQLProcedureColumns tell of it. */
struct rs_described {
    uint32_t type_oid;
    int32_t typmod; /* -1: none */
    bool not_null;
    struct rs_cell remarks, default_text;
    int64_t ordinal;
    struct rs_str type_name; /* the server's, where it counts; .n is 0: the type's own */
};
/* Takes type, modifier and name by what a view calls the type; the name is not copied. */
void rs_described_by_name(struct rs_described *of, struct rs_str name,
                          const struct rs_type_sizes *sizes);
/* How many columns of Redshift's own stand behind ODBC's in the results of SQLTables and
 * SQLColumns. */
size_t rs_catalog_n_extra(const struct rs_dbc *dbc);
enum { RS_CATALOG_EXTRA = 5 };
/* The fourteen cells DATA_TYPE to IS_NULLABLE. */
void rs_catalog_add_described(struct rs_made_rows *rows, const struct rs_policy *policy,
                              const struct rs_described *of);

#endif
