# romana-compile: `make help` tells what there is.
SHELL := /bin/sh
SWIFT ?= swift
BUILD_PACKAGES := libyaml-dev libssl-dev pkg-config
TEST_PACKAGES := $(BUILD_PACKAGES) git bird2 exabgp frr frr-pythontools iptables ipset nftables iproute2 iputils-ping conntrack procps wireguard-go wireguard-tools \
	util-linux systemd shellcheck python3 python3-yaml python3-apt python3-venv libyang2-tools
BENCH_PACKAGES := $(BUILD_PACKAGES) gcc python3 python3-yaml python3-jinja2

.PHONY: help demo build test golden bench bench-firewall bench-diff lint

help:
	@echo "make demo    install what is missing, build, compile an example and show it"
	@echo "make test    install what is missing, build and run every test (root: real daemons and the lab too)"
	@echo "make golden  write the golden files anew; read git diff afterwards"
	@echo "make bench   compare speed and memory with a C floor and a Python generator"
	@echo "make bench-firewall"
	@echo "             measure the packet filter with up to 10,000 segments beside a list of rules (root)"
	@echo "make bench-diff"
	@echo "             measure diff of 10,000 hosts beside two checks"
	@echo "make lint    check the format of the sources"

demo:
	@scripts/ensure-packages $(BUILD_PACKAGES)
	@echo "building (the first time takes some minutes)"
	@$(SWIFT) build --product romana-compile --quiet
	@scripts/demo "$$($(SWIFT) build --show-bin-path)/romana-compile"

build:
	@$(SWIFT) build

test:
	@scripts/ensure-packages $(TEST_PACKAGES)
	@scripts/ensure-bird1
	@scripts/ensure-ansible
	@scripts/ensure-aws-tools
	@scripts/check-sources
	@$(SWIFT) build --build-tests
	@SWIFT=$(SWIFT) scripts/run-tests --skip LabTests
	@SWIFT=$(SWIFT) scripts/run-tests --filter LabTests

golden:
	@if [ "$$CI" = true ]; then echo "make golden: not in CI, where goldens are compared" >&2; exit 1; fi
	@$(SWIFT) build --build-tests
	@ROMANA_GOLDEN=rewrite $(SWIFT) test --skip-build --filter Golden || true
	@echo "golden files written anew: read git diff before you commit"; exit 1

bench:
	@scripts/ensure-packages $(BENCH_PACKAGES)
	@Benchmarks/run

bench-firewall:
	@scripts/ensure-packages $(BENCH_PACKAGES) iproute2 iptables nftables iputils-ping
	@Benchmarks/firewall

bench-diff:
	@scripts/ensure-packages $(BENCH_PACKAGES)
	@Benchmarks/diff

lint:
	@scripts/check-sources
