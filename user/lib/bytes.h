/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes of a message: views, a reader that never leaves what it was given, and
 * a writer that never leaves its buffer. Neither needs its errors checked after
 * each step: once a step did not fit, all later ones do nothing.
 */
#ifndef LIB_BYTES_H
#define LIB_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct bytes - some bytes that belong to somebody else
 * @data: where they are; NULL if there are none
 * @length: how many
 */
struct bytes {
	const uint8_t *data;
	size_t length;
};

/**
 * struct bytes_reader - takes bytes from the front
 * @next: the first that was not taken yet
 * @left: how many there are from there; none after a failure
 * @failed: more were asked for than there were
 */
struct bytes_reader {
	const uint8_t *next;
	size_t left;
	bool failed;
};

/**
 * struct bytes_writer - puts bytes at the end
 * @data: the buffer
 * @size: of the buffer
 * @used: how much of it is filled
 * @failed: something did not fit
 */
struct bytes_writer {
	uint8_t *data;
	size_t size;
	size_t used;
	bool failed;
};

struct bytes bytes_of(const void *data, size_t length);
bool bytes_equal(struct bytes one, struct bytes other);

void bytes_reader_init(struct bytes_reader *reader, struct bytes bytes);
struct bytes bytes_take(struct bytes_reader *reader, size_t length);
struct bytes bytes_take_rest(struct bytes_reader *reader);
uint8_t bytes_take_u8(struct bytes_reader *reader);
uint16_t bytes_take_u16(struct bytes_reader *reader);
uint32_t bytes_take_u32(struct bytes_reader *reader);
uint64_t bytes_take_u64(struct bytes_reader *reader);
const char *bytes_take_text(struct bytes_reader *reader, size_t size);

void bytes_writer_init(struct bytes_writer *writer, void *buffer, size_t size);
uint8_t *bytes_reserve(struct bytes_writer *writer, size_t length);
void bytes_put(struct bytes_writer *writer, struct bytes bytes);
void bytes_put_u8(struct bytes_writer *writer, uint8_t value);
void bytes_put_u16(struct bytes_writer *writer, uint16_t value);
void bytes_put_u32(struct bytes_writer *writer, uint32_t value);
void bytes_put_u64(struct bytes_writer *writer, uint64_t value);
void bytes_put_text(struct bytes_writer *writer, const char *text, size_t size);
struct bytes bytes_written(const struct bytes_writer *writer);

#endif /* LIB_BYTES_H */
