// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The attributes of every change, for a request of its own and for an
 * operation of a batch alike.
 */
#include "kernel/change.h"

static void put_limits(struct genl_request *request,
		       const struct kernel_sa_config *config)
{
	if (config->soft.bytes)
		genl_put_u64(request, ESPVIF_A_SA_LIMIT_SOFT_BYTES,
			     config->soft.bytes);
	if (config->hard.bytes)
		genl_put_u64(request, ESPVIF_A_SA_LIMIT_HARD_BYTES,
			     config->hard.bytes);
	if (config->soft.packets)
		genl_put_u64(request, ESPVIF_A_SA_LIMIT_SOFT_PACKETS,
			     config->soft.packets);
	if (config->hard.packets)
		genl_put_u64(request, ESPVIF_A_SA_LIMIT_HARD_PACKETS,
			     config->hard.packets);
	if (config->soft.seconds)
		genl_put_u32(request, ESPVIF_A_SA_LIMIT_SOFT_SECONDS,
			     config->soft.seconds);
	if (config->hard.seconds)
		genl_put_u32(request, ESPVIF_A_SA_LIMIT_HARD_SECONDS,
			     config->hard.seconds);
}

static void put_keys(struct genl_request *request,
		     const struct kernel_sa_keys *keys)
{
	if (keys->encryption.length)
		genl_put(request, ESPVIF_A_SA_ENCR_KEY, keys->encryption.bytes,
			 keys->encryption.length);
	if (keys->integrity.length)
		genl_put(request, ESPVIF_A_SA_INTEG_KEY, keys->integrity.bytes,
			 keys->integrity.length);
}

static void put_encapsulation(struct genl_request *request,
			      const struct kernel_sa_config *config)
{
	if (!config->encapsulation)
		return;
	genl_put_u8(request, ESPVIF_A_SA_ENCAP,
		    (uint8_t)config->encapsulation);
	if (config->encapsulation == ESPVIF_ENCAP_NONE)
		return;
	genl_put_u16(request, ESPVIF_A_SA_ENCAP_SPORT, config->source_port);
	genl_put_u16(request, ESPVIF_A_SA_ENCAP_DPORT,
		     config->destination_port);
	if (config->keepalive)
		genl_put_u32(request, ESPVIF_A_SA_KEEPALIVE,
			     config->keepalive);
}

static void put_outer(struct genl_request *request,
		      const struct kernel_outer *outer)
{
	if (outer->df)
		genl_put_u8(request, ESPVIF_A_SA_DF, (uint8_t)outer->df);
	if (outer->dscp != ESPVIF_DSCP_COPY)
		genl_put_u8(request, ESPVIF_A_SA_DSCP, outer->dscp);
	if (outer->hop_limit)
		genl_put_u8(request, ESPVIF_A_SA_HOP_LIMIT, outer->hop_limit);
	if (outer->flow_label)
		genl_put_u8(request, ESPVIF_A_SA_FLOW_LABEL,
			    (uint8_t)outer->flow_label);
	if (outer->fragment)
		genl_put_u8(request, ESPVIF_A_SA_FRAGMENT,
			    (uint8_t)outer->fragment);
	if (outer->tfc)
		genl_put_u16(request, ESPVIF_A_SA_TFC, outer->tfc);
}

static void put_numbers(struct genl_request *request,
			const struct kernel_numbers *numbers)
{
	if (!numbers->given)
		return;
	genl_put_u64(request, ESPVIF_A_SA_SEQ, numbers->sequence);
	if (numbers->received.length)
		genl_put(request, ESPVIF_A_SA_REPLAY_STATE,
			 numbers->received.bytes, numbers->received.length);
}

/**
 * change_put_sa_new - what ESPVIF_CMD_SA_NEW takes
 * @request: the request, or the operation of a batch
 * @config: what it is to be
 * @keys: its keys
 * @numbers: where it goes on
 */
void change_put_sa_new(struct genl_request *request,
		       const struct kernel_sa_config *config,
		       const struct kernel_sa_keys *keys,
		       const struct kernel_numbers *numbers)
{
	genl_put_string(request, ESPVIF_A_SA_NAME, config->name);
	if (config->direction)
		genl_put_u8(request, ESPVIF_A_SA_DIRECTION,
			    (uint8_t)config->direction);
	genl_put_u32(request, ESPVIF_A_SA_SPI, config->spi);
	genl_put(request, ESPVIF_A_SA_SADDR, config->source.bytes,
		 config->source.length);
	genl_put(request, ESPVIF_A_SA_DADDR, config->destination.bytes,
		 config->destination.length);
	genl_put_u8(request, ESPVIF_A_SA_MODE, (uint8_t)config->mode);
	genl_put_u16(request, ESPVIF_A_SA_ENCR, config->encryption);
	if (config->integrity)
		genl_put_u16(request, ESPVIF_A_SA_INTEG, config->integrity);
	put_keys(request, keys);
	if (config->esn)
		genl_put_flag(request, ESPVIF_A_SA_ESN);
	if (config->replay_window_given)
		genl_put_u32(request, ESPVIF_A_SA_REPLAY_WINDOW,
			     config->replay_window);
	genl_put_u8(request, ESPVIF_A_SA_OWNER, (uint8_t)config->owner);
	if (config->interface[0])
		genl_put_string(request, ESPVIF_A_SA_IFNAME,
				config->interface);
	put_encapsulation(request, config);
	put_outer(request, &config->outer);
	if (config->offload)
		genl_put_u8(request, ESPVIF_A_SA_OFFLOAD,
			    (uint8_t)config->offload);
	if (config->cpu.given)
		genl_put_u32(request, ESPVIF_A_SA_CPU, config->cpu.number);
	put_limits(request, config);
	put_numbers(request, numbers);
}

