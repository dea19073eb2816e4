/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Generic netlink family "espvif", version 1.
 *
 * espvif keeps a security association database (SAD) and a security policy
 * database (SPD, RFC 4301) in every network namespace, apart from those of
 * the kernel's XFRM, and links of the kind "espvif". This family is the only
 * way to configure the two databases; links are made with rtnetlink
 * (``ip link add ipsec0 type espvif``). Documentation/netlink/espvif.yaml
 * describes the same protocol for programs.
 *
 * Every command, also one that only reads, needs CAP_NET_ADMIN in the user
 * namespace that owns the network namespace. A request acts on the network
 * namespace of its socket. Attributes are checked strictly: one that a
 * command does not list is refused. Every refusal carries an extended
 * acknowledgment with a sentence and, where one attribute is at fault, its
 * offset. A request is carried out whole or not at all.
 *
 * Integers are in host byte order, SPIs too; addresses are 4 or 16 bytes in
 * network byte order, their length tells the family; names are of 1 to
 * ESPVIF_NAME_MAX bytes, printable ASCII without blanks. Numbers of algorithms
 * are those IANA assigned to the transforms of IKEv2 (RFC 7296 3.3.2).
 *
 * ESPVIF_CMD_SA_NEW  (attributes ESPVIF_A_SA_*)
 *	Makes a security association. Needed: NAME, SPI (256 to 0xffffffff),
 *	SADDR, DADDR (one family), MODE, ENCR, ENCR_KEY unless ENCR is
 *	ESPVIF_ENCR_NULL, INTEG and INTEG_KEY unless ENCR is an AEAD.
 *	Optional: DIRECTION (without it an SA whose DADDR is an address of this
 *	namespace is inbound, any other outbound), REPLAY_WINDOW (packets,
 *	inbound only, 0 = no replay check, default 64), ESN (flag), OWNER,
 *	IFNAME (the device that the SA is bound to; mode tunnel only),
 *	LIMIT_{SOFT,HARD}_{BYTES,PACKETS,SECONDS} (0 = none), ENCAP with
 *	ENCAP_SPORT and ENCAP_DPORT (RFC 3948), KEEPALIVE (seconds, outbound
 *	and encapsulated only, 0 = none), OFFLOAD (default AUTO; with CRYPTO or
 *	PACKET the request is refused if no device can do that now). For outbound
 *	SAs in tunnel mode also DF, DSCP, HOP_LIMIT (of the outer header; default:
 *	copied, copied, the route's), FLOW_LABEL (of an outer IPv6 header, default 0), FRAGMENT
 *	(default ESPVIF_FRAGMENT_AUTO), TFC (inner packets are padded to that
 *	length, as far as the path MTU has room; RFC 4303 2.7).
 *	CPU: the SA is for packets that this CPU sends (RFC 9611); inbound it only
 *	says whose packets the peer sends by it.
 *	SEQ lets the SA go on where another one is, for hand-over between
 *	gateways: the last number it used, or the highest received. Then all
 *	below count as received, but for those that REPLAY_STATE (inbound only)
 *	says are not: bit b (0 = lowest) of byte i tells of the number SEQ less
 *	8 i + b, and the state has no more bytes than the window needs.
 *	The pair of SPI and DADDR, and the name, must not be taken: -EEXIST.
 *	The key is followed by the salt where the algorithm has one, as in the
 *	key material of RFC 4106, 4309, 3686, 4543 and 7634.
 *	The reply is the new SA as for SA_GET.
 *
 * ESPVIF_CMD_SA_SET  NAME or ID; PEER_ADDR, PEER_PORT, SEQ, REPLAY_STATE
 *	Lets a live SA have its peer elsewhere: the address (of the same family),
 *	the port of an encapsulated SA, or both; -EEXIST if that destination is
 *	taken together with the SA's index. SEQ and REPLAY_STATE, as for SA_NEW,
 *	move its numbers forward, never back: no number is used or accepted
 *	twice. Key and counters stay.
 *
 * ESPVIF_CMD_SA_DEL  NAME or ID; optional OWNER
 *	Removes an SA: -ENOENT if there is none, -EBUSY while a policy uses it, or
 *	if it is not of the OWNER given.
 *
 * ESPVIF_CMD_SA_GET  NAME or ID; as a dump: nothing
 *	Replies with the SA, without its keys: all the attributes above (not
 *	ENCR_KEY, INTEG_KEY), DIRECTION, ID, STATE, SEQ (the last number sent,
 *	or the highest received), REPLAY_STATE (inbound with a window, of the
 *	same moment as SEQ), OFFLOAD_STATE (NO or what a device does now) with
 *	OFFLOAD_IFNAME (that device), PACKETS, BYTES, ADD_TIME, USE_TIME (seconds
 *	since 1970, 0 = never), POLICIES (how many use it), and one nest DROP
 *	(ESPVIF_A_COUNTER_*) for each reason that dropped a packet of this SA.
 *	Keys are never part of any reply or notification. A dump shows every SA
 *	that exists from its begin to its end, once, in the order of IDs.
 *
 * ESPVIF_CMD_SA_FLUSH  optional OWNER, IFNAME
 *	Removes all SAs (of that owner, of that device); -EBUSY and none removed
 *	if a policy uses one of them.
 *
 * ESPVIF_CMD_POLICY_NEW  (attributes ESPVIF_A_POLICY_*)
 *	Makes a policy. Needed: NAME, DIRECTION, SRC and SRC_PREFIXLEN, DST and
 *	DST_PREFIXLEN (one family), ACTION; for ESPVIF_ACTION_IPSEC also MODE
 *	and at least one SA (by name, may stand up to ESPVIF_POLICY_SAS_MAX
 *	times: traffic leaves by the first usable one that is for the processor which
 *	sends, else by the first usable one that is for all, else by the first usable
 *	one, and comes in by any of them). Optional: PROTOCOL (0 = any),
 *	{SPORT,DPORT}_{MIN,MAX} (MIN 0 and
 *	MAX 65535 = any), PRIORITY (lower is looked at first, default
 *	ESPVIF_PRIORITY_DEFAULT; equal ones in the order they were made), OWNER,
 *	IFNAME, MSS (ESPVIF_ACTION_IPSEC only: the largest segment size, at least
 *	ESPVIF_MSS_MIN, that a TCP connection may ask for when it is opened
 *	through the policy, either way; 0 = it is left alone, ESPVIF_MSS_AUTO,
 *	the default = what fits), TRAP (flag, ESPVIF_ACTION_IPSEC only: it needs no
 *	SA now; outbound packets wait for one, see ACQUIRE_NTF), CPU_ACQUIRE (flag,
 *	ESPVIF_ACTION_IPSEC and outbound only: a processor that sends has somebody
 *	asked for an SA of its own, see ACQUIRE_NTF). With IFNAME the
 *	policy is consulted for packets routed into that device, and for what SAs
 *	bound to the device decrypt; without, it is a host policy, consulted for
 *	every packet of the namespace. A policy and
 *	its SAs agree in direction, mode and device.
 *	The reply is the new policy as for POLICY_GET.
 *
 * ESPVIF_CMD_POLICY_SET  NAME or ID; SA
 *	Gives a policy with the action ipsec other SAs, in place of all that it
 *	has: one at least, as for POLICY_NEW, unless it is a trap. Each packet
 *	meets the SAs from before or the new ones; none is lost or leaves
 *	unprotected by it.
 *
 * ESPVIF_CMD_POLICY_DEL  NAME or ID; optional OWNER
 *	Removes a policy: -ENOENT if there is none, -EBUSY while the device it is
 *	bound to is up, unless ESPVIF_OWNER_DAEMON is given, or if it is not of
 *	the OWNER given.
 *
 * ESPVIF_CMD_POLICY_GET  NAME or ID; as a dump: nothing
 *	Replies with the policy: all the attributes above, ID, PACKETS, BYTES
 *	and USE_TIME of the packets it decided, and for an outbound trap HELD, how
 *	many packets wait for an SA. A dump is in the order of IDs;
 *	the order of evaluation is that of (PRIORITY, ID).
 *
 * ESPVIF_CMD_POLICY_FLUSH  optional OWNER, IFNAME
 *	Removes all policies (of that owner, of that device); -EBUSY and none
 *	removed if the device of one of them is up, unless ESPVIF_OWNER_DAEMON is
 *	given.
 *
 * ESPVIF_CMD_BATCH  (attributes ESPVIF_A_BATCH_*)
 *	Carries out several changes whole or not at all. Needed: one nest OP
 *	(ESPVIF_A_OP_*) for each, with its command (SA_NEW, SA_SET, SA_DEL,
 *	POLICY_NEW, POLICY_SET or POLICY_DEL) and a nest with the attributes that
 *	the command takes. An operation sees those before it as if they had been
 *	carried out, and may use the SAs that they make; a name or SPI that one
 *	of them frees is taken until the end. New SAs come first, then changes
 *	of SAs and of policies, and removals last, so that packets always find
 *	what protects them. A refusal names the operation by its number, from
 *	1, and by its object; its offset is inside that operation.
 *
 * ESPVIF_CMD_STATUS_GET  (attributes ESPVIF_A_STATUS_*)
 *	Replies with the module's VERSION, the numbers of SAS, POLICIES and promised
 *	SPIS in this namespace, and one nest COUNTER (ESPVIF_A_COUNTER_*: NAME, VALUE)
 *	for every counter of the namespace, also for those that are 0. Names are
 *	stable; new ones may appear.
 *
 * ESPVIF_CMD_DEVICE_GET  (attributes ESPVIF_A_DEVICE_*), dump only
 *	Replies with every device that was made in this namespace, wherever it
 *	lives now: IFNAME, IFINDEX (both as its present namespace has them),
 *	NETNS_FOREIGN (flag: it was moved to another namespace), MTU, RUNNING
 *	(flag), SAS, POLICIES.
 *
 * ESPVIF_CMD_EXPLAIN  (attributes ESPVIF_A_EXPLAIN_*)
 *	Says what becomes of a packet, by the same functions that decide on packets;
 *	nothing is sent or counted. Needed: DIRECTION, SRC and DST (one family).
 *	Optional: PROTOCOL (upper layer; without it that of an echo request, which
 *	ICMP and ICMPv6 stand for too), SPORT and DPORT if it has ports (default 0),
 *	LENGTH (default: as short as its headers allow), MAY_FRAGMENT (without it the
 *	packet forbids fragmentation), IFNAME (out: the link it is routed to, without
 *	it the routing table decides; in: the link it comes by in the clear), SA (in
 *	only: what decrypts it; without it the packet comes in the clear), CPU (out
 *	only: the one that sends it; without it the one that carries out the request).
 *	Replies with the VERDICT; COUNTER, the name of the counter that counts such
 *	a packet if it is dropped and something counts it; POLICY with its ACTION,
 *	if one decides; EXEMPT (flag: host policies are not asked about such
 *	packets); LOOPBACK (flag: it goes by the loopback device, where only policies
 *	with such addresses count); SA and SA_STATE, if one protects or should; CPU, the
 *	one that sends it, if the policy has SAs for CPUs; IFNAME
 *	of the device it goes or comes through. Outbound also LINK and GATEWAY, by
 *	which it or its ESP leaves, the PATH_MTU there, INNER_MTU (the longest packet
 *	that fits), OUTER_LENGTH (of its ESP packet, or of the first if it is cut
 *	before), FRAGMENTED (flag: it leaves in several pieces).
 *
 * ESPVIF_CMD_SPI_NEW  (attributes ESPVIF_A_SPI_*)
 *	Says that an SPI was promised to a peer, which may use it before its inbound SA
 *	is here. Needed: SPI, DADDR. Optional: TIMEOUT (seconds, 1 to 3600, default
 *	ESPVIF_SPI_TIMEOUT_DEFAULT). ESP packets with that SPI to that destination wait,
 *	as far as there is room, until SA_NEW has made the SA, alone or in a batch; by
 *	which they then come in, in order, after the policies of the same batch have been
 *	changed. -EEXIST if there is such an SA or such a promise. After the timeout the
 *	promise ends, and what waits is dropped.
 *
 * ESPVIF_CMD_SPI_DEL  SPI, DADDR
 *	Takes a promise back: -ENOENT if there is none. What waits is dropped.
 *
 * ESP in UDP is received by any UDP socket of the namespace that has the option
 * UDP_ENCAP with the value UDP_ENCAP_ESPINUDP, as IKE daemons set it on port 4500;
 * what is not ESP stays with the socket. The kernel's own SAs share that socket.
 *
 * Notifications go to the multicast group "events", which needs CAP_NET_ADMIN
 * to join: SA_NEW_NTF, SA_SET_NTF, SA_DEL_NTF, POLICY_NEW_NTF, POLICY_SET_NTF,
 * POLICY_DEL_NTF with the object as its GET shows it now, and SA_EXPIRE_NTF with
 * the SA when a lifetime ends, once for each of: HARD absent = soft limit, HARD
 * present = hard limit. After its hard limit an SA stays listed in state
 * ESPVIF_SA_STATE_EXPIRED and carries nothing any more. SA_PEER_NTF has the SA
 * and PEER_ADDR, PEER_PORT: an authentic packet of an inbound encapsulated SA
 * came from there, and the one before from elsewhere. ACQUIRE_NTF has an outbound
 * trap policy and FLOW (ESPVIF_A_FLOW_*), the first packet that found none of its SAs
 * usable. That packet and those behind it wait, as far as there is room, until
 * POLICY_SET brings an SA, by which they then leave in order; after 30 seconds without
 * one they are dropped, and the next packet asks again. With CPU in it, it has an
 * outbound policy with CPU_ACQUIRE: this CPU has sent FLOW by an SA that is not for
 * it, because it has none. It is told once in 30 seconds at most for each CPU.
 */
#ifndef _UAPI_LINUX_ESPVIF_H
#define _UAPI_LINUX_ESPVIF_H

#define ESPVIF_GENL_NAME		"espvif"
#define ESPVIF_GENL_VERSION		1
#define ESPVIF_MCGRP_EVENTS		"events"

#define ESPVIF_NAME_MAX			63
#define ESPVIF_SPI_MIN			256
#define ESPVIF_REPLAY_WINDOW_DEFAULT	64
#define ESPVIF_REPLAY_WINDOW_MAX	4096
#define ESPVIF_REPLAY_STATE_MAX		512
/* Without ESN an outbound SA warns here, at seven eighths of its numbers */
#define ESPVIF_SEQ_SOFT			3758096384
#define ESPVIF_SPI_TIMEOUT_DEFAULT	120
#define ESPVIF_PRIORITY_DEFAULT		1000
#define ESPVIF_POLICY_SAS_MAX		48
/* For ESPVIF_A_SA_DSCP: outer headers have the DSCP of the packets inside */
#define ESPVIF_DSCP_COPY		64
/* For ESPVIF_A_POLICY_MSS: what the path of the SA has room for */
#define ESPVIF_MSS_AUTO			65535
/* The smallest segment size that TCP is told (the kernel's own limit) */
#define ESPVIF_MSS_MIN			88
/* The longest key of all, that of HMAC-SHA-512 */
#define ESPVIF_KEY_MAX			64

enum espvif_direction {
	ESPVIF_DIRECTION_IN = 1,
	ESPVIF_DIRECTION_OUT,
};

enum espvif_mode {
	ESPVIF_MODE_TRANSPORT = 1,
	ESPVIF_MODE_TUNNEL,
};

enum espvif_action {
	ESPVIF_ACTION_NONE = 1,		/* pass in the clear */
	ESPVIF_ACTION_DISCARD,
	ESPVIF_ACTION_IPSEC,
};

enum espvif_encap {
	ESPVIF_ENCAP_NONE = 1,
	ESPVIF_ENCAP_UDP,
};

/* Don't Fragment in the outer IPv4 header, and what is too long for the path */
enum espvif_df {
	ESPVIF_DF_COPY = 1,		/* as in the packet inside */
	ESPVIF_DF_SET,			/* always: no ESP packet is fragmented */
	ESPVIF_DF_CLEAR,		/* never: nothing is refused as too long */
};

/* When IPv4 packets are fragmented that are too long and may be */
enum espvif_fragment {
	ESPVIF_FRAGMENT_AUTO = 1,	/* before, unless the policy names ports */
	ESPVIF_FRAGMENT_BEFORE,		/* encryption: each piece is an ESP packet */
	ESPVIF_FRAGMENT_AFTER,		/* the ESP packet is fragmented */
};

/* Flow label of the outer IPv6 header */
enum espvif_flow_label {
	ESPVIF_FLOW_LABEL_NO = 1,	/* 0 */
	ESPVIF_FLOW_LABEL_COPY,		/* of the IPv6 packet inside */
	ESPVIF_FLOW_LABEL_HASH,		/* a hash tells the flows inside apart */
};

/* Who made an object, and with that who looks after it */
enum espvif_owner {
	ESPVIF_OWNER_MANUAL = 1,
	ESPVIF_OWNER_DAEMON,
};

/* Whether network cards encrypt, or do all of ESP */
enum espvif_offload {
	ESPVIF_OFFLOAD_AUTO = 1,	/* crypto if the device can */
	ESPVIF_OFFLOAD_NO,
	ESPVIF_OFFLOAD_CRYPTO,
	ESPVIF_OFFLOAD_PACKET,
};

enum espvif_sa_state {
	ESPVIF_SA_STATE_VALID = 1,
	ESPVIF_SA_STATE_EXPIRED,
};

/* IANA, IKEv2 Transform Type 1 */
enum espvif_encr {
	ESPVIF_ENCR_3DES_CBC		= 3,
	ESPVIF_ENCR_NULL		= 11,
	ESPVIF_ENCR_AES_CBC		= 12,
	ESPVIF_ENCR_AES_CTR		= 13,
	ESPVIF_ENCR_AES_CCM_8		= 14,
	ESPVIF_ENCR_AES_CCM_12		= 15,
	ESPVIF_ENCR_AES_CCM_16		= 16,
	ESPVIF_ENCR_AES_GCM_8		= 18,
	ESPVIF_ENCR_AES_GCM_12		= 19,
	ESPVIF_ENCR_AES_GCM_16		= 20,
	ESPVIF_ENCR_NULL_AES_GMAC	= 21,
	ESPVIF_ENCR_CHACHA20_POLY1305	= 28,
};

/* IANA, IKEv2 Transform Type 3 */
enum espvif_integ {
	ESPVIF_INTEG_NONE		= 0,
	ESPVIF_INTEG_HMAC_SHA1_96	= 2,
	ESPVIF_INTEG_AES_XCBC_96	= 5,
	ESPVIF_INTEG_AES_CMAC_96	= 8,
	ESPVIF_INTEG_HMAC_SHA2_256_128	= 12,
	ESPVIF_INTEG_HMAC_SHA2_384_192	= 13,
	ESPVIF_INTEG_HMAC_SHA2_512_256	= 14,
};

/* What becomes of a packet */
enum espvif_verdict {
	ESPVIF_VERDICT_CLEAR = 1,	/* passes as it is */
	ESPVIF_VERDICT_PROTECTED,	/* becomes ESP, or came in it */
	ESPVIF_VERDICT_DROPPED,
	ESPVIF_VERDICT_TOO_BIG,		/* dropped, its sender learns what fits */
	ESPVIF_VERDICT_UNREACHABLE,	/* no route, or an interface is down */
	ESPVIF_VERDICT_HELD,		/* waits for an SA of its trap policy */
};

enum espvif_cmd {
	ESPVIF_CMD_SA_NEW = 1,
	ESPVIF_CMD_SA_DEL,
	ESPVIF_CMD_SA_GET,
	ESPVIF_CMD_SA_FLUSH,
	ESPVIF_CMD_POLICY_NEW,
	ESPVIF_CMD_POLICY_DEL,
	ESPVIF_CMD_POLICY_GET,
	ESPVIF_CMD_POLICY_FLUSH,
	ESPVIF_CMD_STATUS_GET,
	ESPVIF_CMD_DEVICE_GET,
	/* notifications */
	ESPVIF_CMD_SA_NEW_NTF,
	ESPVIF_CMD_SA_DEL_NTF,
	ESPVIF_CMD_SA_EXPIRE_NTF,
	ESPVIF_CMD_POLICY_NEW_NTF,
	ESPVIF_CMD_POLICY_DEL_NTF,
	ESPVIF_CMD_SA_PEER_NTF,
	/* later than the notifications above */
	ESPVIF_CMD_SA_SET,
	ESPVIF_CMD_POLICY_SET,
	ESPVIF_CMD_BATCH,
	ESPVIF_CMD_SA_SET_NTF,
	ESPVIF_CMD_POLICY_SET_NTF,
	ESPVIF_CMD_EXPLAIN,
	ESPVIF_CMD_ACQUIRE_NTF,
	ESPVIF_CMD_SPI_NEW,
	ESPVIF_CMD_SPI_DEL,

	__ESPVIF_CMD_MAX,
	ESPVIF_CMD_MAX = __ESPVIF_CMD_MAX - 1
};

enum espvif_attr_sa {
	ESPVIF_A_SA_PAD,
	ESPVIF_A_SA_ID,			/* u32 */
	ESPVIF_A_SA_NAME,		/* string */
	ESPVIF_A_SA_DIRECTION,		/* u8, enum espvif_direction */
	ESPVIF_A_SA_SPI,		/* u32 */
	ESPVIF_A_SA_SADDR,		/* binary, 4 or 16 bytes */
	ESPVIF_A_SA_DADDR,		/* binary, 4 or 16 bytes */
	ESPVIF_A_SA_MODE,		/* u8, enum espvif_mode */
	ESPVIF_A_SA_ENCR,		/* u16, enum espvif_encr */
	ESPVIF_A_SA_ENCR_KEY,		/* binary, write only */
	ESPVIF_A_SA_ENCR_KEY_BITS,	/* u16, read only: length without salt */
	ESPVIF_A_SA_INTEG,		/* u16, enum espvif_integ */
	ESPVIF_A_SA_INTEG_KEY,		/* binary, write only */
	ESPVIF_A_SA_ESN,		/* flag */
	ESPVIF_A_SA_REPLAY_WINDOW,	/* u32, packets */
	ESPVIF_A_SA_OWNER,		/* u8, enum espvif_owner */
	ESPVIF_A_SA_IFNAME,		/* string */
	ESPVIF_A_SA_LIMIT_SOFT_BYTES,	/* u64 */
	ESPVIF_A_SA_LIMIT_HARD_BYTES,	/* u64 */
	ESPVIF_A_SA_LIMIT_SOFT_PACKETS,	/* u64 */
	ESPVIF_A_SA_LIMIT_HARD_PACKETS,	/* u64 */
	ESPVIF_A_SA_LIMIT_SOFT_SECONDS,	/* u32, since it was made */
	ESPVIF_A_SA_LIMIT_HARD_SECONDS,	/* u32 */
	ESPVIF_A_SA_STATE,		/* u8, enum espvif_sa_state */
	ESPVIF_A_SA_SEQ,		/* u64 */
	ESPVIF_A_SA_PACKETS,		/* u64 */
	ESPVIF_A_SA_BYTES,		/* u64, of ESP payload */
	ESPVIF_A_SA_ADD_TIME,		/* u64 */
	ESPVIF_A_SA_USE_TIME,		/* u64 */
	ESPVIF_A_SA_POLICIES,		/* u32 */
	ESPVIF_A_SA_DROP,		/* nest, many: ESPVIF_A_COUNTER_* */
	ESPVIF_A_SA_HARD,		/* flag, in SA_EXPIRE_NTF only */
	ESPVIF_A_SA_ENCAP,		/* u8, enum espvif_encap */
	ESPVIF_A_SA_ENCAP_SPORT,	/* u16 */
	ESPVIF_A_SA_ENCAP_DPORT,	/* u16 */
	ESPVIF_A_SA_KEEPALIVE,		/* u32, seconds */
	ESPVIF_A_SA_PEER_ADDR,		/* binary, 4 or 16 bytes */
	ESPVIF_A_SA_PEER_PORT,		/* u16 */
	ESPVIF_A_SA_REPLAY_STATE,	/* binary, see SA_NEW */
	ESPVIF_A_SA_DF,			/* u8, enum espvif_df */
	ESPVIF_A_SA_DSCP,		/* u8, 0 to 63 or ESPVIF_DSCP_COPY */
	ESPVIF_A_SA_HOP_LIMIT,		/* u8, 0 = the route's */
	ESPVIF_A_SA_FLOW_LABEL,		/* u8, enum espvif_flow_label */
	ESPVIF_A_SA_FRAGMENT,		/* u8, enum espvif_fragment */
	ESPVIF_A_SA_TFC,		/* u16, bytes, 0 = no padding */
	ESPVIF_A_SA_OFFLOAD,		/* u8, enum espvif_offload */
	ESPVIF_A_SA_OFFLOAD_STATE,	/* u8, enum espvif_offload, what is in force */
	ESPVIF_A_SA_OFFLOAD_IFNAME,	/* string, the device that does it */
	ESPVIF_A_SA_CPU,		/* u32, the CPU whose packets it is for */

	__ESPVIF_A_SA_MAX,
	ESPVIF_A_SA_MAX = __ESPVIF_A_SA_MAX - 1
};

enum espvif_attr_policy {
	ESPVIF_A_POLICY_PAD,
	ESPVIF_A_POLICY_ID,		/* u32 */
	ESPVIF_A_POLICY_NAME,		/* string */
	ESPVIF_A_POLICY_DIRECTION,	/* u8, enum espvif_direction */
	ESPVIF_A_POLICY_SRC,		/* binary, 4 or 16 bytes */
	ESPVIF_A_POLICY_SRC_PREFIXLEN,	/* u8, bits */
	ESPVIF_A_POLICY_DST,		/* binary, 4 or 16 bytes */
	ESPVIF_A_POLICY_DST_PREFIXLEN,	/* u8, bits */
	ESPVIF_A_POLICY_PROTOCOL,	/* u8, 0 = any */
	ESPVIF_A_POLICY_SPORT_MIN,	/* u16 */
	ESPVIF_A_POLICY_SPORT_MAX,	/* u16 */
	ESPVIF_A_POLICY_DPORT_MIN,	/* u16 */
	ESPVIF_A_POLICY_DPORT_MAX,	/* u16 */
	ESPVIF_A_POLICY_ACTION,		/* u8, enum espvif_action */
	ESPVIF_A_POLICY_MODE,		/* u8, enum espvif_mode */
	ESPVIF_A_POLICY_SA,		/* string, many: names of SAs */
	ESPVIF_A_POLICY_PRIORITY,	/* u32 */
	ESPVIF_A_POLICY_OWNER,		/* u8, enum espvif_owner */
	ESPVIF_A_POLICY_IFNAME,		/* string */
	ESPVIF_A_POLICY_PACKETS,	/* u64 */
	ESPVIF_A_POLICY_BYTES,		/* u64 */
	ESPVIF_A_POLICY_USE_TIME,	/* u64 */
	ESPVIF_A_POLICY_MSS,		/* u16, 0 = left alone, or ESPVIF_MSS_AUTO */
	ESPVIF_A_POLICY_TRAP,		/* flag */
	ESPVIF_A_POLICY_HELD,		/* u32, packets, read only */
	ESPVIF_A_POLICY_FLOW,		/* nest: ESPVIF_A_FLOW_*, in ACQUIRE_NTF only */
	ESPVIF_A_POLICY_CPU_ACQUIRE,	/* flag */
	ESPVIF_A_POLICY_CPU,		/* u32, in ACQUIRE_NTF only: it lacks an SA */

	__ESPVIF_A_POLICY_MAX,
	ESPVIF_A_POLICY_MAX = __ESPVIF_A_POLICY_MAX - 1
};

enum espvif_attr_batch {
	ESPVIF_A_BATCH_PAD,
	ESPVIF_A_BATCH_OP,		/* nest, many: ESPVIF_A_OP_* */

	__ESPVIF_A_BATCH_MAX,
	ESPVIF_A_BATCH_MAX = __ESPVIF_A_BATCH_MAX - 1
};

enum espvif_attr_op {
	ESPVIF_A_OP_PAD,
	ESPVIF_A_OP_COMMAND,		/* u8, number of a command */
	ESPVIF_A_OP_SA,			/* nest: ESPVIF_A_SA_* */
	ESPVIF_A_OP_POLICY,		/* nest: ESPVIF_A_POLICY_* */

	__ESPVIF_A_OP_MAX,
	ESPVIF_A_OP_MAX = __ESPVIF_A_OP_MAX - 1
};

/* What a packet shows; the addresses are of one family */
enum espvif_attr_flow {
	ESPVIF_A_FLOW_PAD,
	ESPVIF_A_FLOW_SRC,		/* binary, 4 or 16 bytes */
	ESPVIF_A_FLOW_DST,		/* binary, 4 or 16 bytes */
	ESPVIF_A_FLOW_PROTOCOL,		/* u8, of the upper layer */
	ESPVIF_A_FLOW_SPORT,		/* u16, 0 if it has none */
	ESPVIF_A_FLOW_DPORT,		/* u16 */

	__ESPVIF_A_FLOW_MAX,
	ESPVIF_A_FLOW_MAX = __ESPVIF_A_FLOW_MAX - 1
};

enum espvif_attr_counter {
	ESPVIF_A_COUNTER_PAD,
	ESPVIF_A_COUNTER_NAME,		/* string */
	ESPVIF_A_COUNTER_VALUE,		/* u64, packets */

	__ESPVIF_A_COUNTER_MAX,
	ESPVIF_A_COUNTER_MAX = __ESPVIF_A_COUNTER_MAX - 1
};

enum espvif_attr_status {
	ESPVIF_A_STATUS_PAD,
	ESPVIF_A_STATUS_VERSION,	/* string */
	ESPVIF_A_STATUS_SAS,		/* u32 */
	ESPVIF_A_STATUS_POLICIES,	/* u32 */
	ESPVIF_A_STATUS_COUNTER,	/* nest, many: ESPVIF_A_COUNTER_* */
	ESPVIF_A_STATUS_SPIS,		/* u32 */

	__ESPVIF_A_STATUS_MAX,
	ESPVIF_A_STATUS_MAX = __ESPVIF_A_STATUS_MAX - 1
};

enum espvif_attr_device {
	ESPVIF_A_DEVICE_PAD,
	ESPVIF_A_DEVICE_IFNAME,		/* string */
	ESPVIF_A_DEVICE_IFINDEX,	/* u32 */
	ESPVIF_A_DEVICE_NETNS_FOREIGN,	/* flag */
	ESPVIF_A_DEVICE_MTU,		/* u32 */
	ESPVIF_A_DEVICE_RUNNING,	/* flag */
	ESPVIF_A_DEVICE_SAS,		/* u32 */
	ESPVIF_A_DEVICE_POLICIES,	/* u32 */

	__ESPVIF_A_DEVICE_MAX,
	ESPVIF_A_DEVICE_MAX = __ESPVIF_A_DEVICE_MAX - 1
};

enum espvif_attr_explain {
	ESPVIF_A_EXPLAIN_PAD,
	ESPVIF_A_EXPLAIN_DIRECTION,	/* u8, enum espvif_direction */
	ESPVIF_A_EXPLAIN_SRC,		/* binary, 4 or 16 bytes */
	ESPVIF_A_EXPLAIN_DST,		/* binary, 4 or 16 bytes */
	ESPVIF_A_EXPLAIN_PROTOCOL,	/* u8 */
	ESPVIF_A_EXPLAIN_SPORT,		/* u16 */
	ESPVIF_A_EXPLAIN_DPORT,		/* u16 */
	ESPVIF_A_EXPLAIN_LENGTH,	/* u32, bytes from its IP header on */
	ESPVIF_A_EXPLAIN_MAY_FRAGMENT,	/* flag */
	ESPVIF_A_EXPLAIN_IFNAME,	/* string */
	ESPVIF_A_EXPLAIN_SA,		/* string, name of an SA */
	ESPVIF_A_EXPLAIN_VERDICT,	/* u8, enum espvif_verdict, read only */
	ESPVIF_A_EXPLAIN_COUNTER,	/* string, read only */
	ESPVIF_A_EXPLAIN_POLICY,	/* string, read only */
	ESPVIF_A_EXPLAIN_ACTION,	/* u8, enum espvif_action, read only */
	ESPVIF_A_EXPLAIN_EXEMPT,	/* flag, read only */
	ESPVIF_A_EXPLAIN_LOOPBACK,	/* flag, read only */
	ESPVIF_A_EXPLAIN_SA_STATE,	/* u8, enum espvif_sa_state, read only */
	ESPVIF_A_EXPLAIN_LINK,		/* string, read only */
	ESPVIF_A_EXPLAIN_GATEWAY,	/* binary, 4 or 16 bytes, read only */
	ESPVIF_A_EXPLAIN_PATH_MTU,	/* u32, read only */
	ESPVIF_A_EXPLAIN_INNER_MTU,	/* u32, read only */
	ESPVIF_A_EXPLAIN_OUTER_LENGTH,	/* u32, read only */
	ESPVIF_A_EXPLAIN_FRAGMENTED,	/* flag, read only */
	ESPVIF_A_EXPLAIN_CPU,		/* u32 */

	__ESPVIF_A_EXPLAIN_MAX,
	ESPVIF_A_EXPLAIN_MAX = __ESPVIF_A_EXPLAIN_MAX - 1
};

enum espvif_attr_spi {
	ESPVIF_A_SPI_PAD,
	ESPVIF_A_SPI_SPI,		/* u32 */
	ESPVIF_A_SPI_DADDR,		/* binary, 4 or 16 bytes */
	ESPVIF_A_SPI_TIMEOUT,		/* u32, seconds */

	__ESPVIF_A_SPI_MAX,
	ESPVIF_A_SPI_MAX = __ESPVIF_A_SPI_MAX - 1
};

#endif /* _UAPI_LINUX_ESPVIF_H */
