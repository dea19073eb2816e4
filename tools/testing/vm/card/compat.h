/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What differs between the kernels that the card is built for */
#ifndef _CARDSIM_COMPAT_H
#define _CARDSIM_COMPAT_H

#include <linux/version.h>

/* Refusals got a sentence in 6.3 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
#define CARDSIM_STATE_ADD(name, state, extack) \
	static int name(struct xfrm_state *state, struct netlink_ext_ack *extack)
#define CARDSIM_REFUSE_STATE(extack, sentence)	NL_SET_ERR_MSG_MOD(extack, sentence)
#else
#define CARDSIM_STATE_ADD(name, state, extack) \
	static int name(struct xfrm_state *state)
#define CARDSIM_REFUSE_STATE(extack, sentence)	pr_debug("%s\n", sentence)
#endif

#endif /* _CARDSIM_COMPAT_H */
