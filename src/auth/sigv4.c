#include "sigv4.h"

#include "../crypto.h"
#include "../secret.h"
#include "../url.h"

static const char algorithm[] = "AWS4-HMAC-SHA256";

/* ---- canonical path ---- */

/* Removes the last segment of a path that is being built. */
static void drop_segment(struct rs_buf *path)
{
    size_t len = path->len;

    while (len > 0 && path->p[len - 1] != '/')
        len--;
    rs_buf_truncate(path, len > 0 ? len - 1 : 0);
}

/* Dot segments and empty ones go; a slash at the end stays. */
static void normalize_path(struct rs_str path, struct rs_buf *out)
{
    struct rs_str rest = path, part;
    bool done = false;

    while (rs_str_split(&rest, '/', &done, &part)) {
        if (rs_str_eq(part, RS_STR(".."))) {
            drop_segment(out);
        } else if (part.n > 0 && !rs_str_eq(part, RS_STR("."))) {
            rs_buf_addc(out, '/');
            rs_buf_add(out, part);
        }
    }
    if (out->len == 0 || path.p[path.n - 1] == '/')
        rs_buf_addc(out, '/');
}

static void add_path(const struct rs_sign_request *req, struct rs_buf *out)
{
    struct rs_buf path = RS_BUF_INIT(RS_SIGV4_MAX_BYTES);
    struct rs_str rest, part;
    bool done = false, is_first = true;

    if (req->path.n == 0)
        rs_buf_addc(&path, '/');
    else if (req->keeps_path)
        rs_buf_add(&path, req->path);
    else
        normalize_path(req->path, &path);
    rest = rs_buf_str(&path);
    while (rs_str_split(&rest, '/', &done, &part)) {
        if (!is_first)
            rs_buf_addc(out, '/');
        rs_url_encode(out, part);
        is_first = false;
    }
    if (path.bad)
        out->bad = true;
    rs_buf_clear(&path);
}

/* ---- canonical query ---- */

struct pair {
    size_t name, n_name, value, n_value; /* places in one buffer */
};

static int compare_bytes(struct rs_str a, struct rs_str b)
{
    for (size_t i = 0; i < a.n && i < b.n; i++)
        if (a.p[i] != b.p[i])
            return (unsigned char)a.p[i] < (unsigned char)b.p[i] ? -1 : 1;
    return a.n == b.n ? 0 : a.n < b.n ? -1 : 1;
}

static struct rs_str part_of(const struct rs_buf *text, size_t at, size_t n)
{
    return rs_str_sub(rs_buf_str(text), at, n);
}

static int compare_pairs(const struct rs_buf *text, const struct pair *a, const struct pair *b)
{
    int by_name =
        compare_bytes(part_of(text, a->name, a->n_name), part_of(text, b->name, b->n_name));

    return by_name != 0 ? by_name
                        : compare_bytes(part_of(text, a->value, a->n_value),
                                        part_of(text, b->value, b->n_value));
}

/* However the URL spelt it, each name and value ends with exactly one encoding. */
static size_t add_recoded(struct rs_str text, struct rs_buf *out)
{
    struct rs_buf plain = RS_BUF_INIT(RS_SIGV4_MAX_BYTES);
    size_t before = out->len;

    rs_url_decode(&plain, text);
    rs_url_encode(out, rs_buf_str(&plain));
    if (plain.bad)
        out->bad = true;
    rs_buf_clear(&plain);
    return out->len - before;
}

static bool add_query(struct rs_str query, struct rs_buf *out, struct rs_diag *diag)
{
    struct rs_buf text = RS_BUF_INIT(RS_SIGV4_MAX_BYTES);
    struct rs_str rest = query, name, value;
    struct pair *pairs;
    size_t n = 0, most = 1;
    bool ok = false;

    for (size_t i = 0; i < query.n; i++)
        most += query.p[i] == '&';
    pairs = rs_alloc(most, sizeof *pairs, diag);
    if (pairs == NULL)
        return false;
    while (rs_query_next(&rest, &name, &value)) {
        struct pair pair = { .name = text.len };
        size_t at = n;

        pair.n_name = add_recoded(name, &text);
        pair.value = text.len;
        pair.n_value = add_recoded(value, &text);
        for (; at > 0 && !text.bad && compare_pairs(&text, &pair, &pairs[at - 1]) < 0; at--)
            pairs[at] = pairs[at - 1];
        pairs[at] = pair;
        n++;
    }
    if (!rs_buf_ok(&text, diag))
        goto out;
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            rs_buf_addc(out, '&');
        rs_buf_add(out, part_of(&text, pairs[i].name, pairs[i].n_name));
        rs_buf_addc(out, '=');
        rs_buf_add(out, part_of(&text, pairs[i].value, pairs[i].n_value));
    }
    ok = true;
