/*
 * What a session is opened with, out of a connection's settings: keys that the opener and the wire
 * go by, and what the start-up packet carries. Source: dsn-keys.md 2; redshift.md 2.
 */
#ifndef RS_ODBC_OPTIONS_H
#define RS_ODBC_OPTIONS_H

#include "dbc.h"

struct rs_options {
    struct rs_session_options session; /* borrows the texts below, the settings and the log */
    struct rs_buf ca, settings, application;
};

#define RS_OPTIONS_INIT                                                                            \
    {                                                                                              \
        .ca = RS_BUF_INIT(8192), .settings = RS_BUF_INIT(65536), .application = RS_BUF_INIT(8192)  \
    }

/* Locked: dbc. Posts HY001, and what rs_ca_file posts. */
RS_NODISCARD bool rs_options_compose(struct rs_dbc *dbc, struct rs_options *options);
void rs_options_clear(struct rs_options *options);

#endif
