// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Batches: several changes collected into one request, which the module
 * carries out whole or not at all.
 */
#include <errno.h>
#include <stdlib.h>

#include "kernel/change.h"
#include "kernel/connection.h"
#include "kernel/genl.h"
#include "kernel/kernel.h"

/**
 * struct kernel_batch - changes being collected
 * @request: all of them
 * @count: how many
 */
struct kernel_batch {
	struct genl_request request;
	size_t count;
};

/**
 * struct operation - one of them, while it is written
 * @request: of the batch
 * @whole: nest of the operation
 * @object: nest with what its command takes
 */
struct operation {
	struct genl_request *request;
	size_t whole;
	size_t object;
};

/**
 * kernel_batch_new - begin a batch
 * @batch: set to an empty batch, to be freed with kernel_batch_free()
 *
 * Return: NULL, or why there is none.
 */
struct error *kernel_batch_new(struct kernel_batch **batch)
{
	*batch = calloc(1, sizeof(**batch));
	if (!*batch)
		return error_no_memory();
	/* the family is not known until the batch is sent */
	genl_request_init(&(*batch)->request, 0, ESPVIF_CMD_BATCH,
			  ESPVIF_GENL_VERSION, 0);
	(*batch)->request.max = GENL_REQUEST_MAX;
	return NULL;
}

/**
 * kernel_batch_free - forget a batch with all its keys
 * @batch: the batch, or NULL
 */
void kernel_batch_free(struct kernel_batch *batch)
{
	if (!batch)
		return;
	genl_request_wipe(&batch->request);
	free(batch);
}

/**
 * kernel_batch_count - how many changes are in a batch
 * @batch: the batch
 *
 * Return: their number.
 */
size_t kernel_batch_count(const struct kernel_batch *batch)
{
	return batch->count;
}

static struct operation begin(struct kernel_batch *batch,
			      enum espvif_cmd command, uint16_t object)
{
	struct operation operation = { .request = &batch->request };

	operation.whole = genl_nest_begin(operation.request,
					  ESPVIF_A_BATCH_OP);
	genl_put_u8(operation.request, ESPVIF_A_OP_COMMAND, (uint8_t)command);
	operation.object = genl_nest_begin(operation.request, object);
	return operation;
}

static struct error *end(struct kernel_batch *batch,
			 const struct operation *operation)
{
	genl_nest_end(operation->request, operation->object);
	genl_nest_end(operation->request, operation->whole);
	if (batch->request.overflow)
		return error_refused(EMSGSIZE,
				     "only %zu changes fit into one request, which has %d MiB at most",
				     batch->count, GENL_REQUEST_MAX >> 20);
	batch->count++;
	return NULL;
}

/**
 * kernel_batch_sa_new - make an SA, together with the rest
 * @batch: the batch
 * @config: what it is to be
 * @keys: its keys
 * @numbers: where it goes on
 *
 * Return: NULL, or an error if it does not fit any more.
 */
struct error *kernel_batch_sa_new(struct kernel_batch *batch,
				  const struct kernel_sa_config *config,
				  const struct kernel_sa_keys *keys,
				  const struct kernel_numbers *numbers)
{
	struct operation operation = begin(batch, ESPVIF_CMD_SA_NEW,
					   ESPVIF_A_OP_SA);

	change_put_sa_new(operation.request, config, keys, numbers);
	return end(batch, &operation);
}

/**
 * kernel_batch_sa_set - let a live SA go on elsewhere, together with the rest
 * @batch: the batch
 * @name: of the SA
 * @peer: where its peer is now
 * @numbers: where it goes on
 *
 * Return: NULL, or an error if it does not fit any more.
 */
struct error *kernel_batch_sa_set(struct kernel_batch *batch, const char *name,
				  const struct kernel_peer *peer,
				  const struct kernel_numbers *numbers)
{
	struct operation operation = begin(batch, ESPVIF_CMD_SA_SET,
					   ESPVIF_A_OP_SA);

	change_put_sa_set(operation.request, name, peer, numbers);
	return end(batch, &operation);
}

