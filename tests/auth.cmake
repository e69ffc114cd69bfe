# Cryptography, HTTP, XML and everything of src/auth.
rs_unit_test(test_crypto unit/test_crypto.c)
rs_unit_test(test_url unit/test_url.c)
rs_unit_test(test_xml unit/test_xml.c)
rs_unit_test(test_json unit/test_json.c)
rs_unit_test(test_http unit/test_http.c support/httpserver.c)
rs_unit_test(test_ca unit/test_ca.c support/fakeworld.c)
rs_unit_test(test_profile unit/test_profile.c support/fakeworld.c)
rs_unit_test(test_process unit/test_process.c support/fakeworld.c)
rs_unit_test(test_chain unit/test_chain.c support/fakeworld.c)
rs_unit_test(test_target unit/test_target.c)
rs_unit_test(test_aws unit/test_aws.c support/fakeworld.c)
rs_unit_test(test_redshift unit/test_redshift.c support/fakeworld.c)
rs_unit_test(test_resolve unit/test_resolve.c support/fakeworld.c)
rs_fuzz_test(profile)
rs_fuzz_test(process)
rs_fuzz_test(awsxml)
rs_fuzz_test(url)

# The signing vectors: ours, and those of a folder named by RS_SIGV4_VECTORS.
add_executable(test_sigv4 unit/test_sigv4.c)
target_link_libraries(test_sigv4 PRIVATE rs_support)
target_compile_definitions(test_sigv4 PRIVATE RS_TEST_DATA="${CMAKE_CURRENT_SOURCE_DIR}/data")
add_test(NAME sigv4 COMMAND test_sigv4)
set_tests_properties(sigv4 PROPERTIES LABELS unit TIMEOUT 120)

# The whole sign-in against the AWS stand-in.
include(${CMAKE_CURRENT_SOURCE_DIR}/sandbox.cmake)
rs_db_test(test_awslive iam auth/test_awslive.c)
