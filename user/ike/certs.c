// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Certificates in IKE_AUTH, and requests for them (RFC 7296, 3.6 and 3.7; RFC 4945):
 * ours are sent as the connection has it; the peer's must lead to an authority that
 * we trust and stand for the identity it claims. Only X.509 certificates as they
 * are; nothing is fetched from anywhere.
 */
#include "crypto/cert.h"
#include "ike/auth.h"
#include "lib/iana.h"

/* As many authorities are asked for by name; of more, any will do */
#define AUTHORITIES_MAX 40

/**
 * ike_certs_put_request - ask for a certificate
 * @ike: the engine; nothing is appended if it trusts nobody
 * @writer: where to append it
 */
void ike_certs_put_request(struct ike *ike, struct wire_writer *writer)
{
	const struct crypto_trust *trust = ike->ops->trust(ike->context);
	uint8_t hashes[AUTHORITIES_MAX * CRYPTO_AUTHORITY_SIZE];
	size_t length = 0, count = 0;

	if (trust)
		count = crypto_trust_ca_count(trust);
	if (!count)
		return;
	if (count <= AUTHORITIES_MAX)
		error_free(crypto_trust_authorities(trust, hashes,
						    sizeof(hashes), &length));
	wire_put_cert(writer, IANA_PAYLOAD_CERTREQ, IANA_CERT_X509_SIGNATURE,
		      bytes_of(hashes, length));
}

/* Tells why the peer may not like our certificate. */
static void check_wanted(struct ike_sa *sa, const struct wire_cert *request)
{
	const struct ike_local_auth *auth = &sa->connection->model.local_auth;
	const struct crypto_trust *trust = sa->ike->ops->trust(sa->ike->context);
	struct crypto_cert *certs[IKE_CERTS_MAX];
	struct error *error = NULL;
	struct crypto_chain chain;
	size_t count = 0;

	while (!error && count < auth->cert_count) {
		error = crypto_cert_from_der(auth->certs[count].data,
					     auth->certs[count].length,
					     &certs[count]);
		count += !error;
	}
	chain = (struct crypto_chain){ certs[0], certs + 1, count - 1 };
	if (!error && !crypto_trust_is_requested(trust, &chain,
						 request->data.data,
						 request->data.length))
		ike_sa_log(sa, IKE_LEVEL_INFO,
			   "the peer asks for a certificate of other authorities than that of '%s'",
			   crypto_cert_subject(certs[0]));
	while (count)
		crypto_cert_free(certs[--count]);
	error_free(error);
}

/**
 * ike_certs_take_request - note whether the peer asks for a certificate
 * @sa: the IKE SA, which has a connection
 * @payloads: what the peer sent
 *
 * It counts that it asks: we have one certificate to offer, and the authorities
 * that the peer names may not be all it trusts.
 */
void ike_certs_take_request(struct ike_sa *sa,
			    const struct wire_payloads *payloads)
{
	const struct ike_local_auth *auth = &sa->connection->model.local_auth;
	const struct wire_cert *request;
	uint16_t i;

	for (i = 0; i < payloads->certreq_count; i++) {
		request = &payloads->certreqs[i];
		if (request->encoding != IANA_CERT_X509_SIGNATURE)
			continue;
		if (!sa->handshake->cert_asked && request->data.length &&
		    auth->cert_count && sa->ike->ops->trust(sa->ike->context))
			check_wanted(sa, request);
		sa->handshake->cert_asked = true;
	}
}

/**
 * ike_certs_put - append our certificates, if they are to be sent
 * @sa: the IKE SA
 * @writer: where to
 */
void ike_certs_put(struct ike_sa *sa, struct wire_writer *writer)
{
	const struct ike_local_auth *auth = &sa->connection->model.local_auth;
	uint16_t i;

	/* they are of no use to anybody but with a signature */
	if (!sa->handshake->signature ||
	    auth->send_cert == IKE_SEND_CERT_NEVER ||
	    (auth->send_cert == IKE_SEND_CERT_IF_ASKED &&
	     !sa->handshake->cert_asked))
		return;
	for (i = 0; i < auth->cert_count; i++)
		wire_put_cert(writer, IANA_PAYLOAD_CERT,
			      IANA_CERT_X509_SIGNATURE, auth->certs[i]);
}

/* Says what the peer has sent instead of a certificate we can read. */
static struct error *no_certificate(const struct wire_payloads *payloads)
{
	char text[IANA_TEXT_SIZE];

