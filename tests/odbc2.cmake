# Functions of ODBC 1 and 2
include(${CMAKE_CURRENT_LIST_DIR}/sandbox.cmake)

rs_odbc_test(odbc_odbc2 db ${CMAKE_CURRENT_LIST_DIR}/odbc/test_odbc2.c
  ${CMAKE_CURRENT_LIST_DIR}/odbc/odbctest.c)
