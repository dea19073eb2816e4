// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of parameters, and looking things up in it.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "config/keyword.h"
#include "config/model.h"
#include "lib/array.h"
#include "lib/suggest.h"

static const struct cfg_choice ddos_modes[] = {
	{ "auto", CFG_AUTO },
	{ "busy", CFG_YES },
	{ "unlimited", CFG_NO },
	{ 0 }
};

/* There is one kind of them, whatever it is called. */
static const struct cfg_choice debugs[] = {
	{ "none", 0 },
	{ "base", CFG_DEBUG_MESSAGES },
	{ "all", CFG_DEBUG_MESSAGES },
	{ "tmi", CFG_DEBUG_MESSAGES },
	{ "crypt", CFG_DEBUG_MESSAGES },
	{ "cpu-usage", CFG_DEBUG_MESSAGES },
	{ "private", CFG_DEBUG_MESSAGES },
	{ "control", CFG_DEBUG_MESSAGES },
	{ "controlmore", CFG_DEBUG_MESSAGES },
	{ "parsing", CFG_DEBUG_MESSAGES },
	{ "raw", CFG_DEBUG_MESSAGES },
	{ "emitting", CFG_DEBUG_MESSAGES },
	{ "lifecycle", CFG_DEBUG_MESSAGES },
	{ "kernel", CFG_DEBUG_MESSAGES },
	{ "dns", CFG_DEBUG_MESSAGES },
	{ "oppo", CFG_DEBUG_MESSAGES },
	{ "oppoinfo", CFG_DEBUG_MESSAGES },
	{ "x509", CFG_DEBUG_MESSAGES },
	{ "dpd", CFG_DEBUG_MESSAGES },
	{ "natt", CFG_DEBUG_MESSAGES },
	{ "nattraversal", CFG_DEBUG_MESSAGES },
	{ "retransmits", CFG_DEBUG_MESSAGES },
	{ 0 }
};

static const struct cfg_choice autos[] = {
	{ "ignore", CFG_AUTO_IGNORE },
	{ "add", CFG_AUTO_ADD },
	{ "ondemand", CFG_AUTO_ONDEMAND },
	{ "route", CFG_AUTO_ONDEMAND },
	{ "start", CFG_AUTO_START },
	{ "up", CFG_AUTO_START },
	{ "keep", CFG_AUTO_KEEP },
	{ 0 }
};

static const struct cfg_choice types[] = {
	{ "tunnel", CFG_TYPE_TUNNEL },
	{ "transport", CFG_TYPE_TRANSPORT },
	{ "passthrough", CFG_TYPE_PASSTHROUGH },
	{ "pass", CFG_TYPE_PASSTHROUGH },
	{ "drop", CFG_TYPE_DROP },
	{ "reject", CFG_TYPE_REJECT },
	{ 0 }
};

static const struct cfg_choice auths[] = {
	{ "secret", CFG_AUTH_SECRET },
	{ "psk", CFG_AUTH_SECRET },
	{ "rsasig", CFG_AUTH_RSASIG },
	{ "rsa", CFG_AUTH_RSASIG },
	{ "rsa-sha1", CFG_AUTH_RSA_SHA1 },
	{ "rsa-sha2", CFG_AUTH_RSA_SHA2_256 },
	{ "rsa-sha2_256", CFG_AUTH_RSA_SHA2_256 },
	{ "rsa-sha2_384", CFG_AUTH_RSA_SHA2_384 },
	{ "rsa-sha2_512", CFG_AUTH_RSA_SHA2_512 },
	{ "ecdsa", CFG_AUTH_ECDSA },
	{ "ecdsa-sha2", CFG_AUTH_ECDSA },
	{ "ecdsa-sha2_256", CFG_AUTH_ECDSA },
	{ "ecdsa-sha2_384", CFG_AUTH_ECDSA },
	{ "ecdsa-sha2_512", CFG_AUTH_ECDSA },
	{ "eddsa", CFG_AUTH_EDDSA },
	{ "never", CFG_AUTH_NEVER },
	{ "null", CFG_AUTH_NULL },
	{ "eaponly", CFG_AUTH_EAPONLY },
	{ 0 }
};

static const struct cfg_choice ikev2s[] = {
	{ "yes", true },
	{ "insist", true },
	{ "propose", true },
	{ "no", false },
	{ "never", false },
	{ "permit", false },
	{ 0 }
};

static const struct cfg_choice dpdactions[] = {
	{ "hold", CFG_DPD_HOLD },
	{ "clear", CFG_DPD_CLEAR },
	{ "restart", CFG_DPD_RESTART },
	{ "restart_by_peer", CFG_DPD_RESTART },
	{ 0 }
};

