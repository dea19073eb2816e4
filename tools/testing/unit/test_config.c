// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of user/config: text, parameters, proposals, connections, secrets.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "config/keyword.h"
#include "config/secrets.h"
#include "config/value.h"
#include "lib/array.h"
#include "lib/iana.h"
#include "unit.h"

static char directory[] = "/tmp/test_config.XXXXXX";

static const char *path_of(const char *name)
{
	static char path[4][128];
	static unsigned int next;

	next = (next + 1) % ARRAY_SIZE(path);
	snprintf(path[next], sizeof(path[next]), "%s/%s", directory, name);
	return path[next];
}

static void write_file(const char *name, mode_t mode, const char *text)
{
	int file = open(path_of(name), O_WRONLY | O_CREAT | O_TRUNC, mode);

	assert_true(file >= 0);
	assert_int_equal(fchmod(file, mode), 0);
	assert_int_equal(write(file, text, strlen(text)), strlen(text));
	close(file);
}

static struct cfg *load(const char *text)
{
	struct cfg *cfg;

	write_file("ipsec.conf", 0644, text);
	assert_success(cfg_load(path_of("ipsec.conf"), &cfg));
	return cfg;
}

static void show_problems(const struct cfg_problems *problems)
{
	size_t i;

	for (i = 0; i < problems->count; i++)
		print_error("line %u: %s\n", problems->items[i].at.line,
			    problems->items[i].sentence);
}

/* One connection named "c" with @lines in it, with @notes notes and no problem. */
static struct cfg *load_noted(const char *lines, size_t notes)
{
	char text[4096];
	struct cfg *cfg;

	snprintf(text, sizeof(text),
		 "conn c\n\tleft=192.0.2.1\n\tright=192.0.2.2\n%s", lines);
	cfg = load(text);
	if (cfg->problems.count != notes || cfg->count != 1)
		show_problems(&cfg->problems);
	assert_int_equal(cfg->problems.count, notes);
	assert_int_equal(cfg->count, 1);
	return cfg;
}

static struct cfg *load_good(const char *lines)
{
	return load_noted(lines, 0);
}

/* Is there a problem of @severity in @line with @words? */
static void expect_problem(const struct cfg_problems *problems,
			   enum cfg_severity severity, unsigned int line,
			   const char *words)
{
	size_t i;

	for (i = 0; i < problems->count; i++) {
		const struct cfg_problem *problem = &problems->items[i];

		if (problem->severity == severity && problem->at.line == line &&
		    strstr(problem->sentence, words))
			return;
	}
	show_problems(problems);
	print_error("no problem '%s' in line %u\n", words, line);
	fail();
}

/* The whole of a connection: @lines are wrong in line 4 with @words. */
static void expect_bad(const char *lines, const char *words)
{
	char text[4096];
	struct cfg *cfg;

	snprintf(text, sizeof(text),
		 "conn c\n\tleft=192.0.2.1\n\tright=192.0.2.2\n%s"
		 "conn good\n\tleft=192.0.2.1\n\tright=%%any\n", lines);
	cfg = load(text);
	expect_problem(&cfg->problems, CFG_ERROR, 4, words);
	assert_null(cfg_find(cfg, "c"));
	assert_non_null(cfg_find(cfg, "good"));
	cfg_free(cfg);
}

/* The same, for what only the whole connection shows, told for its first line. */
static void expect_unfit(const char *lines, const char *words)
{
	char text[4096];
	struct cfg *cfg;

	snprintf(text, sizeof(text), "conn c\n%sconn good\n\tleft=%%any\n"
		 "\tright=192.0.2.1\n", lines);
	cfg = load(text);
	expect_problem(&cfg->problems, CFG_ERROR, 1, words);
	assert_null(cfg_find(cfg, "c"));
	assert_non_null(cfg_find(cfg, "good"));
	cfg_free(cfg);
}

/* ----- text ------------------------------------------------------------ */

static void text_forms(void **state)
{
	struct cfg *cfg;

	(void)state;
	cfg = load("# a comment\nversion 2\n\nconfig setup\n"
		   "\tlogfile = \"/var/log/my pluto.log\" # why\n"
		   "\tplutodebug=base crypt\n"
		   "\t# indented\n"
		   "conn c\n"
		   "    left = 192.0.2.1\n"
		   "\tRIGHT=192.0.2.2\n"
		   "\tx-color=red\n"
		   "\tleftid=@#abc\n"
		   "\tleftupdown=\"\"\n");
	assert_int_equal(cfg->problems.count, 0);
	assert_string_equal(cfg->setup.logfile, "/var/log/my pluto.log");
	assert_int_equal(cfg->setup.plutodebug, CFG_DEBUG_MESSAGES);
	assert_int_equal(cfg->count, 1);
	assert_string_equal(cfg->connections[0].sides[CFG_LEFT].id, "@#abc");
	assert_int_equal(cfg->connections[0].at.line, 8);
	cfg_free(cfg);
}

static void text_mistakes(void **state)
{
	struct cfg *cfg;

	(void)state;
	cfg = load("left=192.0.2.1\n\tright=1.2.3.4\nconfig other\nconn\n"
		   "conn c\n\tleft\n\tleft=\"192.0.2.1\n\tright=\"a\" b\n\t=x\n"
		   "conn d e\nconn f\n\tleft=192.0.2.1\n\tright=%any\n");
	expect_problem(&cfg->problems, CFG_ERROR, 1, "have to be indented");
	expect_problem(&cfg->problems, CFG_ERROR, 2, "stands in no section");
	expect_problem(&cfg->problems, CFG_ERROR, 3, "only 'config setup'");
	expect_problem(&cfg->problems, CFG_ERROR, 4, "a name must follow conn");
	expect_problem(&cfg->problems, CFG_ERROR, 6, "is no parameter");
	expect_problem(&cfg->problems, CFG_ERROR, 7, "never closed");
	expect_problem(&cfg->problems, CFG_ERROR, 8, "closing quote");
	expect_problem(&cfg->problems, CFG_ERROR, 9, "no name of a parameter");
	expect_problem(&cfg->problems, CFG_ERROR, 10, "is no name");
	assert_int_equal(cfg->count, 1);
	assert_string_equal(cfg->connections[0].name, "f");
	cfg_free(cfg);
}

