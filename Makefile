# Cantine. `make` alone explains itself.
#
# Every target that needs packages installs the missing ones first, so that each works alone on a fresh
# machine. What is built goes to build/ and nowhere else.

PREFIX  ?= /usr
DESTDIR ?=
BUILD   := build
VERSION := 0.1.0

CC     ?= cc
CFLAGS ?= -O2 -g
WARN   := -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Werror
HARDEN := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
STD    := -std=gnu11 -D_GNU_SOURCE -DCANTINE_VERSION='"$(VERSION)"'
LDHARD := -pie -Wl,-z,relro,-z,now -Wl,--as-needed

.DEFAULT_GOAL := help
.PHONY: help po man deps build demo check check-system check-vm storm bench fmt lint install clean unit integration

help: ## print this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | column -t -s '|'

PYTHON := /usr/bin/python3

# --- packages -----------------------------------------------------------------------------------
include tests/packages.mk

deps: ## install the Debian packages that building and testing need
	@tests/install-packages $(PACKAGES_BUILD) $(PACKAGES_CHECK)

$(BUILD)/.packages-build: tests/packages.mk
	@tests/install-packages $(PACKAGES_BUILD)
	@mkdir -p $(@D) && touch $@

$(BUILD)/.packages-demo: tests/packages.mk $(BUILD)/.packages-build
	@tests/install-packages $(PACKAGES_DEMO)
	@mkdir -p $(@D) && touch $@

$(BUILD)/.packages-check: tests/packages.mk $(BUILD)/.packages-build
	@tests/install-packages $(PACKAGES_CHECK)
	@mkdir -p $(@D) && touch $@

# --- programs -----------------------------------------------------------------------------------
# Each room is one static library; a program is its own room's objects and the libraries it may see.
ROOMS    := util core wire config store door control
PROGRAMS := cantined cantine-reader cantine-publisher cantinectl cantine-virtual-reader

sources = $(wildcard $(1)/*.c) $(wildcard $(1)/*/*.c)
objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

MIGRATIONS := $(sort $(wildcard schemas/sql/[0-9]*.sql))

define ROOM
$(BUILD)/libcantine-$(1).a: $(call objects,$(call sources,daemon/$(1))) $(2)
	@rm -f $$@ && $(AR) rcs $$@ $$^
endef
$(foreach r,$(filter-out store util,$(ROOMS)),$(eval $(call ROOM,$(r))))
$(eval $(call ROOM,store,$(BUILD)/obj/gen/migrations.o))
$(eval $(call ROOM,util,$(BUILD)/obj/gen/told.o))

libs = $(foreach r,$(1),$(BUILD)/libcantine-$(r).a)

$(BUILD)/cantined:               $(call objects,$(call sources,daemon/cantined)) $(call libs,door control store config wire core util)
$(BUILD)/cantine-reader:         $(call objects,$(call sources,daemon/reader)) $(call libs,config wire core util)
$(BUILD)/cantine-publisher:      $(call objects,$(call sources,daemon/publisher)) $(call libs,config wire core util)
$(BUILD)/cantinectl:             $(call objects,$(call sources,daemon/ctl)) $(call libs,control store config wire core util)
$(BUILD)/cantine-virtual-reader: $(call objects,$(call sources,tests/virtual)) $(call libs,core util)

$(BUILD)/cantined:          LIBS := sqlite3 libsystemd jansson inih
$(BUILD)/cantine-reader:    LIBS := libnfc libsystemd inih
$(BUILD)/cantine-publisher: LIBS := libmosquitto libsystemd jansson inih
$(BUILD)/cantinectl:        LIBS := sqlite3 libsystemd jansson inih
$(BUILD)/cantine-virtual-reader: LIBS := libsystemd

$(addprefix $(BUILD)/,$(PROGRAMS)):
	@echo "  LD $@"
	@$(CC) $(CFLAGS) $(LDHARD) $(LDFLAGS) -o $@ $^ $$(pkg-config --libs $(LIBS)) -pthread

$(BUILD)/obj/%.o: %.c | $(BUILD)/.packages-build
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(STD) $(WARN) $(HARDEN) $(CFLAGS) -Idaemon -Itests -MMD -MP -c $< -o $@

$(BUILD)/gen/migrations.c: schemas/sql/embed.awk $(MIGRATIONS)
	@mkdir -p $(@D)
	@LC_ALL=C awk -f schemas/sql/embed.awk $(MIGRATIONS) > $@

