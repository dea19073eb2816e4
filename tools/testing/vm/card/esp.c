// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The card's engine for ESP: the SAs that it was given, encryption of what the host
 * leaves to it, decryption of what comes in, and what it is told to do wrong. It
 * keeps to what drivers do: packets go up with their ESP headers, a secpath, and
 * what became of them; the upper half of a number that comes in is the one nearest
 * to what the host told last.
 */
#include <crypto/aead.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/seq_file.h>
#include <net/esp.h>
#include <net/ip.h>
#include <net/xfrm.h>

#include "cardsim.h"
#include "compat.h"

#define IV_LEN	8
#define ICV_LEN	16

/**
 * struct cardsim_sa - an SA in a card
 * @entry:	in the card's list
 * @x:		whose it is
 * @aead:	its algorithm with its key
 * @esn:	its numbers have 64 bits
 * @top:	the highest number received that the host has told of
 * @advances:	how often it did
 * @packets:	that went through
 */
struct cardsim_sa {
	struct list_head entry;
	struct xfrm_state *x;
	struct crypto_aead *aead;
	bool esn;
	u64 top;
	atomic_t advances;
	atomic64_t packets;
};

/* One packet with the crypto API */
struct job {
	struct scatterlist sg[2];
	u8 iv[IV_LEN];
	u8 aad[sizeof(struct ip_esp_hdr) + sizeof(__be32) + IV_LEN];
	struct aead_request req;
};

/* ----- SAs ----------------------------------------------------------------- */

static struct crypto_aead *make_aead(const struct xfrm_algo_aead *algo)
{
	struct crypto_aead *aead;
	int err;

	aead = crypto_alloc_aead(algo->alg_name, 0, CRYPTO_ALG_ASYNC);
	if (IS_ERR(aead))
		return aead;
	err = crypto_aead_setkey(aead, algo->alg_key, algo->alg_key_len / 8);
	if (!err)
		err = crypto_aead_setauthsize(aead, ICV_LEN);
	if (!err)
		return aead;
	crypto_free_aead(aead);
	return ERR_PTR(err);
}

static u64 told_top(const struct xfrm_state *x)
{
	return (u64)x->replay_esn->seq_hi << 32 | x->replay_esn->seq;
}

CARDSIM_STATE_ADD(state_add, x, extack)
{
	struct cardsim *card = netdev_priv(x->xso.real_dev);
	struct cardsim_sa *sa;

	if (READ_ONCE(card->fault) == CARDSIM_REFUSE) {
		CARDSIM_REFUSE_STATE(extack, "it was told to refuse");
		return -EINVAL;
	}
	if (x->xso.type != XFRM_DEV_OFFLOAD_CRYPTO || x->encap || !x->aead ||
	    strcmp(x->aead->alg_name, "rfc4106(gcm(aes))") ||
	    x->aead->alg_icv_len != ICV_LEN * 8) {
		CARDSIM_REFUSE_STATE(extack, "it does crypto with AES-GCM-16 only");
		return -EOPNOTSUPP;
	}

	sa = kzalloc(sizeof(*sa), GFP_KERNEL);
	if (!sa)
		return -ENOMEM;
	sa->aead = make_aead(x->aead);
	if (IS_ERR(sa->aead)) {
		int err = PTR_ERR(sa->aead);

		kfree(sa);
		return err;
	}
	sa->x = x;
	sa->esn = x->props.flags & XFRM_STATE_ESN;
	if (sa->esn)
		sa->top = told_top(x);
	x->xso.offload_handle = (unsigned long)sa;
	spin_lock_bh(&card->lock);
	list_add_tail_rcu(&sa->entry, &card->sas);
	spin_unlock_bh(&card->lock);
	return 0;
}

static struct cardsim_sa *sa_of(const struct xfrm_state *x)
{
	return (struct cardsim_sa *)x->xso.offload_handle;
}

static void state_delete(struct xfrm_state *x)
{
	struct cardsim *card = netdev_priv(x->xso.real_dev);

	spin_lock_bh(&card->lock);
	list_del_rcu(&sa_of(x)->entry);
	spin_unlock_bh(&card->lock);
}

