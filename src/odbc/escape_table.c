#include "escape_table.h"

#include <sql.h>
#include <sqlext.h>

struct function {
    const char *name;
    size_t n;
    enum rs_escape_set set;
    uint32_t bit;
    const char *redshift, *postgres;
};

struct unit {
    const char *name;
    uint32_t bit;
    const char *add, *diff, *add_p, *diff_p;
};

struct type {
    const char *name, *redshift, *postgres;
};

static const struct function functions[] = {
#define FN(set, bit, name, n, redshift, postgres)                                                  \
    { name, n, RS_ESCAPE_##set, bit, redshift, postgres },
#include "escape.def"
};

static const struct unit units[] = {
#define UNIT(bit, name, add, diff, add_p, diff_p) { name, bit, add, diff, add_p, diff_p },
#include "escape.def"
};

static const struct type types[] = {
#define TYPE(name, redshift, postgres) { name, redshift, postgres },
#include "escape.def"
};

static const char *text_for(const char *redshift, const char *postgres, bool is_redshift)
{
    return is_redshift || postgres == NULL ? redshift : postgres;
}

uint32_t rs_escape_mask(enum rs_escape_set set, bool is_redshift)
{
    uint32_t mask = 0;

    for (size_t i = 0; i < RS_COUNT(functions); i++) {
        const struct function *f = &functions[i];

        if (f->set == set && *text_for(f->redshift, f->postgres, is_redshift) != '\0')
            mask |= f->bit;
    }
    for (size_t i = 0; set == RS_ESCAPE_UNITS && i < RS_COUNT(units); i++)
        mask |= units[i].bit;
    return mask;
}

static const struct function *find_function(struct rs_str name, size_t n, bool is_redshift)
{
    for (size_t i = 0; i < RS_COUNT(functions); i++) {
        const struct function *f = &functions[i];

        if (f->n == n && rs_str_eq_nocase(name, rs_str_of(f->name)) &&
            *text_for(f->redshift, f->postgres, is_redshift) != '\0')
            return f;
    }
    return NULL;
}

static const struct unit *find_unit(struct rs_str name)
{
    for (size_t i = 0; i < RS_COUNT(units); i++) {
        if (rs_str_eq_nocase(name, rs_str_of(units[i].name)))
            return &units[i];
    }
    return NULL;
}

static const struct type *find_type(struct rs_str name)
{
    for (size_t i = 0; i < RS_COUNT(types); i++) {
        if (rs_str_eq_nocase(name, rs_str_of(types[i].name)))
            return &types[i];
    }
    return NULL;
}

const char *rs_escape_find(struct rs_str name, const struct rs_str *arguments, size_t n,
                           bool is_redshift, const char **type)
{
    /* A precision of 0 asks for what is told without one. */
    bool is_bare = n == 1 && rs_str_eq(arguments[0], RS_STR("0")) &&
                   rs_str_eq_nocase(name, RS_STR("CURRENT_TIMESTAMP"));
    const struct function *f = find_function(name, is_bare ? 0 : n, is_redshift);
    const char *text = f == NULL ? NULL : text_for(f->redshift, f->postgres, is_redshift);
    const struct unit *unit;
    const struct type *t;

    if (text != NULL && f->set == RS_ESCAPE_CONVERT) {
        t = find_type(arguments[1]);
        if (t == NULL)
            return NULL;
        *type = text_for(t->redshift, t->postgres, is_redshift);
    } else if (text != NULL && text[0] == '#' && (text[1] == 'a' || text[1] == 'd')) {
        unit = find_unit(arguments[0]);
        if (unit == NULL)
            return NULL;
        text = text[1] == 'a' ? text_for(unit->add, unit->add_p, is_redshift)
                              : text_for(unit->diff, unit->diff_p, is_redshift);
    }
    return text;
}
