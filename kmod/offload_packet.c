// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets whose crypto is left to network cards: out, what is missing when a packet
 * goes to the driver, or everything if it meets another device; in, what a driver has
 * to say of a packet.
 */
#include <linux/if_ether.h>
#include <linux/ipv6.h>
#include <net/ip.h>
#include <net/protocol.h>
#include <net/tcp.h>

#include "crypt.h"
#include "drop.h"
#include "net.h"
#include "offload.h"
#include "offload_shadow.h"

/*
 * Ours, among the kernel's flags of a packet: its trailer is written when it meets the
 * device, because a checksum inside, which the device makes, ends before it.
 */
#define NO_TRAILER	BIT(16)

/*
 * Likewise: it is complete for the device. XFRM_XMIT would say so to the kernel, which
 * then lets a packet that the device was too busy for go to the driver later, whatever
 * became of the SA meanwhile. So it asks again instead.
 */
#define FINISHED	BIT(17)

/**
 * espvif_offload_notice() - where a packet goes, or has come in
 * @sa:		its SA, which may be left to devices. Of an inbound one only packets count
 *		that are authentic: others would have the SA wander about
 * @dev:	the device
 *
 * Context: RCU read side.
 */
void espvif_offload_notice(struct espvif_sa *sa, const struct net_device *dev)
{
	const struct espvif_shadow *shadow = rcu_dereference(sa->offload.active);

	if (shadow ? dev != shadow->via : dev->features & NETIF_F_HW_ESP)
		espvif_offload_look_again(sa, dev->ifindex);
}

/* ----- out, left to a device ----------------------------------------------- */

/* What drivers want to know of the packet inside, for their checksums */
static void note_inner(const struct espvif_sa *sa, struct sk_buff *skb, u8 next_header,
		       struct xfrm_offload *xo)
{
	unsigned int offset = skb_transport_offset(skb) + sizeof(struct espvif_esp_hdr) +
			      sa->transform.shape.iv_len;

	xo->proto = next_header;
	if (sa->mode == ESPVIF_MODE_TRANSPORT) {
		skb_set_inner_network_header(skb, skb_network_offset(skb));
		skb_set_inner_transport_header(skb, offset);
		return;
	}
	skb_set_inner_network_header(skb, offset);
	if (next_header == IPPROTO_IPIP) {
		xo->inner_ipproto = inner_ip_hdr(skb)->protocol;
		offset += inner_ip_hdr(skb)->ihl * 4;
	} else {
		xo->inner_ipproto = inner_ipv6_hdr(skb)->nexthdr;
		offset += sizeof(struct ipv6hdr);
	}
	skb_set_inner_transport_header(skb, offset);
}

static bool is_on_the_way(const struct espvif_shadow *shadow, const struct dst_entry *dst)
{
	return shadow && !READ_ONCE(shadow->stopped) && dst->dev == shadow->via &&
	       !dst_xfrm(dst) && !dst->lwtstate;
}

static bool driver_agrees(const struct espvif_shadow *shadow, struct sk_buff *skb)
{
	const struct xfrmdev_ops *ops = shadow->nic->xfrmdev_ops;

	return !ops->xdo_dev_offload_ok || ops->xdo_dev_offload_ok(skb, shadow->state);
}

/* Put the shadow on a packet */
static struct xfrm_offload *put_on(const struct espvif_shadow *shadow, struct sk_buff *skb,
				   u64 seq)
{
	struct xfrm_offload *xo;
	struct sec_path *path;

	secpath_reset(skb);
	path = secpath_set(skb);
	if (!path)
		return NULL;
	xfrm_state_hold(shadow->state);
	path->xvec[path->len++] = shadow->state;
	path->olen++;
	xo = xfrm_offload(skb);
	xo->seq.low = lower_32_bits(seq);
	xo->seq.hi = upper_32_bits(seq);
	return xo;
}

static void write_iv(const struct espvif_sa *sa, struct sk_buff *skb, u64 seq)
{
	espvif_crypt_make_iv(&sa->transform, seq,
			     skb_transport_header(skb) + sizeof(struct espvif_esp_hdr));
}

/* Bytes behind the payload of a packet that has them */
static unsigned int trailer_len(const struct espvif_sa *sa, const struct sk_buff *skb)
{
	unsigned int icv_len = sa->transform.shape.icv_len;

	return icv_len + 2 + *(skb_tail_pointer(skb) - icv_len - 2);
}

