# The driver's behaviour at its ODBC face, on the bench: through the manager and on the library
include(${CMAKE_CURRENT_LIST_DIR}/sandbox.cmake)

function(rs_face_test name)
  rs_odbc_test(${name} db ${PROJECT_SOURCE_DIR}/tests/odbc/${name}.c
    ${PROJECT_SOURCE_DIR}/tests/odbc/odbctest.c)
endfunction()

rs_face_test(test_exec)
rs_face_test(test_states)
rs_face_test(test_fetch)
rs_face_test(test_getdata)
rs_face_test(test_param)
rs_face_test(test_arrays)
rs_face_test(test_dae)
