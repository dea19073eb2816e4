// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Storms the module with packets: ESP as its peers would send it, authentic but
 * with something hostile inside, or changed on the way; and plain packets that it
 * has to protect. They come out of two TAP devices: storm0 hands over buffers
 * in many pieces, storm1 hands over ones to be segmented. A socket that sees every
 * fourth packet lets the buffers be shared.
 *
 * Whoever starts this has made SAs of the SPIs that struct channel tells, with the
 * keys of key_of().
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/udp.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { UDP = 17, IPV4_IN = 4, IPV6_IN = 41, ESP = 50, FRAGMENT = 44, NOTHING = 59 };

static uint64_t state;

static uint32_t draw(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 16);
}

static uint32_t below(uint32_t limit)
{
	return draw() % limit;
}

static bool chance(unsigned int percent)
{
	return below(100) < percent;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* ----- SHA-256 (FIPS 180-4) and HMAC (RFC 2104) ----- */

struct sha256 {
	uint32_t hash[8];
	uint8_t block[64];
	size_t length;
};

static uint32_t sha256_constants[64];

/* The first 32 bits behind the point of the cube or square root of a prime */
static uint32_t root_fraction(unsigned int prime, unsigned int degree)
{
	/* the greatest x with x^degree <= prime * 2^(32 * degree), 2^32 = 1 */
	unsigned __int128 low = 0, high = (unsigned __int128)20 << 32, middle, power;

	while (high - low > 1) {
		middle = (low + high) / 2;
		if (degree == 2) {
			power = middle * middle;
			if (power >> 64 < prime)
				low = middle;
			else
				high = middle;
		} else {
			/* x^3 needs more than 128 bits: compare x^2 with p * 2^96 / x */
			power = ((unsigned __int128)prime << 96) / middle;
			if (middle * middle <= power)
				low = middle;
			else
				high = middle;
		}
	}
	return (uint32_t)low;
}

static uint32_t sha256_start[8];

static void sha256_prepare(void)
{
	unsigned int prime, divisor, count = 0;

	for (prime = 2; count < COUNT(sha256_constants); prime++) {
		for (divisor = 2; divisor < prime && prime % divisor; divisor++)
			;
		if (divisor < prime)
			continue;
		sha256_constants[count] = root_fraction(prime, 3);
		if (count < COUNT(sha256_start))
			sha256_start[count] = root_fraction(prime, 2);
		count++;
	}
}

static uint32_t rotate(uint32_t word, unsigned int bits)
{
	return word >> bits | word << (32 - bits);
}

static void sha256_block(struct sha256 *sha)
{
	uint32_t words[64], v[8], first, second;
	unsigned int i;

	for (i = 0; i < 16; i++) {
		memcpy(&words[i], sha->block + 4 * i, 4);
		words[i] = ntohl(words[i]);
	}
	for (; i < 64; i++) {
		first = words[i - 15];
		second = words[i - 2];
		words[i] = words[i - 16] + words[i - 7] +
			   (rotate(first, 7) ^ rotate(first, 18) ^ first >> 3) +
			   (rotate(second, 17) ^ rotate(second, 19) ^ second >> 10);
	}
	memcpy(v, sha->hash, sizeof(v));
	for (i = 0; i < 64; i++) {
		first = v[7] + (rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)) +
			((v[4] & v[5]) ^ (~v[4] & v[6])) + sha256_constants[i] + words[i];
		second = (rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)) +
			 ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
		memmove(v + 1, v, 7 * sizeof(v[0]));
		v[4] += first;
		v[0] = first + second;
	}
	for (i = 0; i < 8; i++)
		sha->hash[i] += v[i];
}

static void sha256_add(struct sha256 *sha, const void *data, size_t length)
{
	const uint8_t *bytes = data;

	while (length--) {
		sha->block[sha->length++ % 64] = *bytes++;
		if (sha->length % 64 == 0)
			sha256_block(sha);
	}
}

static void sha256_end(struct sha256 *sha, uint8_t digest[32])
{
	uint64_t bits = sha->length * 8;
	uint8_t end[8], one = 0x80, zero = 0;
	unsigned int i;

	for (i = 0; i < 8; i++)
		end[i] = (uint8_t)(bits >> (56 - 8 * i));
	sha256_add(sha, &one, 1);
	while (sha->length % 64 != 56)
		sha256_add(sha, &zero, 1);
	sha256_add(sha, end, sizeof(end));
	for (i = 0; i < 8; i++) {
		uint32_t word = htonl(sha->hash[i]);

		memcpy(digest + 4 * i, &word, 4);
	}
}

