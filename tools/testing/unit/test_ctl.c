// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests of user/ctl: the language of the control socket, and what makes text safe
 * to be shown.
 */
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "lib/array.h"
#include "unit.h"

static void cleaning(void **state)
{
	static const char *const cases[][2] = {
		{ "", "" },
		{ "C=US, O=Test, CN=east", "C=US, O=Test, CN=east" },
		{ "\033[2J", "\\x1b[2J" },
		{ "one\ntwo\t\r", "one\\x0atwo\\x09\\x0d" },
		{ "\x7f", "\\x7f" },
		{ "Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x94\x92",
		  "Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x94\x92" },
		/* C1, as one byte and as two */
		{ "\x9b" "31m", "\\x9b31m" },
		{ "\xc2\x9b", "\\xc2\\x9b" },
		/* cut off, too long for what they say, beyond the last */
		{ "\xc3", "\\xc3" },
		{ "\xc0\xaf", "\\xc0\\xaf" },
		{ "\xe0\x80\xaf", "\\xe0\\x80\\xaf" },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },
		{ "\xff", "\\xff" },
		/* those that turn the direction of writing, and line ends */
		{ "\xe2\x80\xae", "\\xe2\\x80\\xae" },
		{ "\xe2\x80\xa8", "\\xe2\\x80\\xa8" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		char *clean = ctl_clean(cases[i][0], strlen(cases[i][0]));

		assert_string_equal(clean, cases[i][1]);
		free(clean);
	}
	free(ctl_clean("a\0b", 3));
}

static void every_operation(void **state)
{
	struct ctl_request request, copy;
	char *line;
	int i;

	(void)state;
	for (i = 0; i < CTL_OPERATION_COUNT; i++) {
		request = (struct ctl_request){
			.operation = (enum ctl_operation)i,
			.dry = true,
		};
		if (ctl_operation_name_use(request.operation) !=
		    CTL_NAME_NONE)
			request.name = "west-east";
		assert_success(ctl_request_encode(&request, &line));
		assert_int_equal(line[strlen(line) - 1], '\n');
		assert_success(ctl_request_decode(line, strlen(line) - 1,
						  &copy));
		assert_int_equal(copy.operation, i);
		assert_true(copy.dry);
		assert_false(copy.asynchronous);
		ctl_request_free(&copy);
		free(line);
	}
}

static void configurations_travel(void **state)
{
	/* not UTF-8, and no newline at its end */
	static const char config[] = "conn west-east\n\t# M\xfcller\r\n"
		"\tleftid=\"@a \\\"b\\\"\"\n\tauto=add";
	const struct ctl_request request = {
		.operation = CTL_REPLACE,
		.name = "west-east",
		.config = config,
		.config_length = sizeof(config) - 1,
	};
	struct ctl_request copy;
	char *line;

	(void)state;
	assert_success(ctl_request_encode(&request, &line));
	assert_success(ctl_request_decode(line, strlen(line) - 1, &copy));
	assert_int_equal(copy.config_length, sizeof(config) - 1);
	assert_string_equal(copy.config, config);
	assert_string_equal(copy.name, "west-east");
	ctl_request_free(&copy);
	free(line);
}

static void longest_configuration(void **state)
{
	struct ctl_request request = {
		.operation = CTL_ADD,
		.name = "west-east",
		.config_length = CTL_CONFIG_MAX,
	};
	char *config = calloc(1, CTL_CONFIG_MAX + 1), *line;

	(void)state;
	request.config = memset(config, 'x', CTL_CONFIG_MAX);
	assert_success(ctl_request_encode(&request, &line));
	assert_true(strlen(line) <= CTL_LINE_MAX);
	free(line);
	request.config_length++;
	assert_usage(ctl_request_encode(&request, &line), "put it into a file");
	free(config);
}

