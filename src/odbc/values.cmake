# Values: server types, conversions both ways, SQL text.
foreach(name IN ITEMS type number double double_print datetime span guid
    convert convert_num convert_text convert_bytes convert_time
    binary wirenum param param_num param_time sqlscan escape escape_table)
  target_sources(redshift_core PRIVATE ${CMAKE_CURRENT_LIST_DIR}/${name}.c)
endforeach()
target_link_libraries(redshift_core PUBLIC m)