$(BUILD)/gen/told.c: po/Makefile po/told.awk $(foreach r,daemon/*,$(call sources,$(r))) | $(BUILD)/.packages-build
	@mkdir -p $(@D)
	@$(MAKE) -s --no-print-directory -C po told FILE=$(abspath $@)

$(BUILD)/obj/gen/%.o: $(BUILD)/gen/%.c
	@mkdir -p $(@D)
	@$(CC) $(STD) $(WARN) $(HARDEN) $(CFLAGS) -Idaemon -c $< -o $@

# Before this moment no clock can be right: core/clock.h.
BUILT := $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2>/dev/null),$(shell date +%s))
$(BUILD)/obj/daemon/cantined/clock.o: STD += -DCANTINE_BUILT='((usec_t)$(BUILT))'

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

build: $(BUILD)/.packages-build ## build the programs, the manual pages and the lobby page into build/
	@$(MAKE) -s --no-print-directory -j$$(nproc) $(addprefix $(BUILD)/,$(PROGRAMS)) $(BUILD)/lobby/index.html $(CATALOGUES) $(PAGES)

# --- languages ----------------------------------------------------------------------------------
CATALOGUES := $(patsubst po/%.po,$(BUILD)/locale/%/LC_MESSAGES/cantine.mo,$(wildcard po/*.po))

$(BUILD)/locale/%/LC_MESSAGES/cantine.mo: po/%.po | $(BUILD)/.packages-build
	@mkdir -p $(@D)
	@msgfmt --check -o $@ $<

po: $(BUILD)/.packages-build ## bring the translations up to date with the sources
	@$(MAKE) -s --no-print-directory -C po update

# --- manual pages -------------------------------------------------------------------------------
PAGES := $(patsubst man/%.scd,$(BUILD)/man/%,$(wildcard man/*.scd))

$(BUILD)/man/%: man/%.scd man/tidy.awk | $(BUILD)/.packages-build
	@mkdir -p $(@D)
	@SOURCE_DATE_EPOCH=$(BUILT) scdoc < $< > $@.untidy
	@LC_ALL=C awk -f man/tidy.awk $@.untidy > $@ && rm $@.untidy

man: $(PAGES) ## make the manual pages: man -l build/man/cantinectl.1

# --- the lobby page -----------------------------------------------------------------------------
# Any node from 18 on; Debian's where there is none.
lobby/node_modules/.package-lock.json: lobby/package.json lobby/package-lock.json
	@command -v npm >/dev/null || tests/install-packages $(PACKAGES_LOBBY)
	@echo "  NPM lobby"
	@cd lobby && npm ci --silent && touch node_modules/.package-lock.json

$(BUILD)/lobby/index.html: lobby/build.mjs $(wildcard lobby/src/*) lobby/node_modules/.package-lock.json
	@echo "  PAGE $@"
	@cd lobby && npm run --silent build -- $(abspath $@)

# --- running it ---------------------------------------------------------------------------------
demo: build $(BUILD)/.packages-demo ## watch a badge open the door; DEMO=once ends by itself
	@$(PYTHON) tests/demo.py $(if $(filter once,$(DEMO)),--once)

# --- tests --------------------------------------------------------------------------------------
UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))

# Every unit test may use every room; a program's own objects go only into its own tests.
$(BUILD)/unit/test_lying: $(call objects,daemon/reader/lying.c)
$(filter $(BUILD)/unit/test_ctl_%,$(UNIT_TESTS)): $(call objects,$(addprefix daemon/ctl/,because.c hours.c moment.c refusal.c shown.c slot.c \
	machine/broker_rules.c machine/disk_room.c machine/machine_text.c roster/csv.c roster/csv_cell.c roster/roster_cell.c))
$(filter $(BUILD)/unit/test_virtual_%,$(UNIT_TESTS)): $(call objects,$(filter-out tests/virtual/main.c,$(wildcard tests/virtual/*.c)))
$(BUILD)/unit/test_gpio: $(call objects,tests/rig/virtual_gpio.c)
$(BUILD)/unit/%: $(BUILD)/obj/tests/unit/%.o $(BUILD)/obj/tests/unit/vectors.o $(call libs,door control store config wire core util)
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(CFLAGS) $(LDHARD) -o $@ $(filter %.o,$^) $(filter %.a,$^) $$(pkg-config --libs cmocka sqlite3 libsystemd jansson inih) -pthread

# GPIO chips for programs under test. It stands before libc's functions, and so without fortified ones.
$(BUILD)/obj/tests/rig/virtual_gpio.o: HARDEN := -fPIC
$(BUILD)/virtual-gpio.so: $(BUILD)/obj/tests/rig/virtual_gpio.o
	@$(CC) $(CFLAGS) -shared -o $@ $^

# The product in virtual time, for tests/model.
$(BUILD)/model/%: $(BUILD)/obj/tests/model/%.o $(call libs,store wire core util)
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(CFLAGS) $(LDHARD) -o $@ $^ $$(pkg-config --libs sqlite3) -pthread

.SECONDARY:

unit: build $(BUILD)/.packages-check
	@$(MAKE) -s --no-print-directory -j$$(nproc) $(UNIT_TESTS) $(BUILD)/virtual-gpio.so $(BUILD)/model/year

check: unit lint ## run every test that needs no privileges
	@for test in $(UNIT_TESTS); do $$test || exit 1; done
	@cd lobby && npm test --silent
	@$(PYTHON) -m pytest -q -p no:cacheprovider --ignore=tests/system --ignore=tests/vm tests

check-system: build $(BUILD)/.packages-check ## boot a Debian 12 with the product in it (needs root)
	@tests/install-packages $(PACKAGES_SYSTEM)
	@$(PYTHON) -m pytest -q -p no:cacheprovider tests/system

storm: unit ## kill -9 the programs 200 times under continuous taps
	@CANTINE_STORM=200 $(PYTHON) -m pytest -q -s -p no:cacheprovider tests/integration/test_storm.py

check-vm: build $(BUILD)/.packages-check ## boot an arm64 computer with a GPIO chip and the product in it (needs root)
	@tests/install-packages $(PACKAGES_VM)
	@$(PYTHON) -m pytest -q -p no:cacheprovider tests/vm

BENCHES := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(wildcard tests/bench/*.c))

$(BUILD)/bench/%: $(BUILD)/obj/tests/bench/%.o $(call libs,store wire core util)
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) $(LDHARD) -o $@ $^ $$(pkg-config --libs libnfc libsystemd sqlite3 jansson) -pthread

bench: build $(BUILD)/.packages-check ## measure, each figure beside its floor
	@$(MAKE) -s --no-print-directory $(BENCHES)
	@$(PYTHON) tests/bench/bench.py

fmt: $(BUILD)/.packages-check ## format the C sources
	@clang-format -i $$(git ls-files --cached --others --exclude-standard '*.c' '*.h')

lint: $(BUILD)/.packages-check ## check the format of the C sources
	@clang-format --dry-run -Werror $$(git ls-files --cached --others --exclude-standard '*.c' '*.h')

SBIN := $(DESTDIR)$(PREFIX)/sbin
BIN  := $(DESTDIR)$(PREFIX)/bin
LIB  := $(DESTDIR)$(PREFIX)/lib
SHARE := $(DESTDIR)$(PREFIX)/share
UNITS := $(wildcard systemd/*.service systemd/*.socket systemd/*.target)

install: build ## install under $(DESTDIR)$(PREFIX)
	@install -D -t $(SBIN) $(BUILD)/cantined $(BUILD)/cantine-reader $(BUILD)/cantine-publisher
	@install -D -t $(BIN) $(BUILD)/cantinectl
	@install -d $(LIB)/systemd/system
	@for unit in $(UNITS); do \
		sed 's|/usr/sbin/|$(PREFIX)/sbin/|' $$unit > $(LIB)/systemd/system/$$(basename $$unit) && \
		chmod 0644 $(LIB)/systemd/system/$$(basename $$unit) || exit 1; done
	@install -D -m 0644 systemd/cantine.sysusers $(LIB)/sysusers.d/cantine.conf
	@install -D -m 0644 systemd/cantine.tmpfiles $(LIB)/tmpfiles.d/cantine.conf
	@install -D -m 0644 -t $(LIB)/systemd/catalog systemd/cantine.catalog systemd/cantine.fr.catalog
	@install -D -m 0644 -t $(SHARE)/dbus-1/system.d systemd/dbus/org.cantine.Cantine1.conf
	@install -D -m 0644 -t $(SHARE)/polkit-1/actions systemd/polkit/org.cantine.policy
	@install -D -m 0644 -t $(SHARE)/cantine schemas/cantine.conf
	@install -D -m 0644 daemon/ctl/cantinectl.bash $(SHARE)/bash-completion/completions/cantinectl
	@for catalogue in $(CATALOGUES); do \
		install -D -m 0644 $$catalogue $(SHARE)/locale/$${catalogue#$(BUILD)/locale/} || exit 1; done
	@for page in $(PAGES); do \
		folder=$(SHARE)/man/man$${page##*.} && install -d $$folder && \
		gzip -9n < $$page > $$folder/$$(basename $$page).gz && \
		chmod 0644 $$folder/$$(basename $$page).gz || exit 1; done
	@install -D -m 0644 -t $(SHARE)/cantine/lobby $(BUILD)/lobby/index.html

clean: ## remove build/
	@rm -rf $(BUILD)
