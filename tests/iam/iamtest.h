/*
 * For the tests of signing in: connection strings from templates, connecting in each of the three
 * ways, and what came of it. Knows ODBC alone.
 */
#ifndef RS_TEST_IAMTEST_H
#define RS_TEST_IAMTEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sql.h>
#include <sqlext.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

enum { I_STRING_MAX = 16384, I_TEXT_MAX = 8192 };

/* How one connects. */
enum i_way { I_NARROW, I_WIDE, I_DSN };

struct i_outcome {
    SQLRETURN rc;
    char state[6];          /* of the first record, or "" */
    char text[I_TEXT_MAX];  /* of all records, one a line */
    char out[I_STRING_MAX]; /* the completed string; not for I_DSN */
    long took_ms;
};

/* ODBC's arguments are not const; nothing is written through these. */
static inline SQLCHAR *text_arg(const char *s)
{
    return (SQLCHAR *)(uintptr_t)s;
}

long i_now_ms(void);
/* Value of a variable of the bench; ends the program with 77 without it. */
const char *i_var(const char *name);

/*
 * "$NAME" becomes the variable's value in braces, "@FAULT" up to the next ; the endpoint of the
 * AWS stand-in with that fault, "~" the folder of this test, "%" a port where nobody listens.
 * Anything else is itself.
 */
void i_expand(char *out, size_t cap, const char *template);
/* Folder of this test, made and emptied at the first call; i_end removes it. */
const char *i_folder(void);
void i_file(const char *name, const char *text);
/* A data source with the pairs of a connection string (Driver included); its name is returned. */
const char *i_data_source(const char *string);
void i_end(void);

void i_alloc(SQLHENV *env, SQLHDBC *dbc);
void i_free(SQLHENV env, SQLHDBC dbc);
void i_connect(SQLHDBC dbc, enum i_way way, const char *string, struct i_outcome *out);
/* All records of a handle. */
void i_records(SQLSMALLINT kind, SQLHANDLE handle, struct i_outcome *out);
/* One value of one row; a failure ends the test. */
void i_ask(SQLHDBC dbc, const char *sql, char *out, size_t cap);
/* The variable that holds a secret which stands in the text, or NULL. */
const char *i_leak(const char *text);

#endif
