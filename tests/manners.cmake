# Redshift's manners: the stand-in that has them, looked at by others' clients, and the driver's answer
include(${CMAKE_CURRENT_LIST_DIR}/sandbox.cmake)

# On benches of its own.
add_test(NAME sandbox_itself COMMAND /usr/bin/python3 ${RS_SANDBOX_TESTS}/test_sandbox.py)
set_tests_properties(sandbox_itself PROPERTIES LABELS redshift TIMEOUT 300)
rs_sandbox_command(standin_wire redshift /usr/bin/python3 ${RS_SANDBOX_TESTS}/test_standin.py)
rs_sandbox_command(standin_idp iam /usr/bin/python3 ${RS_SANDBOX_TESTS}/test_idp.py)
rs_sandbox_command(standin_idp_api iam /usr/bin/python3 ${RS_SANDBOX_TESTS}/test_idp_api.py)
rs_sandbox_command(real_idp iam /usr/bin/python3 ${RS_SANDBOX_TESTS}/test_real_idp.py)
rs_sandbox_command(real_oidc iam /usr/bin/python3 ${RS_SANDBOX_TESTS}/test_real_oidc.py)
rs_sandbox_command(standin_clients redshift ${RS_SANDBOX_TESTS}/test_clients)
rs_odbc_test(odbc_manners db ${PROJECT_SOURCE_DIR}/tests/odbc/test_manners.c
  ${PROJECT_SOURCE_DIR}/tests/odbc/odbctest.c)
rs_sandbox_command(odbc_waking redshift ${RS_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/odbc/waking.py)
rs_db_test(odbc_manners_memory db ${CMAKE_CURRENT_LIST_DIR}/odbc/test_manners_memory.c)
