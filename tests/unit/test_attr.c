/* Attributes by attr.def: default, width, range, what is not taken. ODBC, "SQLSetEnvAttr",
 * "SQLSetConnectAttr", "SQLSetStmtAttr". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handles.h"
#include "odbc/attr.h"
#include "oom.h"
#include "redshift_odbc.h"

static const struct row {
    enum rs_attr_scope scope;
    const char *name;
    SQLINTEGER id;
    enum rs_attr_type type;
    enum rs_attr_when when;
    enum rs_attr_rule rule;
    SQLULEN dflt, lowest, highest;
} rows[] = {
#define ENV_ATTR(a, type, when, rule, dflt, low, high, place)                                      \
    { RS_ATTR_OF_ENV, #a, a, RS_ATTR_##type, RS_ATTR_##when, RS_ATTR_##rule, dflt, low, high },
#define DBC_ATTR(a, type, when, rule, dflt, low, high, place)                                      \
    { RS_ATTR_OF_DBC, #a, a, RS_ATTR_##type, RS_ATTR_##when, RS_ATTR_##rule, dflt, low, high },
#define STMT_ATTR(a, type, when, rule, dflt, low, high, place)                                     \
    { RS_ATTR_OF_STMT, #a, a, RS_ATTR_##type, RS_ATTR_##when, RS_ATTR_##rule, dflt, low, high },
#include "odbc/attr.def"
};

static struct rs_diag *diag_of(struct handles *h, enum rs_attr_scope scope)
{
    struct rs_diag *all[] = { &h->env.head.diag, &h->dbc.head.diag, &h->stmt.head.diag };

    return all[scope];
}

static SQLRETURN set(struct handles *h, enum rs_attr_scope scope, SQLINTEGER id, SQLULEN value)
{
    SQLPOINTER p = (SQLPOINTER)value;

    if (scope == RS_ATTR_OF_ENV)
        return rs_env_set_attr(&h->env, id, p, 0);
    if (scope == RS_ATTR_OF_DBC)
        return rs_dbc_set_attr(&h->dbc, id, p, SQL_IS_UINTEGER, false);
    return rs_stmt_set_attr(&h->stmt, id, p, SQL_IS_UINTEGER, false);
}

static SQLRETURN get(struct handles *h, enum rs_attr_scope scope, SQLINTEGER id, void *value)
{
    if (scope == RS_ATTR_OF_ENV)
        return rs_env_get_attr(&h->env, id, value, 0, NULL);
    if (scope == RS_ATTR_OF_DBC)
        return rs_dbc_get_attr(&h->dbc, id, value, NULL);
    return rs_stmt_get_attr(&h->stmt, id, value, NULL);
}

/* Reads and looks that exactly the type's width was written. */
static SQLULEN read_row(struct handles *h, const struct row *r)
{
    union {
        SQLULEN whole[2];
        SQLUINTEGER half[4];
    } v = { .whole = { 0xa5a5a5a5a5a5a5a5, 0xa5a5a5a5a5a5a5a5 } };

    if (get(h, r->scope, r->id, &v) != SQL_SUCCESS)
        fail_msg("%s: %s", r->name, handles_state(diag_of(h, r->scope)));
    assert_true(v.whole[1] == 0xa5a5a5a5a5a5a5a5);
    if (r->type != RS_ATTR_U)
        return v.whole[0];
    assert_int_equal(v.half[1], 0xa5a5a5a5);
    return v.half[0];
}

static bool is_plain(const struct row *r)
{
    return r->rule != RS_ATTR_SPECIAL && r->rule != RS_ATTR_NONE && r->type != RS_ATTR_S &&
           r->type != RS_ATTR_H;
}

static void expect(struct handles *h, const struct row *r, SQLULEN value, const char *state)
{
    SQLRETURN rc = set(h, r->scope, r->id, value);
    const char *got = handles_state(diag_of(h, r->scope));

    if (strcmp(got, state) != 0)
        fail_msg("%s = %llu: \"%s\" instead of \"%s\"", r->name, (unsigned long long)value, got,
                 state);
    assert_int_equal(rc, got[0] == '\0' || strncmp(got, "01", 2) == 0 ? SQL_SUCCESS : SQL_ERROR);
}