static void state_free(struct xfrm_state *x)
{
	struct cardsim_sa *sa = sa_of(x);

	synchronize_net();
	crypto_free_aead(sa->aead);
	kfree(sa);
	x->xso.offload_handle = 0;
}

static void advance_esn(struct xfrm_state *x)
{
	struct cardsim_sa *sa = sa_of(x);

	lockdep_assert_held(&x->lock);
	WRITE_ONCE(sa->top, told_top(x));
	atomic_inc(&sa->advances);
}

/* As drivers of today */
static bool offload_ok(struct sk_buff *skb, struct xfrm_state *x)
{
	if (x->props.family == AF_INET)
		return ip_hdr(skb)->ihl == 5;
	return !ipv6_ext_hdr(ipv6_hdr(skb)->nexthdr);
}

const struct xfrmdev_ops cardsim_xfrmdev_ops = {
	.xdo_dev_state_add = state_add,
	.xdo_dev_state_delete = state_delete,
	.xdo_dev_state_free = state_free,
	.xdo_dev_offload_ok = offload_ok,
	.xdo_dev_state_advance_esn = advance_esn,
};

/**
 * cardsim_show_sas() - what a card has, and what it has done
 * @card:	the card
 * @file:	where to
 */
void cardsim_show_sas(struct cardsim *card, struct seq_file *file)
{
	const struct cardsim_sa *sa;

	seq_printf(file, "sealed=%lld opened=%lld supers=%lld summed=%lld strange=%lld busy=%lld\n",
		   atomic64_read(&card->sealed), atomic64_read(&card->opened),
		   atomic64_read(&card->supers), atomic64_read(&card->summed),
		   atomic64_read(&card->strange), atomic64_read(&card->busy));
	rcu_read_lock();
	list_for_each_entry_rcu(sa, &card->sas, entry) {
		const struct xfrm_state *x = sa->x;

		seq_printf(file, "%s spi=%#x mode=%s esn=%d advances=%d packets=%lld",
			   x->xso.dir == XFRM_DEV_OFFLOAD_IN ? "rx" : "tx",
			   ntohl(x->id.spi),
			   x->props.mode == XFRM_MODE_TUNNEL ? "tunnel" : "transport",
			   sa->esn, atomic_read(&sa->advances),
			   atomic64_read(&sa->packets));
		if (x->props.family == AF_INET)
			seq_printf(file, " daddr=%pI4\n", &x->id.daddr.a4);
		else
			seq_printf(file, " daddr=%pI6c\n", &x->id.daddr.a6);
	}
	rcu_read_unlock();
}

/* ----- crypto -------------------------------------------------------------- */

static unsigned int set_aad(struct job *job, const struct cardsim_sa *sa,
			    const struct ip_esp_hdr *esp, u64 seq)
{
	__be32 words[3] = { esp->spi, htonl(upper_32_bits(seq)), htonl(lower_32_bits(seq)) };
	unsigned int len = sizeof(words);

	if (!sa->esn) {
		words[1] = words[2];
		len -= sizeof(words[0]);
	}
	memcpy(job->aad, words, len);
	memcpy(job->aad + len, esp->enc_data, IV_LEN);
	return len + IV_LEN;
}

/* From the ESP header to the ICV, in one piece; len is that of all */
static int crypt(struct cardsim_sa *sa, struct ip_esp_hdr *esp, unsigned int len, u64 seq,
		 bool seal)
{
	unsigned int body = len - sizeof(*esp) - IV_LEN, aad_len;
	struct job *job;
	int err;

	job = kmalloc(sizeof(*job) + crypto_aead_reqsize(sa->aead), GFP_ATOMIC);
	if (!job)
		return -ENOMEM;
	aad_len = set_aad(job, sa, esp, seq);
	memcpy(job->iv, esp->enc_data, IV_LEN);
	sg_init_table(job->sg, ARRAY_SIZE(job->sg));
	sg_set_buf(&job->sg[0], job->aad, aad_len);
	sg_set_buf(&job->sg[1], esp->enc_data + IV_LEN, body);
	aead_request_set_tfm(&job->req, sa->aead);
	aead_request_set_callback(&job->req, 0, NULL, NULL);
	aead_request_set_ad(&job->req, aad_len);
	aead_request_set_crypt(&job->req, job->sg, job->sg, seal ? body - ICV_LEN : body,
			       job->iv);
	err = seal ? crypto_aead_encrypt(&job->req) : crypto_aead_decrypt(&job->req);
	kfree(job);
	atomic64_inc(&sa->packets);
	return err;
}

