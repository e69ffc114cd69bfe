#include "rowstream.h"

#include <string.h>

#include "os.h"

/* One comparison a cell: a length that leads past the end is met where the next one would stand, or
 * behind the last. In 64 bits nothing wraps. */
bool rs_row_walk(struct rs_str body, struct rs_cell *cells, size_t n)
{
    const char *p = body.p;
    int64_t at = 2, last = (int64_t)body.n - 4;

    if (body.n < 2 || rs_be16(p) != n)
        return false;
    for (const struct rs_cell *end = cells + n; cells < end; cells++) {
        uint32_t size;

        if (at > last)
            return false;
        size = rs_be32(p + at);
        at += 4;
        cells->p = p + at; /* of NULL too: rs_row_bytes counts on it */
        cells->n = (int32_t)size;
        if (RS_LIKELY(size != UINT32_MAX))
            at += size;
    }
    return at == (int64_t)body.n;
}

struct rs_str rs_row_bytes(const struct rs_cell *cells, size_t n)
{
    const char *from = cells[0].p - 4, *to = cells[n - 1].p;

    if (cells[n - 1].n > 0)
        to += cells[n - 1].n;
    return (struct rs_str){ from, (size_t)(to - from) };
}

struct rs_cell rs_row_cell(const char *bytes, size_t column)
{
    struct rs_cell cell = { bytes, -1 };

    for (size_t i = 0; i <= column; i++) {
        cell.n = (int32_t)rs_be32(bytes);
        cell.p = bytes + 4;
        bytes = cell.p + (cell.n > 0 ? cell.n : 0);
    }
    return cell;
}

/* ---- the store ---- */

enum { BLOCK_BYTES = 64 * 1024, WINDOW_BYTES = 256 * 1024 };

struct block {
    struct block *next;
    size_t n, cap;
    char bytes[];
};

struct rs_store {
    struct rs_inbox in; /* first: rs_store_inbox */
    struct rs_store_budget *budget;
    struct block *head, *tail; /* in memory; the head is being read once `is_open` */
    bool is_open;
    int file; /* -1: none; everything after the first spill goes there */
    int64_t file_size, file_at;
    char *window; /* part of the file that is being read */
    size_t window_cap;
};

struct rs_store *rs_store_new(struct rs_store_budget *budget, struct rs_diag *diag)
{
    struct rs_store *store = rs_new(struct rs_store, diag);

    if (store != NULL) {
        store->budget = budget;
        store->file = -1;
    }
    return store;
}

static void head_free(struct rs_store *store)
{
    struct block *b = store->head;

    store->head = b->next;
    if (store->head == NULL)
        store->tail = NULL;
    store->budget->used -= b->cap;
    rs_free(b);
}

void rs_store_free(struct rs_store *store)
{
    if (store == NULL)
        return;
    while (store->head != NULL)
        head_free(store);
    if (store->file >= 0)
        rs_os_spill_close(store->file);
    rs_free(store->window);
    rs_free(store);
}

bool rs_store_has_file(const struct rs_store *store)
{
    return store->file >= 0;
}

static bool add_to_file(struct rs_store *store, struct rs_str messages, struct rs_diag *diag)
{
    if (!store->budget->may_spill)
        return rs_fail_limit(diag,
                             "the rest of a result had to be stored for another statement and does "
                             "not fit into ResultMemoryBytes (%zu bytes); SpillToDisk=1 allows a "
                             "file",
                             store->budget->limit);
    if (store->file < 0) {
        store->file = rs_os_spill_open(store->budget->dir, diag);
        if (store->file < 0)
            return false;
    }
    if (!rs_os_spill_write(store->file, store->file_size, messages.p, messages.n, diag))
        return false;
    store->file_size += (int64_t)messages.n;
    return true;
}

bool rs_store_add(struct rs_store *store, struct rs_str messages, struct rs_diag *diag)
{
    struct block *b = store->tail;
    size_t cap;

    if (messages.n == 0)
        return true;
    if (store->file >= 0)
        return add_to_file(store, messages, diag);
    if (b != NULL && b->cap - b->n >= messages.n && !(store->is_open && b == store->head)) {
        memcpy(b->bytes + b->n, messages.p, messages.n);
        b->n += messages.n;
        return true;
    }
    cap = messages.n < BLOCK_BYTES ? BLOCK_BYTES : messages.n;
    if (cap > store->budget->limit || store->budget->used > store->budget->limit - cap)
        return add_to_file(store, messages, diag);
    b = rs_realloc(NULL, 1, sizeof(*b) + cap, diag);
    if (b == NULL)
        return false;
    *b = (struct block){ .n = messages.n, .cap = cap };
    memcpy(b->bytes, messages.p, messages.n);
    store->budget->used += cap;
    if (store->tail == NULL)
        store->head = b;
    else
        store->tail->next = b;
    store->tail = b;
    return true;
}

/* Moves the window forward over the file so that it holds n unread bytes. */
static enum rs_more file_need(struct rs_store *store, size_t n, struct rs_diag *diag)
{
    size_t have = rs_inbox_have(&store->in), take;
    int64_t left = store->file_size - store->file_at;

    if (store->file < 0 || left <= 0)
        return RS_MORE_END;
    if (n > store->window_cap) {
        size_t cap = n < WINDOW_BYTES ? WINDOW_BYTES : n;
        char *window = rs_realloc(NULL, cap, 1, diag);

        if (window == NULL)
            return RS_MORE_FAILED;
        if (have > 0)
            memcpy(window, store->in.p, have);
        rs_free(store->window);
        store->window = window;
        store->window_cap = cap;
    } else if (have > 0) {
        memmove(store->window, store->in.p, have);
    }
    store->in.p = store->window;
    store->in.end = store->window + have;
    take = store->window_cap - have;
    if ((int64_t)take > left)
        take = (size_t)left;
    if (!rs_os_spill_read(store->file, store->file_at, store->window + have, take, diag))
        return RS_MORE_FAILED;
    store->file_at += (int64_t)take;
    store->in.end += take;
    return have + take >= n ? RS_MORE_OK : RS_MORE_END;
}

enum rs_more rs_store_need(struct rs_store *store, size_t n, struct rs_diag *diag)
{
    if (rs_inbox_have(&store->in) >= n)
        return RS_MORE_OK;
    /* Blocks hold whole messages, so nothing is left in one when more is asked for. */
    if (store->is_open) {
        head_free(store);
        store->is_open = false;
        store->in.p = store->in.end = NULL;
    }
    if (store->head == NULL)
        return file_need(store, n, diag);
    store->is_open = true;
    store->in.p = store->head->bytes;
    store->in.end = store->in.p + store->head->n;
    return RS_MORE_OK;
}
