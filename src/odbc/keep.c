#include "keep.h"

#include <string.h>

#include "../os.h"

/*
 * A row is its length (four bytes, the machine's order) and its bytes, never across two blocks. Its
 * address says where it is: block and offset in memory, or the offset in the file. Behind the end
 * of the file stands the tail, the rows that are not written yet.
 */
enum {
    FIRST_BLOCK_BYTES = 4 * 1024, /* many results are small; each block is four times the last */
    BLOCK_BYTES = 64 * 1024,
    WINDOW_BYTES = 256 * 1024,
    STRIDE = 32, /* every so manieth row has its address in the index */
    HEAD = 4
};
#define IN_FILE ((uint64_t)1 << 63)

struct block {
    size_t n, cap;
    char bytes[];
};

struct rs_keep {
    struct rs_store_budget *budget;
    int64_t n_rows;
    struct block **blocks;
    size_t n_blocks, cap_blocks;
    uint64_t *marks;
    size_t n_marks, cap_marks;
    int file; /* -1: none; everything after the first spill goes there */
    int64_t file_size;
    struct block *tail;
    char *window; /* part of the file that is being read */
    size_t window_cap, window_n;
    int64_t window_at;
    int64_t last; /* row found last, and its address; 0: none */
    uint64_t last_at;
};

struct rs_keep *rs_keep_new(struct rs_store_budget *budget, struct rs_diag *diag)
{
    struct rs_keep *keep = rs_new(struct rs_keep, diag);

    if (keep != NULL) {
        keep->budget = budget;
        keep->file = -1;
    }
    return keep;
}

void rs_keep_free(struct rs_keep *keep)
{
    if (keep == NULL)
        return;
    for (size_t i = 0; i < keep->n_blocks; i++) {
        keep->budget->used -= keep->blocks[i]->cap;
        rs_free(keep->blocks[i]);
    }
    keep->budget->used -= keep->cap_marks * sizeof *keep->marks;
    rs_free(keep->blocks);
    rs_free(keep->marks);
    rs_free(keep->tail);
    rs_free(keep->window);
    if (keep->file >= 0)
        rs_os_spill_close(keep->file);
    rs_free(keep);
}

int64_t rs_keep_count(const struct rs_keep *keep)
{
    return keep->n_rows;
}

bool rs_keep_has_file(const struct rs_keep *keep)
{
    return keep->file >= 0;
}

/* ---- adding ---- */

static struct block *block_new(size_t cap, struct rs_diag *diag)
{
    struct block *b = rs_realloc(NULL, 1, sizeof(*b) + cap, diag);

    if (b != NULL)
        *b = (struct block){ .cap = cap };
    return b;
}

/* Room for one more mark. The index is counted, but never a reason to refuse a row. */
static bool mark_room(struct rs_keep *keep, struct rs_diag *diag)
{
    size_t cap = keep->cap_marks == 0 ? 32 : keep->cap_marks * 2;
    uint64_t *marks;

    if (keep->n_marks < keep->cap_marks)
        return true;
    marks = rs_realloc(keep->marks, cap, sizeof *marks, diag);
    if (marks == NULL)
        return false;
    keep->budget->used += (cap - keep->cap_marks) * sizeof *marks;
    keep->marks = marks;
    keep->cap_marks = cap;
    return true;
}

static bool block_list_room(struct rs_keep *keep, struct rs_diag *diag)
{
    size_t cap = keep->cap_blocks == 0 ? 8 : keep->cap_blocks * 2;
    struct block **blocks;

    if (keep->n_blocks < keep->cap_blocks)
        return true;
    blocks = rs_realloc(keep->blocks, cap, sizeof *blocks, diag);
    if (blocks == NULL)
        return false;
    keep->blocks = blocks;
    keep->cap_blocks = cap;
    return true;
}

static size_t next_block_bytes(const struct rs_keep *keep, size_t need)
{
    size_t cap = FIRST_BLOCK_BYTES;

    for (size_t i = 0; i < keep->n_blocks && cap < BLOCK_BYTES; i++)
        cap *= 4;
    return need > cap ? need : cap;
}