static const struct cfg_choice fragmentations[] = {
	{ "yes", CFG_YES },
	{ "no", CFG_NO },
	{ "force", CFG_FORCE },
	{ "insist", CFG_FORCE },
	{ 0 }
};

static const struct cfg_choice yes_no_autos[] = {
	{ "auto", CFG_AUTO },
	{ "yes", CFG_YES },
	{ "no", CFG_NO },
	{ 0 }
};

static const struct cfg_choice esns[] = {
	{ "either", CFG_AUTO },
	{ "yes", CFG_YES },
	{ "no", CFG_NO },
	{ 0 }
};

static const struct cfg_choice nic_offloads[] = {
	{ "auto", CFG_AUTO },
	{ "yes", CFG_YES },
	{ "crypto", CFG_YES },
	{ "packet", CFG_FORCE },
	{ "no", CFG_NO },
	{ 0 }
};

static const struct cfg_choice shunts[] = {
	{ "none", CFG_SHUNT_NONE },
	{ "passthrough", CFG_SHUNT_PASS },
	{ "pass", CFG_SHUNT_PASS },
	{ "drop", CFG_SHUNT_DROP },
	{ "reject", CFG_SHUNT_REJECT },
	{ 0 }
};

static const struct cfg_choice negotiation_shunts[] = {
	{ "hold", CFG_SHUNT_HOLD },
	{ "drop", CFG_SHUNT_HOLD },
	{ "passthrough", CFG_SHUNT_PASS },
	{ "pass", CFG_SHUNT_PASS },
	{ 0 }
};

static const struct cfg_choice sendcerts[] = {
	{ "always", CFG_SENDCERT_ALWAYS },
	{ "yes", CFG_SENDCERT_ALWAYS },
	{ "alwayssend", CFG_SENDCERT_ALWAYS },
	{ "sendifasked", CFG_SENDCERT_IF_ASKED },
	{ "ifasked", CFG_SENDCERT_IF_ASKED },
	{ "no", CFG_SENDCERT_NEVER },
	{ "never", CFG_SENDCERT_NEVER },
	{ 0 }
};

#define SETUP(member) offsetof(struct cfg_setup, member)
#define CONN(member) offsetof(struct cfg_connection, member)
#define SIDE(member) offsetof(struct cfg_side, member)

