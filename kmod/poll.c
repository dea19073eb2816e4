// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a CPU does behind the packets that it has just received: it is polled as a network
 * device is, after those whose turn came before.
 */
#include "poll.h"

/* Not registered, and nobody sees it: those who are polled need one */
static struct net_device *device;

static void setup(struct net_device *dev)
{
}

/**
 * espvif_poll_init() - make it possible to be polled
 *
 * Return: 0 or -ENOMEM.
 */
int espvif_poll_init(void)
{
	device = alloc_netdev(0, "espvif-poll", NET_NAME_UNKNOWN, setup);
	return device ? 0 : -ENOMEM;
}

/**
 * espvif_poll_uninit() - undo espvif_poll_init(); nobody is polled any more
 */
void espvif_poll_uninit(void)
{
	free_netdev(device);
}

/**
 * espvif_poll_add() - have something polled when napi_schedule() was called
 * @napi:	zeroed
 * @poll:	called in a softirq, once for each time that it was scheduled and as long as it
 *		returns @budget, which is 1
 */
void espvif_poll_add(struct napi_struct *napi, int (*poll)(struct napi_struct *napi, int budget))
{
	/* nobody waits for it in particular */
	set_bit(NAPI_STATE_NO_BUSY_POLL, &napi->state);
	netif_napi_add_weight(device, napi, poll, 1);
	napi_enable(napi);
}

/**
 * espvif_poll_remove() - undo espvif_poll_add()
 * @napi:	isn't scheduled any more
 *
 * Context: process. RCU readers may still see it: a grace period has to pass before its
 * memory is freed.
 */
void espvif_poll_remove(struct napi_struct *napi)
{
	napi_disable(napi);
	__netif_napi_del(napi);
}
