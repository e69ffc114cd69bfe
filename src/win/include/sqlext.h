/* What mingw-w64's does not have of ODBC 3.8 (Microsoft's sql.h and sqlext.h, the same numbers in
 * unixODBC's). */
#pragma GCC system_header
#include_next <sqlext.h>
#ifndef SQL_OV_ODBC3_80
#define SQL_OV_ODBC3_80                      380UL
#define SQL_API_SQLCANCELHANDLE              1022
#define SQL_ATTR_RESET_CONNECTION            116
#define SQL_RESET_CONNECTION_YES             1UL
#define SQL_ATTR_ASYNC_DBC_FUNCTIONS_ENABLE  117
#define SQL_ATTR_ASYNC_STMT_EVENT            29
#define SQL_ASYNC_DBC_FUNCTIONS              10023
#define SQL_ASYNC_DBC_NOT_CAPABLE            0x00000000L
#define SQL_DRIVER_AWARE_POOLING_SUPPORTED   10024
#define SQL_DRIVER_AWARE_POOLING_NOT_CAPABLE 0x00000000L
#define SQL_ASYNC_NOTIFICATION               10025
#define SQL_ASYNC_NOTIFICATION_NOT_CAPABLE   0x00000000L
#define SQL_PARAM_INPUT_OUTPUT_STREAM        8
#define SQL_PARAM_OUTPUT_STREAM              16
#define SQL_PARAM_DATA_AVAILABLE             101
SQLRETURN SQL_API SQLCancelHandle(SQLSMALLINT HandleType, SQLHANDLE InputHandle);
#endif