static void fresh_handles_have_the_defaults(void **state)
{
    struct handles h;

    (void)state;
    handles_init(&h);
    for (size_t i = 0; i < RS_COUNT(rows); i++) {
        const struct row *r = &rows[i];

        if (!is_plain(r) && r->id != SQL_ATTR_AUTOCOMMIT && r->id != SQL_ATTR_ACCESS_MODE &&
            r->id != SQL_ATTR_TXN_ISOLATION && r->id != SQL_ATTR_ODBC_CURSORS &&
            !(r->id == SQL_ATTR_METADATA_ID && r->scope == RS_ATTR_OF_DBC))
            continue;
        if (read_row(&h, r) != r->dflt)
            fail_msg("%s is not its default", r->name);
        /* nowhere to write to is no error */
        assert_int_equal(get(&h, r->scope, r->id, NULL), SQL_SUCCESS);
    }
    handles_clear(&h);
}

static void walk_row(struct handles *h, const struct row *r)
{
    SQLULEN top = r->highest == RS_ANY ? (SQLULEN)0x7123456789abcdef : r->highest;

    switch (r->rule) {
    case RS_ATTR_TAKE:
        expect(h, r, top, "");
        assert_true(read_row(h, r) == top);
        expect(h, r, r->lowest, "");
        assert_true(read_row(h, r) == r->lowest);
        break;
    case RS_ATTR_CHANGE:
        expect(h, r, top, "01S02");
        assert_true(read_row(h, r) == r->dflt);
        expect(h, r, r->dflt, "");
        break;
    case RS_ATTR_CURSOR:
        expect(h, r, SQL_CURSOR_STATIC, "");
        assert_true(read_row(h, r) == SQL_CURSOR_STATIC);
        expect(h, r, SQL_CURSOR_FORWARD_ONLY, "");
        assert_true(read_row(h, r) == SQL_CURSOR_FORWARD_ONLY);
        expect(h, r, SQL_CURSOR_KEYSET_DRIVEN, "01S02");
        assert_true(read_row(h, r) == SQL_CURSOR_STATIC);
        expect(h, r, r->dflt, "");
        expect(h, r, SQL_CURSOR_DYNAMIC, "01S02");
        assert_true(read_row(h, r) == SQL_CURSOR_STATIC);
        break;
    case RS_ATTR_REFUSE:
        expect(h, r, r->dflt == top ? r->lowest : top, "HYC00");
        assert_true(read_row(h, r) == r->dflt);
        expect(h, r, r->dflt, "");
        break;
    case RS_ATTR_CUT:
        expect(h, r, top, "");
        expect(h, r, top + 1, "01S02");
        assert_true(read_row(h, r) == top);
        expect(h, r, 7, "");
        assert_true(read_row(h, r) == 7);
        break;
    case RS_ATTR_SPECIAL:
    case RS_ATTR_NONE:
        break;
    }
    if (r->rule == RS_ATTR_CUT)
        return;
    if (r->lowest > 0)
        expect(h, r, r->lowest - 1, "HY024");
    if (r->highest != RS_ANY && !(r->type == RS_ATTR_U && r->highest == UINT32_MAX))
        expect(h, r, r->highest + 1, "HY024");
}

static void every_attribute_by_its_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        struct handles h;

        handles_init(&h);
        if (r->when == RS_ATTR_NEVER)
            expect(&h, r, 0, "HY092");
        else if (r->rule == RS_ATTR_NONE)
            expect(&h, r, 0, "HYC00");
        else if (is_plain(r))
            walk_row(&h, r);
        if (r->rule == RS_ATTR_NONE) {
            assert_int_equal(get(&h, r->scope, r->id, NULL), SQL_ERROR);
            assert_string_equal(handles_state(diag_of(&h, r->scope)), "HYC00");
        }
        handles_clear(&h);
    }
}

