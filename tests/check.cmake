# What a machine can keep an eye on besides behaviour.
set(RS_CHECK_DIR ${CMAKE_CURRENT_SOURCE_DIR}/check)

function(rs_check name)
  add_test(NAME ${name} COMMAND ${ARGN})
  set_tests_properties(${name} PROPERTIES LABELS check TIMEOUT 120 SKIP_RETURN_CODE 77)
endfunction()

add_executable(print_tables ${CMAKE_CURRENT_SOURCE_DIR}/support/print_tables.c)
target_link_libraries(print_tables PRIVATE redshift_static)

rs_check(check_layers ${RS_CHECK_DIR}/check_layers.py ${PROJECT_SOURCE_DIR})
rs_check(check_banned ${RS_CHECK_DIR}/check_banned.py ${PROJECT_SOURCE_DIR})
rs_check(check_words ${RS_CHECK_DIR}/check_words.py ${PROJECT_SOURCE_DIR})
rs_check(check_format ${RS_CHECK_DIR}/check_format ${PROJECT_SOURCE_DIR})
rs_check(check_exports ${RS_CHECK_DIR}/check_exports.py ${PROJECT_SOURCE_DIR}
  $<TARGET_FILE:redshift_odbc>)
if(REDSHIFT_ODBC_IODBC)
  rs_check(check_exports_iodbc ${RS_CHECK_DIR}/check_exports.py ${PROJECT_SOURCE_DIR}
    $<TARGET_FILE:redshift_odbc_iodbc> --without-libltdl)
endif()
rs_check(check_tables ${RS_CHECK_DIR}/check_tables.py ${PROJECT_SOURCE_DIR}
  $<TARGET_FILE:print_tables>)
rs_check(check_states ${RS_CHECK_DIR}/check_states.py ${PROJECT_SOURCE_DIR})
rs_check(check_files ${RS_CHECK_DIR}/check_files.py ${PROJECT_SOURCE_DIR})
rs_check(check_idp_errors ${RS_CHECK_DIR}/check_idp_errors.py ${PROJECT_SOURCE_DIR})
rs_check(check_dev ${RS_CHECK_DIR}/check_dev ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
