# SPDX-License-Identifier: GPL-2.0-or-later
#
# espvif: the user programs, the module, their tests. Each area brings a
# fragment of its own; `make help` tells what there is.

VERSION := $(shell sed -n 's/.*ESPVIF_VERSION\t"\(.*\)"/\1/p' kmod/version.h)
O := build

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:

all: ## Build the user programs (into build/)

-include user/user.mk
-include kmod/kmod.mk
-include tools/testing/testing.mk
-include tools/packaging/packaging.mk

clean: ## Remove everything built (the cache of kernels stays)
	rm -rf $(O)

help: ## Show this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | sort | \
		awk -F'\t' '{ printf "  make %-16s %s\n", $$1, $$2 }'

.PHONY: all clean help
