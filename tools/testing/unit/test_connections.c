// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of the daemon's pure parts: identities, selectors, which end of a connection
 * is this host, and what the engine is told of one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/connections/identity.h"
#include "daemon/log.h"
#include "daemon/connections/model.h"
#include "daemon/connections/selector.h"
#include "daemon/engine/key_files.h"
#include "daemon/engine/state.h"
#include "lib/array.h"
#include "lib/iana.h"
#include "unit.h"

static struct address address(const char *text)
{
	struct address result;

	assert_success(address_parse(text, &result));
	return result;
}

/* ----- identities ---------------------------------------------------------- */

static void identities(void **state)
{
	static const struct {
		const char *text, *again;
		uint8_t type;
	} cases[] = {
		{ "192.0.2.1", "192.0.2.1", IANA_ID_IPV4_ADDR },
		{ "2001:db8::1", "2001:db8::1", IANA_ID_IPV6_ADDR },
		{ "@west", "@west", IANA_ID_FQDN },
		{ "west.example", "@west.example", IANA_ID_FQDN },
		{ "user@west", "user@west", IANA_ID_RFC822_ADDR },
		{ "@user@west", "user@west", IANA_ID_RFC822_ADDR },
		{ "@@west", "west", IANA_ID_RFC822_ADDR },
		{ "@[key id]", "@[key id]", IANA_ID_KEY_ID },
		{ "@#0x6b6579", "@[key]", IANA_ID_KEY_ID },
		{ "@#00ff", "@#0x00ff", IANA_ID_KEY_ID },
		{ "C=CA, CN=west", "C=CA, CN=west", IANA_ID_DER_ASN1_DN },
		{ "%any", "%any", 0 },
		{ "%fromcert", "%any", 0 },
		{ "%null", "%null", IANA_ID_NULL },
	};
	char text[IDENTITY_TEXT_SIZE];
	struct ike_id id;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_success(identity_parse(cases[i].text, &id));
		assert_int_equal(id.type, cases[i].type);
		assert_string_equal(identity_text(&id, text), cases[i].again);
	}
}

static void no_identities(void **state)
{
	char text[IKE_ID_SIZE + 16];
	struct ike_id id;

	(void)state;
	assert_usage(identity_parse("", &id), "is empty");
	assert_usage(identity_parse("@", &id), "is empty");
	assert_usage(identity_parse("@[]", &id), "is empty");
	assert_usage(identity_parse("@[x", &id), "ends with ]");
	assert_usage(identity_parse("@#xy", &id), "pairs of hexadecimal");
	assert_usage(identity_parse("@#123", &id), "pairs of hexadecimal");
	assert_usage(identity_parse("%group", &id), "is no identity");
	memset(text, 'x', sizeof(text));
	text[0] = '@';
	text[IKE_ID_SIZE + 2] = '\0';
	assert_usage(identity_parse(text, &id), "too long");
	text[IKE_ID_SIZE + 1] = '\0';
	assert_success(identity_parse(text, &id));
}

/* What a peer sends is written so that it means nothing else. */
static void hostile_identities(void **state)
{
	struct ike_id id = {
		.type = IANA_ID_FQDN, .length = 3, .data = { 'a', '\n', 'b' },
	};
	char text[IDENTITY_TEXT_SIZE];

	(void)state;
	assert_string_equal(identity_text(&id, text), "@#0x610a62");
	id.type = IANA_ID_IPV4_ADDR;
	assert_string_equal(identity_text(&id, text), "@#0x610a62");
}

/* ----- selectors ----------------------------------------------------------- */

static void one_ts(struct wire_ts_list *list, const char *first,
		   const char *last, uint8_t protocol)
{
	list->count = 1;
	list->items[0] = (struct wire_ts){
		.first = address(first), .last = address(last),
		.protocol = protocol, .ports = PORT_RANGE_ANY,
	};
}

