# Static cursors: rows that are kept, every orientation from every place, bookmarks
include(${CMAKE_CURRENT_LIST_DIR}/sandbox.cmake)

rs_unit_test(test_keep ${CMAKE_CURRENT_LIST_DIR}/unit/test_keep.c)
rs_odbc_test(odbc_scroll db ${CMAKE_CURRENT_LIST_DIR}/odbc/test_scroll.c
  ${CMAKE_CURRENT_LIST_DIR}/odbc/odbctest.c)
rs_odbc_test(odbc_static db ${CMAKE_CURRENT_LIST_DIR}/odbc/test_static.c
  ${CMAKE_CURRENT_LIST_DIR}/odbc/odbctest.c)
rs_db_test(odbc_static_memory db ${CMAKE_CURRENT_LIST_DIR}/odbc/test_static_memory.c
  ${CMAKE_CURRENT_LIST_DIR}/odbc/odbctest.c)
rs_odbc_test(odbc_bookmark db ${CMAKE_CURRENT_LIST_DIR}/odbc/test_bookmark.c
  ${CMAKE_CURRENT_LIST_DIR}/odbc/odbctest.c)
