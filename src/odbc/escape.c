#include "escape.h"

#include <string.h>

#include "callform.h"
#include "escape_table.h"

enum { MOST_MARKERS = 32767, MOST_BYTES = 16 * 1024 * 1024, MOST_DEPTH = 64, MOST_ARGUMENTS = 4 };

/* ---- tokens ---- */

struct rewriter {
    struct rs_escape_rules rules;
    bool numbers; /* markers become $n */
    bool returns; /* a ?=call is among it */
    size_t n_markers;
    size_t depth;
};

static struct rs_tokens tokens_of(const struct rewriter *r, struct rs_str text)
{
    return (struct rs_tokens){ text.p, text.p + text.n, r->rules.backslash_escapes };
}

static void skip_blanks(struct rs_tokens *s)
{
    struct rs_tokens ahead = *s;

    while (rs_token_next(&ahead) == RS_TOKEN_BLANK)
        *s = ahead;
}

/* An escape whose literal follows ODBC's rules, where a backslash is nothing special. */
struct literal_form {
    struct rs_str keyword;
    struct rs_str quoted; /* what is between the quotes, which inside are doubled */
};

static bool is_literal_keyword(struct rs_str word)
{
    static const char *const keywords[] = { "d", "t", "ts", "guid", "escape" };

    for (size_t i = 0; i < RS_COUNT(keywords); i++) {
        if (rs_str_eq_nocase(word, rs_str_of(keywords[i])))
            return true;
    }
    return false;
}

/* p is on a brace; moves behind the closing one only when all of the form is there. */
static bool take_literal_form(struct rs_tokens *s, struct literal_form *form)
{
    struct rs_tokens t = { s->p + 1, s->end, false };
    const char *start;

    skip_blanks(&t);
    start = t.p;
    if (rs_token_next(&t) != RS_TOKEN_WORD)
        return false;
    form->keyword = (struct rs_str){ start, (size_t)(t.p - start) };
    if (!is_literal_keyword(form->keyword))
        return false;
    skip_blanks(&t);
    start = t.p;
    if (t.p == t.end || *t.p != '\'')
        return false;
    rs_token_next(&t);
    if (t.p - start < 2 || t.p[-1] != '\'')
        return false;
    form->quoted = (struct rs_str){ start + 1, (size_t)(t.p - start) - 2 };
    skip_blanks(&t);
    if (t.p == t.end || *t.p != '}')
        return false;
    s->p = t.p + 1;
    return true;
}

/* As rs_token_next; an escape of a literal is one token. */
static enum rs_token next_token(struct rs_tokens *s, struct rs_str *text)
{
    const char *start = s->p;
    struct literal_form form;
    enum rs_token token = RS_TOKEN_OTHER;

    if (s->p == s->end || *s->p != '{' || !take_literal_form(s, &form))
        token = rs_token_next(s);
    *text = (struct rs_str){ start, (size_t)(s->p - start) };
    return token;
}

static bool is_char(struct rs_str text, char c)
{
    return text.n == 1 && *text.p == c;
}

/* p is behind an opening brace; where its closing one is, or NULL. */
static const char *find_close(struct rs_tokens s)
{
    struct rs_str text;
    size_t depth = 1;

    while (next_token(&s, &text) != RS_TOKEN_END) {
        if (is_char(text, '{'))
            depth++;
        else if (is_char(text, '}') && --depth == 0)
            return text.p;
    }
    return NULL;
}

/* ---- writing ---- */

static void add_marker(struct rewriter *r, struct rs_buf *out)
{
    char digits[20];

    r->n_markers++;
    if (!r->numbers) {
        rs_buf_addc(out, '?');
        return;
    }
    rs_buf_addc(out, '$');
    rs_buf_add(out, (struct rs_str){ digits, rs_print_u64(digits, r->n_markers) });
}

/* As it is, but for the numbers of markers. */
static void add_plain(struct rewriter *r, struct rs_str text, struct rs_buf *out)
{
    struct rs_tokens s = tokens_of(r, text);
    const char *start = s.p;
    enum rs_token token;

    while ((token = rs_token_next(&s)) != RS_TOKEN_END && !out->bad) {
        if (token == RS_TOKEN_MARKER)
            add_marker(r, out);
        else
            rs_buf_add(out, (struct rs_str){ start, (size_t)(s.p - start) });
        start = s.p;
    }
}

static void add_text(struct rewriter *r, struct rs_str text, struct rs_buf *out);

/* ---- literals ---- */

static void add_odbc_literal(const struct rewriter *r, struct rs_str quoted, struct rs_buf *out)
{
    rs_buf_addc(out, '\'');
    for (size_t i = 0; i < quoted.n; i++) {
        if (quoted.p[i] == '\\' && r->rules.backslash_escapes)
            rs_buf_addc(out, '\\');
        rs_buf_addc(out, quoted.p[i]); /* quotes are doubled already */
    }
    rs_buf_addc(out, '\'');
}

