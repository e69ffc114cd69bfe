/*
 * For tests of catalog functions: a schema of the program's own on PostgreSQL, seen through
 * PostgreSQL and through the Redshift stand-in in front of it; results as text.
 */
#ifndef RS_TEST_CATALOGBED_H
#define RS_TEST_CATALOGBED_H

#include "odbctest.h"

enum { BED_ROWS = 16384 };

extern struct t_conn bed_postgres, bed_redshift;
extern char bed_schema[64]; /* ours alone: the same program linked directly may run beside us */

/* Group fixtures: connections and the schema, named by a word of the program's. */
void bed_up(const char *word);
void bed_down(void);
/* Runs SQL on PostgreSQL; each $ in it is the schema's name. */
void bed_run(const char *sql);

/* An argument and its length; NULL has the length 0, as some applications say it; each $ is the
 * schema's name. The text is good for the call. */
#define BED_TEXT(s) bed_text(s), bed_length(s)
SQLCHAR *bed_text(const char *text);
SQLSMALLINT bed_length(const char *text);

/* The schema's name for a wide call; its length. */
SQLSMALLINT bed_wide_schema(SQLWCHAR out[64]);

/* A statement of the connection, with SQL_ATTR_METADATA_ID if so. */
SQLHSTMT bed_stmt(struct t_conn *conn, bool metadata_id);
/* The result's rows as t_rows has them, the schema's name as $, against want; frees the statement.
 */
void bed_expect_at(SQLHSTMT stmt, const char *want, const char *what, const char *file, int line);
#define bed_expect(stmt, want, what) bed_expect_at(stmt, want, what, __FILE__, __LINE__)

/* The cells of a column of all rows, divided by a bar, NULL as <null>, the schema's name as $;
 * closes. */
void bed_list(SQLHSTMT stmt, SQLUSMALLINT column, char *out, size_t cap);

/* Reads to the end and closes; how many rows there were. */
size_t bed_count(SQLHSTMT stmt);

/* How many statements the stand-in was sent on that connection since the last of these calls, which
 * are not counted themselves; the first counts from nothing and gives 0. One connection at a time.
 */
size_t bed_statements(struct t_conn *conn);

/* One column of a result. */
struct bed_column {
    const char *name, *name2; /* in ODBC 3 and 2 */
    SQLSMALLINT type;         /* VARCHAR for a wide one, too */
    SQLULEN size;
    SQLSMALLINT nullable;
};
/* Compares the result's columns with these; frees the statement. */
void bed_columns(SQLHSTMT stmt, bool is_v2, const struct bed_column *columns, size_t n);

#endif
