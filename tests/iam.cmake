# Signing in, from the application's side, on the bench.
include(${CMAKE_CURRENT_LIST_DIR}/sandbox.cmake)

rs_odbc_test(test_iam_matrix iam iam/test_iam_matrix.c iam/iamtest.c)
rs_sandbox_command(iam_wire_order iam /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/iam/wire_order.py)
rs_sandbox_command(iam_canary iam /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/iam/canary.py)
# It reads in the stand-ins' logs what it did itself, so nobody else may be at work.
set_tests_properties(iam_wire_order PROPERTIES RUN_SERIAL TRUE)
