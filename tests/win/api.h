/*
 * The ODBC functions of one library, found by name: the driver's own, or a driver manager's. Tests
 * of the Windows build call them through this, so that one program drives both.
 */
#ifndef TEST_WIN_API_H
#define TEST_WIN_API_H

#include <windows.h>
/* after it */
#include <sql.h>
#include <sqlext.h>
#include <stdbool.h>

struct api {
    HMODULE library;
    SQLRETURN(SQL_API *AllocHandle)(SQLSMALLINT, SQLHANDLE, SQLHANDLE *);
    SQLRETURN(SQL_API *FreeHandle)(SQLSMALLINT, SQLHANDLE);
    SQLRETURN(SQL_API *SetEnvAttr)(SQLHENV, SQLINTEGER, SQLPOINTER, SQLINTEGER);
    SQLRETURN(SQL_API *DriverConnectW)
    (SQLHDBC, SQLHWND, SQLWCHAR *, SQLSMALLINT, SQLWCHAR *, SQLSMALLINT, SQLSMALLINT *,
     SQLUSMALLINT);
    SQLRETURN(SQL_API *Disconnect)(SQLHDBC);
    SQLRETURN(SQL_API *GetInfoW)(SQLHDBC, SQLUSMALLINT, SQLPOINTER, SQLSMALLINT, SQLSMALLINT *);
    SQLRETURN(SQL_API *ExecDirectW)(SQLHSTMT, SQLWCHAR *, SQLINTEGER);
    SQLRETURN(SQL_API *PrepareW)(SQLHSTMT, SQLWCHAR *, SQLINTEGER);
    SQLRETURN(SQL_API *Execute)(SQLHSTMT);
    SQLRETURN(SQL_API *BindCol)(SQLHSTMT, SQLUSMALLINT, SQLSMALLINT, SQLPOINTER, SQLLEN, SQLLEN *);
    SQLRETURN(SQL_API *BindParameter)
    (SQLHSTMT, SQLUSMALLINT, SQLSMALLINT, SQLSMALLINT, SQLSMALLINT, SQLULEN, SQLSMALLINT,
     SQLPOINTER, SQLLEN, SQLLEN *);
    SQLRETURN(SQL_API *SetStmtAttrW)(SQLHSTMT, SQLINTEGER, SQLPOINTER, SQLINTEGER);
    SQLRETURN(SQL_API *Fetch)(SQLHSTMT);
    SQLRETURN(SQL_API *GetData)(SQLHSTMT, SQLUSMALLINT, SQLSMALLINT, SQLPOINTER, SQLLEN, SQLLEN *);
    SQLRETURN(SQL_API *RowCount)(SQLHSTMT, SQLLEN *);
    SQLRETURN(SQL_API *FreeStmt)(SQLHSTMT, SQLUSMALLINT);
    SQLRETURN(SQL_API *Cancel)(SQLHSTMT);
    SQLRETURN(SQL_API *GetDiagRecW)
    (SQLSMALLINT, SQLHANDLE, SQLSMALLINT, SQLWCHAR *, SQLINTEGER *, SQLWCHAR *, SQLSMALLINT,
     SQLSMALLINT *);
};

/* Ends the program with a message where a library or a function is missing. */
void api_load(struct api *api, const wchar_t *path);

/* "the test failed here": prints and counts. */
extern int api_failures;
#define CHECK(what)                                                                                \
    ((what) ? (void)0                                                                              \
            : (void)(api_failures++, printf("FAILED %s:%d: %s\n", __FILE__, __LINE__, #what)))

/* The first record as "state: text", in UTF-8; "" when there is none. */
const char *api_diag(const struct api *api, SQLSMALLINT kind, SQLHANDLE handle);

#endif
