/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Within user/ctl only: what goes over the socket, a line each.
 */
#ifndef CTL_LINE_H
#define CTL_LINE_H

#include <jansson.h>

char *ctl_line(json_t *json);

#endif /* CTL_LINE_H */
