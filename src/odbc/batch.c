#include "batch.h"

/* One statement, token by token. */
struct statement {
    enum { AT_START, IN_END, IN_OTHER } at;
    bool and, no; /* behind COMMIT or ROLLBACK: AND [NO] CHAIN */
};

static bool is_one_of(struct rs_str word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (rs_str_eq_nocase(word, rs_str_of(words[i])))
            return true;
    }
    return false;
}

static bool is_end_word(struct rs_str word)
{
    static const char *const words[] = { "commit", "end", "rollback", "abort" };

    return is_one_of(word, words, RS_COUNT(words));
}

/* A procedure or block of code may commit as well. */
static bool moves_txn(struct rs_str word)
{
    static const char *const words[] = { "begin", "start", "call", "do" };

    return is_end_word(word) || is_one_of(word, words, RS_COUNT(words));
}

static bool is_txn_word(struct rs_str word)
{
    static const char *const words[] = { "begin", "start" };

    return is_end_word(word) || is_one_of(word, words, RS_COUNT(words));
}

/* ROLLBACK TO ends nothing, and AND CHAIN begins anew by itself. */
static void take_word(struct statement *s, enum rs_token token, struct rs_str text)
{
    static const char *const plain[] = { "work", "transaction" };

    if (s->at == AT_START) {
        s->at = token == RS_TOKEN_WORD && is_end_word(text) ? IN_END : IN_OTHER;
    } else if (s->at == IN_END) {
        if (token != RS_TOKEN_WORD)
            s->at = IN_OTHER;
        else if (rs_str_eq_nocase(text, RS_STR("and")))
            s->and = true;
        else if (s->and &&rs_str_eq_nocase(text, RS_STR("no")))
            s->no = true;
        else if (!(s->no && rs_str_eq_nocase(text, RS_STR("chain"))) &&
                 !is_one_of(text, plain, RS_COUNT(plain)))
            s->at = IN_OTHER;
    }
}

struct rs_batch rs_batch_scan(struct rs_str text, bool backslash_escapes, const char *begin,
                              struct rs_buf *out)
{
    struct rs_tokens scan = { text.p, text.p + text.n, backslash_escapes };
    struct rs_batch batch = { false, 0 };
    struct statement s = { AT_START, false, false };
    bool has_ended = false;

    for (;;) {
        const char *start = scan.p;
        enum rs_token token = rs_token_next(&scan);
        struct rs_str part = { start, (size_t)(scan.p - start) };
        bool is_first = s.at == AT_START && token != RS_TOKEN_BLANK && token != RS_TOKEN_SEMICOLON;

        if (token == RS_TOKEN_END)
            return batch;
        if (is_first && token == RS_TOKEN_WORD && moves_txn(part))
            batch.moves_txn = true;
        if (is_first && has_ended && !(token == RS_TOKEN_WORD && is_txn_word(part))) {
            batch.n_begun++;
            if (begin != NULL) {
                rs_buf_adds(out, begin);
                rs_buf_addc(out, ';');
            }
        }
        if (is_first)
            has_ended = false;
        if (begin != NULL)
            rs_buf_add(out, part);
        if (token == RS_TOKEN_SEMICOLON) {
            has_ended = has_ended || s.at == IN_END;
            s = (struct statement){ AT_START, false, false };
        } else if (token != RS_TOKEN_BLANK) {
            take_word(&s, token, part);
        }
    }
}
