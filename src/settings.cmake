target_sources(redshift_core PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/settings.c
  ${CMAKE_CURRENT_LIST_DIR}/settings_check.c ${CMAKE_CURRENT_LIST_DIR}/settings_method.c)
