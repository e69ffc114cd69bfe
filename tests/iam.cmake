# Signing in, from the application's side, on the bench.
include(${CMAKE_CURRENT_LIST_DIR}/sandbox.cmake)

rs_odbc_test(test_iam_matrix iam iam/test_iam_matrix.c iam/iamtest.c)
rs_sandbox_command(iam_wire_order iam ${RS_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/iam/wire_order.py)
rs_sandbox_command(iam_canary iam ${RS_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/iam/canary.py)
rs_sandbox_command(iam_cache iam ${RS_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/iam/cache.py)
# A clock of its own and the sanitizer do not go together.
if(NOT RS_ASAN_LIBRARY)
  rs_sandbox_command(iam_lapse iam ${RS_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/iam/lapse.py)
endif()
rs_sandbox_command(iam_sign_in iam ${RS_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/iam/sign_in.py)
rs_sandbox_command(iam_proxy iam ${RS_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/iam/proxy.py)
rs_sandbox_command(iam_auth_faults iam ${RS_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/iam/auth_faults.py)
rs_sandbox_command(iam_ca_bundle iam /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/iam/ca_bundle.py
  $<TARGET_FILE:redshift_odbc_cli>)
rs_sandbox_command(iam_real_names iam /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/iam/real_names.py
  $<TARGET_FILE:redshift_odbc_cli>)
foreach(name center forms kerberos canary names browsers codes)
  rs_sandbox_command(idp_${name} iam ${RS_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/iam/idp_${name}.py)
endforeach()
# They read in the stand-ins' logs what they did themselves, so nobody else may be at work.
set_tests_properties(iam_wire_order iam_cache iam_sign_in iam_proxy
  idp_center idp_forms idp_kerberos idp_canary idp_names
  idp_browsers idp_codes PROPERTIES RUN_SERIAL TRUE)
