# Connection keys and strings: settings, layers, what goes together
rs_unit_test(test_settings ${CMAKE_CURRENT_SOURCE_DIR}/unit/test_settings.c)
rs_unit_test(test_settings_check ${CMAKE_CURRENT_SOURCE_DIR}/unit/test_settings_check.c)
rs_unit_test(test_connstr ${CMAKE_CURRENT_SOURCE_DIR}/unit/test_connstr.c)
rs_unit_test(test_ini ${CMAKE_CURRENT_SOURCE_DIR}/unit/test_ini.c)
rs_unit_test(test_dsn ${CMAKE_CURRENT_SOURCE_DIR}/unit/test_dsn.c)
rs_fuzz_test(connstr)
rs_fuzz_test(ini)