out:
    rs_free(pairs);
    rs_buf_clear(&text);
    return ok;
}

/* ---- canonical headers ---- */

static int compare_names(struct rs_str a, struct rs_str b)
{
    for (size_t i = 0; i < a.n && i < b.n; i++)
        if (rs_lower(a.p[i]) != rs_lower(b.p[i]))
            return (unsigned char)rs_lower(a.p[i]) < (unsigned char)rs_lower(b.p[i]) ? -1 : 1;
    return a.n == b.n ? 0 : a.n < b.n ? -1 : 1;
}

/* Stable: same-named headers keep their order. */
static size_t insert_header(struct rs_header *list, size_t n, struct rs_header header)
{
    size_t at = n;

    header.name = rs_str_trim(header.name);
    for (; at > 0 && compare_names(header.name, list[at - 1].name) < 0; at--)
        list[at] = list[at - 1];
    list[at] = header;
    return n + 1;
}

static void add_lower(struct rs_buf *out, struct rs_str text)
{
    for (size_t i = 0; i < text.n; i++)
        rs_buf_addc(out, rs_lower(text.p[i]));
}

static void add_header_value(struct rs_buf *out, struct rs_str value)
{
    bool gap = false;

    value = rs_str_trim(value);
    for (size_t i = 0; i < value.n; i++) {
        if (rs_is_space(value.p[i])) {
            gap = true;
            continue;
        }
        if (gap)
            rs_buf_addc(out, ' ');
        gap = false;
        rs_buf_addc(out, value.p[i]);
    }
}

static void add_headers(const struct rs_header *list, size_t n, struct rs_buf *out)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && compare_names(list[i].name, list[i - 1].name) == 0) {
            rs_buf_addc(out, ',');
        } else {
            if (i > 0)
                rs_buf_addc(out, '\n');
            add_lower(out, list[i].name);
            rs_buf_addc(out, ':');
        }
        add_header_value(out, list[i].value);
    }
    rs_buf_addc(out, '\n');
}

static void add_names(const struct rs_header *list, size_t n, struct rs_buf *out)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && compare_names(list[i].name, list[i - 1].name) == 0)
            continue;
        if (i > 0)
            rs_buf_addc(out, ';');
        add_lower(out, list[i].name);
    }
}

static size_t collect_headers(const struct rs_sign_request *req, const struct rs_creds *creds,
                              const struct rs_signed *sig, struct rs_header *list)
{
    size_t n = 0;

    for (size_t i = 0; i < req->n_headers; i++)
        n = insert_header(list, n, req->headers[i]);
    n = insert_header(list, n, (struct rs_header){ RS_STR("x-amz-date"), rs_buf_str(&sig->date) });
    if (rs_secret_is_set(&creds->session_token) && !req->omits_token)
        n = insert_header(
            list, n, (struct rs_header){ RS_STR("x-amz-security-token"), rs_creds_token(creds) });
    if (req->signs_body_hash)
        n = insert_header(
            list, n,
            (struct rs_header){ RS_STR("x-amz-content-sha256"), rs_buf_str(&sig->body_hash) });
    return n;
}

/* ---- the four stages ---- */

static void add_date(struct rs_buf *out, int64_t when)
{
    struct rs_utc_time t = rs_utc_split(when);

    rs_buf_addf(out, "%04d%02d%02dT%02d%02d%02dZ", t.year, t.month, t.day, t.hour, t.minute,
                t.second);
}

static bool add_hash(struct rs_buf *out, struct rs_str text, struct rs_diag *diag)
{
    uint8_t hash[RS_SHA256_BYTES];

    if (!rs_sha256(text, hash, diag))
        return false;
    rs_hex_add(out, hash, sizeof hash);
    return true;
}

static bool make_canonical(const struct rs_sign_request *req, const struct rs_header *list,
                           size_t n, struct rs_signed *sig, struct rs_diag *diag)
{
    struct rs_buf *out = &sig->canonical;

    for (const char *c = req->method; *c != '\0'; c++)
        rs_buf_addc(out, rs_upper(*c));
    rs_buf_addc(out, '\n');
    add_path(req, out);
    rs_buf_addc(out, '\n');
    if (!add_query(req->query, out, diag))
        return false;
    rs_buf_addc(out, '\n');
    add_headers(list, n, out);
    rs_buf_addc(out, '\n');
    add_names(list, n, out);
    rs_buf_addc(out, '\n');
    rs_buf_add(out, rs_buf_str(&sig->body_hash));
    return rs_buf_ok(out, diag);
}