static void selectors_of_ranges(void **state)
{
	static const char *const expected[] = {
		"10.0.0.1/32", "10.0.0.2/31", "10.0.0.4/30", "10.0.0.8/31",
	};
	struct wire_ts_list local, remote;
	struct selector_list list;
	char text[ADDRESS_TEXT_SIZE];
	size_t i;

	(void)state;
	one_ts(&local, "10.0.0.1", "10.0.0.9", 0);
	one_ts(&remote, "0.0.0.0", "255.255.255.255", 6);
	assert_success(selector_list_make(&local, &remote, &list));
	assert_int_equal(list.count, ARRAY_SIZE(expected));
	for (i = 0; i < list.count; i++) {
		assert_string_equal(prefix_text(&list.items[i].local, text),
				    expected[i]);
		assert_string_equal(prefix_text(&list.items[i].remote, text),
				    "0.0.0.0/0");
		assert_int_equal(list.items[i].protocol, 6);
	}
	one_ts(&local, "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 0);
	one_ts(&remote, "2001:db8::", "2001:db8::ffff", 0);
	assert_success(selector_list_make(&local, &remote, &list));
	assert_int_equal(list.count, 1);
	assert_string_equal(prefix_text(&list.items[0].remote, text),
			    "2001:db8::/112");
}

static void no_selectors(void **state)
{
	struct wire_ts_list local, remote;
	struct selector_list list;

	(void)state;
	one_ts(&local, "10.0.0.1", "10.0.0.1", 6);
	one_ts(&remote, "10.0.0.2", "10.0.0.2", 17);
	assert_refused(selector_list_make(&local, &remote, &list),
		       "no packet can fit");
	one_ts(&remote, "2001:db8::1", "2001:db8::1", 0);
	assert_refused(selector_list_make(&local, &remote, &list),
		       "no packet can fit");
	one_ts(&remote, "10.0.0.3", "10.0.0.2", 0);
	assert_refused(selector_list_make(&local, &remote, &list),
		       "end before they begin");
	one_ts(&local, "0.0.0.1", "255.255.255.254", 0);
	one_ts(&remote, "0.0.0.1", "255.255.255.254", 0);
	assert_refused(selector_list_make(&local, &remote, &list),
		       "more than 64 policies");
	local.items[0].protocol = 1;
	local.items[0].ports = (struct port_range){ 0x800, 0x8ff };
	assert_refused(selector_list_make(&local, &remote, &list),
		       "ports or types of protocol 1");
	local.items[0].ports = (struct port_range){ UINT16_MAX, 0 };
	assert_refused(selector_list_make(&local, &remote, &list),
		       "ports are hidden");
}

static void priorities(void **state)
{
	struct wire_ts_list local, remote;
	struct selector_list wide, narrow, port;

	(void)state;
	one_ts(&local, "10.0.0.0", "10.0.0.255", 0);
	one_ts(&remote, "0.0.0.0", "255.255.255.255", 0);
	assert_success(selector_list_make(&local, &remote, &wide));
	one_ts(&local, "10.0.0.0", "10.0.0.127", 0);
	assert_success(selector_list_make(&local, &remote, &narrow));
	local.items[0].protocol = 6;
	local.items[0].ports = (struct port_range){ 22, 22 };
	assert_success(selector_list_make(&local, &remote, &port));
	assert_true(selector_priority(&narrow.items[0]) <
		    selector_priority(&wide.items[0]));
	assert_true(selector_priority(&port.items[0]) <
		    selector_priority(&narrow.items[0]));
}

/* ----- which end is this host ---------------------------------------------- */

/* A host with 192.0.2.1 and 2001:db8::1, and a default route from the first */
static bool owns(void *context, const struct address *asked)
{
	static const char *const own[] = { "192.0.2.1", "2001:db8::1" };
	size_t i;

	(void)context;
	for (i = 0; i < ARRAY_SIZE(own); i++) {
		struct address one = address(own[i]);

		if (one.length == asked->length &&
		    !memcmp(one.bytes, asked->bytes, one.length))
			return true;
	}
	return false;
}

static bool default_address(void *context, const struct address *peer,
			    uint8_t length, struct address *found)
{
	(void)context;
	*found = address(length == 16 ? "2001:db8::1" : "192.0.2.1");
	return !peer || peer->length == found->length;
}

static bool interface_address(void *context, const char *interface,
			      uint8_t length, struct address *found)
{
	(void)context;
	*found = address(length == 16 ? "2001:db8::1" : "192.0.2.1");
	return !strcmp(interface, "eth0");
}

static bool resolve(void *context, const char *name, struct address *found)
{
	(void)context;
	*found = address("192.0.2.2");
	return !strcmp(name, "known.example");
}

static const struct orient_host host = {
	.owns = owns,
	.default_address = default_address,
	.interface_address = interface_address,
	.resolve = resolve,
};

static struct origin *load(const char *lines)
{
	char text[2048];
	struct daemon_source source = { .text = text };
	struct origin *origin;

	source.length = (size_t)snprintf(text, sizeof(text), "conn test\n%s",
					 lines);
	assert_success(origin_load(&source, &origin));
	if (origin->cfg->problems.count)
		print_error("%s\n", origin->cfg->problems.items[0].sentence);
	assert_int_equal(origin->cfg->count, 1);
	return origin;
}

static void orientation(void **state)
{
	static const struct {
		const char *left, *right;
		enum orient_result result;
		enum cfg_which ours;
		const char *local, *remote;
	} cases[] = {
		{ "192.0.2.1", "192.0.2.2", ORIENT_DONE, CFG_LEFT,
		  "192.0.2.1", "192.0.2.2" },
		{ "192.0.2.2", "192.0.2.1", ORIENT_DONE, CFG_RIGHT,
		  "192.0.2.1", "192.0.2.2" },
		{ "192.0.2.1", "%any", ORIENT_DONE, CFG_LEFT,
		  "192.0.2.1", "0.0.0.0" },
		{ "%defaultroute", "192.0.2.2", ORIENT_DONE, CFG_LEFT,
		  "192.0.2.1", "192.0.2.2" },
		{ "2001:db8::2", "%defaultroute", ORIENT_DONE, CFG_RIGHT,
		  "2001:db8::1", "2001:db8::2" },
		{ "%eth0", "192.0.2.2", ORIENT_DONE, CFG_LEFT,
		  "192.0.2.1", "192.0.2.2" },
		{ "%defaultroute", "%any", ORIENT_DONE, CFG_LEFT,
		  "192.0.2.1", "0.0.0.0" },
		{ "known.example", "192.0.2.1", ORIENT_DONE, CFG_RIGHT,
		  "192.0.2.1", "192.0.2.2" },
		{ "unknown.example", "192.0.2.1", ORIENT_NAME, 0, NULL, NULL },
		{ "%eth1", "192.0.2.2", ORIENT_NEITHER, 0, NULL, NULL },
		{ "192.0.2.2", "192.0.2.3", ORIENT_NEITHER, 0, NULL, NULL },
		{ "192.0.2.1", "192.0.2.1", ORIENT_BOTH, 0, NULL, NULL },
	};
	struct orientation at;
	char lines[256], text[ADDRESS_TEXT_SIZE];
	struct origin *origin;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(lines, sizeof(lines), "\tleft=%s\n\tright=%s\n",
			 cases[i].left, cases[i].right);
		origin = load(lines);
		assert_int_equal(orient(origin->cfg->connections, &host, NULL,
					&at), cases[i].result);
		if (cases[i].result == ORIENT_DONE) {
			assert_int_equal(at.ours, cases[i].ours);
			assert_string_equal(address_text(&at.local, text),
					    cases[i].local);
			assert_string_equal(address_text(&at.remote, text),
					    cases[i].remote);
		}
		origin_put(origin);
	}
}

