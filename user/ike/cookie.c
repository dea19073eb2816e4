// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Makes and checks cookies. Nothing is kept but one secret; a cookie says in
 * which minute it was made and is good for that and the next.
 */
#include "ike/cookie.h"
#include "lib/array.h"
#include "lib/iana.h"
#include "lib/secret.h"

#define PERIOD 60000

static struct error *compute(struct ike *ike, const struct ike_path *path,
			     uint64_t spi_i, struct bytes nonce,
			     uint8_t minute, uint8_t cookie[IKE_COOKIE_SIZE])
{
	const struct address *address = &path->remote.address;
	const struct crypto_piece key = {
		ike->cookie_secret, sizeof(ike->cookie_secret)
	};
	const struct crypto_piece pieces[] = {
		{ cookie, 1 },
		{ &spi_i, sizeof(spi_i) },
		{ address->bytes, address->length },
		{ nonce.data, nonce.length },
	};

	cookie[0] = minute;
	return crypto_prf(crypto_prf_find(IANA_PRF_HMAC_SHA2_256), &key,
			  pieces, ARRAY_SIZE(pieces), cookie + 1);
}

static uint8_t this_minute(const struct ike *ike)
{
	return (uint8_t)(ike_now(ike) / PERIOD);
}

/**
 * ike_cookie_make - make a cookie
 * @ike: the engine
 * @path: where the request came from
 * @spi_i: SPI of the initiator
 * @nonce: of the initiator
 * @cookie: set to the cookie
 *
 * Return: NULL, or why there is none.
 */
struct error *ike_cookie_make(struct ike *ike, const struct ike_path *path,
			      uint64_t spi_i, struct bytes nonce,
			      uint8_t cookie[IKE_COOKIE_SIZE])
{
	return compute(ike, path, spi_i, nonce, this_minute(ike), cookie);
}

/**
 * ike_cookie_check - is it a cookie of ours
 * @ike: the engine
 * @path: where the request came from
 * @spi_i: SPI of the initiator
 * @nonce: of the initiator
 * @cookie: what it sent
 *
 * Return: whether it is one that we made for this request not long ago.
 */
bool ike_cookie_check(struct ike *ike, const struct ike_path *path,
		      uint64_t spi_i, struct bytes nonce, struct bytes cookie)
{
	uint8_t expected[IKE_COOKIE_SIZE];
	struct error *error;

	if (cookie.length != IKE_COOKIE_SIZE ||
	    (uint8_t)(this_minute(ike) - cookie.data[0]) > 1)
		return false;
	error = compute(ike, path, spi_i, nonce, cookie.data[0], expected);
	if (error) {
		error_free(error);
		return false;
	}
	return secret_equal(expected, cookie.data, IKE_COOKIE_SIZE);
}
