#include "typename.h"

#include <string.h>

enum {
    OID_BPCHAR = 1042,
    OID_VARCHAR = 1043,
    OID_NUMERIC = 1700,
    OID_VARBYTE = 6551,
    TYPMOD_HEADER = 4,
    PRECISION_MAX = 1000,
    LENGTH_MAX = 1 << 24,
    NAME_MAX_BYTES = 64
};

static const struct type_name {
    const char *name;
    uint32_t oid;
    int32_t size;
} type_names[] = {
#define NAME(name, oid, size) { name, oid, size },
#include "type.def"
#define TYPE(oid, array, where, kind, sql, size_rule, size, display, name, literal, search)        \
    { name, oid, 0 },
#include "type.def"
};

/* The list of others first, the types' own names after it, of which the last one counts: geometry
 * is 3999 and not 3000, and no name of information_schema's hides a plain type. */
static const struct type_name *find_name(struct rs_str name)
{
    const struct type_name *found = NULL;

    for (size_t i = 0; i < RS_COUNT(type_names); i++)
        if (type_names[i].oid < 17000 && rs_str_eq_nocase(name, rs_str_of(type_names[i].name)))
            found = &type_names[i];
    return found;
}

static struct rs_str up_to(struct rs_str s, char c)
{
    ptrdiff_t at = rs_str_chr(s, c);

    return rs_str_trim(at < 0 ? s : rs_str_sub(s, 0, (size_t)at));
}

/* "timestamp(6) with time zone" is "timestamp with time zone". */
static const struct type_name *find_around(struct rs_str name)
{
    char text[NAME_MAX_BYTES];
    ptrdiff_t from = rs_str_chr(name, '('), to = rs_str_chr(name, ')');
    size_t n;

    if (from < 0 || to < from || name.n >= sizeof text)
        return NULL;
    memcpy(text, name.p, (size_t)from);
    n = (size_t)from;
    memcpy(text + n, name.p + to + 1, name.n - (size_t)to - 1);
    n += name.n - (size_t)to - 1;
    return find_name(rs_str_trim((struct rs_str){ text, n }));
}

/* The numbers of "(10, 2)", -1 for one that is not there. */
static void read_sizes(struct rs_str name, int64_t number[2])
{
    ptrdiff_t from = rs_str_chr(name, '('), to = rs_str_chr(name, ')');
    struct rs_str inside, part;
    bool done = false;

    number[0] = number[1] = -1;
    if (from < 0 || to < from)
        return;
    inside = rs_str_sub(name, (size_t)from + 1, (size_t)(to - from) - 1);
    for (size_t i = 0; i < 2 && rs_str_split(&inside, ',', &done, &part); i++)
        if (!rs_parse_i64(rs_str_trim(part), &number[i]) || number[i] < 0)
            number[i] = -1;
}

static int32_t length_typmod(int64_t length)
{
    return length > 0 && length <= LENGTH_MAX ? (int32_t)length + TYPMOD_HEADER : -1;
}

static int32_t numeric_typmod(int64_t precision, int64_t scale)
{
    if (precision <= 0 || precision > PRECISION_MAX || scale > precision)
        return -1;
    return (int32_t)(precision << 16 | (scale < 0 ? 0 : scale)) + TYPMOD_HEADER;
}

static int32_t typmod_of(const struct type_name *type, const int64_t number[2],
                         const struct rs_type_sizes *sizes)
{
    switch (type->oid) {
    case OID_NUMERIC:
        return number[0] > 0 ? numeric_typmod(number[0], number[1])
                             : numeric_typmod(sizes->precision, sizes->scale);
    case OID_BPCHAR:
    case OID_VARCHAR:
    case OID_VARBYTE:
        return length_typmod(number[0] > 0       ? number[0]
                             : sizes->length > 0 ? sizes->length
                                                 : type->size);
    default:
        return -1;
    }
}

/* The array whose element has that name; 0: none. */
static uint32_t find_array(struct rs_str name)
{
    static const struct {
        uint32_t oid, array;
    } arrays[] = {
#define TYPE(oid, array, where, kind, sql, size_rule, size, display, name, literal, search)        \
    { oid, array },
#include "type.def"
    };
    const struct type_name *element =
        rs_str_ends_nocase(name, RS_STR("[]")) ? find_name(rs_str_sub(name, 0, name.n - 2)) : NULL;

    for (size_t i = 0; i < RS_COUNT(arrays) && element != NULL; i++)
        if (arrays[i].oid == element->oid)
            return arrays[i].array;
    return 0;
}

struct rs_type_found rs_type_by_name(struct rs_str text, const struct rs_type_sizes *sizes)
{
    struct rs_str name = rs_str_trim(text);
    const struct type_name *type = find_name(name);
    int64_t number[2] = { -1, -1 };
    uint32_t array = type == NULL ? find_array(name) : 0;

    if (array != 0)
        return (struct rs_type_found){ array, -1, true };
    if (type == NULL) {
        read_sizes(name, number);
        type = find_around(name);
    }
    if (type == NULL)
        type = find_name(up_to(name, '('));
    if (type == NULL)
        type = find_name(up_to(name, '<'));
    if (type == NULL)
        return (struct rs_type_found){ OID_VARCHAR, -1, false };
    return (struct rs_type_found){ type->oid, typmod_of(type, number, sizes), true };
}

bool rs_type_list_next(struct rs_str *rest, struct rs_str *name)
{
    int depth = 0;
    size_t i;

    if (rest->p == NULL)
        return false;
    for (i = 0; i < rest->n; i++) {
        char c = rest->p[i];

        if (c == '(' || c == '<')
            depth++;
        else if (c == ')' || c == '>')
            depth -= depth > 0;
        else if (c == ',' && depth == 0)
            break;
    }
    *name = rs_str_trim(rs_str_sub(*rest, 0, i));
    *rest = i < rest->n ? rs_str_sub(*rest, i + 1, rest->n - i - 1)
                        : (struct rs_str){ .p = NULL, .n = 0 };
    return true;
}
