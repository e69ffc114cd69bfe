# The library for iODBC, through its manager and alone; its test program
include(${CMAKE_CURRENT_LIST_DIR}/sandbox.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/levels.cmake)
if(NOT REDSHIFT_ODBC_IODBC)
  return()
endif()

# iODBC's manager reads other files than unixODBC's does.
set(RS_IODBC_DIR ${PROJECT_BINARY_DIR}/iodbcini)
file(MAKE_DIRECTORY ${RS_IODBC_DIR})
file(GENERATE OUTPUT ${RS_IODBC_DIR}/odbcinst.ini CONTENT
"[ODBC Drivers]
Redshift ODBC = Installed

[Redshift ODBC]
Driver = $<TARGET_FILE:redshift_odbc_iodbc>
")
set(RS_IODBC_ENVIRONMENT ODBCINSTINI=${RS_IODBC_DIR}/odbcinst.ini
  SYSODBCINSTINI=${RS_IODBC_DIR}/odbcinst.ini SYSODBCINI=${RS_ODBCINI_DIR}/odbc.ini)

# The manager's headers and unixODBC's cannot be installed together, and only the headers bring the
# name libiodbc.so: so the library itself is what is linked, with unixODBC's headers, whose SQLWCHAR
# has four bytes if asked.
find_library(RS_IODBC libiodbc.so.2)
foreach(variant odbc_iodbc odbc_iodbc_direct)
  if(variant STREQUAL odbc_iodbc AND NOT RS_IODBC)
    rs_sandbox_command(${variant} db sh -c "echo 'skipped: libiodbc2 is not installed'; exit 77")
    continue()
  endif()
  add_executable(${variant} ${CMAKE_CURRENT_LIST_DIR}/odbc/test_iodbc.c
    ${CMAKE_CURRENT_LIST_DIR}/odbc/odbctest.c)
  target_include_directories(${variant} PRIVATE ${RS_SUPPORT_DIR} ${ODBC_INCLUDE_DIRS})
  target_compile_definitions(${variant} PRIVATE SQL_WCHART_CONVERT
    RS_DIRECT=$<STREQUAL:${variant},odbc_iodbc_direct>)
  target_link_libraries(${variant} PRIVATE rs_flags PkgConfig::CMOCKA Threads::Threads)
  add_dependencies(${variant} redshift_odbc_iodbc)
  if(variant STREQUAL odbc_iodbc)
    target_link_libraries(${variant} PRIVATE ${RS_IODBC})
  else()
    target_link_libraries(${variant} PRIVATE $<TARGET_FILE:redshift_odbc_iodbc>)
    set_target_properties(${variant} PROPERTIES
      BUILD_RPATH $<TARGET_FILE_DIR:redshift_odbc_iodbc>)
  endif()
  rs_sandbox_command(${variant} db $<TARGET_FILE:${variant}>)
  set_property(TEST ${variant} APPEND PROPERTY ENVIRONMENT ${RS_IODBC_ENVIRONMENT})
endforeach()
rs_odbc_on_redshift("2" odbc_iodbc)
# It looks for a name of its own in the catalog, where temporary tables of all sessions stand.
set_tests_properties(odbc_iodbc odbc_iodbc_direct redshift0_odbc_iodbc redshift1_odbc_iodbc
  redshift2_odbc_iodbc redshift3_odbc_iodbc PROPERTIES RESOURCE_LOCK odbc_iodbc)
