# What a user types. A thin front over the CMake presets (CMakePresets.json) and tools/run;
# `make help` explains. Needs nothing but make and git to start with: see tools/packages.txt.

PYTHON := /usr/bin/python3
# The build type: release, bare, invariants, hardened, eager, historic, trace or clang-release.
TYPE ?= release
# The images that the test suite boots.
TEST_TYPES := release bare invariants hardened eager historic trace
TEST_PRESETS := $(foreach arch,x86_64 aarch64,$(TEST_TYPES:%=$(arch)-%))
# The presets that `make clang` boots, and whose command lines `make lint` takes.
LINT_PRESETS := x86_64-clang-release aarch64-clang-release
# The rival designs, for make policies and make compare.
POLICY_TYPES := conditional packed exception_stack switch_in switch_in_alone ensure
POLICY_PRESETS := $(foreach arch,x86_64 aarch64,$(POLICY_TYPES:%=$(arch)-%))

SMP ?= 2
MEM ?= 128M
ARGS ?=
JOBS ?= $(shell nproc)

RUN_OPTIONS = --smp '$(SMP)' --mem '$(MEM)' --args '$(subst ','\'',$(value ARGS))' \
	$(if $(INPUT),--input '$(INPUT)') $(if $(SEED),--seed '$(SEED)') \
	$(if $(GIC),--gic '$(GIC)') $(if $(TIMEOUT),--timeout '$(TIMEOUT)') \
	$(if $(FILTER),--filter '$(FILTER)') $(if $(filter-out 0,$(LIST)),--list) \
	$(if $(filter-out 0,$(FAILED)),--failed) $(if $(REPEAT),--repeat '$(REPEAT)') \
	$(if $(filter-out 0,$(UNTIL_FAIL)),--until-fail) $(if $(VIEW),--view '$(VIEW)') \
	$(if $(MODE),--mode '$(MODE)') $(if $(filter-out 0,$(REAL)),--real-time) \
	$(if $(filter-out 0,$(DRY)),--dry) $(if $(filter-out 0,$(V)),--verbose)
RUN = $(PYTHON) tools/run $(RUN_OPTIONS)
RUN_X86 = $(RUN) --arch x86_64 --build build/x86_64-$(TYPE)
RUN_ARM = $(RUN) --arch aarch64 --build build/aarch64-$(TYPE)

