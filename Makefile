# make help lists the targets.

SHELL := /bin/bash -o pipefail
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# What a build makes stays below .cache, except the programs themselves: they are in bin.
CACHE := .cache
TOOLS := $(CACHE)/bin
# Each module stands for itself, whatever workspace surrounds it.
export GOWORK := off
MODULES := . test/cluster test/winhost/containerd tools

# The race detector needs a C compiler. Without one the tests run all the same, and say so.
RACE := $(if $(filter 1,$(shell go env CGO_ENABLED)),-race)
# Tests that start control planes or Windows hosts run one package after the other: each wants two cores for itself.
# Their results are not kept: Go does not see that they build and run the programs.
ON_CLUSTER := ./test/localcluster/... ./test/integration/...
ON_WINDOWS := ./test/winhost/...
NOT_UNIT := -e /test/localcluster -e /test/integration -e /test/image$$ -e /test/winhost

FUZZTIME ?= 10s
BENCHTIME ?= 2s
BUILDS ?= 10.0.17763,10.0.20348
# How many hosts bench/fleet looks after: more take longer to join than all the other benchmarks, see bench/README.md.
FLEET ?= -hosts 60 -resync 1m -window 1m

##@ Try it

.PHONY: demo
demo: ## Show Windows hosts becoming nodes, pods being placed, and a migration. KEEP=1 leaves it running.
	@CGO_ENABLED=0 go build -o $(CACHE)/bin/demo ./test/cmd/demo
	@exec $(CACHE)/bin/demo $(if $(KEEP),--keep)

.PHONY: demo-host
demo-host: ## Show Windows hosts being configured, broken, repaired and given back, under Wine. Needs root and Debian.
	@echo "Building the demonstration. The first time, that takes a minute or two."
	@CGO_ENABLED=0 go build -o $(CACHE)/bin/demo-host ./test/cmd/demo-host
	@exec $(CACHE)/bin/demo-host

.PHONY: winhost
winhost: ## Run Windows hosts of BUILDS on this machine, with SSH, until interrupted.
	@CGO_ENABLED=0 go build -o $(CACHE)/bin/winhost ./test/cmd/winhost
	@exec $(CACHE)/bin/winhost start --builds $(BUILDS)

.PHONY: build
build: ## Build the programs into bin.
	@# The tag is explained in the Dockerfile.
	CGO_ENABLED=0 go build -trimpath -tags=grpcnotrace -o bin/ ./cmd/...

.PHONY: agent
agent: ## Build the agent of Windows hosts into bin/mullion-agent.exe.
	@# Without symbols, which stack traces do not need: it travels to every host.
	GOOS=windows GOARCH=amd64 CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o bin/mullion-agent.exe ./cmd/hostagent

.PHONY: sign
sign: agent ## Sign the agent with a certificate made on the spot, and verify that. See tools/sign.sh.
	tools/sign.sh bin/mullion-agent.exe

##@ Test

.PHONY: test
test: unit integration ## Run all tests: of packages, with the fuzz seeds, then on a real control plane.

.PHONY: unit
unit: race-notice ## Run the tests that need no control plane.
	packages=$$(go list ./... | grep -v $(NOT_UNIT)) && go test $(RACE) -timeout 30m $$packages

.PHONY: integration
integration: race-notice control-plane winhost-setup ## Run the tests on a real control plane and on Windows hosts.
	go test $(RACE) -count 1 -timeout 30m -p 1 $(ON_CLUSTER) $(ON_WINDOWS)
	@# With the race detector there are 60 hosts; without it, and built as the programs are, 200.
	CGO_ENABLED=0 go test -count 1 -timeout 30m -run TestBrokenHosts ./test/integration/fleet

.PHONY: control-plane
control-plane: ## Build the control plane from Go modules, once: about eight minutes on two cores.
	go run ./test/cmd/localcluster build

.PHONY: winhost-setup
winhost-setup: ## Download Wine and build what Windows hosts need, once: about a minute. Needs root and Debian.
	go run ./test/cmd/winhost setup --optional

.PHONY: fuzz
fuzz: ## Let every fuzz test look for new inputs, for FUZZTIME each.
	tools/fuzz.sh $(FUZZTIME)

.PHONY: bench
bench: control-plane ## Measure what the project claims of its speed and size, in about a quarter of an hour.
	@mkdir -p $(CACHE)/bench && go build -o $(CACHE)/bench/ ./bench/...
	@echo "Load average before: $$(cut -d' ' -f1-3 /proc/loadavg)"
	@printf '\nA decision, by the size of the cluster:\n\n'; $(CACHE)/bench/decision
	@printf '\nAn admission review, answered over TLS:\n\n'; $(CACHE)/bench/serving
	@printf '\nA pod created through a real API server:\n\n'; $(CACHE)/bench/endtoend
	@printf '\nMemory of the webhook in a large cluster:\n\n'; $(CACHE)/bench/memory
	@printf '\nLinting manifests without a cluster:\n\n'; $(CACHE)/bench/lint
	@printf '\nUploading over SSH:\n\n'; $(CACHE)/bench/ssh
	@printf '\nLooking after Windows hosts:\n\n'; $(CACHE)/bench/host
	@printf '\nA fleet of Windows hosts, joining and at rest:\n\n'; $(CACHE)/bench/fleet $(FLEET)
	@echo "Load average after: $$(cut -d' ' -f1-3 /proc/loadavg)"

.PHONY: microbench
microbench: ## Run the benchmarks of the packages.
	go test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) -timeout 60m ./pkg/...

.PHONY: image-check
image-check: ## Verify what can be verified of the Dockerfile without a container engine.
	go test -count 1 -timeout 30m -v ./test/image

##@ Change it

.PHONY: generate
generate: $(TOOLS)/controller-gen $(TOOLS)/openapi-gen ## Write what is generated: deep copies, CRDs and OpenAPI.
	tools/generate.sh $(CURDIR)/$(TOOLS)

.PHONY: format
format: ## Format Go files.
	gofmt -w $$(git ls-files -co --exclude-standard '*.go')

.PHONY: lint
lint: $(TOOLS)/golangci-lint ## Run the linters. Building them takes minutes once.
	GOLANGCI_LINT_CACHE=$(CURDIR)/$(CACHE)/golangci-lint $(TOOLS)/golangci-lint run ./...

.PHONY: verify
verify: $(TOOLS)/controller-gen $(TOOLS)/openapi-gen ## Fail unless what is generated, formatted or tidied is as its target leaves it.
	tools/verify.sh $(MODULES)

.PHONY: clean
clean: ## Remove everything that a build made, the control plane included.
	rm -rf bin $(CACHE)

.PHONY: help
help: ## Show this list.
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: race-notice
race-notice:
	@test -n "$(RACE)" || echo "NO C COMPILER: TESTS RUN WITHOUT THE RACE DETECTOR" >&2

# The tools' versions are those of tools/go.mod, apart from the product's.
$(TOOLS)/controller-gen: tools/go.mod tools/go.sum
	go -C tools build -trimpath -o $(CURDIR)/$@ sigs.k8s.io/controller-tools/cmd/controller-gen

$(TOOLS)/openapi-gen: tools/go.mod tools/go.sum
	go -C tools build -trimpath -o $(CURDIR)/$@ k8s.io/kube-openapi/cmd/openapi-gen

$(TOOLS)/golangci-lint: tools/go.mod tools/go.sum
	go -C tools build -trimpath -o $(CURDIR)/$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
