/*
 * Single messages of protocol 3, made and taken apart. Knows no sockets and keeps no state.
 *
 * What comes from the server is hostile: every count and length is checked against the message;
 * a function that returns false for a malformed message posts nothing, the caller ends the
 * connection (08S01).
 *
 * Source: PostgreSQL documentation, "Message Formats"; redshift.md 5 (RowDescription by level).
 */
#ifndef RS_PGMSG_H
#define RS_PGMSG_H

#include "attrs.h"
#include "diag.h"
#include "rowstream.h"
#include "str.h"

/* Message types; the letters of the protocol. */
enum {
    RS_MSG_AUTH = 'R',
    RS_MSG_BIND_DONE = '2',
    RS_MSG_CLOSE_DONE = '3',
    RS_MSG_COMMAND = 'C',
    RS_MSG_COPY_BOTH = 'W',
    RS_MSG_COPY_IN = 'G',
    RS_MSG_COPY_OUT = 'H',
    RS_MSG_EMPTY = 'I',
    RS_MSG_ERROR = 'E',
    RS_MSG_KEY = 'K',
    RS_MSG_NODATA = 'n',
    RS_MSG_NOTICE = 'N',
    RS_MSG_NOTIFY = 'A',
    RS_MSG_PARAM_TYPES = 't',
    RS_MSG_PARSE_DONE = '1',
    RS_MSG_READY = 'Z',
    RS_MSG_ROW = 'D',
    RS_MSG_SHAPE = 'T',
    RS_MSG_STATUS = 'S',
    RS_MSG_SUSPENDED = 's'
};

enum {
    RS_MSG_HEAD = 5,             /* type and length */
    RS_MSG_MAX = 1 << 30,        /* whole message, either way */
    RS_MSG_MAX_PARAMS = 65535,   /* an unsigned 16-bit count */
    RS_MSG_MAX_FIELDS = 1600 * 2 /* columns of a result; the server's own limit is 1,600 */
};

/* ---- to the server: each appends one message; too long or out of memory marks the buffer ---- */

struct rs_param {
    uint32_t type_oid; /* 0: the server decides */
    const char *p;     /* text form */
    int32_t n;         /* -1: NULL */
};

void rs_msg_query(struct rs_buf *out, struct rs_str before, struct rs_str sql); /* before + sql */
/* name "": the unnamed statement. */
void rs_msg_parse(struct rs_buf *out, const char *name, struct rs_str sql,
                  const struct rs_param *params, size_t n_params);
/* The same with the list of parameter types `repeat` times over. */
void rs_msg_parse_repeated(struct rs_buf *out, const char *name, struct rs_str sql,
                           const struct rs_param *params, size_t n_params, size_t repeat);
/* The unnamed portal; text in, text out. */
void rs_msg_bind(struct rs_buf *out, const char *statement, const struct rs_param *params,
                 size_t n_params);
/* values: those of all parameters as Bind carries them, each a 32-bit length (-1: NULL) and so
 * many bytes. */
void rs_msg_bind_values(struct rs_buf *out, const char *statement, size_t n_params,
                        struct rs_str values);
/* The Bind that begins at `at` ends the buffer and asks for `asked` columns' formats (0: all are
 * text); from now on for those that the shape's fields say. NULL: all are text. */
void rs_msg_bind_formats(struct rs_buf *out, size_t at, size_t asked, const struct rs_shape *shape);
void rs_msg_describe(struct rs_buf *out, char kind, const char *name); /* 'S' or 'P' */
void rs_msg_execute(struct rs_buf *out, int32_t max_rows);             /* unnamed portal; 0: all */
void rs_msg_close(struct rs_buf *out, char kind, const char *name);
void rs_msg_sync(struct rs_buf *out);
void rs_msg_flush(struct rs_buf *out);
void rs_msg_terminate(struct rs_buf *out);

/* ---- from the server ---- */

struct rs_msg {
    char type;
    struct rs_str body; /* without type and length */
};

enum rs_msg_state { RS_MSG_WHOLE, RS_MSG_PARTIAL, RS_MSG_BAD };
/* Looks at the first message of `in`. PARTIAL: *need is the number of bytes `in` must have at
 * least before it is worth looking again. BAD: not a type a server may send here, or a length
 * that the type cannot have. */
enum rs_msg_state rs_msg_peek(struct rs_str in, struct rs_msg *out, size_t *need);

/* What is wrong with the first message of `in`, which rs_msg_peek found BAD. */
void rs_msg_say_bad(struct rs_str in, struct rs_buf *out);

/* Fields of E and N; those that are absent are empty. */
struct rs_msg_report {
    char code[6]; /* five characters, or "" when absent or not five of [0-9A-Z] */
    struct rs_str severity, message, detail, hint, position;
    bool is_fatal; /* FATAL or PANIC */
};
RS_NODISCARD bool rs_msg_report(struct rs_str body, struct rs_msg_report *out);
/* Message, detail, hint and position as one text (redshift.md 16.1); skip: characters of the
 * statement that the driver put in front of the application's. */
void rs_msg_report_text(const struct rs_msg_report *report, int64_t skip, struct rs_buf *out);
/* A message that is itself a number of up to six digits, else 0. */
int32_t rs_msg_report_native(const struct rs_msg_report *report);
/* A notice of COPY that tells how many rows came in; its command tag does not. */
RS_NODISCARD bool rs_msg_report_loaded(const struct rs_msg_report *report, int64_t *rows);

RS_NODISCARD bool rs_msg_status(struct rs_str body, struct rs_str *name, struct rs_str *value);
RS_NODISCARD bool rs_msg_key(struct rs_str body, int32_t *pid);
RS_NODISCARD bool rs_msg_ready(struct rs_str body, char *txn);
/* Tag and the count at its end, -1 when it has none. */
RS_NODISCARD bool rs_msg_command(struct rs_str body, struct rs_str *tag, int64_t *count);

enum rs_msg_made { RS_MADE_OK, RS_MADE_MALFORMED, RS_MADE_FAILED };
/* RowDescription; level: granted protocol level 0-3. One block, frees with rs_free. *out: NULL,
 * or a shape whose block is used again when it is large enough, else freed. FAILED posts HY001,
 * MALFORMED nothing; then *out is the same pointer. */
enum rs_msg_made rs_msg_shape(struct rs_str body, int32_t level, struct rs_shape **out,
                              struct rs_diag *diag);
/* ParameterDescription: an array that the caller frees (rs_free). */
enum rs_msg_made rs_msg_param_types(struct rs_str body, uint32_t **out, size_t *n,
                                    struct rs_diag *diag);

#endif
