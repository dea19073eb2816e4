# SPDX-License-Identifier: GPL-2.0-only
#
# The module outside the laboratory: built for one kernel in build/module/, where
# links to the sources stand so that the tree stays clean, and installed by hand
# or through DKMS.

KDIR ?= /lib/modules/$(shell uname -r)/build
module_out := $(O)/module
module_release = $(shell cat $(KDIR)/include/config/kernel.release)
module_installed = $(DESTDIR)/lib/modules/$(module_release)/updates/espvif.ko
dkms_source = $(DESTDIR)/usr/src/espvif-$(VERSION)
module_sources = $(shell find Kbuild kmod uapi -name '*.[ch]' -o -name '*.mk' -o \
	-name Kbuild)
STRIP ?= strip
DEPMOD ?= PATH="$$PATH:/usr/sbin:/sbin" depmod

# O is ours; the kernel's Makefile would take it for its own.
module: ## Build espvif.ko for the running kernel, or for that of KDIR, into build/module/
	@test -e $(KDIR)/include/config/kernel.release || { \
		echo "no kernel headers in $(KDIR): install them" \
			"(apt install linux-headers-amd64), or give KDIR=" >&2; \
		exit 1; }
	@echo $(module_release) | cmp -s - $(module_out)/release || \
		rm -rf $(module_out)
	@for file in $(module_sources); do \
		mkdir -p $(module_out)/$$(dirname $$file) && \
		ln -sfn $(CURDIR)/$$file $(module_out)/$$file || exit 1; \
	done
	@echo $(module_release) >$(module_out)/release
	@find $(module_out) -xtype l -delete
	MAKEFLAGS='$(filter-out O=%,$(MAKEFLAGS))' $(MAKE) -C $(KDIR) \
		M=$(abspath $(module_out)) ESPVIF_DEBUG=$(DEBUG) modules

module-install: module ## Install it where modprobe finds it (DESTDIR)
	$(INSTALL) -D -m 644 $(module_out)/espvif.ko $(module_installed)
	$(STRIP) --strip-debug $(module_installed)
	$(if $(DESTDIR),,$(DEPMOD) $(module_release))

module-uninstall: ## Remove what module-install put there
	rm -f $(module_installed)
	$(if $(DESTDIR),,$(DEPMOD) $(module_release))

dkms: ## Hand the sources to DKMS, which builds for every kernel there will be
	$(if $(DESTDIR),,-dkms remove espvif/$(VERSION) --all)
	rm -rf $(dkms_source)
	@for file in $(module_sources) dkms.conf COPYING; do \
		$(INSTALL) -D -m 644 $$file $(dkms_source)/$$file || exit 1; \
	done
	$(if $(DESTDIR),,dkms install espvif/$(VERSION))

.PHONY: module module-install module-uninstall dkms
