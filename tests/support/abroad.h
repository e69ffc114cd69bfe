/*
 * The main of every test program, before its own: what a host program may be like. The variable
 * RS_TEST_ABROAD ("LOCALE ZONE KIB", as "tr_TR.UTF-8 Pacific/Kiritimati 128") makes it one that
 * follows its user's locale and time zone, and does its work in a thread with a stack of so much;
 * every thread made without a size gets that too, the driver's as well. Locales are looked for in
 * the folder RS_TEST_LOCALES (tests/support/locales makes it) and nowhere else; without one the
 * program ends with 77.
 *
 * Without the variable the program runs as it is: in the C locale, since it asks for none.
 *
 * RS_TEST_UNDER is a tool with its options (`valgrind -q`), under which the program runs.
 */
#ifndef RS_TEST_ABROAD_H
#define RS_TEST_ABROAD_H
#endif
