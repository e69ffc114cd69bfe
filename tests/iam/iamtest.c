#define _GNU_SOURCE
#include "iamtest.h"

#include <arpa/inet.h>
#include <ftw.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

long i_now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

const char *i_var(const char *name)
{
    const char *value = getenv(name);

    if (value == NULL) {
        printf("skipped: %s is not set; run it on the bench\n", name);
        exit(77);
    }
    return value;
}

/* ---- files ---- */

static char folder[256];

const char *i_folder(void)
{
    const char *temp = getenv("TMPDIR");

    if (folder[0] != '\0')
        return folder;
    snprintf(folder, sizeof folder, "%s/rs-iam-XXXXXX", temp == NULL ? "/tmp" : temp);
    if (mkdtemp(folder) == NULL)
        fail_msg("no folder %s", folder);
    return folder;
}

void i_file(const char *name, const char *text)
{
    char path[512];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", i_folder(), name);
    file = fopen(path, "w");
    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0)
        fail_msg("cannot write %s", path);
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

void i_end(void)
{
    if (folder[0] != '\0')
        nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    folder[0] = '\0';
}

/* ---- templates ---- */

struct sink {
    char *p;
    size_t cap, n;
};

static void add(struct sink *to, char c)
{
    if (to->n + 1 < to->cap)
        to->p[to->n++] = c;
    to->p[to->n] = '\0';
}

static void adds(struct sink *to, const char *text)
{
    for (; *text != '\0'; text++)
        add(to, *text);
}

static void add_braced(struct sink *to, const char *text)
{
    add(to, '{');
    for (; *text != '\0'; text++) {
        add(to, *text);
        if (*text == '}')
            add(to, '}');
    }
    add(to, '}');
}

/* Bound once and let go: nothing listens there while the test runs. */
static const char *closed_port(void)
{
    static char text[16];
    struct sockaddr_in place = { .sin_family = AF_INET };
    socklen_t size = sizeof place;
    int fd;

    if (text[0] != '\0')
        return text;
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&place, sizeof place) != 0 ||
        getsockname(fd, (struct sockaddr *)&place, &size) != 0)
        fail_msg("no port");
    close(fd);
    snprintf(text, sizeof text, "%d", (int)ntohs(place.sin_port));
    return text;
}

static const char *take_name(const char *from, char *name, size_t cap, const char *stops)
{
    size_t n = 0;

    while (*from != '\0' && strchr(stops, *from) == NULL && n + 1 < cap)
        name[n++] = *from++;
    name[n] = '\0';
    return from;
}

void i_expand(char *out, size_t cap, const char *template)
{
    static unsigned nonce;
    struct sink to = { out, cap, 0 };
    char name[128], tail[64];

    out[0] = '\0';
    while (*template != '\0') {
        char c = *template ++;

        if (c == '$') {
            template = take_name(template, name, sizeof name, ";\n,= ");
            add_braced(&to, i_var(name));
        } else if (c == '@') {
            template = take_name(template, name, sizeof name, ";");
            adds(&to, i_var("RS_AWS_URL"));
            snprintf(tail, sizeof tail, "/%ld-%u/", (long)getpid(), nonce++);
            adds(&to, "fault/");
            adds(&to, name);
            adds(&to, tail);
        } else if (c == '~') {
            adds(&to, i_folder());
        } else if (c == '%') {
            adds(&to, closed_port());
        } else {
            add(&to, c);
        }
    }
    if (to.n + 1 >= cap)
        fail_msg("string too long");
}

/* ---- data sources ---- */

const char *i_data_source(const char *string)
{
    static char name[64];
    static unsigned number;
    const char *path = getenv("ODBCINI");
    FILE *file = path == NULL ? NULL : fopen(path, "a");
    bool braced = false;

    if (file == NULL)
        fail_msg("ODBCINI cannot be written");
    snprintf(name, sizeof name, "iam-%ld-%u", (long)getpid(), number++);
    fprintf(file, "[%s]\n", name);
    for (const char *p = string; *p != '\0'; p++) {
        if (*p == '{' && p > string && p[-1] == '=') {
            braced = true;
        } else if (*p == '}' && braced) {
            if (p[1] == '}')
                fputc(*p++, file);
            else
                braced = false;
        } else if (*p == ';' && !braced) {
            fputc('\n', file);
        } else {
            fputc(*p, file);
        }
    }
    fputs("\n\n", file);
    fclose(file);
    return name;
}

/* ---- ODBC ---- */

void i_alloc(SQLHENV *env, SQLHDBC *dbc)
{
    assert_int_equal(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, env), SQL_SUCCESS);
    assert_int_equal(
        SQLSetEnvAttr(*env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)(uintptr_t)SQL_OV_ODBC3, 0),
        SQL_SUCCESS);
    assert_int_equal(SQLAllocHandle(SQL_HANDLE_DBC, *env, dbc), SQL_SUCCESS);
}