static void text_includes(void **state)
{
	struct cfg *cfg;

	(void)state;
	assert_int_equal(mkdir(path_of("d"), 0755), 0);
	write_file("d/a.conf", 0644, "conn a\n\tleft=192.0.2.1\n\tright=%any\n");
	write_file("d/b.conf", 0644, "conn b\n\tleft=192.0.2.1\n\tright=%any\n"
		   "\tbad\n");
	write_file("loop.conf", 0644, "include loop.conf\n");
	cfg = load("include d/*.conf\ninclude d/none*.conf\n"
		   "include nowhere/*.conf\n"
		   "include d/missing.conf\ninclude loop.conf\n"
		   "conn c\n\tleft=192.0.2.1\n\tright=%any\n");
	assert_non_null(cfg_find(cfg, "a"));
	assert_null(cfg_find(cfg, "b"));
	assert_non_null(cfg_find(cfg, "c"));
	expect_problem(&cfg->problems, CFG_ERROR, 4, "'bad' is no parameter");
	expect_problem(&cfg->problems, CFG_ERROR, 4, "no file 'd/missing.conf'");
	expect_problem(&cfg->problems, CFG_ERROR, 1, "include itself");
	assert_int_equal(cfg->problems.errors, 3);
	cfg_free(cfg);
	assert_refused(cfg_load(path_of("none"), &cfg), "cannot be opened");
	assert_refused(cfg_load(directory, &cfg), "is a directory");
}

/* What was written this very moment may be written again without being seen. */
static struct cfg *load_settled(const char *text)
{
	struct cfg *cfg = load(text);

	while (!cfg_is_current(cfg)) {
		cfg_free(cfg);
		assert_success(cfg_load(path_of("ipsec.conf"), &cfg));
	}
	return cfg;
}

static void text_changes(void **state)
{
	static const char text[] = "include e/*.conf\ninclude e/one.txt\n";
	struct cfg *cfg;

	(void)state;
	assert_int_equal(mkdir(path_of("e"), 0755), 0);
	write_file("e/a.conf", 0644, "conn a\n\tleft=192.0.2.1\n");
	cfg = load_settled(text);
	assert_true(cfg_is_current(cfg));
	/* of the same length, and at once */
	write_file("e/a.conf", 0644, "conn a\n\tleft=192.0.2.2\n");
	assert_false(cfg_is_current(cfg));
	cfg_free(cfg);
	cfg = load(text);
	assert_false(cfg_is_current(cfg));
	cfg_free(cfg);
	cfg = load_settled(text);
	write_file("e/b.conf", 0644, "");
	assert_false(cfg_is_current(cfg));
	assert_int_equal(unlink(path_of("e/b.conf")), 0);
	assert_true(cfg_is_current(cfg));
	write_file("e/one.txt", 0644, "");
	assert_false(cfg_is_current(cfg));
	cfg_free(cfg);
}

/* ----- which parameter counts ------------------------------------------ */

static void precedence(void **state)
{
	const struct cfg_connection *c;
	struct cfg *cfg;

	(void)state;
	cfg = load("conn c\n\talso=base\n\tmtu=1400\n\tleft=192.0.2.1\n"
		   "conn base\n\tmtu=1300\n\tmetric=5\n\tright=192.0.2.2\n"
		   "\tleft=192.0.2.9\n\talso=deep\n"
		   "conn deep\n\tmetric=6\n\tpriority=7\n\talso=c\n"
		   "conn %default\n\tpriority=8\n\treqid=9\n");
	assert_int_equal(cfg->problems.count, 0);
	c = cfg_find(cfg, "c");
	assert_int_equal(c->mtu, 1400);
	assert_int_equal(c->metric, 5);
	assert_int_equal(c->priority, 7);
	assert_int_equal(c->reqid, 9);
	assert_int_equal(c->sides[CFG_LEFT].host.address.bytes[3], 1);
	cfg_free(cfg);
}

static void flipped(void **state)
{
	const struct cfg_connection *c;
	struct cfg *cfg;

	(void)state;
	cfg = load("conn c\n\talsoflip=other\n\tleftid=@own\n"
		   "conn other\n\tleft=192.0.2.1\n\tright=192.0.2.2\n"
		   "\tleftid=@west\n\trightid=@east\n\tmtu=1234\n");
	c = cfg_find(cfg, "c");
	assert_int_equal(c->sides[CFG_LEFT].host.address.bytes[3], 2);
	assert_int_equal(c->sides[CFG_RIGHT].host.address.bytes[3], 1);
	assert_string_equal(c->sides[CFG_LEFT].id, "@own");
	assert_string_equal(c->sides[CFG_RIGHT].id, "@west");
	assert_int_equal(c->mtu, 1234);
	cfg_free(cfg);
}

static void doubled(void **state)
{
	struct cfg *cfg;

	(void)state;
	cfg = load_good("\tmtu=1400\n\tmtu=1400\n");
	cfg_free(cfg);
	expect_bad("\tright=192.0.2.3\n", "another value in line 3 already");
	expect_bad("\talso=nothing\n", "no connection 'nothing'");
	cfg = load("conn c\n\tleft=192.0.2.1\n\tright=%any\n"
		   "conn c\n\tleft=192.0.2.3\n\tright=%any\n");
	expect_problem(&cfg->problems, CFG_ERROR, 4, "connection 'c' already");
	assert_int_equal(cfg->count, 1);
	cfg_free(cfg);
}