static bool fits_budget(const struct rs_store_budget *budget, size_t n)
{
    return n <= budget->limit && budget->used <= budget->limit - n;
}

static void put(char *to, struct rs_str row)
{
    uint32_t n = (uint32_t)row.n;

    memcpy(to, &n, sizeof n);
    if (row.n > 0)
        memcpy(to + HEAD, row.p, row.n);
}

static bool open_file(struct rs_keep *keep, struct rs_diag *diag)
{
    if (!keep->budget->may_spill)
        return rs_fail_limit(diag,
                             "the rows of a static cursor do not fit into ResultMemoryBytes (%zu "
                             "bytes); a larger value, SpillToDisk=1 or a forward-only cursor helps",
                             keep->budget->limit);
    if (keep->tail == NULL)
        keep->tail = block_new(BLOCK_BYTES, diag);
    if (keep->tail == NULL)
        return false;
    keep->file = rs_os_spill_open(keep->budget->dir, diag);
    return keep->file >= 0;
}

static bool write_out(struct rs_keep *keep, const char *p, size_t n, struct rs_diag *diag)
{
    if (!rs_os_spill_write(keep->file, keep->file_size, p, n, diag))
        return false;
    keep->file_size += (int64_t)n;
    return true;
}

static bool add_to_file(struct rs_keep *keep, struct rs_str row, uint64_t *at, struct rs_diag *diag)
{
    size_t need = HEAD + row.n;
    struct block *tail = keep->tail;
    struct block *big = NULL;
    bool ok;

    if (need > tail->cap - tail->n && tail->n > 0) {
        if (!write_out(keep, tail->bytes, tail->n, diag))
            return false;
        tail->n = 0;
    }
    *at = IN_FILE | ((uint64_t)keep->file_size + tail->n);
    if (need <= tail->cap) {
        put(tail->bytes + tail->n, row);
        tail->n += need;
        return true;
    }
    big = block_new(need, diag); /* in one piece, so that a row is written whole or not at all */
    if (big == NULL)
        return false;
    put(big->bytes, row);
    ok = write_out(keep, big->bytes, need, diag);
    rs_free(big);
    return ok;
}

static bool add_to_memory(struct rs_keep *keep, struct rs_str row, size_t cap, uint64_t *at,
                          struct rs_diag *diag)
{
    size_t need = HEAD + row.n;
    struct block *b;

    if (cap > 0) {
        if (!block_list_room(keep, diag))
            return false;
        b = block_new(cap, diag);
        if (b == NULL)
            return false;
        keep->budget->used += cap;
        keep->blocks[keep->n_blocks++] = b;
    }
    b = keep->blocks[keep->n_blocks - 1];
    *at = (uint64_t)(keep->n_blocks - 1) << 32 | b->n;
    put(b->bytes + b->n, row);
    b->n += need;
    return true;
}

static bool add_row(struct rs_keep *keep, struct rs_str row, uint64_t *at, struct rs_diag *diag)
{
    size_t need = HEAD + row.n, cap = 0;
    const struct block *b = keep->n_blocks == 0 ? NULL : keep->blocks[keep->n_blocks - 1];

    if (keep->file >= 0)
        return add_to_file(keep, row, at, diag);
    if (b == NULL || b->cap - b->n < need) {
        cap = next_block_bytes(keep, need);
        if (!fits_budget(keep->budget, cap))
            return open_file(keep, diag) && add_to_file(keep, row, at, diag);
    }
    return add_to_memory(keep, row, cap, at, diag);
}

bool rs_keep_add(struct rs_keep *keep, struct rs_str row, struct rs_diag *diag)
{
    bool is_marked = keep->n_rows % STRIDE == 0;
    uint64_t at = 0;

    if (is_marked && !mark_room(keep, diag))
        return false;
    if (!add_row(keep, row, &at, diag))
        return false;
    if (is_marked)
        keep->marks[keep->n_marks++] = at;
    keep->n_rows++;
    return true;
}

