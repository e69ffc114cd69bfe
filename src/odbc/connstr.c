#include "connstr.h"

#include <string.h>

#include "../os.h"
#include "jdbcurl.h"

enum { MAX_KEYS = 1000, MAX_KEY_SHOWN = 64 };

/* ---- the list ---- */

static struct rs_connstr_pair *find_pair(const struct rs_connstr *list, struct rs_str key,
                                         enum rs_key_id id)
{
    for (size_t i = 0; i < list->n; i++) {
        struct rs_connstr_pair *pair = &list->pair[i];

        if (id != RS_KEY_NONE ? pair->id == id : rs_str_eq_nocase(rs_str_of(pair->key), key))
            return pair;
    }
    return NULL;
}

const struct rs_connstr_pair *rs_connstr_find(const struct rs_connstr *list, enum rs_key_id id)
{
    return find_pair(list, RS_STR_NULL, id);
}

static bool grow(struct rs_connstr *list, struct rs_diag *diag)
{
    size_t cap = list->cap == 0 ? 16 : list->cap * 2;
    struct rs_connstr_pair *pair;

    if (list->n < list->cap)
        return true;
    if (list->n >= MAX_KEYS)
        return rs_fail(diag, RS_HY000, 0, "more than %d connection keys", (int)MAX_KEYS);
    pair = rs_realloc(list->pair, cap, sizeof *pair, diag);
    if (pair == NULL)
        return false;
    list->pair = pair;
    list->cap = cap;
    return true;
}

bool rs_connstr_add(struct rs_connstr *list, struct rs_str key, struct rs_str value,
                    struct rs_diag *diag)
{
    struct rs_connstr_pair made = { .id = rs_key_find(key) };

    if (find_pair(list, key, made.id) != NULL)
        return true;
    if (!grow(list, diag))
        return false;
    made.key = rs_str_dup(key, diag);
    if (made.key == NULL)
        return false;
    if (!rs_secret_set(&made.value, value, diag)) {
        rs_free(made.key);
        return false;
    }
    list->pair[list->n++] = made;
    return true;
}

void rs_connstr_clear(struct rs_connstr *list)
{
    if (list == NULL)
        return;
    for (size_t i = 0; i < list->n; i++) {
        rs_free(list->pair[i].key);
        rs_secret_clear(&list->pair[i].value);
    }
    rs_free(list->pair);
    *list = (struct rs_connstr){ 0 };
}

/* ---- text to pairs ---- */

struct rs_str rs_connstr_shown(struct rs_str key)
{
    if (key.n <= MAX_KEY_SHOWN)
        return key;
    key.n = MAX_KEY_SHOWN;
    while (key.n > 0 && ((unsigned char)key.p[key.n] & 0xC0) == 0x80)
        key.n--;
    return key;
}

static size_t skip_blanks(struct rs_str text, size_t at)
{
    while (at < text.n && rs_is_space(text.p[at]))
        at++;
    return at;
}

static size_t find_any(struct rs_str text, size_t at, const char *stops)
{
    while (at < text.n && strchr(stops, text.p[at]) == NULL)
        at++;
    return at;
}

/* *at stands behind the opening brace; afterwards on the ; or the end. */
static bool parse_braced(struct rs_str text, size_t *at, struct rs_str key, struct rs_buf *value,
                         struct rs_diag *diag)
{
    size_t i = *at;

    for (;; i++) {
        if (i == text.n)
            return rs_fail(diag, RS_HY000, 0, "the value of \"%.*s\" lacks its closing brace",
                           RS_ARG(rs_connstr_shown(key)));
        if (text.p[i] == '}') {
            if (i + 1 == text.n || text.p[i + 1] != '}')
                break;
            i++;
        }
        rs_buf_addc(value, text.p[i]);
    }
    i = skip_blanks(text, i + 1);
    if (i < text.n && text.p[i] != ';')
        return rs_fail(diag, RS_HY000, 0,
                       "text follows the closing brace of the value of \"%.*s\"; inside braces a "
                       "closing brace is written twice",
                       RS_ARG(rs_connstr_shown(key)));
    *at = i;
    return rs_buf_ok(value, diag);
}

static bool is_managers_key(struct rs_str key)
{
    return rs_str_eq_nocase(key, RS_STR("FILEDSN")) || rs_str_eq_nocase(key, RS_STR("SAVEFILE"));
}

static bool add_parsed(struct rs_connstr *out, struct rs_str key, struct rs_str value,
                       struct rs_diag *diag)
{
    enum rs_key_id id = rs_key_find(key);
    enum rs_key_id other = id == RS_KEY_dsn      ? RS_KEY_driver
                           : id == RS_KEY_driver ? RS_KEY_dsn
                                                 : RS_KEY_NONE;

