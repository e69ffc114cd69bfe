#include "pgmsg.h"

#include <string.h>

#include "os.h"

/* ---- to the server ---- */

static void write32(char *to, uint32_t v)
{
    to[0] = (char)(v >> 24);
    to[1] = (char)(v >> 16);
    to[2] = (char)(v >> 8);
    to[3] = (char)v;
}

static void put32(struct rs_buf *out, uint32_t v)
{
    char b[4];

    write32(b, v);
    rs_buf_append(out, (struct rs_str){ b, 4 });
}

static void put16(struct rs_buf *out, uint16_t v)
{
    char b[2] = { (char)(v >> 8), (char)v };

    rs_buf_append(out, (struct rs_str){ b, 2 });
}

static void put_char(struct rs_buf *out, char c)
{
    rs_buf_append(out, (struct rs_str){ &c, 1 });
}

static void put_text(struct rs_buf *out, struct rs_str s)
{
    rs_buf_add(out, s);
    put_char(out, '\0');
}

/* Begins a message; returns where its length will stand. */
static size_t begin(struct rs_buf *out, char type)
{
    char head[RS_MSG_HEAD] = { type };

    rs_buf_append(out, (struct rs_str){ head, RS_MSG_HEAD });
    return out->len - 4;
}

static void end(struct rs_buf *out, size_t at)
{
    size_t n = out->len - at;

    if (n >= RS_MSG_MAX)
        out->bad = true;
    if (!out->bad)
        write32(out->p + at, (uint32_t)n);
}

void rs_msg_query(struct rs_buf *out, struct rs_str before, struct rs_str sql)
{
    size_t at = begin(out, 'Q');

    rs_buf_add(out, before);
    put_text(out, sql);
    end(out, at);
}

void rs_msg_parse_repeated(struct rs_buf *out, const char *name, struct rs_str sql,
                           const struct rs_param *params, size_t n_params, size_t repeat)
{
    size_t at = begin(out, 'P');

    put_text(out, rs_str_of(name));
    put_text(out, sql);
    if (n_params > RS_MSG_MAX_PARAMS / repeat)
        out->bad = true;
    put16(out, (uint16_t)(n_params * repeat));
    for (size_t k = 0; k < repeat && !out->bad; k++)
        for (size_t i = 0; i < n_params && !out->bad; i++)
            put32(out, params[i].type_oid);
    end(out, at);
}

void rs_msg_parse(struct rs_buf *out, const char *name, struct rs_str sql,
                  const struct rs_param *params, size_t n_params)
{
    rs_msg_parse_repeated(out, name, sql, params, n_params, 1);
}

/* Up to the number of parameters. */
static size_t bind_begin(struct rs_buf *out, const char *statement, size_t n_params)
{
    size_t at = begin(out, 'B');

    put_char(out, '\0');
    put_text(out, rs_str_of(statement));
    put16(out, 0); /* all parameters are text */
    if (n_params > RS_MSG_MAX_PARAMS)
        out->bad = true;
    put16(out, (uint16_t)n_params);
    return at;
}

void rs_msg_bind_values(struct rs_buf *out, const char *statement, size_t n_params,
                        struct rs_str values)
{
    size_t at = bind_begin(out, statement, n_params);

    rs_buf_add(out, values);
    put16(out, 0); /* all columns are text */
    end(out, at);
}

void rs_msg_bind(struct rs_buf *out, const char *statement, const struct rs_param *params,
                 size_t n_params)
{
    size_t at = bind_begin(out, statement, n_params);

    for (size_t i = 0; i < n_params && !out->bad; i++) {
        put32(out, (uint32_t)params[i].n);
        if (params[i].n > 0)
            rs_buf_add(out, (struct rs_str){ params[i].p, (size_t)params[i].n });
    }
    put16(out, 0); /* all columns are text */
    end(out, at);
}

void rs_msg_bind_formats(struct rs_buf *out, size_t at, size_t asked, const struct rs_shape *shape)
{
    size_t n = shape == NULL ? 0 : shape->n;

    if (out->bad)
        return;
    rs_buf_truncate(out, out->len - 2 * (1 + asked));
    put16(out, (uint16_t)n);
    for (size_t i = 0; i < n; i++)
        put16(out, (uint16_t)shape->field[i].format);
    end(out, at + 1);
}

static void named(struct rs_buf *out, char type, char kind, const char *name)
{
    size_t at = begin(out, type);

    put_char(out, kind);
    put_text(out, rs_str_of(name));
    end(out, at);
}

void rs_msg_describe(struct rs_buf *out, char kind, const char *name)
{
    named(out, 'D', kind, name);
}

void rs_msg_close(struct rs_buf *out, char kind, const char *name)
{
    named(out, 'C', kind, name);
}

void rs_msg_execute(struct rs_buf *out, int32_t max_rows)
{
    size_t at = begin(out, 'E');

    put_char(out, '\0');
    put32(out, (uint32_t)max_rows);
    end(out, at);
}