static void sha256_begin(struct sha256 *sha, const uint8_t key[32], uint8_t pad)
{
	uint8_t block[64];
	unsigned int i;

	memcpy(sha->hash, sha256_start, sizeof(sha->hash));
	sha->length = 0;
	for (i = 0; i < sizeof(block); i++)
		block[i] = (uint8_t)((i < 32 ? key[i] : 0) ^ pad);
	sha256_add(sha, block, sizeof(block));
}

static void hmac(const uint8_t key[32], const void *data, size_t length, size_t zeros,
		 uint8_t digest[32])
{
	static const uint8_t nothing[4];
	struct sha256 sha;

	sha256_begin(&sha, key, 0x36);
	sha256_add(&sha, data, length);
	sha256_add(&sha, nothing, zeros);
	sha256_end(&sha, digest);
	sha256_begin(&sha, key, 0x5c);
	sha256_add(&sha, digest, 32);
	sha256_end(&sha, digest);
}

/* ----- packets ----- */

#define SPACE 8192

/**
 * struct packet - a packet that grows at both ends
 * @bytes: room
 * @start: where it begins in there
 * @end: where it ends
 */
struct packet {
	uint8_t bytes[SPACE];
	size_t start, end;
};

static void clear(struct packet *packet)
{
	packet->start = packet->end = SPACE / 2;
}

static size_t length_of(const struct packet *packet)
{
	return packet->end - packet->start;
}

static uint8_t *begin_of(struct packet *packet)
{
	return packet->bytes + packet->start;
}

static uint8_t *prepend(struct packet *packet, size_t length)
{
	if (packet->start < length)
		clear(packet);
	packet->start -= length;
	memset(begin_of(packet), 0, length);
	return begin_of(packet);
}

static uint8_t *append(struct packet *packet, size_t length)
{
	uint8_t *at;

	if (packet->end + length > SPACE)
		packet->end = SPACE - length;
	at = packet->bytes + packet->end;
	packet->end += length;
	memset(at, 0, length);
	return at;
}

static void put16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	value = htonl(value);
	memcpy(at, &value, 4);
}

static void append_noise(struct packet *packet, size_t length)
{
	uint8_t *at = append(packet, length);

	while (length--)
		*at++ = (uint8_t)draw();
}

static void fix_checksum(uint8_t *ip)
{
	unsigned int i, words = (ip[0] & 15) * 2U;
	uint32_t sum = 0;

	put16(ip + 10, 0);
	for (i = 0; i < words; i++)
		sum += ((uint32_t)ip[2 * i] << 8) + ip[2 * i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	put16(ip + 10, ~sum & 0xffff);
}

/* Prefixes of the two ends; the last byte tells which end */
static const uint8_t outer4[4] = { 198, 51, 100 };
static const uint8_t outer6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0, 5 };
static const uint8_t inner4[4] = { 10, 9, 0 };
static const uint8_t inner6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0, 9 };
/* what lies behind ipsec0 */
static const uint8_t behind4[4] = { 10, 8, 0 };
static const uint8_t behind6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0, 8 };

static void prepend_ipv4(struct packet *packet, const uint8_t *from, const uint8_t *to,
			 uint8_t protocol)
{
	size_t options = chance(5) ? 4 * below(11) : 0;
	uint8_t *ip = prepend(packet, 20 + options);
	unsigned int i;

	for (i = 0; i < options; i++)
		ip[20 + i] = chance(70) ? 1 : (uint8_t)draw();
	ip[0] = (uint8_t)(0x45 + options / 4);
	ip[1] = chance(80) ? 0 : (uint8_t)draw();
	put16(ip + 2, length_of(packet));
	put16(ip + 4, draw() & 0xffff);
	put16(ip + 6, chance(50) ? 0x4000 : 0);
	ip[8] = chance(95) ? 64 : (uint8_t)below(3);
	ip[9] = protocol;
	memcpy(ip + 12, from, 4);
	ip[15] = 2;
	memcpy(ip + 16, to, 4);
	ip[19] = 1;
	fix_checksum(ip);
}

