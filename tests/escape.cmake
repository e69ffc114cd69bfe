# Escapes on a server
include(${CMAKE_CURRENT_LIST_DIR}/sandbox.cmake)

rs_odbc_test(odbc_escape db ${CMAKE_CURRENT_LIST_DIR}/odbc/test_escape.c
  ${CMAKE_CURRENT_LIST_DIR}/odbc/odbctest.c)
rs_odbc_test(odbc_convertfn db ${CMAKE_CURRENT_LIST_DIR}/odbc/test_convertfn.c
  ${CMAKE_CURRENT_LIST_DIR}/odbc/odbctest.c)
