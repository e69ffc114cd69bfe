/*
 * Tokens of SQL text: quotes, comments, dollar quotes, markers, statement ends. Rewrites `?` to
 * `$1`, `$2` …; everything else stays as it is. (ODBC escapes come with their own module.)
 *
 * Source: redshift.md 9.2; PostgreSQL documentation, "Lexical Structure".
 */
#ifndef RS_ODBC_SQLSCAN_H
#define RS_ODBC_SQLSCAN_H

#include "../attrs.h"
#include "../diag.h"
#include "../str.h"

/* First word of a statement (of its main statement behind WITH), for SQL_DIAG_DYNAMIC_FUNCTION,
 * transaction care and array execution. */
enum rs_verb {
    RS_VERB_NONE, /* empty or only comments */
    RS_VERB_SELECT,
    RS_VERB_INSERT,
    RS_VERB_UPDATE,
    RS_VERB_DELETE,
    RS_VERB_CALL,
    RS_VERB_DECLARE,
    RS_VERB_CREATE_TABLE,
    RS_VERB_CREATE_VIEW,
    RS_VERB_CREATE_SCHEMA,
    RS_VERB_CREATE_INDEX,
    RS_VERB_ALTER_TABLE,
    RS_VERB_DROP_TABLE,
    RS_VERB_DROP_VIEW,
    RS_VERB_DROP_SCHEMA,
    RS_VERB_DROP_INDEX,
    RS_VERB_GRANT,
    RS_VERB_REVOKE,
    RS_VERB_BEGIN,    /* BEGIN, START TRANSACTION */
    RS_VERB_COMMIT,   /* COMMIT, END */
    RS_VERB_ROLLBACK, /* ROLLBACK, ABORT */
    RS_VERB_OTHER
};

struct rs_sql {
    char *text; /* with $n; NUL-terminated; in block, or NULL */
    size_t len;
    size_t n_markers;
    size_t n_statements;     /* non-empty ones */
    enum rs_verb verb;       /* of the first statement */
    bool returns;            /* {?=call …}: marker 1 takes the value, and is not in the text */
    bool names_case_setting; /* text contains enable_case_sensitive_identifier */
    char *block;             /* owned */
    size_t cap;
};

struct rs_sql_rules {
    bool backslash_escapes; /* in plain literals */
};

/*
 * out: all zero, or as rs_sql_reset left it, then its block is used again.
 * Posts HY000 (more than 32767 markers, text over 16 MiB), HY001; then out has no text. On success
 * the text is owned by out.
 */
RS_NODISCARD bool rs_sql_scan(struct rs_str text, struct rs_sql_rules rules, struct rs_sql *out,
                              struct rs_diag *diag);
void rs_sql_clear(struct rs_sql *sql);
/* Forgets the text; a block of moderate size is kept for the next one. */
void rs_sql_reset(struct rs_sql *sql);

/* ---- tokens ---- */

enum rs_token {
    RS_TOKEN_END,
    RS_TOKEN_BLANK, /* blanks and comments */
    RS_TOKEN_WORD,
    RS_TOKEN_MARKER,
    RS_TOKEN_SEMICOLON,
    RS_TOKEN_OPEN,
    RS_TOKEN_CLOSE,
    RS_TOKEN_OTHER /* literals, identifiers in quotes, numbers, single characters of operators */
};

/* What is left of a text; start with p at its first byte. */
struct rs_tokens {
    const char *p, *end;
    bool backslash_escapes;
};

/* Moves p behind the token it is on and says what that was. */
enum rs_token rs_token_next(struct rs_tokens *s);

/* SQL_DIAG_DYNAMIC_FUNCTION and its code for a verb (odbc.md 14). */
const char *rs_verb_name(enum rs_verb verb);
int32_t rs_verb_code(enum rs_verb verb);

/* Appends a quoted identifier, a quoted literal. */
void rs_sql_ident(struct rs_buf *out, struct rs_str name);
void rs_sql_literal(struct rs_buf *out, struct rs_str value, bool backslash_escapes);

#endif
