/*
 * Bytes that have arrived and are not read yet, wherever they are kept: the head of a transport
 * and of a store. A reader moves p forward; whoever owns the bytes fills behind end.
 */
#ifndef RS_INBOX_H
#define RS_INBOX_H

#include "attrs.h"

struct rs_inbox {
    const char *p, *end; /* p <= end; both NULL before anything came */
};

static inline size_t rs_inbox_have(const struct rs_inbox *in)
{
    return (size_t)(in->end - in->p);
}

#endif
