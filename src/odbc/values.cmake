target_sources(redshift_core PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/type.c
  ${CMAKE_CURRENT_LIST_DIR}/number.c
  ${CMAKE_CURRENT_LIST_DIR}/double.c)
target_link_libraries(redshift_core PUBLIC m)
