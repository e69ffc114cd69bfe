# Real clients, over TLS, as their users run them.
include(${CMAKE_CURRENT_LIST_DIR}/sandbox.cmake)

rs_sandbox_command(client_pyodbc clients /usr/bin/python3
  ${CMAKE_CURRENT_LIST_DIR}/clients/test_pyodbc.py)
rs_sandbox_command(client_isql clients ${CMAKE_CURRENT_LIST_DIR}/clients/test_isql)
rs_sandbox_command(client_dbd clients perl ${CMAKE_CURRENT_LIST_DIR}/clients/test_dbd.pl)
rs_sandbox_command(client_php clients php ${CMAKE_CURRENT_LIST_DIR}/clients/test_php.php)
rs_sandbox_command(client_pdo clients php ${CMAKE_CURRENT_LIST_DIR}/clients/test_pdo.php)
rs_sandbox_command(client_iusql clients ${CMAKE_CURRENT_LIST_DIR}/clients/test_iusql)
rs_sandbox_command(client_sqlalchemy clients /usr/bin/python3
  ${CMAKE_CURRENT_LIST_DIR}/clients/test_sqlalchemy.py)
# R reads and shows text in its locale.
rs_sandbox_command(client_rodbc clients env LC_ALL=C.UTF-8 Rscript --vanilla
  ${CMAKE_CURRENT_LIST_DIR}/clients/test_rodbc.R)
foreach(module odbc odbc_utf8)
  rs_sandbox_command(client_ruby_${module} clients ruby ${CMAKE_CURRENT_LIST_DIR}/clients/test_odbc.rb
    ${module})
endforeach()
rs_sandbox_command(client_tdbc clients tclsh8.6 -encoding utf-8
  ${CMAKE_CURRENT_LIST_DIR}/clients/test_tdbc.tcl)
rs_sandbox_command(client_qodbc clients /usr/bin/python3
  ${CMAKE_CURRENT_LIST_DIR}/clients/test_qodbc.py)
rs_sandbox_command(client_libreoffice clients /usr/bin/python3
  ${CMAKE_CURRENT_LIST_DIR}/clients/test_libreoffice.py)
rs_sandbox_command(client_gdal clients ${CMAKE_CURRENT_LIST_DIR}/clients/test_gdal)
rs_sandbox_command(client_node clients ${CMAKE_CURRENT_LIST_DIR}/clients/test_node
  ${PROJECT_BINARY_DIR}/node)
if(REDSHIFT_ODBC_IODBC)
  rs_sandbox_command(client_iodbc clients ${CMAKE_CURRENT_LIST_DIR}/clients/test_iodbc)
  set_property(TEST client_iodbc APPEND PROPERTY ENVIRONMENT
    RS_IODBC_DRIVER=$<TARGET_FILE:redshift_odbc_iodbc>)
endif()
