#include "catalog_args.h"

bool rs_catalog_arg_get(struct rs_catalog_arg *arg, struct rs_text t, struct rs_diag *diag)
{
    arg->is_null = t.p == NULL;
    return rs_text_get(t, &arg->raw, diag);
}

bool rs_catalog_arg_is(const struct rs_catalog_arg *arg, struct rs_str text)
{
    return !arg->is_null && rs_str_eq(rs_buf_str(&arg->raw), text);
}

bool rs_catalog_arg_has_upper(const struct rs_catalog_arg *arg)
{
    for (size_t i = 0; i < arg->raw.len; i++)
        if (arg->raw.p[i] != rs_lower(arg->raw.p[i]))
            return true;
    return false;
}

void rs_catalog_arg_clear(struct rs_catalog_arg *arg)
{
    rs_buf_clear(&arg->raw);
    rs_buf_clear(&arg->text);
}

static void add_folded(struct rs_buf *out, char c, bool folds)
{
    rs_buf_addc(out, folds ? rs_lower(c) : c);
}

/*
 * The pattern as LIKE takes it. ODBC's escape means something before %, _ and itself only, while
 * LIKE drops it before any character and refuses it at the end: elsewhere it is doubled.
 * Returns the fewest bytes that a matching name has.
 */
static size_t settle_pattern(struct rs_str raw, bool folds, struct rs_buf *out)
{
    size_t shortest = 0;

    for (size_t i = 0; i < raw.n; i++) {
        char c = raw.p[i];
        char next = i + 1 < raw.n ? raw.p[i + 1] : '\0';

        if (c == '\\' && (next == '%' || next == '_' || next == '\\')) {
            rs_buf_addc(out, c);
            rs_buf_addc(out, next);
            i++;
        } else if (c == '\\') {
            rs_buf_adds(out, "\\\\");
        } else {
            add_folded(out, c, folds);
        }
        if (c != '%')
            shortest++;
    }
    return shortest;
}

/* Quoted: what is between the quotes, doubled ones once. Else folded as the server folds. */
static void settle_identifier(struct rs_str raw, struct rs_buf *out)
{
    struct rs_str s = raw;

    while (s.n > 0 && s.p[s.n - 1] == ' ')
        s.n--;
    if (s.n < 2 || s.p[0] != '"' || s.p[s.n - 1] != '"') {
        for (size_t i = 0; i < s.n; i++)
            add_folded(out, s.p[i], true);
        return;
    }
    for (size_t i = 1; i + 1 < s.n; i++) {
        rs_buf_addc(out, s.p[i]);
        if (s.p[i] == '"' && i + 2 < s.n && s.p[i + 1] == '"')
            i++;
    }
}

bool rs_catalog_arg_settle(struct rs_catalog_arg *arg, enum rs_arg_kind kind,
                           const struct rs_arg_rules *rules, const char *name, struct rs_diag *diag)
{
    struct rs_str raw = rs_buf_str(&arg->raw);
    size_t length;

    if (arg->is_null) {
        if (rules->is_identifier)
            return rs_fail(diag, RS_HY009, 0,
                           "%s is NULL, but SQL_ATTR_METADATA_ID makes it an identifier", name);
        arg->match = RS_MATCH_ALL;
        return true;
    }
    if (rules->is_identifier) {
        arg->match = RS_MATCH_EQUAL;
        settle_identifier(raw, &arg->text);
        length = arg->text.len;
    } else if (kind == RS_ARG_PATTERN) {
        arg->match = RS_MATCH_LIKE;
        length = settle_pattern(raw, rules->folds, &arg->text);
    } else {
        arg->match = RS_MATCH_EQUAL;
        for (size_t i = 0; i < raw.n; i++)
            add_folded(&arg->text, raw.p[i], rules->folds);
        length = raw.n;
    }
    rs_buf_add(&arg->text, RS_STR("")); /* never NULL: an empty value is not SQL's NULL */
    if (!rs_buf_ok(&arg->text, diag))
        return false;
    if (length > rules->name_max)
        return rs_fail(diag, RS_HY090, 0, "%s is longer than the %zu bytes that a name can have",
                       name, rules->name_max);
    return true;
}