static void unknown(void **state)
{
	(void)state;
	expect_bad("\trigthsubnet=10.0.0.0/8\n", "did you mean 'rightsubnet'?");
	expect_bad("\tikelifetim=1h\n", "did you mean 'ikelifetime'?");
	expect_bad("\tplutodebug=all\n", "no parameter 'plutodebug'");
	expect_bad("\tzzzzzzzzzz=1\n", "no parameter 'zzzzzzzzzz'");
}

static void fates(void **state)
{
	const struct cfg_connection *c;
	struct cfg *cfg;

	(void)state;
	cfg = load_good("\tcompress=no\n\tkeyexchange=ike\n\tppk=yes\n"
			"\tphase2=esp\n\tcompress=no\n");
	cfg_free(cfg);
	expect_bad("\tcompress=yes\n", "'yes' can't be had: IPComp");
	expect_bad("\tppk=insist\n", "not there yet");
	expect_bad("\trightaddresspool=10.0.0.1-10.0.0.9\n", "address pools");
	cfg = load("conn %default\n\tikepad=no\nconn a\n\tleft=192.0.2.1\n"
		   "\tright=%any\nconn b\n\tleft=192.0.2.1\n\tright=%any\n");
	assert_int_equal(cfg->count, 2);
	/* told once, not for each that inherits it */
	assert_int_equal(cfg->problems.count, 1);
	expect_problem(&cfg->problems, CFG_NOTE, 2, "ikepad= has no effect");
	cfg_free(cfg);
	/* what has no effect must be right still */
	expect_bad("\tmark=red\n", "mark=: ");
	cfg = load_noted("\tmark=5/0xff\n\tmark-out=0x10\n", 2);
	expect_problem(&cfg->problems, CFG_NOTE, 4, "mark= has no effect");
	c = &cfg->connections[0];
	assert_int_equal(c->marks[0].value, 5);
	assert_int_equal(c->marks[0].mask, 0xff);
	assert_int_equal(c->marks[1].value, 0x10);
	assert_int_equal(c->marks[1].mask, UINT32_MAX);
	cfg_free(cfg);
}

static void old_names(void **state)
{
	struct cfg *cfg;

	(void)state;
	cfg = load_good("\tkeylife=1h\n\tphase2alg=aes256-sha1\n"
			"\taggrmode=no\n");
	assert_int_equal(cfg->connections[0].salifetime, 3600);
	assert_int_equal(cfg->connections[0].esp->items[0].integ.items[0].id,
			 IANA_INTEG_HMAC_SHA1_96);
	cfg_free(cfg);
}

/* Every parameter of ipsec.conf(5) of Libreswan 4.10, in its order */
static const char *const conn_of_libreswan[] = {
	"keyexchange", "hostaddrfamily", "clientaddrfamily", "type", "left",
	"leftsubnet", "leftsubnets", "leftvti", "leftaddresspool",
	"leftprotoport", "leftnexthop", "leftsourceip", "leftupdown",
	"leftcat", "leftfirewall", "auto", "authby", "ike", "phase2",
	"phase2alg", "sha2-truncbug", "ms-dh-downgrade", "dns-match-id",
	"require-id-on-certificate", "ppk", "nat-ikev1-method", "esp", "ah",
	"fragmentation", "ikepad", "ikev2", "mobike", "esn", "decap-dscp",
	"nopmtudisc", "narrowing", "sareftrack", "nic-offload", "leftid",
	"leftrsasigkey", "leftcert", "leftckaid", "leftauth", "leftautheap",
	"leftca", "leftikeport", "leftsendcert", "leftxauthserver",
	"leftxauthclient", "leftusername", "leftmodecfgserver",
	"leftmodecfgclient", "xauthby", "xauthfail", "pam-authorize",
	"modecfgpull", "modecfgdns", "modecfgdomains", "modecfgbanner",
	"remote-peer-type", "nm-configured", "encapsulation", "enable-tcp",
	"tcp-remoteport", "nat-keepalive", "initial-contact", "cisco-unity",
	"ignore-peer-dns", "accept-redirect", "accept-redirect-to",
	"send-redirect", "redirect-to", "fake-strongswan", "send-vendorid",
	"overlapip", "reqid", "dpddelay", "dpdtimeout", "dpdaction", "pfs",
	"pfsgroup", "aggressive", "salifetime", "ipsec-max-bytes",
	"ipsec-max-packets", "replay-window", "rekey", "rekeymargin",
	"rekeyfuzz", "keyingtries", "ikelifetime", "retransmit-timeout",
	"retransmit-interval", "compress", "metric", "mtu", "tfc",
	"send-no-esp-tfc", "nflog", "mark", "mark-in", "mark-out",
	"vti-interface", "vti-routing", "vti-shared", "ipsec-interface",
	"priority", "sendca", "labeled-ipsec", "policy-label", "failureshunt",
	"negotiationshunt",
};

static const char *const setup_of_libreswan[] = {
	"protostack", "listen", "ike-socket-bufsize", "ike-socket-errqueue",
	"listen-udp", "listen-tcp", "nflog-all", "keep-alive",
	"virtual-private", "myvendorid", "nhelpers", "seedbits",
	"ikev1-secctx-attr-type", "ikev1-policy", "crlcheckinterval",
	"crl-strict", "curl-iface", "curl-timeout", "ocsp-enable",
	"ocsp-strict", "ocsp-method", "ocsp-timeout", "ocsp-uri",
	"ocsp-trustname", "ocsp-cache-size", "ocsp-cache-min-age",
	"ocsp-cache-max-age", "syslog", "plutodebug", "uniqueids", "logfile",
	"logappend", "logip", "audit-log", "logtime", "ddos-mode",
	"ddos-ike-threshold", "global-redirect", "global-redirect-to",
	"max-halfopen-ike", "shuntlifetime", "xfrmlifetime", "dumpdir",
	"statsbin", "ipsecdir", "nssdir", "secretsfile", "seccomp",
	"dnssec-enable", "dnssec-rootkey-file", "dnssec-anchors",
};