    if (is_managers_key(key))
        return true;
    if (other != RS_KEY_NONE && (value.n == 0 || rs_connstr_find(out, other) != NULL))
        return true;
    return rs_connstr_add(out, key, value, diag);
}

/* One part, from *at to the ; that ends it or the end of the text. A URL is one wherever it stands:
 * as a key it would come first in the completed string. */
static bool parse_part(struct rs_str text, size_t *at, size_t number, struct rs_connstr *out,
                       struct rs_diag *diag)
{
    struct rs_buf braced = RS_BUF_WIPED(text.n + 1);
    size_t begin = *at, stop = find_any(text, begin, "=;");
    struct rs_str key = rs_str_trim(rs_str_sub(text, begin, stop - begin)), value = RS_STR_NULL;
    bool has_value = stop < text.n && text.p[stop] == '=', ok = true;

    if (rs_str_starts_nocase(key, RS_STR("jdbc:")))
        return rs_fail(diag, RS_HY000, 0,
                       "a JDBC URL stands alone, or as a value: Url={jdbc:redshift:…}");
    if (has_value) {
        stop = skip_blanks(text, stop + 1);
        if (stop < text.n && text.p[stop] == '{') {
            stop++;
            ok = parse_braced(text, &stop, key, &braced, diag);
            value = rs_buf_str(&braced);
        } else {
            begin = stop;
            stop = find_any(text, begin, ";");
            value = rs_str_trim(rs_str_sub(text, begin, stop - begin));
        }
    }
    if (ok && has_value && key.n > 0)
        ok = add_parsed(out, key, value, diag);
    else if (ok && (has_value || key.n > 0))
        rs_warn(diag, RS_01S00, "part %zu of the connection string is not key=value", number);
    *at = stop;
    rs_buf_clear(&braced);
    return ok;
}

bool rs_connstr_parse(struct rs_str text, struct rs_connstr *out, struct rs_diag *diag)
{
    size_t at = 0, number = 1;

    /* Applications that count the NUL in the length are common. */
    while (text.n > 0 && text.p[text.n - 1] == '\0')
        text.n--;
    if (rs_str_chr(text, '\0') >= 0)
        return rs_fail(diag, RS_HY000, 0, "the connection string holds a NUL character");
    if (rs_jdbcurl_is(text))
        return rs_connstr_add(out, RS_STR("Url"), rs_str_trim(text), diag);
    for (; at < text.n; at++, number++) {
        if (!parse_part(text, &at, number, out, diag))
            return false;
    }
    return true;
}

/* ---- pairs to text ---- */

static bool needs_braces(struct rs_str value)
{
    for (size_t i = 0; i < value.n; i++) {
        if (strchr("[]{}(),;?*=!@", value.p[i]) != NULL)
            return true;
    }
    return rs_str_trim(value).n != value.n ||
           (value.n > 0 && (rs_is_space(value.p[0]) || rs_is_space(value.p[value.n - 1])));
}

static void put_pair(struct rs_buf *out, const char *key, struct rs_str value, bool braces)
{
    if (out->len > 0)
        rs_buf_addc(out, ';');
    rs_buf_adds(out, key);
    rs_buf_addc(out, '=');
    if (!braces && !needs_braces(value)) {
        rs_buf_add(out, value);
        return;
    }
    rs_buf_addc(out, '{');
    for (size_t i = 0; i < value.n; i++) {
        rs_buf_addc(out, value.p[i]);
        if (value.p[i] == '}')
            rs_buf_addc(out, '}');
    }
    rs_buf_addc(out, '}');
}

struct rs_str rs_connstr_value(const struct rs_connstr_pair *pair)
{
    return (struct rs_str){ rs_secret_reveal(&pair->value), rs_secret_len(&pair->value) };
}

void rs_connstr_output(const struct rs_connstr *string, const struct rs_settings *set,
                       struct rs_buf *out)
{
    const struct rs_connstr_pair *first = rs_connstr_find(string, RS_KEY_dsn);

    if (first == NULL)
        first = rs_connstr_find(string, RS_KEY_driver);
    /* In capitals, as ODBC writes it ("SQLDriverConnect Function", Connection Strings): unixODBC
     * compares by the locale, and a Turkish one does not take i for I. */
    if (first != NULL && first->id == RS_KEY_driver)
        put_pair(out, "DRIVER", rs_connstr_value(first), true);
    else if (first != NULL)
        put_pair(out, rs_key(first->id)->name, rs_connstr_value(first), false);
    else if (set->dsn != NULL)
        put_pair(out, rs_key(RS_KEY_dsn)->name, rs_str_of(set->dsn), false);
    for (size_t i = 0; i < string->n; i++) {
        const struct rs_connstr_pair *pair = &string->pair[i];

        if (pair != first)
            put_pair(out, pair->id == RS_KEY_NONE ? pair->key : rs_key(pair->id)->name,
                     rs_connstr_value(pair), false);
    }
}
