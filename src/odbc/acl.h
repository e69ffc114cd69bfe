/*
 * Access lists of tables and columns (relacl, attacl): who was given which privilege by whom.
 *
 * A list is an array of items GRANTEE=LETTERS/GRANTOR, names quoted where they need it, a star
 * after a letter for the grant option, no grantee for PUBLIC, "group " before a group's name. The
 * text is from outside.
 *
 * Source: PostgreSQL, "Privileges"; odbc.md 13.3; ODBC Programmer's Reference, "SQLTablePrivileges
 * Function", for PRIVILEGE, and for GRANTOR where the grantee owns the table.
 */
#ifndef RS_ODBC_ACL_H
#define RS_ODBC_ACL_H

#include "../attrs.h"
#include "../diag.h"
#include "../str.h"

struct rs_grant {
    const char *privilege;         /* INSERT …; static */
    const char *grantee, *grantor; /* inside the list's names */
    size_t grantee_at, grantor_at; /* where, until the list is sorted */
    bool is_grantable;
};

struct rs_acl {
    bool is_redshift; /* decides what letters mean */
    bool of_columns;  /* only privileges that a column can have */
    struct rs_str owner;
    struct rs_grant *grants;
    size_t n, cap;
    struct rs_buf names, item, name;
};

void rs_acl_init(struct rs_acl *acl, bool is_redshift, bool of_columns);
/* Empties the list for another table or column. owner: of the table; kept by pointer. */
void rs_acl_begin(struct rs_acl *acl, struct rs_str owner);
/* Adds a list. Letters without a name are passed over. Posts HY000 (no such list), HY001. */
RS_NODISCARD bool rs_acl_add(struct rs_acl *acl, struct rs_str text, struct rs_diag *diag);
/* What holds where there is no list: the owner has all. Posts HY001. */
RS_NODISCARD bool rs_acl_add_default(struct rs_acl *acl, struct rs_diag *diag);
/* By privilege, then grantee, then grantor; what is there twice stays once, grantable if either
 * was. Grants are not to be read before; not after a failed addition. */
void rs_acl_sort(struct rs_acl *acl);
void rs_acl_clear(struct rs_acl *acl);

#endif
