# make lab   all the set-up, then JupyterLab on the first lesson. In a container:
#            make lab HOST=0.0.0.0 PORT=8888
# make test  all the set-up, then the tests, the solved notebooks among them
# The rest is for those who change the kit: test-all, lint, refresh, notebooks, picture,
# drawings, minutes, bench, soak, mutants, constraints, address, release, clean. For lecturers: tomorrow,
# book, quizzes, student, course, nbgrader.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

# Four for two processors: many tests wait for a clock or for another process.
PARALLEL := --numprocesses=4 --dist=loadfile

# In CI nothing may be missing; on a laptop the tests need only Python packages.
TEST_EXTRAS := test
ifdef CI
TEST_EXTRAS := test,lab,ci,book
endif

.PHONY: lab test test-all lint refresh notebooks tomorrow book quizzes student course nbgrader picture \
    drawings minutes bench soak mutants constraints address release clean FORCE

lab: $(VENV)/lab
	@$(BIN)/python tools/open_lab.py $(call given,HOST,--host) $(call given,PORT,--port)

# pyproject.toml says which tests are the quick ones. A notebook to work in has no cell that its
# solved one lacks.
test: $(VENV)/$(TEST_EXTRAS)
	$(BIN)/pytest -q $(PARALLEL) --ignore-glob='notebooks/0[1-8]_*'

# Also what need not be repeated on every machine: damage, floods, other programs, imitated machines.
test-all: $(VENV)/$(TEST_EXTRAS)
	$(BIN)/pytest -q -m "not serial and not soak" $(PARALLEL)
	$(BIN)/pytest -q -m "serial and not soak"

# Kills, flips and floods, many times over: about half an hour. docs/reliability.md has the figures.
soak: $(VENV)/$(TEST_EXTRAS)
	$(BIN)/pytest -q -m soak --durations=0 tests/soak tests/system

lint: $(VENV)/$(TEST_EXTRAS)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

refresh: $(VENV)/lab
	$(BIN)/python tools/workshop.py refresh

notebooks: $(VENV)/lab
	$(BIN)/python tools/workshop.py cut

# For lecturers: all for one class, in build/tomorrow/: make tomorrow LESSON=01 MINUTES=50. HOME=yes
# adds the quiz on "At home". For the slides, npm is needed once. It takes the options of `student`.
tomorrow: $(VENV)/lab
	@$(BIN)/python tools/tomorrow.py $(call given,LESSON,--lesson) $(call given,MINUTES,--minutes) \
	    $(AT_HOME) $(HANDOUT)

# Lessons and docs as pages, into build/book/: npm is needed once. FOR=students: what students may see,
# into build/book-students/. HUB=https://hub.example.edu adds links to a JupyterHub, if the repository
# has an address.
book: $(VENV)/lab,book
	$(BIN)/python tools/book.py

# Into build/quizzes/, and notebooks/inventory/.
quizzes: $(VENV)/lab
	$(BIN)/python tools/quizzes.py

# For lecturers: what students are given, as dist/securedata-student-VERSION.zip. SOLUTIONS=no leaves
# out the folded solutions, WHEELS=yes adds every package, for machines without a network. AFTER=yes
# adds the questions after the course. HAND_IN="Upload it to Moodle until Friday, 18:00." ends 01 to 08.
student: $(VENV)/lab
	@$(BIN)/python tools/handout.py $(HANDOUT)

# The same as a folder, to be a repository of its own: make course DIR=../our-course. It overwrites
# no file that was edited.
course: $(VENV)/lab
	@$(BIN)/python tools/handout.py $(HANDOUT) "$(or $(DIR),$(error add the folder: make course DIR=../our-course))"

# HAND_IN is a sentence: it comes from the environment, where make puts its command line's variables.
HANDOUT = $(call given,SOLUTIONS,--solutions) $(call given,WHEELS,--wheels) \
    $(call given,AFTER,--after) $(if $(filter command,$(origin HAND_IN)),--hand-in="$$HAND_IN")

# The pictures of README and docs, made again.
picture: $(VENV)/lab,ci
	$(BIN)/python tools/pictures.py

# PNGs of the drawings that have changed.
drawings: $(VENV)/lab,ci
	$(BIN)/python tools/drawings.py

