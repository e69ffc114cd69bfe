# Real clients, over TLS, as their users run them.
include(${CMAKE_CURRENT_LIST_DIR}/sandbox.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/levels.cmake)

# rs_client(NAME command…): on PostgreSQL, and on the redshift stand-in, label redshift too.
function(rs_client name)
  rs_sandbox_command(${name} clients ${ARGN})
  rs_on_redshift(${name} "0;2" ${ARGN})
  foreach(level IN ITEMS 0 2)
    set_property(TEST redshift${level}_${name} APPEND PROPERTY LABELS clients)
  endforeach()
endfunction()

rs_client(client_pyodbc /usr/bin/python3
  ${CMAKE_CURRENT_LIST_DIR}/clients/test_pyodbc.py)
rs_client(client_isql ${CMAKE_CURRENT_LIST_DIR}/clients/test_isql)
rs_client(client_dbd perl ${CMAKE_CURRENT_LIST_DIR}/clients/test_dbd.pl)
rs_client(client_php php ${CMAKE_CURRENT_LIST_DIR}/clients/test_php.php)
rs_client(client_pdo php ${CMAKE_CURRENT_LIST_DIR}/clients/test_pdo.php)
rs_client(client_iusql ${CMAKE_CURRENT_LIST_DIR}/clients/test_iusql)
rs_client(client_sqlalchemy /usr/bin/python3
  ${CMAKE_CURRENT_LIST_DIR}/clients/test_sqlalchemy.py)
# R reads and shows text in its locale.
rs_client(client_rodbc env LC_ALL=C.UTF-8 Rscript --vanilla
  ${CMAKE_CURRENT_LIST_DIR}/clients/test_rodbc.R)
foreach(module odbc odbc_utf8)
  rs_client(client_ruby_${module} ruby ${CMAKE_CURRENT_LIST_DIR}/clients/test_odbc.rb
    ${module})
endforeach()
rs_client(client_tdbc tclsh8.6 -encoding utf-8
  ${CMAKE_CURRENT_LIST_DIR}/clients/test_tdbc.tcl)
rs_client(client_qodbc /usr/bin/python3
  ${CMAKE_CURRENT_LIST_DIR}/clients/test_qodbc.py)
rs_client(client_libreoffice /usr/bin/python3
  ${CMAKE_CURRENT_LIST_DIR}/clients/test_libreoffice.py)
rs_client(client_gdal ${CMAKE_CURRENT_LIST_DIR}/clients/test_gdal)
rs_client(client_node ${CMAKE_CURRENT_LIST_DIR}/clients/test_node
  ${PROJECT_BINARY_DIR}/node)
if(REDSHIFT_ODBC_IODBC)
  rs_client(client_iodbc ${CMAKE_CURRENT_LIST_DIR}/clients/test_iodbc)
  foreach(test client_iodbc redshift0_client_iodbc redshift1_client_iodbc redshift2_client_iodbc
      redshift3_client_iodbc)
    set_property(TEST ${test} APPEND PROPERTY ENVIRONMENT
      RS_IODBC_DRIVER=$<TARGET_FILE:redshift_odbc_iodbc>)
  endforeach()
endif()