void i_free(SQLHENV env, SQLHDBC dbc)
{
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_DBC, dbc), SQL_SUCCESS);
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_ENV, env), SQL_SUCCESS);
}

void i_records(SQLSMALLINT kind, SQLHANDLE handle, struct i_outcome *out)
{
    struct sink to = { out->text, sizeof out->text, 0 };
    SQLCHAR state[6], text[4096];
    SQLINTEGER native;
    SQLSMALLINT n;

    out->state[0] = out->text[0] = '\0';
    for (SQLSMALLINT i = 1;
         SQL_SUCCEEDED(SQLGetDiagRec(kind, handle, i, state, &native, text, sizeof text, &n));
         i++) {
        if (i == 1)
            memcpy(out->state, state, sizeof out->state);
        adds(&to, (const char *)state);
        adds(&to, " ");
        adds(&to, (const char *)text);
        adds(&to, "\n");
    }
}

/* ASCII alone: enough for what the tests connect with. */
static void widen(SQLWCHAR *out, size_t cap, const char *text)
{
    size_t n = 0;

    for (; text[n] != '\0' && n + 1 < cap; n++)
        out[n] = (SQLWCHAR)(unsigned char)text[n];
    out[n] = 0;
}

static void narrow(char *out, size_t cap, const SQLWCHAR *text)
{
    size_t n = 0;

    for (; text[n] != 0 && n + 1 < cap; n++)
        out[n] = text[n] < 128 ? (char)text[n] : '?';
    out[n] = '\0';
}

static void connect_wide(SQLHDBC dbc, const char *string, struct i_outcome *out)
{
    static SQLWCHAR in[I_STRING_MAX], completed[I_STRING_MAX];
    SQLSMALLINT n = 0;

    widen(in, I_STRING_MAX, string);
    completed[0] = 0;
    out->rc =
        SQLDriverConnectW(dbc, NULL, in, SQL_NTS, completed, I_STRING_MAX, &n, SQL_DRIVER_NOPROMPT);
    narrow(out->out, sizeof out->out, completed);
}

void i_connect(SQLHDBC dbc, enum i_way way, const char *string, struct i_outcome *out)
{
    long begin;
    SQLSMALLINT n = 0;
    const char *name = way == I_DSN ? i_data_source(string) : NULL;

    memset(out, 0, sizeof *out);
    begin = i_now_ms();
    switch (way) {
    case I_NARROW:
        out->rc = SQLDriverConnect(dbc, NULL, text_arg(string), SQL_NTS, (SQLCHAR *)out->out,
                                   sizeof out->out, &n, SQL_DRIVER_NOPROMPT);
        break;
    case I_WIDE:
        connect_wide(dbc, string, out);
        break;
    case I_DSN:
        out->rc = SQLConnect(dbc, text_arg(name), SQL_NTS, NULL, 0, NULL, 0);
        break;
    }
    out->took_ms = i_now_ms() - begin;
    if (out->rc != SQL_SUCCESS)
        i_records(SQL_HANDLE_DBC, dbc, out);
}

void i_ask(SQLHDBC dbc, const char *sql, char *out, size_t cap)
{
    struct i_outcome outcome;
    SQLHSTMT stmt;
    SQLLEN n;

    assert_int_equal(SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt), SQL_SUCCESS);
    if (!SQL_SUCCEEDED(SQLExecDirect(stmt, text_arg(sql), SQL_NTS)) ||
        !SQL_SUCCEEDED(SQLFetch(stmt)) ||
        !SQL_SUCCEEDED(SQLGetData(stmt, 1, SQL_C_CHAR, out, (SQLLEN)cap, &n))) {
        i_records(SQL_HANDLE_STMT, stmt, &outcome);
        fail_msg("%s: %s", sql, outcome.text);
    }
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

static bool names_secret(const char *variable, size_t n)
{
    static const char *const ends[] = { "_PASSWORD", "_SECRET_ACCESS_KEY", "_SESSION_TOKEN" };

    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        size_t len = strlen(ends[i]);

        if (n > len && memcmp(variable + n - len, ends[i], len) == 0)
            return strncmp(variable, "RS_", 3) == 0;
    }
    return false;
}

const char *i_leak(const char *text)
{
    for (char **at = environ; *at != NULL; at++) {
        const char *eq = strchr(*at, '=');

        if (eq != NULL && names_secret(*at, (size_t)(eq - *at)) && eq[1] != '\0' &&
            strstr(text, eq + 1) != NULL)
            return *at;
    }
    return NULL;
}
