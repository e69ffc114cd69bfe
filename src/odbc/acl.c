#include "acl.h"

#include <stdlib.h>

#include "../os.h"
#include "pgarray.h"

enum { ITEM_MAX_BYTES = 4096, NAMES_MAX_BYTES = 1 << 24 };

/* Others are skipped: R (rules) and what later servers may add. */
static const struct {
    char letter;
    bool of_columns;
    const char *postgres, *redshift;
} privileges[] = {
    { 'r', true, "SELECT", "SELECT" },  { 'a', true, "INSERT", "INSERT" },
    { 'w', true, "UPDATE", "UPDATE" },  { 'x', true, "REFERENCES", "REFERENCES" },
    { 'd', false, "DELETE", "DELETE" }, { 't', false, "TRIGGER", "TRIGGER" },
    { 'D', false, "TRUNCATE", "DROP" },
};

void rs_acl_init(struct rs_acl *acl, bool is_redshift, bool of_columns)
{
    *acl = (struct rs_acl){
        .is_redshift = is_redshift,
        .of_columns = of_columns,
        .names = RS_BUF_INIT(NAMES_MAX_BYTES),
        .item = RS_BUF_INIT(ITEM_MAX_BYTES),
        .name = RS_BUF_INIT(ITEM_MAX_BYTES),
    };
}

void rs_acl_begin(struct rs_acl *acl, struct rs_str owner)
{
    acl->owner = owner;
    acl->n = 0;
    rs_buf_truncate(&acl->names, 0);
}

void rs_acl_clear(struct rs_acl *acl)
{
    rs_free(acl->grants);
    acl->grants = NULL;
    acl->n = acl->cap = 0;
    rs_buf_clear(&acl->names);
    rs_buf_clear(&acl->item);
    rs_buf_clear(&acl->name);
}

/* ---- grants ---- */

/* A place and no pointer, since the names may move. */
static size_t keep_name(struct rs_acl *acl, struct rs_str name)
{
    size_t at = acl->names.len;

    rs_buf_add(&acl->names, name);
    rs_buf_addc(&acl->names, '\0');
    return at;
}

static bool add_grant(struct rs_acl *acl, const struct rs_grant *grant, struct rs_diag *diag)
{
    if (acl->n == acl->cap) {
        size_t cap = acl->cap == 0 ? 16 : 2 * acl->cap;
        struct rs_grant *grown = rs_realloc(acl->grants, cap, sizeof *grown, diag);

        if (grown == NULL)
            return false;
        acl->grants = grown;
        acl->cap = cap;
    }
    acl->grants[acl->n++] = *grant;
    return true;
}

static bool add_letter(struct rs_acl *acl, char letter, struct rs_grant grant, struct rs_diag *diag)
{
    for (size_t i = 0; i < RS_COUNT(privileges); i++) {
        if (privileges[i].letter != letter || (acl->of_columns && !privileges[i].of_columns))
            continue;
        grant.privilege = acl->is_redshift ? privileges[i].redshift : privileges[i].postgres;
        return add_grant(acl, &grant, diag);
    }
    return true;
}

/* Whatever a list says, an owner may grant what it has, and has it from nobody. */
static struct rs_grant grant_of_owner(struct rs_acl *acl)
{
    return (struct rs_grant){
        .grantee_at = keep_name(acl, acl->owner),
        .grantor_at = keep_name(acl, RS_STR("_SYSTEM")),
        .is_grantable = true,
    };
}

bool rs_acl_add_default(struct rs_acl *acl, struct rs_diag *diag)
{
    struct rs_grant grant = grant_of_owner(acl);

    for (size_t i = 0; i < RS_COUNT(privileges); i++)
        if (!add_letter(acl, privileges[i].letter, grant, diag))
            return false;
    return rs_buf_ok(&acl->names, diag);
}

/* ---- one item ---- */

/* A name up to end or the end of the text; quotes go, doubled ones become one. */
static bool take_name(struct rs_str *rest, char end, struct rs_buf *out)
{
    struct rs_str s = *rest;
    bool is_quoted = false;
    size_t at = 0;

    rs_buf_truncate(out, 0);
    for (; at < s.n && (is_quoted || s.p[at] != end); at++) {
        if (s.p[at] != '"') {
            rs_buf_addc(out, s.p[at]);
        } else if (is_quoted && at + 1 < s.n && s.p[at + 1] == '"') {
            rs_buf_addc(out, '"');
            at++;
        } else {
            is_quoted = !is_quoted;
        }
    }
    *rest = rs_str_sub(s, at, s.n);
    return !is_quoted;
}

