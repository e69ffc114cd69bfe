#include "faultbed.h"

#include <dirent.h>

const char *const f_mode_names[2] = { "in the clear", "over TLS" };

struct player *f_player(void)
{
    char cert[512], key[512];

    snprintf(cert, sizeof cert, "%s/certs/good.pem", t_var("RS_SANDBOX_DIR"));
    snprintf(key, sizeof key, "%s/certs/good.key", t_var("RS_SANDBOX_DIR"));
    return player_new(cert, key);
}

void f_string(char *out, size_t cap, int port, enum f_mode mode, const char *extra)
{
    const char *keys = getenv("RS_TEST_KEYS");
    char password[128];
    size_t n = 0;

    for (const char *p = t_server_var(T_REDSHIFT, "_MD5_PASSWORD"); *p != '\0'; p++) {
        assert_true(n + 3 < sizeof password);
        password[n++] = *p;
        if (*p == '}')
            password[n++] = '}';
    }
    password[n] = '\0';
    snprintf(out, cap,
             "DRIVER={Redshift ODBC};Server=127.0.0.1;Port=%d;Database=%s;UID=%s;PWD={%s};"
             "CaFile=%s;SSLMode=%s;%s%s",
             port, t_var("RS_PG_DATABASE"), t_server_var(T_REDSHIFT, "_MD5_USER"), password,
             t_var("RS_CA_FILE"), mode == F_TLS ? "verify-full" : "disable",
             keys == NULL ? "Opener=libpq;" : keys, extra);
}

bool f_is_native(void)
{
    const char *keys = getenv("RS_TEST_KEYS");

    return keys != NULL && strstr(keys, "Opener=native") != NULL;
}

/* ---- one connection ---- */

void f_begin(struct f_bed *bed)
{
    *bed = (struct f_bed){ .player = f_player() };
    script_welcome(&bed->script);
}

void f_connect(struct f_bed *bed, enum f_mode mode, struct player_how how, const char *extra)
{
    char string[2048];

    player_play(bed->player, &bed->script, how);
    f_string(string, sizeof string, player_port(bed->player), mode, extra);
    t_alloc(&bed->conn, SQL_OV_ODBC3);
    DBC_OK(bed->conn.dbc, t_try(&bed->conn, string));
}

void f_end(struct f_bed *bed)
{
    t_close(&bed->conn);
    player_free(bed->player);
    script_clear(&bed->script);
}

/* ---- what is expected ---- */

void f_expect_dead(struct t_conn *conn)
{
    SQLUINTEGER dead = 9;
    SQLHSTMT stmt;

    DBC_OK(conn->dbc, SQLGetConnectAttr(conn->dbc, SQL_ATTR_CONNECTION_DEAD, &dead, 0, NULL));
    assert_int_equal(dead, SQL_CD_TRUE);
    stmt = t_stmt(conn);
    ERR(stmt, "08S01", SQLExecDirect(stmt, SQL("SELECT 1")));
    t_free(stmt);
}

void f_expect_record(SQLSMALLINT kind, SQLHANDLE handle, const char *state, const char *part)
{
    char got[6], text[4096];

    assert_true(t_diag(kind, handle, 1, got, text, sizeof text));
    if (strcmp(got, state) != 0 || strstr(text, part) == NULL)
        fail_msg("%s %s: not %s ... %s", got, text, state, part);
}

int f_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int n = 0;

    assert_non_null(dir);
    while (readdir(dir) != NULL)
        n++;
    closedir(dir);
    return n;
}

long f_resident_kib(void)
{
    FILE *file = fopen("/proc/self/status", "r");
    char line[256];
    long kib = -1;

    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "VmRSS:", 6) == 0)
            kib = strtol(line + 6, NULL, 10);
    fclose(file);
    /* A tool's memory is not the program's. */
    return getenv("RS_TEST_PATIENCE") != NULL ? 0 : kib;
}