static void expect_known(const char *const *names, size_t count, bool setup)
{
	unsigned int side;

	while (count--) {
		if (!cfg_keyword_find(names[count], setup, &side))
			fail_msg("there is no parameter '%s'", names[count]);
	}
}

/* Whatever it is worth here: nobody is to be told that it doesn't exist. */
static void all_of_libreswan(void **state)
{
	(void)state;
	expect_known(conn_of_libreswan, ARRAY_SIZE(conn_of_libreswan), false);
	expect_known(setup_of_libreswan, ARRAY_SIZE(setup_of_libreswan), true);
	expect_bad("\tdns-match-id=yes\n", "DNSSEC is not asked");
}

/* Each default of the table can be read, and each name is there once. */
static void table(void **state)
{
	struct cfg_proposal_pool *pool = NULL;
	union {
		struct cfg_setup setup;
		struct cfg_connection connection;
		struct cfg_side side;
	} values;
	unsigned int side;
	char name[64];
	size_t i;

	(void)state;
	for (i = 0; i < cfg_keyword_count; i++) {
		const struct cfg_keyword *keyword = &cfg_keywords[i];

		snprintf(name, sizeof(name), "%s%s",
			 keyword->scope == CFG_SCOPE_SIDE ? "right" : "",
			 keyword->name);
		assert_ptr_equal(cfg_keyword_find(name, keyword->scope ==
						  CFG_SCOPE_SETUP, &side),
				 keyword);
		assert_int_equal(side, keyword->scope == CFG_SCOPE_SIDE);
		assert_non_null(keyword->text);
		if (keyword->fate != CFG_USED || !keyword->usual)
			continue;
		memset(&values, 0, sizeof(values));
		assert_success(cfg_value_parse(keyword, keyword->usual,
					       (char *)&values +
					       keyword->offset, &pool));
	}
	cfg_proposal_pool_free(pool);
}

/* ----- values ---------------------------------------------------------- */

static void usual(void **state)
{
	const struct cfg_connection *c;
	struct cfg *cfg;

	(void)state;
	cfg = load_good("");
	c = &cfg->connections[0];
	assert_int_equal(c->type, CFG_TYPE_TUNNEL);
	assert_int_equal(c->startup, CFG_AUTO_IGNORE);
	assert_int_equal(c->ikelifetime, 28800);
	assert_int_equal(c->rekeymargin, 540);
	assert_int_equal(c->rekeyfuzz, 100);
	assert_int_equal(c->retransmit_timeout, 60000);
	assert_int_equal(c->retransmit_interval, 500);
	assert_int_equal(c->replay_window, 128);
	assert_int_equal(c->esn, CFG_AUTO);
	assert_int_equal(c->fragmentation, CFG_YES);
	assert_true(c->pfs && c->rekey && c->ikev2 && c->nat_keepalive);
	assert_false(c->narrowing || c->reauth);
	assert_int_equal(c->sides[CFG_LEFT].sendcert, CFG_SENDCERT_ALWAYS);
	assert_string_equal(c->sides[CFG_LEFT].updown, "ipsec _updown");
	assert_int_equal(c->ike->count, 2);
	assert_string_equal(cfg->setup.secretsfile, "/etc/ipsec.secrets");
	cfg_free(cfg);
}

static void times(void **state)
{
	static const struct {
		const char *text;
		uint64_t seconds;
	} cases[] = {
		{ "1h", 3600 }, { "90", 90 }, { "30s", 30 }, { "1.5h", 5400 },
		{ "0.25d", 21600 }, { "24h", 86400 }, { "15M", 900 },
	};
	struct cfg *cfg;
	char line[64];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(line, sizeof(line), "\trekey=no\n\tikelifetime=%s\n",
			 cases[i].text);
		cfg = load_good(line);
		assert_int_equal(cfg->connections[0].ikelifetime,
				 cases[i].seconds);
		cfg_free(cfg);
	}
	expect_bad("\tikelifetime=25h\n", "is no time from 10 to 86400");
	expect_bad("\tikelifetime=1y\n", "is no time");
	expect_bad("\tikelifetime=h\n", "is no time");
	expect_bad("\tikelifetime=99999999999\n", "is no time");
	expect_bad("\tretransmit-interval=0\n", "milliseconds");
	cfg = load_good("\tretransmit-timeout=10s\n"
			"\tretransmit-interval=100\n");
	assert_int_equal(cfg->connections[0].retransmit_timeout, 10000);
	assert_int_equal(cfg->connections[0].retransmit_interval, 100);
	cfg_free(cfg);
}

static void hosts(void **state)
{
	const struct cfg_host *left, *right;
	struct cfg *cfg;

	(void)state;
	cfg = load("conn a\n\tleft=%defaultroute\n\tright=vpn.example.com\n"
		   "conn b\n\tleft=%eth0\n\tright=2001:db8::1\n"
		   "conn c\n\tleft=192.0.2.1\n\tright=0.0.0.0\n");
	assert_int_equal(cfg->problems.count, 0);
	left = &cfg_find(cfg, "a")->sides[CFG_LEFT].host;
	right = &cfg_find(cfg, "a")->sides[CFG_RIGHT].host;
	assert_int_equal(left->kind, CFG_HOST_DEFAULTROUTE);
	assert_int_equal(right->kind, CFG_HOST_NAME);
	assert_string_equal(right->name, "vpn.example.com");
	left = &cfg_find(cfg, "b")->sides[CFG_LEFT].host;
	right = &cfg_find(cfg, "b")->sides[CFG_RIGHT].host;
	assert_int_equal(left->kind, CFG_HOST_INTERFACE);
	assert_string_equal(left->name, "eth0");
	assert_int_equal(right->address.length, 16);
	assert_int_equal(cfg_find(cfg, "c")->sides[CFG_RIGHT].host.kind,
			 CFG_HOST_ANY);
	cfg_free(cfg);
	expect_bad("\tleftnexthop=192.0.2.256\n", "neither an address nor");
	expect_bad("\tleftnexthop=$(id)\n", "neither an address nor");
	expect_bad("\tleftnexthop=%/../../x\n", "name of an interface");
}

