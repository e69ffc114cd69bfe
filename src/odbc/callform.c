#include "callform.h"

#include "../os.h"

static struct rs_tokens tokens_of(struct rs_str text, bool backslash_escapes)
{
    return (struct rs_tokens){ text.p, text.p + text.n, backslash_escapes };
}

static enum rs_token next(struct rs_tokens *s, struct rs_str *text)
{
    text->p = s->p;
    for (;;) {
        enum rs_token token = rs_token_next(s);

        text->n = (size_t)(s->p - text->p);
        if (token != RS_TOKEN_BLANK)
            return token;
        text->p = s->p;
    }
}

static bool is_char(struct rs_str text, char c)
{
    return text.n == 1 && *text.p == c;
}

/* Digits behind a dollar; 0: it is no marker. s is behind the dollar. */
static size_t marker_number(struct rs_tokens *s)
{
    struct rs_tokens ahead = *s;
    const char *start = s->p;
    int64_t n;

    if (start == s->end || !rs_is_digit(*start))
        return 0;
    (void)rs_token_next(&ahead);
    if (!rs_parse_i64((struct rs_str){ start, (size_t)(ahead.p - start) }, &n) || n < 1)
        return 0;
    *s = ahead;
    return (size_t)n;
}

/* The number of the marker that the whole text is. */
static size_t bare_marker(struct rs_str text)
{
    struct rs_tokens s = { text.p, text.p + text.n, false };
    size_t n;

    if (text.n < 2 || *s.p++ != '$')
        return 0;
    n = marker_number(&s);
    return s.p == s.end ? n : 0;
}

/* ---- finding ---- */

static bool add_arg(struct rs_callform *form, struct rs_str text, struct rs_diag *diag)
{
    if (form->n == form->cap) {
        size_t cap = form->cap == 0 ? 8 : form->cap * 2;
        struct rs_callform_arg *grown = rs_realloc(form->arg, cap, sizeof *grown, diag);

        if (grown == NULL)
            return false;
        form->arg = grown;
        form->cap = cap;
    }
    form->arg[form->n++] = (struct rs_callform_arg){ text, bare_marker(text) };
    return true;
}

/* name or name.name: the tokens up to the opening bracket. */
static bool take_name(struct rs_tokens *s, struct rs_callform *form)
{
    struct rs_str text;

    form->name = RS_STR_NULL;
    for (;;) {
        enum rs_token token = next(s, &text);
        bool is_part = token == RS_TOKEN_WORD || is_char(text, '.') ||
                       (token == RS_TOKEN_OTHER && *text.p == '"');

        if (token == RS_TOKEN_OPEN)
            return form->name.n > 0;
        if (token == RS_TOKEN_END || !is_part)
            return false;
        if (form->name.p == NULL)
            form->name.p = text.p;
        form->name.n = (size_t)(s->p - form->name.p);
    }
}

enum arguments { ARGUMENTS_OK, ARGUMENTS_NONE, ARGUMENTS_FAILED };

/* Up to the closing bracket; the commas of the outermost level divide. */
static enum arguments take_arguments(struct rs_tokens *s, struct rs_callform *form,
                                     struct rs_diag *diag)
{
    struct rs_str arg = RS_STR_NULL, text;
    size_t depth = 1;

    while (depth > 0) {
        enum rs_token token = next(s, &text);
        bool ends;

        if (token == RS_TOKEN_END || token == RS_TOKEN_SEMICOLON)
            return ARGUMENTS_NONE;
        if (token == RS_TOKEN_OPEN || is_char(text, '['))
            depth++;
        else if (token == RS_TOKEN_CLOSE || is_char(text, ']'))
            depth--;
        ends = depth == 0 || (depth == 1 && is_char(text, ','));
        if (!ends) {
            if (arg.p == NULL)
                arg.p = text.p;
            arg.n = (size_t)(s->p - arg.p);
            continue;
        }
        if (arg.p == NULL && depth == 0 && form->n == 0)
            return ARGUMENTS_OK;
        if (arg.p == NULL)
            return ARGUMENTS_NONE;
        if (!add_arg(form, arg, diag))
            return ARGUMENTS_FAILED;
        arg = RS_STR_NULL;
    }
    return ARGUMENTS_OK;
}

