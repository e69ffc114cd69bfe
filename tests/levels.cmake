# The driver and its clients on the redshift stand-in instead of PostgreSQL, at every protocol level
# support/on_redshift says how; support/on_redshift.h is for what Redshift has not. Each program has
# four variants: redshift0_NAME through libpq, redshift1_ to redshift3_NAME through the driver's own
# opener. Those of the levels that stand here have the label redshift, the others the label levels,
# which is not run unless asked for: ./dev test redshift levels, ./dev test redshift3_.
include_guard(DIRECTORY)
include(${CMAKE_CURRENT_LIST_DIR}/sandbox.cmake)

# rs_on_redshift(NAME "LEVELS" command…)
function(rs_on_redshift name levels)
  foreach(level RANGE 3)
    set(label levels)
    if(level IN_LIST levels)
      set(label redshift)
    endif()
    rs_sandbox_command(redshift${level}_${name} ${label} ${RS_SUPPORT_DIR}/on_redshift ${level}
      ${ARGN})
  endforeach()
endfunction()

function(rs_odbc_on_redshift levels)
  foreach(name IN LISTS ARGN)
    rs_on_redshift(${name} "${levels}" $<TARGET_FILE:${name}_direct>)
    set_property(GLOBAL APPEND PROPERTY RS_LEVELS_SAID ${name})
  endforeach()
endfunction()

# Both servers in one program: it does level 0 itself, and its variant _native level 2.
rs_odbc_on_redshift("" odbc_arrays odbc_attr odbc_call odbc_call_cursors odbc_cancel
  odbc_exec odbc_fetch odbc_getdata odbc_manners odbc_multi odbc_multirow odbc_param odbc_replay
  odbc_reset odbc_txn test_querycache)
rs_odbc_on_redshift("0;2" odbc_bookmark odbc_browse odbc_convertfn odbc_dae odbc_diag odbc_escape
  odbc_getdata_rows odbc_odbc2 odbc_serverstate odbc_states odbc_threads odbc_wide)
# It makes and drops the same tables wherever it runs (odbc2.cmake).
foreach(level RANGE 3)
  set_property(TEST redshift${level}_odbc_reset APPEND PROPERTY RESOURCE_LOCK reset_tables)
endforeach()
# The wire is the same at level 0, and they take long.
rs_odbc_on_redshift("2" odbc_connect odbc_leave odbc_pipeline odbc_scroll odbc_spill
  odbc_static odbc_storm)
# Half a minute.
rs_odbc_on_redshift("" odbc_async)
# Both servers side by side, so that one cannot stand for the other: level 0, and _native level 2;
# test_typetable every level.
set_property(GLOBAL APPEND PROPERTY RS_LEVELS_SAID test_info test_catalog test_catalog_modes
  test_catalog_sources test_metacache test_types test_typetable test_typekeys test_keys
  test_statistics test_privileges test_procedures)
# Each level in its turn.
set_property(GLOBAL APPEND PROPERTY RS_LEVELS_SAID odbc_binary odbc_statuses)
# The server is a script.
set_property(GLOBAL APPEND PROPERTY RS_LEVELS_SAID odbc_faults_cut odbc_faults_data odbc_faults_idle
  odbc_faults_stall)

# Nobody is forgotten.
function(rs_levels_check)
  get_property(said GLOBAL PROPERTY RS_LEVELS_SAID)
  get_property(forgotten GLOBAL PROPERTY RS_ODBC_PROGRAMS)
  list(REMOVE_ITEM forgotten ${said})
  add_test(NAME check_levels COMMAND sh -c
    "echo not in tests/levels.cmake: $* && exit $#" check_levels ${forgotten})
  set_tests_properties(check_levels PROPERTIES LABELS check TIMEOUT 60)
endfunction()
cmake_language(DEFER CALL rs_levels_check)
