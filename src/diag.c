#include "diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "os.h"
#include "utf.h"

struct state_row {
    const char *text3, *text2, *message;
    enum rs_state_rank rank;
};

static const struct state_row states[RS_STATE_COUNT] = {
#define STATE(id, text3_, text2_, rank_, message_)                                                 \
    [RS_##id] = { .text3 = text3_, .text2 = text2_, .message = message_, .rank = RS_RANK_##rank_ },
#include "sqlstate.def"
};

static char no_memory[] = "not enough memory";
static char no_text[] = "the text of this message could not be kept: not enough memory";
static char dropped_text[] = "more diagnostics were dropped";

const char *rs_state_text(enum rs_state state, bool is_v2)
{
    return is_v2 ? states[state].text2 : states[state].text3;
}

const char *rs_state_message(enum rs_state state)
{
    return states[state].message;
}

enum rs_state_rank rs_state_rank(enum rs_state state)
{
    return states[state].rank;
}

bool rs_state_is_odbc(enum rs_state state)
{
    static const char list[] =
        " 01S00 01S01 01S02 01S06 01S07 07S01 08S01 21S01 21S02 25S01 25S02 25S03 42S01 42S02 42S11"
        " 42S12 42S21 42S22 HY095 HY097 HY098 HY099 HY100 HY101 HY105 HY107 HY109 HY110 HY111 HYT00"
        " HYT01 IM001 IM002 IM003 IM004 IM005 IM006 IM007 IM008 IM010 IM011 IM012";

    return strstr(list, states[state].text3) != NULL;
}

enum rs_state rs_state_of(const char *five)
{
    for (int i = 0; i < RS_STATE_COUNT; i++)
        if (strncmp(states[i].text3, five, 5) == 0)
            return (enum rs_state)i;
    return RS_HY000;
}

/* On the heap or, when that gives nothing, in the list itself. */
RS_APART static bool grow(struct rs_diag *diag)
{
    bool is_spare = diag->rec == &diag->spare;
    size_t cap = diag->cap < 4 ? 4 : diag->cap * 2;
    struct rs_diag_rec *grown;

    grown = rs_realloc(is_spare ? NULL : diag->rec, cap, sizeof *grown, NULL);
    if (grown == NULL) {
        if (diag->rec != NULL)
            return false;
        diag->rec = &diag->spare;
        diag->cap = 1;
        return true;
    }
    if (is_spare)
        grown[0] = diag->spare;
    diag->rec = grown;
    diag->cap = cap;
    return true;
}

/* Room for one record more. */
static bool make_room(struct rs_diag *diag)
{
    return diag->n < diag->cap || grow(diag);
}

static void count(struct rs_diag *diag, const struct rs_diag_rec *rec)
{
    if (rec->is_error)
        diag->n_error++;
    else
        diag->n_warning++;
}

static void uncount(struct rs_diag *diag, const struct rs_diag_rec *rec)
{
    if (rec->is_error)
        diag->n_error--;
    else
        diag->n_warning--;
}

static void free_record(struct rs_diag_rec *rec)
{
    if (!rec->is_static)
        rs_free(rec->text);
    rec->text = NULL;
}

static void append(struct rs_diag *diag, struct rs_diag_rec rec)
{
    diag->rec[diag->n++] = rec;
    count(diag, &rec);
}

/* There is no place for rec. An error may not get lost: the first one takes a warning's place. */
static void squeeze(struct rs_diag *diag, struct rs_diag_rec *rec)
{
    size_t last = diag->n < RS_DIAG_MAX_RECORDS ? diag->n - 1 : RS_DIAG_MAX_RECORDS - 1;
    struct rs_diag_rec *to = &diag->rec[last];

    diag->n_dropped++;
    if (!rec->is_error || diag->n_error > 0) {
        free_record(rec);
        return;
    }
    uncount(diag, to);
    free_record(to);
    *to = *rec;
    count(diag, to);
}

RS_APART static void post_beyond(struct rs_diag *diag, struct rs_diag_rec *rec)
{
    squeeze(diag, rec);
    if (diag->n == RS_DIAG_MAX_RECORDS && make_room(diag))
        append(diag, (struct rs_diag_rec){ .state = RS_01000,
                                           .text = dropped_text,
                                           .is_static = true,
                                           .row = RS_ROW_NONE,
                                           .column = RS_ROW_NONE });
}

static void post(struct rs_diag *diag, struct rs_diag_rec rec)
{
    if (diag->n < RS_DIAG_MAX_RECORDS && make_room(diag))
        append(diag, rec);
    else
        post_beyond(diag, &rec);
}

static void post_text(struct rs_diag *diag, struct rs_diag_rec rec, const char *fmt, va_list args)
    RS_PRINTF(3, 0);

static void post_text(struct rs_diag *diag, struct rs_diag_rec rec, const char *fmt, va_list args)
{
    va_list again;
    int n;
    size_t size;

    rec.row = rec.column = RS_ROW_NONE;
    va_copy(again, args);
    n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    /* One character more than is kept shows where the last one ends. */
    size = n > RS_DIAG_MAX_TEXT ? RS_DIAG_MAX_TEXT + 4 : (size_t)n + 1;
    rec.text = n < 0 ? NULL : rs_alloc(size, 1, NULL);
    if (rec.text != NULL) {
        vsnprintf(rec.text, size, fmt, args);
        if (n > RS_DIAG_MAX_TEXT)
            rec.text[rs_utf8_cut((struct rs_str){ rec.text, size - 1 }, RS_DIAG_MAX_TEXT)] = '\0';
    } else {
        rec.text = no_text;
        rec.is_static = true;
    }
    post(diag, rec);
}

bool rs_fail(struct rs_diag *diag, enum rs_state state, int32_t native, const char *fmt, ...)
{
    struct rs_diag_rec rec = { .state = state, .native = native, .is_error = true };
    va_list args;

    if (state == RS_HY001)
        return rs_fail_memory(diag);
    va_start(args, fmt);
    post_text(diag, rec, fmt, args);
    va_end(args);
    return false;
}

bool rs_fail_server(struct rs_diag *diag, enum rs_state state, int32_t native, const char *fmt, ...)
{
    struct rs_diag_rec rec = {
        .state = state, .native = native, .is_error = true, .from_server = true
    };
    va_list args;

    va_start(args, fmt);
    post_text(diag, rec, fmt, args);
    va_end(args);
    return false;
}

bool rs_fail_limit(struct rs_diag *diag, const char *fmt, ...)
{
    struct rs_diag_rec rec = { .state = RS_HY001, .is_error = true };
    va_list args;

    va_start(args, fmt);
    post_text(diag, rec, fmt, args);
    va_end(args);
    return false;
}

bool rs_fail_memory(struct rs_diag *diag)
{
    post(diag, (struct rs_diag_rec){ .state = RS_HY001,
                                     .text = no_memory,
                                     .is_static = true,
                                     .is_error = true,
                                     .row = RS_ROW_NONE,
                                     .column = RS_ROW_NONE });
    return false;
}

void rs_warn(struct rs_diag *diag, enum rs_state state, const char *fmt, ...)
{
    struct rs_diag_rec rec = { .state = state };
    va_list args;

    va_start(args, fmt);
    post_text(diag, rec, fmt, args);
    va_end(args);
}

void rs_warn_text(struct rs_diag *diag, enum rs_state state, const char *text)
{
    post(diag, (struct rs_diag_rec){ .state = state,
                                     .text = (char *)(uintptr_t)text,
                                     .is_static = true,
                                     .row = RS_ROW_NONE,
                                     .column = RS_ROW_NONE });
}

void rs_warn_server(struct rs_diag *diag, enum rs_state state, const char *fmt, ...)
{
    struct rs_diag_rec rec = { .state = state, .from_server = true };
    va_list args;

    va_start(args, fmt);
    post_text(diag, rec, fmt, args);
    va_end(args);
}

void rs_diag_place(struct rs_diag *diag, size_t from, int64_t row, int32_t column)
{
    for (size_t i = from; i < diag->n; i++) {
        diag->rec[i].row = row;
        diag->rec[i].column = column;
    }
}

void rs_diag_place_rest(struct rs_diag *diag, size_t from, int64_t row, int32_t column)
{
    for (size_t i = from; i < diag->n; i++) {
        if (diag->rec[i].row != RS_ROW_NONE || diag->rec[i].column != RS_ROW_NONE)
            continue;
        diag->rec[i].row = row;
        diag->rec[i].column = column;
    }
}

void rs_diag_move(struct rs_diag *to, struct rs_diag *from)
{
    for (size_t i = 0; i < from->n; i++)
        post(to, from->rec[i]);
    to->n_dropped += from->n_dropped;
    /* The texts are the other list's now. */
    from->n = from->n_error = from->n_warning = 0;
    rs_diag_clear(from);
}

void rs_diag_swap_whole(struct rs_diag *a, struct rs_diag *b)
{
    bool a_spare = a->rec == &a->spare, b_spare = b->rec == &b->spare;
    struct rs_diag was = *a;

    *a = *b;
    *b = was;
    if (b_spare)
        a->rec = &a->spare;
    if (a_spare)
        b->rec = &b->spare;
}

void rs_diag_cut(struct rs_diag *diag, size_t n)
{
    while (diag->n > n) {
        struct rs_diag_rec *rec = &diag->rec[--diag->n];

        uncount(diag, rec);
        free_record(rec);
    }
}

void rs_diag_drop(struct rs_diag *diag, size_t i)
{
    if (i >= diag->n)
        return;
    uncount(diag, &diag->rec[i]);
    free_record(&diag->rec[i]);
    memmove(&diag->rec[i], &diag->rec[i + 1], (diag->n - i - 1) * sizeof diag->rec[0]);
    diag->n--;
}

/* Source: ODBC "Sequence of Status Records". */
static bool goes_before(const struct rs_diag_rec *a, const struct rs_diag_rec *b)
{
    enum rs_state_rank rank_a = states[a->state].rank, rank_b = states[b->state].rank;

    if (a->row != b->row)
        return a->row < b->row;
    /* SQLExtendedFetch says which row failed before it says why. */
    if ((a->state == RS_01S01) != (b->state == RS_01S01))
        return a->state == RS_01S01;
    if (rank_a != rank_b)
        return rank_a < rank_b;
    if (rs_state_is_odbc(a->state) != rs_state_is_odbc(b->state))
        return rs_state_is_odbc(b->state);
    return a->column < b->column;
}

void rs_diag_sort(struct rs_diag *diag)
{
    /* Insertion sort: stable, and nearly all lists are sorted or tiny. */
    for (size_t i = 1; i < diag->n; i++) {
        struct rs_diag_rec rec = diag->rec[i];
        size_t at = i;

        for (; at > 0 && goes_before(&rec, &diag->rec[at - 1]); at--)
            diag->rec[at] = diag->rec[at - 1];
        diag->rec[at] = rec;
    }
}

void rs_diag_reset(struct rs_diag *diag)
{
    if (diag->rec == &diag->spare || diag->cap > 16) {
        rs_diag_clear(diag);
        return;
    }
    rs_diag_cut(diag, 0);
    diag->n_dropped = 0;
}

void rs_diag_clear(struct rs_diag *diag)
{
    if (diag->n > 0)
        rs_diag_cut(diag, 0);
    if (diag->rec != NULL) {
        if (diag->rec != &diag->spare)
            rs_free(diag->rec);
        diag->rec = NULL;
    }
    diag->cap = 0;
    diag->n_dropped = 0;
}

const struct rs_diag_rec *rs_diag_get(const struct rs_diag *diag, size_t i)
{
    return i < diag->n ? &diag->rec[i] : NULL;
}

static const struct rs_diag_rec *first_error(const struct rs_diag *diag)
{
    for (size_t i = 0; i < diag->n; i++)
        if (diag->rec[i].is_error)
            return &diag->rec[i];
    return NULL;
}

enum rs_state rs_diag_state(const struct rs_diag *diag)
{
    const struct rs_diag_rec *rec = first_error(diag);

    return rec == NULL ? RS_00000 : rec->state;
}

const char *rs_diag_first(const struct rs_diag *diag)
{
    const struct rs_diag_rec *rec = first_error(diag);

    return rec == NULL ? "" : rec->text;
}

void rs_diag_text(const struct rs_diag_rec *rec, struct rs_buf *out)
{
    rs_buf_adds(out, "[Redshift][ODBC Driver]");
    if (rec->from_server)
        rs_buf_adds(out, "[Server]");
    rs_buf_adds(out, rec->text);
}
