// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A connection as JSON: what the configuration says of it, and how far it is.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/control/connection_json.h"
#include "lib/array.h"

#define WORDS_SIZE 256

/**
 * struct word - a word for a number
 * @number: of an enum, or a bit of a set
 * @text: the word
 */
struct word {
	unsigned int number;
	const char *text;
};

static const struct word auths[] = {
	{ CFG_AUTH_SECRET, "secret" },
	{ CFG_AUTH_RSA_SHA1, "RSASIG_v1_5" },
	{ CFG_AUTH_RSA_SHA2_256, "RSASIG" },
	{ CFG_AUTH_ECDSA, "ECDSA" },
	{ CFG_AUTH_EDDSA, "EDDSA" },
	{ CFG_AUTH_NULL, "null" },
	{ CFG_AUTH_NEVER, "never" },
	{ CFG_AUTH_EAPONLY, "eaponly" },
	{}
};

static const struct word types[] = {
	{ CFG_TYPE_TUNNEL, "ENCRYPT+TUNNEL" },
	{ CFG_TYPE_TRANSPORT, "ENCRYPT" },
	{ CFG_TYPE_PASSTHROUGH, "PASS" },
	{ CFG_TYPE_DROP, "DROP" },
	{ CFG_TYPE_REJECT, "REJECT" },
	{}
};

static const struct word fragmentations[] = {
	{ CFG_YES, "IKE_FRAG_ALLOW" },
	{ CFG_FORCE, "IKE_FRAG_FORCE" },
	{}
};

static const struct word esns[] = {
	{ CFG_NO, "ESN_NO" },
	{ CFG_YES, "ESN_YES" },
	{ CFG_AUTO, "ESN_NO+ESN_YES" },
	{}
};

static const struct word trinaries[] = {
	{ CFG_NO, "no" },
	{ CFG_YES, "yes" },
	{ CFG_AUTO, "auto" },
	{ CFG_FORCE, "packet" },
	{}
};

static const struct word dpd_actions[] = {
	{ CFG_DPD_HOLD, "hold" },
	{ CFG_DPD_CLEAR, "clear" },
	{ CFG_DPD_RESTART, "restart" },
	{}
};

static const struct word hosts[] = {
	{ CFG_HOST_ANY, "%any" },
	{ CFG_HOST_DEFAULTROUTE, "%defaultroute" },
	{ CFG_HOST_GROUP, "%group" },
	{ CFG_HOST_OPPORTUNISTIC, "%opportunistic" },
	{ CFG_HOST_OPPORTUNISTIC_GROUP, "%opportunisticgroup" },
	{}
};

static const struct word states[] = {
	{ DAEMON_UNORIENTED, "unoriented" },
	{ DAEMON_RESOLVING, "resolving" },
	{ DAEMON_LOADED, "oriented" },
	{}
};

/* ----- words ------------------------------------------------------------- */

static const char *word_of(const struct word *words, int number)
{
	for (; words->text; words++) {
		if (words->number == (unsigned int)number)
			return words->text;
	}
	return NULL;
}

/* Words joined by '+'. */
static void join(char *text, const char *word)
{
	size_t used = strlen(text);

	if (word)
		snprintf(text + used, WORDS_SIZE - used, "%s%s",
			 used ? "+" : "", word);
}

static void join_set(char *text, const struct word *words, unsigned int set)
{
	for (; words->text; words++) {
		if (set & words->number)
			join(text, words->text);
	}
}

static json_t *policy_words(const struct daemon_connection_info *info)
{
	const struct cfg_connection *config = info->config;
	char text[WORDS_SIZE] = "";

	join(text, config->ikev2 ? "IKEv2" : "IKEv1");
	join_set(text, auths, config->authby);
	join(text, word_of(types, config->type));
	join(text, config->pfs ? "PFS" : NULL);
	join(text, config->rekey ? NULL : "DONT_REKEY");
	join(text, config->reauth ? "REAUTH" : NULL);
	join(text, info->wanted ? "UP" : NULL);
	join(text, info->routed ? "ROUTE" : NULL);
	join(text, config->narrowing ? "IKEV2_ALLOW_NARROWING" : NULL);
	join(text, word_of(fragmentations, config->fragmentation));
	join(text, word_of(esns, config->esn));
	return json_string(text);
}

