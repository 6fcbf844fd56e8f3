# balance, a PostgreSQL extension.  For users: make, make install.
# For developers: make test, make test-all, make bench, make demo, make psql, make stop, make clean.

EXTENSION = balance
MODULE_big = balance

# Where the sources are, as PGXS finds them: elsewhere for make -f .../Makefile
TOP := $(or $(VPATH),$(patsubst %/,%,$(dir $(firstword $(MAKEFILE_LIST)))))
in_top = $(patsubst $(TOP)/%,%,$(wildcard $(TOP)/$(1)))
ifneq ($(TOP),.)
$(shell mkdir -p src)
endif

# The version in the control file is the source of truth
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" $(TOP)/balance.control)

OBJS = \
	src/module.o \
	src/arguments.o \
	src/amount.o \
	src/currency.o \
	src/status.o \
	src/datetime_text.o \
	src/position.o \
	src/position_state.o \
	src/position_check.o \
	src/position_journal.o \
	src/position_packed.o \
	src/position_expanded.o \
	src/position_cells.o \
	src/position_io.o \
	src/position_jsonb.o \
	src/tally.o \
	src/rows.o \
	src/ageing.o \
	src/jsonb_writer.o \
	src/document.o \
	src/customer_balance.o \
	src/invoice_summary.o \
	src/vcu_balance.o \
	src/customer_credits.o \
	src/credit_rows.o \
	src/ledger_columns.o \
	src/ledger.o \
	src/ledger_match.o \
	src/ledger_plan.o \
	src/ledger_fault.o \
	src/ledger_snapshot.o \
	src/tally_source.o \
	src/lookup.o \
	src/book.o \
	src/documents.o \
	src/top_debtors.o \
	src/reports.o \
	src/check_ledger.o \
	src/check_columns.o \
	src/check_references.o \
	src/check_absent.o \
	src/name_likeness.o \
	src/check_reports.o \
	src/check_lookup.o \
	src/check_rights.o \
	src/verify_rules.o \
	src/verify.o \
	src/items.o \
	src/error_body.o

# Joined in this order to the install script
SQL_PARTS = \
	src/header.sql \
	src/currency.sql \
	src/status.sql \
	src/position.sql \
	src/tally.sql \
	src/ageing.sql \
	src/ledger_match.sql \
	src/customer_balance.sql \
	src/invoice_summary.sql \
	src/vcu_balance.sql \
	src/customer_credits.sql \
	src/credit_rows.sql \
	src/reports.sql \
	src/create_ledger.sql \
	src/check_ledger.sql \
	src/verify.sql \
	src/items.sql \
	src/top_debtors.sql \
	src/error_body.sql

DATA = $(call in_top,update/balance--*--*.sql)
DATA_built = balance--$(EXTVERSION).sql

PG_CPPFLAGS = -DBALANCE_VERSION='"$(EXTVERSION)"'

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

$(OBJS) $(OBJS:.o=.bc): $(wildcard $(TOP)/src/*.h $(TOP)/src/*.def) balance.control Makefile

$(DATA_built): $(SQL_PARTS) balance.control Makefile
	cat $(filter %.sql,$^) >$@

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

clean: stop

# make test TESTS="position tally" runs these files of sql/ only,
# make test PROVE_TESTS=test/t/001_x.pl this TAP file only.
# Both, and PG_CONFIG, reach the script through the environment.
test:
	@bash $(TOP)/test/run.sh

# make bench BENCH_ROWS=5000000 BENCH_CUSTOMERS=50000 BENCH_RUNS=7
bench:
	@bash $(TOP)/test/bench.sh

# Everything that can be tested, part by part; make test-NAME runs one of
# test/parts alone, make test-all PARTS="static fuzz" these.
test-all:
	@bash $(TOP)/test/all.sh

test-%: test/parts/%.sh
	@bash $<

demo psql stop:
	@bash $(TOP)/test/demo.sh $@

# src/ as pgindent lays it out, and all that can be told without running
# anything; LINT=quick is for a pre-commit hook.
format:
	@bash $(TOP)/test/indent.sh

lint:
	@bash $(TOP)/test/parts/static.sh

# How each file is compiled, for editors and clangd: nothing is built.
compile_commands.json: $(OBJS:.o=.c) Makefile
	@$(MAKE) -nB PG_CONFIG=$(PG_CONFIG) all | perl $(TOP)/test/lint/compile_commands.pl >$@

.PHONY: test test-all bench demo psql stop format lint
