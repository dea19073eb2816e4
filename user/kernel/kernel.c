// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The verbs: each builds one request and reads its answer. Opening finds the
 * family, which also makes the kernel load the module if it may.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/change.h"
#include "kernel/connection.h"
#include "kernel/genl.h"
#include "kernel/kernel.h"
#include "kernel/layout.h"

/* A list that changes as often as that while it is read will go on doing so */
#define DUMP_TRIES 32

/* Is this attribute a text, and that one? */
static bool is_text(const struct nlattr *attribute, const char *text)
{
	const char *payload = mnl_attr_get_payload(attribute);
	size_t length = strnlen(payload, mnl_attr_get_payload_len(attribute));

	return length == strlen(text) && !memcmp(payload, text, length);
}

/* Looks for the group of notifications among the family's. */
static void read_groups(const struct nlattr *groups, struct family *family)
{
	const struct nlattr *group, *attribute;

	genl_for_each_attribute(group, mnl_attr_get_payload(groups),
				mnl_attr_get_payload_len(groups)) {
		bool ours = false;
		uint32_t id = 0;

		genl_for_each_attribute(attribute, mnl_attr_get_payload(group),
					mnl_attr_get_payload_len(group)) {
			uint16_t type = mnl_attr_get_type(attribute);

			if (type == CTRL_ATTR_MCAST_GRP_NAME)
				ours = is_text(attribute, ESPVIF_MCGRP_EVENTS);
			else if (type == CTRL_ATTR_MCAST_GRP_ID &&
				 mnl_attr_get_payload_len(attribute) ==
				 sizeof(id))
				id = mnl_attr_get_u32(attribute);
		}
		if (ours)
			family->events = id;
	}
}

static struct error *deliver_family(const void *attributes, size_t length,
				    void *context)
{
	struct family *family = context, found = {};
	const struct nlattr *attribute;
	bool ours = false;

	genl_for_each_attribute(attribute, attributes, length) {
		const char *payload = mnl_attr_get_payload(attribute);
		uint16_t size = mnl_attr_get_payload_len(attribute);

		switch (mnl_attr_get_type(attribute)) {
		case CTRL_ATTR_FAMILY_ID:
			if (size != sizeof(found.id))
				return genl_malformed("number of a family");
			memcpy(&found.id, payload, sizeof(found.id));
			break;
		case CTRL_ATTR_FAMILY_NAME:
			ours = is_text(attribute, ESPVIF_GENL_NAME);
			break;
		case CTRL_ATTR_MCAST_GROUPS:
			read_groups(attribute, &found);
			break;
		default:
			break;
		}
	}
	if (ours)
		*family = found;
	return NULL;
}

/* A dump lists the families that are there; asking by name loads a module. */
static struct error *find_family(struct kernel *kernel, bool load)
{
	struct genl_request request;
	struct error *error;

	memset(&kernel->family, 0, sizeof(kernel->family));
	genl_request_init(&request, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1,
			  load ? 0 : NLM_F_DUMP);
	if (load)
		genl_put_string(&request, CTRL_ATTR_FAMILY_NAME,
				ESPVIF_GENL_NAME);
	error = genl_exchange(&kernel->genl, &request, deliver_family,
			      &kernel->family, NULL);
	if (error && error->number == ENOENT) {
		error_free(error);
		return NULL;
	}
	return error;
}

static struct error *kernel_create(const struct genl_transport *transport,
				   bool load, struct kernel **created)
{
	struct kernel *kernel = calloc(1, sizeof(*kernel));
	struct error *error;

	*created = NULL;
	if (!kernel) {
		transport->close(transport->context);
		return error_no_memory();
	}
	kernel->genl.transport = *transport;
	error = find_family(kernel, load);
	if (error)
		kernel_close(kernel);
	else
		*created = kernel;
	return error;
}

/**
 * kernel_loaded_over - is the module there, asked over a given transport
 * @transport: what carries the messages; closed before returning
 * @loaded: set to the answer
 *
 * Return: NULL, or why the question cannot be asked.
 */
struct error *kernel_loaded_over(const struct genl_transport *transport,
				 bool *loaded)
{
	struct kernel *kernel;
	struct error *error;

	error = kernel_create(transport, false, &kernel);
	if (error)
		return error;
	*loaded = kernel->family.id;
	kernel_close(kernel);
	return NULL;
}

/**
 * kernel_loaded - is the module there, without loading it by asking
 * @loaded: set to the answer
 *
 * Return: NULL, or why the question cannot be asked.
 */
struct error *kernel_loaded(bool *loaded)
{
	struct genl_transport transport;
	struct error *error = genl_socket_open(&transport);