/**
 * espvif_offload_sums() - does a device make the checksum inside a packet
 * @sa:		outbound SA that may be left to devices
 * @skb:	the packet that it is to protect
 *
 * If so the packet may go to espvif_offload_take() without, but is to be completed
 * when that returns false.
 *
 * Context: RCU read side.
 * Return: true if a device is expected to.
 */
bool espvif_offload_sums(const struct espvif_sa *sa, struct sk_buff *skb)
{
	const struct espvif_shadow *shadow = rcu_dereference(sa->offload.active);

	/* zeros behind the packet aren't in its checksum, but would be taken for it */
	return shadow && skb->ip_summed == CHECKSUM_PARTIAL && !skb_csum_is_sctp(skb) &&
	       shadow->via == shadow->nic && !sa->outer.tfc &&
	       shadow->nic->features & NETIF_F_HW_ESP_TX_CSUM;
}

/**
 * espvif_offload_take() - leave a packet's encryption to a device, if one has its SA
 * @sa:		outbound SA that may be left to devices
 * @skb:	the packet, complete but for IV, encryption, ICV, and a checksum inside if
 *		espvif_offload_sums() says so; its transport header is the ESP header,
 *		its dst the way to the peer
 * @seq:	its number
 * @next_header: what is inside
 *
 * Context: RCU read side, bottom halves disabled.
 * Return: true if it is ready to be sent, false if it must be encrypted.
 */
bool espvif_offload_take(struct espvif_sa *sa, struct sk_buff *skb, u64 seq, u8 next_header)
{
	struct espvif_shadow *shadow = rcu_dereference(sa->offload.active);
	const struct dst_entry *dst = skb_dst(skb);
	struct xfrm_offload *xo;

	espvif_offload_notice(sa, dst->dev);
	/* a fragment of it could not be encrypted */
	if (!is_on_the_way(shadow, dst) || skb->len > dst_mtu(dst) ||
	    !driver_agrees(shadow, skb))
		return false;
	if (skb->ip_summed == CHECKSUM_PARTIAL && !espvif_offload_sums(sa, skb))
		return false;
	xo = put_on(shadow, skb, seq);
	if (!xo)
		return false;
	note_inner(sa, skb, next_header, xo);
	write_iv(sa, skb, seq);
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		skb->encapsulation = 1;
		xo->flags |= NO_TRAILER;
		__skb_trim(skb, skb->len - trailer_len(sa, skb));
	}
	espvif_count(sa->enet->counters, ESPVIF_OUT_OFFLOADED);
	return true;
}

/*
 * Can the kernel segment it, in case that it meets another device? esp4_offload and
 * esp6_offload can, where the packet inside is of the family outside.
 */
static bool has_fallback(const struct espvif_sa *sa, const struct sk_buff *skb)
{
	bool four = skb->protocol == htons(ETH_P_IP);
	const struct net_offload *esp;

	if (sa->key.family != (four ? AF_INET : AF_INET6))
		return false;
	esp = sa->key.family == AF_INET ? rcu_dereference(inet_offloads[IPPROTO_ESP]) :
					  rcu_dereference(inet6_offloads[IPPROTO_ESP]);
	return esp && esp->callbacks.gso_segment;
}

/* TCP that is what it says to be, its header right behind the IP header */
static bool is_plain_tcp(const struct sk_buff *skb)
{
	const struct skb_shared_info *shared = skb_shinfo(skb);
	unsigned int may = SKB_GSO_TCPV4 | SKB_GSO_TCPV6 | SKB_GSO_TCP_ECN;
	bool four = skb->protocol == htons(ETH_P_IP);
	unsigned int head_len;

	if (!(shared->gso_type & (SKB_GSO_TCPV4 | SKB_GSO_TCPV6)) || shared->gso_type & ~may ||
	    (four ? ip_hdr(skb)->protocol : ipv6_hdr(skb)->nexthdr) != IPPROTO_TCP)
		return false;
	head_len = skb_transport_offset(skb) + tcp_hdrlen(skb);
	return skb_headlen(skb) >= head_len &&
	       shared->gso_segs == DIV_ROUND_UP(skb->len - head_len, shared->gso_size);
}

/**
 * espvif_offload_segments() - does a device make segments of a GSO packet
 * @sa:		outbound SA that may be left to devices
 * @skb:	the packet that it is to protect; its dst is the way to the peer
 *
 * Context: RCU read side, bottom halves disabled.
 * Return: true if it may go whole, to espvif_offload_take_whole().
 */
