#!/usr/bin/env bash
# install.sh MAJOR: that PostgreSQL, with what it takes to build for it, from
# PostgreSQL's own packages for Debian.  No cluster is made.  What else the tests
# want they install themselves.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
mkdir -p /etc/postgresql-common
echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
apt-get update
apt-get install -y --no-install-recommends ca-certificates gcc libc6-dev make postgresql-common
/usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y
apt-get install -y --no-install-recommends "postgresql-$1" "postgresql-server-dev-$1"
