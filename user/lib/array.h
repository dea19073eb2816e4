/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arrays whose length the compiler knows.
 */
#ifndef LIB_ARRAY_H
#define LIB_ARRAY_H

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif /* LIB_ARRAY_H */
