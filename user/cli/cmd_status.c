// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * 'ipsec status': what the IKE daemon holds, as 'ipsec auto --status' shows it, if
 * one runs; is the module there, and what does it hold. Asking does not load the
 * module.
 */
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/daemon_verb.h"
#include "cli/print.h"
#include "kernel/kernel.h"
#include "lib/array.h"

static const struct option_spec options[] = {
	DAEMON_OPTIONS_EVERY,
	{}
};

static struct error *show_devices(const struct kernel_device_list *devices)
{
	static const struct print_column columns[] = {
		{ "Device", false },
		{ "State", false },
		{ "MTU", true },
		{ "SAs", true },
		{ "Policies", true },
		{ "Namespace", false },
	};
	struct print_table table;
	size_t i;

	if (!devices->count)
		return NULL;
	fputc('\n', stdout);
	print_table_begin(&table, columns, ARRAY_SIZE(columns));
	for (i = 0; i < devices->count; i++) {
		const struct kernel_device *device = &devices->items[i];

		print_table_line(&table);
		print_table_cell(&table, PRINT_PLAIN, "%s", device->name);
		print_table_cell(&table,
				 device->running ? PRINT_GOOD : PRINT_BAD,
				 "%s", device->running ? "up" : "down");
		print_table_cell(&table, PRINT_PLAIN, "%u", device->mtu);
		print_table_cell(&table, PRINT_PLAIN, "%u", device->sas);
		print_table_cell(&table, PRINT_PLAIN, "%u", device->policies);
		print_table_cell(&table, PRINT_PLAIN, "%s",
				 device->foreign ? "other" : "this");
	}
	return print_table_end(&table, stdout, true);
}

static struct error *show(const struct kernel_status *status,
			  const struct kernel_device_list *devices)
{
	print_title(stdout, "espvif");
	print_property(stdout, "Module", "loaded, version %s",
		       status->version);
	print_property(stdout, "Security Associations", "%u", status->sas);
	print_property(stdout, "Policies", "%u", status->policies);
	print_property(stdout, "Promised SPIs", "%u", status->spis);
	print_property(stdout, "Devices", "%zu", devices->count);
	return show_devices(devices);
}

static json_t *json_device(const struct kernel_device *device)
{
	struct print_object object;

	print_object_begin(&object);
	print_object_text(&object, "name", device->name);
	print_object_number(&object, "index", device->index);
	print_object_bool(&object, "up", device->running);
	print_object_bool(&object, "foreign", device->foreign);
	print_object_number(&object, "mtu", device->mtu);
	print_object_number(&object, "sas", device->sas);
	print_object_number(&object, "policies", device->policies);
	return print_object_end(&object);
}

static json_t *json_devices(const struct kernel_device_list *devices)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; array && i < devices->count; i++)
		print_array_append(&array, json_device(&devices->items[i]));
	return array;
}

/* What the daemon says stands beside, null if there is none. */
static struct error *show_json(const struct kernel_status *status,
			       const struct kernel_device_list *devices,
			       json_t *daemon)
{
	struct print_object object;

	print_object_begin(&object);
	print_object_bool(&object, "loaded", status);
	print_object_text(&object, "version", status ? status->version : NULL);
	print_object_number(&object, "sas", status ? status->sas : 0);
	print_object_number(&object, "policies",
			    status ? status->policies : 0);
	print_object_number(&object, "promised_spis", status ? status->spis : 0);
	print_object_json(&object, "devices",
			  devices ? json_devices(devices) : json_array());
	print_object_json(&object, "daemon",
			  daemon ? json_incref(daemon) : json_null());
	return print_json(stdout, print_object_end(&object));
}

static struct error *show_absence(bool json, json_t *daemon)
{
	if (json)
		return show_json(NULL, NULL, daemon);
	print_title(stdout, "espvif");
	print_property(stdout, "Module", "not loaded: modprobe espvif");
	return NULL;
}

static struct error *show_module(bool json, json_t *daemon)
{
	struct kernel_device_list devices;
	struct kernel_status status;
	struct kernel *kernel;
	struct error *error;
	bool loaded;

	error = kernel_loaded(&loaded);
	if (error)
		return error;
	if (!loaded)
		return show_absence(json, daemon);
	error = kernel_open(&kernel);
	if (error)
		return error;
	error = kernel_status_get(kernel, &status);
	if (error)
		goto close;
	error = kernel_device_dump(kernel, &devices);
	if (error)
		goto free_status;
	error = json ? show_json(&status, &devices, daemon) :
		       show(&status, &devices);
	kernel_device_list_free(&devices);
free_status:
	kernel_status_free(&status);
close:
	kernel_close(kernel);
	return error;
}

/* Whoever sets up IPsec by hand needs no daemon. */
static struct error *ask_daemon(const struct arguments *arguments,
				struct daemon_answer *answer, bool *running,
				int *status)
{
	const struct daemon_question question = {
		.request.operation = CTL_STATUS,
		.socket = arguments_value(arguments, DAEMON_CTLSOCKET),
	};
	struct error *error = daemon_ask_quietly(&question, answer, status);

	*running = !error;
	if (error && daemon_is_absent(error)) {
		error_free(error);
		return NULL;
	}
	return error;
}

static struct error *ask(const struct arguments *arguments, int *status)
{
	bool json = arguments_given(arguments, DAEMON_JSON), running;
	struct daemon_answer answer = { 0 };
	struct error *error;

	error = ask_daemon(arguments, &answer, &running, status);
	if (error)
		return error;
	if (running && !json)
		daemon_show_status(stdout, &answer);
	else
		error = show_module(json, answer.data);
	daemon_answer_free(&answer);
	return error;
}

const struct command command_status = {
	.name = "status",
	.summary = "Show what the IKE daemon holds, or the module if none runs",
	.options = options,
	.ask = ask,
};
