/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the engine and the parent say to each other: one message a packet of a
 * SOCK_SEQPACKET socket, a kind u8, a token u64, and what the kind needs.
 */
#ifndef DAEMON_PARENT_WIRE_H
#define DAEMON_PARENT_WIRE_H

#include <stdbool.h>
#include <sys/types.h>

#include "daemon/parent/updown.h"
#include "lib/bytes.h"

#define PARENT_WIRE_SIZE_MAX 65536

#define PARENT_FILES_MAX 256
#define PARENT_SENTENCE_MAX 1024

/**
 * enum parent_message_kind - kinds of messages
 * @PARENT_STATE: from the engine: how it is
 * @PARENT_OPEN_KEYS: from the engine: start a keys process with these keys
 * @PARENT_RUN: from the engine: run an updown command
 * @PARENT_KEYS: to the engine: the socket of a keys process comes with it
 * @PARENT_LINE: to the engine: a command wrote a line
 * @PARENT_DONE: to the engine: a command did what it should
 * @PARENT_FAILED: to the engine: a command did not, and why
 */
enum parent_message_kind {
	PARENT_STATE = 1,
	PARENT_OPEN_KEYS,
	PARENT_RUN,
	PARENT_KEYS,
	PARENT_LINE,
	PARENT_DONE,
	PARENT_FAILED,
};

/**
 * enum parent_state - how the engine is
 * @PARENT_STATE_READY: it can be asked and answers peers
 * @PARENT_STATE_RELOADING: it reads its configuration again, and will be ready
 * @PARENT_STATE_STOPPING: it says good-bye
 * @PARENT_STATE_ALIVE: it works on, to be said now and then
 */
enum parent_state {
	PARENT_STATE_READY = 1,
	PARENT_STATE_RELOADING,
	PARENT_STATE_STOPPING,
	PARENT_STATE_ALIVE,
};

/**
 * struct parent_keys - which keys a keys process is to open
 * @directory: the key store
 * @secrets: path of ipsec.secrets, for passwords of files
 * @files: further files
 * @file_count: how many
 */
struct parent_keys {
	const char *directory;
	const char *secrets;
	const char *files[PARENT_FILES_MAX];
	size_t file_count;
};

/**
 * struct parent_message - one message
 * @kind: what it is
 * @token: the updown command that it is about
 * @state: of PARENT_STATE
 * @keys: of PARENT_OPEN_KEYS
 * @updown: of PARENT_RUN
 * @sentence: of PARENT_LINE and PARENT_FAILED
 *
 * Texts of a message that was read are in the packet.
 */
struct parent_message {
	enum parent_message_kind kind;
	uint64_t token;
	union {
		enum parent_state state;
		struct parent_keys keys;
		struct updown updown;
		const char *sentence;
	};
};

void parent_wire_encode(struct bytes_writer *writer,
			const struct parent_message *message);
bool parent_wire_decode(struct bytes packet, struct parent_message *message);

bool parent_wire_send(int socket, struct bytes packet, int descriptor,
		      bool wait);
ssize_t parent_wire_receive(int socket, uint8_t packet[PARENT_WIRE_SIZE_MAX],
			    int *descriptor);

#endif /* DAEMON_PARENT_WIRE_H */
