#include "sqlscan.h"

#include <string.h>

#include "../os.h"

enum { MOST_MARKERS = 32767, MOST_BYTES = 16 * 1024 * 1024, KEPT_BYTES = 64 * 1024 };

/* ---- tokens ---- */

static bool is_word_start(char c)
{
    return rs_is_alpha(c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_word(char c)
{
    return is_word_start(c) || rs_is_digit(c) || c == '$';
}

static void skip_line(struct rs_tokens *s)
{
    while (s->p < s->end && *s->p != '\n' && *s->p != '\r')
        s->p++;
}

static void skip_comment(struct rs_tokens *s)
{
    size_t depth = 0;

    while (s->p < s->end) {
        if (s->end - s->p >= 2 && s->p[0] == '/' && s->p[1] == '*') {
            depth++;
            s->p += 2;
        } else if (s->end - s->p >= 2 && s->p[0] == '*' && s->p[1] == '/') {
            s->p += 2;
            if (--depth == 0)
                return;
        } else {
            s->p++;
        }
    }
}

/* p is on the opening quote. A doubled quote ends one part and starts the next, which comes to the
 * same. */
static void skip_quoted(struct rs_tokens *s, bool backslash)
{
    char quote = *s->p++;

    while (s->p < s->end) {
        char c = *s->p++;

        if (c == '\\' && backslash && s->p < s->end) {
            s->p++;
        } else if (c == quote) {
            if (s->p == s->end || *s->p != quote)
                return;
            s->p++;
        }
    }
}

/* p is on a dollar; false when no quote starts there. */
static bool skip_dollar_quote(struct rs_tokens *s)
{
    const char *tag = s->p, *p = s->p + 1;
    size_t n;

    if (p < s->end && is_word_start(*p)) {
        while (p < s->end && (is_word_start(*p) || rs_is_digit(*p)))
            p++;
    }
    if (p == s->end || *p != '$')
        return false;
    p++;
    n = (size_t)(p - tag);
    for (; (size_t)(s->end - p) >= n; p++) {
        if (*p == '$' && memcmp(p, tag, n) == 0) {
            s->p = p + n;
            return true;
        }
    }
    s->p = s->end;
    return true;
}

/* Digits, point, exponent, and letters stuck to them; a `?` behind is a marker. */
static void skip_number(struct rs_tokens *s)
{
    while (s->p < s->end && (is_word(*s->p) || *s->p == '.'))
        s->p++;
}

/* p is on a word. E'…' is one token with its literal. */
static enum rs_token skip_word(struct rs_tokens *s)
{
    const char *start = s->p;
    char first = rs_lower(*start);

    while (s->p < s->end && is_word(*s->p))
        s->p++;
    if (s->p - start == 1 && s->p < s->end && *s->p == '\'' &&
        (first == 'e' || first == 'n' || first == 'b' || first == 'x')) {
        skip_quoted(s, first == 'e' || s->backslash_escapes);
        return RS_TOKEN_OTHER;
    }
    return RS_TOKEN_WORD;
}

static bool starts(const struct rs_tokens *s, char a, char b)
{
    return s->end - s->p >= 2 && s->p[0] == a && s->p[1] == b;
}

enum rs_token rs_token_next(struct rs_tokens *s)
{
    char c;

    if (s->p == s->end)
        return RS_TOKEN_END;
    c = *s->p;
    if (rs_is_space(c)) {
        while (s->p < s->end && rs_is_space(*s->p))
            s->p++;
        return RS_TOKEN_BLANK;
    }
    if (starts(s, '-', '-')) {
        skip_line(s);
        return RS_TOKEN_BLANK;
    }
    if (starts(s, '/', '*')) {
        skip_comment(s);
        return RS_TOKEN_BLANK;
    }
    if (is_word_start(c))
        return skip_word(s);
    if (rs_is_digit(c)) {
        skip_number(s);
        return RS_TOKEN_OTHER;
    }
    if (c == '\'' || c == '"') {
        skip_quoted(s, c == '\'' && s->backslash_escapes);
        return RS_TOKEN_OTHER;
    }
    if (c == '$' && skip_dollar_quote(s))
        return RS_TOKEN_OTHER;
    s->p++;
    switch (c) {
    case '?':
        return RS_TOKEN_MARKER;
    case ';':
        return RS_TOKEN_SEMICOLON;
    case '(':
        return RS_TOKEN_OPEN;
    case ')':
        return RS_TOKEN_CLOSE;
    default:
        return RS_TOKEN_OTHER;
    }
}

/* ---- verbs ---- */

/* clang-format off */
static const struct {
    const char *first, *second; /* second NULL: the first word alone */
    enum rs_verb verb;
} verb_words[] = {
    { "select",   NULL,          RS_VERB_SELECT },
    { "values",   NULL,          RS_VERB_SELECT },
    { "table",    NULL,          RS_VERB_SELECT },
    { "insert",   NULL,          RS_VERB_INSERT },
    { "update",   NULL,          RS_VERB_UPDATE },
    { "delete",   NULL,          RS_VERB_DELETE },
    { "call",     NULL,          RS_VERB_CALL },
    { "declare",  NULL,          RS_VERB_DECLARE },
    { "create",   "table",       RS_VERB_CREATE_TABLE },
    { "create",   "view",        RS_VERB_CREATE_VIEW },
    { "create",   "schema",      RS_VERB_CREATE_SCHEMA },
    { "create",   "index",       RS_VERB_CREATE_INDEX },
    { "alter",    "table",       RS_VERB_ALTER_TABLE },
    { "drop",     "table",       RS_VERB_DROP_TABLE },
    { "drop",     "view",        RS_VERB_DROP_VIEW },
    { "drop",     "schema",      RS_VERB_DROP_SCHEMA },
    { "drop",     "index",       RS_VERB_DROP_INDEX },
    { "grant",    NULL,          RS_VERB_GRANT },
    { "revoke",   NULL,          RS_VERB_REVOKE },
    { "begin",    NULL,          RS_VERB_BEGIN },
    { "start",    "transaction", RS_VERB_BEGIN },
    { "commit",   NULL,          RS_VERB_COMMIT },
    { "end",      NULL,          RS_VERB_COMMIT },
    { "rollback", NULL,          RS_VERB_ROLLBACK },
    { "abort",    NULL,          RS_VERB_ROLLBACK },
};

/* Words between CREATE or DROP and what is created. */
static const char *const fillers[] = {
    "or", "replace", "temp", "temporary", "local", "global", "external", "materialized",
    "unique", "unlogged", "recursive"
};

static const struct {
    const char *name;
    int32_t code;
} verb_codes[RS_VERB_OTHER + 1] = {
    [RS_VERB_SELECT] =        { "SELECT CURSOR", 85 },
    [RS_VERB_INSERT] =        { "INSERT", 50 },
    [RS_VERB_UPDATE] =        { "UPDATE WHERE", 82 },
    [RS_VERB_DELETE] =        { "DELETE WHERE", 19 },
    [RS_VERB_CALL] =          { "CALL", 7 },
    [RS_VERB_CREATE_TABLE] =  { "CREATE TABLE", 77 },
    [RS_VERB_CREATE_VIEW] =   { "CREATE VIEW", 84 },
    [RS_VERB_CREATE_SCHEMA] = { "CREATE SCHEMA", 64 },
    [RS_VERB_CREATE_INDEX] =  { "CREATE INDEX", -1 },
    [RS_VERB_ALTER_TABLE] =   { "ALTER TABLE", 4 },
    [RS_VERB_DROP_TABLE] =    { "DROP TABLE", 32 },
    [RS_VERB_DROP_VIEW] =     { "DROP VIEW", 36 },
    [RS_VERB_DROP_SCHEMA] =   { "DROP SCHEMA", 31 },
    [RS_VERB_DROP_INDEX] =    { "DROP INDEX", -2 },
    [RS_VERB_GRANT] =         { "GRANT", 48 },
    [RS_VERB_REVOKE] =        { "REVOKE", 59 },
};
/* clang-format on */

const char *rs_verb_name(enum rs_verb verb)
{
    const char *name = verb <= RS_VERB_OTHER ? verb_codes[verb].name : NULL;

    return name != NULL ? name : "";
}

int32_t rs_verb_code(enum rs_verb verb)
{
    return verb <= RS_VERB_OTHER ? verb_codes[verb].code : 0;
}

static bool is_filler(struct rs_str word)
{
    for (size_t i = 0; i < RS_COUNT(fillers); i++) {
        if (rs_str_eq_nocase(word, rs_str_of(fillers[i])))
            return true;
    }
    return false;
}

/* Finding the verb of the first statement, word by word. */
struct verb_finder {
    enum { FIND_FIRST, FIND_SECOND, FIND_MAIN, FIND_DONE } state;
    const char *first; /* of the pairs that start with it */
    size_t depth;
    enum rs_verb verb;
};

static void find_first(struct verb_finder *f, struct rs_str word)
{
    f->verb = RS_VERB_OTHER;
    f->state = FIND_DONE;
    for (size_t i = 0; i < RS_COUNT(verb_words); i++) {
        if (!rs_str_eq_nocase(word, rs_str_of(verb_words[i].first)))
            continue;
        if (verb_words[i].second == NULL) {
            f->verb = verb_words[i].verb;
        } else {
            f->first = verb_words[i].first;
            f->state = FIND_SECOND;
        }
        return;
    }
    if (rs_str_eq_nocase(word, RS_STR("with")))
        f->state = FIND_MAIN;
}

static void find_second(struct verb_finder *f, struct rs_str word)
{
    if (is_filler(word))
        return;
    f->state = FIND_DONE;
    for (size_t i = 0; i < RS_COUNT(verb_words); i++) {
        if (verb_words[i].second != NULL &&
            rs_str_eq(rs_str_of(f->first), rs_str_of(verb_words[i].first)) &&
            rs_str_eq_nocase(word, rs_str_of(verb_words[i].second)))
            f->verb = verb_words[i].verb;
    }
}

/* Behind WITH: the first of these words outside of all parentheses. */
static void find_main(struct verb_finder *f, struct rs_str word)
{
    static const enum rs_verb mains[] = { RS_VERB_SELECT, RS_VERB_INSERT, RS_VERB_UPDATE,
                                          RS_VERB_DELETE };
    static const char *const words[] = { "select", "insert", "update", "delete" };

    for (size_t i = 0; f->depth == 0 && i < RS_COUNT(mains); i++) {
        if (rs_str_eq_nocase(word, rs_str_of(words[i]))) {
            f->verb = mains[i];
            f->state = FIND_DONE;
        }
    }
}

static void find_verb(struct verb_finder *f, enum rs_token token, struct rs_str text)
{
    if (f->state == FIND_DONE || token == RS_TOKEN_BLANK)
        return;
    if (token == RS_TOKEN_OPEN)
        f->depth++;
    if (token == RS_TOKEN_CLOSE && f->depth > 0)
        f->depth--;
    if (f->state == FIND_MAIN) {
        if (token == RS_TOKEN_WORD)
            find_main(f, text);
        return;
    }
    /* `(select …) union …` and `{call …}` start with what is no word. */
    if (token == RS_TOKEN_WORD && f->state == FIND_FIRST)
        find_first(f, text);
    else if (token == RS_TOKEN_WORD)
        find_second(f, text);
    else if (f->state == FIND_SECOND)
        f->state = FIND_DONE;
    else
        f->verb = RS_VERB_OTHER;
}

/* ---- the whole text ---- */

static bool is_setting(struct rs_str text)
{
    return rs_str_find_nocase(text, RS_STR("enable_case_sensitive_identifier")) >= 0;
}

static void add_marker(struct rs_buf *out, size_t number)
{
    char digits[20];

    rs_buf_addc(out, '$');
    rs_buf_add(out, (struct rs_str){ digits, rs_print_u64(digits, number) });
}

/* Statements are counted by their first token that is not blank. */
struct counts {
    size_t n_markers, n_statements;
    bool is_inside;
};

static bool count_token(enum rs_token token, struct counts *counts, struct rs_diag *diag)
{
    if (token == RS_TOKEN_SEMICOLON) {
        counts->is_inside = false;
        return true;
    }
    if (token == RS_TOKEN_BLANK)
        return true;
    if (!counts->is_inside) {
        counts->is_inside = true;
        counts->n_statements++;
    }
    if (token == RS_TOKEN_MARKER && ++counts->n_markers > MOST_MARKERS)
        return rs_fail(diag, RS_HY000, 0, "a statement has at most %d parameter markers",
                       MOST_MARKERS);
    return true;
}

static bool rewrite(struct rs_tokens *scan, struct rs_buf *out, struct counts *counts,
                    struct verb_finder *finder, struct rs_diag *diag)
{
    const char *copied = scan->p;

    for (;;) {
        const char *start = scan->p;
        enum rs_token token = rs_token_next(scan);
        struct rs_str text = { start, (size_t)(scan->p - start) };

        if (token == RS_TOKEN_END)
            break;
        if (!count_token(token, counts, diag))
            return false;
        if (counts->n_statements == 1 && counts->is_inside)
            find_verb(finder, token, text);
        if (token == RS_TOKEN_MARKER) {
            rs_buf_add(out, (struct rs_str){ copied, (size_t)(start - copied) });
            add_marker(out, counts->n_markers);
            copied = scan->p;
        }
    }
    rs_buf_add(out, (struct rs_str){ copied, (size_t)(scan->p - copied) });
    return true;
}

bool rs_sql_scan(struct rs_str text, struct rs_sql_rules rules, struct rs_sql *out,
                 struct rs_diag *diag)
{
    struct rs_str s = { text.p == NULL ? "" : text.p, text.n };
    struct rs_tokens scan = { s.p, s.p + s.n, rules.backslash_escapes };
    struct rs_buf buf = { .p = out->block,
                          .cap = out->cap,
                          .max = MOST_BYTES + 6 * (size_t)MOST_MARKERS };
    struct counts counts = { 0 };
    struct verb_finder finder = { 0 };
    bool ok = false;

    if (s.n > MOST_BYTES)
        return rs_fail(diag, RS_HY000, 0, "the statement is longer than 16 MiB");
    *out = (struct rs_sql){ 0 };
    if (!rewrite(&scan, &buf, &counts, &finder, diag))
        goto out;
    rs_buf_addc(&buf, '\0'); /* never empty, so that there is a text to take */
    if (!rs_buf_ok(&buf, diag))
        goto out;
    *out = (struct rs_sql){
        .len = buf.len - 1,
        .cap = buf.cap,
        .n_markers = counts.n_markers,
        .n_statements = counts.n_statements,
        .verb = finder.verb,
        .names_case_setting = is_setting(s),
    };
    out->text = out->block = rs_buf_take(&buf);
    ok = true;
out:
    rs_buf_clear(&buf);
    return ok;
}

void rs_sql_clear(struct rs_sql *sql)
{
    if (sql == NULL)
        return;
    rs_free(sql->block);
    *sql = (struct rs_sql){ 0 };
}

void rs_sql_reset(struct rs_sql *sql)
{
    if (sql->cap > KEPT_BYTES)
        rs_sql_clear(sql);
    else
        *sql = (struct rs_sql){ .block = sql->block, .cap = sql->cap };
}

/* ---- writing SQL ---- */

static void add_doubled(struct rs_buf *out, struct rs_str s, char quote, bool double_backslash)
{
    size_t from = 0;

    rs_buf_addc(out, quote);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != quote && (s.p[i] != '\\' || !double_backslash))
            continue;
        rs_buf_add(out, rs_str_sub(s, from, i + 1 - from));
        from = i; /* the character comes again with what follows */
    }
    rs_buf_add(out, rs_str_sub(s, from, s.n - from));
    rs_buf_addc(out, quote);
}

void rs_sql_ident(struct rs_buf *out, struct rs_str name)
{
    add_doubled(out, name, '"', false);
}

void rs_sql_literal(struct rs_buf *out, struct rs_str value, bool backslash_escapes)
{
    add_doubled(out, value, '\'', backslash_escapes);
}
