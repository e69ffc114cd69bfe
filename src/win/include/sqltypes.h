/* mingw-w64's asks for the types of windows.h and does not bring them, and knows less of ODBC 3.8
 * than Microsoft's. */
#pragma GCC system_header
#include <windows.h>
#include_next <sqltypes.h>
#undef TEXT /* rows of a table of ours go by this name */
