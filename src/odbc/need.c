#include "need.h"

#include <string.h>

#include "binding.h"
#include "routine.h"
#include "wide.h"

enum { DATA_MAX = (1 << 30) - 1 };

struct piece {
    struct rs_buf bytes;
    SQLLEN len; /* bytes.len, or SQL_NULL_DATA */
    bool is_put;
};

struct rs_need {
    struct rs_run run;
    bool is_direct;
    size_t n;
    ptrdiff_t at; /* parameter being put, -1 before the first SQLParamData */
    struct piece piece[];
};

static void clear_pieces(struct rs_need *need)
{
    for (size_t i = 0; i < need->n; i++) {
        rs_buf_clear(&need->piece[i].bytes);
        need->piece[i].is_put = false;
        need->piece[i].len = 0;
    }
}

void rs_need_free(struct rs_stmt *stmt)
{
    if (stmt->need == NULL)
        return;
    clear_pieces(stmt->need);
    rs_free(stmt->need);
    stmt->need = NULL;
}

SQLRETURN rs_need_begin(struct rs_stmt *stmt, const struct rs_run *run)
{
    size_t n = stmt->sql.n_markers;

    if (stmt->need == NULL) {
        stmt->need =
            rs_alloc(1, sizeof *stmt->need + n * sizeof stmt->need->piece[0], &stmt->head.diag);
        if (stmt->need == NULL) {
            stmt->state = stmt->is_prepared ? RS_S2_PREPARED : RS_S1_ALLOCATED;
            return SQL_ERROR;
        }
        stmt->need->n = n;
        for (size_t i = 0; i < n; i++)
            stmt->need->piece[i].bytes.max = DATA_MAX;
    }
    clear_pieces(stmt->need);
    stmt->need->run = *run;
    stmt->need->is_direct = !stmt->is_prepared;
    stmt->need->at = -1;
    stmt->state = RS_S8_NEED_DATA;
    return SQL_NEED_DATA;
}

const char *rs_need_value(const struct rs_stmt *stmt, size_t index, SQLLEN *n)
{
    const struct piece *piece;

    *n = SQL_NULL_DATA;
    if (stmt->need == NULL || index >= stmt->need->n)
        return NULL;
    piece = &stmt->need->piece[index];
    *n = piece->len == SQL_NULL_DATA ? SQL_NULL_DATA : (SQLLEN)piece->bytes.len;
    return piece->bytes.p;
}

void rs_need_cancel(struct rs_stmt *stmt)
{
    bool is_direct = stmt->need != NULL && stmt->need->is_direct;

    if (stmt->need != NULL)
        rs_stmt_drop_sets(stmt, &stmt->need->run);
    rs_need_free(stmt);
    if (is_direct)
        rs_stmt_forget(stmt);
    else
        rs_stmt_close(stmt);
}

/* An error of SQLParamData or SQLPutData ends the whole exchange. */
static SQLRETURN give_up(struct rs_stmt *stmt)
{
    rs_need_cancel(stmt);
    return SQL_ERROR;
}

/* The next parameter, after need->at, that wants data; false when there is none (or HY090). */
static bool next_wanted(struct rs_stmt *stmt, struct rs_bound *bound, bool *found)
{
    struct rs_need *need = stmt->need;

    *found = false;
    while (++need->at < (ptrdiff_t)need->n) {
        size_t place;

        if (!rs_stmt_sends(stmt, (size_t)need->at, &place))
            continue;
        if (!rs_bound_at(stmt, (size_t)need->at, need->run.set, bound))
            return false;
        if (bound->len == SQL_DATA_AT_EXEC) {
            *found = true;
            return true;
        }
    }
    return true;
}

static SQLRETURN run_collected(struct rs_stmt *stmt, SQLPOINTER *token)
{
    struct rs_run run = stmt->need->run;
    SQLRETURN rc;

    if (!rs_bound_open(stmt))
        return give_up(stmt);
    run.has_data = true;
    stmt->state = stmt->is_prepared ? RS_S2_PREPARED : RS_S1_ALLOCATED;
    rc = rs_stmt_run_sets(stmt, &run);
    if (rc == SQL_NEED_DATA) /* the next set wants data as well: name its first parameter */
        return rs_stmt_param_data(stmt, token);
    rs_need_free(stmt);
    return rc;
}