/* ----- out ----------------------------------------------------------------- */

static struct cardsim_sa *find_state(struct cardsim *card, const struct xfrm_state *x)
{
	struct cardsim_sa *sa;

	list_for_each_entry_rcu(sa, &card->sas, entry) {
		if (sa->x == x && x->xso.dir == XFRM_DEV_OFFLOAD_OUT)
			return sa;
	}
	return NULL;
}

/* A packet that is complete but for encryption */
static bool seal_one(struct cardsim *card, struct cardsim_sa *sa, struct sk_buff *skb, u64 seq)
{
	struct ip_esp_hdr *esp = (struct ip_esp_hdr *)skb_transport_header(skb);

	if (READ_ONCE(card->fault) == CARDSIM_CLEAR)
		return true;
	if (esp->spi != sa->x->id.spi || ntohl(esp->seq_no) != lower_32_bits(seq)) {
		atomic64_inc(&card->strange);
		return false;
	}
	atomic64_inc(&card->sealed);
	return !crypt(sa, esp, skb_tail_pointer(skb) - (u8 *)esp, seq, true);
}

/* The checksum of the packet inside, which doesn't cover ESP's trailer */
static int sum_inside(struct sk_buff *skb)
{
	unsigned int tail_len = ICV_LEN + 2 + *(skb_tail_pointer(skb) - ICV_LEN - 2);
	int err;

	__skb_trim(skb, skb->len - tail_len);
	err = skb_checksum_help(skb);
	__skb_put(skb, tail_len);
	return err;
}

static struct sk_buff *seal_all(struct cardsim *card, struct cardsim_sa *sa,
				struct sk_buff *skb, u64 seq, const struct xfrm_offload *xo)
{
	struct cardsim_super super = {
		.skb = skb, .seq = seq, .next_header = xo->proto, .icv_len = ICV_LEN,
		.tunnel = sa->x->props.mode == XFRM_MODE_TUNNEL,
	};
	struct sk_buff *segments = cardsim_segment(&super), *segment;

	kfree_skb(skb);
	for (segment = segments; segment; segment = segment->next) {
		if (!seal_one(card, sa, segment, seq++)) {
			kfree_skb_list(segments);
			return NULL;
		}
	}
	atomic64_inc(&card->supers);
	return segments;
}

/**
 * cardsim_seal() - do what the host has left to the card
 * @card:	the card
 * @skb:	a packet on its way out; taken over
 *
 * Context: RCU read side, bottom halves disabled.
 * Return: what is to be sent, a list; NULL if nothing.
 */
struct sk_buff *cardsim_seal(struct cardsim *card, struct sk_buff *skb)
{
	struct xfrm_offload *xo = xfrm_offload(skb);
	struct cardsim_sa *sa;
	u64 seq;

	if (!card->is_card || !xo || xo->flags & CRYPTO_DONE)
		return skb;
	sa = find_state(card, xfrm_input_state(skb));
	if (!sa) {
		atomic64_inc(&card->strange);
		goto free;
	}
	seq = xo->seq.low | (u64)xo->seq.hi << 32;
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		atomic64_inc(&card->summed);
	if (skb_is_gso(skb))
		return seal_all(card, sa, skb, seq, xo);

	skb = skb_unshare(skb, GFP_ATOMIC);
	if (!skb)
		return NULL;
	if (skb_linearize(skb) ||
	    (skb->ip_summed == CHECKSUM_PARTIAL && sum_inside(skb)) ||
	    !seal_one(card, sa, skb, seq))
		goto free;
	return skb;

free:
	kfree_skb(skb);
	return NULL;
}

/* ----- in ------------------------------------------------------------------ */

