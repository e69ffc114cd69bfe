# The base: text, secrets, diagnostics, the operating system, the log, handles.
target_sources(rs_support PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/support/tempdir.c)
foreach(part str utf utf32 secret diag log os lock text result handle)
  rs_unit_test(test_${part} ${CMAKE_CURRENT_SOURCE_DIR}/unit/test_${part}.c)
endforeach()
# These look at memory before it is given back.
foreach(part str utf utf32 secret)
  target_sources(test_${part} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/support/freed.c)
  target_link_options(test_${part} PRIVATE -Wl,--wrap=rs_free,--wrap=rs_realloc)
endforeach()
rs_fuzz_test(utf)
