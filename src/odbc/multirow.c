#include "multirow.h"

#include "../os.h"
#include "sqlscan.h"

/* ---- recognising ---- */

struct reader {
    struct rs_tokens tokens;
    enum rs_token token; /* the present one, never BLANK */
    struct rs_str text;
};

static void next(struct reader *r)
{
    do {
        r->text.p = r->tokens.p;
        r->token = rs_token_next(&r->tokens);
        r->text.n = (size_t)(r->tokens.p - r->text.p);
    } while (r->token == RS_TOKEN_BLANK);
}

static bool is_word(const struct reader *r, const char *word)
{
    return r->token == RS_TOKEN_WORD && rs_str_eq_nocase(r->text, rs_str_of(word));
}

static bool is_char(const struct reader *r, char c)
{
    return r->token == RS_TOKEN_OTHER && r->text.n == 1 && r->text.p[0] == c;
}

static bool take_word(struct reader *r, const char *word)
{
    if (!is_word(r, word))
        return false;
    next(r);
    return true;
}

static bool take_name(struct reader *r)
{
    if (r->token != RS_TOKEN_WORD && !(r->token == RS_TOKEN_OTHER && r->text.p[0] == '"'))
        return false;
    next(r);
    return true;
}

static bool take_table(struct reader *r)
{
    do {
        if (!take_name(r))
            return false;
        if (!is_char(r, '.'))
            return true;
        next(r);
    } while (true);
}

/* (a, b, …) */
static bool take_columns(struct reader *r)
{
    do {
        next(r);
        if (!take_name(r))
            return false;
    } while (is_char(r, ','));
    if (r->token != RS_TOKEN_CLOSE)
        return false;
    next(r);
    return true;
}

static bool is_in(struct rs_str word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (rs_str_eq_nocase(word, rs_str_of(words[i])))
            return true;
    }
    return false;
}

/* Words that begin a query. */
static bool begins_query(struct rs_str word)
{
    static const char *const words[] = { "select", "with", "values", "table", "exists" };

    return is_in(word, words, RS_COUNT(words));
}

/* Words that may stand before a parenthesis: operators, types, functions that give one value for
 * one call. A function that gives several rows makes several rows of one tuple and is refused in
 * a list of tuples; of one that is not listed nobody knows. */
static bool may_precede_paren(struct rs_str word)
{
    /* clang-format off */
    static const char *const words[] = {
        "and", "or", "not", "in", "any", "all", "between", "like", "is", "case", "when", "then",
        "else", "row", "as", "at", "zone", "escape", "from", "for",
        "char", "character", "varchar", "varying", "nchar", "nvarchar", "bpchar", "text",
        "numeric", "decimal", "dec", "float", "time", "timetz", "timestamp", "timestamptz",
        "interval", "bit", "varbyte", "varbinary", "binary", "precision",
        "cast", "convert", "coalesce", "nullif", "nvl", "nvl2", "decode", "greatest", "least",
        "now", "getdate", "sysdate", "current_date", "current_time", "current_timestamp",
        "localtime", "localtimestamp", "current_user", "current_schema", "current_database",
        "user", "session_user", "timeofday", "clock_timestamp", "statement_timestamp",
        "upper", "lower", "initcap", "trim", "ltrim", "rtrim", "btrim", "lpad", "rpad", "left",
        "right", "substring", "substr", "replace", "translate", "concat", "length", "len",
        "char_length", "octet_length", "position", "strpos", "charindex", "reverse", "repeat",
        "replicate", "chr", "ascii", "md5", "sha", "sha1", "sha2", "to_hex", "quote_literal",
        "abs", "sign", "round", "trunc", "floor", "ceil", "ceiling", "mod", "power", "sqrt",
        "exp", "ln", "log", "random", "to_char", "to_date", "to_timestamp", "to_number",
        "to_varbyte", "from_varbyte", "encode", "dateadd", "datediff", "date_part", "date_trunc",
        "extract", "convert_timezone", "add_months", "last_day", "make_date", "nextval",
        "json_parse", "gen_random_uuid", "hex_to_varbyte", "st_geomfromtext", "st_point"
    };
    /* clang-format on */

    return is_in(word, words, RS_COUNT(words));
}

static size_t marker_width(uint64_t number)
{
    size_t n = 2;

    for (; number >= 10; number /= 10)
        n++;
    return n;
}

/* The present token is a dollar sign: the number behind it must be the next one. */
static bool take_marker(struct reader *r, struct rs_str sql, struct rs_multirow *out, size_t most)
{
    const char *dollar = r->text.p;
    uint64_t number;

    next(r);
    if (r->text.p != dollar + 1 || r->token != RS_TOKEN_OTHER || !rs_parse_u64(r->text, &number) ||
        number != out->n_markers + 1 || number > most || r->text.n + 1 != marker_width(number))
        return false;
    out->at[out->n_markers++] = (size_t)(dollar - sql.p);
    next(r);
    return true;
}

