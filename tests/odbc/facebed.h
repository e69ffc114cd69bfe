/*
 * What most programs have: one connection, one statement for each test. A program that runs its
 * tests a second time on the other server sets `server` in between.
 */
#ifndef RS_TEST_FACEBED_H
#define RS_TEST_FACEBED_H

#include "odbctest.h"

#define FACE_MAYBE __attribute__((unused)) /* not every program uses all of it */

FACE_MAYBE static struct t_conn conn;
FACE_MAYBE static enum t_server server = T_POSTGRES;
#ifndef FACE_NO_STMT /* define it where statements are local */
FACE_MAYBE static SQLHSTMT stmt;
#endif

static inline int face_open(void **state)
{
    (void)state;
    t_open(&conn, server, SQL_OV_ODBC3, "");
    return 0;
}

static inline int face_close(void **state)
{
    (void)state;
    t_close(&conn);
    return 0;
}

#ifndef FACE_NO_STMT
static inline int face_stmt(void **state)
{
    (void)state;
    stmt = t_stmt(&conn);
    return 0;
}

static inline int face_drop(void **state)
{
    (void)state;
    t_free(stmt);
    return 0;
}
#endif

#endif