/* ----- what the engine is told --------------------------------------------- */

static struct error *build(const char *lines, struct ike_model *model)
{
	struct origin *origin = load(lines);
	struct orientation at;
	struct error *error;

	assert_int_equal(orient(origin->cfg->connections, &host, NULL, &at),
			 ORIENT_DONE);
	error = model_build(origin->cfg->connections, &at, &origin->cfg->setup,
			    model);
	origin_put(origin);
	return error;
}

static bool has(const struct wire_sa *sa, uint16_t proposal, uint8_t type,
		uint16_t id)
{
	const struct wire_proposal *in = &sa->proposals[proposal];
	uint16_t i;

	for (i = in->first; i < in->first + in->count; i++) {
		if (sa->transforms[i].type == type &&
		    sa->transforms[i].id == id)
			return true;
	}
	return false;
}

static void models(void **state)
{
	static struct ike_model model;
	const struct ike_child_model *child = &model.children[0];
	char text[ADDRESS_TEXT_SIZE];

	(void)state;
	assert_success(build("\tleft=192.0.2.2\n\tright=192.0.2.1\n"
			     "\trightid=@us\n\tauthby=secret\n"
			     "\tleftsubnet=10.2.0.0/24\n"
			     "\trightsubnet=10.1.0.0/24\n"
			     "\tike=aes_gcm256-sha2_256-dh19\n"
			     "\tesp=aes128-sha2_256\n\tpfs=yes\n"
			     "\tikelifetime=1h\n\tsalifetime=30m\n"
			     "\trekeymargin=1m\n\trekeyfuzz=50%\n"
			     "\tdpddelay=7\n\tkeyingtries=3\n", &model));
	assert_string_equal(model.name, "test");
	assert_int_equal(model.local_id.type, IANA_ID_FQDN);
	assert_int_equal(model.remote_id.type, IANA_ID_IPV4_ADDR);
	assert_true(model.local_auth.methods.secret);
	assert_int_equal(model.local_auth.methods.schemes, 0);
	assert_string_equal(address_text(&model.path.local.address, text),
			    "192.0.2.1");
	assert_int_equal(model.path.remote.port, 500);
	assert_int_equal(model.lifetime, 3600);
	assert_int_equal(model.margin, 90);
	assert_int_equal(model.liveness, 7);
	assert_int_equal(model.tries, 3);
	assert_int_equal(model.keepalive, 20);
	assert_int_equal(model.proposals.proposal_count, 1);
	assert_true(has(&model.proposals, 0, IANA_TRANSFORM_KE,
			IANA_KE_ECP_256));
	assert_int_equal(model.child_count, 1);
	assert_string_equal(child->name, "test");
	assert_int_equal(child->lifetime, 1800);
	assert_false(child->transport);
	assert_string_equal(address_text(&child->local.items[0].last, text),
			    "10.1.0.255");
	assert_string_equal(address_text(&child->remote.items[0].first, text),
			    "10.2.0.0");
	/* perfect forward secrecy with the group of IKE, as none was given */
	assert_true(has(&child->proposals, 0, IANA_TRANSFORM_KE,
			IANA_KE_ECP_256));
	assert_true(has(&child->proposals, 0, IANA_TRANSFORM_INTEG,
			IANA_INTEG_HMAC_SHA2_256_128));
}

