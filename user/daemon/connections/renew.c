// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Certificates are renewed while the connections that use them stay up.
 */
#include <stdlib.h>

#include "daemon/connections/model.h"
#include "daemon/engine/state.h"
#include "daemon/log.h"
#include "ike/id.h"

static bool names_cert(const struct connection *connection)
{
	return connection->config->sides[CFG_LEFT].cert ||
	       connection->config->sides[CFG_RIGHT].cert;
}

static bool same_list(const struct bytes *one, uint16_t count,
		      const struct bytes *other, uint16_t other_count)
{
	uint16_t i;

	for (i = 0; i < count && i < other_count; i++) {
		if (!bytes_equal(one[i], other[i]))
			return false;
	}
	return count == other_count;
}

/* Our certificates, and the keys of those of the peer */
static bool same_certs(const struct ike_model *one,
		       const struct ike_model *other)
{
	return same_list(one->local_auth.certs, one->local_auth.cert_count,
			 other->local_auth.certs,
			 other->local_auth.cert_count) &&
	       same_list(one->remote_auth.keys, one->remote_auth.key_count,
			 other->remote_auth.keys, other->remote_auth.key_count);
}

static bool same_ids(const struct ike_model *one, const struct ike_model *other)
{
	return ike_id_equal(&one->local_id, &other->local_id) &&
	       ike_id_equal(&one->remote_id, &other->remote_id);
}

static void cannot(const struct connection *connection, struct error *error)
{
	log_format(IKE_LEVEL_ERROR, "\"%s\": keeps its certificate: %s",
		   connection->config->name, error->sentence);
	error_free(error);
}

/* Gives the engine the new ones; nothing points to the old ones then. */
static void replace(struct connection *connection, struct ike_model *model,
		    struct credentials *credentials)
{
	struct error *error = ike_renew_auth(connection->daemon->ike, model);

	if (error) {
		cannot(connection, error);
		credentials_free(credentials);
		free(model);
		return;
	}
	credentials_free(connection->credentials);
	free(connection->built);
	connection->credentials = credentials;
	connection->built = model;
	connection->model = model;
	log_format(IKE_LEVEL_INFO, "\"%s\": has another certificate",
		   connection->config->name);
}

/**
 * connection_renew - read the certificates of a connection again
 * @connection: the connection
 *
 * SAs stay, and the next authentication is by the new ones, unless the identity is
 * that of a certificate and has changed: then the connection goes down and up. If there
 * is something wrong with the new ones, the connection keeps those that it has.
 */
void connection_renew(struct connection *connection)
{
	struct credentials *credentials;
	struct ike_model *model;
	struct error *error;

	if (!names_cert(connection) || !model_is_negotiated(connection->config))
		return;
	if (!connection->model) {
		/* perhaps for lack of a certificate */
		connection_orient(connection);
		return;
	}
	error = connection_build(connection, &connection->at, &model,
				 &credentials);
	if (error) {
		cannot(connection, error);
	} else if (!same_ids(model, connection->model)) {
		credentials_free(credentials);
		free(model);
		log_format(IKE_LEVEL_INFO, "\"%s\": another certificate, of another identity",
			   connection->config->name);
		connection_reload(connection);
	} else if (!same_certs(model, connection->model)) {
		replace(connection, model, credentials);
	} else {
		credentials_free(credentials);
		free(model);
	}
}
