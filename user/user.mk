# SPDX-License-Identifier: GPL-2.0-or-later
#
# User space: the programs ipsec and iked, their manual pages and completion, and
# their installation. Unit tests are in tools/testing/unit/unit.mk.

# The GNU names of the directories are understood as well.
prefix ?= /usr/local
PREFIX ?= $(prefix)
sbindir ?= $(PREFIX)/sbin
SBINDIR ?= $(sbindir)
datarootdir ?= $(PREFIX)/share
libexecdir ?= $(PREFIX)/libexec
LIBEXECDIR ?= $(libexecdir)
mandir ?= $(datarootdir)/man
MANDIR ?= $(mandir)
includedir ?= $(PREFIX)/include
INCLUDEDIR ?= $(includedir)
bashcompdir ?= $(datarootdir)/bash-completion/completions
BASHCOMPDIR ?= $(bashcompdir)

INSTALL ?= install
PKG_CONFIG ?= pkg-config

user_libraries := libmnl smartcols jansson libcrypto
daemon_libraries := libevent_core libcap-ng libseccomp
CFLAGS ?= -O2 -g
user_cppflags = -D_GNU_SOURCE -DESPVIF_VERSION='"$(VERSION)"' -Iuser -Iuapi \
	$(shell $(PKG_CONFIG) --cflags $(user_libraries))
user_cflags := -std=gnu11 -Wall -Wextra -Wshadow -Wconversion -Wvla \
	-Wmissing-prototypes -Wstrict-prototypes -Wwrite-strings \
	$(if $(filter 1,$(WERROR)),-Werror)
user_hardening := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 \
	-fstack-protector-strong -fPIE
user_ldflags := -pie -Wl,-z,relro,-z,now
user_libs = $(shell $(PKG_CONFIG) --libs $(user_libraries))
daemon_libs = $(shell $(PKG_CONFIG) --libs $(daemon_libraries))

ipsec_sources := $(wildcard user/lib/*.c user/crypto/*.c user/keys/*.c \
	user/kernel/*.c user/config/*.c user/ctl/*.c user/cli/*.c)
ipsec_objects := $(ipsec_sources:user/%.c=$(O)/user/%.o)
# The IKE daemon's engine and what it speaks; tests run them without a daemon.
engine_sources := $(wildcard user/wire/*.c user/ike/*.c)
engine_objects := $(engine_sources:user/%.c=$(O)/user/%.o)
# Its processes; all but the main program, which tests do without.
daemon_sources := $(filter-out user/daemon/main.c,$(wildcard user/daemon/*.c \
	user/daemon/*/*.c))
daemon_objects := $(daemon_sources:user/%.c=$(O)/user/%.o)
# The daemon: all but what is for the command line
iked_objects := $(filter-out $(O)/user/cli/%,$(ipsec_objects)) \
	$(engine_objects) $(daemon_objects) $(O)/user/daemon/main.o
# Programs of Libreswan's that others call by name, and ipsec is in one
ipsec_names := auto whack
user_pages := $(wildcard Documentation/man/*.8)
user_file_pages := $(wildcard Documentation/man/*.5)
user_makefiles := Makefile user/user.mk $(wildcard kmod/version.h)

all: $(O)/ipsec $(O)/iked

$(O)/ipsec: $(ipsec_objects)
	$(CC) $(CFLAGS) $(user_ldflags) $(LDFLAGS) -o $@ $^ $(user_libs)

$(O)/iked: $(iked_objects)
	$(CC) $(CFLAGS) $(user_ldflags) $(LDFLAGS) -o $@ $^ $(user_libs) \
		$(daemon_libs)

$(O)/user/%.o: user/%.c $(user_makefiles)
	@mkdir -p $(@D)
	$(CC) $(user_cppflags) $(CPPFLAGS) $(user_cflags) $(user_hardening) \
		$(CFLAGS) -MMD -MP -c -o $@ $<

-include $(ipsec_objects:.o=.d) $(engine_objects:.o=.d) $(iked_objects:.o=.d)

install: install-user ## Install the programs, pages, headers and the service (DESTDIR, PREFIX, SBINDIR, LIBEXECDIR, UNITDIR, MANDIR, BASHCOMPDIR, INCLUDEDIR)

install-user: $(O)/ipsec $(O)/iked
	$(INSTALL) -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(LIBEXECDIR)/ipsec \
		$(DESTDIR)$(MANDIR)/man8 \
		$(DESTDIR)$(MANDIR)/man5 \
		$(DESTDIR)$(BASHCOMPDIR) $(DESTDIR)$(INCLUDEDIR)/linux
	$(INSTALL) -m 755 $(O)/ipsec $(DESTDIR)$(SBINDIR)/ipsec
	$(INSTALL) -m 755 $(O)/iked $(DESTDIR)$(LIBEXECDIR)/ipsec/iked
	ln -sf iked $(DESTDIR)$(LIBEXECDIR)/ipsec/pluto
	$(foreach name,$(ipsec_names),ln -sf $(SBINDIR)/ipsec \
		$(DESTDIR)$(LIBEXECDIR)/ipsec/$(name);)
	$(INSTALL) -m 644 $(user_pages) $(DESTDIR)$(MANDIR)/man8/
	ln -sf iked.8 $(DESTDIR)$(MANDIR)/man8/ipsec_pluto.8
	$(INSTALL) -m 644 $(user_file_pages) $(DESTDIR)$(MANDIR)/man5/
	$(INSTALL) -m 644 tools/packaging/completion/ipsec \
		$(DESTDIR)$(BASHCOMPDIR)/ipsec
	$(INSTALL) -m 644 uapi/linux/espvif.h \
		$(DESTDIR)$(INCLUDEDIR)/linux/espvif.h

uninstall: uninstall-user ## Remove what install put there

uninstall-user:
	rm -f $(DESTDIR)$(SBINDIR)/ipsec \
		$(DESTDIR)$(LIBEXECDIR)/ipsec/iked \
		$(DESTDIR)$(LIBEXECDIR)/ipsec/pluto \
		$(addprefix $(DESTDIR)$(LIBEXECDIR)/ipsec/,$(ipsec_names)) \
		$(addprefix $(DESTDIR)$(MANDIR)/man8/,$(notdir $(user_pages))) \
		$(DESTDIR)$(MANDIR)/man8/ipsec_pluto.8 \
		$(addprefix $(DESTDIR)$(MANDIR)/man5/,$(notdir $(user_file_pages))) \
		$(DESTDIR)$(BASHCOMPDIR)/ipsec \
		$(DESTDIR)$(INCLUDEDIR)/linux/espvif.h

-include tools/testing/unit/unit.mk

.PHONY: install install-user uninstall uninstall-user