.PHONY: help
help:
	@echo 'make run-x86        boot the GRUB ISO in QEMU: main job, then in-kernel tests'
	@echo 'make run-x86-uefi   the same through UEFI firmware (OVMF)'
	@echo 'make run-arm        the same on aarch64'
	@echo 'make test           the whole test suite, both architectures'
	@echo 'make gdb-x86        GDB, the kernel stopped at its first instruction'
	@echo 'make gdb-arm'
	@echo 'make attach-x86     GDB on the kernel that make run-x86 runs in another terminal'
	@echo 'make attach-arm'
	@echo 'make record-x86     keep a recording; make rewind-x86: GDB goes backwards in it'
	@echo 'make record-arm     the same on aarch64, with make rewind-arm'
	@echo 'make doctor         which tools are here, which are not, and how to get them'
	@echo 'make policies       the rival designs: the sound pass, the others are caught'
	@echo 'make clang          the kernels that Clang makes boot and pass their tests'
	@echo 'make adversary      the adversaries alone: docs/adversaries.md'
	@echo 'make fuzz           fuzz the readers of foreign data for long'
	@echo 'make figures        every figure of the design, measured now, as JSON lines'
	@echo 'make bench          benchmarks; BASE=REVISION compares, over 2 % worse fails'
	@echo 'make compare        every policy on both architectures: a table, a page'
	@echo 'make trace          what a run did, as a timeline: an HTML page, trace JSON'
	@echo 'make memory-map     memory in mid-run, lazy stacks beside eager ones'
	@echo 'make report         all pictures and reports in build/report, with an index'
	@echo 'make lint           contexts and locks, by Clang (docs/lint.md)'
	@echo 'make prove          no stack page can fault in an atomic section: docs/proof.md'
	@echo 'make matrix         the same of other compilers; MATRIX="x86_64-gcc-O3", BOOT=1'
	@echo 'make sites          the table of sites: rule, contexts, depth, window'
	@echo 'make sites-golden   write that table down as the one that the test suite expects'
	@echo 'make mutate         make every site wrong: who notices? (docs/mutation.md)'
	@echo 'make soak HOURS=8   seed after seed of jitter; SHARD=2/3: the 2nd of 3 machines'
	@echo 'make lab N=3        an exercise (labs/README.md); N=0 puts all back'
	@echo '                    RESUME=1: with the answer that N=0 has kept'
	@echo 'make grade          points for what you made of it, and hints'
	@echo 'make docs           the handbook as web pages, in build/report/handbook'
	@echo 'make release        ISO, ELF, Image, symbols, sums, QEMU lines: build/release'
	@echo 'make build-x86_64-release, build-aarch64-invariants, ...   one preset of CMake'
	@echo 'make clean'
	@echo
	@echo 'SMP=4 MEM=256M      CPUs and memory of the machine'
	@echo 'ARGS="..."          kernel command line: run=search,park,tests test=GLOB ...'
	@echo 'INPUT=path          the file or folder that the main job reads, or none'
	@echo 'SEED=7              jitter the preemption timer; a failing seed fails again'
	@echo 'BOOT=direct         run-x86: skip GRUB; first line within 0.3 s'
	@echo 'GIC=3               run-arm: interrupt controller'
	@echo 'MODE=monitor        run-*: a prompt on the serial line: docs/monitor.md'
	@echo 'REAL=1              several host threads and real time, not counted instructions'
	@echo 'FILTER="mm: *"      run-*: only the tests that match; LIST=1 names them'
	@echo 'FAILED=1            run-*: only the tests that failed last time'
	@echo 'REPEAT=5            run-*: five times, SEED after SEED; or UNTIL_FAIL=1'
	@echo 'VIEW=raw            run-*: the serial log as it is, on a terminal as well'
	@echo 'TYPE=invariants     build type: release bare invariants hardened eager historic'
	@echo '                    trace clang-release'
	@echo 'ARCH=aarch64        make trace, memory-map: whose picture (x86_64)'
	@echo 'V=1, DRY=1          print the QEMU command; DRY=1 stops there'
	@echo 'INSTALL=no          install nothing, only print the line that would'

# ---- building

# The list is looked at again when it changes, not at each build.
build/.packages: tools/packages.txt tools/install.sh
	@tools/install.sh
	@if [ "$(INSTALL)" != no ]; then mkdir -p build && touch $@; fi

.PHONY: packages
packages: build/.packages

configured-%: packages
	@mkdir -p build
	@cmake --preset $* >build/.$*.configure.log 2>&1 || { cat build/.$*.configure.log; \
		! grep -q 'CMakeCache.txt is different' build/.$*.configure.log \
		|| echo 'built in another place (a container, a moved folder)? make clean'; exit 1; }

# compile_commands.json is for editors: that of the last build.
build-%: configured-%
	@ln -sfn build/$*/compile_commands.json compile_commands.json
	@cmake --build --preset $* --parallel $(JOBS) -- --quiet

# A dry run needs no image.
IMAGE_X86 = $(if $(filter-out 0,$(DRY)),,build-x86_64-$(TYPE))
IMAGE_ARM = $(if $(filter-out 0,$(DRY)),,build-aarch64-$(TYPE))

# ---- running

.PHONY: run-x86 run-x86-uefi run-arm gdb-x86 gdb-arm attach-x86 attach-arm
.PHONY: record-x86 record-arm rewind-x86 rewind-arm
run-x86: $(IMAGE_X86)
	@$(RUN_X86) --boot '$(or $(BOOT),iso)'

