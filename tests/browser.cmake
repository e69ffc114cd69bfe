# The browser's answer on this computer: listener, browser, PKCE; the plugins that wait for it.
rs_unit_test(test_listener unit/test_listener.c support/playbrowser.c support/fakeworld.c)
rs_unit_test(test_browseridc unit/test_browseridc.c support/playbrowser.c support/fakeworld.c)
rs_unit_test(test_browserflows unit/test_browserflows.c support/playbrowser.c support/fakeworld.c)
rs_fuzz_test(listener)
rs_fuzz_test(oidc)
