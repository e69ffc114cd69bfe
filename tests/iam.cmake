# Signing in, from the application's side, on the bench.
include(${CMAKE_CURRENT_LIST_DIR}/sandbox.cmake)

rs_odbc_test(test_iam_matrix iam iam/test_iam_matrix.c iam/iamtest.c)
# Python itself is no sanitizer build: the run-time must come first, and its own leaks are not ours.
set(RS_PYTHON /usr/bin/python3)
if(REDSHIFT_ODBC_SANITIZE MATCHES "address")
  execute_process(COMMAND ${CMAKE_C_COMPILER} -print-file-name=libasan.so
    OUTPUT_VARIABLE RS_ASAN_LIBRARY OUTPUT_STRIP_TRAILING_WHITESPACE)
  set(RS_PYTHON env LD_PRELOAD=${RS_ASAN_LIBRARY} ASAN_OPTIONS=detect_leaks=0 /usr/bin/python3)
endif()
rs_sandbox_command(iam_wire_order iam ${RS_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/iam/wire_order.py)
rs_sandbox_command(iam_canary iam ${RS_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/iam/canary.py)
rs_sandbox_command(iam_sign_in iam ${RS_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/iam/sign_in.py)
# They read in the stand-ins' logs what they did themselves, so nobody else may be at work.
set_tests_properties(iam_wire_order iam_sign_in PROPERTIES RUN_SERIAL TRUE)
