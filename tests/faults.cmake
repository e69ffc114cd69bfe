# What the driver does when the server or the line fails, against a server that plays scripts.
include(${CMAKE_CURRENT_LIST_DIR}/sandbox.cmake)

foreach(topic IN ITEMS cut stall data idle)
  set(name odbc_faults_${topic})
  rs_odbc_test(${name} db ${CMAKE_CURRENT_LIST_DIR}/odbc/test_faults_${topic}.c
    ${CMAKE_CURRENT_LIST_DIR}/odbc/faultbed.c ${CMAKE_CURRENT_LIST_DIR}/odbc/odbctest.c
    ${CMAKE_CURRENT_LIST_DIR}/support/script.c ${CMAKE_CURRENT_LIST_DIR}/support/player.c
    ${CMAKE_CURRENT_LIST_DIR}/support/recorder.c)
  foreach(variant ${name} ${name}_direct)
    target_link_libraries(${variant} PRIVATE PkgConfig::LIBSSL)
  endforeach()
endforeach()