/**
 * kernel_batch_sa_delete - remove an SA, together with the rest
 * @batch: the batch
 * @name: of the SA
 * @owner: whose it has to be
 *
 * Return: NULL, or an error if it does not fit any more.
 */
struct error *kernel_batch_sa_delete(struct kernel_batch *batch,
				     const char *name, enum espvif_owner owner)
{
	struct operation operation = begin(batch, ESPVIF_CMD_SA_DEL,
					   ESPVIF_A_OP_SA);

	change_put_sa_delete(operation.request, name, owner);
	return end(batch, &operation);
}

/**
 * kernel_batch_policy_new - make a policy, together with the rest
 * @batch: the batch
 * @config: what it is to be
 *
 * Return: NULL, or an error if it does not fit any more.
 */
struct error *kernel_batch_policy_new(struct kernel_batch *batch,
				      const struct kernel_policy_config *config)
{
	struct operation operation = begin(batch, ESPVIF_CMD_POLICY_NEW,
					   ESPVIF_A_OP_POLICY);

	change_put_policy_new(operation.request, config);
	return end(batch, &operation);
}

/**
 * kernel_batch_policy_set_sas - give a policy other SAs, with the rest
 * @batch: the batch
 * @name: of the policy
 * @sas: in place of all that it has
 *
 * Return: NULL, or an error if it does not fit any more.
 */
struct error *kernel_batch_policy_set_sas(struct kernel_batch *batch,
					  const char *name,
					  const struct kernel_sa_names *sas)
{
	struct operation operation = begin(batch, ESPVIF_CMD_POLICY_SET,
					   ESPVIF_A_OP_POLICY);

	change_put_policy_set(operation.request, name, sas);
	return end(batch, &operation);
}

/**
 * kernel_batch_policy_delete - remove a policy, together with the rest
 * @batch: the batch
 * @name: of the policy
 * @owner: whose it has to be
 *
 * Return: NULL, or an error if it does not fit any more.
 */
struct error *kernel_batch_policy_delete(struct kernel_batch *batch,
					 const char *name,
					 enum espvif_owner owner)
{
	struct operation operation = begin(batch, ESPVIF_CMD_POLICY_DEL,
					   ESPVIF_A_OP_POLICY);

	change_put_policy_delete(operation.request, name, owner);
	return end(batch, &operation);
}

/* The number of the operation that an offset is in, from 1; 0 if in none. */
static size_t operation_at(const struct genl_request *request)
{
	const struct nlmsghdr *message = request->message;
	const char *first = mnl_nlmsg_get_payload_offset(message,
							 sizeof(struct genlmsghdr));
	const char *last = mnl_nlmsg_get_payload_tail(message);
	const struct nlattr *attribute;
	size_t number = 0;

	genl_for_each_attribute(attribute, first, last - first) {
		const char *start = (const char *)attribute;
		ptrdiff_t offset = start - (const char *)message;

		number++;
		if (request->fault >= offset &&
		    request->fault < offset + attribute->nla_len)
			return number;
	}
	return 0;
}

/**
 * kernel_batch_send - have all changes of a batch made, or none
 * @kernel: the connection
 * @batch: the batch
 * @refused: set to the number of the change that the module refuses, from 1;
 *	0 if none of them is to blame
 *
 * Return: NULL, or why the module refused.
 */
struct error *kernel_batch_send(struct kernel *kernel,
				struct kernel_batch *batch, size_t *refused)
{
	struct genl_request *request = &batch->request;
	struct error *error;

	request->message->nlmsg_type = kernel->family.id;
	request->fault = 0;
	error = genl_exchange(&kernel->genl, request, NULL, NULL, NULL);
	*refused = error && request->fault ? operation_at(request) : 0;
	return error;
}
