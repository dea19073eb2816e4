// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads and writes messages between the engine and the parent, sends and receives
 * them, at most one file descriptor with each.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/parent/parent_wire.h"

/* The room that control messages need for a descriptor */
union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static void put_keys(struct bytes_writer *writer,
		     const struct parent_keys *keys)
{
	size_t i;

	bytes_put_text(writer, keys->directory, PARENT_SENTENCE_MAX);
	bytes_put_text(writer, keys->secrets, PARENT_SENTENCE_MAX);
	bytes_put_u16(writer, (uint16_t)keys->file_count);
	for (i = 0; i < keys->file_count; i++)
		bytes_put_text(writer, keys->files[i], PARENT_SENTENCE_MAX);
}

static bool take_keys(struct bytes_reader *reader, struct parent_keys *keys)
{
	size_t i;

	keys->directory = bytes_take_text(reader, PARENT_SENTENCE_MAX);
	keys->secrets = bytes_take_text(reader, PARENT_SENTENCE_MAX);
	keys->file_count = bytes_take_u16(reader);
	if (keys->file_count > PARENT_FILES_MAX)
		return false;
	for (i = 0; i < keys->file_count; i++)
		keys->files[i] = bytes_take_text(reader, PARENT_SENTENCE_MAX);
	return !reader->failed;
}

/**
 * parent_wire_encode - write a message
 * @writer: where to
 * @message: the message
 */
void parent_wire_encode(struct bytes_writer *writer,
			const struct parent_message *message)
{
	bytes_put_u8(writer, (uint8_t)message->kind);
	bytes_put_u64(writer, message->token);
	switch (message->kind) {
	case PARENT_STATE:
		bytes_put_u8(writer, (uint8_t)message->state);
		break;
	case PARENT_OPEN_KEYS:
		put_keys(writer, &message->keys);
		break;
	case PARENT_RUN:
		updown_encode(writer, &message->updown);
		break;
	case PARENT_LINE:
	case PARENT_FAILED:
		bytes_put_text(writer, message->sentence, PARENT_SENTENCE_MAX);
		break;
	case PARENT_KEYS:
	case PARENT_DONE:
		break;
	}
}

static bool take_body(struct bytes_reader *reader,
		      struct parent_message *message)
{
	uint8_t state;

	switch (message->kind) {
	case PARENT_STATE:
		state = bytes_take_u8(reader);
		message->state = (enum parent_state)state;
		return state >= PARENT_STATE_READY &&
		       state <= PARENT_STATE_ALIVE;
	case PARENT_OPEN_KEYS:
		return take_keys(reader, &message->keys);
	case PARENT_RUN:
		return updown_decode(reader, &message->updown);
	case PARENT_LINE:
	case PARENT_FAILED:
		message->sentence = bytes_take_text(reader,
						    PARENT_SENTENCE_MAX);
		return message->sentence;
	case PARENT_KEYS:
	case PARENT_DONE:
		return true;
	}
	return false;
}

/**
 * parent_wire_decode - read a message
 * @packet: all of it
 * @message: to be filled; its texts are in @packet
 *
 * Return: whether it is one.
 */
bool parent_wire_decode(struct bytes packet, struct parent_message *message)
{
	struct bytes_reader reader;

	bytes_reader_init(&reader, packet);
	memset(message, 0, sizeof(*message));
	message->kind = (enum parent_message_kind)bytes_take_u8(&reader);
	message->token = bytes_take_u64(&reader);
	return !reader.failed && take_body(&reader, message) &&
	       !reader.failed && !reader.left;
}

/**
 * parent_wire_send - send a packet
 * @socket: where to
 * @packet: a message
 * @descriptor: what goes with it, -1 for nothing
 * @wait: wait for room; else the packet isn't sent if there is none
 *
 * Return: whether it was sent; else errno tells why.
 */
bool parent_wire_send(int socket, struct bytes packet, int descriptor,
		      bool wait)
{
	union control control;
	struct iovec vector = {
		.iov_base = (void *)(uintptr_t)packet.data,
		.iov_len = packet.length,
	};
	struct msghdr header = { .msg_iov = &vector, .msg_iovlen = 1 };
	ssize_t sent;

	if (descriptor >= 0) {
		memset(&control, 0, sizeof(control));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &descriptor, sizeof(int));
		header.msg_control = &control;
		header.msg_controllen = sizeof(control);
	}
	do {
		sent = sendmsg(socket, &header,
			       MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT));
	} while (sent < 0 && errno == EINTR);
	return sent >= 0;
}

static int descriptor_of(struct msghdr *header)
{
	struct cmsghdr *control = CMSG_FIRSTHDR(header);
	int descriptor = -1;

	if (control && control->cmsg_level == SOL_SOCKET &&
	    control->cmsg_type == SCM_RIGHTS &&
	    control->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&descriptor, CMSG_DATA(control), sizeof(int));
	return descriptor;
}

/**
 * parent_wire_receive - receive a packet, if there is one
 * @socket: where from
 * @packet: where to put it
 * @descriptor: where to put what came with it, -1 for nothing
 *
 * Return: bytes of the packet; 0 if the other side has ended; negative with errno
 * if there is none.
 */
ssize_t parent_wire_receive(int socket, uint8_t packet[PARENT_WIRE_SIZE_MAX],
			    int *descriptor)
{
	struct iovec vector = {
		.iov_base = packet, .iov_len = PARENT_WIRE_SIZE_MAX,
	};
	union control control;
	struct msghdr header = {
		.msg_iov = &vector, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	ssize_t length;

	*descriptor = -1;
	do {
		length = recvmsg(socket, &header,
				 MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (length < 0 && errno == EINTR);
	if (length > 0)
		*descriptor = descriptor_of(&header);
	return length;
}
