#!/usr/bin/env bash
# make test-sanitizers: make test on a server built from Debian's source package
# with AddressSanitizer and UndefinedBehaviorSanitizer.  Each is shown a planted
# bug first.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$top/test/watched.sh"
watch_signals
found='runtime error: |ERROR: AddressSanitizer|TRAP: |terminated by signal (6|11)'

# Alignment is left out, as PostgreSQL itself relies on what x86 allows.
server_from_source sanitizers \
	'-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize=alignment' '' ||
	{ skip "everything: $why" && finish; exit; }
make_copies_folder

# PostgreSQL is compiled with -fwrapv, by which a sum that overflows is no error:
# our own code does not rely on that.
options=(PG_CONFIG="$server/bin/pg_config" COPT=-fno-wrapv)
copy_tree planted planted
run_copy "${options[@]}" TESTS="overflow past_array"
saw "UBSan sees a planted overflow" 'planted.c:[0-9:]+ runtime error: signed integer overflow'
saw "ASan sees a planted read past an array" 'ERROR: AddressSanitizer: stack-buffer-overflow'
copy_tree plain
run_copy "${options[@]}"
watch "make test with sanitizers" "$found"
finish