static void subnets(void **state)
{
	const struct cfg_subnets *left, *right;
	struct cfg *cfg;

	(void)state;
	cfg = load_good("\tleftsubnet=10.0.1.0/255.255.255.0\n"
			"\trightsubnets={10.1.0.0/16,10.2.0.0/16 192.0.2.9}\n");
	left = &cfg->connections[0].sides[CFG_LEFT].subnets;
	right = &cfg->connections[0].sides[CFG_RIGHT].subnets;
	assert_int_equal(left->count, 1);
	assert_int_equal(left->items[0].length, 24);
	assert_int_equal(right->count, 3);
	assert_int_equal(right->items[1].address.bytes[1], 2);
	assert_int_equal(right->items[2].length, 32);
	cfg_free(cfg);
	expect_bad("\tleftsubnet=10.0.1.0/255.0.255.0\n", "10.0.1.0/255.0.255.0");
	expect_bad("\tleftsubnets={10.0.0.0/33}\n", "10.0.0.0/33");
}

/* Loads a connection with anybody. */
static struct cfg *load_anybody(const char *setup, const char *lines)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 "config setup\n%sconn c\n\tleft=192.0.2.1\n\tright=%%any\n%s",
		 setup, lines);
	return load(text);
}

static void expect_bad_anybody(const char *setup, const char *lines,
			       const char *words)
{
	struct cfg *cfg = load_anybody(setup, lines);

	assert_true(cfg->problems.count > 0);
	assert_non_null(strstr(cfg->problems.items[0].sentence, words));
	cfg_free(cfg);
}

static void virtual_networks(void **state)
{
	const struct cfg_virtual *virtual;
	struct cfg *cfg;

	(void)state;
	cfg = load_anybody("\tvirtual-private=%v4:10.0.0.0/8,%v6:fd00::/8,%v4:!10.1.0.0/16\n",
			   "\trightsubnet=vhost:%priv,%no,%v4:192.168.0.0/16\n");
	assert_int_equal(cfg->problems.count, 0);
	virtual = &cfg->setup.virtual_private;
	assert_int_equal(virtual->allowed.count, 2);
	assert_int_equal(virtual->excluded.count, 1);
	assert_int_equal(virtual->excluded.items[0].length, 16);
	virtual = cfg->connections[0].sides[CFG_RIGHT].subnets.virtual;
	assert_true(virtual->own && virtual->private && !virtual->networks);
	assert_int_equal(virtual->allowed.count, 1);
	cfg_free(cfg);
	cfg = load_anybody("", "\trightsubnetwithin=10.0.0.0/8\n");
	assert_int_equal(cfg->setup.virtual_private.allowed.count, 5);
	virtual = cfg->connections[0].sides[CFG_RIGHT].subnets.virtual;
	assert_true(virtual->networks && !virtual->own && !virtual->private);
	cfg_free(cfg);
	expect_bad_anybody("\tvirtual-private=10.0.0.0/8\n", "", "%v4:NETWORK");
	expect_bad_anybody("\tvirtual-private=%v4:fd00::/8\n", "",
			   "other family");
	expect_bad_anybody("\tvirtual-private=%priv\n", "", "'%priv' is none");
	expect_bad_anybody("", "\trightsubnet=vhost:\n", "allows nothing");
	expect_bad_anybody("", "\tleftsubnet=vhost:%priv\n",
			   "are for an end that is %any");
	expect_bad_anybody("", "\trightsubnet=vnet:%priv\n\trightsubnets=10.0.0.0/8\n",
			   "don't go together");
	expect_bad_anybody("", "\trightsubnets={vhost:%no}\n", "stands alone");
	expect_bad_anybody("", "\trightsubnet=vnet:%priv\n\ttype=transport\n",
			   "leave vhost:");
	expect_bad_anybody("", "\trightsubnet=vnet:%priv\n\trightsubnetwithin=10.0.0.0/8\n",
			   "says it already");
}

static void protoports(void **state)
{
	static const struct {
		const char *text;
		uint8_t protocol;
		uint16_t min, max;
		bool template;
	} cases[] = {
		{ "tcp/25", 6, 25, 25, false },
		{ "17/1701", 17, 1701, 1701, false },
		{ "udp", 17, 0, 65535, false },
		{ "icmp/2048", 1, 2048, 2048, false },
		{ "tcp/%any", 6, 0, 65535, true },
		{ "tcp/smtp", 6, 25, 25, false },
		{ "any", 0, 0, 65535, false },
	};
	const struct cfg_protoport *protoport;
	struct cfg *cfg;
	char line[64];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(line, sizeof(line), "\tleftprotoport=%s\n",
			 cases[i].text);
		cfg = load_good(line);
		protoport = &cfg->connections[0].sides[CFG_LEFT].protoport;
		assert_int_equal(protoport->protocol, cases[i].protocol);
		assert_int_equal(protoport->ports.min, cases[i].min);
		assert_int_equal(protoport->ports.max, cases[i].max);
		assert_int_equal(protoport->template, cases[i].template);
		cfg_free(cfg);
	}
	expect_bad("\tleftprotoport=nothing\n", "neither a protocol");
	expect_bad("\tleftprotoport=tcp/nothing\n", "neither a service");
	expect_bad("\tleftprotoport=tcp/70000\n", "70000");
	expect_bad("\tleftprotoport=any/25\n", "only with a protocol");
}

