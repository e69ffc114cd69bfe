# The DLL, which exports what functions.def lists and nothing else.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS src/odbc/functions.def)
file(STRINGS src/odbc/functions.def functions REGEX "^FUNCTION\\(SQL")
set(exports "LIBRARY redshift_odbc.dll\nEXPORTS\n")
foreach(line IN LISTS functions)
  string(REGEX REPLACE "^FUNCTION\\(([A-Za-z]+),.*" "\\1" name "${line}")
  string(APPEND exports "  ${name}\n")
  if(line MATCHES ", *WIDE,")
    string(APPEND exports "  ${name}W\n")
  endif()
endforeach()
file(CONFIGURE OUTPUT redshift_odbc.def CONTENT "${exports}" @ONLY)

enable_language(RC)
configure_file(src/win/redshift_odbc.rc.in redshift_odbc.rc @ONLY)
add_library(redshift_odbc SHARED $<TARGET_OBJECTS:redshift_core> $<TARGET_OBJECTS:redshift_utf16>
  src/win/dll.c ${PROJECT_BINARY_DIR}/redshift_odbc.def ${PROJECT_BINARY_DIR}/redshift_odbc.rc)
target_link_libraries(redshift_odbc PRIVATE redshift_core)
set_target_properties(redshift_odbc PROPERTIES PREFIX "" IMPORT_PREFIX "")
target_link_options(redshift_odbc PRIVATE -static-libgcc -Wl,--exclude-all-symbols
  -Wl,--nxcompat -Wl,--dynamicbase -Wl,--high-entropy-va)

include(CTest)
if(BUILD_TESTING)
  add_subdirectory(tests/win)
endif()
