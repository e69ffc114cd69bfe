/*
 * RowDescription as it is at each protocol level: what was taken apart gives the message again,
 * byte for byte, in a block of its own and in one that was used before. Input: level, body.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "os.h"
#include "pgmsg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 1 << 17 };

static void add(struct rs_buf *out, uint32_t value, int bytes)
{
    while (bytes-- > 0)
        rs_buf_addc(out, (char)(value >> 8 * bytes & 0xFF));
}

static void add_text(struct rs_buf *out, struct rs_str text)
{
    assert(strlen(text.p) == text.n);
    rs_buf_add(out, text);
    rs_buf_addc(out, '\0');
}

static void add_field(struct rs_buf *out, const struct rs_field *f, int32_t level)
{
    add_text(out, f->name);
    add(out, f->table_oid, 4);
    add(out, (uint16_t)f->attribute, 2);
    add(out, f->type_oid, 4);
    add(out, (uint16_t)f->type_len, 2);
    add(out, (uint32_t)f->typmod, 4);
    add(out, (uint16_t)f->format, 2);
    if (level < 1) {
        assert(f->schema.n + f->table.n + f->column.n + f->catalog.n + f->flags == 0);
        return;
    }
    add_text(out, f->schema);
    add_text(out, f->table);
    add_text(out, f->column);
    add_text(out, f->catalog);
    add(out, f->flags, 2);
}

static void check(const struct rs_shape *shape, int32_t level, struct rs_str body)
{
    struct rs_buf again = RS_BUF_INIT(MOST + 2);

    add(&again, (uint32_t)shape->n, 2);
    for (size_t i = 0; i < shape->n; i++)
        add_field(&again, &shape->field[i], level);
    assert(again.len == body.n && memcmp(again.p, body.p, body.n) == 0);
    rs_buf_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_str body = { (const char *)data + 1, size - 1 };
    struct rs_shape *shape = NULL, *used = NULL;
    struct rs_diag diag = { 0 };
    int32_t level;

    if (size == 0 || size > MOST)
        return 0;
    level = data[0] % 4;
    if (rs_msg_shape(body, level, &shape, &diag) == RS_MADE_OK) {
        check(shape, level, body);
        /* One level's message is none of the other's: the block stays as it is or is used. */
        (void)rs_msg_shape(body, level == 0 ? 1 : 0, &used, &diag);
        assert(rs_msg_shape(body, level, &used, &diag) == RS_MADE_OK);
        check(used, level, body);
    } else {
        assert(shape == NULL);
    }
    assert(diag.n == 0);
    rs_free(shape);
    rs_free(used);
    return 0;
}
