# Plimsoll's build. Sources are found by wildcard: a new file needs no edit here. Everything that is
# made lands in build/. `make help` lists the targets.
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
SHELL := /bin/bash
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc) --no-print-directory
endif

SOURCES := $(sort $(shell find src -name '*.c'))
LIBRARY := $(filter-out src/keeper/main.c,$(SOURCES))
HEADERS := $(sort $(shell find src -name '*.h'))
# fuzz/ and bench/ hold programs of their own; every other .c below tests/ is part of the suite
TESTS := $(sort $(shell find tests -name '*.c' -not -path 'tests/fuzz/*' -not -path 'tests/bench/*'))
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unversioned)

LIBS := -lcurl -ljansson -lev -lnettle -lgmp -lsecp256k1 -lcrypto -lscrypt -lseccomp -lsqlite3 \
        -lyaml -lmicrohttpd -lsystemd -lzstd -lm -lpthread
WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wswitch-enum -Wstrict-prototypes \
            -Wmissing-prototypes -Wvla -Wundef -Werror
COMMON := -std=gnu11 -D_GNU_SOURCE -Isrc -MMD -MP
HARDEN := -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fPIE \
          -fstack-clash-protection $(if $(filter x86_64,$(shell uname -m)),-fcf-protection)
HARDEN_LINK := -pie -Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,--as-needed
SANITIZE := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

## make                     hardened release build, warnings fatal: build/plimsoll
all: build/plimsoll

build/plimsoll: $(SOURCES:%.c=build/release/%.o)
	@$(CC) $(HARDEN) $(HARDEN_LINK) -o $@ $^ $(LIBS)
	@echo "built $@ ($(VERSION))"

build/release/%.o: %.c | build/setup/build
	@mkdir -p $(@D)
	@$(CC) $(COMMON) $(WARNINGS) $(HARDEN) $(DEFINE) -c -o $@ $<

# The version is compiled into the shell only, so that a commit does not rebuild the world.
build/%.o: DEFINE = $(if $(findstring /keeper/,$@),-DPLIMSOLL_VERSION='"$(VERSION)"')
KEEPER := $(filter src/keeper/%,$(SOURCES))
$(KEEPER:%.c=build/release/%.o) $(KEEPER:%.c=build/test/%.o): build/version
build/version: always
	@mkdir -p build
	@[ "$$(cat $@ 2>/dev/null)" = "$(VERSION)" ] || echo "$(VERSION)" >$@

## make test [ROOM=plan]    Criterion under ASan and UBSan; T='suite/name*' picks
ROOMS_TESTED := $(if $(ROOM),$(filter tests/$(ROOM)/%,$(TESTS)) \
                $(foreach t,$(TESTS),$(if $(filter test_%,$(notdir $t)),,$t)),$(TESTS))
TEST_BINARY := build/test/run$(addprefix -,$(ROOM))
test: $(TEST_BINARY) | build/setup/check
	@tests/setup/criterion.sh $< $(if $(T),--filter '$(T)')

$(TEST_BINARY): $(LIBRARY:%.c=build/test/%.o) $(patsubst %.c,build/test/%.o,$(sort $(ROOMS_TESTED)))
	@$(CC) $(SANITIZE) -o $@ $^ -lcriterion $(LIBS)

build/test/src/%.o: src/%.c | build/setup/build
	@mkdir -p $(@D)
	@$(CC) $(COMMON) $(WARNINGS) $(SANITIZE) $(DEFINE) -c -o $@ $<

build/test/tests/%.o: tests/%.c | build/setup/check
	@mkdir -p $(@D)
	@$(CC) $(COMMON) -I. $(WARNINGS) -Wno-conversion -Wno-missing-prototypes $(SANITIZE) -c -o $@ $<

# What a target needs on the machine; the stamps are gone after `make clean`, so it is asked again.
build/setup/build build/setup/check build/setup/node: tests/setup/install.sh
	@mkdir -p $(@D)
	@tests/setup/install.sh $(@F)
	@touch $@

## make clean               removes build/
clean:
	@rm -rf build

## make help                this list
help:
	@cat $(MAKEFILE_LIST) | sed -n 's/^## //p'

.PHONY: all always clean help test
-include $(shell find build -name '*.d' 2>/dev/null)
