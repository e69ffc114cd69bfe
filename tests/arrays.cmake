# Arrays of parameters at speed: INSERTs of many tuples, pipes.
include(${CMAKE_CURRENT_LIST_DIR}/sandbox.cmake)

rs_unit_test(test_multirow ${CMAKE_CURRENT_LIST_DIR}/unit/test_multirow.c)
rs_fuzz_test(multirow)

foreach(topic IN ITEMS multirow pipeline)
  rs_odbc_test(odbc_${topic} db ${CMAKE_CURRENT_LIST_DIR}/odbc/test_${topic}.c
    ${CMAKE_CURRENT_LIST_DIR}/odbc/odbctest.c)
endforeach()

rs_db_test(test_arrays_memory db ${CMAKE_CURRENT_LIST_DIR}/odbc/test_arrays_memory.c)
