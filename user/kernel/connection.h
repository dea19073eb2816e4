/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a connection to the module is made of; for user/kernel alone.
 */
#ifndef KERNEL_CONNECTION_H
#define KERNEL_CONNECTION_H

#include <stdint.h>

#include "kernel/genl.h"

/**
 * struct family - what the kernel calls the module's family
 * @id: type of its messages, 0 if the module isn't there
 * @events: multicast group of its notifications
 */
struct family {
	uint16_t id;
	uint32_t events;
};

/**
 * struct kernel - a connection
 * @genl: the conversation
 * @family: whom it is with
 */
struct kernel {
	struct genl genl;
	struct family family;
};

#endif /* KERNEL_CONNECTION_H */
