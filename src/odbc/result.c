#include "result.h"

#include <string.h>

#include "../os.h"
#include "binary.h"

static char *dup_unless_empty(struct rs_str s, bool *ok, struct rs_diag *diag)
{
    char *copy;

    if (s.n == 0 || !*ok)
        return NULL;
    copy = rs_str_dup(s, diag);
    if (copy == NULL)
        *ok = false;
    return copy;
}

static SQLSMALLINT nullable_of(const struct rs_field *field)
{
    if (field->table.n == 0)
        return SQL_NULLABLE_UNKNOWN;
    return (field->flags & 0x0001) != 0 ? SQL_NO_NULLS : SQL_NULLABLE;
}

static bool auto_unique_of(const struct rs_field *field)
{
    return (field->flags & 0x0010) != 0;
}

/* Fills in place: the name of an unknown type stands inside the column, and its pointer with it.
 * Level 1 and up tells base names and NOT NULL; below all of it is unknown (redshift.md 5.1). */
static bool fill_column(struct rs_column *column, const struct rs_field *field,
                        const struct rs_policy *policy, struct rs_diag *diag)
{
    bool ok = true;

    rs_type_describe(policy, field->type_oid, field->typmod, &column->typed);
    column->type_oid = field->type_oid;
    column->typmod = field->typmod;
    column->nullable = nullable_of(field);
    column->auto_unique = auto_unique_of(field);
    column->is_binary = field->format == 1;
    column->label = rs_str_dup(field->name, diag);
    if (column->label == NULL)
        return false;
    column->base_column = dup_unless_empty(field->column, &ok, diag);
    column->base_table = dup_unless_empty(field->table, &ok, diag);
    column->schema = dup_unless_empty(field->schema, &ok, diag);
    column->catalog = dup_unless_empty(field->catalog, &ok, diag);
    return ok;
}

bool rs_columns_from(struct rs_columns *columns, const struct rs_shape *shape,
                     const struct rs_policy *policy, struct rs_diag *diag)
{
    struct rs_columns made = { .n = shape->n };

    if (shape->n > 0) {
        made.at = rs_alloc(shape->n, sizeof *made.at, diag);
        if (made.at == NULL)
            return false;
    }
    for (size_t i = 0; i < shape->n; i++) {
        if (!fill_column(&made.at[i], &shape->field[i], policy, diag)) {
            rs_columns_clear(&made);
            return false;
        }
    }
    rs_columns_clear(columns);
    *columns = made;
    return true;
}

static bool is_text(const char *text, struct rs_str s)
{
    return (s.n == 0 || strncmp(text, s.p, s.n) == 0) && text[s.n] == '\0';
}

/* As dup_unless_empty makes it. */
static bool is_copy(const char *text, struct rs_str s)
{
    return text == NULL ? s.n == 0 : s.n > 0 && is_text(text, s);
}

bool rs_columns_fit(const struct rs_columns *columns, const struct rs_shape *shape)
{
    if (columns->n != shape->n)
        return false;
    for (size_t i = 0; i < shape->n; i++) {
        const struct rs_column *column = &columns->at[i];
        const struct rs_field *field = &shape->field[i];

        if (column->type_oid != field->type_oid || column->typmod != field->typmod ||
            column->nullable != nullable_of(field) ||
            column->auto_unique != auto_unique_of(field) || !is_text(column->label, field->name) ||
            !is_copy(column->base_column, field->column) ||
            !is_copy(column->base_table, field->table) || !is_copy(column->schema, field->schema) ||
            !is_copy(column->catalog, field->catalog))
            return false;
    }
    return true;
}

bool rs_columns_take_forms(struct rs_columns *columns, const struct rs_shape *shape)
{
    bool changed = false;

    for (size_t i = 0; i < columns->n; i++) {
        struct rs_column *column = &columns->at[i];

        if (column->is_binary == (shape->field[i].format == 1))
            continue;
        column->is_binary = !column->is_binary;
        column->get.asked = 0;
        changed = true;
    }
    return changed;
}

void rs_columns_clear(struct rs_columns *columns)
{
    for (size_t i = 0; i < columns->n && columns->at != NULL; i++) {
        struct rs_column *column = &columns->at[i];

        rs_free(column->label);
        rs_free(column->base_column);
        rs_free(column->base_table);
        rs_free(column->schema);
        rs_free(column->catalog);
    }
    rs_free(columns->at);
    columns->at = NULL;
    columns->n = 0;
}

rs_convert_fn *rs_column_convert(const struct rs_column *column, enum rs_ctype ctype)
{
    if (!column->is_binary)
        return rs_convert_find(column->typed.kind, ctype);
    return rs_column_takes_binary(column) ? rs_binary_find(column->typed.kind, ctype) : NULL;
}

uint8_t rs_column_scale(const struct rs_column *column)
{
    SQLSMALLINT scale = column->typed.scale;

    return scale < 0 || scale > UINT8_MAX ? UINT8_MAX : (uint8_t)scale;
}

bool rs_column_takes_binary(const struct rs_column *column)
{
    return column->typed.kind != RS_KIND_NUMERIC || column->typmod >= 0;
}

/* ---- rows of the driver's own ---- */

enum { MADE_MAX_BYTES = 1 << 30 };

static bool made_room(struct rs_made_rows *rows, size_t *index)
{
    size_t used = rows->n_rows * rows->n_columns + rows->next;

    if (rows->bytes.bad)
        return false;
    if (used == rows->cap_cells) {
        size_t cap = rows->cap_cells == 0 ? 64 : rows->cap_cells * 2;
        struct rs_made_cell *grown = rs_realloc(rows->cells, cap, sizeof *grown, NULL);

        if (grown == NULL) {
            rows->bytes.bad = true;
            return false;
        }
        rows->cells = grown;
        rows->cap_cells = cap;
    }
    *index = used;
    return true;
}

void rs_made_add(struct rs_made_rows *rows, const char *p, int32_t n)
{
    size_t index;

    rows->bytes.max = MADE_MAX_BYTES;
    if (!made_room(rows, &index))
        return;
    rows->cells[index].at = rows->bytes.len;
    rows->cells[index].n = n;
    if (n > 0)
        rs_buf_add(&rows->bytes, (struct rs_str){ p, (size_t)n });
    rows->next++;
    if (rows->next == rows->n_columns) {
        rows->next = 0;
        rows->n_rows++;
    }
}

void rs_made_text(struct rs_made_rows *rows, const char *text)
{
    rs_made_add(rows, text, text == NULL ? -1 : (int32_t)strlen(text));
}

void rs_made_int(struct rs_made_rows *rows, int64_t value)
{
    char digits[24];

    rs_made_add(rows, digits, (int32_t)rs_print_i64(digits, value));
}

bool rs_made_ok(const struct rs_made_rows *rows, struct rs_diag *diag)
{
    return rs_buf_ok(&rows->bytes, diag);
}

void rs_made_clear(struct rs_made_rows *rows)
{
    rs_free(rows->cells);
    rs_buf_clear(&rows->bytes);
    *rows = (struct rs_made_rows){ .n_columns = 0 };
}