/* The letters with their stars, up to the grantor or the end. */
static bool take_letters(struct rs_str *rest, struct rs_str *letters)
{
    size_t n = 0;

    while (n < rest->n && (rs_is_alpha(rest->p[n]) || (n > 0 && rest->p[n] == '*')))
        n++;
    *letters = rs_str_sub(*rest, 0, n);
    *rest = rs_str_sub(*rest, n, rest->n);
    return rest->n == 0 || rest->p[0] == '/';
}

/* What an item says, before it is known to be one. */
struct item {
    struct rs_grant grant;
    struct rs_str letters;
    bool is_owners;
};

static bool read_item(struct rs_acl *acl, struct rs_str text, struct item *out)
{
    bool is_group = rs_str_starts_nocase(text, RS_STR("group "));
    struct rs_str rest = text, grantee;

    if (rs_str_chr(text, '\0') >= 0 || !take_name(&rest, '=', &acl->name) || rest.n == 0)
        return false;
    grantee = rs_buf_str(&acl->name);
    out->is_owners = !is_group && rs_str_eq(grantee, acl->owner);
    out->grant.grantee_at = keep_name(acl, grantee.n > 0 ? grantee : RS_STR("PUBLIC"));
    rest = rs_str_sub(rest, 1, rest.n);
    if (!take_letters(&rest, &out->letters))
        return false;
    rest = rs_str_sub(rest, 1, rest.n);
    if (!take_name(&rest, '\0', &acl->name) || rest.n > 0)
        return false;
    out->grant.grantor_at = keep_name(acl, rs_buf_str(&acl->name));
    if (out->is_owners)
        out->grant = grant_of_owner(acl);
    return true;
}

static bool add_item(struct rs_acl *acl, struct rs_str text, struct rs_diag *diag)
{
    struct item item = { .is_owners = false };

    if (!read_item(acl, text, &item))
        return rs_fail(diag, RS_HY000, 0,
                       "the server's access list has the item \"%.*s\", "
                       "which says nothing of a privilege",
                       RS_ARG(text));
    for (size_t i = 0; i < item.letters.n; i++) {
        struct rs_grant grant = item.grant;

        if (item.letters.p[i] == '*')
            continue;
        grant.is_grantable =
            item.is_owners || (i + 1 < item.letters.n && item.letters.p[i + 1] == '*');
        if (!add_letter(acl, item.letters.p[i], grant, diag))
            return false;
    }
    return rs_buf_ok(&acl->name, diag) && rs_buf_ok(&acl->names, diag);
}

bool rs_acl_add(struct rs_acl *acl, struct rs_str text, struct rs_diag *diag)
{
    struct rs_pgarray array;

    rs_pgarray_init(&array, text);
    for (;;) {
        switch (rs_pgarray_next(&array, &acl->item)) {
        case RS_PGARRAY_ITEM:
            if (!rs_buf_ok(&acl->item, diag) || !add_item(acl, rs_buf_str(&acl->item), diag))
                return false;
            break;
        case RS_PGARRAY_NULL:
            break;
        case RS_PGARRAY_END:
            return true;
        case RS_PGARRAY_BAD:
            return rs_fail(diag, RS_HY000, 0, "an access list of the server's is no array");
        }
    }
}

/* ---- order ---- */

static int compare(const void *left, const void *right)
{
    const struct rs_grant *a = left, *b = right;
    int by = strcmp(a->privilege, b->privilege);

    if (by == 0)
        by = strcmp(a->grantee, b->grantee);
    return by != 0 ? by : strcmp(a->grantor, b->grantor);
}

void rs_acl_sort(struct rs_acl *acl)
{
    size_t kept = 0;

    for (size_t i = 0; i < acl->n; i++) {
        acl->grants[i].grantee = acl->names.p + acl->grants[i].grantee_at;
        acl->grants[i].grantor = acl->names.p + acl->grants[i].grantor_at;
    }
    if (acl->n > 1)
        qsort(acl->grants, acl->n, sizeof *acl->grants, compare);
    for (size_t i = 0; i < acl->n; i++) {
        struct rs_grant *grant = &acl->grants[i];

        if (kept > 0 && compare(&acl->grants[kept - 1], grant) == 0)
            acl->grants[kept - 1].is_grantable |= grant->is_grantable;
        else
            acl->grants[kept++] = *grant;
    }
    acl->n = kept;
}
