# shellcheck shell=bash disable=SC2154 # lib.sh has set what is not set here
# Sourced by the parts that run on another release of Debian than this machine's:
# chroots with one PostgreSQL each, made once by debootstrap and kept in
# $cache/chroots.  Needs root.  Remove a folder there to have it made anew.
source "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

# "${in_chroot[@]}" FOLDER COMMAND... runs a command in a chroot, with what a
# server needs mounted.  The mounts and the processes are in namespaces of their
# own: both go when the command ends, or is killed.
# shellcheck disable=SC2016
in_chroot=(unshare --mount --pid --fork --kill-child bash -c '
	mount -t proc proc "$1/proc" && mount -t tmpfs shm "$1/dev/shm" &&
		exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 chroot "$@"' -)

# A mirror may be a snapshot of some day past, so its date is not asked for. Where
# arch is set, it is that machine's, whose programs this one must know to run.
fill_chroot() {
	local mirror=$1 suite=$2 other
	shift 2
	debootstrap ${arch:+"--arch=$arch"} --variant=minbase "$suite" "$chroot" "$mirror" || return 1
	for other in "$suite" $(printf '%s\n' "$@" | sed -n 's,.*/,,p' | sort -u); do
		echo "deb $mirror $other main"
	done >"$chroot/etc/apt/sources.list"
	echo 'Acquire::Check-Valid-Until "false";' >"$chroot/etc/apt/apt.conf.d/90balance"
	echo force-unsafe-io >"$chroot/etc/dpkg/dpkg.cfg.d/balance"
	printf '#!/bin/sh\nexit 101\n' | install -m 755 /dev/stdin "$chroot/usr/sbin/policy-rc.d"
	echo 'create_main_cluster = false' | install -D -m 644 /dev/stdin \
		"$chroot/etc/postgresql-common/createcluster.conf"
	lend_network "$chroot"
	"${in_chroot[@]}" "$chroot" apt-get -qq update &&
		"${in_chroot[@]}" "$chroot" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y install \
			--no-install-recommends "$@" &&
		"${in_chroot[@]}" "$chroot" apt-get clean
}

# lend_network FOLDER: a chroot asks whom this machine asks for names, and npm in
# it goes the way to its registry that npm goes here, with the certificates that
# it trusts here.  Of npm's settings no others are lent, as some are secret.
lend_network() {
	local folder=$1 settings certificates
	cp -L /etc/resolv.conf /etc/hosts "$folder/etc/" || return 0
	settings=$(cd / &&
		npm config get registry proxy https-proxy noproxy strict-ssl cafile 2>/dev/null |
		grep -Ev '=(null|undefined)?$') || return 0
	certificates=$(sed -n 's/^cafile=//p' <<<"$settings")
	certificates=${certificates:-/etc/ssl/certs/ca-certificates.crt}
	settings=$(grep -v '^cafile=' <<<"$settings")
	if [[ -f $certificates ]]; then
		install -m 644 "$certificates" "$folder/etc/npm_certificates"
		settings+=$'\ncafile=/etc/npm_certificates'
	fi
	echo "$settings" | install -D -m 644 /dev/stdin "$folder/etc/npmrc"
	echo "$settings" | install -D -m 644 /dev/stdin "$folder/usr/etc/npmrc"
}

# emulate MACHINE: has the kernel run that machine's programs by qemu, in chroots too.
# Says why not in $why.
emulate() {
	local formats=/proc/sys/fs/binfmt_misc name=qemu-$1
	want_packages qemu-user-static || return 1
	[[ -e $formats/register ]] || mount -t binfmt_misc none "$formats" 2>/dev/null ||
		{ why="this kernel runs no other machine's programs" && return 1; }
	[[ -e $formats/$name ]] && return
	cat "/usr/lib/binfmt.d/$name.conf" >"$formats/register" 2>/dev/null ||
		{ why="the kernel takes no program to run $1's by" && return 1; }
}

# make_chroot NAME SUITE PACKAGE...: sets chroot to the folder, or says why not.
# A package as name/suite is taken from that suite, which is listed besides: its
# other packages keep out, as experimental's have a lower priority of their own.
make_chroot() {
	local name=$1 suite=$2 mirror log started=$SECONDS
	shift 2
	chroot=$cache/chroots/$name why=
	[[ $(id -u) == 0 ]] || { why="a chroot needs root" && return 1; }
	unshare --mount --pid --fork true 2>/dev/null || { why="no right to mount here" && return 1; }
	mkdir -p "$cache/chroots"
	exec 7>"$chroot.lock"
	flock 7
	[[ $(cat "$chroot/made_with" 2>/dev/null) != "$suite $*" ]] || { exec 7<&- && return; }
	want_packages debootstrap || { exec 7<&- && return 1; }
	mirror=$(debian_mirror)
	[[ $mirror ]] || { why="apt knows no Debian mirror" && exec 7<&- && return 1; }
	echo "making a chroot of $suite with $* ..."
	log=$chroot.log
	rm -rf --one-file-system "$chroot"
	if ! fill_chroot "$mirror" "$suite" "$@" >"$log" 2>&1 7<&- </dev/null; then
		why="no chroot of $suite: $(grep -E '^E: ' "$log" | tail -n1 || true), see $log"
		exec 7<&-
		return 1
	fi
	echo "$suite $*" >"$chroot/made_with"
	exec 7<&-
	echo "made in $((SECONDS - started)) s"
}
