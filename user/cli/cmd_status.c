// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * 'ipsec status': is the module there, and what does it hold. Asking does not
 * load the module.
 */
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/print.h"
#include "kernel/kernel.h"

enum status_option {
	STATUS_JSON,
};

static const struct option_spec options[] = {
	[STATUS_JSON] = { "json", NULL, "print JSON", 0 },
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
	print_table_begin(&table, columns,
			  sizeof(columns) / sizeof(columns[0]));
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
	print_property(stdout, "Devices", "%zu", devices->count);
	return show_devices(devices);
}

static json_t *json_devices(const struct kernel_device_list *devices)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; array && i < devices->count; i++) {
		const struct kernel_device *device = &devices->items[i];
		json_t *object;

		object = json_pack("{s:s, s:I, s:b, s:I, s:I, s:I, s:b}",
				   "name", device->name,
				   "index", (json_int_t)device->index,
				   "up", device->running,
				   "mtu", (json_int_t)device->mtu,
				   "sas", (json_int_t)device->sas,
				   "policies", (json_int_t)device->policies,
				   "foreign", device->foreign);
		if (json_array_append_new(array, object)) {
			json_decref(array);
			array = NULL;
		}
	}
	return array;
}

static struct error *show_json(const struct kernel_status *status,
			       const struct kernel_device_list *devices)
{
	return print_json(stdout,
			  json_pack("{s:b, s:s, s:I, s:I, s:o}",
				    "loaded", true,
				    "version", status->version,
				    "sas", (json_int_t)status->sas,
				    "policies", (json_int_t)status->policies,
				    "devices", json_devices(devices)));
}

static struct error *show_absence(bool json)
{
	if (json)
		return print_json(stdout,
				  json_pack("{s:b, s:n, s:i, s:i, s:[]}",
					    "loaded", false, "version",
					    "sas", 0, "policies", 0,
					    "devices"));
	print_title(stdout, "espvif");
	print_property(stdout, "Module", "not loaded: modprobe espvif");
	return NULL;
}

static struct error *run(const struct arguments *arguments)
{
	bool json = arguments_given(arguments, STATUS_JSON), loaded;
	struct kernel_device_list devices;
	struct kernel_status status;
	struct kernel *kernel;
	struct error *error;

	error = kernel_loaded(&loaded);
	if (error)
		return error;
	if (!loaded)
		return show_absence(json);
	error = kernel_open(&kernel);
	if (error)
		return error;
	error = kernel_status_get(kernel, &status);
	if (error)
		goto close;
	error = kernel_device_dump(kernel, &devices);
	if (error)
		goto free_status;
	error = json ? show_json(&status, &devices) : show(&status, &devices);
	kernel_device_list_free(&devices);
free_status:
	kernel_status_free(&status);
close:
	kernel_close(kernel);
	return error;
}

const struct command command_status = {
	.name = "status",
	.summary = "Show the module, its devices and how much it holds",
	.options = options,
	.run = run,
};
