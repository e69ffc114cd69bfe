# Functions of ODBC 1 and 2; connecting by questions; resetting
include(${CMAKE_CURRENT_LIST_DIR}/sandbox.cmake)

foreach(topic odbc2 browse reset)
  rs_odbc_test(odbc_${topic} db ${CMAKE_CURRENT_LIST_DIR}/odbc/test_${topic}.c
    ${CMAKE_CURRENT_LIST_DIR}/odbc/odbctest.c)
endforeach()
# They make and drop the same tables.
foreach(variant "" _direct _native _abroad)
  if(TEST odbc_reset${variant})
    set_property(TEST odbc_reset${variant} APPEND PROPERTY RESOURCE_LOCK reset_tables)
  endif()
endforeach()
rs_db_test(odbc_reset_memory db ${CMAKE_CURRENT_LIST_DIR}/odbc/test_reset_memory.c
  ${CMAKE_CURRENT_LIST_DIR}/odbc/odbctest.c)

# The manager's pool: there is none without it.
add_executable(odbc_pool ${CMAKE_CURRENT_LIST_DIR}/odbc/test_pool.c
  ${CMAKE_CURRENT_LIST_DIR}/odbc/odbctest.c)
target_include_directories(odbc_pool PRIVATE ${RS_SUPPORT_DIR} ${ODBC_INCLUDE_DIRS}
  ${PROJECT_SOURCE_DIR}/include)
target_compile_definitions(odbc_pool PRIVATE RS_DIRECT=0)
target_link_libraries(odbc_pool PRIVATE rs_flags PkgConfig::CMOCKA PkgConfig::ODBC Threads::Threads
  rs_abroad)
add_dependencies(odbc_pool redshift_odbc)
rs_sandbox_command(odbc_pool db $<TARGET_FILE:odbc_pool>)
# unixODBC forgets the iconv handles of connections out of its pool: leaks there are its own.
set_property(TEST odbc_pool APPEND PROPERTY ENVIRONMENT "ASAN_OPTIONS=detect_leaks=0")
