# The driver's behaviour at its ODBC face, on the bench: through the manager and on the library
include(${CMAKE_CURRENT_LIST_DIR}/sandbox.cmake)

# rs_face_test(TOPIC): odbc_TOPIC and odbc_TOPIC_direct, of odbc/test_TOPIC.c
function(rs_face_test topic)
  rs_odbc_test(odbc_${topic} db ${PROJECT_SOURCE_DIR}/tests/odbc/test_${topic}.c
    ${PROJECT_SOURCE_DIR}/tests/odbc/odbctest.c)
endfunction()

rs_face_test(attr)
rs_face_test(exec)
rs_face_test(states)
rs_face_test(fetch)
rs_face_test(getdata)
rs_face_test(getdata_rows)
rs_face_test(binary)
rs_face_test(param)
rs_face_test(arrays)
rs_face_test(dae)
rs_face_test(multi)
rs_face_test(txn)
rs_face_test(connect)
rs_face_test(cancel)
rs_face_test(threads)
rs_face_test(diag)
rs_face_test(serverstate)
foreach(variant "" _direct)
  target_include_directories(odbc_serverstate${variant} PRIVATE ${PROJECT_SOURCE_DIR}/src)
endforeach()