/* ---- finding ---- */

/* Where the window begins so that it holds n bytes at `at`: with as much before as behind when the
 * reader goes backwards. */
static int64_t window_start(const struct rs_keep *keep, int64_t at, size_t n)
{
    bool is_backwards = keep->window_n > 0 && at < keep->window_at;

    if (!is_backwards || n > WINDOW_BYTES / 2)
        return at;
    return at < WINDOW_BYTES / 2 ? 0 : at - WINDOW_BYTES / 2;
}

/* n bytes of the file or of its tail; NULL after posting. */
static const char *file_bytes(struct rs_keep *keep, int64_t at, size_t n, struct rs_diag *diag)
{
    int64_t from, left;
    size_t take;

    if (at >= keep->file_size)
        return keep->tail->bytes + (at - keep->file_size);
    if (at >= keep->window_at && at + (int64_t)n <= keep->window_at + (int64_t)keep->window_n)
        return keep->window + (at - keep->window_at);
    from = window_start(keep, at, n);
    if (n > keep->window_cap) {
        size_t cap = n < WINDOW_BYTES ? WINDOW_BYTES : n;
        char *window = rs_realloc(NULL, cap, 1, diag);

        if (window == NULL)
            return NULL;
        rs_free(keep->window);
        keep->window = window;
        keep->window_cap = cap;
    }
    left = keep->file_size - from;
    take = left < (int64_t)keep->window_cap ? (size_t)left : keep->window_cap;
    keep->window_n = 0; /* not valid until it is read */
    if (!rs_os_spill_read(keep->file, from, keep->window, take, diag))
        return NULL;
    keep->window_at = from;
    keep->window_n = take;
    return keep->window + (at - from);
}

static const char *bytes_at(struct rs_keep *keep, uint64_t at, size_t n, struct rs_diag *diag)
{
    if ((at & IN_FILE) != 0)
        return file_bytes(keep, (int64_t)(at & ~IN_FILE), n, diag);
    return keep->blocks[at >> 32]->bytes + (uint32_t)at;
}

static bool length_at(struct rs_keep *keep, uint64_t at, uint32_t *n, struct rs_diag *diag)
{
    const char *p = bytes_at(keep, at, HEAD, diag);

    if (p == NULL)
        return false;
    memcpy(n, p, sizeof *n);
    return true;
}

/* The address of the row behind one; there is one. */
static bool step(struct rs_keep *keep, uint64_t *at, struct rs_diag *diag)
{
    uint32_t n;
    size_t block = (size_t)(*at >> 32);

    if (!length_at(keep, *at, &n, diag))
        return false;
    *at += HEAD + (uint64_t)n;
    if ((*at & IN_FILE) != 0 || (uint32_t)*at < keep->blocks[block]->n)
        return true;
    *at = block + 1 < keep->n_blocks ? (uint64_t)(block + 1) << 32 : IN_FILE;
    return true;
}

static bool find(struct rs_keep *keep, int64_t row, struct rs_diag *diag)
{
    int64_t mark = (row - 1) / STRIDE, from = mark * STRIDE + 1;
    uint64_t at = keep->marks[mark];

    if (keep->last <= row && (keep->last >= from || (keep->last > 0 && keep->last + 1 == row))) {
        from = keep->last;
        at = keep->last_at;
    }
    for (; from < row; from++)
        if (!step(keep, &at, diag))
            return false;
    keep->last = row;
    keep->last_at = at;
    return true;
}

bool rs_keep_get(struct rs_keep *keep, int64_t row, struct rs_str *out, struct rs_diag *diag)
{
    uint32_t n;
    const char *p;

    if (!find(keep, row, diag) || !length_at(keep, keep->last_at, &n, diag))
        return false;
    p = bytes_at(keep, keep->last_at, HEAD + (size_t)n, diag);
    if (p == NULL)
        return false;
    *out = (struct rs_str){ p + HEAD, n };
    return true;
}
