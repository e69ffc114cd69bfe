#include <string.h>

#include "dbc.h"

/*
 * SQLGetFunctions: what functions.def lists is what the library exports, and what is answered.
 * Source: ODBC Programmer's Reference, "SQLGetFunctions Function"; odbc.md 5.
 */

enum { OLD_IDS = 100 }; /* words of the SQL_API_ALL_FUNCTIONS form */

static const SQLUSMALLINT exported[] = {
#define FUNCTION(name, id, text, level) id,
#include "functions.def"
};

/* The ids that ODBC 1 to 3.8 gave to functions. */
static const struct {
    SQLUSMALLINT first, last;
} known[] = {
    { SQL_API_SQLALLOCCONNECT, SQL_API_SQLBULKOPERATIONS },
    { SQL_API_SQLCOLUMNS, SQL_API_SQLALLOCHANDLESTD },
    { SQL_API_SQLALLOCHANDLE, SQL_API_SQLGETENVATTR },
    { SQL_API_SQLGETSTMTATTR, SQL_API_SQLGETSTMTATTR },
    { SQL_API_SQLSETCONNECTATTR, SQL_API_SQLCANCELHANDLE },
    { 1550, 1551 }, /* SQLCancelHandle and SQLCompleteAsync in other headers */
};

static bool is_known(SQLUSMALLINT id)
{
    for (size_t i = 0; i < RS_COUNT(known); i++)
        if (id >= known[i].first && id <= known[i].last)
            return true;
    return false;
}

static bool is_exported(SQLUSMALLINT id)
{
    for (size_t i = 0; i < RS_COUNT(exported); i++)
        if (exported[i] == id)
            return true;
    return false;
}

SQLRETURN rs_get_functions(struct rs_dbc *dbc, SQLUSMALLINT id, SQLUSMALLINT *out)
{
    if (id != SQL_API_ALL_FUNCTIONS && id != SQL_API_ODBC3_ALL_FUNCTIONS && !is_known(id)) {
        rs_fail(&dbc->head.diag, RS_HY095, 0, "no ODBC function has the number %u", (unsigned)id);
        return SQL_ERROR;
    }
    if (out == NULL)
        return SQL_SUCCESS;
    if (id == SQL_API_ALL_FUNCTIONS) {
        for (int i = 0; i < OLD_IDS; i++)
            out[i] = is_exported((SQLUSMALLINT)i) ? SQL_TRUE : SQL_FALSE;
    } else if (id == SQL_API_ODBC3_ALL_FUNCTIONS) {
        memset(out, 0, SQL_API_ODBC3_ALL_FUNCTIONS_SIZE * sizeof *out);
        for (size_t i = 0; i < RS_COUNT(exported); i++)
            out[exported[i] >> 4] =
                (SQLUSMALLINT)(out[exported[i] >> 4] | 1u << (exported[i] & 0xF));
    } else {
        *out = is_exported(id) ? SQL_TRUE : SQL_FALSE;
    }
    return SQL_SUCCESS;
}
