#include "../posix.h" /* IWYU pragma: export */