static void several_children(void **state)
{
	static struct ike_model model;

	(void)state;
	assert_success(build("\tleft=192.0.2.1\n\tright=192.0.2.2\n"
			     "\tleftsubnets={10.1.0.0/24 10.1.1.0/24 2001:db8:1::/64}\n"
			     "\trightsubnets={10.2.0.0/24 2001:db8:2::/64}\n",
			     &model));
	assert_int_equal(model.child_count, 3);
	assert_string_equal(model.children[0].name, "test/1x1");
	assert_string_equal(model.children[1].name, "test/2x1");
	assert_string_equal(model.children[2].name, "test/3x2");
	/* Libreswan's numbers: what is in no list has 0 */
	assert_success(build("\tleft=192.0.2.1\n\tright=192.0.2.2\n"
			     "\tleftsubnets={10.1.0.0/24 10.1.1.0/24}\n"
			     "\tleftsubnet=10.1.7.0/24\n"
			     "\trightsubnet=10.2.0.0/24\n", &model));
	assert_int_equal(model.child_count, 3);
	assert_string_equal(model.children[0].name, "test/0x0");
	assert_int_equal(model.children[0].local.items[0].first.bytes[2], 7);
	assert_string_equal(model.children[2].name, "test/2x0");
	assert_success(build("\tleft=192.0.2.1\n\tright=192.0.2.2\n"
			     "\trightsubnets={10.2.0.0/24 10.2.1.0/24}\n",
			     &model));
	assert_string_equal(model.children[1].name, "test/0x2");
	assert_refused(build("\tleft=192.0.2.1\n\tright=192.0.2.2\n"
			     "\tleftsubnets={10.1.0.0/24 10.1.1.0/24 10.1.2.0/24 10.1.3.0/24 10.1.4.0/24}\n"
			     "\trightsubnets={10.2.0.0/24 10.2.1.0/24 10.2.2.0/24 10.2.3.0/24}\n",
			     &model), "more than 16 pairs");
}

