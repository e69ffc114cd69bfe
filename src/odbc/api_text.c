/*
 * Entry points with text arguments: the same lines for narrow (UTF-8) and wide (UTF-16) text.
 */
#include "desc.h"
#include "stmt.h"

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
