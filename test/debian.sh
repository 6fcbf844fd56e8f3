# shellcheck shell=bash
# Sourced by the parts that want more of Debian than packages for themselves:
# sources, and other suites.  What could not be had is told in $why.

# The mirror that this machine's apt uses for Debian itself.
debian_mirror() {
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
		awk '$1 == "Debian" { print $2; exit }'
}

packages_missing() {
	local name
	for name; do
		[[ $(dpkg-query -f '${db:Status-Status}' -W "$name" 2>/dev/null) == installed ]] ||
			echo "$name"
	done | xargs
}

# Root gets the named packages installed.
want_packages() {
	local missing output
	missing=$(packages_missing "$@")
	[[ $missing ]] || return 0
	why="missing here: $missing"
	[[ $(id -u) == 0 && -d /var/lib/apt ]] || return 1
	echo "installing $missing ..."
	apt_update
	output=$(apt_install "$missing") || why="apt-get install failed: $(tail -n1 <<<"$output")"
	[[ -z $(packages_missing "$@") ]]
}
