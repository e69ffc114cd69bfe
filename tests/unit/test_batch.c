/* Several statements of one text; odbc/batch.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "odbc/batch.h"

static const struct {
    const char *text;
    bool moves;
    const char *want; /* NULL: as it is */
} texts[] = {
    { "select 1; select 2", false, NULL },
    { "select 1; commit", true, NULL },
    { "commit; select 1", true, "commit; B;select 1" },
    { "COMMIT WORK ;/* c */ select 1; rollback;select 2", true,
      "COMMIT WORK ;/* c */ B;select 1; rollback;B;select 2" },
    { "end transaction; begin; select 1", true, NULL },
    { "abort and no chain; select 1", true, "abort and no chain; B;select 1" },
    { "commit and chain; select 1", true, NULL },
    { "rollback to s; select 1", true, NULL },
    { "rollback transaction to savepoint s; select 1", true, NULL },
    { "commit prepared 'x'; select 1", true, NULL },
    { "commit; rollback; select 1", true, "commit; rollback; B;select 1" },
    { "commit;;; (select 1)", true, "commit;;; B;(select 1)" },
    { "select 'commit; x'; select $$commit; y$$ -- commit;", false, NULL },
    { "start transaction; select 1", true, NULL },
    { "call p(); select 1", true, NULL },
    { "do $$begin commit; end$$; select 1", true, NULL },
    { "", false, NULL },
};

static void puts_begin_in(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(texts); i++) {
        const char *want = texts[i].want != NULL ? texts[i].want : texts[i].text;
        struct rs_buf out = RS_BUF_INIT(1000);
        struct rs_batch batch = rs_batch_scan(rs_str_of(texts[i].text), false, "B", &out);

        assert_int_equal(batch.moves_txn, texts[i].moves);
        assert_int_equal(batch.n_begun > 0, texts[i].want != NULL);
        assert_string_equal(out.len > 0 ? out.p : "", want);
        rs_buf_clear(&out);
        assert_int_equal(rs_batch_scan(rs_str_of(texts[i].text), false, NULL, NULL).n_begun,
                         batch.n_begun);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(puts_begin_in) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