static void requests_refused(void **state)
{
	static const char *const cases[][2] = {
		{ "", "not JSON" },
		{ "[]", "a request is an object" },
		{ "{}", "'operation' is missing" },
		{ "{\"operation\":1}", "'operation' must be a string" },
		{ "{\"operation\":\"frob\"}", "no operation of that name" },
		{ "{\"operation\":\"up\"}", "needs the name of a connection" },
		{ "{\"operation\":\"up\",\"name\":1}", "must be a string" },
		{ "{\"operation\":\"up\",\"name\":\"\"}", "1 to 255 bytes" },
		{ "{\"operation\":\"up\",\"name\":\"a\\u001bb\"}",
		  "cannot be printed: 'a\\x1bb'" },
		{ "{\"operation\":\"up\",\"name\":\"a\\u0000b\"}", "not JSON" },
		{ "{\"operation\":\"up\",\"name\":\"a\",\"name\":\"b\"}",
		  "not JSON" },
		{ "{\"operation\":\"up\",\"name\":\"a\",\"config\":\"/x\"}",
		  "'up' reads no configuration" },
		{ "{\"operation\":\"ready\",\"name\":\"a\"}",
		  "no single connection" },
		{ "{\"operation\":\"down\",\"name\":\"a\",\"asynchronous\":true}",
		  "nothing to wait for" },
		{ "{\"operation\":\"up\",\"name\":\"a\",\"asynchronous\":1}",
		  "must be true or false" },
		{ "{\"operation\":\"add\",\"name\":\"a\",\"configtext\":\"*\"}",
		  "'configtext': " },
		{ "{\"operation\":\"add\",\"name\":\"a\",\"configtext\":\"\",\"config\":\"/x\"}",
		  "not both" },
		{ "{\"operation\":\"status\",\"frob\":1}", "and nothing else" },
		{ "{\"operation\":\"status\"} {}", "not JSON" },
	};
	struct ctl_request request;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		assert_usage(ctl_request_decode(cases[i][0],
						strlen(cases[i][0]), &request),
			     cases[i][1]);
}

static void decode(char *line, struct ctl_reply *reply)
{
	assert_non_null(line);
	assert_int_equal(line[strlen(line) - 1], '\n');
	assert_null(memchr(line, '\n', strlen(line) - 1));
	assert_success(ctl_reply_decode(line, strlen(line) - 1, reply));
	free(line);
}

static void replies(void **state)
{
	struct ctl_reply reply;

	(void)state;
	decode(ctl_reply_encode_line(2, "\"a\" #1: CN=\033[1mevil\xff"),
	       &reply);
	assert_int_equal(reply.kind, CTL_REPLY_LINE);
	assert_int_equal(reply.code, 2);
	assert_string_equal(reply.text, "\"a\" #1: CN=\\x1b[1mevil\\xff");
	ctl_reply_free(&reply);
	decode(ctl_reply_encode_data(json_pack("{s:s}", "kind", "daemon")),
	       &reply);
	assert_int_equal(reply.kind, CTL_REPLY_DATA);
	ctl_reply_free(&reply);
	decode(ctl_reply_encode_exit(21), &reply);
	assert_int_equal(reply.kind, CTL_REPLY_EXIT);
	assert_int_equal(reply.status, 21);
	ctl_reply_free(&reply);
	decode(ctl_reply_encode_exit(1000), &reply);
	assert_int_equal(reply.status, 255);
	ctl_reply_free(&reply);
	assert_null(ctl_reply_encode_data(NULL));
}

/* What another daemon sends is not trusted to be clean. */
static void data_is_cleaned(void **state)
{
	static const char line[] =
		"{\"data\":{\"kind\":\"child-sa\",\"a\":[{\"id\":\"x\\u001by\"}]}}";
	struct ctl_reply reply;
	const char *id;

	(void)state;
	assert_success(ctl_reply_decode(line, strlen(line), &reply));
	assert_int_equal(json_unpack(reply.data, "{s:[{s:s}]}", "a", "id",
				     &id), 0);
	assert_string_equal(id, "x\\x1by");
	ctl_reply_free(&reply);
}

static void replies_refused(void **state)
{
	static const char *const cases[] = {
		"", "[]", "{}", "{\"code\":2}", "{\"text\":\"x\"}",
		"{\"code\":-1,\"text\":\"x\"}", "{\"code\":1000,\"text\":\"x\"}",
		"{\"code\":2,\"text\":3}", "{\"data\":1}", "{\"data\":{}}",
		"{\"exit\":256}", "{\"exit\":\"0\"}",
	};
	struct ctl_reply reply;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		assert_refused(ctl_reply_decode(cases[i], strlen(cases[i]),
						&reply), "makes no sense");
}

static void nobody_there(void **state)
{
	const struct ctl_listener listener = { NULL, NULL };
	const struct ctl_request request = { .operation = CTL_STATUS };
	char path[200];
	int status;

	(void)state;
	assert_refused(ctl_ask("/nonexistent/pluto.ctl", &request, &listener,
			       &status),
		       "Pluto is not running (no \"/nonexistent/pluto.ctl\")");
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_usage(ctl_ask(path, &request, &listener, &status),
		     "at most 107 bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cleaning),
		cmocka_unit_test(every_operation),
		cmocka_unit_test(configurations_travel),
		cmocka_unit_test(longest_configuration),
		cmocka_unit_test(requests_refused),
		cmocka_unit_test(replies),
		cmocka_unit_test(data_is_cleaned),
		cmocka_unit_test(replies_refused),
		cmocka_unit_test(nobody_there),
	};

	return cmocka_run_group_tests_name("ctl", tests, NULL, NULL);
}