SQLRETURN rs_stmt_param_data(struct rs_stmt *stmt, SQLPOINTER *token)
{
    struct rs_need *need = stmt->need;
    struct rs_bound bound;
    bool found;

    if (stmt->state != RS_S8_NEED_DATA) {
        rs_fail(&stmt->head.diag, RS_HY010, 0, "the statement does not wait for parameter data");
        return SQL_ERROR;
    }
    if (need->at >= 0 && !need->piece[need->at].is_put) {
        rs_fail(&stmt->head.diag, RS_HY010, 0, "SQLPutData has not been called for parameter %d",
                (int)need->at + 1);
        return give_up(stmt);
    }
    if (!next_wanted(stmt, &bound, &found))
        return give_up(stmt);
    if (!found)
        return run_collected(stmt, token);
    if (token != NULL)
        *token = bound.token;
    return SQL_NEED_DATA;
}

/* Character or binary on both sides: a number is sent whole, as text too (ODBC, "SQLPutData",
 * HY019). */
static bool takes_pieces(const struct rs_bound *bound)
{
    SQLSMALLINT type = bound->ipd->concise_type, plain = rs_sql_type_default_c(type);

    return rs_ctype_size(rs_ctype_of(bound->c_type)) == 0 && type != SQL_NUMERIC &&
           type != SQL_DECIMAL &&
           (plain == SQL_C_CHAR || plain == SQL_C_WCHAR || plain == SQL_C_BINARY);
}

static bool check_put(struct rs_stmt *stmt, const struct piece *piece, const struct rs_bound *bound,
                      SQLPOINTER data, SQLLEN length)
{
    struct rs_diag *diag = &stmt->head.diag;
    bool is_long = rs_ctype_size(rs_ctype_of(bound->c_type)) == 0;
    bool is_no_value = length == SQL_NULL_DATA || length == SQL_DEFAULT_PARAM;

    if (piece->is_put && (is_no_value || piece->len == SQL_NULL_DATA))
        return rs_fail(diag, RS_HY020, 0,
                       "NULL or a default value cannot be one of several pieces");
    if (piece->is_put && !takes_pieces(bound))
        return rs_fail(diag, RS_HY019, 0,
                       "only character and binary data can be sent in several pieces");
    if (length == SQL_DEFAULT_PARAM)
        return rs_fail(diag, RS_07S01, 0, "SQL_DEFAULT_PARAM works in procedure calls only");
    if (is_no_value || (length == 0 && is_long))
        return true;
    if (data == NULL)
        return rs_fail(diag, RS_HY009, 0, "there is no data at the pointer");
    if (is_long && length < 0 && length != SQL_NTS)
        return rs_fail(diag, RS_HY090, 0, "length %ld is negative", (long)length);
    return true;
}

static size_t piece_bytes(enum rs_ctype ctype, SQLPOINTER data, SQLLEN length)
{
    if (rs_ctype_size(ctype) > 0)
        return rs_ctype_size(ctype);
    if (length != SQL_NTS)
        return (size_t)length;
    return ctype == RS_CTYPE_WCHAR ? rs_wide_len(data) * RS_WIDE : strlen(data);
}

SQLRETURN rs_stmt_put_data(struct rs_stmt *stmt, SQLPOINTER data, SQLLEN length)
{
    struct rs_need *need = stmt->need;
    struct rs_bound bound;
    struct piece *piece;
    enum rs_ctype ctype;

    if (stmt->state == RS_S11_POLLED && !rs_stmt_is_idle(stmt))
        return SQL_ERROR;
    if (stmt->state != RS_S8_NEED_DATA || need->at < 0) {
        rs_fail(&stmt->head.diag, RS_HY010, 0,
                "SQLParamData must name the parameter before SQLPutData gives its data");
        return SQL_ERROR;
    }
    if (!rs_bound_at(stmt, (size_t)need->at, need->run.set, &bound))
        return give_up(stmt);
    ctype = rs_ctype_of(bound.c_type);
    piece = &need->piece[need->at];
    if (!check_put(stmt, piece, &bound, data, length))
        return give_up(stmt);
    piece->is_put = true;
    if (length == SQL_NULL_DATA) {
        piece->len = SQL_NULL_DATA;
        return SQL_SUCCESS;
    }
    if (length != 0 || rs_ctype_size(ctype) > 0)
        rs_buf_add(&piece->bytes, (struct rs_str){ data, piece_bytes(ctype, data, length) });
    if (!rs_buf_ok(&piece->bytes, &stmt->head.diag))
        return give_up(stmt);
    return SQL_SUCCESS;
}
