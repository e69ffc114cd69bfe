/*
 * SQLBrowseConnect: from a driver's name to a connection, level by level; odbc.md 3.3.
 */
#include "odbctest.h"

static struct t_conn conn;
static char answer[2048];
static SQLSMALLINT length;

static int alloc_conn(void **state)
{
    (void)state;
    t_alloc(&conn, SQL_OV_ODBC3);
    return 0;
}

static int free_conn(void **state)
{
    (void)state;
    SQLDisconnect(conn.dbc);
    SQLFreeHandle(SQL_HANDLE_DBC, conn.dbc);
    SQLFreeHandle(SQL_HANDLE_ENV, conn.env);
    return 0;
}

static SQLRETURN browse(const char *text)
{
    answer[0] = '\0';
    return SQLBrowseConnect(conn.dbc, SQL(text), TEXT(answer), sizeof answer, &length);
}

#define ASK(text)      T_CHECK(SQL_HANDLE_DBC, conn.dbc, SQL_NEED_DATA, NULL, browse(text))
#define WARN_ASK(text) T_CHECK(SQL_HANDLE_DBC, conn.dbc, SQL_NEED_DATA, "01S00", browse(text))

/* Braces undone for the password, which holds ; and }. */
static void password(char *out, size_t cap, const char *value)
{
    size_t n = (size_t)snprintf(out, cap, "PWD={");

    for (const char *p = value; *p != '\0' && n + 4 < cap; p++) {
        out[n++] = *p;
        if (*p == '}')
            out[n++] = '}';
    }
    snprintf(out + n, cap - n, "}");
}

static void asks_level_by_level(void **state)
{
    char text[512];

    (void)state;
    ASK("DRIVER={Redshift ODBC};SSLMode=disable");
    assert_string_equal(answer, "AuthType:Auth Type={Standard,AWS Profile,AWS IAM Credentials};"
                                "*Server:Server=?;Database:Database=?");
    assert_int_equal(length, strlen(answer));
    ASK("AuthType=Standard");
    assert_string_equal(answer, "Server:Server=?;Database:Database=?");
    snprintf(text, sizeof text, "Server=%s;Port=%s", t_var("RS_PG_HOST"), t_var("RS_PG_PORT"));
    ASK(text);
    assert_string_equal(answer, "Database:Database=?");
    snprintf(text, sizeof text, "Database=%s", t_var("RS_PG_DATABASE"));
    ASK(text);
    assert_string_equal(answer, "UID:User=?");
    snprintf(text, sizeof text, "UID=%s", t_var("RS_PG_USER"));
    ASK(text);
    assert_string_equal(answer, "PWD:Password=?");
    password(text, sizeof text, t_var("RS_PG_PASSWORD"));
    DBC_OK(conn.dbc, browse(text));
    t_expect(&conn, "SELECT 1", "1");
    assert_non_null(strstr(answer, "AuthType=Standard;"));
    assert_non_null(strstr(answer, "Database="));
    DBC_ERR(conn.dbc, "08002", browse("UID=x"));
}

static void all_at_once_connects(void **state)
{
    char text[1024], pwd[256];

    (void)state;
    password(pwd, sizeof pwd, t_var("RS_PG_MD5_PASSWORD"));
    snprintf(text, sizeof text,
             "DRIVER={Redshift ODBC};SSLMode=disable;Server=%s;Port=%s;Database=%s;UID=%s;%s",
             t_var("RS_PG_HOST"), t_var("RS_PG_PORT"), t_var("RS_PG_DATABASE"),
             t_var("RS_PG_MD5_USER"), pwd);
#if RS_DIRECT
    DBC_OK(conn.dbc, browse(text));
#else
    /* unixODBC writes the string anew and loses braces: the password comes by itself */
    *strstr(text, "PWD=") = '\0';
    ASK(text);
    DBC_OK(conn.dbc, browse(pwd));
#endif
    t_expect(&conn, "SELECT current_user", t_var("RS_PG_MD5_USER"));
}

static void iam_asks_for_its_own(void **state)
{
    (void)state;
    ASK("DRIVER={Redshift ODBC};AuthType=Static;Database=dev");
    assert_string_equal(answer, "Server:Server=?;*ClusterID:Cluster ID=?;*Region:Region=?");
    ASK("ClusterID=one;Region=eu-west-1");
    assert_string_equal(answer, "AccessKeyID:AccessKeyID=?;DbUser:DbUser=?");
    ASK("AccessKeyID=AKIAEXAMPLE;DbUser=me");
    assert_string_equal(answer, "SecretAccessKey:SecretAccessKey=?;*SessionToken:SessionToken=?");
    DBC_OK(conn.dbc, SQLDisconnect(conn.dbc));
    ASK("DRIVER={Redshift ODBC};AuthType=AWS Profile;Server=h;Database=d");
    assert_string_equal(answer, "Profile:Profile name=?;*DbUser:DbUser=?");
}

