/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names that users give: to security associations and policies, and those of
 * network devices.
 */
#ifndef LIB_NAME_H
#define LIB_NAME_H

#include <stddef.h>

#include "lib/error.h"

ERROR_MUST_CHECK
struct error *name_parse(const char *text, char *name, size_t size);
ERROR_MUST_CHECK
struct error *name_parse_device(const char *text, char *name, size_t size);

#endif /* LIB_NAME_H */