const struct cfg_keyword cfg_keywords[] = {
	{ "listen", CFG_SCOPE_SETUP, CFG_USED, CFG_VALUE_ADDRESS,
	  NULL, 0, 0, SETUP(listen), NULL,
	  "the address to listen on, all by itself" },
	{ "listen-udp", CFG_SCOPE_SETUP, CFG_REFUSED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, "yes",
	  "IKE goes by UDP ports 500 and 4500 only" },
	{ "listen-tcp", CFG_SCOPE_SETUP, CFG_REFUSED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, "no",
	  "TCP encapsulation (RFC 9329) is not there yet" },
	{ "logfile", CFG_SCOPE_SETUP, CFG_USED, CFG_VALUE_TEXT,
	  NULL, 0, 0, SETUP(logfile), NULL,
	  "log to this file instead of syslog" },
	{ "logappend", CFG_SCOPE_SETUP, CFG_USED, CFG_VALUE_BOOL,
	  NULL, 0, 0, SETUP(logappend), "yes",
	  "add to the log file instead of beginning it anew" },
	{ "logtime", CFG_SCOPE_SETUP, CFG_USED, CFG_VALUE_BOOL,
	  NULL, 0, 0, SETUP(logtime), "yes",
	  "begin each line of the log file with the time" },
	{ "logip", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_BOOL,
	  NULL, 0, 0, SETUP(logip), NULL,
	  "peers' addresses are always logged" },
	{ "plutodebug", CFG_SCOPE_SETUP, CFG_USED, CFG_VALUE_SET,
	  debugs, 0, 0, SETUP(plutodebug), "none",
	  "with base, all or any other word of Libreswan's each IKE message is logged with its payloads; never a key" },
	{ "uniqueids", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_BOOL,
	  NULL, 0, 0, SETUP(uniqueids), NULL,
	  "a peer that begins anew says itself that its old IKE SA is gone (INITIAL_CONTACT)" },
	{ "keep-alive", CFG_SCOPE_SETUP, CFG_USED, CFG_VALUE_TIME,
	  NULL, 1, 3600, SETUP(keep_alive), "20",
	  "time between NAT keepalives" },
	{ "ddos-mode", CFG_SCOPE_SETUP, CFG_USED, CFG_VALUE_CHOICE,
	  ddos_modes, 0, 0, SETUP(ddos_mode), "auto",
	  "when to ask for cookies: busy always, unlimited never" },
	{ "ddos-ike-threshold", CFG_SCOPE_SETUP, CFG_USED, CFG_VALUE_NUMBER,
	  NULL, 0, 10000000, SETUP(ddos_threshold), "25000",
	  "half-open IKE SAs from which on cookies are asked for" },
	{ "max-halfopen-ike", CFG_SCOPE_SETUP, CFG_USED, CFG_VALUE_NUMBER,
	  NULL, 1, 10000000, SETUP(max_halfopen), "50000",
	  "half-open IKE SAs that there may be" },
	{ "crl-strict", CFG_SCOPE_SETUP, CFG_USED, CFG_VALUE_BOOL,
	  NULL, 0, 0, SETUP(crl_strict), "no",
	  "a certificate counts only if a current list of the revoked ones is there" },
	{ "crlcheckinterval", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_TIME,
	  NULL, 0, UINT32_MAX, SETUP(crl_interval), NULL,
	  "lists of revoked certificates are read when the daemon starts and at 'ipsec auto --rereadall'" },
	{ "ipsecdir", CFG_SCOPE_SETUP, CFG_USED, CFG_VALUE_TEXT,
	  NULL, 0, 0, SETUP(ipsecdir), "/etc/ipsec.d",
	  "the directory of keys, certificates and policy groups" },
	{ "secretsfile", CFG_SCOPE_SETUP, CFG_USED, CFG_VALUE_TEXT,
	  NULL, 0, 0, SETUP(secretsfile), "/etc/ipsec.secrets",
	  "the file of secrets" },
	{ "nhelpers", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_WORKERS,
	  NULL, 0, 1024, SETUP(nhelpers), NULL,
	  "one process calculates, another one signs" },
	{ "myvendorid", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_TEXT,
	  NULL, 0, 0, SETUP(myvendorid), NULL,
	  "send-vendorid=yes tells the name of the program" },
	{ "ike-socket-errqueue", CFG_SCOPE_SETUP, CFG_USED, CFG_VALUE_BOOL,
	  NULL, 0, 0, SETUP(errqueue), "yes",
	  "ask the kernel for ICMP errors" },
	{ "ike-socket-bufsize", CFG_SCOPE_SETUP, CFG_USED, CFG_VALUE_NUMBER,
	  NULL, 0, INT32_MAX, SETUP(socket_buffer), "0",
	  "bytes of the sockets' buffers; 0 leaves them" },
	{ "shuntlifetime", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_TIME,
	  NULL, 0, UINT32_MAX, SETUP(shuntlifetime), NULL,
	  "no policy is without a connection" },
	{ "protostack", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "there is one protocol stack, the module espvif" },
	{ "interfaces", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "the daemon listens on all addresses, or on that of listen=" },
	{ "nssdir", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "keys and certificates are kept in the directory of ipsecdir=" },
	{ "syslog", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "messages go to the facility of daemons" },
	{ "audit-log", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "the audit system is not written to" },
	{ "dumpdir", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "the daemon never dumps its memory: there are keys in it" },
	{ "statsbin", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "no program is run when a tunnel changes: ipsec monitor tells" },
	{ "seedbits", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "random numbers come from the kernel" },
	{ "seccomp", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "the daemon always limits its system calls" },
	{ "dnssec-enable", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "DNSSEC is not asked yet" },
	{ "dnssec-rootkey-file", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "DNSSEC is not asked yet" },
	{ "dnssec-anchors", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "DNSSEC is not asked yet" },
	{ "curl-iface", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "lists of revoked certificates are not fetched yet" },
	{ "curl-timeout", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "lists of revoked certificates are not fetched yet" },
	{ "ocsp-enable", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "OCSP servers are not asked yet" },
	{ "ocsp-strict", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "OCSP servers are not asked yet" },
	{ "ocsp-method", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "OCSP servers are not asked yet" },
	{ "ocsp-timeout", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "OCSP servers are not asked yet" },
	{ "ocsp-uri", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "OCSP servers are not asked yet" },
	{ "ocsp-trustname", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "OCSP servers are not asked yet" },
	{ "ocsp-cache-size", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "OCSP servers are not asked yet" },
	{ "ocsp-cache-min-age", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "OCSP servers are not asked yet" },
	{ "ocsp-cache-max-age", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "OCSP servers are not asked yet" },
	{ "xfrmlifetime", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "packets wait 30 seconds for an SA" },
	{ "nflog-all", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "packets are not copied to NFLOG: capture on the device" },
	{ "ikev1-secctx-attr-type", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "security labels are not there" },
	{ "ikev1-policy", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "IKEv1 is not there yet: such packets are dropped" },
	{ "drop-oppo-null", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "opportunistic connections are not there yet" },
	{ "global-redirect", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "redirection (RFC 5685) is not there yet" },
	{ "global-redirect-to", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "redirection (RFC 5685) is not there yet" },
	{ "virtual-private", CFG_SCOPE_SETUP, CFG_USED, CFG_VALUE_VIRTUAL,
	  NULL, 0, 0, SETUP(virtual_private),
	  "%v4:10.0.0.0/8,%v4:172.16.0.0/12,%v4:192.168.0.0/16,%v4:100.64.0.0/10,%v6:fc00::/7",
	  "where peers may be that come from behind a NAT; a network with ! before it is left out" },
	{ "myid", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "leftid= tells the ID of each connection" },
	{ "fragicmp", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "path MTU discovery needs no help" },
	{ "hidetos", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "DSCP is copied outwards unless a connection says otherwise" },
	{ "klipsdebug", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "there is no KLIPS" },
	{ "oe", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "opportunistic connections have sections of their own" },
	{ "nat_traversal", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "NAT traversal is always on" },
	{ "force_keepalive", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "nat-keepalive= tells it for each connection" },
	{ "plutofork", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "the daemon decides" },
	{ "perpeerlog", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "there is one log" },
	{ "perpeerlogdir", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "there is one log" },
	{ "secctx_attr_value", CFG_SCOPE_SETUP, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "security labels are not there" },
	{ "auto", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_CHOICE,
	  autos, 0, 0, CONN(startup), "ignore",
	  "what to do when the daemon starts: add loads it, ondemand also traps its traffic, start brings it up, keep holds it up once the peer has brought it up" },
	{ "type", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_CHOICE,
	  types, 0, 0, CONN(type), "tunnel",
	  "tunnel or transport mode; passthrough and drop are policies without SAs, and reject is the same as drop" },
	{ "authby", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_SET,
	  auths, 0, 0, CONN(authby), NULL,
	  "how both ends authenticate; rsasig,ecdsa and EdDSA by itself" },
	{ "ikev2", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_CHOICE,
	  ikev2s, 0, 0, CONN(ikev2), "yes",
	  "IKEv2; no would be IKEv1, which is not there yet" },
	{ "ike", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_IKE,
	  NULL, 0, 0, CONN(ike), NULL,
	  "algorithms for the IKE SA" },
	{ "esp", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_ESP,
	  NULL, 0, 0, CONN(esp), NULL,
	  "algorithms for the traffic" },
	{ "pfs", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_BOOL,
	  NULL, 0, 0, CONN(pfs), "yes",
	  "renewed keys come from a new key exchange" },
	{ "ikelifetime", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_TIME,
	  NULL, 10, 86400, CONN(ikelifetime), "8h",
	  "how long an IKE SA lasts" },
	{ "salifetime", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_TIME,
	  NULL, 10, 86400, CONN(salifetime), "8h",
	  "how long the SAs of the traffic last" },
	{ "ipsec-max-bytes", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_AMOUNT,
	  NULL, 0, INT64_MAX, CONN(max_bytes), "0",
	  "bytes that an SA may carry; 0 is 2^63" },
	{ "ipsec-max-packets", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_AMOUNT,
	  NULL, 0, INT64_MAX, CONN(max_packets), "0",
	  "packets that an SA may carry; 0 is 2^63" },
	{ "rekey", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_BOOL,
	  NULL, 0, 0, CONN(rekey), "yes",
	  "renew SAs before they end" },
	{ "reauth", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_BOOL,
	  NULL, 0, 0, CONN(reauth), "no",
	  "renew the IKE SA by authenticating anew" },
	{ "rekeymargin", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_TIME,
	  NULL, 0, 86400, CONN(rekeymargin), "9m",
	  "how long before the end that begins" },
	{ "rekeyfuzz", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_PERCENT,
	  NULL, 0, 10000, CONN(rekeyfuzz), "100%",
	  "by how much rekeymargin grows at random" },
	{ "keyingtries", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_TRIES,
	  NULL, 0, UINT32_MAX, CONN(keyingtries), "%forever",
	  "attempts before giving up" },
	{ "retransmit-timeout", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_MILLISECONDS,
	  NULL, 1000, 3600000, CONN(retransmit_timeout), "60s",
	  "how long a request is repeated" },
	{ "retransmit-interval", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_MILLISECONDS,
	  NULL, 1, 60000, CONN(retransmit_interval), "500",
	  "how long to wait before the first repetition; doubled each time" },
	{ "dpddelay", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_TIME,
	  NULL, 0, 86400, CONN(dpddelay), "0",
	  "ask a peer that has been silent for so long; 0 never" },
	{ "dpdtimeout", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_TIME,
	  NULL, 0, 86400, CONN(dpdtimeout), "0",
	  "for IKEv1; with IKEv2 retransmit-timeout decides" },
	{ "dpdaction", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_CHOICE,
	  dpdactions, 0, 0, CONN(dpdaction), "hold",
	  "what to do about a dead peer" },
	{ "fragmentation", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_CHOICE,
	  fragmentations, 0, 0, CONN(fragmentation), "yes",
	  "cut large IKE messages (RFC 7383)" },
	{ "encapsulation", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_CHOICE,
	  yes_no_autos, 0, 0, CONN(encapsulation), "auto",
	  "ESP in UDP: by itself behind NAT" },
	{ "nat-keepalive", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_BOOL,
	  NULL, 0, 0, CONN(nat_keepalive), "yes",
	  "send NAT keepalives" },
	{ "narrowing", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_BOOL,
	  NULL, 0, 0, CONN(narrowing), "no",
	  "the peer may make selectors narrower" },
	{ "esn", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_CHOICE,
	  esns, 0, 0, CONN(esn), "either",
	  "extended sequence numbers" },
	{ "replay-window", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_NUMBER,
	  NULL, 0, 4096, CONN(replay_window), "128",
	  "packets that may overtake each other; 0 is no replay protection" },
	{ "initial-contact", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_BOOL,
	  NULL, 0, 0, CONN(initial_contact), "yes",
	  "tell the peer to forget older SAs" },
	{ "send-vendorid", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_BOOL,
	  NULL, 0, 0, CONN(send_vendorid), "no",
	  "tell the peer what we are" },
	{ "require-id-on-certificate", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_BOOL,
	  NULL, 0, 0, CONN(require_id_on_certificate), "yes",
	  "the peer's ID must stand in its certificate" },
	{ "nic-offload", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_CHOICE,
	  nic_offloads, 0, 0, CONN(nic_offload), "auto",
	  "let network cards encrypt" },
	{ "decap-dscp", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_BOOL,
	  NULL, 0, 0, CONN(decap_dscp), NULL,
	  "inner headers stay as they were" },
	{ "nopmtudisc", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_BOOL,
	  NULL, 0, 0, CONN(nopmtudisc), "no",
	  "don't copy DF to outer headers" },
	{ "mtu", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_NUMBER,
	  NULL, 68, 65535, CONN(mtu), NULL,
	  "of the routes" },
	{ "metric", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_NUMBER,
	  NULL, 0, UINT32_MAX, CONN(metric), "1",
	  "of the routes" },
	{ "priority", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_NUMBER,
	  NULL, 0, UINT32_MAX, CONN(priority), "0",
	  "of the policies; 0 puts the smaller networks first" },
	{ "reqid", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_NUMBER,
	  NULL, 0, 16379, CONN(reqid), "0",
	  "told to updown as REQID" },
	{ "tfc", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_NUMBER,
	  NULL, 0, 65535, CONN(tfc), "0",
	  "bytes to which packets are filled up; 0 none" },
	{ "send-no-esp-tfc", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_BOOL,
	  NULL, 0, 0, CONN(send_no_tfc), "no",
	  "tell the peer not to fill up" },
	{ "mark", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_MARKS,
	  NULL, 0, 0, CONN(marks), NULL,
	  "policies do not look at marks of packets" },
	{ "mark-in", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_MARK,
	  NULL, 0, 0, CONN(marks[0]), NULL,
	  "as mark=" },
	{ "mark-out", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_MARK,
	  NULL, 0, 0, CONN(marks[1]), NULL,
	  "as mark=" },
	{ "ipsec-interface", CFG_SCOPE_CONN, CFG_USED, CFG_VALUE_DEVICE,
	  NULL, 0, 65535, CONN(ipsec_interface), "no",
	  "a device of its own: yes is ipsec1, a number N is ipsecN" },
	{ "failureshunt", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_CHOICE,
	  shunts, 0, 0, CONN(failureshunt), NULL,
	  "packets of a connection that could not be negotiated wait, and go in the clear at no time" },
	{ "negotiationshunt", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_CHOICE,
	  negotiation_shunts, 0, 0, CONN(negotiationshunt), NULL,
	  "packets wait while a connection is negotiated, and go in the clear at no time" },
	{ "keyexchange", CFG_SCOPE_CONN, CFG_REFUSED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, "ike",
	  "IKE is the only way to exchange keys" },
	{ "phase2", CFG_SCOPE_CONN, CFG_REFUSED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, "esp",
	  "AH is not there: esp=null with an integrity algorithm does the same" },
	{ "ah", CFG_SCOPE_CONN, CFG_REFUSED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "AH is not there: esp=null with an integrity algorithm does the same" },
	{ "compress", CFG_SCOPE_CONN, CFG_REFUSED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, "no",
	  "IPComp is not there" },
	{ "enable-tcp", CFG_SCOPE_CONN, CFG_REFUSED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, "no|fallback",
	  "TCP encapsulation (RFC 9329) is not there yet" },
	{ "ppk", CFG_SCOPE_CONN, CFG_REFUSED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, "no|never|propose|yes",
	  "post-quantum keys (RFC 8784) are not there yet" },
	{ "aggressive", CFG_SCOPE_CONN, CFG_REFUSED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, "no",
	  "IKEv1 is not there yet" },
	{ "dns-match-id", CFG_SCOPE_CONN, CFG_REFUSED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, "no",
	  "DNSSEC is not asked yet" },
	{ "policy-label", CFG_SCOPE_CONN, CFG_REFUSED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "security labels are not there" },
	{ "sec-label", CFG_SCOPE_CONN, CFG_REFUSED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "security labels are not there" },
	{ "vti-interface", CFG_SCOPE_CONN, CFG_REFUSED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "there are no VTI devices: ipsec-interface= makes one of ours" },
	{ "tcp-remoteport", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "TCP encapsulation (RFC 9329) is not there yet" },
	{ "hostaddrfamily", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "the addresses tell" },
	{ "clientaddrfamily", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "the addresses tell" },
	{ "connaddrfamily", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "the addresses tell" },
	{ "mobike", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "MOBIKE (RFC 4555) is not there yet" },
	{ "intermediate", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "IKE_INTERMEDIATE (RFC 9242) is not there yet" },
	{ "accept-redirect", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "redirection (RFC 5685) is not there yet" },
	{ "accept-redirect-to", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "redirection (RFC 5685) is not there yet" },
	{ "send-redirect", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "redirection (RFC 5685) is not there yet" },
	{ "redirect-to", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "redirection (RFC 5685) is not there yet" },
	{ "ikepad", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "IKEv2 pads by itself" },
	{ "nat-ikev1-method", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "IKEv1 is not there yet" },
	{ "sareftrack", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "SArefs are long gone" },
	{ "sha2-truncbug", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "SHA-2 is used as RFC 4868 says" },
	{ "ms-dh-downgrade", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "the group never changes downwards" },
	{ "xauthby", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "XAUTH is not there yet" },
	{ "xauthfail", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "XAUTH is not there yet" },
	{ "pam-authorize", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "PAM is not asked yet" },
	{ "modecfgpull", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "address pools are not there yet" },
	{ "modecfgdns", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "address pools are not there yet" },
	{ "modecfgdomains", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "address pools are not there yet" },
	{ "modecfgbanner", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "address pools are not there yet" },
	{ "remote-peer-type", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "XAUTH is not there yet" },
	{ "nm-configured", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "the resolver is left alone anyway" },
	{ "cisco-unity", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "XAUTH is not there yet" },
	{ "ignore-peer-dns", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "name servers of a peer are not used yet" },
	{ "fake-strongswan", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "nobody asks for it any more" },
	{ "overlapip", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "SAs are told apart by themselves" },
	{ "nflog", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "packets are not copied to NFLOG: capture on the device" },
	{ "vti-routing", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "there are no VTI devices" },
	{ "vti-shared", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "there are no VTI devices" },
	{ "interface-ip", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "the address of a device is set with ip address" },
	{ "sendca", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "intermediate certificates are always sent" },
	{ "labeled-ipsec", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "security labels are not there" },
	{ "pfsgroup", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "esp= tells the group" },
	{ "loopback", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "not used any more" },
	{ "forceencaps", CFG_SCOPE_CONN, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "encapsulation= took its place" },
	{ "", CFG_SCOPE_SIDE, CFG_USED, CFG_VALUE_HOST,
	  NULL, 0, 0, SIDE(host), NULL,
	  "the end itself: address, name, %any, %defaultroute or %INTERFACE" },
	{ "nexthop", CFG_SCOPE_SIDE, CFG_USED, CFG_VALUE_HOST,
	  NULL, 0, 0, SIDE(nexthop), "%direct",
	  "the router to the other end" },
	{ "id", CFG_SCOPE_SIDE, CFG_USED, CFG_VALUE_TEXT,
	  NULL, 0, 0, SIDE(id), NULL,
	  "who it is: address, @name, user@name, DN, @[key-id], %fromcert" },
	{ "subnet", CFG_SCOPE_SIDE, CFG_USED, CFG_VALUE_SUBNET,
	  NULL, 0, 0, SIDE(subnets), NULL,
	  "the network behind it; of an end that is %any also vhost:%no,%priv, its own address or one that it has behind a NAT, or vnet: for a network" },
	{ "subnets", CFG_SCOPE_SIDE, CFG_USED, CFG_VALUE_SUBNETS,
	  NULL, 0, 0, SIDE(subnets), NULL,
	  "networks behind it, {a/b, c/d}: an SA for each pair" },
	{ "protoport", CFG_SCOPE_SIDE, CFG_USED, CFG_VALUE_PROTOPORT,
	  NULL, 0, 0, SIDE(protoport), NULL,
	  "traffic that counts: tcp/25, 17/1701, icmp, tcp/%any" },
	{ "sourceip", CFG_SCOPE_SIDE, CFG_USED, CFG_VALUE_ADDRESS,
	  NULL, 0, 0, SIDE(sourceip), NULL,
	  "our address for traffic to the other end" },
	{ "updown", CFG_SCOPE_SIDE, CFG_USED, CFG_VALUE_TEXT,
	  NULL, 0, 0, SIDE(updown), "ipsec _updown",
	  "command for routes and rules; %disabled for none" },
	{ "auth", CFG_SCOPE_SIDE, CFG_USED, CFG_VALUE_SET,
	  auths, 0, 0, SIDE(auth), NULL,
	  "how it authenticates, where both don't do it the same way" },
	{ "rsasigkey", CFG_SCOPE_SIDE, CFG_USED, CFG_VALUE_TEXT,
	  NULL, 0, 0, SIDE(rsasigkey), "%cert",
	  "its public RSA key, or %cert" },
	{ "ecdsakey", CFG_SCOPE_SIDE, CFG_USED, CFG_VALUE_TEXT,
	  NULL, 0, 0, SIDE(ecdsakey), NULL,
	  "its public ECDSA key" },
	{ "cert", CFG_SCOPE_SIDE, CFG_USED, CFG_VALUE_TEXT,
	  NULL, 0, 0, SIDE(cert), NULL,
	  "nickname of its certificate, or a file with it: PEM, DER or PKCS#12" },
	{ "ckaid", CFG_SCOPE_SIDE, CFG_USED, CFG_VALUE_TEXT,
	  NULL, 0, 0, SIDE(ckaid), NULL,
	  "identifier of its key, in hexadecimal" },
	{ "ca", CFG_SCOPE_SIDE, CFG_USED, CFG_VALUE_TEXT,
	  NULL, 0, 0, SIDE(ca), NULL,
	  "the issuer that its certificate must have; %same as the other end's" },
	{ "sendcert", CFG_SCOPE_SIDE, CFG_USED, CFG_VALUE_CHOICE,
	  sendcerts, 0, 0, SIDE(sendcert), "always",
	  "when it sends its certificate" },
	{ "ikeport", CFG_SCOPE_SIDE, CFG_USED, CFG_VALUE_NUMBER,
	  NULL, 0, 65535, SIDE(ikeport), "0",
	  "UDP port of the other end, where it isn't 500; our own end has 500 and 4500 only" },
	{ "autheap", CFG_SCOPE_SIDE, CFG_REFUSED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, "none",
	  "EAP is not there yet" },
	{ "addresspool", CFG_SCOPE_SIDE, CFG_REFUSED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "address pools are not there yet" },
	{ "vti", CFG_SCOPE_SIDE, CFG_REFUSED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "there are no VTI devices: ipsec-interface= makes one of ours" },
	{ "xauthserver", CFG_SCOPE_SIDE, CFG_REFUSED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, "no",
	  "XAUTH is not there yet" },
	{ "xauthclient", CFG_SCOPE_SIDE, CFG_REFUSED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, "no",
	  "XAUTH is not there yet" },
	{ "modecfgserver", CFG_SCOPE_SIDE, CFG_REFUSED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, "no",
	  "address pools are not there yet" },
	{ "modecfgclient", CFG_SCOPE_SIDE, CFG_REFUSED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, "no",
	  "address pools are not there yet" },
	{ "cat", CFG_SCOPE_SIDE, CFG_REFUSED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, "no",
	  "client address translation is not there yet" },
	{ "username", CFG_SCOPE_SIDE, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "XAUTH is not there yet" },
	{ "firewall", CFG_SCOPE_SIDE, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "the updown command is asked" },
	{ "rsasigkey2", CFG_SCOPE_SIDE, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "one key is enough" },
	{ "dns", CFG_SCOPE_SIDE, CFG_IGNORED, CFG_VALUE_NONE,
	  NULL, 0, 0, 0, NULL,
	  "name servers of a peer are not used yet" },
	{ "subnetwithin", CFG_SCOPE_SIDE, CFG_USED, CFG_VALUE_WITHIN,
	  NULL, 0, 0, SIDE(subnets), NULL,
	  "of an end that is %any: the network that the one behind it must be in" },
};

