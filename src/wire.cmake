target_sources(redshift_core PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/address.c
  ${CMAKE_CURRENT_LIST_DIR}/exchange.c
  ${CMAKE_CURRENT_LIST_DIR}/opener.c
  ${CMAKE_CURRENT_LIST_DIR}/opener_each.c
  ${CMAKE_CURRENT_LIST_DIR}/opener_pq.c
  ${CMAKE_CURRENT_LIST_DIR}/opener_pq_params.c
  ${CMAKE_CURRENT_LIST_DIR}/pgmsg.c
  ${CMAKE_CURRENT_LIST_DIR}/pgreport.c
  ${CMAKE_CURRENT_LIST_DIR}/reply.c
  ${CMAKE_CURRENT_LIST_DIR}/request.c
  ${CMAKE_CURRENT_LIST_DIR}/rowstream.c
  ${CMAKE_CURRENT_LIST_DIR}/serverstate.c
  ${CMAKE_CURRENT_LIST_DIR}/session.c
  ${CMAKE_CURRENT_LIST_DIR}/transport.c
  ${CMAKE_CURRENT_LIST_DIR}/transport_flow.c)
