/*
 * The driver's log: levels, one file a process, one event a line, as text or JSON.
 *
 * The file is LogPath (a folder; default the temporary folder) + "redshift_odbc_<pid>.log", made
 * 0600, never opened through a link; past LogMaxBytes it is renamed to ".1" and begun anew.
 * The sink is shared by all connections of the process (one mutex inside); the level is each
 * connection's own. No secret can be written: secrets have no printf conversion.
 */
#ifndef RS_LOG_H
#define RS_LOG_H

#include "attrs.h"
#include "str.h"

enum rs_log_level {
    RS_LOG_OFF,
    RS_LOG_FATAL,
    RS_LOG_ERROR,
    RS_LOG_WARNING,
    RS_LOG_INFO,
    RS_LOG_DEBUG,
    RS_LOG_TRACE
};

/* Hears each event as it happens; text is borrowed for the call. */
typedef void rs_log_listener_fn(void *ctx, enum rs_log_level level, const char *event,
                                struct rs_str text);

/* One connection's view of the log; all zero: off. */
struct rs_log {
    enum rs_log_level level;      /* the higher one of the two below */
    enum rs_log_level file_level; /* LogLevel */
    bool sql;                     /* LogSql */
    uint32_t id;                  /* connection number in the process */
    struct rs_log_sink *sink;     /* shared, counted; NULL: no file */
    rs_log_listener_fn *listener;
    void *listener_ctx;
    enum rs_log_level listener_level;
};

/* A program that holds the driver within itself may listen: connections whose logs are opened from
 * now on tell fn too, up to this level, whatever their LogLevel. fn NULL: no longer. For a
 * program's beginning, while it has one thread. */
void rs_log_listen(enum rs_log_level level, rs_log_listener_fn *fn, void *ctx);

/* Opens or joins the sink. A file that cannot be opened turns the log off and returns false with
 * the reason in *why (not an error of the connection); no reason means no memory. */
bool rs_log_open(struct rs_log *log, enum rs_log_level level, bool sql, const char *folder,
                 bool json, int64_t max_bytes, struct rs_buf *why);
void rs_log_close(struct rs_log *log);

static inline bool rs_log_on(const struct rs_log *log, enum rs_log_level level)
{
    return log != NULL && level <= log->level && level > RS_LOG_OFF;
}

/* event: a short fixed word ("connect", "aws.call"). Control characters of the text are escaped, a
 * long text is cut. Writes nothing when the level is off. */
void rs_log_write(struct rs_log *log, enum rs_log_level level, const char *event, const char *fmt,
                  ...) RS_PRINTF(4, 5);

#define RS_LOG(log, level, event, ...)                                                             \
    do {                                                                                           \
        if (rs_log_on((log), (level)))                                                             \
            rs_log_write((log), (level), (event), __VA_ARGS__);                                    \
    } while (0)

#endif