static void add_scope(const struct rs_sign_request *req, const struct rs_signed *sig,
                      struct rs_buf *out)
{
    rs_buf_add(out, rs_str_sub(rs_buf_str(&sig->date), 0, 8));
    rs_buf_addf(out, "/%s/%s/aws4_request", req->region, req->service);
}

static bool make_to_sign(const struct rs_sign_request *req, struct rs_signed *sig,
                         struct rs_diag *diag)
{
    rs_buf_addf(&sig->to_sign, "%s\n%s\n", algorithm, sig->date.p);
    add_scope(req, sig, &sig->to_sign);
    rs_buf_addc(&sig->to_sign, '\n');
    return add_hash(&sig->to_sign, rs_buf_str(&sig->canonical), diag) &&
           rs_buf_ok(&sig->to_sign, diag);
}

static bool make_signature(const struct rs_sign_request *req, const struct rs_creds *creds,
                           struct rs_signed *sig, struct rs_diag *diag)
{
    const struct rs_str steps[] = { rs_str_sub(rs_buf_str(&sig->date), 0, 8),
                                    rs_str_of(req->region), rs_str_of(req->service),
                                    RS_STR("aws4_request"), rs_buf_str(&sig->to_sign) };
    struct rs_buf start = RS_BUF_WIPED(RS_SIGV4_MAX_BYTES);
    uint8_t keys[RS_COUNT(steps)][RS_SHA256_BYTES];
    struct rs_str key;
    bool ok = false;

    rs_buf_adds(&start, "AWS4");
    rs_buf_adds(&start, rs_secret_reveal(&creds->secret_access_key));
    if (!rs_buf_ok(&start, diag))
        goto out;
    key = rs_buf_str(&start);
    for (size_t i = 0; i < RS_COUNT(steps); i++) {
        if (!rs_hmac_sha256(key, steps[i], keys[i], diag))
            goto out;
        key = (struct rs_str){ (const char *)keys[i], RS_SHA256_BYTES };
    }
    rs_hex_add(&sig->signature, key.p, key.n);
    ok = rs_buf_ok(&sig->signature, diag);
out:
    rs_wipe(keys, sizeof keys);
    rs_buf_clear(&start);
    return ok;
}

static bool make_authorization(const struct rs_sign_request *req, const struct rs_creds *creds,
                               const struct rs_header *list, size_t n, struct rs_signed *sig,
                               struct rs_diag *diag)
{
    struct rs_buf *out = &sig->authorization;

    rs_buf_addf(out, "%s Credential=%s/", algorithm, creds->access_key_id);
    add_scope(req, sig, out);
    rs_buf_adds(out, ", SignedHeaders=");
    add_names(list, n, out);
    rs_buf_addf(out, ", Signature=%s", sig->signature.p);
    return rs_buf_ok(out, diag);
}

bool rs_sigv4_sign(const struct rs_sign_request *req, const struct rs_creds *creds, int64_t when,
                   struct rs_signed *out, struct rs_diag *diag)
{
    struct rs_signed sig = {
        .canonical = RS_BUF_WIPED(RS_SIGV4_MAX_BYTES),
        .to_sign = RS_BUF_INIT(4096),
        .signature = RS_BUF_INIT(256),
        .authorization = RS_BUF_INIT(16384),
        .date = RS_BUF_INIT(32),
        .body_hash = RS_BUF_INIT(256),
    };
    struct rs_header list[RS_SIGV4_MAX_HEADERS + 3];
    size_t n;
    bool ok = false;

    if (req->n_headers > RS_SIGV4_MAX_HEADERS)
        return rs_fail(diag, RS_HY000, 0, "a request has more than %d headers to sign",
                       RS_SIGV4_MAX_HEADERS);
    add_date(&sig.date, when);
    if (!add_hash(&sig.body_hash, req->body, diag) || !rs_buf_ok(&sig.date, diag) ||
        !rs_buf_ok(&sig.body_hash, diag))
        goto out;
    n = collect_headers(req, creds, &sig, list);
    if (!make_canonical(req, list, n, &sig, diag) || !make_to_sign(req, &sig, diag) ||
        !make_signature(req, creds, &sig, diag) ||
        !make_authorization(req, creds, list, n, &sig, diag))
        goto out;
    *out = sig;
    sig = (struct rs_signed){ 0 };
    ok = true;
out:
    rs_signed_clear(&sig);
    return ok;
}

void rs_signed_clear(struct rs_signed *sig)
{
    rs_buf_clear(&sig->canonical);
    rs_buf_clear(&sig->to_sign);
    rs_buf_clear(&sig->signature);
    rs_buf_clear(&sig->authorization);
    rs_buf_clear(&sig->date);
    rs_buf_clear(&sig->body_hash);
}