/* ----- the ends ----------------------------------------------------------- */

static json_t *host(const struct cfg_host *host)
{
	if (host->kind == CFG_HOST_ADDRESS)
		return sa_address(&host->address);
	if (host->name)
		return sa_text(host->name);
	return sa_text(word_of(hosts, (int)host->kind));
}

static json_t *side(const struct cfg_connection *config,
		    const struct cfg_side *side, json_t *address, json_t *id)
{
	unsigned int auth = side->auth ? side->auth : config->authby;
	char words[WORDS_SIZE] = "";
	json_t *source = json_null();

	join_set(words, auths, auth);
	if (side->sourceip.length)
		source = sa_address(&side->sourceip);
	return json_pack("{s:o, s:o, s:o, s:o, s:s, s:o}", "host", address,
			 "id", id, "sourceip", source, "updown",
			 sa_text(side->updown ? side->updown : "ipsec _updown"),
			 "auth", words, "certificate", sa_text(side->cert));
}

/* This end, or the other, by what the engine was told if it was told anything. */
static json_t *end(const struct daemon_connection_info *info, bool ours)
{
	enum cfg_which which = ours == (info->ours == CFG_LEFT) ? CFG_LEFT :
								  CFG_RIGHT;
	const struct cfg_side *config = &info->config->sides[which];
	const struct ike_model *model = info->model;

	if (!model)
		return side(info->config, config, host(&config->host),
			    sa_text(config->id));
	return side(info->config, config,
		    sa_address(ours ? &model->path.local.address :
				      &model->path.remote.address),
		    sa_id(ours ? &model->local_id : &model->remote_id));
}

/* ----- children ----------------------------------------------------------- */

static const char *routing_of(const struct daemon_connection_info *info,
			      bool up)
{
	if (up)
		return "erouted";
	return info->routed ? "prospective erouted" : "unrouted";
}

/* What the peer brings with it isn't known before it comes. */
static json_t *their_selectors(const struct daemon_connection_info *info,
			       const struct ike_child_model *model)
{
	if (model->remote_is_peer && !info->instance)
		return json_array();
	return sa_selectors(&model->remote);
}

static json_t *child(const struct daemon_connection_info *info,
		     const struct ike_child_model *model,
		     const struct sa_index *index)
{
	const struct sa_newest *newest;

	newest = sa_index_find(index, info->model->name, info->instance,
			       model->name);
	return json_pack("{s:o, s:o, s:o, s:s, s:I}", "name",
			 sa_text(model->name), "ours",
			 sa_selectors(&model->local), "theirs",
			 their_selectors(info, model), "routing",
			 routing_of(info, newest), "owner",
			 newest ? (json_int_t)newest->serial : 0);
}

static json_t *subnets(const struct cfg_side *side)
{
	json_t *array = json_array();
	char text[ADDRESS_TEXT_SIZE];
	size_t i;

	for (i = 0; array && i < side->subnets.count; i++)
		json_array_append_new(array,
				      json_string(prefix_text(&side->subnets.items[i],
							      text)));
	return array;
}

/* What the engine knows nothing of is shown as it was written. */
static json_t *children(const struct daemon_connection_info *info,
			const struct sa_index *index)
{
	const struct cfg_side *sides = info->config->sides;
	const struct ike_model *model = info->model;
	json_t *array = json_array();
	size_t i;

	for (i = 0; array && model && i < model->child_count; i++)
		json_array_append_new(array,
				      child(info, &model->children[i], index));
	if (array && !model)
		json_array_append_new(array,
				      json_pack("{s:o, s:o, s:o, s:s, s:i}",
						"name",
						sa_text(info->config->name),
						"ours",
						subnets(&sides[CFG_LEFT]),
						"theirs",
						subnets(&sides[CFG_RIGHT]),
						"routing",
						routing_of(info, false),
						"owner", 0));
	return array;
}