/* Extension headers that may stand before anything */
static uint8_t prepend_extensions(struct packet *packet, uint8_t next)
{
	static const uint8_t kinds[] = { 0, 60, 60, 43, 44, 51, 135 };
	unsigned int count = chance(85) ? 0 : 1 + below(3);
	uint8_t *head, kind;

	while (count--) {
		kind = kinds[below(COUNT(kinds))];
		head = prepend(packet, 8);
		head[0] = next;
		/* a padding option, or nothing that makes sense */
		head[2] = 1;
		head[3] = 4;
		if (kind == FRAGMENT)
			memset(head + 1, 0, 7);
		else if (chance(10))
			head[1] = (uint8_t)below(4);
		next = kind;
	}
	return next;
}

static void prepend_ipv6(struct packet *packet, const uint8_t *from, const uint8_t *to,
			 uint8_t protocol)
{
	uint8_t next = prepend_extensions(packet, protocol);
	size_t payload = length_of(packet);
	uint8_t *ip = prepend(packet, 40);

	put32(ip, 0x60000000 | (chance(80) ? 0 : draw() & 0xfffffff));
	put16(ip + 4, payload);
	ip[6] = next;
	ip[7] = chance(95) ? 64 : (uint8_t)below(3);
	memcpy(ip + 8, from, 16);
	ip[23] = 2;
	memcpy(ip + 24, to, 16);
	ip[39] = 1;
}

static void prepend_ip(struct packet *packet, bool is_ipv6, const uint8_t *from,
		       const uint8_t *to, uint8_t protocol)
{
	if (is_ipv6)
		prepend_ipv6(packet, from, to, protocol);
	else
		prepend_ipv4(packet, from, to, protocol);
}

static void prepend_udp(struct packet *packet, uint16_t from, uint16_t to)
{
	size_t length = length_of(packet) + 8;
	uint8_t *udp = prepend(packet, 8);

	put16(udp, from);
	put16(udp + 2, to);
	put16(udp + 4, length);
}

/* Changes bytes of which one would be sorry, and bits anywhere */
static void change(struct packet *packet, size_t from)
{
	unsigned int count = 1 + below(4);
	size_t length = length_of(packet), near;

	if (length <= from)
		return;
	while (count--) {
		near = length - from < 48 || chance(30) ? length - from : 48;
		begin_of(packet)[from + below((uint32_t)near)] ^= chance(50) ?
			(uint8_t)(1 << below(8)) : (uint8_t)draw();
	}
	if (chance(20))
		packet->end -= below((uint32_t)(length - from));
}

static const uint8_t payloads[] = { UDP, 6, 1, 58, 132, 50, 51, 47, NOTHING, 0, 255 };

/* A packet that makes sense, or nearly does */
static void write_plain(struct packet *packet, bool is_ipv6, const uint8_t *from,
			const uint8_t *to)
{
	uint8_t protocol = chance(60) ? UDP : payloads[below(COUNT(payloads))];

	clear(packet);
	append_noise(packet, chance(70) ? below(200) : below(1400));
	if (protocol == UDP)
		prepend_udp(packet, (uint16_t)draw(), chance(50) ? 53 : (uint16_t)draw());
	prepend_ip(packet, is_ipv6, from, to, protocol);
	if (chance(35))
		change(packet, 0);
	/* what forwards it looks at this */
	if (!is_ipv6 && length_of(packet) >= 60 && chance(80))
		fix_checksum(begin_of(packet));
}

/* ----- ESP ----- */

#define SPI_FIRST 0x2000
#define CHANNELS 32

/**
 * struct channel - an inbound SA; its SPI is SPI_FIRST and its number
 * @is_ipv6: bit 0 of the number: its own addresses
 * @is_tunnel: bit 1
 * @is_in_udp: bit 2
 * @is_foreign: bit 3: encrypted in a way that is not known here
 * @is_esn: bit 4
 * @seq: last number sent
 */
struct channel {
	bool is_ipv6, is_tunnel, is_in_udp, is_foreign, is_esn;
	uint32_t seq;
};

static struct channel channels[CHANNELS];

static void set_channels(void)
{
	unsigned int i;

	for (i = 0; i < CHANNELS; i++)
		channels[i] = (struct channel){
			.is_ipv6 = i & 1, .is_tunnel = i & 2, .is_in_udp = i & 4,
			.is_foreign = i & 8, .is_esn = i & 16,
		};
}

static void key_of(unsigned int number, uint8_t key[32])
{
	unsigned int i;

	for (i = 0; i < 32; i++)
		key[i] = (uint8_t)(number * 32 + i);
}

