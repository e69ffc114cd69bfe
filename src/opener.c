#include "opener.h"

#include <string.h>

void rs_login_clear(struct rs_login *login)
{
    rs_free(login->host);
    rs_free(login->database);
    rs_free(login->user);
    rs_secret_clear(&login->secret);
    memset(login, 0, sizeof(*login));
}

static struct rs_status *status_find(struct rs_status *list, struct rs_str name)
{
    for (; list != NULL; list = list->next) {
        if (rs_str_eq_nocase(rs_str_of(list->name), name))
            return list;
    }
    return NULL;
}

const char *rs_status_get(const struct rs_status *list, const char *name)
{
    for (; list != NULL; list = list->next) {
        if (rs_str_eq_nocase(rs_str_of(list->name), rs_str_of(name)))
            return list->value;
    }
    return NULL;
}

bool rs_status_set(struct rs_status **list, struct rs_str name, struct rs_str value,
                   struct rs_diag *diag)
{
    struct rs_status *status = status_find(*list, name);
    char *copy = rs_str_dup(value, diag);

    if (copy == NULL)
        return false;
    if (status != NULL) {
        rs_free(status->value);
        status->value = copy;
        return true;
    }
    status = rs_new(struct rs_status, diag);
    if (status != NULL)
        status->name = rs_str_dup(name, diag);
    if (status == NULL || status->name == NULL) {
        rs_free(status);
        rs_free(copy);
        return false;
    }
    status->value = copy;
    status->next = *list;
    *list = status;
    return true;
}

void rs_status_free(struct rs_status *list)
{
    while (list != NULL) {
        struct rs_status *next = list->next;

        rs_free(list->name);
        rs_free(list->value);
        rs_free(list);
        list = next;
    }
}
