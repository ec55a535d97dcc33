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
# these hold programs of their own; every other .c below tests/ is part of the suite
TESTS := $(filter-out tests/fuzz/% tests/bench/% tests/crash/% tests/differential/%,$(sort $(shell find tests -name '*.c')))
CHECKER := $(wildcard tests/differential/*.c)
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unversioned)

LIBS := -lcurl -ljansson -lev -lnettle -lgmp -lsecp256k1 -lcrypto -lscrypt -lseccomp -lsqlite3 \
        -lyaml -lmicrohttpd -lsystemd -lzstd -lxxhash -lwebsockets -lm -lpthread
WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wswitch-enum -Wstrict-prototypes \
            -Wmissing-prototypes -Wvla -Wundef -Werror
COMMON := -std=gnu11 -D_GNU_SOURCE -Isrc -MMD -MP
# fat: the linters read the objects, and what links without -flto needs them
HARDEN := -O2 -g -flto=auto -ffat-lto-objects -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 \
          -fstack-protector-strong -fPIE -fstack-clash-protection \
          $(if $(filter x86_64,$(shell uname -m)),-fcf-protection)
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

## make demo                sets itself up, replays the shipped recording, writes build/report.html
demo: build/plimsoll
	@build/plimsoll replay tests/replay/crash.rec.zst --report build/report.html

## make check               everything that CI needs; the last line counts
check: | build/setup/check build/setup/node
	@STRIDE=$${STRIDE:-3} tests/check/check.sh all lint readme vectors test replay systemd corpus \
	devnet-check crash chaos-check differential plants-check

## make lint                format, floors, headers, globals, banned calls, caps, clang-tidy, cppcheck
lint: $(SOURCES:%.c=build/release/%.o) | build/setup/check
	@tests/lint/lint.sh '$(COMMON:-M%=) -DPLIMSOLL_VERSION="" $(WARNINGS)' $(SOURCES)

## make format              lets clang-format decide
format: | build/setup/check
	@find src tests -name '*.[ch]' | xargs clang-format -i

## make map                 floors, and each room's opening comment
map:
	@tests/lint/map.sh

## make vectors             fetches published test vectors into build/vectors; the suite then reads them
export PLIMSOLL_VECTORS ?= $(CURDIR)/build/vectors
vectors: | build/setup/check build/setup/node
	@tests/vectors/fetch.sh

## make replay / make bless golden recordings through the engine / rewrite the goldens
replay bless: build/plimsoll
	@tests/replay/golden.sh $(if $(filter bless,$@),--bless)

## make record [STORY=reorg] makes the golden recordings anew on the devnet, and blesses them
record: build/plimsoll | build/setup/node
	@tests/devnet/run.sh record $(STORY)
	@tests/replay/golden.sh --bless

## make crash [STRIDE=7] [STORY=reorg] kill -9 at each record of each story, restart: nothing twice or forgotten
crash: build/plimsoll | build/setup/node
	@tests/devnet/run.sh kill '$(STRIDE)' $(STORY)

## make chaos [SEED=1] [MINUTES=10] nodes that time out, lie and forget between daemon and contracts
chaos: build/plimsoll | build/setup/node
	@tests/devnet/run.sh chaos '$(SEED)' '$(MINUTES)'

## make chaos-check [MINUTES=2] the same at a fixed and a fresh seed, as make check runs it
chaos-check: build/plimsoll | build/setup/node
	@tests/devnet/run.sh chaos check '$(MINUTES)'

## make readme              what the README names, held against the program
readme: build/plimsoll
	@tests/check/readme.sh

## make systemd             the units: verified, and as tight as they claim
systemd: build/plimsoll | build/setup/check
	@tests/systemd/check.sh

## make devnet              a local chain with real contracts, left up for you to try the keeper on
## make devnet-check        the same chain, crashed, with a judge over the real daemon
devnet devnet-check: build/plimsoll | build/setup/node
	@tests/devnet/run.sh $(if $(filter devnet-check,$@),judge,up)
	@$(if $(filter devnet-check,$@),tests/devnet/run.sh backrun)

## make differential [N=300 SEED=7 VERSION=v36]  mirror and integers against the contracts, by blocks
## make plants              faults planted in our arithmetic, each to be found by the same comparison
differential plants plants-check: build/differential/checker | build/setup/node
	@OBJECTS='$(CHECKER_OBJECTS)' LIBS='$(LIBS)' CC='$(CC)' \
	tests/devnet/run.sh $(if $(filter plants-check,$@),plants --some '$(SEED)',$@)

CHECKER_OBJECTS := $(patsubst %.c,build/release/%.o,$(CHECKER) $(LIBRARY))
build/differential/checker: $(CHECKER_OBJECTS)
	@mkdir -p $(@D)
	@$(CC) $(HARDEN) $(HARDEN_LINK) -o $@ $^ $(LIBS)

build/release/tests/differential/%.o: COMMON += -I.

## make bench               the benchmark, a line of JSON per figure
bench: build/plimsoll $(patsubst tests/bench/%.c,build/bench/%,$(wildcard tests/bench/bench*.c))
	@tests/bench/run.sh $(filter build/bench/%,$^)

## make profile             where a tick's instructions go, by callgrind
profile: build/bench/bench_tick | build/setup/check
	@tests/bench/profile.sh $<

BENCH_SHARED := $(filter-out tests/bench/bench%,$(wildcard tests/bench/*.c))
build/bench/%: tests/bench/%.c $(BENCH_SHARED) $(LIBRARY:%.c=build/release/%.o)
	@mkdir -p $(@D)
	@$(CC) $(COMMON:-M%=) -I. $(HARDEN) $(HARDEN_LINK) -o $@ $^ $(LIBS)

## make fuzz T=rlp S=60     libFuzzer for S seconds; finds go to the corpus, which make check reruns
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
# what they share with the suite
FUZZ_SHARED := tests/feed/node.c tests/protocol/fake_pool.c tests/protocol/fake_round.c \
               tests/protocol/touched_check.c
FUZZ := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
S ?= 60
fuzz: build/fuzz/$(T) | build/setup/check
	@mkdir -p tests/fuzz/corpus/$(T)
	@cd tests/fuzz/corpus/$(T) && $(CURDIR)/$< -max_total_time=$(S) -artifact_prefix=./ .

build/fuzz/%.o: %.c | build/setup/check
	@mkdir -p $(@D)
	@clang $(COMMON) -I. $(FUZZ) -DPLIMSOLL_VERSION='"fuzz"' -c -o $@ $<

$(FUZZERS:%=build/fuzz/%): build/fuzz/%: tests/fuzz/fuzz_%.c $(FUZZ_SHARED:%.c=build/fuzz/%.o) \
                              $(LIBRARY:%.c=build/fuzz/%.o)
	@clang $(COMMON:-M%=) -I. $(FUZZ) -fsanitize=fuzzer -o $@ $^ $(LIBS)

corpus: $(FUZZERS:%=build/corpus/%)
	@tests/fuzz/corpus.sh $(FUZZERS)

build/corpus/%: tests/fuzz/fuzz_%.c tests/fuzz/rerun.c $(FUZZ_SHARED:%.c=build/test/%.o) \
                $(LIBRARY:%.c=build/test/%.o)
	@mkdir -p $(@D)
	@$(CC) $(COMMON:-M%=) -I. $(SANITIZE) -o $@ $^ $(LIBS)

## make cover               lines and branches that the suite takes, per room
COVER := -O0 -g --coverage
cover: build/cover/run
	@tests/cover/cover.sh

build/cover/run: $(LIBRARY:%.c=build/cover/%.o) $(TESTS:%.c=build/cover/%.o)
	@$(CC) $(COVER) -o $@ $^ -lcriterion $(LIBS)

build/cover/%.o: %.c | build/setup/check
	@mkdir -p $(@D)
	@$(CC) $(COMMON) -I. $(COVER) -DPLIMSOLL_VERSION='"cover"' -c -o $@ $<

## make install             binary, units and user; DESTDIR=folder for packagers
install: build/plimsoll
	@install -D -m 755 build/plimsoll $(DESTDIR)/usr/bin/plimsoll
	@install -D -m 644 -t $(DESTDIR)/usr/lib/systemd/system systemd/*.service
	@install -D -m 644 systemd/plimsoll.sysusers $(DESTDIR)/usr/lib/sysusers.d/plimsoll.conf
	@$(if $(DESTDIR),,systemd-sysusers plimsoll.conf && systemctl daemon-reload)

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
	@sed -n 's/^## //p' $(firstword $(MAKEFILE_LIST))

.PHONY: all always bench bless chaos chaos-check check clean corpus cover crash demo devnet devnet-check \
        differential format fuzz help install lint map plants plants-check profile readme record replay systemd \
        test vectors
-include $(shell find build -name '*.d' 2>/dev/null)
