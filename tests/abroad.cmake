# Test programs in another locale and time zone, with small stacks.
# support/abroad.h says how. What runs in CI is one face in the locale that differs most; `./dev abroad`
# runs every face in each.
include_guard(DIRECTORY)

set(RS_LOCALES_DIR ${PROJECT_BINARY_DIR}/locales)
set(RS_ABROAD "tr_TR.UTF-8 Pacific/Kiritimati 128")
# A sanitizer's frames are not what a user's stack must hold.
set(RS_GO_ABROAD ON)
if(REDSHIFT_ODBC_SANITIZE)
  set(RS_GO_ABROAD OFF)
endif()

add_library(rs_abroad STATIC ${CMAKE_CURRENT_SOURCE_DIR}/support/abroad.c)
target_link_libraries(rs_abroad PRIVATE rs_flags PUBLIC Threads::Threads)
target_link_options(rs_abroad INTERFACE -Wl,--wrap=main)

add_test(NAME locales COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/support/locales ${RS_LOCALES_DIR}
  de_DE.UTF-8 tr_TR.UTF-8)
set_tests_properties(locales PROPERTIES FIXTURES_SETUP locales LABELS abroad TIMEOUT 120
  SKIP_RETURN_CODE 77)

# rs_abroad(TEST): runs there, label abroad.
function(rs_abroad test)
  set_tests_properties(${test} PROPERTIES LABELS abroad)
  set_property(TEST ${test} APPEND PROPERTY FIXTURES_REQUIRED locales)
  set_property(TEST ${test} APPEND PROPERTY ENVIRONMENT
    "RS_TEST_ABROAD=${RS_ABROAD}" "RS_TEST_LOCALES=${RS_LOCALES_DIR}")
endfunction()

# That they are there: the arguments say what must be in force.
add_executable(test_abroad ${CMAKE_CURRENT_SOURCE_DIR}/unit/test_abroad.c)
target_link_libraries(test_abroad PRIVATE rs_flags PkgConfig::CMOCKA rs_abroad)
add_test(NAME test_abroad_home COMMAND test_abroad)
set_tests_properties(test_abroad_home PROPERTIES LABELS unit TIMEOUT 60
  ENVIRONMENT "RS_TEST_ABROAD=")
foreach(locale IN ITEMS C de_DE.UTF-8 tr_TR.UTF-8)
  if(RS_GO_ABROAD)
    add_test(NAME test_abroad_${locale} COMMAND test_abroad ${locale} Pacific/Kiritimati 128)
    set_tests_properties(test_abroad_${locale} PROPERTIES TIMEOUT 60 SKIP_RETURN_CODE 77)
    rs_abroad(test_abroad_${locale})
    set_property(TEST test_abroad_${locale} APPEND PROPERTY ENVIRONMENT
      "RS_TEST_ABROAD=${locale} Pacific/Kiritimati 128")
  endif()
endforeach()