bool espvif_offload_segments(struct espvif_sa *sa, struct sk_buff *skb)
{
	const struct espvif_shadow *shadow = rcu_dereference(sa->offload.active);
	netdev_features_t features;

	/* whose lifetime ends by packets may end in the midst of them */
	if (!is_on_the_way(shadow, skb_dst(skb)) || sa->limited ||
	    !espvif_offload_sums(sa, skb) || !is_plain_tcp(skb) ||
	    !has_fallback(sa, skb))
		return false;
	features = shadow->nic->features & shadow->nic->hw_enc_features;
	/* a longer one goes to some cards in pieces, of which each would begin with its number */
	return features & NETIF_F_GSO_ESP && skb_gso_ok(skb, features) &&
	       skb->len + LL_MAX_HEADER < min_t(unsigned int, shadow->nic->gso_max_size,
						GSO_LEGACY_MAX_SIZE);
}

/**
 * espvif_offload_take_whole() - leave segments and their encryption to a device
 * @sa:		the SA
 * @skb:	GSO packet for which espvif_offload_segments() is true, with headers as for
 *		espvif_offload_take(), without a trailer
 * @seq:	the first segment's number
 * @next_header: what is inside
 *
 * Context: RCU read side, bottom halves disabled.
 * Return: true if it is ready to be sent, false if it must be dropped.
 */
bool espvif_offload_take_whole(struct espvif_sa *sa, struct sk_buff *skb, u64 seq,
			       u8 next_header)
{
	struct espvif_shadow *shadow = rcu_dereference(sa->offload.active);
	unsigned int count = skb_shinfo(skb)->gso_segs;
	struct xfrm_replay_state_esn *esn;
	struct xfrm_offload *xo;

	xo = shadow && driver_agrees(shadow, skb) ? put_on(shadow, skb, seq) : NULL;
	if (!xo)
		return false;
	note_inner(sa, skb, next_header, xo);
	write_iv(sa, skb, seq);
	skb->encapsulation = 1;
	skb_shinfo(skb)->gso_type |= SKB_GSO_ESP;
	esn = shadow->state->replay_esn;
	if (esn) {
		WRITE_ONCE(esn->oseq, lower_32_bits(seq + count - 1));
		WRITE_ONCE(esn->oseq_hi, upper_32_bits(seq + count - 1));
	}
	espvif_count_many(sa->enet->counters, ESPVIF_OUT_OFFLOADED, count);
	return true;
}

/* ----- out, at the device -------------------------------------------------- */

static bool is_fragment(const struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IP))
		return ip_is_fragment(ip_hdr(skb));
	return ipv6_hdr(skb)->nexthdr == NEXTHDR_FRAGMENT;
}

static void set_ip_len(struct sk_buff *skb)
{
	unsigned int len = skb_tail_pointer(skb) - skb_network_header(skb);

	if (skb->protocol == htons(ETH_P_IP)) {
		ip_hdr(skb)->tot_len = htons(len);
		ip_send_check(ip_hdr(skb));
	} else {
		ipv6_hdr(skb)->payload_len = htons(len - sizeof(struct ipv6hdr));
	}
}

/*
 * A segment that the kernel made takes a number of its own: those that its packet was
 * given may be used by copies of that, which went to other devices.
 */
static int number_segment(struct espvif_sa *sa, struct sk_buff *skb, u64 *seq)
{
	*seq = espvif_sa_take_numbers(sa, 1);
	if (!espvif_sa_number_ok(sa, *seq))
		return -EOVERFLOW;
	((struct espvif_esp_hdr *)skb_transport_header(skb))->seq = htonl(lower_32_bits(*seq));
	write_iv(sa, skb, *seq);
	return 0;
}

static int make_tailroom(struct sk_buff *skb, unsigned int len)
{
	if (skb_linearize_cow(skb))
		return -ENOMEM;
	if (skb_tailroom(skb) >= len)
		return 0;
	return pskb_expand_head(skb, 0, len - skb_tailroom(skb), GFP_ATOMIC);
}

/* Which number a packet has that is no segment of the kernel's, or is finished */
static u64 number_of(struct sk_buff *skb)
{
	const struct xfrm_offload *xo = xfrm_offload(skb);

	return xo->seq.low | (u64)xo->seq.hi << 32;
}

/*
 * Write what is missing but for IV, encryption and a checksum that the device makes.
 * Says which number the packet has.
 */