run-x86-uefi: $(IMAGE_X86)
	@$(RUN_X86) --boot uefi

run-arm: $(IMAGE_ARM)
	@$(RUN_ARM) --boot '$(or $(BOOT),direct)'

gdb-x86: $(IMAGE_X86)
	@$(RUN_X86) --boot direct --debug

gdb-arm: $(IMAGE_ARM)
	@$(RUN_ARM) --boot direct --debug

# QEMU records a machine of one CPU only. It goes back by playing from the start, so the run is short.
RECORDS := build/records
record-x86 record-arm: SMP := $(if $(filter file,$(origin SMP)),1,$(SMP))
record-x86 record-arm: ARGS := $(or $(value ARGS),run=search)
record-x86: $(IMAGE_X86)
	@$(RUN_X86) --boot direct --record $(RECORDS)/x86_64

record-arm: $(IMAGE_ARM)
	@$(RUN_ARM) --boot direct --record $(RECORDS)/aarch64

rewind-x86:
	@$(PYTHON) tools/run rewind $(RECORDS)/x86_64

rewind-arm:
	@$(PYTHON) tools/run rewind $(RECORDS)/aarch64

attach-x86:
	@$(PYTHON) tools/run attach x86_64

attach-arm:
	@$(PYTHON) tools/run attach aarch64

# ---- pictures (build/report/)

ARCH ?= x86_64
PICTURES := build/report
# Small enough to be read, large enough to have everything in it.
PICTURED_RUN := run=search,park park=64 threads=16

.PHONY: trace memory-map report
trace: ARGS := $(or $(value ARGS),$(PICTURED_RUN))
trace: build-$(ARCH)-trace
	@$(PYTHON) tools/timeline --out $(PICTURES)/timeline-$(ARCH) --quiet $(RUN_OPTIONS) \
		--arch $(ARCH) --build build/$(ARCH)-trace

# Little memory: then the frames that are in use can be seen.
memory-map: MEM := $(if $(filter file,$(origin MEM)),32M,$(MEM))
memory-map: ARGS := $(or $(value ARGS),run=search threads=16)
memory-map: build-$(ARCH)-release build-$(ARCH)-eager
	@$(PYTHON) tools/memory_map --out $(PICTURES)/memory-$(ARCH).html $(RUN_OPTIONS) --arch $(ARCH)

report:
	@$(foreach arch,x86_64 aarch64,$(foreach picture,trace memory-map,\
		$(MAKE) --no-print-directory $(picture) ARCH=$(arch) &&)) \
	$(foreach page,prove compare docs,$(MAKE) --no-print-directory $(page) &&) \
	$(PYTHON) tools/report/index.py $(PICTURES)

.PHONY: docs
docs: packages
	@$(PYTHON) tools/handbook $(PICTURES)/handbook

# ---- labs

.PHONY: lab grade
lab: packages
	@$(PYTHON) tools/labs start '$(N)' $(if $(filter-out 0,$(RESUME)),--resume)

grade: packages
	@$(PYTHON) tools/labs grade

# ---- releasing

.PHONY: release
release: build-x86_64-release build-aarch64-release
	@$(PYTHON) tools/release.py

# ---- testing

.PHONY: test adversary fuzz figures bench lint compare policies prove matrix sites sites-golden
.PHONY: clang doctor clean mutate soak
test: $(TEST_PRESETS:%=build-%) $(LINT_PRESETS:%=configured-%) build-host
	@ctest --preset host --parallel $(JOBS) --output-junit junit.xml \
		--label-exclude '^(policy|clang)$$' \
		$(CTEST_ARGS) </dev/null

# Builds of their own, so not part of `make test`: 225 seconds of one CPU each.
clang: $(LINT_PRESETS:%=build-%) build-host
	@ctest --preset host --parallel $(JOBS) --label-regex '^clang$$' </dev/null

