/* Messages of a hostile server: each is taken apart as the session would. */
#include <stdint.h>
#include <stdlib.h>

#include "os.h"
#include "pgmsg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(const struct rs_msg *msg, int32_t level)
{
    struct rs_buf text = RS_BUF_INIT(1 << 16);
    struct rs_msg_report report;
    struct rs_cell cells[16];
    struct rs_shape *shape = NULL;
    struct rs_str a, b;
    uint32_t *types = NULL;
    int64_t count;
    int32_t pid;
    size_t n;
    char txn;

    if (msg->type == RS_MSG_SHAPE && rs_msg_shape(msg->body, level, &shape, NULL) == RS_MADE_OK) {
        for (size_t i = 0; i < shape->n; i++)
            rs_buf_add(&text, shape->field[i].name);
    }
    if (msg->type == RS_MSG_ROW) {
        for (n = 0; n <= RS_COUNT(cells); n++) {
            if (rs_row_walk(msg->body, cells, n)) {
                for (size_t i = 0; i < n; i++)
                    rs_buf_add(&text, (struct rs_str){ cells[i].p,
                                                       cells[i].n > 0 ? (size_t)cells[i].n : 0 });
            }
        }
    }
    if ((msg->type == RS_MSG_ERROR || msg->type == RS_MSG_NOTICE) &&
        rs_msg_report(msg->body, &report)) {
        rs_msg_report_text(&report, 6, &text);
        (void)rs_msg_report_native(&report);
        if (rs_msg_report_loaded(&report, &count) && count < 0)
            abort();
    }
    if (msg->type == RS_MSG_PARAM_TYPES)
        (void)rs_msg_param_types(msg->body, &types, &n, NULL);
    if (msg->type == RS_MSG_STATUS && rs_msg_status(msg->body, &a, &b))
        rs_buf_add(&text, b);
    if (msg->type == RS_MSG_COMMAND && rs_msg_command(msg->body, &a, &count))
        rs_buf_add(&text, a);
    if (msg->type == RS_MSG_KEY && rs_msg_key(msg->body, &pid))
        rs_buf_addc(&text, (char)pid);
    if (msg->type == RS_MSG_READY && rs_msg_ready(msg->body, &txn))
        rs_buf_addc(&text, txn);
    rs_free(shape);
    rs_free(types);
    rs_buf_clear(&text);
}

/* The first byte chooses the protocol level, the rest is what arrives. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_str in = { (const char *)data, size };
    struct rs_msg msg;
    int32_t level;
    size_t need;

    if (size == 0)
        return 0;
    level = data[0] & 3;
    in = rs_str_sub(in, 1, size - 1);
    while (rs_msg_peek(in, &msg, &need) == RS_MSG_WHOLE) {
        take(&msg, level);
        in = rs_str_sub(in, RS_MSG_HEAD + msg.body.n, in.n);
    }
    return 0;
}
