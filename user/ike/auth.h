/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Within user/ike only: what AUTH payloads hold (RFC 7296, 2.15; RFC 7427), and
 * the certificates around them.
 */
#ifndef IKE_AUTH_H
#define IKE_AUTH_H

#include "crypto/sign.h"
#include "ike/sa.h"

#define IKE_OCTETS_PIECES 3

/**
 * struct ike_octets - what an AUTH payload vouches for
 * @pieces: a message of IKE_SA_INIT, the other side's nonce, and @id_code
 * @id_code: the identity, by the pseudorandom function of the IKE SA
 */
struct ike_octets {
	struct crypto_piece pieces[IKE_OCTETS_PIECES];
	uint8_t id_code[CRYPTO_PRF_SIZE_MAX];
};

/**
 * struct ike_signature - a signature of ours
 * @scheme: how it is made
 * @awaited: it is not there yet
 * @made: the signature
 */
struct ike_signature {
	const struct crypto_scheme *scheme;
	bool awaited;
	struct crypto_signature made;
};

/* auth.c */
ERROR_MUST_CHECK
struct error *ike_auth_octets(struct ike_sa *sa, bool of_initiator,
			      struct bytes id, struct ike_octets *octets);
ERROR_MUST_CHECK
struct error *ike_auth_our_octets(struct ike_sa *sa,
				  struct ike_octets *octets);
bool ike_auth_may(const struct ike_methods *methods, uint8_t method);
ERROR_MUST_CHECK
struct error *ike_auth_prepare(struct ike_sa *sa);
ERROR_MUST_CHECK
struct error *ike_auth_put(struct ike_sa *sa, struct wire_writer *writer);
ERROR_MUST_CHECK
struct error *ike_auth_check(struct ike_sa *sa,
			     const struct wire_payloads *payloads);

/* auth_secret.c */
ERROR_MUST_CHECK
struct error *ike_secret_put(struct ike_sa *sa, struct wire_writer *writer);
ERROR_MUST_CHECK
struct error *ike_secret_check(struct ike_sa *sa, const struct ike_id *peer,
			       const struct ike_octets *octets,
			       const struct wire_auth *auth);

/* auth_signature.c */
void ike_signature_put_hashes(const struct ike_methods *methods,
			      struct wire_writer *writer);
void ike_signature_take_hashes(struct ike_handshake *handshake,
			       const struct wire_payloads *payloads);
ERROR_MUST_CHECK
struct error *ike_signature_begin(struct ike_sa *sa,
				  const struct crypto_scheme *scheme);
bool ike_signature_is_awaited(const struct ike_sa *sa);
ERROR_MUST_CHECK
struct error *ike_signature_take(struct ike_sa *sa, struct bytes signature);
ERROR_MUST_CHECK
struct error *ike_signature_put(struct ike_sa *sa,
				struct wire_writer *writer);
ERROR_MUST_CHECK
struct error *ike_signature_check(struct ike_sa *sa,
				  const struct wire_payloads *payloads,
				  const struct ike_id *peer,
				  const struct ike_octets *octets);

/* certs.c */
void ike_certs_put_request(struct ike *ike, struct wire_writer *writer);
void ike_certs_take_request(struct ike_sa *sa,
			    const struct wire_payloads *payloads);
void ike_certs_put(struct ike_sa *sa, struct wire_writer *writer);
bool ike_certs_fit(struct ike *ike, const struct ike_remote_auth *auth,
		   const struct wire_payloads *payloads);
ERROR_MUST_CHECK
struct error *ike_certs_find_key(struct ike_sa *sa,
				 const struct wire_payloads *payloads,
				 const struct ike_id *peer,
				 struct crypto_public_key **key);

#endif /* IKE_AUTH_H */