static void append_trailer(struct packet *packet, uint8_t next)
{
	size_t pad = (4 - (length_of(packet) + 2) % 4) % 4 + 4 * (chance(90) ? 0 : below(60));
	uint8_t *trailer = append(packet, pad + 2);
	size_t i;

	for (i = 0; i < pad; i++)
		trailer[i] = (uint8_t)(i + 1);
	trailer[pad] = (uint8_t)pad;
	trailer[pad + 1] = next;
	if (chance(5))
		trailer[pad] = (uint8_t)draw();
	if (chance(3) && pad)
		trailer[0] ^= 1;
}

static uint32_t next_number(struct channel *channel)
{
	if (chance(2))
		return channel->seq > 10 ? channel->seq - below(10) : 0;
	if (chance(1))
		channel->seq += below(200);
	return ++channel->seq;
}

/* Puts ESP around what the packet is */
static void protect(struct packet *packet, unsigned int number, uint8_t next)
{
	struct channel *channel = &channels[number];
	uint8_t key[32], digest[32], *head;

	append_trailer(packet, next);
	head = prepend(packet, 8);
	put32(head, SPI_FIRST + number);
	put32(head + 4, next_number(channel));
	key_of(number, key);
	hmac(key, head, length_of(packet), channel->is_esn ? 4 : 0, digest);
	memcpy(append(packet, 16), digest, 16);
}

static void prepend_outer(struct packet *packet, const struct channel *channel)
{
	if (channel->is_in_udp)
		prepend_udp(packet, 4500, 4500);
	prepend_ip(packet, channel->is_ipv6, channel->is_ipv6 ? outer6 : outer4,
		   channel->is_ipv6 ? outer6 : outer4, channel->is_in_udp ? UDP : ESP);
}

static void write_esp(struct packet *packet)
{
	unsigned int number = below(CHANNELS), layers = chance(97) ? 1 : 1 + below(6);
	struct channel *channel = &channels[number];
	bool is_ipv6 = chance(50);
	uint8_t next = chance(95) ? is_ipv6 ? IPV6_IN : IPV4_IN : (uint8_t)draw();

	if (channel->is_tunnel) {
		write_plain(packet, is_ipv6, is_ipv6 ? inner6 : inner4,
			    is_ipv6 ? inner6 : inner4);
	} else {
		clear(packet);
		append_noise(packet, chance(50) ? below(30) : below(1400));
		next = chance(80) ? UDP : payloads[below(COUNT(payloads))];
	}
	if (chance(2))
		packet->end = packet->start + below(12);
	if (chance(2))
		next = NOTHING;
	protect(packet, number, next);
	prepend_outer(packet, channel);
	/* ESP within ESP, to the same end */
	while (--layers && length_of(packet) < 1200) {
		next = channel->is_ipv6 ? IPV6_IN : IPV4_IN;
		number = below(CHANNELS);
		channel = &channels[number];
		protect(packet, number, next);
		prepend_outer(packet, channel);
	}
}

/* ----- devices ----- */

static uint64_t sent, refused, authentic, in_pieces, in_fragments, segmented, failures;
static int failure_file = -1;

struct device {
	int file;
	uint8_t link_address[6];
	bool has_header;
};

static struct device frags, plain;

static void open_device(struct device *device, const char *name, int flags)
{
	struct ifreq request = { .ifr_flags = (short)(IFF_TAP | IFF_NO_PI | flags) };
	int sock = socket(AF_INET, SOCK_DGRAM, 0);

	device->file = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (device->file < 0 || sock < 0)
		die("/dev/net/tun");
	strcpy(request.ifr_name, name);
	if (ioctl(device->file, TUNSETIFF, &request))
		die(name);
	if (ioctl(sock, SIOCGIFHWADDR, &request))
		die("link address");
	memcpy(device->link_address, request.ifr_hwaddr.sa_data, 6);
	close(sock);
	device->has_header = flags & IFF_VNET_HDR;
}

/* Cuts the packet into pieces, each of which will be a page of its own */
static unsigned int cut(struct packet *packet, struct iovec *pieces, unsigned int limit)
{
	size_t done = 0, length = length_of(packet), size;
	unsigned int count = 0, wanted = 1 + below(limit);

	while (done < length) {
		size = count + 1 == wanted ? length - done :
			1 + below((uint32_t)(length - done));
		/* the link-layer header must be in the first */
		if (!count && size < ETH_HLEN)
			size = ETH_HLEN;
		if (size > 4096)
			size = 4096;
		pieces[count].iov_base = begin_of(packet) + done;
		pieces[count++].iov_len = size;
		done += size;
	}
	return count;
}