/* Where ESP begins, 0 if the card sees none */
static unsigned int find_esp(struct sk_buff *skb)
{
	unsigned int len = skb->protocol == htons(ETH_P_IP) ? sizeof(struct iphdr) :
							      sizeof(struct ipv6hdr);

	if (skb->protocol != htons(ETH_P_IP) && skb->protocol != htons(ETH_P_IPV6))
		return 0;
	skb_reset_network_header(skb);
	if (skb_linearize_cow(skb) ||
	    skb->len < len + sizeof(struct ip_esp_hdr) + IV_LEN + ICV_LEN)
		return 0;
	if (len == sizeof(struct ipv6hdr))
		return ipv6_hdr(skb)->nexthdr == IPPROTO_ESP ? len : 0;
	return ip_hdr(skb)->protocol == IPPROTO_ESP && ip_hdr(skb)->ihl == 5 &&
	       !ip_is_fragment(ip_hdr(skb)) ? len : 0;
}

static struct cardsim_sa *find_in(struct cardsim *card, const struct sk_buff *skb, __be32 spi)
{
	bool four = skb->protocol == htons(ETH_P_IP);
	struct cardsim_sa *sa;

	list_for_each_entry_rcu(sa, &card->sas, entry) {
		const struct xfrm_state *x = sa->x;

		if (x->xso.dir != XFRM_DEV_OFFLOAD_IN || x->id.spi != spi ||
		    x->props.family != (four ? AF_INET : AF_INET6))
			continue;
		if (four ? x->id.daddr.a4 == ip_hdr(skb)->daddr :
			   ipv6_addr_equal(&x->id.daddr.in6, &ipv6_hdr(skb)->daddr))
			return sa;
	}
	return NULL;
}

/* Some other SA of the same direction, for a card that mixes them up */
static struct xfrm_state *find_other(struct cardsim *card, struct xfrm_state *x)
{
	struct cardsim_sa *sa;

	list_for_each_entry_rcu(sa, &card->sas, entry) {
		if (sa->x != x && sa->x->xso.dir == XFRM_DEV_OFFLOAD_IN)
			return sa->x;
	}
	return x;
}

static u64 whole_number(const struct cardsim_sa *sa, u32 low)
{
	u64 top = READ_ONCE(sa->top), seq = (top & ~(u64)U32_MAX) | low;

	if (!sa->esn)
		return low;
	if (seq + BIT_ULL(31) < top)
		return seq + BIT_ULL(32);
	if (seq > top + BIT_ULL(31) && seq > U32_MAX)
		return seq - BIT_ULL(32);
	return seq;
}

static u32 status_of(const struct cardsim *card, const struct cardsim_sa *sa, int err)
{
	if (READ_ONCE(card->fault) == CARDSIM_BROKEN)
		return CRYPTO_GENERIC_ERROR;
	if (!err && READ_ONCE(card->fault) != CARDSIM_BAD_ICV)
		return CRYPTO_SUCCESS;
	return sa->x->props.mode == XFRM_MODE_TUNNEL ? CRYPTO_TUNNEL_ESP_AUTH_FAILED :
						       CRYPTO_TRANSPORT_ESP_AUTH_FAILED;
}

/**
 * cardsim_open() - decrypt what has come in for an SA of the card
 * @card:	the card
 * @skb:	the packet, from its IP header on
 *
 * Context: RCU read side, bottom halves disabled.
 */
void cardsim_open(struct cardsim *card, struct sk_buff *skb)
{
	struct xfrm_state *x;
	struct ip_esp_hdr *esp;
	struct cardsim_sa *sa;
	struct sec_path *path;
	unsigned int offset;
	int err;

	if (!card->is_card || list_empty(&card->sas) ||
	    READ_ONCE(card->fault) == CARDSIM_BLIND)
		return;
	offset = find_esp(skb);
	if (!offset)
		return;
	esp = (struct ip_esp_hdr *)(skb->data + offset);
	sa = find_in(card, skb, esp->spi);
	path = sa ? secpath_set(skb) : NULL;
	if (!path)
		return;

	err = crypt(sa, esp, skb->len - offset, whole_number(sa, ntohl(esp->seq_no)), false);
	atomic64_inc(&card->opened);
	x = READ_ONCE(card->fault) == CARDSIM_WRONG_SA ? find_other(card, sa->x) : sa->x;
	xfrm_state_hold(x);
	path->xvec[path->len++] = x;
	path->olen++;
	xfrm_offload(skb)->flags = CRYPTO_DONE;
	xfrm_offload(skb)->status = status_of(card, sa, err);
}
