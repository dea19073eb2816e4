// SPDX-License-Identifier: GPL-2.0-only
/*
 * Self-tests of the ESP layout: lengths against RFC 4303's rules and against
 * packets known to be right, the trailer with every pad length.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/in.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "esp.h"
#include "selftest/selftest.h"

#define PAYLOAD_MAX	1600
#define PAD_MAX		255
#define GUARD		0xa5

static const struct espvif_esp_shape shapes[] __initconst = {
	{ .iv_len = 0, .icv_len = 12, .align = 4 },
	{ .iv_len = 8, .icv_len = 8, .align = 4 },
	{ .iv_len = 8, .icv_len = 16, .align = 4 },
	{ .iv_len = 8, .icv_len = 12, .align = 8 },
	{ .iv_len = 16, .icv_len = 12, .align = 16 },
	{ .iv_len = 16, .icv_len = 32, .align = 16 },
};

struct known_packet {
	struct espvif_esp_shape shape;
	unsigned int payload_len;
	unsigned int pad_len;
	unsigned int packet_len;
};

/* Counted in RFC 3602 section 4, in RFC 7634 appendix A, and on paper */
static const struct known_packet known[] __initconst = {
	{ { 16, 0, 16 }, 64, 14, 104 },
	{ { 16, 0, 16 }, 28, 2, 56 },
	{ { 16, 0, 16 }, 84, 10, 120 },
	{ { 16, 0, 16 }, 68, 10, 104 },
	{ { 8, 16, 4 }, 84, 2, 120 },
	{ { 16, 12, 16 }, 0, 14, 52 },
	{ { 16, 12, 16 }, 14, 0, 52 },
	{ { 16, 12, 16 }, 15, 15, 68 },
	{ { 0, 12, 4 }, 0, 2, 24 },
	{ { 0, 12, 4 }, 1, 1, 24 },
	{ { 0, 12, 4 }, 2, 0, 24 },
	{ { 0, 12, 4 }, 3, 3, 28 },
};

static bool __init expect(const char *what, const struct espvif_esp_shape *shape,
			  unsigned int len, unsigned int expected, unsigned int got)
{
	if (expected == got)
		return true;
	pr_err("esp self-test: %s (IV %u, ICV %u, align %u) of %u: expected %u, got %u\n", what,
	       shape->iv_len, shape->icv_len, shape->align, len, expected, got);
	return false;
}

static bool __init test_known(void)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		const struct espvif_esp_shape *shape = &known[i].shape;
		unsigned int len = known[i].payload_len;

		ok &= expect("pad length", shape, len, known[i].pad_len,
			     espvif_esp_pad_len(shape, len));
		ok &= expect("packet length", shape, len, known[i].packet_len,
			     espvif_esp_packet_len(shape, len));
	}
	return ok;
}

static bool __init test_payload(const struct espvif_esp_shape *shape, unsigned int len)
{
	unsigned int fixed = sizeof(struct espvif_esp_hdr) + shape->iv_len + shape->icv_len;
	unsigned int pad_len = espvif_esp_pad_len(shape, len);
	unsigned int packet_len = espvif_esp_packet_len(shape, len);
	bool ok;

	ok = expect("least padding", shape, len, true, pad_len < shape->align);
	ok &= expect("alignment", shape, len, 0, (len + pad_len + 2) % shape->align);
	ok &= expect("sum of the parts", shape, len, fixed + len + pad_len + 2, packet_len);
	ok &= expect("possible packet", shape, packet_len, true,
		     espvif_esp_packet_len_ok(shape, packet_len));
	ok &= expect("room of its own packet", shape, packet_len, len + pad_len,
		     espvif_esp_payload_max(shape, packet_len));
	return ok;
}

/* The longest payload fits, and one byte more doesn't */
static bool __init test_room(const struct espvif_esp_shape *shape, unsigned int room)
{
	unsigned int most = espvif_esp_payload_max(shape, room);
	bool fits_empty = espvif_esp_packet_len(shape, 0) <= room;
	bool ok;

	if (!fits_empty)
		return expect("most payload without room", shape, room, 0, most);

	ok = expect("fits", shape, room, true, espvif_esp_packet_len(shape, most) <= room);
	ok &= expect("one more fits", shape, room, false,
		     espvif_esp_packet_len(shape, most + 1) <= room);
	return ok;
}

/* A length is possible if and only if some payload makes it */
static bool __init test_received(const struct espvif_esp_shape *shape, unsigned int len)
{
	unsigned int most = espvif_esp_payload_max(shape, len);
	bool possible = espvif_esp_packet_len(shape, most) == len;

	return expect("possible packet", shape, len, possible,
		      espvif_esp_packet_len_ok(shape, len));
}

static bool __init test_lengths(void)
{
	unsigned int len;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		for (len = 0; len <= PAYLOAD_MAX; len++) {
			if (!test_payload(&shapes[i], len) || !test_room(&shapes[i], len) ||
			    !test_received(&shapes[i], len))
				return false;
		}
	}
	return true;
}

static bool __init test_write_trailer(unsigned int pad_len)
{
	u8 tail[PAD_MAX + 3];
	unsigned int i;

	memset(tail, GUARD, sizeof(tail));
	espvif_esp_write_trailer(tail, pad_len, IPPROTO_IPIP);

	for (i = 0; i < pad_len; i++) {
		if (tail[i] != i + 1) {
			pr_err("esp self-test: padding of %u: expected byte %u to be %u, got %u\n",
			       pad_len, i, i + 1, tail[i]);
			return false;
		}
	}
	if (tail[pad_len] == pad_len && tail[pad_len + 1] == IPPROTO_IPIP &&
	    tail[pad_len + 2] == GUARD)
		return true;

	pr_err("esp self-test: trailer of %u: expected bytes %u %u %u, got %u %u %u\n", pad_len,
	       pad_len, IPPROTO_IPIP, GUARD, tail[pad_len], tail[pad_len + 1],
	       tail[pad_len + 2]);
	return false;
}

static bool __init test_read_trailer(unsigned int pad_len, unsigned int len)
{
	u8 trailer[] = { pad_len, IPPROTO_IPV6 };
	int expected = len < pad_len + 2 ? -EBADMSG : (int)(len - pad_len - 2);
	u8 next_header = 0;
	int got = espvif_esp_read_trailer(trailer, len, &next_header);

	if (got != expected) {
		pr_err("esp self-test: pad length %u in %u bytes: expected %d, got %d\n", pad_len,
		       len, expected, got);
		return false;
	}
	if (got >= 0 && next_header != IPPROTO_IPV6) {
		pr_err("esp self-test: next header: expected %u, got %u\n", IPPROTO_IPV6,
		       next_header);
		return false;
	}
	return true;
}

static bool __init test_trailers(void)
{
	unsigned int pad_len, len;

	for (pad_len = 0; pad_len <= PAD_MAX; pad_len++) {
		if (!test_write_trailer(pad_len))
			return false;
		for (len = 0; len <= PAD_MAX + 10; len++) {
			if (!test_read_trailer(pad_len, len))
				return false;
		}
	}
	return true;
}

/**
 * espvif_esp_selftest() - test the layout of ESP packets
 *
 * Return: true if all is well.
 */
bool __init espvif_esp_selftest(void)
{
	bool ok;

	ok = test_known();
	ok &= test_lengths();
	ok &= test_trailers();
	if (ok)
		pr_info("esp self-tests: pass\n");
	return ok;
}
