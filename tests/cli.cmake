# The command line tool, on the bench.
include(${CMAKE_CURRENT_LIST_DIR}/sandbox.cmake)

rs_sandbox_command(cli_doctor iam /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/cli/doctor.py
  $<TARGET_FILE:redshift_odbc_cli> ${PROJECT_SOURCE_DIR})
rs_sandbox_command(cli_dsn_new iam ${RS_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/cli/dsn_new.py
  $<TARGET_FILE:redshift_odbc_cli>)
rs_sandbox_command(setup_library iam ${RS_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/setup/setup_library.py)
