# SQL templates (src/ledger/template.c): everything that search_path could divert is
# qualified, whatever cannot be is refused, and so is what a template gets wrong.
# The functions around it are in test/template/template.c.
use strict;
use warnings;

use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($cc, $cflags, $include) = map { `pg_config $_` =~ s/\n//r } '--cc', '--cflags',
  '--includedir-server';
my ($compiler) = split ' ', $cc;
plan skip_all => "there is no $compiler" unless grep { -x "$_/$compiler" } split /:/, $ENV{PATH};
plan skip_all => "there is no $include/postgres.h" unless -e "$include/postgres.h";

# Coverage is counted beside the source, where test/uncovered.pl looks for it.
my $counted = ($ENV{COPT} // '') =~ /--coverage/;
my $folder = $counted ? 'test/template' : PostgreSQL::Test::Utils::tempdir;
my $library = "$folder/template.so";
my $options = '-fPIC -shared -Wl,-Bsymbolic -Isrc' . ($counted ? ' --coverage -O0' : '');
is(system("$cc $cflags $options -I'$include' -o '$library' test/template/template.c >&2"), 0,
	'it is compiled');
$library = "$ENV{PWD}/$library" if $counted;

my $node = PostgreSQL::Test::Cluster->new('templates');
$node->init;
$node->start;
$node->safe_psql('postgres', <<"SQL");
CREATE FUNCTION filled(template text, hole text, value text) RETURNS text
AS '$library' LANGUAGE C STRICT;
CREATE FUNCTION filled_without_value() RETURNS text AS '$library' LANGUAGE C;
CREATE FUNCTION filled_with_many(one_more boolean) RETURNS text AS '$library' LANGUAGE C;
CREATE FUNCTION is_qualified(sql text) RETURNS boolean AS '$library' LANGUAGE C STRICT;
CREATE FUNCTION name_in_schema(schema oid, name text) RETURNS text
AS '$library' LANGUAGE C STRICT;
CREATE FUNCTION made_of(template text, value text) RETURNS text LANGUAGE plpgsql AS \$\$
BEGIN
	RETURN filled(template, 'hole', value);
EXCEPTION WHEN internal_error THEN RETURN SQLERRM;
END \$\$;
SQL

# What a template becomes, with {+} for OPERATOR(pg_catalog.+); its hole is filled
# with v.x.
my @filled = (
	# operators
	[ 'SELECT a + b', 'SELECT a {+} b' ],
	[ 'SELECT -a', 'SELECT {-} a' ],
	[ '(-{hole})', '({-} v.x)' ],
	[ 'a->>1', 'a {->>} 1' ],
	[ 'a * b + c < d', 'a {*} b {+} c {<} d' ],
	[ 'a ^ b', 'a {^} b' ],
	[ 'a OPERATOR(pg_catalog.+) b', 'a {+} b' ],
	[ 'a + b, c * d', 'a {+} b, c {*} d' ],
	[ 'CASE WHEN a = 1 THEN 2 END = 3',
		'CASE WHEN a {=} 1 THEN 2 END {=} 3' ],
	[ 'SELECT *, r.*, count(*), f(n => 1)',
		'SELECT *, r.*, pg_catalog.count(*), pg_catalog.f(n => 1)' ],
	[ 'a[1:2]', 'a[1:2]' ],
	# names
	[ 'SELECT lower(a)::text', 'SELECT pg_catalog.lower(a)::pg_catalog.text' ],
	[ 'SELECT a::"char"', 'SELECT a::pg_catalog."char"' ],
	[ 'SELECT balance.merge(a)', 'SELECT balance.merge(a)' ],
	[ 'SELECT r."a b"', 'SELECT r."a b"' ],
	[ 'SELECT "a ""b"""', 'SELECT "a ""b"""' ],
	[ 'a COLLATE "C"', 'a COLLATE pg_catalog."C"' ],
	[ 'SELECT FROM pg_class c', 'SELECT FROM pg_catalog.pg_class c' ],
	[ 'SELECT FROM s.t AS c(d), {hole} JOIN unnest(a) ON TRUE',
		'SELECT FROM s.t AS c(d), v.x JOIN pg_catalog.unnest(a) ON TRUE' ],
	[ 'WITH q (a) AS MATERIALIZED (SELECT 1) SELECT FROM q',
		'WITH q (a) AS MATERIALIZED (SELECT 1) SELECT FROM q' ],
	[ 'SELECT FROM s.t WHERE a, b', 'SELECT FROM s.t WHERE a, b' ],
	# literals and holes
	[ "SELECT 'it''s {hole} and {\"n\": [{1}]}'", "SELECT 'it''s v.x and {\"n\": [{1}]}'" ],
	[ q{SELECT E'it\'s \\\\ {hole}'}, q{SELECT E'it\'s \\\\ v.x'} ],
	[ 'SELECT $1, 1.5', 'SELECT $1, 1.5' ],
	# what one template opens another one may close
	[ 'SELECT b) + c', 'SELECT b) {+} c' ]);

# What is refused, and why.
my @refused = (
	[ 'a + b * c', 'operators without parentheses at "* c"' ],
	[ 'a + b ^ c', 'operators without parentheses at "^ c"' ],
	[ 'a = b = c', 'operators without parentheses at "= c"' ],
	[ 'a -- b', 'a comment at "-- b"' ],
	[ 'a /* b */', 'a comment at "/* b */"' ],
	(map { [ "SELECT a $_", qq{an operator that cannot be qualified at "$_"} ] }
		'BETWEEN 1 AND 2', 'CAST(a AS s.t)', 'ILIKE b', 'IN (1)', 'LIKE b', 'NATURAL JOIN s.t',
		'NULLIF(a, b)', 'OVERLAPS b', 'SIMILAR TO b', 'USING (b)', 'CASE a WHEN 1 THEN 2 END'),
	(map { [ "SELECT a $_ DISTINCT FROM b",
		'an operator that cannot be qualified at "DISTINCT FROM b"' ] } 'IS', 'IS NOT'),
	[ 'SELECT FROM t', 'a relation without schema at "t"' ],
	[ 'SELECT FROM s.t, u', 'a relation without schema at "u"' ],
	[ 'SELECT FROM ONLY t', 'a relation without schema at "t"' ],
	[ 'SELECT FROM "T"', 'a relation without schema at ""T""' ],
	[ "date '2026-01-01'", q{a type before a literal at "date '2026-01-01'"} ],
	[ 'SELECT NOW()', 'no such keyword at "NOW()"' ],
	[ 'SELECT Lower(a)', 'no such keyword at "Lower(a)"' ],
	[ 'SELECT LEFT(a, 1)', 'a function in capitals at "LEFT(a, 1)"' ],
	[ "'a", 'unterminated literal at ""' ],
	[ q{'\\'}, q{a backslash in a literal at "\\'"} ],
	[ '"a', 'unterminated name at ""a"' ],
	[ 'SELECT {a}', 'no value for the hole at "{a}"' ],
	[ 'SELECT {1}', 'no hole at "{1}"' ],
	[ 'SELECT a; b', 'no SQL at "; b"' ],
	[ '(' x 64, 'too deep at "("' ]);

sub made_of
{
	my ($value, @templates) = @_;
	my $list = join ', ', map { '$t$' . $_ . '$t$' } @templates;
	return split /\n/, $node->safe_psql('postgres', "SELECT made_of(t, \$t\$$value\$t\$)
		FROM unnest(ARRAY[$list]) WITH ORDINALITY u(t, n) ORDER BY n");
}

$_->[1] =~ s/\{([-+*\/<>=^]+)\}/OPERATOR(pg_catalog.$1)/g for @filled;
my @made = made_of('v.x', map { $_->[0] } @filled);
is($made[$_], $filled[$_][1], "filled: $filled[$_][0]") for 0 .. $#filled;
@made = made_of('v.x', map { $_->[0] } @refused);
is($made[$_], "SQL template: $refused[$_][1]", "refused: $refused[$_][0]") for 0 .. $#refused;

is((made_of("it's", '{hole}'))[0], "it's", 'a value is SQL that is taken as it is');
is((made_of($_, "'{hole}'"))[0], q{SQL template: a quote in a literal's hole at "{hole}'"},
	"... but may not end the literal that it is in: $_") for "it's", 'it\\';
my (undef, undef, $error) = $node->psql('postgres', 'SELECT filled_without_value()');
like($error, qr/SQL template: hole "a" without value/, 'a hole must have a value');
is($node->safe_psql('postgres', 'SELECT filled_with_many(false)'), '4', 'there may be many holes');
(undef, undef, $error) = $node->psql('postgres', 'SELECT filled_with_many(true)');
like($error, qr/too many holes in a SQL template/, '... but not too many');
is($node->safe_psql('postgres', q{SELECT name_in_schema('pg_catalog'::regnamespace, 'A "b"')}),
	'pg_catalog."A ""b"""', 'an object has its schema');
(undef, undef, $error) = $node->psql('postgres', q{SELECT name_in_schema(1, 'a')});
like($error, qr/cache lookup failed for schema 1/, '... which must be there');

# What was filled is found qualified, and what was not is not.
my $asked = 'SELECT is_qualified(%s)';
is($node->safe_psql('postgres', join ';', map { sprintf $asked, '$t$' . $_->[1] . '$t$' } @filled),
	join("\n", ('t') x @filled), 'all that was filled is qualified');
is($node->safe_psql('postgres', join ';', map { sprintf $asked, '$t$' . $_ . '$t$' }
		'SELECT a + b', 'SELECT lower(a)', 'SELECT a::text', 'SELECT FROM pg_class'),
	join("\n", ('f') x 4), '... and what was not is not');
is($node->safe_psql('postgres', sprintf $asked, q{$t$SELECT '{a}', '\'$t$}), 't',
	'... where braces and backslashes mean nothing');

$node->stop;
done_testing();