static void add_literal_form(const struct rewriter *r, struct literal_form form, struct rs_buf *out)
{
    const char *type = rs_str_eq_nocase(form.keyword, RS_STR("d"))    ? "DATE"
                       : rs_str_eq_nocase(form.keyword, RS_STR("t"))  ? "TIME"
                       : rs_str_eq_nocase(form.keyword, RS_STR("ts")) ? "TIMESTAMP"
                                                                      : "UUID";

    if (rs_str_eq_nocase(form.keyword, RS_STR("escape"))) {
        /* Some write the backslash doubled, as the server would want it. */
        if (rs_str_eq(form.quoted, RS_STR("\\\\")))
            form.quoted.n = 1;
        rs_buf_adds(out, "ESCAPE ");
        add_odbc_literal(r, form.quoted, out);
    } else if (r->rules.is_redshift && rs_str_eq_nocase(form.keyword, RS_STR("guid"))) {
        add_odbc_literal(r, form.quoted, out);
    } else {
        rs_buf_adds(out, "CAST(");
        add_odbc_literal(r, form.quoted, out);
        rs_buf_adds(out, " AS ");
        rs_buf_adds(out, type);
        rs_buf_addc(out, ')');
    }
}

/* ---- intervals ---- */

static void skip_precision(struct rs_tokens *s)
{
    struct rs_tokens ahead = *s;
    enum rs_token token;

    skip_blanks(&ahead);
    if (rs_token_next(&ahead) != RS_TOKEN_OPEN)
        return;
    while ((token = rs_token_next(&ahead)) != RS_TOKEN_END) {
        if (token == RS_TOKEN_CLOSE) {
            *s = ahead;
            return;
        }
    }
}

/* [sign] 'x' field[(n[, m])] [TO field[(n)]] behind INTERVAL. The precision of the first field
 * goes, the sign goes into the literal. */
static bool add_interval(struct rewriter *r, struct rs_tokens s, struct rs_buf *out)
{
    struct rs_str text, rest;
    bool minus = false, quote_minus;

    skip_blanks(&s);
    next_token(&s, &text);
    if (is_char(text, '-') || is_char(text, '+')) {
        minus = is_char(text, '-');
        skip_blanks(&s);
        next_token(&s, &text);
    }
    if (text.n < 2 || *text.p != '\'' || text.p[text.n - 1] != '\'')
        return false;
    text = rs_str_sub(text, 1, text.n - 1);
    quote_minus = *text.p == '-';
    skip_blanks(&s);
    rest.p = s.p;
    if (rs_token_next(&s) != RS_TOKEN_WORD)
        return false;
    rs_buf_adds(out, "INTERVAL '");
    if (minus && !quote_minus)
        rs_buf_addc(out, '-');
    rs_buf_add(out, rs_str_sub(text, minus && quote_minus ? 1 : 0, text.n));
    rs_buf_addc(out, ' ');
    rs_buf_add(out, (struct rs_str){ rest.p, (size_t)(s.p - rest.p) });
    skip_precision(&s);
    add_plain(r, (struct rs_str){ s.p, (size_t)(s.end - s.p) }, out);
    return true;
}

/* ---- functions ---- */

struct call {
    struct rs_str name;
    struct rs_str source[MOST_ARGUMENTS];
    size_t n;
};

static bool take_argument(struct call *call, const char *from, const char *to)
{
    if (call->n == MOST_ARGUMENTS)
        return false;
    call->source[call->n++] = rs_str_trim((struct rs_str){ from, (size_t)(to - from) });
    return true;
}

/* name(argument, ...) and nothing behind it; false for anything else. */
static bool take_call(struct rs_tokens s, struct call *call)
{
    struct rs_str text;
    const char *from;
    size_t depth = 1;

    *call = (struct call){ 0 };
    skip_blanks(&s);
    if (next_token(&s, &call->name) != RS_TOKEN_WORD)
        return false;
    skip_blanks(&s);
    if (next_token(&s, &text) != RS_TOKEN_OPEN)
        return false;
    for (from = s.p; depth > 0;) {
        enum rs_token token = next_token(&s, &text);

        if (token == RS_TOKEN_END)
            return false;
        if (token == RS_TOKEN_OPEN || is_char(text, '{') || is_char(text, '['))
            depth++;
        else if (token == RS_TOKEN_CLOSE || is_char(text, '}') || is_char(text, ']'))
            depth--;
        if (depth == 0 || (depth == 1 && is_char(text, ','))) {
            if (!take_argument(call, from, text.p))
                return false;
            from = s.p;
        }
    }
    if (call->n == 1 && call->source[0].n == 0)
        call->n = 0;
    skip_blanks(&s);
    return s.p == s.end;
}