void rs_msg_sync(struct rs_buf *out)
{
    end(out, begin(out, 'S'));
}

void rs_msg_flush(struct rs_buf *out)
{
    end(out, begin(out, 'H'));
}

void rs_msg_terminate(struct rs_buf *out)
{
    end(out, begin(out, 'X'));
}

/* ---- from the server: a message ---- */

/* Smallest and largest body of each type a server may send after start-up; 0, 0 for unknown. */
static bool body_limits(char type, size_t *least, size_t *most)
{
    enum { ANY = RS_MSG_MAX - RS_MSG_HEAD, SMALL = 64 * 1024, TEXT = 64 * 1024 * 1024 };

    switch (type) {
    case RS_MSG_ROW:
        *least = 2, *most = ANY;
        return true;
    case RS_MSG_SHAPE:
        *least = 2, *most = TEXT;
        return true;
    case RS_MSG_ERROR:
    case RS_MSG_NOTICE:
        *least = 1, *most = TEXT;
        return true;
    case RS_MSG_STATUS:
        *least = 2, *most = TEXT;
        return true;
    case RS_MSG_NOTIFY:
        *least = 6, *most = TEXT;
        return true;
    case RS_MSG_COMMAND:
        *least = 1, *most = SMALL;
        return true;
    case RS_MSG_PARAM_TYPES:
        *least = 2, *most = 2 + 4 * RS_MSG_MAX_PARAMS;
        return true;
    case RS_MSG_KEY:
        *least = 8, *most = 260;
        return true;
    case RS_MSG_READY:
        *least = *most = 1;
        return true;
    case RS_MSG_PARSE_DONE:
    case RS_MSG_BIND_DONE:
    case RS_MSG_CLOSE_DONE:
    case RS_MSG_NODATA:
    case RS_MSG_SUSPENDED:
    case RS_MSG_EMPTY:
        *least = *most = 0;
        return true;
    case RS_MSG_COPY_IN:
    case RS_MSG_COPY_OUT:
    case RS_MSG_COPY_BOTH:
        *least = 3, *most = SMALL * 4;
        return true;
    default:
        return false;
    }
}

enum rs_msg_state rs_msg_peek(struct rs_str in, struct rs_msg *out, size_t *need)
{
    size_t length, least, most;

    if (in.n > 0 && !body_limits(in.p[0], &least, &most))
        return RS_MSG_BAD;
    if (in.n < RS_MSG_HEAD) {
        *need = RS_MSG_HEAD;
        return RS_MSG_PARTIAL;
    }
    length = rs_be32(in.p + 1);
    if (length < 4 || length - 4 < least || length - 4 > most)
        return RS_MSG_BAD;
    if (in.n < 1 + length) {
        *need = 1 + length;
        return RS_MSG_PARTIAL;
    }
    out->type = in.p[0];
    out->body = (struct rs_str){ in.p + RS_MSG_HEAD, length - 4 };
    return RS_MSG_WHOLE;
}

void rs_msg_say_bad(struct rs_str in, struct rs_buf *out)
{
    size_t least, most;

    if (in.n > 0 && !body_limits(in.p[0], &least, &most))
        rs_buf_addf(out, "a message of unknown type 0x%02x", (unsigned)(unsigned char)in.p[0]);
    else if (in.n >= RS_MSG_HEAD)
        rs_buf_addf(out, "a message of type %c claims %lu bytes", in.p[0],
                    (unsigned long)rs_be32(in.p + 1));
}

/* ---- from the server: bodies ---- */

/* Reads a body from front to back; bad once something was missing. */
struct reader {
    const char *p;
    size_t left;
    bool bad;
};

static struct reader reader_of(struct rs_str body)
{
    return (struct reader){ body.p, body.n, false };
}

static const char *take(struct reader *r, size_t n)
{
    const char *p = r->p;

    if (r->bad || n > r->left) {
        r->bad = true;
        return NULL;
    }
    r->p += n;
    r->left -= n;
    return p;
}

static uint32_t take32(struct reader *r)
{
    const char *p = take(r, 4);

    return p == NULL ? 0 : rs_be32(p);
}

static uint16_t take16(struct reader *r)
{
    const char *p = take(r, 2);

    return p == NULL ? 0 : rs_be16(p);
}

static struct rs_str take_text(struct reader *r)
{
    const char *nul = r->bad || r->left == 0 ? NULL : memchr(r->p, '\0', r->left);
    struct rs_str s = RS_STR_NULL;

    if (nul == NULL) {
        r->bad = true;
        return s;
    }
    s.p = r->p;
    s.n = (size_t)(nul - r->p);
    r->left -= s.n + 1;
    r->p = nul + 1;
    return s;
}

static bool all_read(const struct reader *r)
{
    return !r->bad && r->left == 0;
}

