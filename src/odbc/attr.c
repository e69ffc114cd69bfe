#include "attr.h"

#include <string.h>

#define AT(base_, type_, member) RS_ATTR_IN_##base_, RS_SLOT(type_, member)
#define NIL                      RS_ATTR_IN_NIL, RS_SLOT_NONE
#define ENV(member)              AT(ENV, struct rs_env, member)
#define DBC(member)              AT(DBC, struct rs_dbc, member)
#define STMT(member)             AT(STMT, struct rs_stmt, member)
#define ARD(member)              AT(ARD, struct rs_desc, member)
#define APD(member)              AT(APD, struct rs_desc, member)
#define IRD(member)              AT(IRD, struct rs_desc, member)
#define IPD(member)              AT(IPD, struct rs_desc, member)
#define ROW(attribute, type, when, rule, dflt, lowest, highest, place)                             \
    { attribute, RS_ATTR_##type, RS_ATTR_##when, RS_ATTR_##rule, dflt, lowest, highest, place },

static const struct rs_attr env_attrs[] = {
#define ENV_ATTR ROW
#include "attr.def"
};
static const struct rs_attr dbc_attrs[] = {
#define DBC_ATTR ROW
#include "attr.def"
};
static const struct rs_attr stmt_attrs[] = {
#define STMT_ATTR ROW
#include "attr.def"
};

static const struct {
    const struct rs_attr *at;
    size_t n;
    const char *name;
} scopes[] = {
    [RS_ATTR_OF_ENV] = { env_attrs, RS_COUNT(env_attrs), "environment" },
    [RS_ATTR_OF_DBC] = { dbc_attrs, RS_COUNT(dbc_attrs), "connection" },
    [RS_ATTR_OF_STMT] = { stmt_attrs, RS_COUNT(stmt_attrs), "statement" },
};

const struct rs_attr *rs_attr_find(enum rs_attr_scope scope, SQLINTEGER id, struct rs_diag *diag)
{
    for (size_t i = 0; i < scopes[scope].n; i++)
        if (scopes[scope].at[i].id == id)
            return &scopes[scope].at[i];
    rs_fail(diag, RS_HY092, 0, "%ld is no attribute of a %s", (long)id, scopes[scope].name);
    return NULL;
}

SQLULEN rs_attr_value(const struct rs_attr *attr, SQLPOINTER value)
{
    SQLULEN n = (SQLULEN)value;

    return attr->type == RS_ATTR_U ? (SQLUINTEGER)n : n;
}

/* A valid value that the driver does not take. */
static bool settle(const struct rs_attr *attr, SQLULEN *value, SQLULEN taken, struct rs_diag *diag)
{
    if (*value == taken)
        return true;
    rs_warn(diag, RS_01S02, "attribute %ld became %llu instead of %llu", (long)attr->id,
            (unsigned long long)taken, (unsigned long long)*value);
    *value = taken;
    return true;
}

bool rs_attr_check(const struct rs_attr *attr, SQLULEN *value, struct rs_diag *diag)
{
    if (attr->when == RS_ATTR_NEVER)
        return rs_fail(diag, RS_HY092, 0, "attribute %ld is read-only", (long)attr->id);
    if (attr->rule == RS_ATTR_NONE)
        return rs_fail(diag, RS_HYC00, 0, "attribute %ld is not supported", (long)attr->id);
    if (attr->type == RS_ATTR_S)
        return true;
    if (attr->rule == RS_ATTR_CUT)
        return settle(attr, value, *value > attr->highest ? attr->highest : *value, diag);
    if (*value < attr->lowest || *value > attr->highest)
        return rs_fail(diag, RS_HY024, 0, "attribute %ld cannot be %llu", (long)attr->id,
                       (unsigned long long)*value);
    if (attr->rule == RS_ATTR_REFUSE && *value != attr->dflt)
        return rs_fail(diag, RS_HYC00, 0, "attribute %ld can only be %llu", (long)attr->id,
                       (unsigned long long)attr->dflt);
    if (attr->rule == RS_ATTR_CURSOR)
        return settle(
            attr, value,
            *value == SQL_CURSOR_FORWARD_ONLY ? SQL_CURSOR_FORWARD_ONLY : SQL_CURSOR_STATIC, diag);
    return attr->rule != RS_ATTR_CHANGE || settle(attr, value, attr->dflt, diag);
}

void rs_attr_write(const struct rs_attr *attr, SQLPOINTER to, SQLULEN value)
{
    SQLUINTEGER u = (SQLUINTEGER)value;

    if (to == NULL)
        return;
    if (attr->type == RS_ATTR_U)
        memcpy(to, &u, sizeof u);
    else
        memcpy(to, &value, sizeof value);
}

/* ---- environment ---- */

static bool check_version(const struct rs_env *env, SQLULEN value, struct rs_diag *diag)
{
    if (env->first != NULL)
        return rs_fail(diag, RS_HY010, 0,
                       "the ODBC version is set before the first connection is allocated");
    if (value != SQL_OV_ODBC2 && value != SQL_OV_ODBC3 && value != SQL_OV_ODBC3_80)
        return rs_fail(diag, RS_HY024, 0, "%llu is no ODBC version", (unsigned long long)value);
    return true;
}

SQLRETURN rs_env_set_attr(struct rs_env *env, SQLINTEGER attribute, SQLPOINTER value,
                          SQLINTEGER length)
{
    struct rs_diag *diag = &env->head.diag;
    const struct rs_attr *attr = rs_attr_find(RS_ATTR_OF_ENV, attribute, diag);
    SQLULEN n;

    (void)length;
    if (attr == NULL)
        return SQL_ERROR;
    n = rs_attr_value(attr, value);
    if (!rs_attr_check(attr, &n, diag))
        return SQL_ERROR;
    if (attribute == SQL_ATTR_ODBC_VERSION && !check_version(env, n, diag))
        return SQL_ERROR;
    rs_slot_put(env, attr->slot, (int64_t)n);
    return SQL_SUCCESS;
}

SQLRETURN rs_env_get_attr(struct rs_env *env, SQLINTEGER attribute, SQLPOINTER value,
                          SQLINTEGER cap, SQLINTEGER *length)
{
    const struct rs_attr *attr = rs_attr_find(RS_ATTR_OF_ENV, attribute, &env->head.diag);
    SQLULEN n;

    (void)cap;
    if (attr == NULL)
        return SQL_ERROR;
    n = attr->base == RS_ATTR_IN_NIL ? attr->dflt : (SQLULEN)rs_slot_get(env, attr->slot);
    rs_attr_write(attr, value, n);
    if (length != NULL)
        *length = sizeof(SQLUINTEGER);
    return SQL_SUCCESS;
}