/* An argument may end up before more text on its line, so it has blanks for comments. */
static void add_argument(struct rewriter *r, struct rs_str source, struct rs_buf *out)
{
    struct rs_buf rewritten = RS_BUF_INIT(MOST_BYTES);
    struct rs_tokens s;
    const char *start;
    enum rs_token token;

    add_text(r, source, &rewritten);
    s = tokens_of(r, rs_buf_str(&rewritten));
    start = s.p;
    while (s.p != NULL && (token = rs_token_next(&s)) != RS_TOKEN_END) {
        if (token == RS_TOKEN_BLANK && !rs_is_space(*start))
            rs_buf_addc(out, ' ');
        else
            rs_buf_add(out, (struct rs_str){ start, (size_t)(s.p - start) });
        start = s.p;
    }
    if (rewritten.bad)
        out->bad = true;
    if (rewritten.too_long)
        out->too_long = true;
    rs_buf_clear(&rewritten);
}

static void add_cast(struct rs_str value, char type, bool is_marker, struct rs_buf *out)
{
    const char *name = type == 'v' ? "VARCHAR" : type == 'i' ? "INTEGER" : "TIMESTAMP";

    if (is_marker)
        rs_buf_adds(out, "CAST(");
    rs_buf_add(out, value);
    if (!is_marker)
        return;
    rs_buf_adds(out, " AS ");
    rs_buf_adds(out, name);
    rs_buf_addc(out, ')');
}

static void fill_in(const char *text, const struct call *call, const struct rs_buf *arguments,
                    const char *type, struct rs_buf *out)
{
    for (; *text != '\0' && !out->bad; text++) {
        size_t i;

        if (*text != '#') {
            rs_buf_addc(out, *text);
        } else if (*++text == 'y') {
            rs_buf_adds(out, type);
        } else {
            i = (size_t)(*text - '1');
            if (text[1] == 'v' || text[1] == 'i' || text[1] == 't')
                add_cast(rs_buf_str(&arguments[i]), *++text, is_char(call->source[i], '?'), out);
            else
                rs_buf_add(out, rs_buf_str(&arguments[i]));
        }
    }
}

static void add_function(struct rewriter *r, struct rs_tokens s, struct rs_buf *out)
{
    struct rs_buf arguments[MOST_ARGUMENTS] = { RS_BUF_INIT(MOST_BYTES), RS_BUF_INIT(MOST_BYTES),
                                                RS_BUF_INIT(MOST_BYTES), RS_BUF_INIT(MOST_BYTES) };
    struct call call;
    const char *type = "";
    const char *text = NULL;

    if (take_call(s, &call))
        text = rs_escape_find(call.name, call.source, call.n, r->rules.is_redshift, &type);
    if (text == NULL) {
        skip_blanks(&s);
        add_text(r, (struct rs_str){ s.p, (size_t)(s.end - s.p) }, out);
        return;
    }
    for (size_t i = 0; i < call.n; i++) {
        add_argument(r, call.source[i], &arguments[i]);
        if (arguments[i].bad)
            out->bad = true;
        if (arguments[i].too_long)
            out->too_long = true;
    }
    fill_in(text, &call, arguments, type, out);
    for (size_t i = 0; i < MOST_ARGUMENTS; i++)
        rs_buf_clear(&arguments[i]);
}

/* ---- procedures ---- */

static bool add_call(struct rewriter *r, struct rs_tokens s, const char *verb, struct rs_buf *out)
{
    struct rs_str rest, text;
    bool has_brackets = false;
    enum rs_token token;

    skip_blanks(&s);
    rest = rs_str_trim((struct rs_str){ s.p, (size_t)(s.end - s.p) });
    if (rest.n == 0)
        return false;
    while ((token = next_token(&s, &text)) != RS_TOKEN_END)
        has_brackets = has_brackets || token == RS_TOKEN_OPEN;
    rs_buf_adds(out, verb);
    add_text(r, rest, out);
    if (!has_brackets)
        rs_buf_adds(out, "()");
    return true;
}

/* ?=call: the marker is to take the function's value, so it is counted, but none of the server's.
 */
static bool add_returning_call(struct rewriter *r, struct rs_tokens s, struct rs_buf *out)
{
    size_t n_before = r->n_markers;
    struct rs_str text;

    skip_blanks(&s);
    next_token(&s, &text);
    if (!is_char(text, '='))
        return false;
    skip_blanks(&s);
    next_token(&s, &text);
    if (!rs_str_eq_nocase(text, RS_STR("call")))
        return false;
    r->n_markers++;
    if (!add_call(r, s, "SELECT ", out)) {
        r->n_markers = n_before;
        return false;
    }
    r->returns = true;
    return true;
}

/* ---- the whole text ---- */