/* Single cases: state of setting. */
static const struct {
    enum rs_attr_scope scope;
    SQLINTEGER id;
    SQLULEN value;
    const char *state;
} cases[] = {
    { RS_ATTR_OF_ENV, SQL_ATTR_ODBC_VERSION, SQL_OV_ODBC2, "" },
    { RS_ATTR_OF_ENV, SQL_ATTR_ODBC_VERSION, 4, "HY024" },
    { RS_ATTR_OF_ENV, SQL_ATTR_ODBC_VERSION, 381, "HY024" },
    { RS_ATTR_OF_ENV, SQL_ATTR_OUTPUT_NTS, SQL_FALSE, "HYC00" },
    { RS_ATTR_OF_ENV, 4711, 0, "HY092" },
    { RS_ATTR_OF_DBC, 1227, 0, "HY092" },
    { RS_ATTR_OF_DBC, SQL_ATTR_SIMULATE_CURSOR, 0, "HY092" },
    { RS_ATTR_OF_DBC, SQL_ATTR_TXN_ISOLATION, SQL_TXN_READ_COMMITTED, "" },
    { RS_ATTR_OF_DBC, SQL_ATTR_TXN_ISOLATION, 3, "HY024" },
    { RS_ATTR_OF_DBC, SQL_ATTR_TXN_ISOLATION, 16, "HY024" },
    { RS_ATTR_OF_DBC, SQL_ATTR_TXN_ISOLATION, 0, "HY024" },
    { RS_ATTR_OF_DBC, SQL_ATTR_AUTOCOMMIT, 2, "HY024" },
    { RS_ATTR_OF_DBC, SQL_ATTR_ODBC_CURSORS, SQL_CUR_USE_ODBC, "HYC00" },
    { RS_ATTR_OF_DBC, SQL_ATTR_ODBC_CURSORS, SQL_CUR_USE_IF_NEEDED, "" },
    { RS_ATTR_OF_DBC, SQL_ATTR_RESET_CONNECTION, SQL_RESET_CONNECTION_YES, "08003" },
    { RS_ATTR_OF_DBC, SQL_ATTR_RESET_CONNECTION, 2, "HY024" },
    { RS_ATTR_OF_DBC, SQL_ATTR_CONNECTION_DEAD, 0, "HY092" },
    { RS_ATTR_OF_DBC, SQL_ATTR_CURRENT_CATALOG, 0, "HY009" },
    { RS_ATTR_OF_DBC, SQL_ATTR_TRACEFILE, (SQLULEN) "x", "" },
    { RS_ATTR_OF_STMT, SQL_ATTR_IMP_ROW_DESC, 0, "HY017" },
    { RS_ATTR_OF_STMT, SQL_ATTR_IMP_PARAM_DESC, 0, "HY017" },
    { RS_ATTR_OF_STMT, 1228, 0, "HY092" },
    { RS_ATTR_OF_STMT, SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_DYNAMIC, "01S02" },
    { RS_ATTR_OF_STMT, SQL_ATTR_PARAMSET_SIZE, 0, "HY024" },
    /* only four bytes count in a SQLUINTEGER */
    { RS_ATTR_OF_DBC, SQL_ATTR_ACCESS_MODE, 0xffffffff00000001, "" },
};

static void single_states(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        const struct row r = { cases[i].scope, "case", cases[i].id, 0, 0, 0, 0, 0, 0 };
        struct handles h;

        handles_init(&h);
        expect(&h, &r, cases[i].value, cases[i].state);
        handles_clear(&h);
    }
}

/* One step sets an attribute; then the three of scrolling are these. */
static const struct {
    SQLINTEGER id;
    SQLULEN value;
    const char *state;
    SQLULEN type, scrollable, sensitivity;
} scrolling[] = {
    { SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_STATIC, "", SQL_CURSOR_STATIC, SQL_SCROLLABLE,
      SQL_INSENSITIVE },
    { SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_FORWARD_ONLY, "", SQL_CURSOR_FORWARD_ONLY, SQL_NONSCROLLABLE,
      SQL_UNSPECIFIED },
    { SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_KEYSET_DRIVEN, "01S02", SQL_CURSOR_STATIC, SQL_SCROLLABLE,
      SQL_INSENSITIVE },
    { SQL_ATTR_CURSOR_SCROLLABLE, SQL_NONSCROLLABLE, "", SQL_CURSOR_FORWARD_ONLY, SQL_NONSCROLLABLE,
      SQL_UNSPECIFIED },
    { SQL_ATTR_CURSOR_SCROLLABLE, SQL_SCROLLABLE, "", SQL_CURSOR_STATIC, SQL_SCROLLABLE,
      SQL_INSENSITIVE },
    { SQL_ATTR_CURSOR_SENSITIVITY, SQL_UNSPECIFIED, "", SQL_CURSOR_STATIC, SQL_SCROLLABLE,
      SQL_UNSPECIFIED },
    { SQL_ATTR_CURSOR_SENSITIVITY, SQL_SENSITIVE, "HYC00", SQL_CURSOR_STATIC, SQL_SCROLLABLE,
      SQL_UNSPECIFIED },
    { SQL_ATTR_CURSOR_SENSITIVITY, 3, "HY024", SQL_CURSOR_STATIC, SQL_SCROLLABLE, SQL_UNSPECIFIED },
    { SQL_ATTR_CURSOR_SCROLLABLE, SQL_NONSCROLLABLE, "", SQL_CURSOR_FORWARD_ONLY, SQL_NONSCROLLABLE,
      SQL_UNSPECIFIED },
    { SQL_ATTR_CURSOR_SENSITIVITY, SQL_UNSPECIFIED, "", SQL_CURSOR_FORWARD_ONLY, SQL_NONSCROLLABLE,
      SQL_UNSPECIFIED },
    { SQL_ATTR_CURSOR_SENSITIVITY, SQL_INSENSITIVE, "", SQL_CURSOR_STATIC, SQL_SCROLLABLE,
      SQL_INSENSITIVE },
};