	return error ? error : kernel_loaded_over(&transport, loaded);
}

/**
 * kernel_open_over - connect to the module over a given transport
 * @transport: what carries the messages; closed with the connection, or
 *	after an error
 * @kernel: set to the connection, to be closed with kernel_close()
 *
 * Return: NULL, or why there is no connection.
 */
struct error *kernel_open_over(const struct genl_transport *transport,
			       struct kernel **kernel)
{
	struct error *error = kernel_create(transport, true, kernel);

	if (error || (*kernel)->family.id)
		return error;
	kernel_close(*kernel);
	*kernel = NULL;
	return error_refused(ENOENT,
			     "the espvif module isn't loaded: modprobe espvif");
}

/**
 * kernel_open - connect to the module of this network namespace
 * @kernel: set to the connection, to be closed with kernel_close()
 *
 * The kernel loads the module if it isn't there and can be found.
 *
 * Return: NULL, or why there is no connection.
 */
struct error *kernel_open(struct kernel **kernel)
{
	struct genl_transport transport;
	struct error *error = genl_socket_open(&transport);

	return error ? error : kernel_open_over(&transport, kernel);
}

/**
 * kernel_close - end a connection
 * @kernel: the connection, or NULL
 */
void kernel_close(struct kernel *kernel)
{
	if (!kernel)
		return;
	kernel->genl.transport.close(kernel->genl.transport.context);
	free(kernel);
}

static void begin(struct genl_request *request, const struct kernel *kernel,
		  enum espvif_cmd command, const struct layout *layout,
		  uint16_t flags)
{
	genl_request_init(request, kernel->family.id, (uint8_t)command,
			  ESPVIF_GENL_VERSION, flags);
	request->layout = layout;
}

/* A request whose only attribute is a name. */
static struct error *ask_by_name(struct kernel *kernel,
				 enum espvif_cmd command,
				 const struct layout *layout, uint16_t type,
				 const char *name,
				 struct error *(*deliver)(const void *, size_t,
							  void *),
				 void *context)
{
	struct genl_request request;

	begin(&request, kernel, command, layout, 0);
	genl_put_string(&request, type, name);
	return genl_exchange(&kernel->genl, &request, deliver, context, NULL);
}

static struct error *flush(struct kernel *kernel, enum espvif_cmd command,
			   const struct layout *layout, uint16_t type,
			   enum espvif_owner owner)
{
	struct genl_request request;

	begin(&request, kernel, command, layout, 0);
	genl_put_u8(&request, type, (uint8_t)owner);
	return genl_exchange(&kernel->genl, &request, NULL, NULL, NULL);
}

/* Dumps until the list did not change meanwhile; @empty forgets it. */
static struct error *dump(struct kernel *kernel, enum espvif_cmd command,
			  struct error *(*deliver)(const void *, size_t,
						   void *),
			  void (*empty)(void *list), void *list)
{
	struct genl_request request;
	struct error *error;
	bool interrupted;
	int tries;

	for (tries = 0; tries < DUMP_TRIES; tries++) {
		interrupted = false;
		begin(&request, kernel, command, NULL, NLM_F_DUMP);
		error = genl_exchange(&kernel->genl, &request, deliver, list,
				      &interrupted);
		if (!error && !interrupted)
			return NULL;
		empty(list);
		if (error)
			return error;
	}
	return error_refused(EAGAIN,
			     "the list changed %d times while it was read: try again",
			     DUMP_TRIES);
}

/**
 * kernel_sa_new - make an SA
 * @kernel: the connection
 * @config: what it is to be
 * @keys: its keys
 * @numbers: where it goes on
 *
 * Return: NULL, or why the module refused.
 */
struct error *kernel_sa_new(struct kernel *kernel,
			    const struct kernel_sa_config *config,
			    const struct kernel_sa_keys *keys,
			    const struct kernel_numbers *numbers)
{
	struct genl_request request;
	struct error *error;

	begin(&request, kernel, ESPVIF_CMD_SA_NEW, &layout_sa, 0);
	change_put_sa_new(&request, config, keys, numbers);
	error = genl_exchange(&kernel->genl, &request, NULL, NULL, NULL);
	genl_request_wipe(&request);
	return error;
}

/**
 * kernel_sa_set - let a live SA go on elsewhere
 * @kernel: the connection
 * @name: of the SA
 * @peer: where its peer is now
 * @numbers: where it goes on
 *
 * Return: NULL, or why the module refused.
 */