static bool take_tuple(struct reader *r, struct rs_str sql, size_t n_markers,
                       struct rs_multirow *out)
{
    size_t depth = 0;
    bool may_open = true, is_qualified = false;

    out->from = (size_t)(r->text.p - sql.p);
    do {
        bool opens_next = true;

        switch (r->token) {
        case RS_TOKEN_OPEN:
            if (!may_open)
                return false;
            depth++;
            break;
        case RS_TOKEN_CLOSE:
            depth--;
            opens_next = false;
            break;
        case RS_TOKEN_WORD:
            if (begins_query(r->text))
                return false;
            opens_next = !is_qualified && may_precede_paren(r->text);
            break;
        case RS_TOKEN_OTHER:
            if (is_char(r, '$')) {
                if (!take_marker(r, sql, out, n_markers))
                    return false;
                may_open = false;
                continue;
            }
            opens_next = r->text.n == 1 && !rs_is_digit(r->text.p[0]);
            break;
        case RS_TOKEN_BLANK:
        case RS_TOKEN_END:
        case RS_TOKEN_MARKER:
        case RS_TOKEN_SEMICOLON:
            return false;
        }
        out->to = (size_t)(r->tokens.p - sql.p);
        may_open = opens_next;
        is_qualified = is_char(r, '.');
        next(r);
    } while (depth > 0);
    return true;
}

static bool has_shape(struct reader *r, struct rs_str sql, size_t n_markers,
                      struct rs_multirow *out)
{
    next(r);
    if (!take_word(r, "insert") || !take_word(r, "into") || !take_table(r))
        return false;
    if (r->token == RS_TOKEN_OPEN && !take_columns(r))
        return false;
    if (!take_word(r, "values") || r->token != RS_TOKEN_OPEN || !take_tuple(r, sql, n_markers, out))
        return false;
    while (r->token == RS_TOKEN_SEMICOLON)
        next(r);
    return r->token == RS_TOKEN_END && out->n_markers == n_markers;
}

bool rs_multirow_find(struct rs_str sql, bool backslash_escapes, size_t n_markers,
                      struct rs_multirow *out, struct rs_diag *diag)
{
    struct reader r = { .tokens = { sql.p, sql.p + sql.n, backslash_escapes } };
    struct rs_multirow found = { .n_markers = 0 };

    *out = found;
    if (n_markers == 0)
        return true;
    found.at = rs_alloc(n_markers, sizeof *found.at, diag);
    if (found.at == NULL)
        return false;
    if (has_shape(&r, sql, n_markers, &found))
        *out = found;
    else
        rs_free(found.at);
    return true;
}

void rs_multirow_clear(struct rs_multirow *shape)
{
    rs_free(shape->at);
    *shape = (struct rs_multirow){ .n_markers = 0 };
}

/* ---- writing ---- */

enum { LONGEST_MARKER = 6 /* $32767 */ };

size_t rs_multirow_most(struct rs_str sql, const struct rs_multirow *shape, size_t wanted)
{
    size_t tuple = shape->to - shape->from + 1 + shape->n_markers * (LONGEST_MARKER - 2);
    size_t frame = sql.n - (shape->to - shape->from);
    size_t most = wanted;

    if (most > RS_MULTIROW_MARKERS / shape->n_markers)
        most = RS_MULTIROW_MARKERS / shape->n_markers;
    if (frame >= RS_MULTIROW_BYTES)
        return 1;
    if (most > (RS_MULTIROW_BYTES - frame) / tuple)
        most = (RS_MULTIROW_BYTES - frame) / tuple;
    return most == 0 ? 1 : most;
}

static void write_tuple(struct rs_str sql, const struct rs_multirow *shape, size_t first,
                        struct rs_buf *out)
{
    size_t copied = shape->from;
    char digits[20];

    for (size_t i = 0; i < shape->n_markers; i++) {
        rs_buf_add(out, rs_str_sub(sql, copied, shape->at[i] + 1 - copied));
        rs_buf_add(out, (struct rs_str){ digits, rs_print_u64(digits, first + i) });
        copied = shape->at[i] + marker_width(i + 1);
    }
    rs_buf_add(out, rs_str_sub(sql, copied, shape->to - copied));
}

void rs_multirow_write(struct rs_str sql, const struct rs_multirow *shape, size_t k,
                       struct rs_buf *out)
{
    rs_buf_add(out, rs_str_sub(sql, 0, shape->from));
    for (size_t i = 0; i < k; i++) {
        if (i > 0)
            rs_buf_addc(out, ',');
        write_tuple(sql, shape, 1 + i * shape->n_markers, out);
    }
    rs_buf_add(out, rs_str_sub(sql, shape->to, sql.n - shape->to));
}