static void scrolling_is_said_in_three_ways(void **state)
{
    struct handles h;

    (void)state;
    handles_init(&h);
    for (size_t i = 0; i < RS_COUNT(scrolling); i++) {
        const struct row r = { RS_ATTR_OF_STMT, "step", scrolling[i].id, 0, 0, 0, 0, 0, 0 };
        SQLULEN type = 9, scrollable = 9, sensitivity = 9;

        expect(&h, &r, scrolling[i].value, scrolling[i].state);
        assert_int_equal(get(&h, r.scope, SQL_ATTR_CURSOR_TYPE, &type), SQL_SUCCESS);
        assert_int_equal(get(&h, r.scope, SQL_ATTR_CURSOR_SCROLLABLE, &scrollable), SQL_SUCCESS);
        assert_int_equal(get(&h, r.scope, SQL_ATTR_CURSOR_SENSITIVITY, &sensitivity), SQL_SUCCESS);
        if (type != scrolling[i].type || scrollable != scrolling[i].scrollable ||
            sensitivity != scrolling[i].sensitivity)
            fail_msg("step %zu: %d %d %d", i, (int)type, (int)scrollable, (int)sensitivity);
    }
    handles_clear(&h);
}

static void an_environment_with_connections_keeps_its_version(void **state)
{
    const struct row r = { RS_ATTR_OF_ENV, "version", SQL_ATTR_ODBC_VERSION, 0, 0, 0, 0, 0, 0 };
    struct handles h;

    (void)state;
    handles_init(&h);
    h.env.first = &h.dbc;
    expect(&h, &r, SQL_OV_ODBC3, "HY010");
    assert_int_equal(h.env.odbc_version, SQL_OV_ODBC3_80);
    handles_clear(&h);
}

/* ODBC's states: S1; prepared; with a result; waiting for data, prepared or not. */
static const struct {
    enum rs_stmt_state state;
    bool is_prepared;
    const char *fresh, *any;
} states[] = {
    { RS_S1_ALLOCATED, false, "", "" },           { RS_S2_PREPARED, true, "HY011", "" },
    { RS_S4_EXECUTED, true, "24000", "" },        { RS_S5_OPEN, false, "24000", "" },
    { RS_S7_EXTFETCHED, true, "24000", "" },      { RS_S8_NEED_DATA, true, "HY011", "HY010" },
    { RS_S8_NEED_DATA, false, "HY010", "HY010" },
};

static void cursor_attributes_want_a_fresh_statement(void **state)
{
    struct handles h;

    (void)state;
    handles_init(&h);
    for (size_t s = 0; s < RS_COUNT(states); s++)
        for (size_t i = 0; i < RS_COUNT(rows); i++) {
            const struct row *r = &rows[i];

            if (r->scope != RS_ATTR_OF_STMT || !is_plain(r) || r->when == RS_ATTR_NEVER)
                continue;
            h.stmt.state = states[s].state;
            h.stmt.is_prepared = states[s].is_prepared;
            expect(&h, r, r->dflt, r->when == RS_ATTR_FRESH ? states[s].fresh : states[s].any);
        }
    h.stmt.state = RS_S1_ALLOCATED;
    h.stmt.is_prepared = false;
    handles_clear(&h);
}

