# The libraries that driver managers load, and the command line tool.
# rs_driver(NAME WIDTH): a library that a driver manager loads.
function(rs_driver name width)
  add_library(${name} SHARED $<TARGET_OBJECTS:redshift_core> $<TARGET_OBJECTS:redshift_${width}>)
  target_link_libraries(${name} PRIVATE redshift_core)
  set_target_properties(${name} PROPERTIES
    LINK_DEPENDS ${PROJECT_SOURCE_DIR}/src/redshift_odbc.map)
  target_link_options(${name} PRIVATE
    -Wl,--version-script=${PROJECT_SOURCE_DIR}/src/redshift_odbc.map
    -Wl,-Bsymbolic-functions -Wl,-z,relro -Wl,-z,now -Wl,-z,nodelete)
  if(NOT REDSHIFT_ODBC_SANITIZE)
    # A sanitizer's own symbols are the program's to bring.
    target_link_options(${name} PRIVATE -Wl,-z,defs)
  endif()
  install(TARGETS ${name} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/odbc)
endfunction()

rs_driver(redshift_odbc utf16)
if(REDSHIFT_ODBC_IODBC)
  rs_driver(redshift_odbc_iodbc utf32)
  install(FILES iodbcinst.ini.sample DESTINATION ${CMAKE_INSTALL_DOCDIR})
endif()
# unixODBC's manager looks each function up at every connect through libltdl, which asks first for
# LIBRARY_LTX_FUNCTION; the miss, through all libraries below this one, costs it more than our part
# of the connect. So each function has that name too. (libtool manual, "Building modules") iODBC's
# manager does without libltdl.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS src/odbc/functions.def)
file(STRINGS src/odbc/functions.def functions REGEX "^FUNCTION\\(SQL")
foreach(line IN LISTS functions)
  string(REGEX REPLACE "^FUNCTION\\(([A-Za-z]+),.*" "\\1" name "${line}")
  target_link_options(redshift_odbc PRIVATE
    -Wl,--defsym=libredshift_odbc_LTX_${name}=${name})
  if(line MATCHES ", *WIDE,")
    target_link_options(redshift_odbc PRIVATE
      -Wl,--defsym=libredshift_odbc_LTX_${name}W=${name}W)
  endif()
endforeach()
# The command line tool holds the driver within itself.
add_executable(redshift_odbc_cli src/cli/main.c src/cli/doctor.c src/cli/report.c src/cli/creds.c
  src/cli/keys.c src/cli/dsn.c src/cli/dsnnew.c $<TARGET_OBJECTS:redshift_core> $<TARGET_OBJECTS:redshift_utf16>)
target_link_libraries(redshift_odbc_cli PRIVATE redshift_core)
set_target_properties(redshift_odbc_cli PROPERTIES OUTPUT_NAME redshift-odbc)
target_compile_definitions(redshift_odbc_cli PRIVATE
  RS_DRIVER_PATH="${CMAKE_INSTALL_FULL_LIBDIR}/odbc/libredshift_odbc.so")
install(TARGETS redshift_odbc_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES docs/redshift-odbc.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