static int finish(struct espvif_sa *sa, struct sk_buff *skb, bool for_device, u64 *seq)
{
	const struct espvif_esp_shape *shape = &sa->transform.shape;
	const struct xfrm_offload *xo = xfrm_offload(skb);
	unsigned int payload_len, pad_len;
	int err = 0;

	*seq = number_of(skb);
	if (!(xo->flags & (NO_TRAILER | XFRM_GSO_SEGMENT)))
		return 0;
	if (make_tailroom(skb, shape->align + 2 + shape->icv_len) ||
	    (!for_device && skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb)))
		return -ENOMEM;
	if (xo->flags & XFRM_GSO_SEGMENT)
		err = number_segment(sa, skb, seq);
	if (err)
		return err;
	payload_len = skb_tail_pointer(skb) - skb_transport_header(skb) -
		      sizeof(struct espvif_esp_hdr) - shape->iv_len;
	pad_len = espvif_esp_pad_len(shape, payload_len);
	espvif_esp_write_trailer(skb_put(skb, pad_len + 2 + shape->icv_len), pad_len,
				 xo->proto);
	set_ip_len(skb);
	return 0;
}

/* It was finished for the device, and linear; now that is to do nothing */
static int take_back(const struct espvif_sa *sa, struct sk_buff *skb, u64 *seq)
{
	unsigned int len = trailer_len(sa, skb);
	int err;

	*seq = number_of(skb);
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return 0;
	__skb_trim(skb, skb->len - len);
	err = skb_checksum_help(skb);
	__skb_put(skb, len);
	return err;
}

static void encrypted_late(struct espvif_crypt *op, int err)
{
	struct espvif_sa *sa = op->context;
	struct sk_buff *skb = op->skb;
	struct net_device *dev = skb->dev;

	espvif_crypt_put(op);
	if (err) {
		espvif_drop(sa->enet, sa, NULL, skb, ESPVIF_OUT_CRYPTO_ERROR);
	} else {
		secpath_reset(skb);
		skb_push(skb, skb->data - skb_mac_header(skb));
		xfrm_dev_resume(skb);
	}
	dev_put(dev);
	espvif_sa_put(sa);
}

static int start_encryption(struct espvif_sa *sa, struct sk_buff *skb, u64 seq)
{
	const struct espvif_esp_shape *shape = &sa->transform.shape;
	struct espvif_crypt *op = espvif_crypt_get(&sa->transform);
	int err;

	if (!op)
		return -ENOMEM;
	op->skb = skb;
	op->context = sa;
	op->done = encrypted_late;
	op->esp = (struct espvif_esp_hdr *)skb_transport_header(skb);
	op->seq = seq;
	op->crypt_len = skb_tail_pointer(skb) - (u8 *)op->esp - sizeof(*op->esp) -
			shape->iv_len - shape->icv_len;
	dev_hold(skb->dev);
	err = espvif_crypt_seal(op);
	if (err == -EINPROGRESS)
		return err;
	dev_put(skb->dev);
	espvif_crypt_put(op);
	return err;
}

/* Not by its SPI alone, which bytes of an IP header may have by chance */
static bool is_at_esp(const struct xfrm_state *state, struct sk_buff *skb)
{
	const struct espvif_esp_hdr *esp =
		(const struct espvif_esp_hdr *)skb_transport_header(skb);

	return esp->spi == state->id.spi && ntohl(esp->seq) == xfrm_offload(skb)->seq.low;
}

static int encrypt_alone(struct espvif_sa *sa, const struct xfrm_state *state,
			 struct sk_buff *skb)
{
	u64 seq;
	int err;

	if (skb_linearize_cow(skb))
		return -ENOMEM;
	/* one that waits for the device's segmentation can't be encrypted any more */
	if (is_fragment(skb) || skb_is_gso(skb) || !is_at_esp(state, skb))
		return -EINVAL;
	err = xfrm_offload(skb)->flags & FINISHED ? take_back(sa, skb, &seq) :
						    finish(sa, skb, false, &seq);
	return err ?: start_encryption(sa, skb, seq);
}

static void note_loss(struct espvif_sa *sa, const struct sk_buff *skb, int err)
{
	enum espvif_counter reason = err == -ENOMEM ? ESPVIF_OUT_NO_MEMORY :
				     err == -EOVERFLOW ? ESPVIF_OUT_SEQUENCE :
							 ESPVIF_OUT_CRYPTO_ERROR;

	espvif_drop_note(sa->enet, sa, NULL, skb->len, reason);
}

