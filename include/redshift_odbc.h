/*
 * What an application may use beyond ODBC: driver-specific attributes and fields.
 */
#ifndef REDSHIFT_ODBC_H
#define REDSHIFT_ODBC_H

/* SQLGetConnectAttr, read-only, SQLUINTEGER. */
#define RS_ATTR_SESSION_ID      0x4001 /* server process id */
#define RS_ATTR_IS_REDSHIFT     0x4002 /* 1: Redshift, 0: PostgreSQL */
#define RS_ATTR_SERVER_PROTOCOL 0x4003 /* granted protocol level, 0 to 3 */
/* The same, text: the id by which Redshift knows the session (its status session_id), else the
 * server process id in digits. Error lines in the log begin with it. */
#define RS_ATTR_SESSION_TEXT    0x4004

/* SQLGetStmtAttr, read-only, text: the id that Redshift gave the session's last query. Asking is a
 * round trip; HY010 while the connection has rows that the server still sends. */
#define RS_ATTR_QUERY_ID 0x4101

/* SQLColAttribute: type OID of the server. */
#define RS_DESC_SERVER_TYPE_OID 0x4201

#endif
