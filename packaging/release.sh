#!/usr/bin/env bash
# release.sh dist: the archive for PGXN, of what is committed (or of DIST_TREE, into
# DIST_FOLDER).  release.sh check: whether the version is the same wherever it
# stands.  release.sh release: make release; see CONTRIBUTING.md, Releases.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$top"
version=$(sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" balance.control)
released=test/released/$version

say() {
	printf 'balance: %s\n' "$@" >&2
}

# git's zip has the day of the commit on each file, so it is the same each time.
dist() {
	local zip=${DIST_FOLDER:-.}/balance-$version.zip
	git rev-parse HEAD >/dev/null 2>&1 || { say "make dist needs a git checkout" && return 1; }
	[[ ${DIST_TREE:-} || ! $(git status --porcelain --untracked-files=no) ]] ||
		say "what is not committed is not in it"
	git archive --format=zip --prefix="balance-$version/" -o "$zip" "${DIST_TREE:-HEAD}"
	echo "$zip"
}

# Each place with the version that it has.
places() {
	echo "balance.control $version"
	perl -MJSON::PP -0777 -ne 'my $meta = decode_json($_);
		print "META.json $meta->{version}\n",
			"META.json,provides $meta->{provides}{balance}{version}\n"' META.json
	sed -n 's/^Version: */packaging\/balance.spec /p' packaging/balance.spec
	sed -n '/^%changelog/{n;s/.* - \([^ -]*\)-.*/packaging\/balance.spec,%changelog \1/p}' \
		packaging/balance.spec
	sed -n '1s/^postgresql-balance (\(.*\)-[^-]*) .*/debian\/changelog \1/p' debian/changelog
	sed -n 's/^## \([0-9][^ ]*\).*/CHANGELOG.md \1/p;T;q' CHANGELOG.md
}

# All seven places, as one that is not found has no version.
check() {
	local list different
	list=$(places)
	different=$(awk -v version="$version" '$2 != version' <<<"$list")
	[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] ||
		{ say "the version \"$version\" is not of the form 1.2.3" && return 1; }
	[[ $(wc -l <<<"$list") == 7 && ! $different ]] || {
		say "the version is $version in balance.control, but not everywhere:" "$list"
		return 1
	}
	echo "the version is $version everywhere"
}

# What CHANGELOG.md says of this version, without its heading.
changes() {
	awk -v version="$version" '/^## / { ours = $2 == version; next } ours' CHANGELOG.md |
		sed -e '/./,$!d'
}

# In order, so that the first thing that is missing is what is said.
release() {
	local day tag="v$version"
	check
	day=$(sed -n "s/^## ${version//./\\.} (\([0-9]*-[0-9]*-[0-9]*\))$/\1/p" CHANGELOG.md)
	[[ $day ]] || { say "CHANGELOG.md has no heading \"## $version (YYYY-MM-DD)\"" && return 1; }
	! head -n1 debian/changelog | grep -q UNRELEASED ||
		{ say "debian/changelog says UNRELEASED; name the distribution" && return 1; }
	[[ $(changes) ]] || { say "CHANGELOG.md tells nothing of $version" && return 1; }
	! git rev-parse -q --verify "refs/tags/$tag" >/dev/null ||
		{ say "$tag has been released: its files are not made again" && return 1; }
	/usr/bin/python3 packaging/meta.py META.json
	bash packaging/freeze.sh
	[[ ! $(git status --porcelain) ]] || {
		git status --short
		say "commit this, then make release again: what is tagged has to hold it"
		return 1
	}
	dist
	cat <<-END

		All agrees.  What is left, after make test-all:

		  git tag -a -F- $tag <<'TAG'
		balance $version

		$(changes)
		TAG
		  git push --follow-tags

		and balance-$version.zip is what PGXN takes.
	END
}

case ${1:-} in
	dist | check | release) "$1" ;;
	*) say "usage: release.sh dist|check|release" && exit 1 ;;
esac