/* ----- the whole ---------------------------------------------------------- */

static json_t *policy(const struct daemon_connection_info *info)
{
	const struct cfg_connection *config = info->config;

	return json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:b, s:b, s:I, s:I, s:s?, s:s?, s:s?, s:I}",
			 "words", policy_words(info),
			 "ike_lifetime", (json_int_t)config->ikelifetime,
			 "ipsec_lifetime", (json_int_t)config->salifetime,
			 "replay_window", (json_int_t)config->replay_window,
			 "rekey_margin", (json_int_t)config->rekeymargin,
			 "rekey_fuzz", (json_int_t)config->rekeyfuzz,
			 "keyingtries", (json_int_t)config->keyingtries,
			 "retransmit_interval",
			 (json_int_t)config->retransmit_interval,
			 "retransmit_timeout",
			 (json_int_t)config->retransmit_timeout,
			 "initial_contact", config->initial_contact,
			 "send_vendorid", config->send_vendorid,
			 "send_no_tfc", config->send_no_tfc,
			 "dpd_delay", (json_int_t)config->dpddelay,
			 "dpd_timeout", (json_int_t)config->dpdtimeout,
			 "dpd_action", word_of(dpd_actions, config->dpdaction),
			 "encapsulation",
			 word_of(trinaries, config->encapsulation),
			 "nic_offload",
			 word_of(trinaries, config->nic_offload),
			 "mtu", (json_int_t)config->mtu);
}

static const struct sa_newest *
newest_child(const struct daemon_connection_info *info,
	     const struct sa_index *index)
{
	const struct sa_newest *newest = NULL, *one;
	size_t i;

	for (i = 0; i < info->model->child_count; i++) {
		one = sa_index_find(index, info->model->name, info->instance,
				    info->model->children[i].name);
		if (one && (!newest || one->serial > newest->serial))
			newest = one;
	}
	return newest;
}

/* What holds only for a connection that the engine has. */
static json_t *progress(const struct daemon_connection_info *info,
			const struct sa_index *index)
{
	char ike_suite[SA_SUITE_TEXT_SIZE], esp_suite[SA_SUITE_TEXT_SIZE];
	const struct sa_newest *ike = NULL, *esp = NULL;

	if (info->model) {
		ike = sa_index_find(index, info->model->name, info->instance,
				    NULL);
		esp = newest_child(info, index);
	}
	return json_pack("{s:I, s:I, s:s?, s:s?}", "newest_ike_sa",
			 ike ? (json_int_t)ike->serial : 0, "newest_child_sa",
			 esp ? (json_int_t)esp->serial : 0, "ike_suite",
			 ike ? sa_suite_text(&ike->suite, ike_suite) : NULL,
			 "esp_suite",
			 esp ? sa_suite_text(&esp->suite, esp_suite) : NULL);
}

/**
 * connection_json - a connection as JSON
 * @info: the connection
 * @index: all SAs
 *
 * Return: the object; NULL if there is no memory.
 */
json_t *connection_json(const struct daemon_connection_info *info,
			const struct sa_index *index)
{
	json_t *latest = progress(info, index), *object;

	object = json_pack("{s:s, s:o, s:o, s:s?, s:o, s:b, s:b, s:b, s:i, s:o, s:o, s:o, s:o}",
			   "kind", "connection",
			   "name", sa_text(info->config->name),
			   "instance", sa_instance(info->instance),
			   "state", word_of(states, (int)info->state),
			   "why", sa_text(info->why),
			   "routed", info->routed, "wanted", info->wanted,
			   "established", info->established,
			   "children_up", (int)info->children_up,
			   "ours", end(info, true), "theirs", end(info, false),
			   "children", children(info, index),
			   "policy", policy(info));
	if (object && latest && !json_object_update(object, latest)) {
		json_decref(latest);
		return object;
	}
	json_decref(object);
	json_decref(latest);
	return NULL;
}