static bool add_form(struct rewriter *r, struct rs_str inner, struct rs_buf *out)
{
    struct rs_tokens s = tokens_of(r, inner);
    struct rs_str word;
    enum rs_token token;

    skip_blanks(&s);
    token = next_token(&s, &word);
    if (token == RS_TOKEN_MARKER)
        return add_returning_call(r, s, out);
    if (token != RS_TOKEN_WORD)
        return false;
    if (rs_str_eq_nocase(word, RS_STR("fn"))) {
        add_function(r, s, out);
        return true;
    }
    if (rs_str_eq_nocase(word, RS_STR("call")))
        return add_call(r, s, "CALL ", out);
    if (rs_str_eq_nocase(word, RS_STR("interval")))
        return add_interval(r, s, out);
    if (!rs_str_eq_nocase(word, RS_STR("oj")))
        return false;
    skip_blanks(&s);
    add_text(r, (struct rs_str){ s.p, (size_t)(s.end - s.p) }, out);
    return true;
}

/* text is the token at a brace, s behind it. */
static void add_group(struct rewriter *r, struct rs_str text, struct rs_tokens *s,
                      struct rs_buf *out)
{
    struct rs_tokens again = { text.p, s->end, false };
    struct literal_form form;
    const char *close;
    struct rs_str inner;

    if (text.n > 1 && take_literal_form(&again, &form)) {
        add_literal_form(r, form, out);
        return;
    }
    close = find_close(*s);
    if (close == NULL) {
        add_plain(r, (struct rs_str){ text.p, (size_t)(s->end - text.p) }, out);
        s->p = s->end;
        return;
    }
    inner = (struct rs_str){ s->p, (size_t)(close - s->p) };
    s->p = close + 1;
    r->depth++;
    if (r->depth > MOST_DEPTH || !add_form(r, inner, out))
        add_plain(r, (struct rs_str){ text.p, (size_t)(s->p - text.p) }, out);
    r->depth--;
}

static void add_text(struct rewriter *r, struct rs_str text, struct rs_buf *out)
{
    struct rs_tokens s = tokens_of(r, text);
    struct rs_str part;
    enum rs_token token;

    while ((token = next_token(&s, &part)) != RS_TOKEN_END && !out->bad) {
        if (token == RS_TOKEN_MARKER)
            add_marker(r, out);
        else if (*part.p == '{')
            add_group(r, part, &s, out);
        else
            rs_buf_add(out, part);
    }
}

static bool rewrite(struct rewriter *r, struct rs_str text, struct rs_buf *out,
                    struct rs_diag *diag)
{
    add_text(r, text, out);
    if (!rs_buf_ok(out, diag))
        return false;
    if (r->n_markers > MOST_MARKERS)
        return rs_fail(diag, RS_HY000, 0, "a statement has at most %d parameter markers",
                       MOST_MARKERS);
    return true;
}

bool rs_escape_native(struct rs_str text, struct rs_escape_rules rules, struct rs_buf *out,
                      struct rs_diag *diag)
{
    struct rewriter r = { .rules = rules };

    return rewrite(&r, text.p == NULL ? RS_STR("") : text, out, diag);
}

/* A value can only be taken from a statement that is the call and nothing else. */
static bool take_returning(struct rs_sql *sql, bool backslash_escapes, struct rs_diag *diag)
{
    struct rs_callform form = { .n = 0 };
    bool ok =
        rs_callform_find((struct rs_str){ sql->text, sql->len }, backslash_escapes, &form, diag);

    if (ok && !form.is_found)
        ok = rs_fail(diag, RS_HYC00, 0,
                     "{?=call ...} gives a parameter the function's value only where it is the "
                     "whole statement");
    rs_callform_clear(&form);
    sql->returns = true;
    sql->verb = RS_VERB_CALL;
    return ok;
}

bool rs_escape_scan(struct rs_str text, struct rs_escape_rules rules, struct rs_sql *out,
                    struct rs_diag *diag)
{
    struct rs_sql_rules plain = { rules.backslash_escapes };
    struct rs_buf rewritten = RS_BUF_INIT(MOST_BYTES);
    struct rewriter r = { .rules = rules, .numbers = true };
    bool ok;

    if (rules.is_off || text.n == 0 || text.n > MOST_BYTES || memchr(text.p, '{', text.n) == NULL)
        return rs_sql_scan(text, plain, out, diag);
    ok = rewrite(&r, text, &rewritten, diag) &&
         rs_sql_scan(rs_buf_str(&rewritten), plain, out, diag);
    if (ok)
        out->n_markers = r.n_markers;
    if (ok && r.returns && !take_returning(out, rules.backslash_escapes, diag)) {
        rs_sql_reset(out);
        ok = false;
    }
    rs_buf_clear(&rewritten);
    return ok;
}