/* The device was another one after all, or has lost the SA: do its work */
static int encrypt(struct xfrm_state *state, struct sk_buff *skb)
{
	struct espvif_sa *sa = READ_ONCE(espvif_shadow_of(state)->sa);
	int err;

	if (!sa || !espvif_sa_tryget(sa))
		return -ENOKEY;
	err = encrypt_alone(sa, state, skb);
	if (err == -EINPROGRESS)
		return err;
	if (err) {
		note_loss(sa, skb, err);
	} else {
		secpath_reset(skb);
		skb->encapsulation = 0;
		espvif_count(sa->enet->counters, ESPVIF_OUT_OFFLOAD_MISSED);
	}
	espvif_sa_put(sa);
	return err;
}

/* What the device makes itself, and what it leaves to us, of a packet for it */
static int prepare_for(struct espvif_sa *sa, struct sk_buff *skb)
{
	struct xfrm_offload *xo;
	u64 seq;
	int err;

	/* should the kernel segment it after all, each segment has yet to be prepared */
	if (skb_is_gso(skb))
		return 0;
	err = finish(sa, skb, true, &seq);
	if (err)
		return err;
	/* a copy of the packet, on its way elsewhere, may share it */
	if (!skb_ext_add(skb, SKB_EXT_SEC_PATH))
		return -ENOMEM;
	xo = xfrm_offload(skb);
	/* the next time, too, the ESP header is where it is now */
	xo->flags = (xo->flags & ~XFRM_GSO_SEGMENT) | FINISHED;
	xo->seq.low = lower_32_bits(seq);
	xo->seq.hi = upper_32_bits(seq);
	return 0;
}

static int prepare(struct xfrm_state *state, struct sk_buff *skb)
{
	struct espvif_sa *sa = READ_ONCE(espvif_shadow_of(state)->sa);
	int err;

	if (!sa)
		return -ENOKEY;
	err = prepare_for(sa, skb);
	if (err)
		note_loss(sa, skb, err);
	return err;
}

/*
 * The kernel marks the segments that it makes, and with them other copies of the packet:
 * they share the mark. Where one of these was to be segmented by the device, the kernel
 * takes it for a segment, whose ESP header it looks for further ahead in transport mode.
 */
static int unmark_whole(const struct xfrm_state *state, struct sk_buff *skb)
{
	if (!skb_is_gso(skb) || !(xfrm_offload(skb)->flags & XFRM_GSO_SEGMENT))
		return 0;
	if (!skb_ext_add(skb, SKB_EXT_SEC_PATH))
		return -ENOMEM;
	xfrm_offload(skb)->flags &= ~XFRM_GSO_SEGMENT;
	/* or one that a device segments further: it is where it should be */
	if (!is_at_esp(state, skb))
		skb->transport_header += state->props.header_len;
	return 0;
}

static int make_ready(struct xfrm_state *state, struct sk_buff *skb,
		      netdev_features_t features)
{
	const struct espvif_shadow *shadow = espvif_shadow_of(state);

	if (unmark_whole(state, skb))
		return -ENOMEM;
	if (READ_ONCE(shadow->stopped) || is_fragment(skb))
		return encrypt(state, skb);
	if (skb->dev != shadow->nic && skb->dev == shadow->via)
		return 0;
	if (skb->dev != shadow->nic || !(features & NETIF_F_HW_ESP))
		return encrypt(state, skb);
	return xfrm_offload(skb)->flags & FINISHED ? 0 : prepare(state, skb);
}

/*
 * The last thing that happens to a packet before the driver; for a bond, once there
 * and once at the card, and again whenever the card was too busy for it. Between here
 * and the driver no RCU grace period passes.
 */
static int xmit(struct xfrm_state *state, struct sk_buff *skb, netdev_features_t features)
{
	int err = make_ready(state, skb, features);

	if (!err || err == -EINPROGRESS)
		return err;
	/* told of an error, the kernel would forget the segments that came before this one */
	XFRM_INC_STATS(xs_net(state), LINUX_MIB_XFRMOUTSTATEPROTOERROR);
	kfree_skb(skb);
	return -EINPROGRESS;
}

/* ----- in ------------------------------------------------------------------ */

