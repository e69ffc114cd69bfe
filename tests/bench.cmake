# The benchmark's programs, and a short run of it that looks at sums and instructions, not at time.
set(RS_BENCH ${CMAKE_CURRENT_LIST_DIR}/bench)

add_executable(odbcbench ${RS_BENCH}/odbcbench.c ${RS_BENCH}/tally.c)
target_include_directories(odbcbench PRIVATE ${ODBC_INCLUDE_DIRS})
target_link_libraries(odbcbench PRIVATE rs_flags PkgConfig::ODBC)

add_executable(rawbench ${RS_BENCH}/rawbench.c ${RS_BENCH}/tally.c)
target_link_libraries(rawbench PRIVATE rs_flags PkgConfig::LIBPQ PkgConfig::LIBSSL)

add_custom_target(bench_programs DEPENDS odbcbench rawbench redshift_odbc)

rs_sandbox_command(bench_smoke db /usr/bin/python3 ${RS_BENCH}/bench --smoke --build $<CONFIG>
  --driver $<TARGET_FILE:redshift_odbc> --programs $<TARGET_FILE_DIR:odbcbench>)
