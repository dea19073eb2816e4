# SPDX-License-Identifier: GPL-2.0-or-later
#
# The laboratory and what runs in it.

VM := tools/testing/vm

vm: ## Open a shell in a guest with the module at hand (KERNEL=6.1 or 6.12)
	@tools/testing/deps build lab
	@$(MAKE) -s all
	@$(VM)/run $(if $(KERNEL),--kernel $(KERNEL)) --shell

lab: ## Install the lab's packages and fetch its kernels
	@tools/testing/deps lab
	@$(VM)/fetch

modules: ## Build the module for both kernels of the lab
	@$(VM)/build-module --kernel 6.1
	@$(VM)/build-module --kernel 6.12

modules-debug: ## The same with -DDEBUG: in-module selftests
	@$(VM)/build-module --kernel 6.1 --debug
	@$(VM)/build-module --kernel 6.12 --debug

check-lab: ## Test the laboratory itself
	@$(VM)/selftest

check: ## Run all tests, on both kernels
	@tools/testing/check

check-debug: ## Try to break the module, on a debug kernel (takes hours)
	@tools/testing/check-debug

scale: ## Measure 100,000 SAs and 10,000 policies, beside XFRM (KERNEL=6.1 or 6.12)
	@$(MAKE) -s all
	@$(VM)/run $(if $(KERNEL),--kernel $(KERNEL)) --deterministic --memory 4096 \
		--timeout 3600 --env SCALE=full -- \
		tools/testing/selftests/espvif/scale.py

rekeys: ## Rekey every 100 ms under a full flow for a minute (KERNEL=6.1 or 6.12)
	@$(MAKE) -s all
	@$(VM)/run $(if $(KERNEL),--kernel $(KERNEL)) --memory 2048 --timeout 1800 \
		--env REKEY_SECONDS=60 --env REKEYS=600 --env ESPVIF_PATIENCE=10 \
		--env ESPVIF_TIMEOUT=1700 -- \
		tools/testing/selftests/espvif/run rekey.py

endurance: ## Renew tunnels with other daemons under traffic for half an hour (ENDURANCE="--seconds 60 --peer Libreswan")
	@tools/testing/deps build lab check
	@$(MAKE) -s all
	@tools/testing/interop/run $(if $(KERNEL),--kernel $(KERNEL)) \
		--timeout 7200 endurance $(ENDURANCE)

bench: all bench-tools ## Measure speed beside XFRM and WireGuard (BENCH="--kernel 6.12 --path espvif-policy")
	@tools/testing/deps build lab check
	@tools/testing/bench/run $(BENCH)

bench-tools: $(O)/bench/generator

$(O)/bench/%: tools/testing/bench/%.c tools/testing/testing.mk
	@mkdir -p $(@D)
	$(CC) $(user_cppflags) $(user_cflags) $(CFLAGS) -o $@ $<

lint: ## Static checks of the tree
	@tools/testing/lint/run

demo: ## Tell the story of two hosts, in a guest
	@tools/testing/demo/run $(if $(KERNEL),--kernel $(KERNEL))

# Programs that storm the module; they run in guests, without sanitizers.
storm_dir := tools/testing/fuzz/kernel
storm_out := $(O)/fuzz
storm_programs := $(patsubst $(storm_dir)/%.c,$(storm_out)/%,$(wildcard $(storm_dir)/*.c))

storms: $(storm_programs)

$(storm_out)/protocol.h: $(storm_dir)/protocol.py Documentation/netlink/espvif.yaml
	@mkdir -p $(@D)
	$< >$@

$(storm_out)/%: $(storm_dir)/%.c $(storm_out)/protocol.h tools/testing/testing.mk
	$(CC) $(user_cppflags) -I$(storm_out) $(user_cflags) $(CFLAGS) -o $@ $<

.PHONY: storms vm lab modules modules-debug check-lab check check-debug scale rekeys endurance bench bench-tools lint demo