	if (payloads->cert_count)
		return error_refused(0, "it sent its certificate as %s, we read %s only",
				     iana_text(IANA_CERT,
					       payloads->certs[0].encoding,
					       text), "X509_SIGNATURE");
	return error_refused(0, "it sent no certificate, and with no public key that we have of it the signature is right: let it send one (leftsendcert=always there)");
}

static struct error *read_all(const struct wire_payloads *payloads,
			      struct crypto_cert *certs[WIRE_CERTS_MAX],
			      size_t *count)
{
	const struct wire_cert *cert;
	struct error *error;
	uint16_t i;

	*count = 0;
	for (i = 0; i < payloads->cert_count; i++) {
		cert = &payloads->certs[i];
		/* RFC 7296, 3.6: the first one is that of the key */
		if (cert->encoding != IANA_CERT_X509_SIGNATURE) {
			if (!i)
				break;
			continue;
		}
		error = crypto_cert_from_der(cert->data.data, cert->data.length,
					     &certs[*count]);
		if (error)
			return error_prefix(error, "certificate %u that it sent: ",
					    i + 1u);
		++*count;
	}
	return *count ? NULL : no_certificate(payloads);
}

/* Does a chain lead to an authority as a connection has it? */
static struct error *verify_chain(struct ike *ike,
				  const struct ike_remote_auth *auth,
				  const struct crypto_chain *chain)
{
	const struct crypto_trust *trust = ike->ops->trust(ike->context);
	const struct crypto_rules rules = {
		.now = ike->ops->wall_clock(ike->context),
		.crl_strict = ike->config.crl_strict,
		.ca = auth->ca.data,
		.ca_length = auth->ca.length,
	};

	if (!trust || !crypto_trust_ca_count(trust))
		return error_refused(0, "it sent a certificate, and we trust no authority");
	return crypto_trust_verify(trust, chain, &rules);
}

/**
 * ike_certs_fit - may a peer with these certificates mean a connection
 * @ike: the engine
 * @auth: what the connection demands of its peer
 * @payloads: what the peer sent
 *
 * Return: false if the connection demands an authority, and the certificates do
 * not lead through it.
 */
bool ike_certs_fit(struct ike *ike, const struct ike_remote_auth *auth,
		   const struct wire_payloads *payloads)
{
	struct crypto_cert *certs[WIRE_CERTS_MAX];
	struct crypto_chain chain;
	struct error *error;
	size_t count;
	bool fits;

	if (!auth->ca.length || !payloads->cert_count)
		return true;
	error = read_all(payloads, certs, &count);
	if (!error) {
		chain = (struct crypto_chain){ certs[0], certs + 1, count - 1 };
		error = verify_chain(ike, auth, &chain);
	}
	fits = !error;
	error_free(error);
	while (count)
		crypto_cert_free(certs[--count]);
	return fits;
}

static struct error *check_chain(struct ike_sa *sa,
				 const struct crypto_chain *chain,
				 const struct ike_id *peer)
{
	const struct ike_remote_auth *auth = &sa->connection->model.remote_auth;
	struct error *error = verify_chain(sa->ike, auth, chain);

	if (!error && !auth->any_id)
		error = crypto_cert_check_id(chain->cert, peer->type,
					     peer->data, peer->length);
	return error;
}

/**
 * ike_certs_find_key - find the peer's key in the certificate it sent
 * @sa: the IKE SA
 * @payloads: what it sent
 * @peer: who it says that it is
 * @key: set to the key, to be freed with crypto_public_key_free()
 *
 * Return: NULL, or why nobody vouches for a key of that peer.
 */
struct error *ike_certs_find_key(struct ike_sa *sa,
				 const struct wire_payloads *payloads,
				 const struct ike_id *peer,
				 struct crypto_public_key **key)
{
	struct crypto_cert *certs[WIRE_CERTS_MAX];
	struct crypto_chain chain;
	struct error *error;
	size_t count;

	error = read_all(payloads, certs, &count);
	if (!error) {
		chain = (struct crypto_chain){ certs[0], certs + 1, count - 1 };
		error = check_chain(sa, &chain, peer);
	}
	if (!error)
		error = crypto_cert_public_key(certs[0], key);
	if (!error)
		ike_sa_log(sa, IKE_LEVEL_PEER, "the peer sent the certificate '%s'",
			   crypto_cert_subject(certs[0]));
	while (count)
		crypto_cert_free(certs[--count]);
	return error;
}