static void descriptor_attributes_are_descriptor_fields(void **state)
{
    struct handles h;
    uint32_t change;

    (void)state;
    handles_init(&h);
    change = h.stmt.ard->change;
    set(&h, RS_ATTR_OF_STMT, SQL_ATTR_ROW_ARRAY_SIZE, 1024);
    assert_int_equal(h.stmt.own_ard.array_size, 1024);
    assert_true(change != h.stmt.ard->change);
    set(&h, RS_ATTR_OF_STMT, SQL_ROWSET_SIZE, 7);
    assert_int_equal(h.stmt.own_ard.array_size, 1024);
    set(&h, RS_ATTR_OF_STMT, SQL_ATTR_PARAMSET_SIZE, 3);
    assert_int_equal(h.stmt.own_apd.array_size, 3);
    set(&h, RS_ATTR_OF_STMT, SQL_ATTR_ROW_STATUS_PTR, (SQLULEN)&h);
    assert_ptr_equal(h.stmt.own_ird.array_status_ptr, &h);
    set(&h, RS_ATTR_OF_STMT, SQL_ATTR_ROWS_FETCHED_PTR, (SQLULEN)&h);
    assert_ptr_equal(h.stmt.own_ird.rows_processed_ptr, &h);
    set(&h, RS_ATTR_OF_STMT, SQL_ATTR_PARAM_STATUS_PTR, (SQLULEN)&h);
    assert_ptr_equal(h.stmt.own_ipd.array_status_ptr, &h);
    set(&h, RS_ATTR_OF_STMT, SQL_ATTR_PARAM_BIND_OFFSET_PTR, (SQLULEN)&h);
    assert_ptr_equal(h.stmt.own_apd.bind_offset_ptr, &h);
    handles_clear(&h);
}

static const char *set_ard(struct handles *h, SQLPOINTER desc)
{
    rs_stmt_set_attr(&h->stmt, SQL_ATTR_APP_ROW_DESC, desc, SQL_IS_POINTER, false);
    return handles_state(&h->stmt.head.diag);
}

static void explicit_descriptors_take_the_place(void **state)
{
    struct handles h, stranger;
    struct rs_desc mine;
    void *got = NULL;

    (void)state;
    handles_init(&h);
    handles_init(&stranger);
    rs_desc_init(&mine, RS_DESC_EXPLICIT, &h.dbc, NULL);
    mine.array_size = 5;
    h.dbc.descs = &mine;
    assert_string_equal(set_ard(&h, &mine), "");
    assert_ptr_equal(h.stmt.ard, &mine);
    assert_int_equal(get(&h, RS_ATTR_OF_STMT, SQL_ATTR_APP_ROW_DESC, &got), SQL_SUCCESS);
    assert_ptr_equal(got, &mine);
    assert_int_equal(get(&h, RS_ATTR_OF_STMT, SQL_ATTR_ROW_ARRAY_SIZE, &got), SQL_SUCCESS);
    assert_int_equal((SQLULEN)got, 5);
    assert_string_equal(set_ard(&h, &h.stmt.own_apd), "HY017");
    assert_string_equal(set_ard(&h, &h.stmt.own_ird), "HY017");
    assert_string_equal(set_ard(&h, &stranger.stmt.own_ard), "HY024");
    assert_ptr_equal(h.stmt.ard, &mine);
    assert_string_equal(set_ard(&h, NULL), "");
    assert_ptr_equal(h.stmt.ard, &h.stmt.own_ard);
    set_ard(&h, &mine);
    assert_string_equal(set_ard(&h, &h.stmt.own_ard), "");
    assert_ptr_equal(h.stmt.ard, &h.stmt.own_ard);
    assert_int_equal(get(&h, RS_ATTR_OF_STMT, SQL_ATTR_IMP_PARAM_DESC, &got), SQL_SUCCESS);
    assert_ptr_equal(got, &h.stmt.own_ipd);
    assert_int_equal(get(&h, RS_ATTR_OF_STMT, SQL_ATTR_IMP_ROW_DESC, &got), SQL_SUCCESS);
    assert_ptr_equal(got, &h.stmt.own_ird);
    h.dbc.descs = NULL;
    rs_desc_clear(&mine);
    handles_clear(&stranger);
    handles_clear(&h);
}

