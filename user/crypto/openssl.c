// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Failures inside OpenSSL. It keeps a queue of reasons per thread; we take the
 * first, which is the cause, and leave nothing behind for others to stumble
 * over.
 */
#include <errno.h>
#include <openssl/err.h>

#include "crypto/openssl.h"

/**
 * openssl_forget_errors - empty OpenSSL's queue of errors
 *
 * For failures that were expected and are told in words of ours.
 */
void openssl_forget_errors(void)
{
	ERR_clear_error();
}

/**
 * openssl_error - something that should have worked did not
 * @what: what was tried: "cannot ..." would come in front
 *
 * Return: the error.
 */
struct error *openssl_error(const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());

	openssl_forget_errors();
	if (!reason)
		return error_refused(EIO, "cannot %s", what);
	return error_refused(EIO, "cannot %s: OpenSSL says '%s'", what, reason);
}

/**
 * openssl_no_passphrase - what to answer when OpenSSL asks for a passphrase
 * @buffer: where the passphrase would go
 * @size: bytes there
 * @writing: whether something is to be encrypted
 * @data: nothing
 *
 * Without this it would ask at the terminal.
 *
 * Return: that there is none.
 */
int openssl_no_passphrase(char *buffer, int size, int writing, void *data)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)data;
	return -1;
}
