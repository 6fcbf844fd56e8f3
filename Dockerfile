# The official image of PostgreSQL with this extension in it:
#
#   docker build --build-arg PG_MAJOR=17 -t balance:pg17 .
#
# CREATE EXTENSION balance is still to be said in each database.
ARG PG_MAJOR=17
ARG DEBIAN_CODENAME=trixie
FROM postgres:$PG_MAJOR-$DEBIAN_CODENAME
ARG PG_MAJOR

COPY . /usr/src/balance

RUN apt-get update \
	&& apt-mark hold locales \
	&& built_with="gcc libc6-dev make postgresql-server-dev-$PG_MAJOR" \
	&& kept="$(apt-mark showmanual)" \
	&& apt-get install -y --no-install-recommends $built_with \
	&& make -C /usr/src/balance clean \
	&& make -C /usr/src/balance with_llvm=no install \
		PG_CONFIG="/usr/lib/postgresql/$PG_MAJOR/bin/pg_config" \
	&& install -D -m 644 -t /usr/share/doc/balance \
		/usr/src/balance/LICENSE /usr/src/balance/README.md \
	&& rm -r /usr/src/balance \
	&& apt-mark auto '.*' >/dev/null \
	&& apt-mark manual $kept >/dev/null \
	&& apt-get purge -y --auto-remove \
	&& apt-mark unhold locales \
	&& rm -rf /var/lib/apt/lists/*
