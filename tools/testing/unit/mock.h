/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel made of prepared answers: a transport that keeps the last request
 * and gives back, for each request, the datagrams a test has queued.
 */
#ifndef UNIT_MOCK_H
#define UNIT_MOCK_H

#include "kernel/genl.h"
#include "kernel/kernel.h"

#define MOCK_FAMILY 0x1c
#define MOCK_GROUP 7
#define MOCK_DESCRIPTOR 99
#define MOCK_DATAGRAMS 80
#define MOCK_SIZE 8192
/* Several changes in one request are longer than all others */
#define MOCK_REQUEST_SIZE (1 << 18)

/**
 * struct mock - the prepared answers
 * @request: the last request
 * @requests: how many there were
 * @closed: the connection was closed
 * @joined: group whose notifications are received
 * @lose: notifications are lost before the next that is received
 * @datagrams: what will be received
 * @lengths: of @datagrams
 * @queued: how many there are
 * @received: how many were received
 */
struct mock {
	union {
		struct nlmsghdr header;
		char bytes[MOCK_REQUEST_SIZE];
	} request;
	size_t requests;
	bool closed;
	uint32_t joined;
	bool lose;
	union {
		struct nlmsghdr header;
		char bytes[MOCK_SIZE];
	} datagrams[MOCK_DATAGRAMS];
	size_t lengths[MOCK_DATAGRAMS];
	size_t queued;
	size_t received;
};

void mock_init(struct mock *mock, struct genl_transport *transport);
struct kernel *mock_open(struct mock *mock);

struct nlmsghdr *mock_begin(struct mock *mock, uint16_t type, uint16_t flags);
struct nlmsghdr *mock_reply(struct mock *mock, uint8_t command,
			    uint16_t flags);
struct nlmsghdr *mock_more(struct mock *mock, uint16_t type, uint16_t flags);
void mock_end(struct mock *mock);
void mock_ack(struct mock *mock, int number, const char *sentence);
void mock_extack(struct mock *mock, int number, const char *sentence,
		 uint32_t offset, uint16_t missing, bool policy);
void mock_done(struct mock *mock, int number, uint16_t flags);

void mock_put_sa(struct nlmsghdr *message, uint32_t id, const char *name);
void mock_put_policy(struct nlmsghdr *message, uint32_t id, const char *name);
const struct nlattr *mock_find(const struct mock *mock, uint16_t type);
size_t mock_count(const struct mock *mock, uint16_t type);
const struct nlattr *mock_operation(const struct mock *mock, size_t number,
				    uint8_t *command, uint16_t *object);
const struct nlattr *mock_find_in(const struct nlattr *nest, uint16_t type);

#endif /* UNIT_MOCK_H */
