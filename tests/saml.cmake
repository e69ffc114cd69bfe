# Identity providers: what is read of their answers.
rs_unit_test(test_saml unit/test_saml.c)
rs_fuzz_test(saml)
