// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the hosts prove who they are: by a secret, by raw keys, by certificates, or
 * each by something else; and somebody who signs for them, who may take his time.
 * Signatures have a length that is always the same, so that a seed tells the same
 * story whatever the keys are.
 */
#include <certificates.h>
#include <stdlib.h>
#include <string.h>

#include "lib/iana.h"
#include "sim.h"

/* Keys and authorities that last as long as the program */
static struct signer pool;
static const struct signer_key *raw_keys[2], *cert_keys[2];
static struct crypto_trust *authorities;

static void must(struct error *error)
{
	if (error)
		abort();
}

static void make_authorities(void)
{
	struct crypto_cert *cert;

	must(crypto_trust_create(&authorities));
	must(crypto_cert_from_der(root, sizeof(root), &cert));
	must(crypto_trust_add_ca(authorities, cert));
	crypto_cert_free(cert);
}

static void forget_pool(void)
{
	crypto_trust_destroy(authorities);
	signer_free(&pool);
}

static void make_pool(void)
{
	unsigned int i;

	if (authorities)
		return;
	make_authorities();
	atexit(forget_pool);
	for (i = 0; i < 2; i++)
		raw_keys[i] = signer_make_key(&pool, CRYPTO_KEY_ED25519);
	cert_keys[0] = signer_read_key(&pool, key_pem, sizeof(key_pem));
	cert_keys[1] = signer_read_key(&pool, key_east_pem,
				       sizeof(key_east_pem));
}

static void use_secret(struct sim_end *end, struct ike_remote_auth *demands)
{
	end->model.local_auth.methods.secret = true;
	demands->methods.secret = true;
}

static void use_key(struct sim_end *end, const struct signer_key *key)
{
	struct ike_local_auth *auth = &end->model.local_auth;

	auth->has_key = true;
	auth->kind = key->kind;
	memcpy(auth->ckaid, key->ckaid, sizeof(auth->ckaid));
}

static void use_raw_key(struct sim_end *end, struct ike_remote_auth *demands)
{
	const struct signer_key *key = raw_keys[end->number];

	use_key(end, key);
	end->model.local_auth.methods.schemes = CRYPTO_SCHEME_EDDSA;
	demands->methods.schemes = CRYPTO_SCHEME_EDDSA;
	demands->key_count = 1;
	demands->keys[0] = bytes_of(key->spki, key->spki_length);
}

static void use_cert(struct sim_end *end, struct ike_remote_auth *demands)
{
	struct ike_local_auth *auth = &end->model.local_auth;

	use_key(end, cert_keys[end->number]);
	auth->methods.schemes = CRYPTO_SCHEME_ECDSA;
	auth->send_cert = sim_chance(end->host->sim, 50) ? IKE_SEND_CERT_ALWAYS :
						      IKE_SEND_CERT_IF_ASKED;
	auth->cert_count = 2;
	auth->certs[0] = end->number ? bytes_of(east, sizeof(east)) :
				       bytes_of(west, sizeof(west));
	auth->certs[1] = bytes_of(middle, sizeof(middle));
	/* no hashes: RFC 4754, whose signatures have a length of their own */
	demands->methods.schemes = CRYPTO_SCHEME_ECDSA;
	demands->certificates = true;
	/* what is in it is not what the simulation is about */
	demands->any_id = true;
}

/**
 * sim_auth_equip - give a host all keys that its tunnels may want
 * @host: the host
 */
void sim_auth_equip(struct sim_host *host)
{
	unsigned int i;

	make_pool();
	for (i = 0; i < 2; i++) {
		signer_lend_key(&host->signer, raw_keys[i]);
		signer_lend_key(&host->signer, cert_keys[i]);
	}
}

/**
 * sim_auth_choose - choose how the ends of a tunnel authenticate
 * @tunnel: the tunnel, whose hosts have keys and have not started
 */
void sim_auth_choose(struct sim_tunnel *tunnel)
{
	static void (*const ways[])(struct sim_end *end,
				    struct ike_remote_auth *demands) = {
		use_secret, use_raw_key, use_cert,
	};
	static const char *const names[] = {
		"a secret", "a raw key", "a certificate",
	};
	struct sim *sim = tunnel->ends[0].host->sim;
	bool same = sim_chance(sim, 80);
	uint32_t way = sim_below(sim, 3);
	unsigned int i;

	for (i = 0; i < 2; i++) {
		struct sim_end *end = &tunnel->ends[i];

		sim_say(sim, "host %u has %s for %s", end->host->number,
			names[way], tunnel->name);
		ways[way](end, &sim_other_end(end)->model.remote_auth);
		if (!same)
			way = sim_below(sim, 3);
	}
}

/**
 * sim_auth_copy - let the ends of a tunnel authenticate like those of another
 * @tunnel: the tunnel, between the same hosts
 * @from: the other one
 */
void sim_auth_copy(struct sim_tunnel *tunnel, const struct sim_tunnel *from)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		const struct ike_model *model = &from->ends[i].model;

		tunnel->ends[i].model.local_auth = model->local_auth;
		tunnel->ends[i].model.remote_auth = model->remote_auth;
	}
}

/**
 * sim_auth_trust - authorities
 *
 * Return: those that each host trusts.
 */
const struct crypto_trust *sim_auth_trust(void)
{
	return authorities;
}

/**
 * sim_auth_sign - somebody is asked for a signature
 * @host: by whom
 * @signing: what is to be signed
 *
 * Return: NULL, or why he doesn't.
 */
struct error *sim_auth_sign(struct sim_host *host,
			    const struct ike_signing *signing)
{
	struct sim *sim = host->sim;
	struct signer *signer = &host->signer;
	uint64_t wait = sim_below(sim, sim_chance(sim, 90) ? 50 : 5000);
	struct error *error;

	sim_note(sim, wait);
	error = signer_sign(signer, signing);
	if (!error)
		signer->jobs[signer->job_count - 1].due = sim->now + wait;
	return error;
}

/**
 * sim_auth_next - whose signature is the next to be ready
 * @sim: the simulation
 * @until: not later than that; set to when it is ready
 *
 * Return: the host, NULL if there is none.
 */
struct sim_host *sim_auth_next(struct sim *sim, uint64_t *until)
{
	struct sim_host *found = NULL;
	unsigned int i;

	for (i = 0; i < sim->host_count; i++) {
		struct sim_host *host = &sim->hosts[i];

		if (host->signer.job_count &&
		    host->signer.jobs[0].due < *until) {
			*until = host->signer.jobs[0].due;
			found = host;
		}
	}
	return found;
}

/**
 * sim_auth_hand_over - a signature is ready, or cannot be made after all
 * @host: whose
 */
void sim_auth_hand_over(struct sim_host *host)
{
	struct signer *signer = &host->signer;
	struct sim *sim = host->sim;

	if (sim->now < sim->network.shaky_until && sim_chance(sim, 5)) {
		sim_say(sim, "host %u loses a signature", host->number);
		signer_refuse(signer, host->ike, "it was lost");
		return;
	}
	signer_hand_over(signer, host->ike);
}
