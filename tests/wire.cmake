# The wire: transport, messages, session, openers.
rs_unit_test(test_pgmsg ${CMAKE_CURRENT_LIST_DIR}/unit/test_pgmsg.c)
rs_unit_test(test_rowstream ${CMAKE_CURRENT_LIST_DIR}/unit/test_rowstream.c)
rs_unit_test(test_transport ${CMAKE_CURRENT_LIST_DIR}/unit/test_transport.c)
rs_unit_test(test_session ${CMAKE_CURRENT_LIST_DIR}/unit/test_session.c)
rs_unit_test(test_session_waits ${CMAKE_CURRENT_LIST_DIR}/unit/test_session_waits.c)
rs_unit_test(test_pipe ${CMAKE_CURRENT_LIST_DIR}/unit/test_pipe.c)
foreach(parser IN ITEMS pgmsg shape)
  rs_fuzz_test(${parser})
endforeach()
rs_unit_test(test_opener_pq ${CMAKE_CURRENT_LIST_DIR}/unit/test_opener_pq.c)
rs_unit_test(test_tls ${CMAKE_CURRENT_LIST_DIR}/unit/test_tls.c
  ${CMAKE_CURRENT_LIST_DIR}/support/certs.c ${CMAKE_CURRENT_LIST_DIR}/support/player.c
  ${CMAKE_CURRENT_LIST_DIR}/support/script.c ${CMAKE_CURRENT_LIST_DIR}/support/tempdir.c)
target_link_libraries(test_tls PRIVATE PkgConfig::LIBSSL)

include(${CMAKE_CURRENT_LIST_DIR}/sandbox.cmake)
rs_db_test(test_opener_db db ${CMAKE_CURRENT_LIST_DIR}/unit/test_opener_db.c)