static void with_anybody(void **state)
{
	static struct ike_model model;
	const struct ike_child_model *child = &model.children[0];

	(void)state;
	assert_success(build("\tleft=192.0.2.1\n\tright=%any\n", &model));
	assert_true(child->remote_is_peer && !child->remote_port_is_any);
	assert_true(address_is_unspecified(&model.path.remote.address));
	assert_true(model.inner.behind_nat && !model.inner.only);
	assert_int_equal(model.inner.allowed.count, 5);
	assert_success(build("\tleft=192.0.2.1\n\tright=%any\n"
			     "\trightsubnet=vhost:%priv,%v4:203.0.113.0/24\n"
			     "\trightprotoport=17/%any\n", &model));
	assert_true(child->remote_is_peer && child->remote_port_is_any);
	assert_true(!model.inner.behind_nat && model.inner.only);
	assert_int_equal(model.inner.allowed.count, 6);
	assert_false(model.inner.networks);
	assert_success(build("\tleft=192.0.2.1\n\tright=%any\n"
			     "\trightsubnetwithin=10.0.0.0/8\n", &model));
	assert_true(child->remote_is_peer && model.inner.networks);
	assert_int_equal(model.inner.allowed.count, 1);
	assert_success(build("\tleft=192.0.2.1\n\tright=%any\n"
			     "\trightsubnet=10.1.0.0/16\n", &model));
	assert_false(child->remote_is_peer);
	assert_success(build("\tleft=192.0.2.1\n\tright=192.0.2.2\n",
			     &model));
	assert_false(child->remote_is_peer);
}

/* Messages to another port than 500 are marked, and so go from another one. */
static void ports(void **state)
{
	static const struct {
		const char *lines;
		uint16_t local, remote;
	} cases[] = {
		{ "", 500, 500 },
		{ "\trightikeport=500\n", 500, 500 },
		{ "\trightikeport=4600\n", 4500, 4600 },
		{ "\tleftikeport=4500\n", 4500, 4500 },
		{ "\tleftikeport=500\n\trightikeport=4500\n", 4500, 4500 },
	};
	static struct ike_model model;
	char lines[256];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(lines, sizeof(lines),
			 "\tleft=192.0.2.1\n\tright=192.0.2.2\n%s",
			 cases[i].lines);
		assert_success(build(lines, &model));
		assert_int_equal(model.path.local.port, cases[i].local);
		assert_int_equal(model.path.remote.port, cases[i].remote);
	}
	assert_refused(build("\tleft=192.0.2.1\n\tright=192.0.2.2\n"
			     "\tleftikeport=4600\n", &model),
		       "leftikeport=: this host speaks IKE at the ports 500 and 4500 only");
}