const size_t cfg_keyword_count = ARRAY_SIZE(cfg_keywords);

/**
 * struct alias - an older name of a parameter
 * @name: the older name
 * @means: the name in the table
 */
struct alias {
	const char *name;
	const char *means;
};

static const struct alias aliases[] = {
	{ "keylife", "salifetime" },
	{ "lifetime", "salifetime" },
	{ "ipsec-lifetime", "salifetime" },
	{ "phase2alg", "esp" },
	{ "aggrmode", "aggressive" },
	{ "keep_alive", "keep-alive" },
	{ "virtual_private", "virtual-private" },
	{ "plutostderrlog", "logfile" },
	{ "plutostderrlogtime", "logtime" },
	{ "strictcrlpolicy", "crl-strict" },
	{ "remote_peer_type", "remote-peer-type" },
	{ "xauthusername", "username" },
	{ "policy_label", "policy-label" },
	{ "nic_offload", "nic-offload" },
	{ "myvendorID", "myvendorid" },
};

static const char *current_name(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(aliases); i++) {
		if (!strcasecmp(name, aliases[i].name))
			return aliases[i].means;
	}
	return name;
}

static const struct cfg_keyword *find(const char *name, enum cfg_scope scope)
{
	size_t i;

	name = current_name(name);
	for (i = 0; i < cfg_keyword_count; i++) {
		if (cfg_keywords[i].scope == scope &&
		    !strcasecmp(name, cfg_keywords[i].name))
			return &cfg_keywords[i];
	}
	return NULL;
}