static void the_row_number_needs_a_row(void **state)
{
    struct handles h;
    SQLULEN row = 0;

    (void)state;
    handles_init(&h);
    for (int position = RS_POS_BEFORE; position <= RS_POS_AFTER; position++) {
        h.stmt.state = RS_S6_FETCHED;
        h.stmt.position = (enum rs_position)position;
        h.stmt.row_number = 11;
        h.stmt.current = 2;
        if (position == RS_POS_ON_ROW) {
            assert_int_equal(get(&h, RS_ATTR_OF_STMT, SQL_ATTR_ROW_NUMBER, &row), SQL_SUCCESS);
            assert_int_equal(row, 13);
            continue;
        }
        assert_int_equal(get(&h, RS_ATTR_OF_STMT, SQL_ATTR_ROW_NUMBER, &row), SQL_ERROR);
        assert_string_equal(handles_state(&h.stmt.head.diag), "24000");
    }
    h.stmt.state = RS_S1_ALLOCATED;
    h.stmt.position = RS_POS_ON_ROW;
    assert_int_equal(get(&h, RS_ATTR_OF_STMT, SQL_ATTR_ROW_NUMBER, &row), SQL_ERROR);
    handles_clear(&h);
}

/* What is set on a connection is there for statements made later. */
static void connections_give_defaults_to_statements(void **state)
{
    static const SQLINTEGER inherited[] = { SQL_ATTR_MAX_ROWS, SQL_ATTR_MAX_LENGTH,
                                            SQL_ATTR_QUERY_TIMEOUT, SQL_ATTR_ROW_BIND_TYPE };
    struct handles h;
    struct rs_stmt later;
    SQLULEN value = 0;

    (void)state;
    handles_init(&h);
    for (size_t i = 0; i < RS_COUNT(inherited); i++)
        set(&h, RS_ATTR_OF_DBC, inherited[i], 40 + i);
    set(&h, RS_ATTR_OF_DBC, SQL_ATTR_NOSCAN, SQL_NOSCAN_ON);
    set(&h, RS_ATTR_OF_DBC, SQL_ATTR_METADATA_ID, SQL_TRUE);
    /* METADATA_ID reaches those that exist as well */
    assert_int_equal(h.stmt.attrs.metadata_id, SQL_TRUE);
    assert_int_equal(h.stmt.attrs.max_rows, 0);
    memset(&later, 0, sizeof later);
    rs_stmt_init(&later, &h.dbc);
    for (size_t i = 0; i < RS_COUNT(inherited); i++) {
        assert_int_equal(rs_stmt_get_attr(&later, inherited[i], &value, NULL), SQL_SUCCESS);
        assert_int_equal(value, 40 + i);
    }
    assert_int_equal(later.attrs.noscan, SQL_NOSCAN_ON);
    assert_int_equal(later.attrs.metadata_id, SQL_TRUE);
    rs_stmt_clear(&later);
    handles_clear(&h);
}

static void what_is_set_before_connecting_is_remembered(void **state)
{
    static const SQLWCHAR wide[] = { 'd', 'e', 'v', 'x' };
    struct handles h;
    char text[16];
    SQLINTEGER length = 0;
    struct rs_text_out out = { .p = text, .cap = sizeof text, .len32 = &length };

    (void)state;
    handles_init(&h);
    set(&h, RS_ATTR_OF_DBC, SQL_ATTR_LOGIN_TIMEOUT, 0);
    assert_true(h.dbc.has_login_timeout);
    set(&h, RS_ATTR_OF_DBC, SQL_ATTR_CONNECTION_TIMEOUT, 3);
    assert_true(h.dbc.has_connection_timeout);
    set(&h, RS_ATTR_OF_DBC, SQL_ATTR_ACCESS_MODE, SQL_MODE_READ_ONLY);
    assert_true(h.dbc.has_access_mode && !h.dbc.access_mode_applied);
    set(&h, RS_ATTR_OF_DBC, SQL_ATTR_QUERY_TIMEOUT, 0);
    assert_true(h.dbc.defaults.has_query_timeout);

    assert_int_equal(rs_dbc_get_attr(&h.dbc, SQL_ATTR_CURRENT_CATALOG, text, &out), SQL_ERROR);
    assert_string_equal(handles_state(&h.dbc.head.diag), "08003");
    /* a wide text's length is in bytes */
    assert_int_equal(
        rs_dbc_set_attr(&h.dbc, SQL_ATTR_CURRENT_CATALOG, (SQLPOINTER)(uintptr_t)wide, 6, true),
        SQL_SUCCESS);
    assert_int_equal(rs_dbc_get_attr(&h.dbc, SQL_ATTR_CURRENT_CATALOG, text, &out), SQL_SUCCESS);
    assert_string_equal(text, "dev");
    assert_int_equal(length, 3);
    out.cap = 3;
    rs_dbc_get_attr(&h.dbc, SQL_ATTR_CURRENT_CATALOG, text, &out);
    assert_string_equal(handles_state(&h.dbc.head.diag), "01004");
    out.cap = -1;
    assert_int_equal(rs_dbc_get_attr(&h.dbc, SQL_ATTR_CURRENT_CATALOG, text, &out), SQL_ERROR);
    assert_string_equal(handles_state(&h.dbc.head.diag), "HY090");
    handles_clear(&h);
}

