#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "os.h"
#include "utf.h"

/* A byte of the text becomes six at most (\u001b). */
enum { MAX_TEXT = 4096, MAX_LINE = 6 * MAX_TEXT + 512 };

/* One file; connections that name the same folder share it. */
struct rs_log_sink {
    struct rs_log_sink *next;
    char *path;
    unsigned users;
    bool is_json;
    int64_t max_bytes, size;
    int handle; /* -1 after a write failed: the log is silent then, the host goes on */
    int64_t pid;
};

static struct rs_mutex sinks_lock = RS_MUTEX_INIT;
static struct rs_log_sink *sinks;
static uint32_t next_id;
static struct {
    enum rs_log_level level;
    rs_log_listener_fn *fn;
    void *ctx;
} listener;

static const char *const level_names[] = { "off",  "fatal", "error", "warning",
                                           "info", "debug", "trace" };

static struct rs_log_sink *find_sink(const char *path)
{
    for (struct rs_log_sink *s = sinks; s != NULL; s = s->next)
        if (strcmp(s->path, path) == 0)
            return s;
    return NULL;
}

static bool sink_path(const char *folder, struct rs_buf *out)
{
    rs_buf_adds(out, folder != NULL && folder[0] != '\0' ? folder : rs_os_temp_dir());
    rs_buf_addf(out, "/redshift_odbc_%lld.log", (long long)rs_os_pid());
    return !out->bad;
}

/* Locked: sinks_lock */
static struct rs_log_sink *open_sink(const char *path, bool json, int64_t max_bytes,
                                     struct rs_buf *why)
{
    struct rs_log_sink *sink = rs_new(struct rs_log_sink, NULL);

    if (sink == NULL)
        return NULL; /* an empty reason is read as missing memory */
    sink->path = rs_str_dup(rs_str_of(path), NULL);
    sink->handle = sink->path == NULL ? -1 : rs_os_log_open(path, &sink->size);
    if (sink->handle < 0) {
        if (sink->path != NULL)
            rs_buf_addf(why,
                        "the log file \"%s\" cannot be written; it must be a plain file of this "
                        "user in a folder that exists",
                        path);
        rs_free(sink->path);
        rs_free(sink);
        return NULL;
    }
    sink->is_json = json;
    sink->max_bytes = max_bytes;
    sink->pid = rs_os_pid();
    sink->next = sinks;
    sinks = sink;
    return sink;
}

void rs_log_listen(enum rs_log_level level, rs_log_listener_fn *fn, void *ctx)
{
    listener.level = fn == NULL ? RS_LOG_OFF : level;
    listener.fn = fn;
    listener.ctx = ctx;
}

bool rs_log_open(struct rs_log *log, enum rs_log_level level, bool sql, const char *folder,
                 bool json, int64_t max_bytes, struct rs_buf *why)
{
    struct rs_buf path = RS_BUF_INIT(4096);
    struct rs_log_sink *sink = NULL;
    bool ok = true;

    *log = (struct rs_log){ .level = listener.level,
                            .listener = listener.fn,
                            .listener_ctx = listener.ctx,
                            .listener_level = listener.level };
    if (level == RS_LOG_OFF)
        return true;
    rs_lock(&sinks_lock);
    log->id = ++next_id;
    if (sink_path(folder, &path)) {
        sink = find_sink(path.p);
        if (sink == NULL)
            sink = open_sink(path.p, json, max_bytes, why);
    } else if (path.too_long) {
        rs_buf_adds(why, "LogPath is too long");
    }
    if (sink != NULL) {
        sink->users++;
        log->sink = sink;
        log->file_level = level;
        if (log->level < level)
            log->level = level;
        log->sql = sql;
    } else {
        ok = false;
    }
    rs_unlock(&sinks_lock);
    rs_buf_clear(&path);
    return ok;
}

void rs_log_close(struct rs_log *log)
{
    struct rs_log_sink *sink = log->sink, **at;

    *log = (struct rs_log){ .level = RS_LOG_OFF };
    if (sink == NULL)
        return;
    rs_lock(&sinks_lock);
    if (--sink->users == 0) {
        for (at = &sinks; *at != sink; at = &(*at)->next)
            ;
        *at = sink->next;
        if (sink->handle >= 0)
            rs_os_log_close(sink->handle);
        rs_free(sink->path);
        rs_free(sink);
    }
    rs_unlock(&sinks_lock);
}

