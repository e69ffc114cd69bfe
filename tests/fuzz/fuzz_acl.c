/*
 * Arrays and access lists: the first byte chooses the server and what the list is of, the rest is
 * the text. Elements are no longer than it, grants are sorted and none is there twice.
 */
#include <stdint.h>
#include <stdlib.h>

#include "odbc/acl.h"
#include "odbc/pgarray.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_array(struct rs_str text)
{
    struct rs_buf item = RS_BUF_INIT(1 << 22);
    struct rs_pgarray array;
    enum rs_pgarray_item kind;
    size_t n = 0;

    rs_pgarray_init(&array, text);
    while ((kind = rs_pgarray_next(&array, &item)) < RS_PGARRAY_END)
        if (item.len >= text.n || ++n > text.n)
            abort();
    if (kind != rs_pgarray_next(&array, &item))
        abort();
    rs_buf_clear(&item);
}

static void check_grants(const struct rs_acl *acl)
{
    for (size_t i = 0; i < acl->n; i++) {
        const struct rs_grant *a = &acl->grants[i], *b = a + 1;
        int by;

        if (*a->grantee == '\0' || *a->privilege == '\0')
            abort();
        if (i + 1 == acl->n)
            return;
        by = strcmp(a->privilege, b->privilege);
        by = by != 0 ? by : strcmp(a->grantee, b->grantee);
        by = by != 0 ? by : strcmp(a->grantor, b->grantor);
        if (by >= 0)
            abort();
    }
}

static void read_acl(uint8_t choice, struct rs_str text)
{
    struct rs_diag diag = { 0 };
    struct rs_acl acl;

    rs_acl_init(&acl, (choice & 1) != 0, (choice & 2) != 0);
    rs_acl_begin(&acl, RS_STR("boss"));
    if (((choice & 4) == 0 || rs_acl_add_default(&acl, &diag)) && rs_acl_add(&acl, text, &diag)) {
        rs_acl_sort(&acl);
        check_grants(&acl);
    } else if (diag.n != 1) {
        abort();
    }
    rs_acl_clear(&acl);
    rs_diag_clear(&diag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_str text = { (const char *)data + 1, size - 1 };

    if (size == 0)
        return 0;
    read_array(text);
    read_acl(data[0], text);
    return 0;
}
