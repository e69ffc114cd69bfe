/*
 * The one way to report an error or a warning, from the bottom of the driver to the top: a list
 * of records with SQLSTATE, native code and text. It is the record list of an ODBC handle and a
 * plain argument everywhere below.
 *
 * Texts are stored without prefix; [Redshift][ODBC Driver] and [Server] are put in front when a
 * record is handed out (rs_diag_text). No function here ever fails: when memory for a record is
 * missing, a fixed HY001 record stands in.
 *
 * Source: ODBC Programmer's Reference, "Diagnostics"; Appendix A, "ODBC Error Codes".
 */
#ifndef RS_DIAG_H
#define RS_DIAG_H

#include "attrs.h"
#include "str.h"

enum rs_state {
#define STATE(id, text3, text2, rank, message) RS_##id,
#include "sqlstate.def"
    RS_STATE_COUNT
};

enum rs_state_rank { RS_RANK_ENDING, RS_RANK_ERROR, RS_RANK_NODATA, RS_RANK_WARNING };

/* ODBC's own numbers (SQL_NO_ROW_NUMBER, SQL_ROW_NUMBER_UNKNOWN; columns likewise). */
enum { RS_ROW_NONE = -1, RS_ROW_UNKNOWN = -2 };
/* Behind the last record one more, 01000, says that others were dropped. A text that is longer is
 * cut at a whole character. */
enum { RS_DIAG_MAX_RECORDS = 256, RS_DIAG_MAX_TEXT = 16384 };

struct rs_diag_rec {
    enum rs_state state;
    int32_t native;
    char *text;     /* owned, or static when is_static */
    int64_t row;    /* 1-based row or parameter set, RS_ROW_NONE, RS_ROW_UNKNOWN */
    int32_t column; /* 1-based, RS_ROW_NONE, RS_ROW_UNKNOWN */
    bool is_error, from_server, is_static;
};

/* All zero is a valid empty list. */
struct rs_diag {
    struct rs_diag_rec *rec;
    size_t n, cap;
    size_t n_error, n_warning;
    size_t n_dropped;
    struct rs_diag_rec spare; /* stands in while rec cannot be allocated */
};

/* Posts an error record. Always returns false, so a caller can `return rs_fail(...)`.
 * native: the server's or AWS's own number, 0 if none. HY001 has a fixed text (rs_fail_memory). */
bool rs_fail(struct rs_diag *diag, enum rs_state state, int32_t native, const char *fmt, ...)
    RS_PRINTF(4, 5);
/* The same for the server's own words; they get the prefix [Server]. */
bool rs_fail_server(struct rs_diag *diag, enum rs_state state, int32_t native, const char *fmt, ...)
    RS_PRINTF(4, 5);
/* HY001 with a fixed text. */
bool rs_fail_memory(struct rs_diag *diag);
/* HY001 with words: there is memory, but a limit of the user's is reached. */
bool rs_fail_limit(struct rs_diag *diag, const char *fmt, ...) RS_PRINTF(2, 3);
/* Posts a warning record; the call goes on. */
void rs_warn(struct rs_diag *diag, enum rs_state state, const char *fmt, ...) RS_PRINTF(3, 4);
void rs_warn_server(struct rs_diag *diag, enum rs_state state, const char *fmt, ...)
    RS_PRINTF(3, 4);
/* A warning whose text is a constant: nothing is formatted or allocated. For warnings that come by
 * the thousand (01004 of a value read in pieces). */
void rs_warn_text(struct rs_diag *diag, enum rs_state state, const char *text);

/* Sets row and column of all records from number `from` (0-based) on. */
void rs_diag_place(struct rs_diag *diag, size_t from, int64_t row, int32_t column);
/* The same for those alone of which neither is known. */
void rs_diag_place_rest(struct rs_diag *diag, size_t from, int64_t row, int32_t column);
/* Moves all records of `from` behind those of `to`; `from` is empty then. */
void rs_diag_move(struct rs_diag *to, struct rs_diag *from);
/* Each becomes the other. A list may point into itself: it is never copied by assignment. */
void rs_diag_swap_whole(struct rs_diag *a, struct rs_diag *b);
static inline void rs_diag_swap(struct rs_diag *a, struct rs_diag *b)
{
    char was[offsetof(struct rs_diag, spare)];

    if (RS_UNLIKELY(a->rec == &a->spare || b->rec == &b->spare)) {
        rs_diag_swap_whole(a, b);
        return;
    }
    memcpy(was, a, sizeof was);
    memcpy(a, b, sizeof was);
    memcpy(b, was, sizeof was);
}
/* Removes records with number >= n. */
void rs_diag_cut(struct rs_diag *diag, size_t n);
/* Removes record number i (SQLError hands out and removes). */
void rs_diag_drop(struct rs_diag *diag, size_t i);
/* Unknown row, no row, rows; ending, errors, no data, warnings; states of ISO and X/Open before
 * those of ODBC; columns. Stable. */
void rs_diag_sort(struct rs_diag *diag);
void rs_diag_clear(struct rs_diag *diag); /* frees; safe on an all-zero list */
void rs_diag_reset(struct rs_diag *diag); /* forgets the records, keeps the room for new ones */

/* Record number i (0-based); NULL past the end. */
const struct rs_diag_rec *rs_diag_get(const struct rs_diag *diag, size_t i);
/* First error's state or text, for composing (state: RS_00000 when there is none; text: ""). */
enum rs_state rs_diag_state(const struct rs_diag *diag);
const char *rs_diag_first(const struct rs_diag *diag);
/* Text with its prefixes. */
void rs_diag_text(const struct rs_diag_rec *rec, struct rs_buf *out);

/* The five characters; is_v2: the ODBC 2 spelling. */
const char *rs_state_text(enum rs_state state, bool is_v2);
const char *rs_state_message(enum rs_state state);
enum rs_state_rank rs_state_rank(enum rs_state state);
/* True for states that ODBC defined beside those of ISO and X/Open (SQL_DIAG_SUBCLASS_ORIGIN). */
bool rs_state_is_odbc(enum rs_state state);
/* The enumerator of five characters; RS_HY000 when not listed. */
enum rs_state rs_state_of(const char *five);

#endif