static const struct {
	const char *name;
	unsigned int side;
} sides[] = {
	{ "left", CFG_LEFT },
	{ "right", CFG_RIGHT },
};

/**
 * cfg_keyword_find - the parameter of a name
 * @name: as it stands in the file, in any case, perhaps an older name
 * @setup: in config setup, not in a connection
 * @side: filled in for a parameter of a side: enum cfg_which
 *
 * Return: the parameter, NULL if there is none.
 */
const struct cfg_keyword *cfg_keyword_find(const char *name, bool setup,
					   unsigned int *side)
{
	const struct cfg_keyword *found;
	size_t i, length;

	*side = CFG_LEFT;
	if (setup)
		return find(name, CFG_SCOPE_SETUP);
	for (i = 0; i < ARRAY_SIZE(sides); i++) {
		length = strlen(sides[i].name);
		if (strncasecmp(name, sides[i].name, length))
			continue;
		found = find(name + length, CFG_SCOPE_SIDE);
		if (found) {
			*side = sides[i].side;
			return found;
		}
	}
	return find(name, CFG_SCOPE_CONN);
}

/* The name of @keyword with @side before it where that has to be. */
static const char *full_name(const struct cfg_keyword *keyword, size_t side,
			     char *text)
{
	snprintf(text, CFG_NAME_SIZE, "%s%s",
		 keyword->scope == CFG_SCOPE_SIDE ? sides[side].name : "",
		 keyword->name);
	return text;
}

/**
 * cfg_keyword_guess - the parameter that somebody meant who wrote another
 * @name: what was written
 * @setup: in config setup, not in a connection
 * @text: for the name, of CFG_NAME_SIZE bytes
 *
 * Return: its name, NULL if none comes near.
 */
const char *cfg_keyword_guess(const char *name, bool setup, char *text)
{
	size_t i, side, found = 0, found_side = 0, distance;
	struct suggestion suggestion;

	suggest_begin(&suggestion, name);
	for (i = 0; i < cfg_keyword_count; i++) {
		if ((cfg_keywords[i].scope == CFG_SCOPE_SETUP) != setup)
			continue;
		for (side = 0; side < ARRAY_SIZE(sides); side++) {
			distance = suggestion.distance;
			suggest_consider(&suggestion,
					 full_name(&cfg_keywords[i], side,
						   text));
			if (suggestion.distance < distance) {
				found = i;
				found_side = side;
			}
		}
	}
	if (!suggestion.best)
		return NULL;
	return full_name(&cfg_keywords[found], found_side, text);
}