static void wrong_values_are_asked_for_again(void **state)
{
    static const char first[] = "DRIVER={Redshift ODBC};Server=h;Database=d";

    (void)state;
    ASK(first);
    WARN_ASK("AuthType=Telepathy");
    assert_string_equal(answer, "AuthType:Auth Type={Standard,AWS Profile,AWS IAM Credentials}");
    WARN_ASK("Port=many;AuthType=Standard");
    assert_string_equal(answer, "UID:User=?");
}

static void values_given_first_stay(void **state)
{
    (void)state;
    ASK("DRIVER={Redshift ODBC};Server=one;Database=d;AuthType=Standard");
    ASK("Server=two");
    assert_string_equal(answer, "UID:User=?");
}

static void other_calls_are_refused(void **state)
{
    SQLHSTMT stmt = NULL;
    char text[2048];

    (void)state;
    t_string(text, sizeof text, T_POSTGRES, "");
    ASK("DRIVER={Redshift ODBC}");
#if RS_DIRECT
    DBC_ERR(conn.dbc, "HY010", t_try(&conn, text));
    DBC_ERR(conn.dbc, "HY010", SQLAllocHandle(SQL_HANDLE_STMT, conn.dbc, &stmt));
    DBC_ERR(conn.dbc, "HY010", SQLFreeHandle(SQL_HANDLE_DBC, conn.dbc));
    DBC_ERR(conn.dbc, "HY010", SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_COMMIT));
#else
    assert_int_equal(SQLAllocHandle(SQL_HANDLE_STMT, conn.dbc, &stmt), SQL_ERROR);
#endif
    ASK("AuthType=Standard"); /* it goes on */
    DBC_OK(conn.dbc, SQLDisconnect(conn.dbc));
    DBC_OK(conn.dbc, t_try(&conn, text)); /* the handle is as fresh */
}

static void an_error_ends_it(void **state)
{
    char text[512];

    (void)state;
#if RS_DIRECT
    DBC_ERR(conn.dbc, "08001", browse("Server=h")); /* neither DSN nor driver */
#endif
    snprintf(text, sizeof text,
             "DRIVER={Redshift ODBC};SSLMode=disable;Server=%s;Port=%s;Database=%s;UID=%s",
             t_var("RS_PG_HOST"), t_var("RS_PG_PORT"), t_var("RS_PG_DATABASE"),
             t_var("RS_PG_USER"));
    ASK(text);
    DBC_ERR(conn.dbc, "28000", browse("PWD=wrong"));
    ASK("DRIVER={Redshift ODBC}");
    assert_non_null(strstr(answer, "Database:Database=?")); /* nothing was kept */
}

static void short_buffers(void **state)
{
    char small[9] = "";
    SQLWCHAR wide[64] = { 0 };

    (void)state;
    T_CHECK(SQL_HANDLE_DBC, conn.dbc, SQL_NEED_DATA, "01004",
            SQLBrowseConnect(conn.dbc, SQL("DRIVER={Redshift ODBC};AuthType=Standard"), TEXT(small),
                             sizeof small, &length));
    assert_string_equal(small, "Server:S");
    assert_int_equal(length, strlen("Server:Server=?;Database:Database=?"));
    ASK("");
    assert_string_equal(answer, "Server:Server=?;Database:Database=?");
    T_CHECK(SQL_HANDLE_DBC, conn.dbc, SQL_NEED_DATA, NULL,
            SQLBrowseConnectW(conn.dbc, (SQLWCHAR[]){ 'S', 'e', 'r', 'v', 'e', 'r', '=', 'h', 0 },
                              SQL_NTS, wide, COUNT_OF(wide), &length));
    assert_int_equal(length, strlen("Database:Database=?"));
    assert_int_equal(wide[8], ':');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(asks_level_by_level, alloc_conn, free_conn),
        cmocka_unit_test_setup_teardown(all_at_once_connects, alloc_conn, free_conn),
        cmocka_unit_test_setup_teardown(iam_asks_for_its_own, alloc_conn, free_conn),
        cmocka_unit_test_setup_teardown(wrong_values_are_asked_for_again, alloc_conn, free_conn),
        cmocka_unit_test_setup_teardown(values_given_first_stay, alloc_conn, free_conn),
        cmocka_unit_test_setup_teardown(other_calls_are_refused, alloc_conn, free_conn),
        cmocka_unit_test_setup_teardown(an_error_ends_it, alloc_conn, free_conn),
        cmocka_unit_test_setup_teardown(short_buffers, alloc_conn, free_conn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
