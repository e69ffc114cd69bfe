/*
 * The table behind SQLGetInfo, for its tests and for parts that share a fact with it.
 */
#ifndef RS_ODBC_INFO_H
#define RS_ODBC_INFO_H

#include "dbc.h"

/* The second number of SQL_OJ_CAPABILITIES, from before ODBC 3. */
enum { INFO_OJ_CAPABILITIES_2 = 65003 };

/* Longest name of an object in bytes. */
enum { RS_NAME_MAX_REDSHIFT = 127, RS_NAME_MAX_POSTGRES = 63 };
size_t rs_name_max(const struct rs_policy *policy);

/*
 * SQL_DBMS_VER: ##.##.####, a blank, and the server's own words. Redshift numbers its builds with
 * three parts; PostgreSQL 10 and up has two, the last of which counts the patches.
 */
void rs_dbms_version(struct rs_str raw, struct rs_buf *out);

#endif
