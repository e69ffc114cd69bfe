# SQLGetFunctions and the catalog functions
target_sources(redshift_core PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/funcs.c
  ${CMAKE_CURRENT_LIST_DIR}/query.c
  ${CMAKE_CURRENT_LIST_DIR}/querycache.c
  ${CMAKE_CURRENT_LIST_DIR}/catalog_args.c
  ${CMAKE_CURRENT_LIST_DIR}/catalog_call.c
  ${CMAKE_CURRENT_LIST_DIR}/catalog_cache.c
  ${CMAKE_CURRENT_LIST_DIR}/catalog.c
  ${CMAKE_CURRENT_LIST_DIR}/catalog_source.c
  ${CMAKE_CURRENT_LIST_DIR}/catalog_show.c
  ${CMAKE_CURRENT_LIST_DIR}/catalog_tables.c
  ${CMAKE_CURRENT_LIST_DIR}/typename.c
  ${CMAKE_CURRENT_LIST_DIR}/catalog_keys.c
  ${CMAKE_CURRENT_LIST_DIR}/catalog_stats.c
  ${CMAKE_CURRENT_LIST_DIR}/catalog_proc.c
  ${CMAKE_CURRENT_LIST_DIR}/catalog_rights.c
  ${CMAKE_CURRENT_LIST_DIR}/pgarray.c
  ${CMAKE_CURRENT_LIST_DIR}/acl.c
  ${CMAKE_CURRENT_LIST_DIR}/typeinfo.c
  ${CMAKE_CURRENT_LIST_DIR}/routine_look.c)