# How long a first reader needs. DIR=… counts the notebooks of another folder, as of an older version.
minutes: $(VENV)/lab
	@$(BIN)/python tools/minutes.py $(DIR)

bench: $(VENV)/test
	PYTHONPATH=tests $(BIN)/python -m bench

# Are the tests strong enough? docs/mutants.md. Stopped, it goes on where it was. FOR=3m tries some.
mutants: $(patsubst tools/mutants/%.toml,mutants-%,$(wildcard tools/mutants/*.toml))

# In a copy of the kit for each module: cosmic-ray changes the files. Tests write no compiled files.
mutants-%: export PATH := $(CURDIR)/$(BIN):$(PATH)
mutants-%: export PYTHONPATH = $(CURDIR)/build/mutants/$*
mutants-%: export PYTEST_ADDOPTS := -x -q --tb=no --doctest-modules -m "not serial and not soak" \
    -p no:xdist --override-ini=addopts=--import-mode=importlib
mutants-%: build/mutants/%.sqlite
	rm -rf build/mutants/$*
	mkdir build/mutants/$*
	cp -R conftest.py pyproject.toml docs securedata* tests tools build/mutants/$*
	cd build/mutants/$* && python -m compileall -q --invalidation-mode=checked-hash securedata
	cd build/mutants/$* && cosmic-ray baseline tools/mutants/$*.toml
	cd build/mutants/$* && timeout --signal=INT $(or $(FOR),0) \
	    cosmic-ray exec tools/mutants/$*.toml ../$*.sqlite || test $$? = 124
	cr-report --surviving-only --show-diff $<

# A session: the list of mutants and their results. With other code or other tests it begins anew.
build/mutants/%.sqlite: tools/mutants/%.toml $(shell find securedata tests -name '*.py') \
    | $(VENV)/test,ci
	mkdir -p build/mutants
	$(BIN)/cosmic-ray init --force $< $@

.SECONDARY: # make deletes no session after its use

# A course for nbgrader, in build/nbgrader/. docs/teaching/grading.md. SOLUTIONS=no works here, too.
nbgrader: $(VENV)/lab
	@$(BIN)/python tools/nbgrader_course.py $(call given,SOLUTIONS,--solutions)

COMPILED = --quiet --universal --python-version=3.10 --generate-hashes --no-annotate \
    --custom-compile-command='make constraints'
COMPILE = $(BIN)/uv pip compile pyproject.toml $(COMPILED)

# Each package with its version and its hashes, on every Python and system: constraints/ci.txt has all,
# the others a part of it. Versions stay while pyproject.toml allows them. UPGRADE=yes takes the newest.
constraints: $(VENV)/ci
	$(COMPILE) $(if $(call given,UPGRADE),--upgrade) --all-extras --group=build -o constraints/ci.txt
	for extra in book lab postgres test; do \
	    $(COMPILE) -c constraints/ci.txt --extra=$$extra -o constraints/$$extra.txt || exit; done
	$(BIN)/uv pip compile $(COMPILED) -c constraints/ci.txt --group=build -o constraints/build.txt

address:
	$(PYTHON) tools/address.py $(if $(filter undefined,$(origin URL)),--help,$(URL))

# The address, and the hash of this version's wheel: the last step before its tag: docs/publish.md.
release: $(VENV)/lab
	$(BIN)/python tools/address.py --release

# build/nbgrader stays: it may hold the grades of a class.
clean:
	@test ! -d $(VENV) -o -f $(VENV)/pyvenv.cfg -o -f build/venv-is-unfinished || \
		{ echo ".venv is not a virtual environment. Move it away, then run this again."; exit 1; }
	rm -rf $(VENV) .tools dist $(filter-out build/nbgrader,$(wildcard build/*))

# One environment. This looks at it every time, and is quick when nothing is to be done.
$(VENV)/%: FORCE
	@$(PYTHON) tools/environment.py $* $(if $(filter file,$(origin PYTHON)),,--this-python)

# Only from make's command line: some shells set HOST to the name of the machine.
given = $(if $(filter command,$(origin $1)),$2=$($1))

# make hands its variables on to npm and pip: there, HOME=yes would be a folder for their files.
AT_HOME := $(call given,HOME,--home)
ifdef AT_HOME
override HOME := $(shell eval echo ~$$(id -un))
endif
