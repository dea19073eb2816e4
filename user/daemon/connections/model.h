/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From what the configuration says of a connection to what the engine is told.
 */
#ifndef DAEMON_MODEL_H
#define DAEMON_MODEL_H

#include "config/model.h"
#include "daemon/connections/orient.h"
#include "ike/connection.h"

#define MODEL_IKE_PORT 500
#define MODEL_MARKED_PORT 4500

ERROR_MUST_CHECK
struct error *model_build(const struct cfg_connection *connection,
			  const struct orientation *orientation,
			  const struct cfg_setup *setup,
			  struct ike_model *model);
bool model_is_negotiated(const struct cfg_connection *connection);

#endif /* DAEMON_MODEL_H */
