#include "claims.h"

#include "../os.h"

static bool copy_text(char **to, const char *from, struct rs_diag *diag)
{
    if (from != NULL)
        *to = rs_str_dup(rs_str_of(from), diag);
    return from == NULL || *to != NULL;
}

bool rs_claims_copy(struct rs_claims *to, const struct rs_claims *from, struct rs_diag *diag)
{
    rs_claims_clear(to);
    to->auto_create = from->auto_create;
    to->force_lowercase = from->force_lowercase;
    to->allow_db_user_override = from->allow_db_user_override;
    if (copy_text(&to->db_user, from->db_user, diag) &&
        copy_text(&to->db_groups, from->db_groups, diag))
        return true;
    rs_claims_clear(to);
    return false;
}

void rs_claims_move(struct rs_claims *to, struct rs_claims *from)
{
    rs_claims_clear(to);
    *to = *from;
    *from = (struct rs_claims){ .db_user = NULL };
}

void rs_claims_clear(struct rs_claims *claims)
{
    rs_free(claims->db_user);
    rs_free(claims->db_groups);
    *claims = (struct rs_claims){ .db_user = NULL };
}
