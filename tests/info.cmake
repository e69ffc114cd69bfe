# SQLGetInfo, SQLGetFunctions and the catalog functions
include(${CMAKE_CURRENT_LIST_DIR}/sandbox.cmake)
rs_unit_test(test_info_table ${CMAKE_CURRENT_SOURCE_DIR}/unit/test_info.c)
rs_unit_test(test_catalog_args ${CMAKE_CURRENT_SOURCE_DIR}/unit/test_catalog_args.c)
rs_unit_test(test_acl ${CMAKE_CURRENT_SOURCE_DIR}/unit/test_acl.c)
rs_fuzz_test(acl)
rs_unit_test(test_typename ${CMAKE_CURRENT_SOURCE_DIR}/unit/test_typename.c)
rs_fuzz_test(typename)
rs_unit_test(test_typeinfo ${CMAKE_CURRENT_SOURCE_DIR}/unit/test_typeinfo.c)
rs_odbc_test(test_info db ${CMAKE_CURRENT_SOURCE_DIR}/odbc/test_info.c)
rs_odbc_test(test_catalog db ${CMAKE_CURRENT_SOURCE_DIR}/odbc/test_catalog.c)
rs_unit_test(test_catalog_cache ${CMAKE_CURRENT_SOURCE_DIR}/unit/test_catalog_cache.c)
rs_odbc_test(test_metacache db ${CMAKE_CURRENT_SOURCE_DIR}/odbc/test_metacache.c)
rs_odbc_test(test_types db ${CMAKE_CURRENT_SOURCE_DIR}/odbc/test_types.c)
rs_odbc_test(test_typetable db ${CMAKE_CURRENT_SOURCE_DIR}/odbc/test_typetable.c)
rs_odbc_test(test_typekeys db ${CMAKE_CURRENT_SOURCE_DIR}/odbc/test_typekeys.c)
rs_odbc_test(test_querycache db ${CMAKE_CURRENT_SOURCE_DIR}/odbc/test_querycache.c
  ${CMAKE_CURRENT_SOURCE_DIR}/odbc/odbctest.c)
rs_odbc_test(test_keys db ${CMAKE_CURRENT_SOURCE_DIR}/odbc/test_keys.c
  ${CMAKE_CURRENT_SOURCE_DIR}/odbc/catalogbed.c ${CMAKE_CURRENT_SOURCE_DIR}/odbc/odbctest.c)
rs_odbc_test(test_statistics db ${CMAKE_CURRENT_SOURCE_DIR}/odbc/test_statistics.c
  ${CMAKE_CURRENT_SOURCE_DIR}/odbc/catalogbed.c ${CMAKE_CURRENT_SOURCE_DIR}/odbc/odbctest.c)
rs_db_test(test_catalog_memory db ${CMAKE_CURRENT_SOURCE_DIR}/odbc/test_catalog_memory.c)
rs_odbc_test(test_privileges db ${CMAKE_CURRENT_SOURCE_DIR}/odbc/test_privileges.c
  ${CMAKE_CURRENT_SOURCE_DIR}/odbc/catalogbed.c ${CMAKE_CURRENT_SOURCE_DIR}/odbc/odbctest.c)
rs_odbc_test(test_procedures db ${CMAKE_CURRENT_SOURCE_DIR}/odbc/test_procedures.c
  ${CMAKE_CURRENT_SOURCE_DIR}/odbc/catalogbed.c ${CMAKE_CURRENT_SOURCE_DIR}/odbc/odbctest.c)
rs_db_test(test_rights_memory db ${CMAKE_CURRENT_SOURCE_DIR}/odbc/test_rights_memory.c)
rs_odbc_test(test_catalog_modes db ${CMAKE_CURRENT_SOURCE_DIR}/odbc/test_catalog_modes.c
  ${CMAKE_CURRENT_SOURCE_DIR}/odbc/catalogbed.c ${CMAKE_CURRENT_SOURCE_DIR}/odbc/odbctest.c)
rs_odbc_test(test_catalog_hostile redshift ${CMAKE_CURRENT_SOURCE_DIR}/odbc/test_catalog_hostile.c
  ${CMAKE_CURRENT_SOURCE_DIR}/odbc/catalogbed.c ${CMAKE_CURRENT_SOURCE_DIR}/odbc/odbctest.c)
rs_odbc_test(test_catalog_sources db ${CMAKE_CURRENT_SOURCE_DIR}/odbc/test_catalog_sources.c
  ${CMAKE_CURRENT_SOURCE_DIR}/odbc/catalogbed.c ${CMAKE_CURRENT_SOURCE_DIR}/odbc/odbctest.c)
