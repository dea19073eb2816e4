/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the requests that change something consist of; for user/kernel alone.
 */
#ifndef KERNEL_CHANGE_H
#define KERNEL_CHANGE_H

#include "kernel/genl.h"
#include "kernel/kernel.h"

void change_put_sa_new(struct genl_request *request,
		       const struct kernel_sa_config *config,
		       const struct kernel_sa_keys *keys,
		       const struct kernel_numbers *numbers);
void change_put_sa_set(struct genl_request *request, const char *name,
		       const struct kernel_peer *peer,
		       const struct kernel_numbers *numbers);
void change_put_sa_delete(struct genl_request *request, const char *name,
			  enum espvif_owner owner);
void change_put_policy_new(struct genl_request *request,
			   const struct kernel_policy_config *config);
void change_put_policy_set(struct genl_request *request, const char *name,
			   const struct kernel_sa_names *sas);
void change_put_policy_delete(struct genl_request *request, const char *name,
			      enum espvif_owner owner);

#endif /* KERNEL_CHANGE_H */