struct error *kernel_sa_set(struct kernel *kernel, const char *name,
			    const struct kernel_peer *peer,
			    const struct kernel_numbers *numbers)
{
	struct genl_request request;

	begin(&request, kernel, ESPVIF_CMD_SA_SET, &layout_sa, 0);
	change_put_sa_set(&request, name, peer, numbers);
	return genl_exchange(&kernel->genl, &request, NULL, NULL, NULL);
}

/**
 * kernel_sa_delete - remove an SA
 * @kernel: the connection
 * @name: of the SA
 * @owner: whose it has to be
 *
 * Return: NULL, or why the module refused: there is none of that name, it is
 * somebody else's, or a policy uses it.
 */
struct error *kernel_sa_delete(struct kernel *kernel, const char *name,
			       enum espvif_owner owner)
{
	struct genl_request request;

	begin(&request, kernel, ESPVIF_CMD_SA_DEL, &layout_sa, 0);
	change_put_sa_delete(&request, name, owner);
	return genl_exchange(&kernel->genl, &request, NULL, NULL, NULL);
}

/**
 * kernel_sa_flush - remove all SAs of an owner, or none
 * @kernel: the connection
 * @owner: whose SAs
 *
 * Return: NULL, or why the module refused: a policy uses one of them.
 */
struct error *kernel_sa_flush(struct kernel *kernel, enum espvif_owner owner)
{
	return flush(kernel, ESPVIF_CMD_SA_FLUSH, &layout_sa,
		     ESPVIF_A_SA_OWNER, owner);
}

static struct error *deliver_sa(const void *attributes, size_t length,
				void *context)
{
	struct kernel_sa_list *list = context;
	struct kernel_sa *items;

	items = layout_append(list->items, list->count, sizeof(*items));
	if (!items)
		return error_no_memory();
	list->items = items;
	return layout_decode(&layout_sa, attributes, length,
			     &items[list->count++]);
}

/**
 * kernel_sa_list_free - free a list of SAs
 * @list: the list; empty afterwards
 */
void kernel_sa_list_free(struct kernel_sa_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		free(list->items[i].drops.items);
	free(list->items);
	memset(list, 0, sizeof(*list));
}

static void empty_sa_list(void *list)
{
	kernel_sa_list_free(list);
}

/**
 * kernel_sa_get - show an SA
 * @kernel: the connection
 * @name: of the SA
 * @list: set to the SA; to be freed with kernel_sa_list_free()
 *
 * Return: NULL, or why there is none.
 */
struct error *kernel_sa_get(struct kernel *kernel, const char *name,
			    struct kernel_sa_list *list)
{
	struct error *error;

	memset(list, 0, sizeof(*list));
	error = ask_by_name(kernel, ESPVIF_CMD_SA_GET, &layout_sa,
			    ESPVIF_A_SA_NAME, name, deliver_sa, list);
	if (!error && list->count != 1)
		error = genl_malformed("number of SAs");
	if (error)
		kernel_sa_list_free(list);
	return error;
}

/**
 * kernel_sa_dump - show all SAs
 * @kernel: the connection
 * @list: set to the SAs; to be freed with kernel_sa_list_free()
 *
 * Return: NULL, or why they cannot be shown.
 */
struct error *kernel_sa_dump(struct kernel *kernel,
			     struct kernel_sa_list *list)
{
	memset(list, 0, sizeof(*list));
	return dump(kernel, ESPVIF_CMD_SA_GET, deliver_sa, empty_sa_list,
		    list);
}

/**
 * kernel_policy_new - make a policy
 * @kernel: the connection
 * @config: what it is to be
 *
 * Return: NULL, or why the module refused.
 */
struct error *kernel_policy_new(struct kernel *kernel,
				const struct kernel_policy_config *config)
{
	struct genl_request request;

	begin(&request, kernel, ESPVIF_CMD_POLICY_NEW, &layout_policy, 0);
	change_put_policy_new(&request, config);
	return genl_exchange(&kernel->genl, &request, NULL, NULL, NULL);
}

/**
 * kernel_policy_set_sas - give a policy other SAs
 * @kernel: the connection
 * @name: of the policy
 * @sas: in place of all that it has
 *
 * Return: NULL, or why the module refused.
 */
struct error *kernel_policy_set_sas(struct kernel *kernel, const char *name,
				    const struct kernel_sa_names *sas)
{
	struct genl_request request;

	begin(&request, kernel, ESPVIF_CMD_POLICY_SET, &layout_policy, 0);
	change_put_policy_set(&request, name, sas);
	return genl_exchange(&kernel->genl, &request, NULL, NULL, NULL);
}

