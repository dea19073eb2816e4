// SPDX-License-Identifier: GPL-2.0-only
/*
 * One ESP packet through the crypto API: associated data, IV, ICV, synchronous
 * or asynchronous. Requests live in a slot per CPU: only an operation that is
 * still in flight makes the next one allocate.
 */
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "compat/crypto.h"
#include "crypt.h"

/* Enough for the algorithms of the CPU; larger ones (authenc chains) allocate once */
#define REQSIZE_MIN	768

static struct espvif_crypt * __percpu *slots;

/**
 * espvif_crypt_init() - make the slots
 *
 * Return: 0 or -ENOMEM.
 */
int espvif_crypt_init(void)
{
	slots = alloc_percpu(struct espvif_crypt *);
	return slots ? 0 : -ENOMEM;
}

/**
 * espvif_crypt_uninit() - free the slots; nothing is in flight any more
 */
void espvif_crypt_uninit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		kfree_sensitive(*per_cpu_ptr(slots, cpu));
	free_percpu(slots);
}

/**
 * espvif_crypt_get() - get what a packet needs
 * @transform:	algorithm that it will use; must outlive the operation
 *
 * Context: bottom halves disabled.
 * Return: the operation, its @skb, @context, @done, @esp, @seq, @crypt_len and what @turn
 * delivers for the caller to set; NULL if there is no memory.
 */
struct espvif_crypt *espvif_crypt_get(const struct espvif_transform *transform)
{
	unsigned int reqsize = crypto_aead_reqsize(transform->aead);
	struct espvif_crypt *op = this_cpu_xchg(*slots, NULL);

	if (!op || op->reqsize < reqsize) {
		kfree_sensitive(op);
		reqsize = max_t(unsigned int, reqsize, REQSIZE_MIN);
		op = kmalloc(sizeof(*op) + reqsize, GFP_ATOMIC);
		if (!op)
			return NULL;
		op->reqsize = reqsize;
		espvif_turn_init(&op->turn, 1, NULL);
		sg_init_table(op->sg, ARRAY_SIZE(op->sg));
		sg_set_buf(&op->sg[0], op->aad, sizeof(op->aad));
		sg_init_table(op->whole, ARRAY_SIZE(op->whole));
	}
	op->transform = transform;
	aead_request_set_tfm(&op->req, transform->aead);
	return op;
}

/**
 * espvif_crypt_put() - give an operation back
 * @op:		is not in flight
 *
 * Context: bottom halves disabled.
 */
void espvif_crypt_put(struct espvif_crypt *op)
{
	kfree_sensitive(this_cpu_xchg(*slots, op));
}

static void copy_iv(u8 *to, const u8 *from, unsigned int len)
{
	/* nearly always so, and two instructions then */
	if (likely(len == sizeof(u64)))
		memcpy(to, from, sizeof(u64));
	else
		memcpy(to, from, len);
}

/* SPI and all 64 bits of the sequence number as they are authenticated (RFC 4303 2.2.1) */
static unsigned int set_aad(struct espvif_crypt *op, const u8 *wire_iv)
{
	unsigned int iv_len = op->transform->shape.iv_len;
	__be32 *words = (__be32 *)op->aad;

	words[0] = op->esp->spi;
	words[1] = cpu_to_be32(upper_32_bits(op->seq));
	words[2] = cpu_to_be32(lower_32_bits(op->seq));
	copy_iv((u8 *)(words + 3), wire_iv, iv_len);
	return 3 * sizeof(*words) + iv_len;
}

static void complete_op(espvif_completion_arg *arg, int err)
{
	struct espvif_crypt *op = espvif_completion_data(arg);

	local_bh_disable();
	op->done(op, err);
	local_bh_enable();
}

/*
 * Have the request work on @len bytes behind the IV. What is authenticated with them
 * stands in front of them in the packet itself, one piece with them, unless the upper
 * half of the sequence number, which is not sent, belongs in its middle.
 */
static struct scatterlist *prepare(struct espvif_crypt *op, const u8 *wire_iv,
				   unsigned int len)
{
	unsigned int iv_len = op->transform->shape.iv_len;
	unsigned int aad_len = sizeof(*op->esp) + iv_len;
	struct scatterlist *sg = op->whole;

	if (op->transform->esn) {
		aad_len = set_aad(op, wire_iv);
		sg = op->sg;
		sg[0].length = aad_len;
		sg_set_buf(&sg[1], (u8 *)(op->esp + 1) + iv_len, len);
	} else {
		sg_set_buf(sg, op->esp, aad_len + len);
	}
	copy_iv(op->iv, wire_iv, iv_len);
	aead_request_set_callback(&op->req, 0, complete_op, op);
	aead_request_set_ad(&op->req, aad_len);
	return sg;
}

/**
 * espvif_crypt_seal_with_iv() - encrypt a packet with a given IV
 * @op:		filled in; the linear part of its packet holds, from @esp on, ESP
 *		header, room for the IV, @crypt_len bytes, room for the ICV
 * @iv:		bytes of the algorithm's IV length
 *
 * For espvif_crypt_seal() and for tests with known answers.
 *
 * Return: 0 when done, -EINPROGRESS if @done will be called, or an error.
 */
int espvif_crypt_seal_with_iv(struct espvif_crypt *op, const u8 *iv)
{
	struct scatterlist *sg;

	copy_iv((u8 *)(op->esp + 1), iv, op->transform->shape.iv_len);
	sg = prepare(op, iv, op->crypt_len + op->transform->shape.icv_len);
	aead_request_set_crypt(&op->req, sg, sg, op->crypt_len, op->iv);
	return crypto_aead_encrypt(&op->req);
}

/**
 * espvif_crypt_make_iv() - the IV of a packet
 * @transform:	algorithm that it will use
 * @seq:	the packet's number, all 64 bits
 * @iv:		where to: bytes of the algorithm's IV length
 */
void espvif_crypt_make_iv(const struct espvif_transform *transform, u64 seq, u8 *iv)
{
	__be64 count = cpu_to_be64(transform->iv_base + seq);

	if (transform->iv_random)
		get_random_bytes(iv, transform->shape.iv_len);
	else
		copy_iv(iv, (u8 *)&count, min_t(size_t, sizeof(count), transform->shape.iv_len));
}

/**
 * espvif_crypt_seal() - encrypt a packet
 * @op:		as for espvif_crypt_seal_with_iv()
 *
 * Return: 0 when done, -EINPROGRESS if @done will be called, or an error.
 */
int espvif_crypt_seal(struct espvif_crypt *op)
{
	u8 iv[ESPVIF_IV_MAX];

	espvif_crypt_make_iv(op->transform, op->seq, iv);
	return espvif_crypt_seal_with_iv(op, iv);
}

/**
 * espvif_crypt_open() - verify and decrypt a packet
 * @op:		filled in; the linear part of its packet holds, from @esp on, ESP
 *		header, IV, @crypt_len bytes, ICV
 *
 * Return: 0 when done, -EINPROGRESS if @done will be called, -EBADMSG if the
 * packet is not authentic, or another error.
 */
int espvif_crypt_open(struct espvif_crypt *op)
{
	unsigned int len = op->crypt_len + op->transform->shape.icv_len;
	struct scatterlist *sg = prepare(op, (const u8 *)(op->esp + 1), len);

	aead_request_set_crypt(&op->req, sg, sg, len, op->iv);
	return crypto_aead_decrypt(&op->req);
}