/* What no policy of the module can say */
static void unselectable(void **state)
{
	static struct ike_model model;

	(void)state;
	assert_success(build("\tleft=192.0.2.1\n\tright=192.0.2.2\n"
			     "\tleftprotoport=icmp\n\trightprotoport=icmp\n",
			     &model));
	assert_refused(build("\tleft=192.0.2.1\n\tright=192.0.2.2\n"
			     "\tleftprotoport=icmp/2048\n\trightprotoport=icmp\n",
			     &model), "leave them out");
	assert_refused(build("\tleft=192.0.2.1\n\tright=192.0.2.2\n"
			     "\tleftprotoport=tcp\n\trightprotoport=udp\n",
			     &model), "no packet can fit");
}

static void transport_mode(void **state)
{
	static struct ike_model model;
	const struct ike_child_model *child = &model.children[0];
	char text[ADDRESS_TEXT_SIZE];

	(void)state;
	assert_success(build("\tleft=192.0.2.1\n\tright=192.0.2.2\n"
			     "\ttype=transport\n\tleftprotoport=tcp/22\n"
			     "\trightprotoport=tcp\n\tpfs=no\n\tesn=no\n"
			     "\tencapsulation=yes\n\tfragmentation=no\n",
			     &model));
	assert_true(child->transport);
	assert_string_equal(address_text(&child->local.items[0].last, text),
			    "192.0.2.1");
	assert_int_equal(child->local.items[0].protocol, 6);
	assert_int_equal(child->local.items[0].ports.min, 22);
	assert_int_equal(child->remote.items[0].ports.max, 65535);
	assert_true(has(&child->proposals, 0, IANA_TRANSFORM_ESN,
			IANA_ESN_NO_ESN));
	assert_false(has(&child->proposals, 0, IANA_TRANSFORM_ESN,
			 IANA_ESN_ESN));
	assert_false(has(&child->proposals, 0, IANA_TRANSFORM_KE,
			 IANA_KE_CURVE25519));
	assert_int_equal(model.encapsulation, IKE_ENCAPSULATION_ALWAYS);
	assert_int_equal(model.fragmentation, IKE_FRAGMENTATION_NO);
	assert_int_not_equal(model.local_auth.methods.schemes, 0);
	assert_refused(build("\tleft=192.0.2.1\n\tright=192.0.2.2\n"
			     "\tleftsubnet=2001:db8:1::/64\n", &model),
		       "different families");
}

/* How each end may prove who it is */
static void methods_of_ends(void **state)
{
	static struct ike_model model;
	const struct ike_methods *local = &model.local_auth.methods;
	const struct ike_methods *remote = &model.remote_auth.methods;

	(void)state;
	assert_success(build("\tleft=192.0.2.1\n\tright=192.0.2.2\n"
			     "\tauthby=rsa-sha2_512\n", &model));
	assert_int_equal(local->schemes,
			 CRYPTO_SCHEME_PSS | CRYPTO_SCHEME_PKCS1);
	assert_int_equal(local->hashes, CRYPTO_HASH_BIT(IANA_HASH_SHA2_512));
	assert_false(local->secret || local->null);
	assert_success(build("\tleft=192.0.2.1\n\tright=192.0.2.2\n"
			     "\tleftauth=ecdsa\n\trightauth=null\n", &model));
	assert_int_equal(local->schemes, CRYPTO_SCHEME_ECDSA);
	assert_int_equal(model.local_id.type, IANA_ID_IPV4_ADDR);
	assert_int_equal(remote->schemes, 0);
	assert_true(remote->null);
	assert_int_equal(model.remote_id.type, IANA_ID_NULL);
}

/* ----- the log ------------------------------------------------------------- */

static void log_limits(void **state)
{
	struct log_limit limit = {};
	unsigned int i, admitted = 0;

	(void)state;
	for (i = 0; i < 1000; i++)
		admitted += log_limit_admits(&limit, 1);
	assert_int_equal(admitted, 10);
	assert_int_equal(limit.suppressed, 990);
	assert_true(log_limit_admits(&limit, 2));
}

static void read_log(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	text[fread(text, 1, size - 1, file)] = '\0';
	fclose(file);
}

