# Types, numbers, conversions both ways, SQL text. Rows of their tables leave out what is usual.
foreach(name IN ITEMS convert_int convert_num convert_text convert_time convert_getdata convert_matrix
    convert_binary)
  rs_unit_test(test_${name} ${CMAKE_CURRENT_SOURCE_DIR}/unit/test_${name}.c
    ${CMAKE_CURRENT_SOURCE_DIR}/support/cells.c)
endforeach()
foreach(name IN ITEMS number sqlscan escape type param)
  rs_unit_test(test_${name} ${CMAKE_CURRENT_SOURCE_DIR}/unit/test_${name}.c)
endforeach()
target_link_libraries(test_number PRIVATE m)
foreach(parser IN ITEMS sqlscan escape convert number wirenum interval param)
  rs_fuzz_test(${parser})
endforeach()
target_link_libraries(fuzz_number PRIVATE m)
