# The bench as ctest fixtures, and tests that run on it.
include_guard(DIRECTORY)

set(RS_SANDBOX_TESTS ${PROJECT_SOURCE_DIR}/tests/sandbox)
set(RS_SANDBOX ${PROJECT_SOURCE_DIR}/tests/sandbox/sandbox)
set(RS_SANDBOX_DIR ${PROJECT_BINARY_DIR}/sandbox)
set(RS_WITH_ENV ${PROJECT_SOURCE_DIR}/tests/support/with_env)
set(RS_ODBCINI_DIR ${PROJECT_BINARY_DIR}/odbcini)
set(RS_SUPPORT_DIR ${PROJECT_SOURCE_DIR}/tests/support)

add_test(NAME sandbox_up COMMAND ${RS_SANDBOX} up ${RS_SANDBOX_DIR})
add_test(NAME sandbox_down COMMAND ${RS_SANDBOX} down ${RS_SANDBOX_DIR})
set_tests_properties(sandbox_up PROPERTIES FIXTURES_SETUP sandbox TIMEOUT 120)
set_tests_properties(sandbox_down PROPERTIES FIXTURES_CLEANUP sandbox TIMEOUT 60)

# A driver-manager configuration of our own: nothing of the machine's or the user's is read.
file(MAKE_DIRECTORY ${RS_ODBCINI_DIR}/home)
file(WRITE ${RS_ODBCINI_DIR}/odbc.ini "")
file(WRITE ${RS_ODBCINI_DIR}/redshiftodbc.ini "")
file(GENERATE OUTPUT ${RS_ODBCINI_DIR}/odbcinst.ini CONTENT
"[Redshift ODBC]
Description = Redshift ODBC, as built
Driver = $<TARGET_FILE:redshift_odbc>
Threading = 0
")

# What a test of the driver sees of the outside: see tests/sandbox/sandbox for the other variables.
set(RS_TEST_ENVIRONMENT
  ODBCSYSINI=${RS_ODBCINI_DIR} ODBCINI=${RS_ODBCINI_DIR}/odbc.ini
  REDSHIFTODBCINI=${RS_ODBCINI_DIR}/redshiftodbc.ini HOME=${RS_ODBCINI_DIR}/home
  RS_DRIVER=$<TARGET_FILE:redshift_odbc>
  LSAN_OPTIONS=suppressions=${RS_SUPPORT_DIR}/lsan.supp:print_suppressions=0
  TSAN_OPTIONS=suppressions=${RS_SUPPORT_DIR}/tsan.supp
  UBSAN_OPTIONS=print_stacktrace=1)

# For tests in Python that load the driver. Python itself is no sanitizer build: the run-time must
# come first, and its own leaks are not ours.
set(RS_PYTHON /usr/bin/python3)
if(REDSHIFT_ODBC_SANITIZE MATCHES "address")
  execute_process(COMMAND ${CMAKE_C_COMPILER} -print-file-name=libasan.so
    OUTPUT_VARIABLE RS_ASAN_LIBRARY OUTPUT_STRIP_TRAILING_WHITESPACE)
  set(RS_PYTHON env LD_PRELOAD=${RS_ASAN_LIBRARY} ASAN_OPTIONS=detect_leaks=0 /usr/bin/python3)
endif()

# rs_sandbox_command(NAME LABEL command…): any command, on the bench, with that environment.
function(rs_sandbox_command name label)
  add_test(NAME ${name} COMMAND ${RS_WITH_ENV} ${RS_SANDBOX_DIR}/env ${ARGN})
  set_tests_properties(${name} PROPERTIES LABELS ${label} TIMEOUT 300 SKIP_RETURN_CODE 77
    FIXTURES_REQUIRED sandbox ENVIRONMENT "${RS_TEST_ENVIRONMENT}")
endfunction()

# rs_redshift_label(NAME sources…): label redshift as well where a source speaks of that server.
function(rs_redshift_label name)
  foreach(source IN LISTS ARGN)
    get_filename_component(path ${source} ABSOLUTE)
    file(STRINGS ${path} found LIMIT_COUNT 1
      REGEX "T_REDSHIFT|REACH_REDSHIFT|RS_REDSHIFT_")
    if(found)
      set_property(TEST ${name} APPEND PROPERTY LABELS redshift)
      return()
    endif()
  endforeach()
endfunction()

# rs_db_test(NAME LABEL sources…): a cmocka program on the driver's inside.
function(rs_db_test name label)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE rs_support)
  rs_sandbox_command(${name} ${label} $<TARGET_FILE:${name}>)
  rs_redshift_label(${name} ${ARGN})
endfunction()

# rs_odbc_test(NAME LABEL sources…): a cmocka program that knows ODBC alone. NAME goes through the
# driver manager, NAME_direct is the same program linked to the driver itself (RS_DIRECT is 1).
# With label db NAME_native is that again, every connection opened natively (RS_TEST_KEYS), and
# NAME_abroad in another locale (abroad.cmake).
function(rs_odbc_test name label)
  foreach(variant ${name} ${name}_direct)
    add_executable(${variant} ${ARGN})
    target_include_directories(${variant} PRIVATE ${RS_SUPPORT_DIR} ${ODBC_INCLUDE_DIRS}
      ${PROJECT_SOURCE_DIR}/include)
    target_link_libraries(${variant} PRIVATE rs_flags PkgConfig::CMOCKA Threads::Threads
      rs_abroad)
    rs_sandbox_command(${variant} ${label} $<TARGET_FILE:${variant}>)
  endforeach()
  # The manager makes no difference to the server.
  rs_redshift_label(${name}_direct ${ARGN})
  target_compile_definitions(${name} PRIVATE RS_DIRECT=0)
  target_link_libraries(${name} PRIVATE PkgConfig::ODBC)
  add_dependencies(${name} redshift_odbc)
  target_compile_definitions(${name}_direct PRIVATE RS_DIRECT=1)
  # The library alone: the core's objects must come out of the shared library.
  add_dependencies(${name}_direct redshift_odbc)
  target_link_libraries(${name}_direct PRIVATE $<TARGET_FILE:redshift_odbc>)
  set_target_properties(${name}_direct PROPERTIES BUILD_RPATH $<TARGET_FILE_DIR:redshift_odbc>)
  if(label STREQUAL db)
    set_property(GLOBAL APPEND PROPERTY RS_ODBC_PROGRAMS ${name}) # levels.cmake
    rs_sandbox_command(${name}_native db $<TARGET_FILE:${name}_direct>)
    rs_redshift_label(${name}_native ${ARGN})
    set_property(TEST ${name}_native APPEND PROPERTY ENVIRONMENT "RS_TEST_KEYS=Opener=native\;")
    if(RS_GO_ABROAD)
      rs_sandbox_command(${name}_abroad abroad $<TARGET_FILE:${name}_direct>)
      rs_abroad(${name}_abroad)
    endif()
  endif()
endfunction()