bool rs_msg_status(struct rs_str body, struct rs_str *name, struct rs_str *value)
{
    struct reader r = reader_of(body);
    struct rs_str n = take_text(&r), v = take_text(&r);

    if (!all_read(&r) || n.n == 0)
        return false;
    *name = n;
    *value = v;
    return true;
}

bool rs_msg_key(struct rs_str body, int32_t *pid)
{
    if (body.n < 8)
        return false;
    *pid = (int32_t)rs_be32(body.p);
    return true;
}

bool rs_msg_ready(struct rs_str body, char *txn)
{
    if (body.n != 1 || (body.p[0] != 'I' && body.p[0] != 'T' && body.p[0] != 'E'))
        return false;
    *txn = body.p[0];
    return true;
}

bool rs_msg_command(struct rs_str body, struct rs_str *tag, int64_t *count)
{
    struct reader r = reader_of(body);
    struct rs_str text = take_text(&r);
    size_t at = text.n;

    if (!all_read(&r))
        return false;
    while (at > 0 && rs_is_digit(text.p[at - 1]))
        at--;
    *tag = text;
    if (at == text.n || at == 0 || text.p[at - 1] != ' ' ||
        !rs_parse_i64(rs_str_sub(text, at, text.n - at), count))
        *count = -1;
    return true;
}

static void shape_field(struct reader *r, int32_t level, struct rs_field *f)
{
    f->name = take_text(r);
    f->table_oid = take32(r);
    f->attribute = (int16_t)take16(r);
    f->type_oid = take32(r);
    f->type_len = (int16_t)take16(r);
    f->typmod = (int32_t)take32(r);
    f->format = (int16_t)take16(r);
    if (f->format != 0 && f->format != 1)
        r->bad = true;
    if (level < 1)
        return;
    /* A column that is no table's has four empty names. */
    if (r->left >= 4 && rs_be32(r->p) == 0) {
        r->p += 4;
        r->left -= 4;
    } else {
        f->schema = take_text(r);
        f->table = take_text(r);
        f->column = take_text(r);
        f->catalog = take_text(r);
    }
    f->flags = take16(r);
}

/* Copies the text behind the fields, with a NUL after it, and lets s point there. */
static char *text_settle(char *to, struct rs_str *s)
{
    if (s->n > 0)
        memcpy(to, s->p, s->n);
    s->p = to;
    to[s->n] = '\0';
    return to + s->n + 1;
}

/* A block for fields and texts of so many bytes: the old one, or a new one. */
static struct rs_shape *shape_room(struct rs_shape *old, size_t bytes, struct rs_diag *diag)
{
    struct rs_shape *shape;

    if (old != NULL && old->cap >= bytes)
        return old;
    shape = rs_alloc(1, sizeof(*shape) + bytes, diag);
    if (shape != NULL)
        shape->cap = bytes;
    return shape;
}

enum rs_msg_made rs_msg_shape(struct rs_str body, int32_t level, struct rs_shape **out,
                              struct rs_diag *diag)
{
    struct reader r = reader_of(body);
    size_t n = take16(&r), texts = 0;
    struct rs_shape *shape;
    char *to;

    /* A field takes 19 bytes at least: more cannot be there, and nothing is allocated for it. */
    if (r.bad || n > RS_MSG_MAX_FIELDS || n * 19 > r.left)
        return RS_MADE_MALFORMED;
    texts = r.left + 5 * n;
    shape = shape_room(*out, n * sizeof(shape->field[0]) + texts, diag);
    if (shape == NULL)
        return RS_MADE_FAILED;
    shape->n = n;
    memset(shape->field, 0, n * sizeof(shape->field[0]));
    for (size_t i = 0; i < n; i++)
        shape_field(&r, level, &shape->field[i]);
    if (!all_read(&r)) {
        if (shape != *out)
            rs_free(shape);
        return RS_MADE_MALFORMED;
    }
    to = (char *)&shape->field[n];
    for (size_t i = 0; i < n; i++) {
        struct rs_field *f = &shape->field[i];

        to = text_settle(to, &f->name);
        to = text_settle(to, &f->schema);
        to = text_settle(to, &f->table);
        to = text_settle(to, &f->column);
        to = text_settle(to, &f->catalog);
    }
    if (shape != *out)
        rs_free(*out);
    *out = shape;
    return RS_MADE_OK;
}

enum rs_msg_made rs_msg_param_types(struct rs_str body, uint32_t **out, size_t *n,
                                    struct rs_diag *diag)
{
    struct reader r = reader_of(body);
    size_t count = take16(&r);
    uint32_t *types;

    if (r.bad || r.left != count * 4)
        return RS_MADE_MALFORMED;
    types = rs_alloc(count, sizeof(*types), diag);
    if (types == NULL)
        return RS_MADE_FAILED;
    for (size_t i = 0; i < count; i++)
        types[i] = take32(&r);
    *out = types;
    *n = count;
    return RS_MADE_OK;
}