/* Hands it to the kernel; one of the allocations on its way may fail */
static bool write_pieces(int file, const struct iovec *pieces, unsigned int count)
{
	char text[16];
	bool good;
	int length;

	if (failure_file < 0 || chance(30))
		return writev(file, pieces, (int)count) >= 0;
	length = snprintf(text, sizeof(text), "%u", 1 + below(12));
	if (pwrite(failure_file, text, (size_t)length, 0) != length)
		die("setting up a failure");
	good = writev(file, pieces, (int)count) >= 0;
	if (pread(failure_file, text, sizeof(text), 0) > 0 && text[0] == '0')
		failures++;
	if (pwrite(failure_file, "0", 1, 0) != 1)
		die("ending a failure");
	return good;
}

static void hand_over(struct packet *packet, uint16_t type)
{
	struct device *device = chance(70) ? &frags : &plain;
	struct virtio_net_hdr header = { 0 };
	struct iovec pieces[16];
	uint8_t *link = prepend(packet, ETH_HLEN);
	unsigned int count;

	memcpy(link, device->link_address, 6);
	link[6] = 2;
	put16(link + 12, type);
	pieces[0] = (struct iovec){ &header, sizeof(header) };
	count = cut(packet, pieces + 1, device->has_header ? 1 : 8);
	if (count > 1)
		in_pieces++;
	if (device->has_header && chance(15)) {
		header.gso_type = (uint8_t[]){ 1, 3, 4, 5 }[below(4)];
		header.gso_size = (uint16_t)(8 + below(600));
		header.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		header.csum_start = (uint16_t)(ETH_HLEN + (type == ETH_P_IP ? 20 : 40) +
					       (chance(20) ? (int)below(40) : 0));
		header.csum_offset = header.gso_type == 1 || header.gso_type == 4 ? 16 : 6;
		header.hdr_len = (uint16_t)(header.csum_start + below(30));
		segmented++;
	}
	if (!write_pieces(device->file, pieces + !device->has_header,
			  count + device->has_header))
		refused++;
	sent++;
	packet->start += ETH_HLEN;
}

static uint16_t type_of(const struct packet *packet)
{
	return packet->bytes[packet->start] >> 4 == 6 ? ETH_P_IPV6 : ETH_P_IP;
}

/* In fragments, which the kernel puts together to a list of buffers */
static void hand_over_fragments(const struct packet *whole)
{
	static struct packet packet;
	uint16_t type = type_of(whole);
	size_t head = type == ETH_P_IP ? (whole->bytes[whole->start] & 15U) * 4U : 40, done;
	size_t length = whole->end - whole->start, size = 8 + 8 * below(40);
	uint32_t name = draw();
	uint8_t *ip;

	if (length <= head || head < 20)
		return;
	for (done = 0; done < length - head; done += size) {
		bool more = done + size < length - head;

		if (chance(3))
			continue;
		clear(&packet);
		memcpy(append(&packet, more ? size : length - head - done),
		       whole->bytes + whole->start + head + done,
		       more ? size : length - head - done);
		if (type == ETH_P_IPV6) {
			ip = prepend(&packet, 8);
			ip[0] = whole->bytes[whole->start + 6];
			put16(ip + 2, done | more);
			put32(ip + 4, name);
		}
		ip = prepend(&packet, head);
		memcpy(ip, whole->bytes + whole->start, head);
		if (type == ETH_P_IPV6) {
			ip[6] = FRAGMENT;
			put16(ip + 4, length_of(&packet) - 40);
		} else {
			put16(ip + 2, length_of(&packet));
			put16(ip + 4, name & 0xffff);
			put16(ip + 6, done / 8 | (more ? 0x2000 : 0));
			fix_checksum(ip);
		}
		hand_over(&packet, type);
		in_fragments++;
	}
}

static void send_one(void)
{
	static struct packet packet;
	bool is_ipv6, is_changed = chance(35);

	if (chance(25)) {
		is_ipv6 = chance(50);
		write_plain(&packet, is_ipv6, is_ipv6 ? inner6 : inner4,
			    is_ipv6 ? behind6 : behind4);
	} else {
		write_esp(&packet);
		if (is_changed)
			change(&packet, type_of(&packet) == ETH_P_IP ? 20 : 40);
		else
			authentic++;
	}
	if (chance(10))
		hand_over_fragments(&packet);
	else
		hand_over(&packet, type_of(&packet));
}

