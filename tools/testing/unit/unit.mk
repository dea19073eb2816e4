# SPDX-License-Identifier: GPL-2.0-or-later
#
# Unit tests of user space: everything compiled once more with the address and
# undefined behaviour sanitizers, each test_*.c a program of its own; and
# fuzzers, where clang brings libFuzzer.

unit_dir := tools/testing/unit
fuzz_dir := tools/testing/fuzz
unit_out := $(O)/unit
unit_sanitize := -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
unit_objects := $(ipsec_sources:user/%.c=$(unit_out)/user/%.o)
unit_engine := $(engine_sources:user/%.c=$(unit_out)/user/%.o)
unit_daemon := $(patsubst user/%.c,$(unit_out)/user/%.o,$(daemon_sources))
unit_library := $(filter-out $(unit_out)/user/cli/ipsec.o,$(unit_objects)) \
	$(unit_engine) $(unit_daemon)
# A test takes what it needs out of it, and may have its own of the rest
unit_archive := $(unit_out)/user.a
unit_sources := $(wildcard $(unit_dir)/test_*.c)
unit_shared := $(patsubst %.c,$(unit_out)/%.o,$(notdir \
	$(filter-out $(unit_sources),$(wildcard $(unit_dir)/*.c))))
unit_programs := $(unit_sources:$(unit_dir)/%.c=$(unit_out)/%)
unit_makefiles := $(user_makefiles) $(unit_dir)/unit.mk
# What stands in for a part of the daemon, for tests and fuzzers of the rest
stub_dir := tools/testing/stub
sim_dir := tools/testing/sim
sim_objects := $(patsubst $(sim_dir)/%.c,$(unit_out)/sim_%.o,$(wildcard $(sim_dir)/*.c))
# The simulator as it is fast, of the daemon's own objects
sim_out := $(O)/sim
sim_fast := $(patsubst $(sim_dir)/%.c,$(sim_out)/%.o,$(wildcard $(sim_dir)/*.c)) \
	$(sim_out)/signer.o
sim_engine := $(engine_objects) $(filter $(O)/user/lib/% $(O)/user/crypto/%,$(ipsec_objects))
fuzz_sources := $(wildcard $(fuzz_dir)/*.c)
fuzz_programs := $(fuzz_sources:$(fuzz_dir)/%.c=$(unit_out)/fuzz/%)
fuzz_cflags := -std=gnu11 -Wall -Wextra -O1 -g -fsanitize=address,undefined \
	-fno-sanitize-recover=all
fuzz_objects := $(patsubst user/%.c,$(unit_out)/fuzz/user/%.o, \
	$(filter-out user/cli/ipsec.c,$(ipsec_sources)) $(engine_sources) $(daemon_sources))
fuzz_archive := $(unit_out)/fuzz/user.a
# Can clang build a fuzzer here?
fuzz_probe := echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' | \
	clang -fsanitize=fuzzer -x c -o /dev/null - 2>/dev/null
# Time that each fuzzer gets
FUZZ_SECONDS ?= 5
# Where inputs are that were found worth keeping, and such that broke a fuzzer
fuzz_found := $(O)/fuzz-found
# Everything once more, counting which lines run
coverage_out := $(O)/coverage

$(unit_out)/user/%.o: user/%.c $(unit_makefiles)
	@mkdir -p $(@D)
	$(CC) $(user_cppflags) $(user_cflags) $(unit_sanitize) -O1 -g -MMD -MP \
		-c -o $@ $<

$(unit_out)/%.o: $(unit_dir)/%.c $(unit_makefiles)
	@mkdir -p $(@D)
	$(CC) $(user_cppflags) -I$(unit_dir) -I$(unit_out) -I. $(user_cflags) \
		-Wno-missing-prototypes $(unit_sanitize) -O1 -g -MMD -MP \
		-c -o $@ $<

$(unit_archive): $(unit_library)
	@rm -f $@
	ar rcs $@ $^

$(unit_out)/certificates.h: $(unit_dir)/certificates.py
	@mkdir -p $(@D)
	$< >$@.new
	mv $@.new $@

$(unit_out)/test_cert.o $(unit_out)/test_auth.o $(unit_out)/test_keys_process.o \
		$(unit_out)/sim_auth.o: $(unit_out)/certificates.h

$(unit_out)/stub_%.o: $(stub_dir)/stub_%.c $(unit_makefiles)
	@mkdir -p $(@D)
	$(CC) $(user_cppflags) -I. $(user_cflags) $(unit_sanitize) \
		-O1 -g -MMD -MP -c -o $@ $<

$(unit_out)/test_control: $(unit_out)/stub_daemon.o

$(unit_out)/test_%: $(unit_out)/test_%.o $(unit_shared) $(unit_archive)
	$(CC) $(unit_sanitize) -o $@ $(filter %.o,$^) $(unit_archive) \
		$(user_libs) $(daemon_libs) -lcmocka

$(unit_out)/sim_%.o: $(sim_dir)/%.c $(unit_makefiles)
	@mkdir -p $(@D)
	$(CC) $(user_cppflags) -I$(sim_dir) -I$(unit_out) $(user_cflags) \
		$(unit_sanitize) -O1 -g -MMD -MP -c -o $@ $<

$(unit_out)/sim: $(sim_objects) $(unit_out)/signer.o $(unit_archive)
	$(CC) $(unit_sanitize) -o $@ $^ $(user_libs) $(daemon_libs)

$(sim_out)/%.o: $(sim_dir)/%.c $(unit_makefiles)
	@mkdir -p $(@D)
	$(CC) $(user_cppflags) -I$(sim_dir) -I$(unit_out) $(user_cflags) -O2 -g \
		-MMD -MP -c -o $@ $<

$(sim_out)/%.o: $(unit_dir)/%.c $(unit_makefiles)
	@mkdir -p $(@D)
	$(CC) $(user_cppflags) $(user_cflags) -Wno-missing-prototypes -O2 -g \
		-MMD -MP -c -o $@ $<

$(sim_out)/auth.o: $(unit_out)/certificates.h

$(sim_out)/sim: $(sim_fast) $(sim_engine)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(user_libs)

$(unit_out)/ipsec: $(unit_objects)
	$(CC) $(unit_sanitize) -o $@ $^ $(user_libs)

$(unit_out)/iked: $(filter-out $(unit_out)/user/cli/%,$(unit_library)) \
		$(unit_out)/user/daemon/main.o
	$(CC) $(unit_sanitize) -o $@ $^ $(user_libs) $(daemon_libs)

# What all fuzzers have in common is compiled once.
$(unit_out)/fuzz/user/%.o: user/%.c $(unit_makefiles)
	@mkdir -p $(@D)
	clang $(user_cppflags) $(fuzz_cflags) -fsanitize=fuzzer-no-link \
		-MMD -MP -c -o $@ $<

$(unit_out)/fuzz/%.o: $(unit_dir)/%.c $(unit_makefiles)
	@mkdir -p $(@D)
	clang $(user_cppflags) $(fuzz_cflags) -fsanitize=fuzzer-no-link \
		-MMD -MP -c -o $@ $<

$(unit_out)/fuzz/engine: $(unit_out)/fuzz/hosts.o $(unit_out)/fuzz/signer.o

$(unit_out)/fuzz/engine.o: | $(unit_out)/certificates.h

$(fuzz_archive): $(fuzz_objects)
	@rm -f $@
	ar rcs $@ $^

$(unit_out)/fuzz/stub_%.o: $(stub_dir)/stub_%.c $(unit_makefiles)
	@mkdir -p $(@D)
	clang $(user_cppflags) -I. $(fuzz_cflags) \
		-fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

$(unit_out)/fuzz/control: $(unit_out)/fuzz/stub_daemon.o

$(unit_out)/fuzz/%.o: $(fuzz_dir)/%.c $(unit_makefiles)
	@mkdir -p $(@D)
	clang $(user_cppflags) -I$(unit_out) -I. $(fuzz_cflags) \
		-fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

$(unit_out)/fuzz/%: $(unit_out)/fuzz/%.o $(fuzz_archive)
	clang $(fuzz_cflags) -fsanitize=fuzzer -o $@ $(filter %.o,$^) \
		$(fuzz_archive) $(user_libs) $(daemon_libs) -lcmocka

-include $(unit_objects:.o=.d) $(unit_engine:.o=.d) $(unit_daemon:.o=.d) $(unit_programs:=.d) \
	$(unit_shared:.o=.d) $(sim_objects:.o=.d) $(sim_fast:.o=.d) $(fuzz_objects:.o=.d) \
	$(fuzz_programs:=.d)

.SECONDARY: $(fuzz_programs:=.o)

unit: $(unit_programs) $(unit_out)/ipsec $(O)/ipsec

fuzzers: $(fuzz_programs)

fuzz: fuzzers ## Fuzz user space, and keep what is found (FUZZ_SECONDS=600, FUZZ="wire engine")
	@$(fuzz_dir)/run --seconds $(FUZZ_SECONDS) --keep $(fuzz_found) \
		$(unit_out)/fuzz $(FUZZ)

sim: $(sim_out)/sim

sim-sanitized: $(unit_out)/sim

check-unit: unit ## Unit tests of user space, under ASan and UBSan
	@if $(fuzz_probe); then $(MAKE) -s --no-print-directory fuzzers; fi
	@$(unit_dir)/run --fuzz-seconds $(FUZZ_SECONDS) $(unit_out)

# All of it compiled once more, by gcc for the tests and by clang for fuzzers
coverage: ## Which lines of user space do unit tests run, which do fuzzers, on what they found?
	@$(MAKE) -s --no-print-directory O=$(coverage_out) CFLAGS='-O0 -g' \
		unit_sanitize=--coverage fuzz_cflags='-std=gnu11 -O0 -g --coverage' \
		unit $(shell if $(fuzz_probe); then echo fuzzers; fi)
	@find $(coverage_out) -name '*.gcda' -delete
	@$(unit_dir)/run --fuzz-seconds 0 $(coverage_out)/unit
	@$(unit_dir)/coverage --least user/wire=95 $(coverage_out)/unit/user
	@if $(fuzz_probe); then $(fuzz_dir)/run --seconds $(FUZZ_SECONDS) \
		--keep $(fuzz_found) $(coverage_out)/unit/fuzz && \
		$(unit_dir)/coverage --gcov 'llvm-cov gcov' --least user/wire=95 \
		$(coverage_out)/unit/fuzz/user; fi

.PHONY: unit fuzzers fuzz sim sim-sanitized coverage check-unit