/**
 * change_put_sa_set - what ESPVIF_CMD_SA_SET takes
 * @request: the request, or the operation of a batch
 * @name: of the SA
 * @peer: where its peer is now
 * @numbers: where it goes on
 */
void change_put_sa_set(struct genl_request *request, const char *name,
		       const struct kernel_peer *peer,
		       const struct kernel_numbers *numbers)
{
	genl_put_string(request, ESPVIF_A_SA_NAME, name);
	if (peer->address.length)
		genl_put(request, ESPVIF_A_SA_PEER_ADDR, peer->address.bytes,
			 peer->address.length);
	if (peer->port)
		genl_put_u16(request, ESPVIF_A_SA_PEER_PORT, peer->port);
	put_numbers(request, numbers);
}

/**
 * change_put_sa_delete - what ESPVIF_CMD_SA_DEL takes
 * @request: the request, or the operation of a batch
 * @name: of the SA
 * @owner: whose it has to be
 */
void change_put_sa_delete(struct genl_request *request, const char *name,
			  enum espvif_owner owner)
{
	genl_put_string(request, ESPVIF_A_SA_NAME, name);
	genl_put_u8(request, ESPVIF_A_SA_OWNER, (uint8_t)owner);
}

static void put_prefix(struct genl_request *request, uint16_t type,
		       uint16_t length_type, const struct prefix *prefix)
{
	genl_put(request, type, prefix->address.bytes, prefix->address.length);
	genl_put_u8(request, length_type, prefix->length);
}

static void put_ports(struct genl_request *request, uint16_t min_type,
		      uint16_t max_type, const struct port_range *range)
{
	if (!range->min && range->max == UINT16_MAX)
		return;
	genl_put_u16(request, min_type, range->min);
	genl_put_u16(request, max_type, range->max);
}

static void put_sa_names(struct genl_request *request,
			 const struct kernel_sa_names *sas)
{
	size_t i;

	for (i = 0; i < sas->count; i++)
		genl_put_string(request, ESPVIF_A_POLICY_SA, sas->names[i]);
}

/**
 * change_put_policy_new - what ESPVIF_CMD_POLICY_NEW takes
 * @request: the request, or the operation of a batch
 * @config: what it is to be
 */
void change_put_policy_new(struct genl_request *request,
			   const struct kernel_policy_config *config)
{
	genl_put_string(request, ESPVIF_A_POLICY_NAME, config->name);
	genl_put_u8(request, ESPVIF_A_POLICY_DIRECTION,
		    (uint8_t)config->direction);
	put_prefix(request, ESPVIF_A_POLICY_SRC,
		   ESPVIF_A_POLICY_SRC_PREFIXLEN, &config->source);
	put_prefix(request, ESPVIF_A_POLICY_DST,
		   ESPVIF_A_POLICY_DST_PREFIXLEN, &config->destination);
	if (config->protocol)
		genl_put_u8(request, ESPVIF_A_POLICY_PROTOCOL,
			    config->protocol);
	put_ports(request, ESPVIF_A_POLICY_SPORT_MIN,
		  ESPVIF_A_POLICY_SPORT_MAX, &config->source_ports);
	put_ports(request, ESPVIF_A_POLICY_DPORT_MIN,
		  ESPVIF_A_POLICY_DPORT_MAX, &config->destination_ports);
	genl_put_u8(request, ESPVIF_A_POLICY_ACTION, (uint8_t)config->action);
	if (config->action == ESPVIF_ACTION_IPSEC)
		genl_put_u8(request, ESPVIF_A_POLICY_MODE,
			    (uint8_t)config->mode);
	if (config->mss != ESPVIF_MSS_AUTO)
		genl_put_u16(request, ESPVIF_A_POLICY_MSS, config->mss);
	put_sa_names(request, &config->sas);
	if (config->trap)
		genl_put_flag(request, ESPVIF_A_POLICY_TRAP);
	if (config->cpu_acquire)
		genl_put_flag(request, ESPVIF_A_POLICY_CPU_ACQUIRE);
	if (config->priority_given)
		genl_put_u32(request, ESPVIF_A_POLICY_PRIORITY,
			     config->priority);
	genl_put_u8(request, ESPVIF_A_POLICY_OWNER, (uint8_t)config->owner);
	if (config->interface[0])
		genl_put_string(request, ESPVIF_A_POLICY_IFNAME,
				config->interface);
}

/**
 * change_put_policy_set - what ESPVIF_CMD_POLICY_SET takes
 * @request: the request, or the operation of a batch
 * @name: of the policy
 * @sas: in place of all that it has
 */
void change_put_policy_set(struct genl_request *request, const char *name,
			   const struct kernel_sa_names *sas)
{
	genl_put_string(request, ESPVIF_A_POLICY_NAME, name);
	put_sa_names(request, sas);
}

/**
 * change_put_policy_delete - what ESPVIF_CMD_POLICY_DEL takes
 * @request: the request, or the operation of a batch
 * @name: of the policy
 * @owner: whose it has to be
 */
void change_put_policy_delete(struct genl_request *request, const char *name,
			      enum espvif_owner owner)
{
	genl_put_string(request, ESPVIF_A_POLICY_NAME, name);
	genl_put_u8(request, ESPVIF_A_POLICY_OWNER, (uint8_t)owner);
}
