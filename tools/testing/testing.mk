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

lint: ## Static checks of the tree
	@tools/testing/lint/run

demo: ## Tell the story of two hosts, in a guest
	@tools/testing/demo/run $(if $(KERNEL),--kernel $(KERNEL))

.PHONY: vm lab modules modules-debug check-lab check lint demo
