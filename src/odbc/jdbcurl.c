#include "jdbcurl.h"

#include "../url.h"

/* Names that are no alias of a key in keys.def; NULL: nothing of ours, and no loss. */
static const struct {
    const char *jdbc, *ours;
} names[] = {
    { "authMech", "SSLMode" },          { "tcpKeepAlive", "KeepAlive" },
    { "serverlessAcctId", NULL },       { "idc_client_display_name", "idc_client_display_name" },
    { "queryTimeout", "QueryTimeout" },
};

static bool fail_url(const char *why, struct rs_diag *diag)
{
    return rs_fail(diag, RS_HY000, 0, "Url cannot be read: %s", why);
}

/* Adds a pair, both still encoded. */
static bool add(struct rs_connstr *out, struct rs_str name, struct rs_str value,
                struct rs_diag *diag)
{
    struct rs_buf key = RS_BUF_WIPED(1 << 20), text = RS_BUF_WIPED(1 << 24);
    struct rs_str shown;
    bool ok = false;

    rs_url_decode(&key, rs_str_trim(name));
    rs_url_decode(&text, value);
    if (!rs_buf_ok(&key, diag) || !rs_buf_ok(&text, diag))
        goto out;
    shown = rs_buf_str(&key);
    for (size_t i = 0; i < RS_COUNT(names); i++)
        if (rs_str_eq_nocase(shown, rs_str_of(names[i].jdbc)))
            shown = rs_str_of(names[i].ours);
    /* What a URL stands for is never another place to look. */
    if (rs_key_find(shown) == RS_KEY_url || rs_key_find(shown) == RS_KEY_dsn ||
        rs_key_find(shown) == RS_KEY_driver)
        fail_url("Url, DSN and Driver are no options of it", diag);
    else
        ok = shown.n == 0 || rs_connstr_add(out, shown, rs_buf_str(&text), diag);
out:
    rs_buf_clear(&key);
    rs_buf_clear(&text);
    return ok;
}

static bool is_number(struct rs_str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (!rs_is_digit(text.p[i]))
            return false;
    return true;
}

/* HOST[:X], HOST perhaps an IPv6 address in brackets. */
static bool add_place(struct rs_str place, bool is_iam, struct rs_connstr *out,
                      struct rs_diag *diag)
{
    bool in_brackets = place.n > 0 && place.p[0] == '[';
    ptrdiff_t end = in_brackets ? rs_str_chr(place, ']') : rs_str_chr(place, ':');
    struct rs_str host = place, rest = RS_STR_NULL;

    if (in_brackets) {
        if (end < 0)
            return fail_url("a bracket is not closed", diag);
        host = rs_str_sub(place, 1, (size_t)end - 1);
        rest = rs_str_sub(place, (size_t)end + 1, place.n);
        if (rest.n > 0 && rest.p[0] != ':')
            return fail_url("text follows the address in brackets", diag);
    } else if (end >= 0) {
        host = rs_str_sub(place, 0, (size_t)end);
        rest = rs_str_sub(place, (size_t)end, place.n);
    }
    rest = rs_str_sub(rest, 1, rest.n);
    if (host.n == 0)
        return fail_url("it names no host", diag);
    if (is_number(rest))
        return add(out, RS_STR("Server"), host, diag) &&
               (rest.n == 0 || add(out, RS_STR("Port"), rest, diag));
    if (!is_iam || in_brackets)
        return fail_url("its port is not a number", diag);
    return add(out, RS_STR("ClusterID"), host, diag) && add(out, RS_STR("Region"), rest, diag);
}

static size_t find_any(struct rs_str text, const char *stops)
{
    size_t i = 0;

    for (; i < text.n; i++)
        for (const char *stop = stops; *stop != '\0'; stop++)
            if (text.p[i] == *stop)
                return i;
    return i;
}

static bool add_options(struct rs_str text, struct rs_connstr *out, struct rs_diag *diag)
{
    while (text.n > 0) {
        size_t n = find_any(text, "&;");
        struct rs_str part = rs_str_sub(text, 0, n);
        ptrdiff_t eq = rs_str_chr(part, '=');
        struct rs_str name = eq < 0 ? part : rs_str_sub(part, 0, (size_t)eq);

        if (rs_str_trim(part).n > 0 && (eq < 0 || rs_str_trim(name).n == 0))
            return fail_url("one of its options is not name=value", diag);
        if (eq >= 0 && !add(out, name, rs_str_sub(part, (size_t)eq + 1, part.n), diag))
            return false;
        text = rs_str_sub(text, n + 1, text.n);
    }
    return true;
}

bool rs_jdbcurl_is(struct rs_str text)
{
    return rs_str_starts_nocase(rs_str_trim(text), RS_STR("jdbc:"));
}

bool rs_jdbcurl_read(struct rs_str url, struct rs_connstr *out, struct rs_diag *diag)
{
    static const struct rs_str iam = { "jdbc:redshift:iam://", 20 };
    static const struct rs_str plain = { "jdbc:redshift://", 16 };
    struct rs_str text = rs_str_trim(url), place, database = RS_STR_NULL;
    bool is_iam = rs_str_starts_nocase(text, iam);
    size_t n;

    if (!is_iam && !rs_str_starts_nocase(text, plain))
        return fail_url("it begins with neither jdbc:redshift:iam:// nor jdbc:redshift://", diag);
    text = rs_str_sub(text, is_iam ? iam.n : plain.n, text.n);
    n = find_any(text, "/?;");
    place = rs_str_sub(text, 0, n);
    text = rs_str_sub(text, n, text.n);
    if (text.n > 0 && text.p[0] == '/') {
        n = find_any(text, "?;");
        database = rs_str_sub(text, 1, n - 1);
        text = rs_str_sub(text, n, text.n);
    }
    return add_place(place, is_iam, out, diag) &&
           (database.n == 0 || add(out, RS_STR("Database"), database, diag)) &&
           add(out, RS_STR("IAM"), is_iam ? RS_STR("1") : RS_STR("0"), diag) &&
           add_options(rs_str_sub(text, 1, text.n), out, diag);
}
