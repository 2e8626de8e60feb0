# SPDX-License-Identifier: GPL-2.0-or-later
#
# Builds the two programs of early-vfio, tests them and packages them. One makefile for the
# whole tree; it knows nothing of what the sources do. A flavour is a compiler and a set of
# flags, and build/FLAVOUR/ holds what it makes of the same sources:
#
#   klibc  the binder as it is shipped: static, small, no library
#   musl   the same where a distribution has no klibc
#   host   the host program as it is shipped (glibc), and the binder for its warnings
#   asan   both under clang's AddressSanitizer and UndefinedBehaviorSanitizer, for the tests
#   fuzz   as asan, with libFuzzer, for make fuzz TARGET=spec SECONDS=600
#
# make · make check · make demo · make deb · make install DESTDIR= PREFIX= · make format

# All that building and testing need, the one list. EARLY_VFIO_DEPS=off trusts what is there.
PACKAGES := build-essential pkg-config libklibc-dev klibc-utils \
	libkmod-dev libblkid-dev libmount-dev libpci-dev libarchive-dev libcmocka-dev \
	clang libclang-rt-dev clang-format shellcheck busybox mandoc \
	dpkg-dev debhelper fakeroot lintian \
	musl-tools rpm \
	kmod mmdebstrap qemu-system-x86 ovmf e2fsprogs cpio zstd xz-utils bzip2 lz4 lzop strace \
	python3 gnuplot-nox valgrind
# The widest matrix has another architecture too.
ifneq ($(filter check-full,$(MAKECMDGOALS)),)
PACKAGES += gcc-aarch64-linux-gnu qemu-system-arm
endif
EARLY_VFIO_DEPS ?= on

# V=1 shows the commands.
V       ?= 0
QUIET_0 := @
Q       := $(QUIET_$(V))

# As many jobs as processors, where nobody said otherwise.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif

VERSION  := $(shell sed -n '1s/.*(\(.*\)).*/\1/p' debian/changelog)
PREFIX   ?= /usr
SBINDIR  ?= $(PREFIX)/sbin
LIBDIR   ?= $(PREFIX)/lib/early-vfio
SHAREDIR ?= $(PREFIX)/share
SYSCONFDIR ?= /etc
UDEVDIR  ?= $(PREFIX)/lib/udev
DRACUTDIR ?= $(PREFIX)/lib/dracut
INITCPIODIR ?= $(PREFIX)/lib/initcpio
# Whose parts are installed, and what the installed binder is built with: klibc, or musl where a
# distribution has no klibc.
GENERATORS ?= initramfs-tools dracut mkinitcpio
BINDER_LIBC ?= klibc

# Recorded real machines and inputs, for the tests that replay them; they do without if need be.
export EARLY_VFIO_CORPUS ?= ../shared/corpus