/*
 * The kernel's own ESP has got hold of a packet that our shadow decrypted, in GRO. It
 * is to do nothing with it and find nothing wrong, and to ask those who handle ESP
 * what to do, who know: espvif_offload_return(). For that all headers stay, data
 * begins with them, and what is inside is told to be what is outside.
 */
static int input_tail(struct xfrm_state *state, struct sk_buff *skb)
{
	const struct xfrm_offload *xo = xfrm_offload(skb);
	bool four = skb->protocol == htons(ETH_P_IP);

	if (!xo || !(xo->flags & XFRM_GRO) ||
	    state->props.family != (four ? AF_INET : AF_INET6))
		return -EINVAL;
	skb_push(skb, -skb_network_offset(skb));
	skb_reset_transport_header(skb);
	return four ? IPPROTO_IPIP : IPPROTO_IPV6;
}

static bool is_ours(struct sk_buff *skb)
{
	const struct xfrm_offload *xo = xfrm_offload(skb);
	const struct xfrm_state *state;

	if (!xo || !(xo->flags & CRYPTO_DONE))
		return false;
	state = xfrm_input_state(skb);
	return state->type_offload && state->type_offload->xmit == xmit;
}

/**
 * espvif_offload_return() - take back what a device decrypted for us
 * @skb:	packet that the kernel's own ESP has taken in GRO, and will free
 *
 * A copy of its head comes in by our handler.
 *
 * Context: bottom halves disabled.
 * Return: false if the packet is none of ours.
 */
bool espvif_offload_return(struct sk_buff *skb)
{
	struct sk_buff *copy;

	if (!is_ours(skb) || !(xfrm_offload(skb)->flags & XFRM_GRO))
		return false;
	xfrm_offload(skb)->flags &= ~XFRM_GRO;
	copy = skb_clone(skb, GFP_ATOMIC);
	/* the kernel asks twice */
	secpath_reset(skb);
	if (copy) {
		skb_push(copy, -skb_network_offset(copy));
		netif_rx(copy);
	}
	return true;
}

/* Drivers of cards that complete numbers want to know when their half changes */
static void tell_progress(const struct espvif_sa *sa, struct espvif_shadow *shadow)
{
	struct xfrm_state *state = shadow->state;
	u64 progress = espvif_offload_progress(sa);

	if (likely(progress <= READ_ONCE(shadow->told)))
		return;
	spin_lock_bh(&state->lock);
	if (progress > shadow->told) {
		u64 highest = READ_ONCE(sa->replay->highest);

		state->replay_esn->seq = lower_32_bits(highest);
		state->replay_esn->seq_hi = upper_32_bits(highest);
		shadow->nic->xfrmdev_ops->xdo_dev_state_advance_esn(state);
		WRITE_ONCE(shadow->told, progress);
	}
	spin_unlock_bh(&state->lock);
}

/**
 * espvif_offload_received() - has a device decrypted this packet
 * @sa:		inbound SA that it names
 * @skb:	the packet, an ESP header first
 *
 * Context: RCU read side, bottom halves disabled.
 * Return: what the device has to say.
 */
enum espvif_offload_verdict espvif_offload_received(struct espvif_sa *sa, struct sk_buff *skb)
{
	struct espvif_shadow *active = rcu_dereference(sa->offload.active);
	const struct xfrm_offload *xo = xfrm_offload(skb);

	if (active && sa->transform.esn)
		tell_progress(sa, active);
	if (!xo || !is_ours(skb) ||
	    READ_ONCE(espvif_shadow_of(xfrm_input_state(skb))->sa) != sa)
		return ESPVIF_OFFLOAD_NONE;

	if (xo->status & CRYPTO_SUCCESS) {
		espvif_count(sa->enet->counters, ESPVIF_IN_OFFLOADED);
		return ESPVIF_OFFLOAD_DECRYPTED;
	}
	return xo->status & (CRYPTO_TRANSPORT_ESP_AUTH_FAILED | CRYPTO_TUNNEL_ESP_AUTH_FAILED) ?
	       ESPVIF_OFFLOAD_NOT_AUTHENTIC : ESPVIF_OFFLOAD_ERROR;
}

/**
 * espvif_offload_set_callbacks() - have packets of a shadow come to us
 * @callbacks:	of the shadow
 */
void espvif_offload_set_callbacks(struct xfrm_type_offload *callbacks)
{
	callbacks->proto = IPPROTO_ESP;
	callbacks->xmit = xmit;
	callbacks->input_tail = input_tail;
}
