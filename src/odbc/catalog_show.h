/*
 * Catalog calls by Redshift's SHOW commands: the text, and the order of rows that the server leaves
 * open. Names are identifiers in the text, quoted by redshift.md 9.3: SHOW takes no others.
 *
 * Source: redshift.md 17.3.
 */
#ifndef RS_ODBC_CATALOG_SHOW_H
#define RS_ODBC_CATALOG_SHOW_H

#include "catalog_call.h"

/*
 * Begins the call's text: the command and the full name of an object, of n parts, of which
 * argument `first` is the catalog. Without a catalog it is the connected database. False: the
 * arguments name no single object, it is not where the call looks, or nothing may be tried now,
 * which a warning says where no other source knows it (only_show).
 */
bool rs_show_object(struct rs_call *call, const char *command, size_t first, size_t n);
/* Is the argument a database's name other than the connected one's? Then pg_catalog knows nothing
 * of it. */
bool rs_show_is_far(const struct rs_call *call, size_t catalog);

/* Is the object to be shown, since pg_catalog does not know it, or since SHOW is wished for? */
bool rs_show_is_needed(const struct rs_call *call, size_t catalog);

/* A cell of a row that was made; valid until the next one is. */
struct rs_cell rs_made_at(const struct rs_made_rows *rows, size_t row, size_t column);
/* Copies all rows of `from`, which has as many columns. Posts HY001. */
RS_NODISCARD bool rs_made_append(struct rs_made_rows *to, const struct rs_made_rows *from,
                                 struct rs_diag *diag);
/* Orders the rows by these columns, one after the other: bytes, or whole numbers. Posts HY001. */
struct rs_made_key {
    size_t column;
    bool is_number;
};
RS_NODISCARD bool rs_made_sort(struct rs_made_rows *rows, const struct rs_made_key *keys,
                               size_t n_keys, struct rs_diag *diag);

#endif