/* Control characters as \uXXXX or \n, in JSON quotes and backslashes too, so that one event stays
 * one line; what is no UTF-8 becomes U+FFFD. */
static void add_escaped(struct rs_buf *out, struct rs_str text, bool json)
{
    for (size_t i = 0; i < text.n;) {
        uint32_t cp = 0xFFFD;
        size_t len = rs_utf8_decode(text.p + i, text.n - i, &cp);

        if (json && (cp == '"' || cp == '\\'))
            rs_buf_addf(out, "\\%c", (char)cp);
        else if (cp == '\n')
            rs_buf_adds(out, "\\n");
        else if (len == 0 || cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == 0x2028 || cp == 0x2029)
            rs_buf_addf(out, "\\u%04x", (unsigned)cp);
        else
            rs_buf_add(out, rs_str_sub(text, i, len));
        i += len > 0 ? len : 1;
    }
}

static void add_time(struct rs_buf *out)
{
    int64_t us = rs_utc_us();
    struct rs_utc_time t = rs_utc_split(us / 1000000);

    rs_buf_addf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", t.year, t.month, t.day, t.hour,
                t.minute, t.second, (int)(us % 1000000));
}

static void compose(struct rs_buf *line, const struct rs_log *log, enum rs_log_level level,
                    const char *event, struct rs_str text)
{
    if (log->sink->is_json) {
        rs_buf_adds(line, "{\"time\":\"");
        add_time(line);
        rs_buf_addf(line, "\",\"level\":\"%s\",\"connection\":%u,\"event\":\"%s\",\"text\":\"",
                    level_names[level], (unsigned)log->id, event);
        add_escaped(line, text, true);
        rs_buf_adds(line, "\"}\n");
    } else {
        add_time(line);
        rs_buf_addf(line, " %-7s #%u %s: ", level_names[level], (unsigned)log->id, event);
        add_escaped(line, text, false);
        rs_buf_addc(line, '\n');
    }
}

/* Locked: sinks_lock. The full file becomes ".1" (the one before it is lost). */
static void rotate(struct rs_log_sink *sink)
{
    struct rs_buf old = RS_BUF_INIT(4200);

    rs_buf_addf(&old, "%s.1", sink->path);
    rs_os_log_close(sink->handle);
    sink->handle = -1;
    if (!old.bad && rs_os_rename(sink->path, old.p))
        sink->handle = rs_os_log_open(sink->path, &sink->size);
    rs_buf_clear(&old);
}

/* A forked child keeps quiet: the file is its parent's. */
static void write_line(struct rs_log_sink *sink, struct rs_str line)
{
    rs_lock(&sinks_lock);
    if (sink->handle >= 0 && sink->pid == rs_os_pid()) {
        if (sink->max_bytes > 0 && sink->size > 0 && sink->size + (int64_t)line.n > sink->max_bytes)
            rotate(sink);
        if (sink->handle >= 0) {
            if (rs_os_log_write(sink->handle, line.p, line.n)) {
                sink->size += (int64_t)line.n;
            } else {
                rs_os_log_close(sink->handle);
                sink->handle = -1;
            }
        }
    }
    rs_unlock(&sinks_lock);
}

void rs_log_write(struct rs_log *log, enum rs_log_level level, const char *event, const char *fmt,
                  ...)
{
    char buffer[MAX_TEXT + 4]; /* a character more than is kept, to cut at a whole one */
    struct rs_buf line = RS_BUF_INIT(MAX_LINE);
    struct rs_str text;
    va_list args;
    int n;

    if (!rs_log_on(log, level))
        return;
    va_start(args, fmt);
    n = vsnprintf(buffer, sizeof buffer, fmt, args);
    va_end(args);
    if (n < 0)
        return;
    if ((size_t)n >= sizeof buffer)
        n = (int)sizeof buffer - 1;
    text = (struct rs_str){ buffer, rs_utf8_cut((struct rs_str){ buffer, (size_t)n }, MAX_TEXT) };
    if (log->listener != NULL && level <= log->listener_level)
        log->listener(log->listener_ctx, level, event, text);
    if (log->sink == NULL || level > log->file_level)
        return;
    compose(&line, log, level, event, text);
    if (!line.bad && line.p != NULL)
        write_line(log->sink, rs_buf_str(&line));
    rs_buf_clear(&line);
}