static void numbers(void **state)
{
	const struct cfg_connection *c;
	struct cfg *cfg;

	(void)state;
	cfg = load_good("\tipsec-max-bytes=2GiB\n\tipsec-max-packets=5M\n"
			"\tkeyingtries=%forever\n\trekeyfuzz=50%\n"
			"\tipsec-interface=yes\n\tesn=yes\n"
			"\tnic-offload=packet\n");
	c = &cfg->connections[0];
	assert_int_equal(c->max_bytes, 2ull << 30);
	assert_int_equal(c->max_packets, 5 << 20);
	assert_int_equal(c->keyingtries, 0);
	assert_int_equal(c->rekeyfuzz, 50);
	assert_int_equal(c->ipsec_interface, 2);
	assert_int_equal(c->esn, CFG_YES);
	assert_int_equal(c->nic_offload, CFG_FORCE);
	cfg_free(cfg);
	expect_bad("\tipsec-max-bytes=9EiB\n", "below 2^63");
	expect_bad("\tmark=red\n", "is no mark");
	expect_bad("\trekeyfuzz=50\n", "is no percentage");
	expect_bad("\tpfs=maybe\n", "neither yes nor no");
	expect_bad("\tauto=never\n", "none of ignore, add, ondemand");
	expect_bad("\tauthby=rsa,sha\n", "'sha' is none of");
	expect_bad("\tmtu=67\n", "number from 68 to 65535");
	expect_bad("\tipsec-interface=ipsec1\n", "not a number");
}

static void authentication(void **state)
{
	struct cfg *cfg;

	(void)state;
	cfg = load_good("\tauthby=secret|rsasig\n");
	assert_int_equal(cfg->connections[0].authby,
			 CFG_AUTH_SECRET | CFG_AUTH_RSASIG);
	cfg_free(cfg);
	cfg = load_good("\tleftauth=ecdsa\n\trightauth=secret\n");
	assert_int_equal(cfg->connections[0].sides[CFG_LEFT].auth,
			 CFG_AUTH_ECDSA);
	cfg_free(cfg);
}

static void whole(void **state)
{
#define ENDS "\tleft=192.0.2.1\n\tright=192.0.2.2\n"
	(void)state;
	expect_unfit("\tleft=192.0.2.1\n", "right= is missing");
	expect_unfit("\tleft=%any\n\tright=%any\n", "one end must be known");
	expect_unfit("\tleft=%defaultroute\n\tright=%defaultroute\n",
		     "one end must be known");
	expect_unfit("\tleft=192.0.2.1\n\tright=2001:db8::1\n",
		     "left= is IPv4 and right= is IPv6");
	expect_unfit("\tleft=192.0.2.1\n\tright=%opportunisticgroup\n",
		     "not there yet");
	expect_unfit(ENDS "\tikev2=no\n", "IKEv1 is not there yet");
	expect_unfit(ENDS "\ttype=transport\n\tleftsubnet=10.0.0.0/8\n",
		     "type=transport is between the two ends");
	expect_unfit(ENDS "\tleftsubnet=10.0.0.0/8\n"
		     "\trightsubnet=2001:db8::/32\n", "same family");
	expect_unfit(ENDS "\tleftauth=rsasig\n", "belong together");
	expect_unfit(ENDS "\tleftauth=rsasig\n\trightauth=rsasig\n"
		     "\tauthby=secret\n", "leave one of them out");
	expect_unfit(ENDS "\tauthby=never\n", "type=passthrough");
	expect_unfit(ENDS "\tsalifetime=10m\n", "rekeymargin=");
#undef ENDS
}

static void equality(void **state)
{
	struct cfg *one, *other;

	(void)state;
	one = load_good("\tmtu=1400\n\tmetric=3\n");
	other = load_good("\tmetric=3\n\tmtu=1400\n");
	assert_true(cfg_connection_equal(one->connections,
					 other->connections));
	cfg_free(other);
	other = load_good("\tmetric=3\n\tmtu=1401\n");
	assert_false(cfg_connection_equal(one->connections,
					  other->connections));
	cfg_free(other);
	other = load_good("\tmetric=3\n");
	assert_false(cfg_connection_equal(one->connections,
					  other->connections));
	cfg_free(other);
	cfg_free(one);
}

/* ----- proposals ------------------------------------------------------- */

static void expect_transforms(const struct cfg_transforms *transforms,
			      const char *wanted)
{
	char text[256] = "", *end = text;
	size_t i;

	for (i = 0; i < transforms->count; i++) {
		end += sprintf(end, "%s%u", i ? " " : "",
			       transforms->items[i].id);
		if (transforms->items[i].key_bits)
			end += sprintf(end, "/%u",
				       transforms->items[i].key_bits);
	}
	assert_string_equal(text, wanted);
}

static void proposals(void **state)
{
	static const struct {
		const char *text;
		bool ike;
		const char *encr, *prf, *integ, *ke;
	} cases[] = {
		{ "aes256-sha2;dh19", true, "12/256", "5", "12", "19" },
		{ "aes_gcm256-sha2_512-dh14", true, "20/256", "7", "", "14" },
		{ "AES_GCM_16_128-sha2", true, "20/128", "5", "",
		  "31 19 20 21 14 15 16 17 18" },
		{ "aes", true, "12/256 12/128", "7 5", "14 12",
		  "31 19 20 21 14 15 16 17 18" },
		{ "3des-sha1;modp1024", true, "3", "2", "2", "2" },
		{ "aes128-aes_xcbc-dh31", true, "12/128", "4", "5", "31" },
		{ "aes256+aes128-sha2_512+sha2_256-dh14+ecp384", true,
		  "12/256 12/128", "7 5", "14 12", "14 20" },
		{ "aes_gcm-null", false, "20/256 20/128", "", "", "" },
		{ "chacha20_poly1305", false, "28", "", "", "" },
		{ "aes128-sha1", false, "12/128", "", "2", "" },
		{ "aes_ccm_a128", false, "14/128", "", "", "" },
		{ "aes_gcm_b_192;dh2", false, "19/192", "", "", "2" },
		{ "null-sha2_256", false, "11", "", "12", "" },
		{ "aes_gmac128", false, "21/128", "", "", "" },
		{ "aes_ctr256-sha512-modp8192", false, "13/256", "", "14",
		  "18" },
	};
	struct cfg_proposals read;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_success(cfg_proposals_parse(cases[i].text, cases[i].ike,
						   &read));
		assert_int_equal(read.count, 1);
		expect_transforms(&read.items[0].encr, cases[i].encr);
		expect_transforms(&read.items[0].prf, cases[i].prf);
		expect_transforms(&read.items[0].integ, cases[i].integ);
		expect_transforms(&read.items[0].ke, cases[i].ke);
	}
	assert_success(cfg_proposals_parse("aes_gcm, aes256-sha2", false,
					   &read));
	assert_int_equal(read.count, 2);
}

