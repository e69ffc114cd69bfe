/* A name server is not asked here: no alias of a host name is found out. */
#ifndef RS_WIN_RESOLV_H
#define RS_WIN_RESOLV_H

#define res_query(name, class, type, reply, room) ((void)(reply), -1)
#define dn_expand(start, end, at, name, room)     ((void)(start), (void)(name), -1)

#endif
