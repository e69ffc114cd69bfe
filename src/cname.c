#include "cname.h"

#include <netinet/in.h>

#include <arpa/nameser.h>
#include <resolv.h>

enum { HEAD_BYTES = 12, N_QUESTIONS_AT = 4, N_ANSWERS_AT = 6, QUESTION_BYTES = 4, TTL_BYTES = 4 };
enum { TYPE_CNAME = 5, CLASS_IN = 1, NAME_CHARS = 256 };

/* What is still to be read of a message. */
struct reader {
    const unsigned char *start, *at, *end;
};

static bool skip(struct reader *r, size_t n)
{
    if ((size_t)(r->end - r->at) < n)
        return false;
    r->at += n;
    return true;
}

static bool take_number(struct reader *r, unsigned *out)
{
    if (!skip(r, 2))
        return false;
    *out = (unsigned)r->at[-2] << 8 | r->at[-1];
    return true;
}

static bool take_name(struct reader *r, char name[NAME_CHARS])
{
    int n = dn_expand(r->start, r->end, r->at, name, NAME_CHARS);

    return n > 0 && skip(r, (size_t)n);
}

struct record {
    char owner[NAME_CHARS], alias[NAME_CHARS];
    bool is_alias;
};

static bool take_record(struct reader *r, struct record *out)
{
    unsigned type, class, length;
    struct reader data;

    if (!take_name(r, out->owner) || !take_number(r, &type) || !take_number(r, &class) ||
        !skip(r, TTL_BYTES) || !take_number(r, &length))
        return false;
    data = *r;
    out->is_alias = type == TYPE_CNAME && class == CLASS_IN;
    return skip(r, length) && (!out->is_alias || take_name(&data, out->alias));
}

/* Leaves the reader at the first of *n records. */
static bool skip_questions(struct reader *r, unsigned *n)
{
    struct reader head = *r;
    char name[NAME_CHARS];
    unsigned n_questions;

    if (!skip(r, HEAD_BYTES) || !skip(&head, N_QUESTIONS_AT) || !take_number(&head, &n_questions) ||
        !take_number(&head, n))
        return false;
    for (unsigned i = 0; i < n_questions; i++)
        if (!take_name(r, name) || !skip(r, QUESTION_BYTES))
            return false;
    return true;
}

static bool is_host_name(struct rs_str name)
{
    for (size_t i = 0; i < name.n; i++)
        if (!rs_is_alnum(name.p[i]) && name.p[i] != '-' && name.p[i] != '_' && name.p[i] != '.')
            return false;
    return name.n > 0;
}

/* The alias of a name; false when it has none. */
static bool find_alias(struct reader records, unsigned n, struct rs_str name, struct record *out)
{
    for (unsigned i = 0; i < n && take_record(&records, out); i++)
        if (out->is_alias && rs_str_eq_nocase(rs_str_of(out->owner), name))
            return is_host_name(rs_str_of(out->alias));
    return false;
}

void rs_cname_read(struct rs_str reply, struct rs_str host, struct rs_buf *out)
{
    const unsigned char *p = (const unsigned char *)reply.p;
    struct reader r = { p, p, p + reply.n };
    struct record record[2];
    unsigned n = 0;

    if (host.n > 0 && host.p[host.n - 1] == '.')
        host.n--;
    if (reply.n < HEAD_BYTES || !skip_questions(&r, &n))
        return;
    for (unsigned hop = 0; hop < RS_CNAME_MAX_HOPS; hop++) {
        struct record *next = &record[hop % 2];

        if (!find_alias(r, n, host, next))
            return;
        host = rs_str_of(next->alias);
        rs_buf_add(out, host);
        rs_buf_addc(out, '\n');
    }
}