static void proposal_refusals(void **state)
{
	static const struct {
		const char *text;
		bool ike;
		const char *words;
	} cases[] = {
		{ "", true, "is empty" },
		{ "aes,,aes", true, "is empty" },
		{ "aes256-sha3", true, "no integrity algorithm 'sha3'" },
		{ "aess256", true, "no encryption algorithm 'aess256'" },
		{ "blowfish", false, "no encryption algorithm 'blowfish'" },
		{ "aes512", false, "no key of 512 bits" },
		{ "3des256", false, "no key of 256 bits" },
		{ "aes256-sha2-dh1", true, "no key exchange algorithm 'dh1'" },
		{ "aes256-sha2-dh22", true, "'dh22'" },
		{ "aes256-sha2-sha1", true, "is no key exchange" },
		{ "aes256-sha2-dh14-dh19", true, "is too much" },
		{ "aes256--dh14", true, "is missing beside" },
		{ "-sha2", true, "an encryption algorithm is missing" },
		{ "null-sha2", true, "IKE itself must be encrypted" },
		{ "aes_gmac", true, "IKE itself must be encrypted" },
		{ "null-null", false, "without integrity is not safe" },
		{ "aes256-null", false, "without integrity is not safe" },
		{ "aes_gcm-sha2", false, "brings integrity along" },
		{ "aes+aes_gcm", false, "can't stand beside" },
		{ "aes aes_gcm", false, "commas stand between" },
	};
	struct cfg_proposals read;
	char many[400] = "aes";
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		assert_usage(cfg_proposals_parse(cases[i].text, cases[i].ike,
						 &read), cases[i].words);
	for (i = 0; i < CFG_PROPOSALS_MAX; i++)
		strcat(many, ",aes");
	assert_usage(cfg_proposals_parse(many, true, &read), "more than 16");
}

/* ----- secrets --------------------------------------------------------- */

static void load_secrets(const char *text, struct cfg_secrets *secrets)
{
	write_file("ipsec.secrets", 0600, text);
	assert_success(cfg_secrets_load(path_of("ipsec.secrets"), secrets));
}

static void expect_secret(const struct cfg_secrets *secrets, const char *own,
			  const char *peer, const char *wanted)
{
	const struct cfg_secret *found;

	found = cfg_secret_find(secrets, CFG_SECRET_PSK, own, peer);
	if (!wanted) {
		assert_null(found);
		return;
	}
	assert_non_null(found);
	assert_int_equal(found->length, strlen(wanted));
	assert_memory_equal(found->bytes, wanted, strlen(wanted));
}

static void secrets_found(void **state)
{
	struct cfg_secrets secrets;

	(void)state;
	load_secrets("# whom, and what\n"
		     "10.1.0.1 10.2.0.1 : PSK \"both\"\n"
		     "%any gateway.corp.com : PSK \"road\"\n"
		     "@west @east: PSK 0x77_65_7374\n"
		     "www.xs4all.nl @www.kremvax.ru\n"
		     "    10.6.0.1 10.7.0.1 1.8.0.1 : PSK\n"
		     "\t\"five systems\" # together\n"
		     "@only : PSK 0sb25seQ==\n"
		     "2001:db8:: 2001:db8::2 : PSK 0tsix\n"
		     ": PSK 'all others'\n"
		     "@user : XAUTH \"pass\"\n"
		     "10.1.0.1 10.2.0.1 : PPKS \"id 1\" \"quantum\"\n"
		     ": P12 /opt/a.p12 \"pass word\"\n: P12 /b 0x2e2e\n",
		     &secrets);
	assert_int_equal(secrets.problems.errors, 0);
	assert_int_equal(secrets.count, 11);
	expect_secret(&secrets, "10.1.0.1", "10.2.0.1", "both");
	expect_secret(&secrets, "10.2.0.1", "10.1.0.1", "both");
	expect_secret(&secrets, "gateway.corp.com", "10.9.9.9", "road");
	expect_secret(&secrets, "@WEST", "@east", "west");
	expect_secret(&secrets, "10.7.0.1", "@www.kremvax.ru", "five systems");
	expect_secret(&secrets, "@only", "@somebody", "only");
	expect_secret(&secrets, "2001:db8:0::2", "2001:db8::", "six");
	expect_secret(&secrets, "@nobody", "@none", "all others");
	assert_string_equal(cfg_secret_find(&secrets, CFG_SECRET_PPK,
					    "10.1.0.1", "10.2.0.1")->name,
			    "id 1");
	assert_string_equal(cfg_secret_password(&secrets, "/opt/a.p12"),
			    "pass word");
	assert_string_equal(cfg_secret_password(&secrets, "/b"), "..");
	assert_null(cfg_secret_password(&secrets, "/opt/b.p12"));
	assert_non_null(cfg_secret_find(&secrets, CFG_SECRET_XAUTH, "@user",
					"@x"));
	cfg_secrets_free(&secrets);
	load_secrets("@a @b : PSK \"x\"\n", &secrets);
	expect_secret(&secrets, "@a", "@c", NULL);
	cfg_secrets_free(&secrets);
}