/**
 * kernel_policy_delete - remove a policy
 * @kernel: the connection
 * @name: of the policy
 * @owner: whose it has to be
 *
 * Return: NULL, or why the module refused.
 */
struct error *kernel_policy_delete(struct kernel *kernel, const char *name,
				   enum espvif_owner owner)
{
	struct genl_request request;

	begin(&request, kernel, ESPVIF_CMD_POLICY_DEL, &layout_policy, 0);
	change_put_policy_delete(&request, name, owner);
	return genl_exchange(&kernel->genl, &request, NULL, NULL, NULL);
}

/**
 * kernel_policy_flush - remove all policies of an owner
 * @kernel: the connection
 * @owner: whose policies
 *
 * Return: NULL, or why the module refused.
 */
struct error *kernel_policy_flush(struct kernel *kernel,
				  enum espvif_owner owner)
{
	return flush(kernel, ESPVIF_CMD_POLICY_FLUSH, &layout_policy,
		     ESPVIF_A_POLICY_OWNER, owner);
}

static struct error *deliver_policy(const void *attributes, size_t length,
				    void *context)
{
	struct kernel_policy_list *list = context;
	struct kernel_policy *items;

	items = layout_append(list->items, list->count, sizeof(*items));
	if (!items)
		return error_no_memory();
	list->items = items;
	return layout_decode(&layout_policy, attributes, length,
			     &items[list->count++]);
}

/**
 * kernel_policy_list_free - free a list of policies
 * @list: the list; empty afterwards
 */
void kernel_policy_list_free(struct kernel_policy_list *list)
{
	free(list->items);
	memset(list, 0, sizeof(*list));
}

static void empty_policy_list(void *list)
{
	kernel_policy_list_free(list);
}

/**
 * kernel_policy_get - show a policy
 * @kernel: the connection
 * @name: of the policy
 * @list: set to the policy; to be freed with kernel_policy_list_free()
 *
 * Return: NULL, or why there is none.
 */
struct error *kernel_policy_get(struct kernel *kernel, const char *name,
				struct kernel_policy_list *list)
{
	struct error *error;

	memset(list, 0, sizeof(*list));
	error = ask_by_name(kernel, ESPVIF_CMD_POLICY_GET, &layout_policy,
			    ESPVIF_A_POLICY_NAME, name, deliver_policy, list);
	if (!error && list->count != 1)
		error = genl_malformed("number of policies");
	if (error)
		kernel_policy_list_free(list);
	return error;
}

/**
 * kernel_policy_dump - show all policies
 * @kernel: the connection
 * @list: set to the policies; to be freed with kernel_policy_list_free()
 *
 * Return: NULL, or why they cannot be shown.
 */
struct error *kernel_policy_dump(struct kernel *kernel,
				 struct kernel_policy_list *list)
{
	memset(list, 0, sizeof(*list));
	return dump(kernel, ESPVIF_CMD_POLICY_GET, deliver_policy,
		    empty_policy_list, list);
}

static struct error *about_spi(struct kernel *kernel, uint8_t command,
			       uint32_t spi, const struct address *destination)
{
	struct genl_request request;

	begin(&request, kernel, command, &layout_spi, 0);
	genl_put_u32(&request, ESPVIF_A_SPI_SPI, spi);
	genl_put(&request, ESPVIF_A_SPI_DADDR, destination->bytes,
		 destination->length);
	return genl_exchange(&kernel->genl, &request, NULL, NULL, NULL);
}

/**
 * kernel_spi_promise - have packets wait for an inbound SA that will be made
 * @kernel: the connection
 * @spi: of the SA
 * @destination: of the SA
 *
 * Return: NULL, or why the module refused; EEXIST if SPI and destination are taken.
 */
struct error *kernel_spi_promise(struct kernel *kernel, uint32_t spi,
				 const struct address *destination)
{
	return about_spi(kernel, ESPVIF_CMD_SPI_NEW, spi, destination);
}

/**
 * kernel_spi_withdraw - take a promise back
 * @kernel: the connection
 * @spi: of the SA that will not be
 * @destination: of that SA
 *
 * Return: NULL, or why the module refused; ENOENT if there is no such promise.
 */
struct error *kernel_spi_withdraw(struct kernel *kernel, uint32_t spi,
				  const struct address *destination)
{
	return about_spi(kernel, ESPVIF_CMD_SPI_DEL, spi, destination);
}

static struct error *deliver_status(const void *attributes, size_t length,
				    void *context)
{
	struct kernel_status *status = context;

	kernel_status_free(status);
	return layout_decode(&layout_status, attributes, length, status);
}

/**
 * kernel_status_free - free a status
 * @status: the status; empty afterwards
 */
