# Types, numbers, conversions both ways, SQL text. Rows of their tables leave out what is usual.
foreach(name IN ITEMS convert_int convert_num convert_text convert_time)
  rs_unit_test(test_${name} ${CMAKE_CURRENT_SOURCE_DIR}/unit/test_${name}.c
    ${CMAKE_CURRENT_SOURCE_DIR}/support/cells.c)
  target_compile_options(test_${name} PRIVATE -Wno-missing-field-initializers)
endforeach()