/* ----- sockets ----- */

/* ESP in UDP comes in by sockets like those of IKE daemons */
static void open_encap_socket(int domain)
{
	struct sockaddr_in6 address = { .sin6_family = (sa_family_t)domain,
					.sin6_port = htons(4500) };
	int sock = socket(domain, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int kind = UDP_ENCAP_ESPINUDP, one = 1, size = 4096;

	if (sock < 0)
		die("socket");
	if (domain == AF_INET6) {
		setsockopt(sock, IPPROTO_IPV6, 26 /* IPV6_V6ONLY */, &one, sizeof(one));
		/* checksums of 0, as in ESP in UDP over IPv4 */
		setsockopt(sock, IPPROTO_UDP, UDP_NO_CHECK6_RX, &one, sizeof(one));
	}
	setsockopt(sock, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (bind(sock, (struct sockaddr *)&address,
		 domain == AF_INET ? sizeof(struct sockaddr_in) : sizeof(address)) ||
	    setsockopt(sock, IPPROTO_UDP, UDP_ENCAP, &kind, sizeof(kind)))
		die("port 4500");
}

/* Sees every fourth packet of the namespace; while it does, buffers are shared */
static int open_watcher(void)
{
	int sock = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_RANDOM)),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 3, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	struct sock_fprog program = { .len = COUNT(code), .filter = code };

	if (sock < 0 || setsockopt(sock, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)))
		die("packet socket");
	return sock;
}

/* What the module answers, or protects, is thrown away */
static void drain(int watcher)
{
	static uint8_t rest[SPACE];

	while (recv(watcher, rest, sizeof(rest), MSG_DONTWAIT | MSG_TRUNC) > 0)
		;
	while (read(frags.file, rest, sizeof(rest)) > 0)
		;
	while (read(plain.file, rest, sizeof(rest)) > 0)
		;
}

static void tell(FILE *file)
{
	fprintf(file, "%llu packets, %llu authentic, %llu in pieces, %llu in fragments, %llu to be segmented, %llu refused, %llu failures\n",
		(unsigned long long)sent, (unsigned long long)authentic,
		(unsigned long long)in_pieces, (unsigned long long)in_fragments,
		(unsigned long long)segmented, (unsigned long long)refused,
		(unsigned long long)failures);
	fflush(file);
}

static int usage(FILE *file)
{
	fputs("Usage: packet_storm [OPTION...]\n"
	      "\n"
	      "Lets packets come in on the devices storm0 and storm1, which it makes in the\n"
	      "network namespace that it runs in. Says so on a line, and begins when it\n"
	      "reads one.\n"
	      "\n"
	      "  --packets N   how many (default 10000)\n"
	      "  --seed N      what chance begins with (default 1)\n"
	      "  --fail        let allocations fail (a kernel with fault injection)\n"
	      "  -h, --help    this text\n", file);
	return file == stdout ? 0 : 2;
}

static void storm(uint64_t packets)
{
	int watcher = open_watcher();
	time_t told = time(NULL);

	while (sent < packets) {
		send_one();
		if (sent % 32)
			continue;
		drain(watcher);
		if (time(NULL) - told >= 20) {
			told = time(NULL);
			fputs("so far: ", stderr);
			tell(stderr);
		}
	}
	drain(watcher);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "packets", required_argument, NULL, 'p' },
		{ "seed", required_argument, NULL, 's' },
		{ "fail", no_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	uint64_t packets = 10000, seed = 1;
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (option) {
		case 'p': packets = strtoull(optarg, NULL, 0); break;
		case 's': seed = strtoull(optarg, NULL, 0); break;
		case 'f': failure_file = open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC);
			if (failure_file < 0)
				die("/proc/self/fail-nth");
			break;
		case 'h': return usage(stdout);
		default: return usage(stderr);
		}
	}
	state = (seed + 1) * 0x9e3779b97f4a7c15;
	sha256_prepare();
	set_channels();
	open_device(&frags, "storm0", IFF_NAPI | IFF_NAPI_FRAGS);
	open_device(&plain, "storm1", IFF_VNET_HDR);
	open_encap_socket(AF_INET);
	open_encap_socket(AF_INET6);
	puts("ready");
	fflush(stdout);
	if (getchar() == EOF)
		return 0;
	storm(packets);
	tell(stdout);
	return 0;
}