static void secret_mistakes(void **state)
{
	struct cfg_secrets secrets;

	(void)state;
	load_secrets("@a @b PSK \"x\"\n"
		     "@a @b : PSK hunter2\n"
		     "@a @b : PSK \"x\" \"y\"\n"
		     "@a @b : PSK\n"
		     "@a @b :\n"
		     "@a @b : PSK \"never closed\n"
		     "@a @b : PASSWORD \"x\"\n"
		     "@a @b : PSK 0x123\n"
		     "@a @b : PSK 0sb25s!\n"
		     "@a @b : PSK \"\"\n"
		     ": RSA {\n\tModulus: 0x12\n\t}\n"
		     "include\t\n"
		     "@a @b : PSK \"good\"\n"
		     ": P12 a.p12 \"hunter2\"\n"
		     ": P12 /a.p12 0x1200\n", &secrets);
	expect_problem(&secrets.problems, CFG_ERROR, 1, "a colon");
	expect_problem(&secrets.problems, CFG_ERROR, 2, "double quotes");
	expect_problem(&secrets.problems, CFG_ERROR, 3, "2 words follow");
	expect_problem(&secrets.problems, CFG_ERROR, 4, "0 words follow");
	expect_problem(&secrets.problems, CFG_ERROR, 5, "is missing behind");
	expect_problem(&secrets.problems, CFG_ERROR, 6, "never closed");
	expect_problem(&secrets.problems, CFG_ERROR, 7, "none of PSK");
	expect_problem(&secrets.problems, CFG_ERROR, 8, "two hexadecimal");
	expect_problem(&secrets.problems, CFG_ERROR, 9, "base64");
	expect_problem(&secrets.problems, CFG_ERROR, 10, "is empty");
	expect_problem(&secrets.problems, CFG_NOTE, 11, "key store");
	expect_problem(&secrets.problems, CFG_ERROR, 14, "must follow include");
	expect_problem(&secrets.problems, CFG_ERROR, 16, "whole path");
	expect_problem(&secrets.problems, CFG_ERROR, 17, "zero byte");
	assert_int_equal(secrets.problems.errors, 13);
	/* no sentence quotes what could be a secret */
	for (size_t i = 0; i < secrets.problems.count; i++)
		assert_null(strstr(secrets.problems.items[i].sentence,
				   "hunter2"));
	assert_int_equal(secrets.count, 1);
	expect_problem(&secrets.problems, CFG_NOTE, 15, "can be guessed");
	cfg_secrets_free(&secrets);
}

/* An entry whose quote is never closed is left out whole, whatever follows it. */
static void expect_unclosed(const char *text)
{
	struct cfg_secrets secrets;

	load_secrets(text, &secrets);
	expect_problem(&secrets.problems, CFG_ERROR, 1, "never closed");
	assert_int_equal(secrets.problems.errors, 1);
	assert_int_equal(secrets.count, 1);
	expect_secret(&secrets, "@a", "@b", "good");
	cfg_secrets_free(&secrets);
}

static void secret_unclosed(void **state)
{
	char text[4096] = "";
	unsigned int i;

	(void)state;
	expect_unclosed("10.0.0.1 10.0.0.2 : \"unclosed\n"
			"    more\n"
			"@a @b : PSK \"good\"\n");
	expect_unclosed("@a @b : PSK \"unclosed\n"
			"    : PSK \"of nobody\"\n"
			"@a @b : PSK \"good\"\n");
	/* as many words before the colon as there is room for */
	for (i = 0; i < 512; i++)
		strcat(text, "@a ");
	strcat(text, ": \"unclosed\n\tmore\n@a @b : PSK \"good\"\n");
	expect_unclosed(text);
}

static void secrets_are_private(void **state)
{
	struct cfg_secrets secrets;

	(void)state;
	write_file("ipsec.secrets", 0644, "@a @b : PSK \"x\"\n");
	assert_refused(cfg_secrets_load(path_of("ipsec.secrets"), &secrets),
		       "ipsec.secrets");
	cfg_secrets_free(&secrets);
	write_file("more.secrets", 0640, "@a @b : PSK \"x\"\n");
	load_secrets("include more.*\n", &secrets);
	expect_problem(&secrets.problems, CFG_ERROR, 1, "more.secrets");
	assert_int_equal(secrets.count, 0);
	cfg_secrets_free(&secrets);
}

static int make_directory(void **state)
{
	(void)state;
	return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
	char command[256];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf -- '%s'", directory);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_forms),
		cmocka_unit_test(text_mistakes),
		cmocka_unit_test(text_includes),
		cmocka_unit_test(text_changes),
		cmocka_unit_test(precedence),
		cmocka_unit_test(flipped),
		cmocka_unit_test(doubled),
		cmocka_unit_test(unknown),
		cmocka_unit_test(fates),
		cmocka_unit_test(old_names),
		cmocka_unit_test(all_of_libreswan),
		cmocka_unit_test(table),
		cmocka_unit_test(usual),
		cmocka_unit_test(times),
		cmocka_unit_test(hosts),
		cmocka_unit_test(subnets),
		cmocka_unit_test(virtual_networks),
		cmocka_unit_test(protoports),
		cmocka_unit_test(numbers),
		cmocka_unit_test(authentication),
		cmocka_unit_test(whole),
		cmocka_unit_test(equality),
		cmocka_unit_test(proposals),
		cmocka_unit_test(proposal_refusals),
		cmocka_unit_test(secrets_found),
		cmocka_unit_test(secret_mistakes),
		cmocka_unit_test(secret_unclosed),
		cmocka_unit_test(secrets_are_private),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