/* logfile=, logappend=, logtime= */
static void log_file(void **state)
{
	char path[] = "/tmp/log.XXXXXX", text[1024];
	struct log_config config = { .file = path };
	int file = mkstemp(path);
	const char *last;

	(void)state;
	assert_true(file >= 0);
	close(file);
	assert_success(log_open(&config));
	log_line(IKE_LEVEL_INFO, "the first");
	log_format(IKE_LEVEL_ERROR, "\"%s\": %d", "west\neast\033[2J", 7);
	log_error(error_refused(0, "the third"));
	read_log(path, text, sizeof(text));
	assert_string_equal(text,
			    "the first\n\"west?east?[2J\": 7\nthe third\n");

	/* who cannot write to another one goes on with this one */
	config.file = "/nonexistent/log";
	assert_refused(log_open(&config), "cannot write the log to /nonexistent/log");
	config = (struct log_config){ .file = path, .append = true,
				      .time = true };
	assert_success(log_open(&config));
	log_line(IKE_LEVEL_INFO, "the fourth");
	read_log(path, text, sizeof(text));
	last = strstr(text, "the third\n");
	assert_non_null(last);
	last = strstr(last, ": the fourth\n");
	assert_non_null(last);
	/* microseconds stand in front */
	assert_int_equal(strspn(last - 6, "0123456789"), 6);

	config.append = false;
	assert_success(log_open(&config));
	read_log(path, text, sizeof(text));
	assert_string_equal(text, "");
	log_close();
	unlink(path);
}

/* ----- files with keys ----------------------------------------------------- */

/* Many connections have the same file, and that of a peer has no key of ours. */
static void key_files_counted_once(void **state)
{
	const struct orientation at = { .ours = CFG_RIGHT };
	struct cfg_connection connection = {};
	struct parent_keys keys = {};
	char peer[PARENT_FILES_MAX + 1][32];
	int i;

	(void)state;
	connection.sides[CFG_LEFT].cert = "nickname";
	assert_false(key_files_are_named(&connection));
	connection.sides[CFG_RIGHT].cert = "/own.p12";
	assert_true(key_files_are_named(&connection));
	for (i = 0; i <= PARENT_FILES_MAX; i++) {
		snprintf(peer[i], sizeof(peer[i]), "/peer%d.pem", i);
		connection.sides[CFG_LEFT].cert = peer[i];
		assert_true(key_files_add(&keys, &connection, &at));
	}
	assert_int_equal(keys.file_count, 1);
	assert_string_equal(keys.files[0], "/own.p12");
}

static void too_many_key_files(void **state)
{
	struct cfg_connection connection = {};
	struct parent_keys keys = {};
	char other[PARENT_FILES_MAX][32];
	int i;

	(void)state;
	connection.sides[CFG_LEFT].cert = "/own.p12";
	for (i = 0; i < PARENT_FILES_MAX; i++) {
		snprintf(other[i], sizeof(other[i]), "/other%d.pem", i);
		connection.sides[CFG_RIGHT].cert = other[i];
		assert_int_equal(key_files_add(&keys, &connection, NULL),
				 i < PARENT_FILES_MAX - 1);
	}
	assert_int_equal(keys.file_count, PARENT_FILES_MAX);
	/* those that have a place are none too many */
	connection.sides[CFG_RIGHT].cert = other[0];
	assert_true(key_files_add(&keys, &connection, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identities),
		cmocka_unit_test(no_identities),
		cmocka_unit_test(hostile_identities),
		cmocka_unit_test(selectors_of_ranges),
		cmocka_unit_test(no_selectors),
		cmocka_unit_test(priorities),
		cmocka_unit_test(orientation),
		cmocka_unit_test(models),
		cmocka_unit_test(methods_of_ends),
		cmocka_unit_test(several_children),
		cmocka_unit_test(with_anybody),
		cmocka_unit_test(ports),
		cmocka_unit_test(unselectable),
		cmocka_unit_test(transport_mode),
		cmocka_unit_test(log_limits),
		cmocka_unit_test(log_file),
		cmocka_unit_test(key_files_counted_once),
		cmocka_unit_test(too_many_key_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
