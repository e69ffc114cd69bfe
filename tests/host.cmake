# What the host program does: cancels from all sides, leaves in the middle, forks, has no room.
include(${CMAKE_CURRENT_LIST_DIR}/sandbox.cmake)

foreach(topic IN ITEMS storm leave spill async)
  rs_odbc_test(odbc_${topic} db ${CMAKE_CURRENT_LIST_DIR}/odbc/test_${topic}.c
    ${CMAKE_CURRENT_LIST_DIR}/odbc/hostbed.c ${CMAKE_CURRENT_LIST_DIR}/odbc/odbctest.c)
endforeach()
rs_db_test(odbc_host_memory db ${CMAKE_CURRENT_LIST_DIR}/odbc/test_host_memory.c
  ${CMAKE_CURRENT_LIST_DIR}/odbc/hostbed.c ${CMAKE_CURRENT_LIST_DIR}/odbc/odbctest.c)
rs_db_test(odbc_async_memory db ${CMAKE_CURRENT_LIST_DIR}/odbc/test_async_memory.c
  ${CMAKE_CURRENT_LIST_DIR}/odbc/hostbed.c ${CMAKE_CURRENT_LIST_DIR}/odbc/odbctest.c)