void kernel_status_free(struct kernel_status *status)
{
	free(status->counters.items);
	memset(status, 0, sizeof(*status));
}

/**
 * kernel_status_get - show the module's status and counters
 * @kernel: the connection
 * @status: set to the status; to be freed with kernel_status_free()
 *
 * Return: NULL, or why it cannot be shown.
 */
struct error *kernel_status_get(struct kernel *kernel,
				struct kernel_status *status)
{
	struct genl_request request;
	struct error *error;

	memset(status, 0, sizeof(*status));
	begin(&request, kernel, ESPVIF_CMD_STATUS_GET, &layout_status, 0);
	error = genl_exchange(&kernel->genl, &request, deliver_status, status,
			      NULL);
	if (!error && !status->version[0])
		error = genl_malformed("no status");
	if (error)
		kernel_status_free(status);
	return error;
}

static struct error *deliver_device(const void *attributes, size_t length,
				    void *context)
{
	struct kernel_device_list *list = context;
	struct kernel_device *items;

	items = layout_append(list->items, list->count, sizeof(*items));
	if (!items)
		return error_no_memory();
	list->items = items;
	return layout_decode(&layout_device, attributes, length,
			     &items[list->count++]);
}

/**
 * kernel_device_list_free - free a list of devices
 * @list: the list; empty afterwards
 */
void kernel_device_list_free(struct kernel_device_list *list)
{
	free(list->items);
	memset(list, 0, sizeof(*list));
}

static void empty_device_list(void *list)
{
	kernel_device_list_free(list);
}

/**
 * kernel_device_dump - show the devices that were made in this namespace
 * @kernel: the connection
 * @list: set to the devices; to be freed with kernel_device_list_free()
 *
 * Return: NULL, or why they cannot be shown.
 */
struct error *kernel_device_dump(struct kernel *kernel,
				 struct kernel_device_list *list)
{
	memset(list, 0, sizeof(*list));
	return dump(kernel, ESPVIF_CMD_DEVICE_GET, deliver_device,
		    empty_device_list, list);
}

static struct error *deliver_answer(const void *attributes, size_t length,
				    void *context)
{
	memset(context, 0, sizeof(struct kernel_answer));
	return layout_decode(&layout_explain, attributes, length, context);
}

static void put_flow(struct genl_request *request,
		     const struct kernel_question *question)
{
	genl_put(request, ESPVIF_A_EXPLAIN_SRC, question->source.bytes,
		 question->source.length);
	genl_put(request, ESPVIF_A_EXPLAIN_DST, question->destination.bytes,
		 question->destination.length);
	if (question->protocol_given)
		genl_put_u8(request, ESPVIF_A_EXPLAIN_PROTOCOL,
			    question->protocol);
	if (question->source_port)
		genl_put_u16(request, ESPVIF_A_EXPLAIN_SPORT,
			     question->source_port);
	if (question->destination_port)
		genl_put_u16(request, ESPVIF_A_EXPLAIN_DPORT,
			     question->destination_port);
}

/**
 * kernel_explain - ask what becomes of a packet
 * @kernel: the connection
 * @question: the packet
 * @answer: set to the answer
 *
 * Return: NULL, or why the question cannot be answered.
 */
struct error *kernel_explain(struct kernel *kernel,
			     const struct kernel_question *question,
			     struct kernel_answer *answer)
{
	struct genl_request request;
	struct error *error;

	memset(answer, 0, sizeof(*answer));
	begin(&request, kernel, ESPVIF_CMD_EXPLAIN, &layout_explain, 0);
	genl_put_u8(&request, ESPVIF_A_EXPLAIN_DIRECTION,
		    (uint8_t)question->direction);
	put_flow(&request, question);
	if (question->length)
		genl_put_u32(&request, ESPVIF_A_EXPLAIN_LENGTH,
			     question->length);
	if (question->may_fragment)
		genl_put_flag(&request, ESPVIF_A_EXPLAIN_MAY_FRAGMENT);
	if (question->interface[0])
		genl_put_string(&request, ESPVIF_A_EXPLAIN_IFNAME,
				question->interface);
	if (question->sa[0])
		genl_put_string(&request, ESPVIF_A_EXPLAIN_SA, question->sa);
	if (question->cpu.given)
		genl_put_u32(&request, ESPVIF_A_EXPLAIN_CPU,
			     question->cpu.number);
	error = genl_exchange(&kernel->genl, &request, deliver_answer, answer,
			      NULL);
	if (!error && !answer->verdict)
		error = genl_malformed("no verdict");
	return error;
}
