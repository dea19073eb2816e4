/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_COMPAT_CRYPTO_H
#define _ESPVIF_COMPAT_CRYPTO_H

#include <linux/crypto.h>

/* Completions were handed the request before 6.3, since then what was stored with it */
#ifdef ESPVIF_HAVE_COMPLETION_REQUEST
#define espvif_completion_arg	struct crypto_async_request

static inline void *espvif_completion_data(struct crypto_async_request *req)
{
	return req->data;
}
#else
#define espvif_completion_arg	void

static inline void *espvif_completion_data(void *data)
{
	return data;
}
#endif

#endif /* _ESPVIF_COMPAT_CRYPTO_H */
