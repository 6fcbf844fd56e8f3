#!/usr/bin/env bash
# make test-faults: cancels and timeouts inside every function, servers killed
# while they write, little memory, full disks, clocks that are moved.
# FAULT_ROUNDS=20 kills as often; FAULTS="clock disk" runs these only.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
disk=

clean_up() {
	[[ -z $disk ]] || { umount "$disk" && rmdir "$disk"; }
}
trap clean_up EXIT
trap 'exit 143' INT TERM HUP

# What is not there is asked for; without it a test skips itself.
if [[ $(id -u) == 0 && -d /var/lib/apt ]]; then
	missing=$(
		compgen -G '/usr/lib/*/faketime/libfaketime.so.1' >/dev/null || echo libfaketime
		command -v prlimit >/dev/null || echo util-linux
	)
	[[ -z $missing ]] || { apt_update; apt_install "$(xargs <<<"$missing")" >/dev/null ||
		echo "could not install $missing"; }
fi
# The server's user comes with its package, and the disk is to be that user's.
CLIENTS=no install_packages test
if [[ $(id -u) == 0 ]]; then
	disk=$(mktemp -d /tmp/balance-disk.XXXXXX)
	user=$(id -un postgres 2>/dev/null || echo nobody)
	mount -t tmpfs -o "size=64m,mode=700,uid=$(id -u "$user")" balance "$disk" 2>/dev/null ||
		{ rmdir "$disk" && disk=; }
fi

# prove gives what stands behind :: to every test.
files=
for name in ${FAULTS:-interrupts crash memory disk clock}; do
	if [[ $name == disk && -z $disk ]]; then
		skip "full disks: it takes root to mount one that is ours to fill"
		continue
	fi
	files+=" test/long/$name.pl"
done
[[ $files ]] || { finish && exit; }
exec 3>&1		# where all of it goes, whatever that is
last=$(PROVE_TESTS="$files :: rounds=${FAULT_ROUNDS:-3} disk=$disk" CLIENTS=no bash \
	"$top/test/run.sh" 2>&1 | tee >(cat >&3) | tail -n1) || true
count_line "$last"
finish
