// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * 'ipsec initnss', 'ipsec checknss' and 'ipsec import': the key store and what
 * is put into it. Names and messages are Libreswan's, whose store is NSS's.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <termios.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/command.h"
#include "keys/keys.h"

#define PASSWORD_SIZE 256

enum store_option {
	STORE_NSSDIR,
};

static const struct option_spec store_options[] = {
	[STORE_NSSDIR] = { "nssdir", "DIRECTORY",
			   "the key store, /etc/ipsec.d if not given", 0 },
	{}
};

static const char *directory_of(const struct arguments *arguments,
				size_t option)
{
	const char *directory = arguments_value(arguments, option);

	return directory ? directory : KEYS_DIRECTORY;
}

static struct error *initnss(const struct arguments *arguments)
{
	const char *directory = directory_of(arguments, STORE_NSSDIR);
	struct error *error;
	bool existed;

	error = keys_init(directory, &existed);
	if (error)
		return error;
	if (existed)
		return error_refused(EEXIST, "NSS database already initialised - aborted: there is a key store in %s; to begin anew, remove its directories private, certs, cacerts and crls",
				     directory);
	puts("Initializing NSS database");
	return NULL;
}

const struct command command_initnss = {
	.name = "initnss",
	.summary = "Make the key store",
	.options = store_options,
	.run = initnss,
};

static struct error *checknss(const struct arguments *arguments)
{
	const char *directory = directory_of(arguments, STORE_NSSDIR);
	struct error *error;
	bool existed;

	error = keys_init(directory, &existed);
	if (error)
		return error;
	if (!existed)
		puts("Initializing NSS database");
	return keys_check(directory);
}

const struct command command_checknss = {
	.name = "checknss",
	.summary = "Check the key store, make it if there is none",
	.options = store_options,
	.run = checknss,
};

enum import_option {
	IMPORT_NAME,
	IMPORT_NSSDIR,
};

static const struct option_spec import_options[] = {
	[IMPORT_NAME] = { "name", "NICKNAME",
			  "call the certificate so, not by its friendly name",
			  0 },
	[IMPORT_NSSDIR] = { "nssdir", "DIRECTORY",
			    "the key store, /etc/ipsec.d if not given", 0 },
	{}
};

/* Reads a line from standard input, silently if that is a terminal. */
static struct error *ask_password(char password[PASSWORD_SIZE])
{
	struct termios before, silent;
	bool terminal = !tcgetattr(STDIN_FILENO, &before);
	char *read;

	if (terminal) {
		fputs("Enter password for PKCS12 file: ", stderr);
		silent = before;
		silent.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	}
	/* so that no copy of it stays behind in a buffer */
	setvbuf(stdin, NULL, _IONBF, 0);
	read = fgets(password, PASSWORD_SIZE, stdin);
	if (terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		fputc('\n', stderr);
	}
	if (!read)
		return error_refused(0, "the password of the file is expected on standard input");
	if (!strchr(password, '\n') && strlen(password) == PASSWORD_SIZE - 1)
		return error_usage("a password of more than %d characters is too long",
				   PASSWORD_SIZE - 2);
	password[strcspn(password, "\n")] = '\0';
	return NULL;
}

static struct error *import(const struct arguments *arguments)
{
	const char *name = arguments_value(arguments, IMPORT_NAME);
	struct keys_imported imported;
	char password[PASSWORD_SIZE];
	struct error *error;

	if (!arguments->operand)
		return error_usage("which file? Name a PKCS#12 file, as in: ipsec import west.p12");
	/* nobody is asked for the password of a file that isn't there */
	if (access(arguments->operand, R_OK))
		return error_refused(errno, "%s: %s", arguments->operand,
				     strerror(errno));
	/* neither a core dump nor a debugger is to show key or password */
	prctl(PR_SET_DUMPABLE, 0);
	error = ask_password(password);
	if (!error)
		error = keys_import(directory_of(arguments, IMPORT_NSSDIR),
				    arguments->operand, password, name,
				    &imported);
	explicit_bzero(password, sizeof(password));
	if (error)
		return error;
	puts("PKCS12 IMPORT SUCCESSFUL");
	printf("certificate '%s' of '%s', %zu authorit%s\n", imported.nickname,
	       imported.subject, imported.ca_count,
	       imported.ca_count == 1 ? "y" : "ies");
	return NULL;
}

const struct command command_import = {
	.name = "import",
	.summary = "Take key and certificates of a PKCS#12 file",
	.operand = "FILE",
	.operand_help = "FILE is a PKCS#12 file; its password is asked for, or read from standard input",
	.options = import_options,
	.run = import,
};
