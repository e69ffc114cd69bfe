# The native opener: without a server, and the whole driver through it on the bench.
include(${CMAKE_CURRENT_LIST_DIR}/sandbox.cmake)

rs_unit_test(test_scram ${CMAKE_CURRENT_LIST_DIR}/unit/test_scram.c)
rs_unit_test(test_digest ${CMAKE_CURRENT_LIST_DIR}/unit/test_digest.c)
rs_unit_test(test_opener_native ${CMAKE_CURRENT_LIST_DIR}/unit/test_opener_native.c
  ${CMAKE_CURRENT_LIST_DIR}/support/dialog.c ${CMAKE_CURRENT_LIST_DIR}/support/tempdir.c)
rs_unit_test(test_proxy ${CMAKE_CURRENT_LIST_DIR}/unit/test_proxy.c
  ${CMAKE_CURRENT_LIST_DIR}/support/certs.c ${CMAKE_CURRENT_LIST_DIR}/support/player.c
  ${CMAKE_CURRENT_LIST_DIR}/support/script.c ${CMAKE_CURRENT_LIST_DIR}/support/tempdir.c)
target_link_libraries(test_proxy PRIVATE PkgConfig::LIBSSL)
rs_fuzz_test(proxy)
rs_fuzz_test(scram)
rs_fuzz_test(digest)
rs_fuzz_test(startup)

# With tests/sandbox.cmake's NAME_native: the ODBC tests and a client through the native opener.
rs_sandbox_command(client_pyodbc_native clients /usr/bin/python3
  ${CMAKE_CURRENT_LIST_DIR}/clients/test_pyodbc.py)
set_property(TEST client_pyodbc_native APPEND PROPERTY ENVIRONMENT "RS_TEST_KEYS=Opener=native\;")
