# Signing in by a provider's pages: HTML, forms, AD FS, PingFederate.
rs_unit_test(test_page unit/test_page.c support/fakeworld.c)
rs_unit_test(test_signin unit/test_signin.c support/fakeworld.c)
rs_fuzz_test(htmlform)
include(${CMAKE_CURRENT_LIST_DIR}/sandbox.cmake)
rs_db_test(test_pagelive iam auth/test_pagelive.c)
