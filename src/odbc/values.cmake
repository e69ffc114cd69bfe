# Values, SQL text. Server types and conversions are in wide.cmake.
foreach(name IN ITEMS number double double_print datetime span wirenum param_num param_time
    sqlscan escape escape_table)
  target_sources(redshift_core PRIVATE ${CMAKE_CURRENT_LIST_DIR}/${name}.c)
endforeach()
target_link_libraries(redshift_core PUBLIC m)
