/*
 * The C library's numbers as text in the C locale, whatever locale the program is in: what the
 * driver's are compared with.
 */
#ifndef RS_TEST_CLOCALE_H
#define RS_TEST_CLOCALE_H

#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define CLOCALE_MAYBE __attribute__((unused)) /* not every program uses all of it */

CLOCALE_MAYBE static locale_t c_enter(void)
{
    static locale_t c;

    if (c == (locale_t)0)
        c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    return uselocale(c);
}

CLOCALE_MAYBE static double c_strtod(const char *text)
{
    locale_t before = c_enter();
    double d = strtod(text, NULL);

    uselocale(before);
    return d;
}

CLOCALE_MAYBE static float c_strtof(const char *text)
{
    locale_t before = c_enter();
    float f = strtof(text, NULL);

    uselocale(before);
    return f;
}

__attribute__((unused, format(printf, 3, 4))) static int c_print(char *to, size_t cap,
                                                                 const char *format, ...)
{
    locale_t before = c_enter();
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(to, cap, format, args);
    va_end(args);
    uselocale(before);
    return n;
}

#endif
