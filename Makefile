# Two commands do everything on a machine with Python >= 3.11, a C++ compiler and make:
#   make demo    make test
# and a third compares the neurons with those of NEST, Brian2 and NengoLoihi, and takes traces from NEST, Brian2 and
# NEURON, in an environment of its own:
#   make peers
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PEERS  := .venv-peers
OUT    ?= out/demo
PYTEST_ARGS ?=

.PHONY: demo test peers lint clean
.DELETE_ON_ERROR:

demo: $(VENV)/.installed
	$(BIN)/synaptile demo --out $(OUT)

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest -n auto --dist worksteal $(PYTEST_ARGS)

peers: $(PEERS)/.installed
	$(PEERS)/bin/python -c 'import nest, brian2, nengo_loihi, neuron, sanafe'
	# PyNN looks for NEURON's compiler of mechanisms on the path. Nengo's plugin is for an older pytest.
	PATH="$(CURDIR)/$(PEERS)/bin:$$PATH" $(PEERS)/bin/python -m pytest -p no:nengo \
		tests/swsim/peers/test_nest.py tests/swsim/peers/test_brian2.py \
		tests/swsim/peers/test_nengo_loihi.py tests/swsim/peers/test_traces.py tests/bridge/peers/test_sanafe.py \
		$(PYTEST_ARGS)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p synaptile.rtl -p synaptile.swsim -p synaptile.bridge

$(VENV)/bin/python $(PEERS)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "synaptile needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1)" >&2; exit 1; }
	$(PYTHON) -m venv $(@:/bin/python=)

$(VENV)/.installed: pyproject.toml $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	$(BIN)/python -m synaptile.swsim.precompile
	@touch $@

$(VENV)/.installed-test: pyproject.toml $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

$(VENV)/.installed-dev: pyproject.toml $(VENV)/.installed-test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,dev]'
	@touch $@

$(PEERS)/.installed: pyproject.toml $(PEERS)/bin/python
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[test,peers]'
	@touch $@

clean:
	rm -rf $(VENV) $(PEERS) out build sim_build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
