# make run    builds everything and runs the daemon
# make test   builds everything and passes the tests
# Both install the Debian packages that are missing. `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
PYTEST := /usr/bin/python3 -m pytest -p no:cacheprovider
# The end-to-end tests mostly wait for programs that they start: four files run at a time.
PYTESTS := $(PYTEST) -n 4 --dist loadfile
PROOF := /usr/bin/python3 Tests/Proof
SOURCES := Package.swift Sources Tests

.PHONY: help run build test prove soak bench bench-capture bench-follows bench-burst bench-fanout \
  bench-readback bench-search bench-page lint format e2e e2e-faults browser-test sanitize \
  sanitize-thread sanitize-address fuzz setup clean

help:
	@sed -n 's/^## //p' Makefile

## run           set up, build, and run the daemon on the cluster of the kubeconfig, else on podwire-sim
run: build
	@.ci/run-daemon

## build         release build of podwire and podwire-sim
build: setup
	@echo "make: building (the first time takes some minutes)" >&2
	swift build -c release

## test          set up, and pass all tests that need no cluster
test:
	@.ci/setup test
	@echo "make: building and testing (the first time takes some minutes)" >&2
	swift build --build-tests
	.ci/swift-test
	node --test Tests/WebTests/
	PODWIRE_BIN_DIR=.build/debug $(PYTESTS) Tests/EndToEnd Tests/Engine Tests/Proof -m "not cluster"

## prove         hundreds of jobs on podwire-sim, faults and kills by SEED (1): every line is compared
prove: build
	@.ci/setup test
	PODWIRE_BIN_DIR=.build/release $(PROOF) --seed "$${SEED:-1}"

## soak          the same for MINUTES (60), with another SEED each time, and as many PODS as one likes
soak: build
	@.ci/setup test
	PODWIRE_BIN_DIR=.build/release $(PROOF) --seed "$${SEED:-$$RANDOM}" --minutes "$${MINUTES:-60}" $${PODS:+--pods "$$PODS"}

## bench         all benchmarks, one after the other: about half an hour
bench: bench-capture bench-follows bench-fanout bench-readback bench-search bench-burst bench-page

## bench-capture  a log of MEBIBYTES (1024) as fast as its reader, beside curl and kubectl logs -f
bench-capture: build
	@.ci/setup test
	PODWIRE_BIN_DIR=.build/release /usr/bin/python3 Tests/Benchmarks/capture/firehose.py --mebibytes "$${MEBIBYTES:-1024}"

## bench-follows  the logs of PODS (10000) Pods of two lines a second, beside curl --parallel
bench-follows: build
	@.ci/setup test
	PODWIRE_BIN_DIR=.build/release /usr/bin/python3 Tests/Benchmarks/capture/follows.py --pods "$${PODS:-10000}"

## bench-burst   PODS (10000) jobs that end at the same moment, read by a consumer and a webhook
bench-burst: build
	@.ci/setup test
	PODWIRE_BIN_DIR=.build/release /usr/bin/python3 Tests/EndToEnd/burst.py --pods "$${PODS:-10000}"

## bench-fanout  READERS (2000) of one stream for LASTS (60) seconds, beside nchan and nats-server
bench-fanout: build
	@.ci/setup bench
	PODWIRE_BIN_DIR=.build/release /usr/bin/python3 Tests/Benchmarks/fanout/fanout.py --readers "$${READERS:-2000}" --seconds "$${LASTS:-60}"

## bench-page    the page on a log of LINES (10000000) lines and on a firehose, in a real browser
bench-page: build
	@.ci/setup browser
	PODWIRE_BIN_DIR=.build/release .build/browser-venv/bin/python Tests/BrowserTests/measure.py --lines "$${LINES:-10000000}"

## bench-search  searches in a log of LINES (10000000) lines, beside grep on the same bytes in a file
bench-search: build
	@.ci/setup test
	PODWIRE_BIN_DIR=.build/release /usr/bin/python3 Tests/EndToEnd/search_bench.py --lines "$${LINES:-10000000}"

## bench-readback  reading back MEBIBYTES (1024) of stored log with curl, next to nginx and a file
bench-readback: build
	@.ci/setup bench
	PODWIRE_BIN_DIR=.build/release /usr/bin/python3 Tests/Benchmarks/readback/readback.py --mebibytes "$${MEBIBYTES:-1024}"

## e2e           end-to-end tests on the cluster that KUBECONFIG names, with the release build
e2e: build
	@.ci/setup test
	@test -n "$${KUBECONFIG:-}" || { echo "make e2e: set KUBECONFIG to the cluster to test on" >&2; exit 2; }
	PODWIRE_BIN_DIR=.build/release $(PYTEST) Tests/EndToEnd -m "cluster and alone"
	PODWIRE_BIN_DIR=.build/release $(PYTESTS) Tests/EndToEnd Tests/Engine -m "cluster and not alone and not faults"

## e2e-faults    the same while components of the cluster fail: PODWIRE_TEST_RESTART is the command that
##               restarts the one it is given the name of; the kubelet must rotate at 64Ki or so
e2e-faults: build
	@.ci/setup test
	@test -n "$${KUBECONFIG:-}" && test -n "$${PODWIRE_TEST_RESTART:-}" || { echo "make e2e-faults: set KUBECONFIG and PODWIRE_TEST_RESTART" >&2; exit 2; }
	PODWIRE_BIN_DIR=.build/release $(PYTEST) Tests/EndToEnd Tests/Engine -m faults

## browser-test  the web page in a real browser, on podwire-sim
browser-test: build
	@.ci/setup browser
	PODWIRE_BIN_DIR=.build/release .build/browser-venv/bin/python -m pytest -p no:cacheprovider -n 2 --dist loadfile Tests/BrowserTests

## sanitize      Swift's tests, and capture under faults, with the thread and the address sanitizer
sanitize: sanitize-thread sanitize-address

## sanitize-thread   … with the thread sanitizer only; `make sanitize-thread SUITE=CaptureTests` one suite
## sanitize-address  … with the address and leak sanitizer only
sanitize-thread sanitize-address: sanitize-%:
	@.ci/setup test
	.ci/sanitize $* "$(SUITE)"

## fuzz          fuzz each parser for SECONDS (60) from a SEED (another each time);
##               `make fuzz TARGETS="watch log-lines"` some of them
fuzz:
	@.ci/setup build
	SEED="$${SEED:-$$RANDOM}" .ci/fuzz "$(or $(SECONDS),60)" $(TARGETS)

## lint          check format and style
lint:
	swift format lint --strict --recursive $(SOURCES)

## format        reformat the sources
format:
	swift format --in-place --recursive $(SOURCES)

setup:
	@.ci/setup build

## clean         remove what was built, and the data of `make run`
clean:
	rm -rf .build .build-thread .build-address .build-fuzz .run
