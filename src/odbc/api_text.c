/*
 * Entry points with text arguments: the same lines for narrow (UTF-8) and wide (UTF-16) text.
 */
#include "desc.h"
#include "turn.h"

/* ---- what may be polled, with its arguments ---- */

static SQLRETURN run_prepare(struct rs_stmt *stmt, const void *args)
{
    return rs_stmt_prepare(stmt, *(const struct rs_text *)args);
}

static SQLRETURN run_exec_direct(struct rs_stmt *stmt, const void *args)
{
    return rs_stmt_exec_direct(stmt, *(const struct rs_text *)args);
}

struct describe_col_args {
    struct rs_text_out name;
    SQLUSMALLINT column;
    SQLSMALLINT *type;
    SQLULEN *size;
    SQLSMALLINT *digits, *nullable;
};

static SQLRETURN run_describe_col(struct rs_stmt *stmt, const void *args)
{
    const struct describe_col_args *arg = args;

    return rs_describe_col(stmt, arg->column, &arg->name, arg->type, arg->size, arg->digits,
                           arg->nullable);
}

struct col_attribute_args {
    struct rs_text_out text;
    SQLUSMALLINT column, field;
    SQLLEN *number;
};

static SQLRETURN run_col_attribute(struct rs_stmt *stmt, const void *args)
{
    const struct col_attribute_args *arg = args;

    return rs_col_attribute(stmt, arg->column, arg->field, &arg->text, arg->number);
}

static SQLRETURN run_tables(struct rs_stmt *stmt, const void *args)
{
    const struct rs_text *name = args;

    return rs_tables(stmt, name[0], name[1], name[2], name[3]);
}

static SQLRETURN run_columns(struct rs_stmt *stmt, const void *args)
{
    const struct rs_text *name = args;

    return rs_columns_of(stmt, name[0], name[1], name[2], name[3]);
}

static SQLRETURN run_primary_keys(struct rs_stmt *stmt, const void *args)
{
    const struct rs_text *name = args;

    return rs_primary_keys(stmt, name[0], name[1], name[2]);
}

static SQLRETURN run_foreign_keys(struct rs_stmt *stmt, const void *args)
{
    return rs_foreign_keys(stmt, args);
}

struct table_args {
    struct rs_text name[3];
    SQLUSMALLINT option[3];
};

static SQLRETURN run_statistics(struct rs_stmt *stmt, const void *args)
{
    const struct table_args *arg = args;

    return rs_statistics(stmt, arg->name[0], arg->name[1], arg->name[2], arg->option[0],
                         arg->option[1]);
}

static SQLRETURN run_special_columns(struct rs_stmt *stmt, const void *args)
{
    const struct table_args *arg = args;

    return rs_special_columns(stmt, arg->option[0], arg->name, arg->option[1], arg->option[2]);
}

static SQLRETURN run_table_privileges(struct rs_stmt *stmt, const void *args)
{
    const struct rs_text *name = args;

    return rs_table_privileges(stmt, name[0], name[1], name[2]);
}

static SQLRETURN run_column_privileges(struct rs_stmt *stmt, const void *args)
{
    const struct rs_text *name = args;

    return rs_column_privileges(stmt, name[0], name[1], name[2], name[3]);
}

static SQLRETURN run_procedures(struct rs_stmt *stmt, const void *args)
{
    const struct rs_text *name = args;

    return rs_procedures(stmt, name[0], name[1], name[2]);
}

static SQLRETURN run_procedure_columns(struct rs_stmt *stmt, const void *args)
{
    const struct rs_text *name = args;

    return rs_procedure_columns(stmt, name[0], name[1], name[2], name[3]);
}

#define CORE(name, id, size)                                                                       \
    static const struct rs_core name = { .function = (id), .run = run_##name, .args_size = (size) }
#define NAMES(name, id, n) CORE(name, id, (n) * sizeof(struct rs_text))

NAMES(prepare, SQL_API_SQLPREPARE, 1);
NAMES(exec_direct, SQL_API_SQLEXECDIRECT, 1);
NAMES(tables, SQL_API_SQLTABLES, 4);
NAMES(columns, SQL_API_SQLCOLUMNS, 4);
NAMES(primary_keys, SQL_API_SQLPRIMARYKEYS, 3);
NAMES(foreign_keys, SQL_API_SQLFOREIGNKEYS, 6);
CORE(statistics, SQL_API_SQLSTATISTICS, sizeof(struct table_args));
CORE(special_columns, SQL_API_SQLSPECIALCOLUMNS, sizeof(struct table_args));
NAMES(table_privileges, SQL_API_SQLTABLEPRIVILEGES, 3);
NAMES(column_privileges, SQL_API_SQLCOLUMNPRIVILEGES, 4);
NAMES(procedures, SQL_API_SQLPROCEDURES, 3);
NAMES(procedure_columns, SQL_API_SQLPROCEDURECOLUMNS, 4);

static const struct rs_core describe_col = { .function = SQL_API_SQLDESCRIBECOL,
                                             .run = run_describe_col,
                                             .args_size = sizeof(struct describe_col_args),
                                             .needs = RS_CORE_ONCE };
static const struct rs_core col_attribute = { .function = SQL_API_SQLCOLATTRIBUTE,
                                              .run = run_col_attribute,
                                              .args_size = sizeof(struct col_attribute_args),
                                              .needs = RS_CORE_ONCE };

/* ---- entry points ---- */

#define TEXT_IN(text, len) ((struct rs_text){ (text), (len), API_WIDE })
#define OUT_UNITS(to, cap_, len_)                                                                  \
    {                                                                                              \
        .p = (to), .cap = (cap_), .len16 = (len_), .is_wide = API_WIDE, .in_units = true           \
    }
#define OUT_BYTES(to, cap_, len_)                                                                  \
    {                                                                                              \
        .p = (to), .cap = (cap_), .len16 = (len_), .is_wide = API_WIDE, .in_units = false          \
    }
#define OUT_UNITS32(to, cap_, len_)                                                                \
    {                                                                                              \
        .p = (to), .cap = (cap_), .len32 = (len_), .is_wide = API_WIDE, .in_units = true           \
    }
#define OUT_BYTES32(to, cap_, len_)                                                                \
    {                                                                                              \
        .p = (to), .cap = (cap_), .len32 = (len_), .is_wide = API_WIDE, .in_units = false          \
    }

#define API(name) name
#define API_CHAR  SQLCHAR
#define API_WIDE  false
#include "api_text.inc"
#undef API
#undef API_CHAR
#undef API_WIDE

#define API(name) name##W
#define API_CHAR  SQLWCHAR
#define API_WIDE  true
#include "api_text.inc"
