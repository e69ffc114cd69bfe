/*
 * A link on a page, or a redirect: what it leads to from where it stands. Over libcurl's URL API.
 *
 * Source: RFC 3986, 5.
 */
#ifndef RS_LINK_H
#define RS_LINK_H

#include "attrs.h"
#include "diag.h"
#include "str.h"

/* An absolute http or https URL without a fragment, appended to out; blanks in it are encoded. base
 * is absolute. *is_link: there is one; what is no link is no error. Posts HY001. */
RS_NODISCARD bool rs_link_resolve(struct rs_str base, struct rs_str link, struct rs_buf *out,
                                  bool *is_link, struct rs_diag *diag);

#endif
