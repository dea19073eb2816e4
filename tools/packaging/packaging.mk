# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is installed beside the programs: the commands that the daemon and others
# run in its directory, and the service.

unitdir ?= $(PREFIX)/lib/systemd/system
UNITDIR ?= $(unitdir)

packaging_commands := $(wildcard tools/packaging/libexec/*)

# The daemon looks for them where it is itself, before it is installed as well.
packaging_built := $(patsubst tools/packaging/libexec/%,$(O)/%, \
	$(packaging_commands))

all: $(packaging_built)

$(packaging_built): $(O)/%: tools/packaging/libexec/%
	@mkdir -p $(@D)
	$(INSTALL) -m 755 $< $@

install-user: install-packaging

install-packaging:
	$(INSTALL) -d $(DESTDIR)$(LIBEXECDIR)/ipsec $(DESTDIR)$(UNITDIR)
	$(INSTALL) -m 755 $(packaging_commands) $(DESTDIR)$(LIBEXECDIR)/ipsec/
	sed 's,@libexecdir@,$(LIBEXECDIR),' \
		tools/packaging/systemd/ipsec.service.in \
		>$(DESTDIR)$(UNITDIR)/ipsec.service
	chmod 644 $(DESTDIR)$(UNITDIR)/ipsec.service

uninstall-user: uninstall-packaging

uninstall-packaging:
	rm -f $(addprefix $(DESTDIR)$(LIBEXECDIR)/ipsec/, \
		$(notdir $(packaging_commands))) \
		$(DESTDIR)$(UNITDIR)/ipsec.service

.PHONY: install-packaging uninstall-packaging
