/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that holds the private keys and signs with them. It opens them
 * first; then it gives up every right, and does nothing but answer on one socket
 * until that is closed. New keys are read by a new process.
 */
#ifndef DAEMON_KEYS_PROCESS_H
#define DAEMON_KEYS_PROCESS_H

#include <stddef.h>

/**
 * struct keys_process - what a keys process is to do
 * @directory: the key store; its being absent is no error
 * @files: further files with private keys
 * @file_count: how many
 * @secrets: path of ipsec.secrets, which has passwords for them; NULL = nowhere
 * @socket: SOCK_SEQPACKET, whose other end the engine has
 */
struct keys_process {
	const char *directory;
	const char *const *files;
	size_t file_count;
	const char *secrets;
	int socket;
};

int keys_process_run(const struct keys_process *process);

#endif /* DAEMON_KEYS_PROCESS_H */