static void keys_are_the_defaults_of_timeouts(void **state)
{
    static const struct {
        SQLINTEGER id;
        SQLUINTEGER want;
    } want[] = { { SQL_ATTR_LOGIN_TIMEOUT, 5 },
                 { SQL_ATTR_CONNECTION_TIMEOUT, 6 },
                 { SQL_ATTR_QUERY_TIMEOUT, 7 },
                 { SQL_ATTR_ACCESS_MODE, SQL_MODE_READ_ONLY } };
    struct handles h;

    (void)state;
    handles_init(&h);
    h.dbc.has_settings = true;
    h.dbc.settings.login_timeout = 5;
    h.dbc.settings.read_timeout = 6;
    h.dbc.settings.query_timeout = 7;
    h.dbc.settings.read_only = true;
    for (size_t i = 0; i < RS_COUNT(want); i++) {
        SQLULEN value = 0;

        assert_int_equal(get(&h, RS_ATTR_OF_DBC, want[i].id, &value), SQL_SUCCESS);
        assert_int_equal(value, want[i].want);
        set(&h, RS_ATTR_OF_DBC, want[i].id, 0);
        assert_int_equal(get(&h, RS_ATTR_OF_DBC, want[i].id, &value), SQL_SUCCESS);
        assert_int_equal(value, 0);
    }
    h.dbc.has_settings = false;
    handles_clear(&h);
}

static void session_attributes_need_a_session(void **state)
{
    static const SQLINTEGER ids[] = { SQL_ATTR_CONNECTION_DEAD, RS_ATTR_SESSION_ID,
                                      RS_ATTR_IS_REDSHIFT, RS_ATTR_SERVER_PROTOCOL,
                                      RS_ATTR_SESSION_TEXT };
    struct handles h;
    SQLULEN value;

    (void)state;
    handles_init(&h);
    for (size_t i = 0; i < RS_COUNT(ids); i++) {
        assert_int_equal(get(&h, RS_ATTR_OF_DBC, ids[i], &value), SQL_ERROR);
        assert_string_equal(handles_state(&h.dbc.head.diag), "08003");
    }
    handles_clear(&h);
}

static bool set_catalog(void *ctx)
{
    struct handles h;
    char name[] = "dev";
    bool ok;

    (void)ctx;
    handles_init(&h);
    ok = rs_dbc_set_attr(&h.dbc, SQL_ATTR_CURRENT_CATALOG, name, SQL_NTS, false) == SQL_SUCCESS;
    if (!ok) {
        assert_string_equal(handles_state(&h.dbc.head.diag), "HY001");
        assert_null(h.dbc.current_catalog);
    }
    handles_clear(&h);
    return ok;
}

static void survives_missing_memory(void **state)
{
    (void)state;
    rs_test_oom(set_catalog, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fresh_handles_have_the_defaults),
        cmocka_unit_test(every_attribute_by_its_rule),
        cmocka_unit_test(single_states),
        cmocka_unit_test(scrolling_is_said_in_three_ways),
        cmocka_unit_test(an_environment_with_connections_keeps_its_version),
        cmocka_unit_test(cursor_attributes_want_a_fresh_statement),
        cmocka_unit_test(descriptor_attributes_are_descriptor_fields),
        cmocka_unit_test(explicit_descriptors_take_the_place),
        cmocka_unit_test(the_row_number_needs_a_row),
        cmocka_unit_test(connections_give_defaults_to_statements),
        cmocka_unit_test(what_is_set_before_connecting_is_remembered),
        cmocka_unit_test(keys_are_the_defaults_of_timeouts),
        cmocka_unit_test(session_attributes_need_a_session),
        cmocka_unit_test(survives_missing_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
