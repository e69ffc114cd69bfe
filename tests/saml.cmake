# Identity providers: what is read of their proofs, and what AWS gives for them.
rs_unit_test(test_saml unit/test_saml.c)
rs_fuzz_test(saml)
rs_unit_test(test_plugin unit/test_plugin.c support/fakeworld.c)
rs_unit_test(test_jwt unit/test_jwt.c)
rs_fuzz_test(jwt)
rs_unit_test(test_okta unit/test_okta.c support/fakeworld.c)