# Likewise: 67 seconds of one CPU each.
policies: $(POLICY_PRESETS:%=build-%) build-host
	@ctest --preset host --parallel $(JOBS) --label-regex policy </dev/null

adversary: $(foreach arch,x86_64 aarch64,build-$(arch)-release build-$(arch)-historic) build-host
	@ctest --preset host --parallel $(JOBS) --label-regex adversary </dev/null

fuzz: build-host
	@tools/fuzz.sh

figures: build-x86_64-release build-aarch64-release build-x86_64-bare build-aarch64-bare
	@$(PYTHON) tools/figures.py

# CPUS=1 is the short form: single operations only.
bench: build-x86_64-release build-aarch64-release
	@$(PYTHON) tools/bench --json build/bench/bench.json --jobs '$(JOBS)' \
		$(if $(CPUS),--cpus '$(CPUS)') $(if $(BASE),--base '$(BASE)') \
		$(if $(filter-out 0,$(TWICE)),--twice)

# The lint needs a Clang preset's command lines, not its objects.
lint: $(LINT_PRESETS:%=configured-%)
	@for preset in $(LINT_PRESETS); do \
		$(PYTHON) tools/lint --build build/$$preset || exit 1; done

# One table (text and JSON) and one page: every policy on both architectures, peers beside them.
compare: $(POLICY_PRESETS:%=build-%) $(foreach arch,x86_64 aarch64,\
		build-$(arch)-release build-$(arch)-eager build-$(arch)-historic)
	@$(PYTHON) tools/compare --out $(PICTURES)/compare

# What is proved of the kernels of TYPE; `make prove TYPE=hardened`.
prove: build-x86_64-$(TYPE) build-aarch64-$(TYPE)
	@mkdir -p $(PICTURES)
	@for arch in x86_64 aarch64; do \
		$(PYTHON) tools/prove --elf build/$$arch-$(TYPE)/fathom.elf \
			--html $(PICTURES)/proof-$$arch.html --json $(PICTURES)/proof-$$arch.json \
			|| exit 1; done

# Every compiler, level and kind of build, in build/matrix-*: no false alarm, no window too small.
matrix: packages
	@$(PYTHON) tools/matrix.py $(if $(filter-out 0,$(BOOT)),--boot) $(MATRIX)

sites: build-x86_64-$(TYPE) build-aarch64-$(TYPE)
	@$(PYTHON) tools/prove --table --suggest --elf build/x86_64-$(TYPE)/fathom.elf
	@$(PYTHON) tools/prove --table --suggest --elf build/aarch64-$(TYPE)/fathom.elf

# The committed tables of sites: write them anew, then look at the difference.
sites-golden: build-x86_64-release build-aarch64-release
	@$(PYTHON) tools/prove --elf build/x86_64-release/fathom.elf \
		--write-golden tests/data/sites/x86_64.txt
	@$(PYTHON) tools/prove --elf build/aarch64-release/fathom.elf \
		--write-golden tests/data/sites/aarch64.txt

# Every mutant to every detector: up to an hour on two CPUs.
mutate: build-x86_64-release build-aarch64-release
	@$(PYTHON) tools/mutate --jobs $(JOBS) --json $(PICTURES)/mutation.json $(ARGS)

# HOURS=8, or SEEDS=1-200; SHARD=I/N.
soak: build-x86_64-$(TYPE) build-aarch64-$(TYPE)
	@$(PYTHON) tools/soak.py --type $(TYPE) $(if $(SEEDS),--seeds $(SEEDS)) \
		$(if $(HOURS),--hours $(HOURS)) $(if $(SHARD),--shard $(SHARD))

doctor:
	@if [ -x $(PYTHON) ]; then $(PYTHON) tools/doctor.py; \
	else echo 'no $(PYTHON): sudo apt-get install python3'; exit 1; fi

# What a student has made of a lab lies elsewhere (labs/.mine), and stays.
clean:
	rm -rf build