static bool is_end(struct rs_tokens *s)
{
    struct rs_str text;
    enum rs_token token = next(s, &text);

    while (token == RS_TOKEN_SEMICOLON)
        token = next(s, &text);
    return token == RS_TOKEN_END;
}

bool rs_callform_find(struct rs_str text, bool backslash_escapes, struct rs_callform *out,
                      struct rs_diag *diag)
{
    struct rs_tokens s = tokens_of(text, backslash_escapes);
    struct rs_str word;
    enum arguments got = ARGUMENTS_NONE;

    if (next(&s, &word) == RS_TOKEN_WORD &&
        (rs_str_eq_nocase(word, RS_STR("call")) || rs_str_eq_nocase(word, RS_STR("select")))) {
        out->verb = word;
        if (take_name(&s, out))
            got = take_arguments(&s, out, diag);
    }
    if (got == ARGUMENTS_FAILED) {
        rs_callform_clear(out);
        return false;
    }
    out->is_found = got == ARGUMENTS_OK && is_end(&s);
    return true;
}

void rs_callform_clear(struct rs_callform *form)
{
    rs_free(form->arg);
    *form = (struct rs_callform){ .n = 0 };
}

/* ---- writing ---- */

/* As it is, but for the numbers of its markers. */
static void add_text(struct rs_str text, const uint16_t *number, bool backslash_escapes,
                     struct rs_buf *out)
{
    struct rs_tokens s = tokens_of(text, backslash_escapes);

    for (;;) {
        const char *start = s.p;
        enum rs_token token = rs_token_next(&s);
        struct rs_str part = { start, (size_t)(s.p - start) };
        size_t n;

        if (token == RS_TOKEN_END)
            return;
        rs_buf_add(out, part);
        n = is_char(part, '$') ? marker_number(&s) : 0;
        if (n > 0)
            rs_buf_addf(out, "%u", (unsigned)number[n - 1]);
    }
}

void rs_callform_write(const struct rs_callform *form, const unsigned char *use,
                       const uint16_t *number, bool backslash_escapes, struct rs_buf *out)
{
    const char *before = "";

    rs_buf_add(out, form->verb);
    rs_buf_addc(out, ' ');
    rs_buf_add(out, form->name);
    rs_buf_addc(out, '(');
    for (size_t i = 0; i < form->n; i++) {
        if (use[i] == RS_ARG_LEFT_OUT)
            continue;
        rs_buf_adds(out, before);
        before = ", ";
        if (use[i] == RS_ARG_NULL)
            rs_buf_adds(out, "NULL");
        else
            add_text(form->arg[i].text, number, backslash_escapes, out);
    }
    rs_buf_addc(out, ')');
}

/* ---- names ---- */

static void add_unquoted(struct rs_str text, struct rs_buf *out)
{
    bool is_quoted = text.n >= 2 && *text.p == '"';

    rs_buf_truncate(out, 0);
    if (is_quoted)
        text = rs_str_sub(text, 1, text.n - 2);
    for (size_t i = 0; i < text.n; i++) {
        rs_buf_addc(out, is_quoted ? text.p[i] : rs_lower(text.p[i]));
        if (is_quoted && text.p[i] == '"')
            i++; /* doubled */
    }
}

bool rs_callform_name(struct rs_str name, struct rs_buf *schema, struct rs_buf *last)
{
    struct rs_tokens s = tokens_of(name, false);
    struct rs_str text, part[3];
    size_t n = 0;
    bool wants_part = true;

    for (;;) {
        enum rs_token token = next(&s, &text);

        if (token == RS_TOKEN_END)
            break;
        if (wants_part ? is_char(text, '.') || n == RS_COUNT(part) : !is_char(text, '.'))
            return false;
        if (wants_part)
            part[n++] = text;
        wants_part = !wants_part;
    }
    if (wants_part)
        return false;
    add_unquoted(n > 1 ? part[n - 2] : RS_STR(""), schema);
    add_unquoted(part[n - 1], last);
    return !schema->bad && !last->bad;
}
