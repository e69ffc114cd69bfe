#pragma GCC system_header
#include_next <fcntl.h>
#include "posix.h" /* IWYU pragma: export */
