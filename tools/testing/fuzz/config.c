// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzes ipsec.conf, ipsec.secrets, and lists of proposals. The first byte chooses.
 * What was accepted must be such that its users need not ask again.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "config/secrets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
	if (!condition)
		abort();
}

/* Other files are not for a fuzzer to read. */
static bool names_files(const uint8_t *data, size_t size)
{
	return memmem(data, size, "include", 7);
}

static const char *write_file(const uint8_t *data, size_t size)
{
	static char path[] = "/tmp/fuzz_config.XXXXXX";
	static int file = -1;

	if (file < 0) {
		file = mkostemp(path, O_CLOEXEC);
		check(file >= 0);
	}
	check(!ftruncate(file, 0));
	check(pwrite(file, data, size, 0) == (ssize_t)size);
	return path;
}

static void check_proposals(const struct cfg_proposals *proposals, bool ike)
{
	size_t i;

	check(proposals->count && proposals->count <= CFG_PROPOSALS_MAX);
	for (i = 0; i < proposals->count; i++) {
		check(proposals->items[i].encr.count);
		check(!ike || (proposals->items[i].prf.count &&
			       proposals->items[i].ke.count));
	}
}

static void check_connection(const struct cfg_connection *connection)
{
	check(*connection->name);
	check(connection->sides[CFG_LEFT].host.kind != CFG_HOST_NONE);
	check(connection->sides[CFG_RIGHT].host.kind != CFG_HOST_NONE);
	check(connection->sides[CFG_LEFT].subnets.count <= CFG_SUBNETS_MAX);
	check(connection->salifetime && connection->ikelifetime);
	check_proposals(connection->ike, true);
	check_proposals(connection->esp, false);
	check(cfg_connection_equal(connection, connection));
}

static void fuzz_conf(const uint8_t *data, size_t size)
{
	struct cfg *cfg;
	size_t i;

	check(!cfg_load(write_file(data, size), &cfg));
	for (i = 0; i < cfg->count; i++)
		check_connection(&cfg->connections[i]);
	cfg_free(cfg);
}

static void fuzz_secrets(const uint8_t *data, size_t size)
{
	struct cfg_secrets secrets;
	size_t i;

	check(!cfg_secrets_load(write_file(data, size), &secrets));
	for (i = 0; i < secrets.count; i++)
		check(secrets.items[i].length);
	cfg_secret_find(&secrets, CFG_SECRET_PSK, "192.0.2.1", "@east");
	cfg_secrets_free(&secrets);
}

static void fuzz_proposals(const uint8_t *data, size_t size, bool ike)
{
	char *text = strndup((const char *)data, size);
	struct cfg_proposals proposals;
	struct error *error;

	error = cfg_proposals_parse(text, ike, &proposals);
	if (!error)
		check_proposals(&proposals, ike);
	error_free(error);
	free(text);
}

/**
 * LLVMFuzzerTestOneInput - read one file or list
 * @data: the choice of what it is, and its text
 * @size: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size || names_files(data, size))
		return 0;
	switch (data[0] % 4) {
	case 0:
		fuzz_conf(data + 1, size - 1);
		break;
	case 1:
		fuzz_secrets(data + 1, size - 1);
		break;
	case 2:
		fuzz_proposals(data + 1, size - 1, true);
		break;
	case 3:
		fuzz_proposals(data + 1, size - 1, false);
		break;
	}
	return 0;
}
