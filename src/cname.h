/*
 * A name server's answer: the names that a host name stands for, alias by alias. Bytes only;
 * address.c asks.
 *
 * The answer is the network's word, which anybody may have written: good for a guess, never for
 * trust.
 *
 * Source: RFC 1035 3.3.1, 3.6.2, 4.1.
 */
#ifndef RS_CNAME_H
#define RS_CNAME_H

#include "attrs.h"
#include "str.h"

enum { RS_CNAME_MAX_HOPS = 8 };

/* Appends each alias as a line, in the order in which they lead on from host; none when the answer
 * holds none or is none. Only names of letters, digits, '-' and '_' are followed. */
void rs_cname_read(struct rs_str reply, struct rs_str host, struct rs_buf *out);

#endif
