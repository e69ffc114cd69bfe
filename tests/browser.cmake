# The browser's answer on this computer: listener, browser, PKCE.
rs_unit_test(test_listener unit/test_listener.c support/playbrowser.c support/fakeworld.c)
rs_fuzz_test(listener)
