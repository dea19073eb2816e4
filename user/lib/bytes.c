// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads and writes numbers in network byte order, within bounds.
 */
#include <string.h>

#include "lib/bytes.h"

/**
 * bytes_of - a view of some bytes
 * @data: where they are
 * @length: how many
 *
 * Return: the view, valid as long as they are.
 */
struct bytes bytes_of(const void *data, size_t length)
{
	return (struct bytes){ .data = data, .length = length };
}

/**
 * bytes_equal - are two views of the same content
 * @one: a view
 * @other: a view
 *
 * Not for secrets: the time it takes tells where they differ.
 *
 * Return: whether all bytes are equal.
 */
bool bytes_equal(struct bytes one, struct bytes other)
{
	return one.length == other.length &&
	       (!one.length || !memcmp(one.data, other.data, one.length));
}

/**
 * bytes_reader_init - begin to read
 * @reader: the reader
 * @bytes: what it may read
 */
void bytes_reader_init(struct bytes_reader *reader, struct bytes bytes)
{
	*reader = (struct bytes_reader){
		.next = bytes.data,
		.left = bytes.length,
	};
}

/* Whoever reads as long as anything is left comes to an end. */
static void fail(struct bytes_reader *reader)
{
	reader->failed = true;
	reader->left = 0;
}

/**
 * bytes_take - take bytes from the front
 * @reader: the reader
 * @length: how many
 *
 * Return: a view of them; an empty one, and the reader has failed, if there
 * aren't as many.
 */
struct bytes bytes_take(struct bytes_reader *reader, size_t length)
{
	struct bytes taken = { NULL, 0 };

	if (reader->failed || length > reader->left) {
		fail(reader);
		return taken;
	}
	if (length) {
		taken = bytes_of(reader->next, length);
		reader->next += length;
		reader->left -= length;
	}
	return taken;
}

/**
 * bytes_take_rest - take all that is left
 * @reader: the reader
 *
 * Return: a view of it, empty if the reader has failed.
 */
struct bytes bytes_take_rest(struct bytes_reader *reader)
{
	return bytes_take(reader, reader->left);
}

static uint64_t take_number(struct bytes_reader *reader, size_t length)
{
	struct bytes bytes = bytes_take(reader, length);
	uint64_t number = 0;
	size_t i;

	for (i = 0; i < bytes.length; i++)
		number = number << 8 | bytes.data[i];
	return number;
}

/**
 * bytes_take_u8 - take a number of one byte
 * @reader: the reader
 *
 * Return: the number; 0 after a failure, here and in the following.
 */
uint8_t bytes_take_u8(struct bytes_reader *reader)
{
	return (uint8_t)take_number(reader, 1);
}

/**
 * bytes_take_u16 - take a number of two bytes
 * @reader: the reader
 *
 * Return: the number in host byte order.
 */
uint16_t bytes_take_u16(struct bytes_reader *reader)
{
	return (uint16_t)take_number(reader, 2);
}

/**
 * bytes_take_u32 - take a number of four bytes
 * @reader: the reader
 *
 * Return: the number in host byte order.
 */
uint32_t bytes_take_u32(struct bytes_reader *reader)
{
	return (uint32_t)take_number(reader, 4);
}

/**
 * bytes_take_u64 - take a number of eight bytes
 * @reader: the reader
 *
 * Return: the number in host byte order.
 */
uint64_t bytes_take_u64(struct bytes_reader *reader)
{
	return take_number(reader, 8);
}

/**
 * bytes_take_text - take a text as bytes_put_text() wrote it
 * @reader: the reader
 * @size: of the longest there may be, its 0 included
 *
 * Return: the text, in what is read from; NULL, and the reader has failed, if it
 * isn't one.
 */
const char *bytes_take_text(struct bytes_reader *reader, size_t size)
{
	struct bytes bytes = bytes_take(reader, bytes_take_u16(reader));

	if (!bytes.length || bytes.length > size ||
	    memchr(bytes.data, 0, bytes.length) !=
	    &bytes.data[bytes.length - 1]) {
		fail(reader);
		return NULL;
	}
	return (const char *)bytes.data;
}

/**
 * bytes_writer_init - begin to write
 * @writer: the writer
 * @buffer: where to
 * @size: of the buffer
 */
void bytes_writer_init(struct bytes_writer *writer, void *buffer, size_t size)
{
	*writer = (struct bytes_writer){ .data = buffer, .size = size };
}

/**
 * bytes_reserve - make room that the caller fills
 * @writer: the writer
 * @length: bytes of it
 *
 * Return: the room; NULL, and the writer has failed, if it doesn't fit.
 */
uint8_t *bytes_reserve(struct bytes_writer *writer, size_t length)
{
	uint8_t *room;

	if (writer->failed || length > writer->size - writer->used) {
		writer->failed = true;
		return NULL;
	}
	room = &writer->data[writer->used];
	writer->used += length;
	return room;
}

/**
 * bytes_put - append bytes
 * @writer: the writer
 * @bytes: what to copy
 */
void bytes_put(struct bytes_writer *writer, struct bytes bytes)
{
	uint8_t *room = bytes_reserve(writer, bytes.length);

	if (room && bytes.length)
		memcpy(room, bytes.data, bytes.length);
}

static void put_number(struct bytes_writer *writer, size_t length,
		       uint64_t value)
{
	uint8_t *room = bytes_reserve(writer, length);

	while (room && length--) {
		room[length] = (uint8_t)value;
		value >>= 8;
	}
}

/**
 * bytes_put_u8 - append a number of one byte
 * @writer: the writer
 * @value: the number
 */
void bytes_put_u8(struct bytes_writer *writer, uint8_t value)
{
	put_number(writer, 1, value);
}

/**
 * bytes_put_u16 - append a number of two bytes
 * @writer: the writer
 * @value: the number in host byte order
 */
void bytes_put_u16(struct bytes_writer *writer, uint16_t value)
{
	put_number(writer, 2, value);
}

/**
 * bytes_put_u32 - append a number of four bytes
 * @writer: the writer
 * @value: the number in host byte order
 */
void bytes_put_u32(struct bytes_writer *writer, uint32_t value)
{
	put_number(writer, 4, value);
}

/**
 * bytes_put_u64 - append a number of eight bytes
 * @writer: the writer
 * @value: the number in host byte order
 */
void bytes_put_u64(struct bytes_writer *writer, uint64_t value)
{
	put_number(writer, 8, value);
}

/**
 * bytes_put_text - append a text: its length, 16 bits, the text and its 0
 * @writer: the writer
 * @text: the text; what of it is too long is left out
 * @size: of the longest there may be, its 0 included; at most 65535
 */
void bytes_put_text(struct bytes_writer *writer, const char *text, size_t size)
{
	size_t length = strnlen(text, size - 1);

	bytes_put_u16(writer, (uint16_t)(length + 1));
	bytes_put(writer, bytes_of(text, length));
	bytes_put_u8(writer, 0);
}

/**
 * bytes_written - what was written
 * @writer: the writer
 *
 * Return: a view of it.
 */
struct bytes bytes_written(const struct bytes_writer *writer)
{
	return bytes_of(writer->data, writer->used);
}
