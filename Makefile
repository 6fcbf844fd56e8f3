# balance, a PostgreSQL extension.  For users: make, make install.
# For developers: make test, make test-all, make lint, make format, make bench, make demo, make psql,
# make dashboard, make stop, make clean, make dist, make release; see CONTRIBUTING.md.

EXTENSION = balance
MODULE_big = balance

# Where the sources are, as PGXS finds them: elsewhere for make -f .../Makefile
TOP := $(or $(VPATH),$(patsubst %/,%,$(dir $(firstword $(MAKEFILE_LIST)))))
in_top = $(patsubst $(TOP)/%,%,$(wildcard $(TOP)/$(1)))
ifneq ($(TOP),.)
$(shell mkdir -p src/value src/position src/document src/ledger src/store src/answer)
endif

# The version in the control file is the source of truth
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" $(TOP)/balance.control)

# Each wing knows those before it and none behind it: see docs/DESIGN.md
WINGS = value position document ledger store answer
in_wings = $(foreach wing,$(WINGS),$(sort $(call in_top,src/$(wing)/$(1))))
OBJS = src/module.o $(patsubst %.c,%.o,$(call in_wings,*.c))

# Joined in this order to the install script
SQL_PARTS = src/header.sql $(call in_wings,*.sql)

DATA = $(call in_top,update/balance--*--*.sql)
DATA_built = balance--$(EXTVERSION).sql

PG_CPPFLAGS = -I$(TOP)/src -DBALANCE_VERSION='"$(EXTVERSION)"'

# What else developers leave; a demo's server goes by make stop
EXTRA_CLEAN = compile_commands.json

# What a running server has for its own databases does not matter
REGRESS = $(patsubst sql/%.sql,%,$(call in_top,sql/*.sql))
REGRESS_OPTS = --load-extension=balance --encoding=UTF8 --no-locale
ISOLATION = $(patsubst specs/%.spec,%,$(call in_top,specs/*.spec))
ISOLATION_OPTS = --load-extension=balance --encoding=UTF8 --no-locale

# pg_config may be there without the server's headers (libpq-dev), and the
# makefiles too (postgresql-client)
PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
PG_HEADER := $(shell $(PG_CONFIG) --includedir-server 2>/dev/null)/postgres.h
ifneq ($(and $(wildcard $(PGXS)),$(wildcard $(PG_HEADER))),)
include $(PGXS)

$(OBJS) $(OBJS:.o=.bc): $(wildcard $(TOP)/src/*.h $(TOP)/src/*/*.h $(TOP)/src/*/*.def) balance.control Makefile

# The columns of the functions of rows are those of figures.def
$(DATA_built): src/sql.awk src/document/figures.def $(SQL_PARTS) balance.control Makefile
	awk -f $(filter %.awk,$^) $(filter %.def,$^) $(filter %.sql,$^) >$@.new
	mv $@.new $@

else
all install installcheck uninstall:
	@echo "There are no server headers for $(PG_CONFIG): no $(PG_HEADER)." >&2
	@echo "On Debian: apt-get install make gcc libc6-dev postgresql-server-dev-NN, where NN is your server's number" >&2
	@echo "(15 on Debian 12, 17 on Debian 13)." >&2
	@echo "Elsewhere: install the server's development files, or give PG_CONFIG=/path/to/pg_config." >&2
	@exit 1

clean:
	rm -rf tmp_check
endif

# make test TESTS="position tally" runs these files of sql/ only, SPECS="snapshot"
# this one of specs/, PROVE_TESTS=test/t/001_x.pl this TAP file.
# All, and PG_CONFIG, reach the script through the environment.
test:
	@bash $(TOP)/test/run.sh

# make bench BENCH_ROWS=5000000 BENCH_CUSTOMERS=50000 BENCH_RUNS=7
bench:
	@bash $(TOP)/test/bench.sh

# docs/reference.md, of the comments in the catalogue and of docs/examples.sql, and
# what the queries of docs/cookbook.md print
reference:
	@cd $(TOP) && rm -f tmp_check/build/*.md.new && \
		TESTS=zones SPECS=snapshot PROVE_TESTS=test/t/022_reference.pl CLIENTS=no \
		bash test/run.sh || \
		for new in tmp_check/build/*.md.new; do \
			cp "$$new" "docs/$$(basename "$$new" .new | sed 's,^guides-,guides/,')"; done

# Everything that can be tested, part by part; make test-NAME runs one of
# test/parts alone, make test-all PARTS="static fuzz" these.
test-all:
	@bash $(TOP)/test/all.sh

test-%: test/parts/%.sh
	@bash $<

demo psql:
	@bash $(TOP)/test/demo.sh $@

# make dashboard LEDGER=books, with PGDATABASE and so on in the environment; it
# runs until Ctrl+C.
dashboard:
	@exec bash $(TOP)/test/dashboard.sh

stop:
	@bash $(TOP)/test/dashboard.sh stop
	@bash $(TOP)/test/demo.sh stop

# src/ as pgindent lays it out, and all that can be told without running
# anything; LINT=quick is for a pre-commit hook.
format:
	@bash $(TOP)/test/indent.sh

lint:
	@bash $(TOP)/test/parts/static.sh

# How each file is compiled, for editors and clangd: nothing is built.
compile_commands.json: $(OBJS:.o=.c) Makefile
	@$(MAKE) -nB PG_CONFIG=$(PG_CONFIG) all | perl $(TOP)/test/lint/compile_commands.pl >$@

# The archive that PGXN takes, of what is committed (or of DIST_TREE).
dist:
	@bash $(TOP)/packaging/release.sh dist

# All that a version needs agrees, and what it promises for ever is written to
# test/released; prints what there is left to do.
release:
	@bash $(TOP)/packaging/release.sh release

# What the .def files list, as tables
tables:
	@cd $(TOP) && perl test/lint/tables.pl

.PHONY: test reference test-all bench demo psql dashboard stop format lint dist release tables