# ---- Sources. binder/cmd/ holds what both programs do, binder/main.c is the binder's own main.
SHARED := $(wildcard binder/core/*.c binder/io/*.c binder/cmd/*.c)
BINDER := $(wildcard binder/*.c)
HOOK   := $(wildcard hook/*.c hook/*/*.c)
FAKE   := $(wildcard tests/fake/*.c)
UNIT   := $(wildcard tests/unit/test_*.c)
CORPUS := $(wildcard tests/corpus/*.c)
FUZZ   := $(wildcard tests/fuzz/fuzz_*.c)
FUZZED := tests/fuzz/fuzz.c tests/fuzz/replay.c
SOAK   := $(wildcard tests/soak/*.c)
BENCH  := bench/plan.c bench/tree.c

objects = $(patsubst %.c,build/$(1)/%.o,$(2))

# ---- Flags.
CFLAGS      ?= -O2 -g
WARNINGS    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 \
	-Wundef -Wvla -Werror -Werror=implicit-function-declaration
COMMON      := -std=gnu17 -D_GNU_SOURCE -DEARLY_VFIO_VERSION='"$(VERSION)"' -Iinclude -MMD -MP \
	$(WARNINGS)
SECTIONS    := -ffunction-sections -fdata-sections
HOOK_LIBS   := libkmod blkid mount libpci libarchive
SANITIZE    := -fsanitize=address,undefined -fno-sanitize-recover=all

CC_klibc    := klcc
# Only x86 aligns tables to more than they need.
FLAGS_klibc_arch := $(if $(filter x86_64%,$(shell $(CC) -dumpmachine)),-malign-data=abi)
# -Oz, less what makes this code larger all the same: found by trying each.
FLAGS_klibc := -Oz $(SECTIONS) -fno-caller-saves -fno-expensive-optimizations -fno-jump-tables \
	-fno-tree-dominator-opts -fno-tree-tail-merge -fno-tree-loop-distribute-patterns \
	-fno-tree-loop-im -fno-ipa-strict-aliasing -fno-move-loop-invariants -fno-forward-propagate \
	-fno-optimize-sibling-calls -fno-ipa-cp -fno-bit-tests -fno-early-inlining \
	-fno-hoist-adjacent-loads -fno-if-conversion -fno-inline-functions-called-once \
	-fno-partial-inlining -fno-ipa-sra -fno-guess-branch-probability -fno-schedule-insns2 \
	-fno-tree-copy-prop -fno-tree-loop-optimize -ffinite-loops \
	$(FLAGS_klibc_arch) -flto
# The small page keeps the linker from padding the file up to the next one.
LINK_klibc  := -static -Wl,-z,noseparate-code,-z,common-page-size=64 -Wl,--gc-sections \
	-Wl,--build-id=none,--sort-section=alignment
# klcc's linker knows nothing of -flto: the compiler makes one object of all first.
WHOLE_klibc  = $(CC) -r -nostdlib -flto-partition=one -flinker-output=nolto-rel $(FLAGS_klibc) \
	-fno-PIE -fno-asynchronous-unwind-tables -fno-stack-protector -fwrapv
link_klibc   = $(WHOLE_klibc) -o $@.o $^ && $(CC_klibc) $(LINK_klibc) -o $@ $@.o
CC_musl     := musl-gcc
FLAGS_musl   = $(FLAGS_klibc)
link_musl    = $(CC_musl) $(FLAGS_musl) $(LINK_klibc) -o $@ $^
CC_host      = $(CC)
FLAGS_host   = $(CPPFLAGS) $(CFLAGS) $(SECTIONS)
LINK_host    = $(CFLAGS) $(LDFLAGS) -Wl,--gc-sections -Wl,--as-needed
link_host    = $(CC_host) $(LINK_host) -o $@ $^
CC_asan     := clang
# Tables of texts name their elements: a string in two pieces is no forgotten comma.
FLAGS_asan  := -O1 -g -fno-omit-frame-pointer -Wno-string-concatenation $(SANITIZE)
LINK_asan   := -g $(SANITIZE) -Wl,--as-needed
link_asan    = $(CC_asan) $(LINK_asan) -o $@ $^
CC_fuzz     := clang
# What the tests do themselves leads no search. Comparisons are not traced: words.dict has the
# words, and tracing takes two thirds of the time.
FLAGS_fuzz   = $(FLAGS_asan) -O2 \
	$(if $(filter tests/%,$<),,-fsanitize=fuzzer-no-link -fno-sanitize-coverage=trace-cmp)
link_fuzz    = $(CC_fuzz) $(LINK_asan) -fsanitize=fuzzer -o $@ $^

# ---- Programs. build/klibc/early-vfio and build/host/early-vfio are what is installed.
.PHONY: all objects
all: build/$(BINDER_LIBC)/early-vfio build/host/early-vfio

# Everything compiled in every flavour, for the warnings.
objects: $(foreach f,klibc musl host asan,$(call objects,$(f),$(SHARED) $(BINDER))) \
	$(foreach f,host asan,$(call objects,$(f),$(HOOK) $(FAKE) $(UNIT) $(SOAK) $(BENCH))) \
	$(call objects,asan,$(FUZZ) $(FUZZED))

define flavour
build/$(1)/hook/%.o: hook/%.c Makefile | deps
	@mkdir -p $$(@D)
	@echo '  CC   $$@'
	$$(Q)$$(CC_$(1)) $$(COMMON) -Ihook $$(FLAGS_$(1)) $$$$(pkg-config --cflags $$(HOOK_LIBS)) \
		-c -o $$@ $$<

build/$(1)/%.o: %.c Makefile | deps
	@mkdir -p $$(@D)
	@echo '  CC   $$@'
	$$(Q)$$(CC_$(1)) $$(COMMON) $$(FLAGS_$(1)) $$(if $$(filter tests/%,$$<),-Itests/fake -Ihook) -c -o $$@ $$<

build/$(1)/early-vfio-binder: $(call objects,$(1),$(SHARED) $(BINDER))
	@echo '  LINK $$@'
	$$(Q)$$(link_$(1))

# A unit test is one file; test_hook_*.c also see the host program's functions.
build/$(1)/tests/unit/test_hook_%: build/$(1)/tests/unit/test_hook_%.o \
		$(call objects,$(1),$(SHARED) $(FAKE) $(filter-out hook/main.c,$(HOOK)))
	@echo '  LINK $$@'
	$$(Q)$$(link_$(1)) -lcmocka $$$$(pkg-config --libs $$(HOOK_LIBS))

build/$(1)/tests/unit/test_%: build/$(1)/tests/unit/test_%.o \
		$(call objects,$(1),$(SHARED) $(FAKE) $(filter-out binder/main.c,$(BINDER)))
	@echo '  LINK $$@'
	$$(Q)$$(link_$(1)) -lcmocka

# A fuzz target is one file; fuzz_hook_*.c also see the host program's functions. libFuzzer
# brings its own main, to search; elsewhere replay.c repeats what was found.
build/$(1)/tests/fuzz/fuzz_hook_%: build/$(1)/tests/fuzz/fuzz_hook_%.o \
		$(call objects,$(1),$(call fuzz_parts,$(1)) $(filter-out hook/main.c,$(HOOK)))
	@echo '  LINK $$@'
	$$(Q)$$(link_$(1)) $$$$(pkg-config --libs $$(HOOK_LIBS))

build/$(1)/tests/fuzz/fuzz_%: build/$(1)/tests/fuzz/fuzz_%.o \
		$(call objects,$(1),$(call fuzz_parts,$(1)))
	@echo '  LINK $$@'
	$$(Q)$$(link_$(1))

# The random schedules bring the binder's watch with a clock of their own.
build/$(1)/soak: $(call objects,$(1),$(SOAK) $(FAKE) $(filter-out binder/io/watch.c,$(SHARED)))
	@echo '  LINK $$@'
	$$(Q)$$(link_$(1))

# The properties over recorded machines: the core alone.
build/$(1)/tests/corpus/properties: $(call objects,$(1),$(CORPUS) tests/fake/machine.c \
		$(wildcard binder/core/*.c))
	@echo '  LINK $$@'
	$$(Q)$$(link_$(1))

# How planning grows.
build/$(1)/bench/plan: $(call objects,$(1),$(BENCH) $(SHARED))
	@echo '  LINK $$@'
	$$(Q)$$(link_$(1))

$(call objects,$(1),binder/cmd/dispatch.c): debian/changelog
-include $(patsubst %.c,build/$(1)/%.d,$(SHARED) $(BINDER) $(HOOK) $(FAKE) $(UNIT) $(SOAK) \
	$(FUZZ) $(FUZZED) $(CORPUS) $(BENCH))
endef
fuzz_parts = $(SHARED) $(FAKE) $(filter-out $(if $(filter fuzz,$(1)),%/replay.c),$(FUZZED))
$(foreach f,klibc musl host asan fuzz,$(eval $(call flavour,$(f))))
.SECONDARY:

build/klibc/early-vfio build/musl/early-vfio: %: %-binder
	$(Q)strip --strip-all -R .comment -o $@ $<
	@echo "  SIZE $@ $$(wc -c <$@)"

# What the benchmarks need in a guest: small programs.
build/klibc/bench-%: build/klibc/bench/%.o
	@echo '  LINK $@'
	$(Q)$(link_klibc)
-include build/klibc/bench/finit.d build/klibc/bench/measure.d

# What the binder relies on in sysfs, against a booted guest's kernel; see tests/contract/main.c.
CONTRACT := tests/contract/main.c tests/fake/contract.c
build/klibc/contract: $(call objects,klibc,$(CONTRACT) $(SHARED))
	@echo '  LINK $@'
	$(Q)$(link_klibc)
-include $(patsubst %.c,build/klibc/%.d,$(CONTRACT))

define host-program
build/$(1)/early-vfio: $(call objects,$(1),$(SHARED) $(HOOK))
	@echo '  LINK $$@'
	$$(Q)$$(link_$(1)) $$$$(pkg-config --libs $$(HOOK_LIBS))
endef
$(foreach f,host asan,$(eval $(call host-program,$(f))))

# ---- Tests. Each tier is tests/TIER/run, which leaves its counts in build/results/TIER.
UNIT_FLAVOUR ?= asan
TIERS        := lint unit soak fuzz hook ns cost corpus packages image vm
TARGET       ?= spec
SECONDS      ?= 60

.PHONY: bench bench-check cost-programs
cost-programs: build/klibc/early-vfio build/klibc/bench-measure build/host/bench/plan
bench: all deb cost-programs build/klibc/bench-finit
	build/host/bench/plan
	bench/unpacked
	bench/run

# Counts alone, and their ratios: a busy machine says the same.
bench-check: cost-programs
	tests/check cost

.PHONY: unit-programs check-unit soak-programs fuzz-programs corpus-programs check check-full demo \
	format fuzz
unit-programs: $(patsubst %.c,build/$(UNIT_FLAVOUR)/%,$(UNIT))
soak-programs: build/host/soak build/asan/soak
corpus-programs: build/$(UNIT_FLAVOUR)/tests/corpus/properties build/klibc/early-vfio \
	build/host/early-vfio
# To replay in every check, to search in the full one.
fuzz-programs: $(patsubst %.c,build/asan/%,$(FUZZ)) \
	$(if $(CHECK_FULL)$(filter check-full,$(MAKECMDGOALS)),$(patsubst %.c,build/fuzz/%,$(FUZZ)))

# Pattern rules build on those that are named somewhere.
.PHONY: fuzz-objects
fuzz-objects: $(call objects,fuzz,$(SHARED) $(HOOK) $(FAKE) $(FUZZ) $(FUZZED))

fuzz: build/fuzz/tests/fuzz/fuzz_$(TARGET)
	tests/fuzz/search $(TARGET) $(SECONDS)

check-unit: unit-programs
	UNIT_FLAVOUR=$(UNIT_FLAVOUR) tests/check unit

check: all objects unit-programs soak-programs fuzz-programs corpus-programs cost-programs deb \
		build/klibc/contract build/asan/early-vfio-binder build/asan/early-vfio
	UNIT_FLAVOUR=$(UNIT_FLAVOUR) tests/check $(TIERS)

check-full: export CHECK_FULL = 1
check-full: check

demo: all deb
	tests/vm/demo

format: | deps
	find bench binder hook include tests -name '*.[ch]' -exec clang-format -i {} +

# ---- Packages and installation.
DEB         := build/early-vfio_$(VERSION)_$(shell dpkg --print-architecture 2>/dev/null).deb
DEB_SOURCES := Makefile $(shell find binder completions debian dracut hook include \
	initramfs-tools man packaging tests/check tests/fake tests/unit udev 2>/dev/null)

.PHONY: deb install
deb: $(DEB)
$(DEB): $(DEB_SOURCES) | deps
	rm -f build/early-vfio_*.deb
	packaging/build-deb build/deb early-vfio_$(VERSION)
	mv build/deb/$(@F) $@

install: $(addprefix install-,$(GENERATORS))
	install -D -m 755 build/host/early-vfio $(DESTDIR)$(SBINDIR)/early-vfio
	install -D -m 755 build/$(BINDER_LIBC)/early-vfio $(DESTDIR)$(LIBDIR)/binder
	install -D -m 644 udev/70-early-vfio.rules \
		$(DESTDIR)$(UDEVDIR)/rules.d/70-early-vfio.rules
	install -D -m 644 man/early-vfio.8 $(DESTDIR)$(SHAREDIR)/man/man8/early-vfio.8
	install -d $(DESTDIR)$(SHAREDIR)/man/man5
	install -m 644 man/*.5 $(DESTDIR)$(SHAREDIR)/man/man5
	install -D -m 644 completions/early-vfio \
		$(DESTDIR)$(SHAREDIR)/bash-completion/completions/early-vfio
	install -D -m 644 packaging/early-vfio.conf.example \
		$(DESTDIR)$(SHAREDIR)/doc/early-vfio/examples/early-vfio.conf

.PHONY: install-initramfs-tools install-dracut install-mkinitcpio
install-initramfs-tools: all
	install -D -m 755 initramfs-tools/hooks/early-vfio \
		$(DESTDIR)$(SHAREDIR)/initramfs-tools/hooks/early-vfio
	for stage in init-top local-block local-premount; do \
		install -D -m 755 initramfs-tools/scripts/$$stage/early-vfio \
			$(DESTDIR)$(SHAREDIR)/initramfs-tools/scripts/$$stage/early-vfio || exit; \
	done
	install -D -m 755 initramfs-tools/scripts/local-premount/early-vfio \
		$(DESTDIR)$(SHAREDIR)/initramfs-tools/scripts/nfs-top/early-vfio
	install -D -m 755 initramfs-tools/post-update.d/early-vfio \
		$(DESTDIR)$(SYSCONFDIR)/initramfs/post-update.d/early-vfio

install-dracut: all
	install -d $(DESTDIR)$(DRACUTDIR)/modules.d/50early-vfio
	install -m 755 dracut/50early-vfio/*.sh $(DESTDIR)$(DRACUTDIR)/modules.d/50early-vfio
	install -m 644 dracut/50early-vfio/*.service $(DESTDIR)$(DRACUTDIR)/modules.d/50early-vfio

# The units are the same under dracut's systemd and mkinitcpio's.
install-mkinitcpio: all
	install -D -m 644 mkinitcpio/install/early-vfio $(DESTDIR)$(INITCPIODIR)/install/early-vfio
	install -D -m 644 mkinitcpio/hooks/early-vfio $(DESTDIR)$(INITCPIODIR)/hooks/early-vfio
	install -d $(DESTDIR)$(LIBDIR)
	install -m 644 dracut/50early-vfio/early-vfio.service \
		dracut/50early-vfio/early-vfio-heal.service $(DESTDIR)$(LIBDIR)
	install -m 644 dracut/50early-vfio/early-vfio-heal.sh $(DESTDIR)$(LIBDIR)/heal

.PHONY: clean
clean:
	rm -rf build

# ---- Dependencies: nothing to do where all is there, else apt-get as root.
.PHONY: deps
deps:
ifneq ($(EARLY_VFIO_DEPS),off)
	@packaging/install-packages $(PACKAGES)
endif