/* ---- what the driver looks through itself ---- */

/* Where the next character begins; characters are UTF-8. */
static size_t next_char(struct rs_str s, size_t at)
{
    at++;
    while (at < s.n && ((unsigned char)s.p[at] & 0xC0) == 0x80)
        at++;
    return at;
}

/* LIKE: on a mismatch the last % takes one byte more. */
static bool is_like(struct rs_str pattern, struct rs_str name)
{
    size_t p = 0, at = 0, after_percent = 0, retry = 0;
    bool has_percent = false;

    while (at < name.n || p < pattern.n) {
        char c = p < pattern.n ? pattern.p[p] : '\0';
        bool is_escape = c == '\\' && p + 1 < pattern.n;

        if (p < pattern.n && c == '%') {
            has_percent = true;
            after_percent = ++p;
            retry = at;
        } else if (p < pattern.n && c == '_' && at < name.n) {
            p++;
            at = next_char(name, at);
        } else if (p < pattern.n && at < name.n && pattern.p[p + is_escape] == name.p[at]) {
            p += 1 + is_escape;
            at++;
        } else if (has_percent && retry < name.n) {
            at = ++retry;
            p = after_percent;
        } else {
            return false;
        }
    }
    return true;
}

bool rs_catalog_arg_takes(const struct rs_catalog_arg *arg, struct rs_str name)
{
    switch (arg->match) {
    case RS_MATCH_ALL:
        return true;
    case RS_MATCH_LIKE:
        return is_like(rs_buf_str(&arg->text), name);
    case RS_MATCH_EQUAL:
        break;
    }
    return rs_str_eq(rs_buf_str(&arg->text), name);
}

bool rs_catalog_arg_is_one(const struct rs_catalog_arg *arg)
{
    struct rs_str text = rs_buf_str(&arg->text);

    if (arg->match == RS_MATCH_ALL || text.n == 0 || rs_str_chr(text, '\0') >= 0)
        return false;
    for (size_t i = 0; i < text.n && arg->match == RS_MATCH_LIKE; i++)
        if (text.p[i] == '%' || text.p[i] == '_')
            return false;
        else if (text.p[i] == '\\')
            i++;
    return true;
}

bool rs_catalog_arg_one(const struct rs_catalog_arg *arg, struct rs_buf *out)
{
    struct rs_str text = rs_buf_str(&arg->text);

    if (!rs_catalog_arg_is_one(arg))
        return false;
    for (size_t i = 0; i < text.n; i++) {
        if (arg->match == RS_MATCH_LIKE && text.p[i] == '\\' && i + 1 < text.n)
            i++;
        rs_buf_addc(out, text.p[i]);
    }
    return true;
}

/* ---- table types ---- */

static const char *const type_names[] = {
#define RS_TABLE_TYPE_NAME(id, name) name,
    RS_TABLE_TYPES(RS_TABLE_TYPE_NAME)
};

const char *rs_table_type_name(enum rs_table_type type)
{
    return type_names[type];
}

static unsigned type_bit(struct rs_str name)
{
    for (unsigned i = 0; i < RS_TT_COUNT; i++)
        if (rs_str_eq_nocase(name, rs_str_of(type_names[i])))
            return 1u << i;
    return 0;
}

unsigned rs_table_types_parse(struct rs_str list)
{
    struct rs_str rest = rs_str_trim(list), part;
    unsigned bits = 0;
    bool done = false;

    if (rest.n == 0 || rs_str_eq(rest, RS_STR("%")))
        return RS_TT_ALL;
    while (rs_str_split(&rest, ',', &done, &part)) {
        part = rs_str_trim(part);
        if (part.n >= 2 && part.p[0] == '\'' && part.p[part.n - 1] == '\'')
            part = rs_str_trim(rs_str_sub(part, 1, part.n - 2));
        bits |= type_bit(part);
    }
    return bits;
}
