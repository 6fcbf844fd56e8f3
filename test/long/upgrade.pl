# An extension that came by updates, from each released version, is the same as a
# fresh one: what the catalogue says of every object is compared, and a ledger
# with stored positions gives the same documents before and after.  A released
# version is its install script, test/released/VERSION.sql, beside the script
# update/balance--VERSION--NEXT.sql that leads on from it.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('upgrade');
$node->init(extra => [ '--no-locale', '--encoding=UTF8' ]);
$node->start;

# Each member with its definition and all that is said about it.  OIDs are
# replaced by names, since they differ from database to database.
my $catalogue = <<'SQL';
SET search_path = pg_catalog;
WITH members AS (
	SELECT d.classid, d.objid, i.type, i.identity
	FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid,
		LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) AS i
	WHERE e.extname = 'balance' AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'),
said AS (
	SELECT type, identity, 'comment' AS what,
		obj_description(objid, (SELECT relname FROM pg_class WHERE oid = classid)) AS value
	FROM members
	UNION ALL
	SELECT type, identity, 'function', CASE WHEN prokind = 'a' THEN NULL
		ELSE pg_get_functiondef(p.oid) END FROM members JOIN pg_proc AS p ON p.oid = objid
		AND classid = 'pg_proc'::regclass
	UNION ALL
	-- whatever else a row has to say, but for OIDs and what the definition above has already
	SELECT type, identity, field.key, field.value FROM members
		JOIN pg_proc AS p ON p.oid = objid AND classid = 'pg_proc'::regclass,
		LATERAL jsonb_each_text(to_jsonb(p)
			- '{oid,pronamespace,proowner,prolang,prorettype,proargtypes,proallargtypes,provariadic,
			 prosupport,proargdefaults,prosqlbody}'::text[]) AS field
	UNION ALL
	SELECT type, identity, 'signature',
		concat_ws(' ', pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), prosupport)
	FROM members JOIN pg_proc AS p ON p.oid = objid AND classid = 'pg_proc'::regclass
	UNION ALL
	SELECT type, identity, field.key, CASE WHEN field.key IN ('aggtranstype', 'aggmtranstype')
		THEN field.value::oid::regtype::text ELSE field.value END
	FROM members JOIN pg_aggregate AS a ON a.aggfnoid = objid AND classid = 'pg_proc'::regclass,
		LATERAL jsonb_each_text(to_jsonb(a)) AS field
	UNION ALL
	SELECT type, identity, field.key, field.value FROM members
		JOIN pg_type AS t ON t.oid = objid AND classid = 'pg_type'::regclass,
		LATERAL jsonb_each_text(to_jsonb(t)
			- '{oid,typnamespace,typowner,typrelid,typelem,typarray,typbasetype}'::text[]) AS field
	UNION ALL
	SELECT type, identity, 'operator',
		concat_ws(' ', oprcode, oprcom::regoperator, oprnegate::regoperator, oprrest, oprjoin,
		oprcanmerge, oprcanhash, oprresult::regtype) FROM members
		JOIN pg_operator AS o ON o.oid = objid AND classid = 'pg_operator'::regclass
	UNION ALL
	SELECT type, identity, 'class',
		concat_ws(' ', opcintype::regtype, opcdefault, opckeytype::regtype,
		(SELECT identity FROM pg_identify_object('pg_opfamily'::regclass, opcfamily, 0)))
	FROM members JOIN pg_opclass AS o ON o.oid = objid AND classid = 'pg_opclass'::regclass
	UNION ALL
	SELECT type, identity, 'family',
		(SELECT string_agg(concat_ws(' ', amopstrategy, amoppurpose, amopopr::regoperator), ', '
		ORDER BY amopstrategy, amopopr::regoperator::text) FROM pg_amop WHERE amopfamily = f.oid)
		||
			(SELECT string_agg(concat_ws(' ', amprocnum, amproc::regprocedure), ', '
			ORDER BY amprocnum, amproc::regprocedure::text) FROM pg_amproc
			WHERE amprocfamily = f.oid) FROM members JOIN pg_opfamily AS f ON f.oid = objid
			AND classid = 'pg_opfamily'::regclass
	UNION ALL
	SELECT type, identity, 'cast', concat_ws(' ', castfunc::regprocedure, castcontext, castmethod)
	FROM members JOIN pg_cast AS c ON c.oid = objid AND classid = 'pg_cast'::regclass
	UNION ALL
	SELECT 'schema', nspname, 'rights', array_to_string(nspacl, ' ') FROM pg_namespace
	WHERE nspname = 'balance'
	UNION ALL
	-- members of other kinds: that they are there, and of whom
	SELECT type, identity, 'member', '' FROM members
	UNION ALL
	SELECT 'extension', extname, 'extension',
		concat_ws(' ', extversion, extnamespace::regnamespace, extrelocatable, extconfig::text,
		extcondition::text) FROM pg_extension WHERE extname = 'balance')
SELECT concat_ws(' | ', type, identity, what, replace(coalesce(value, 'NULL'), E'\n', ' '))
FROM said ORDER BY 1
SQL

sub catalogue_of
{
	my ($database) = @_;
	return [ split /\n/, $node->safe_psql($database, $catalogue) ];
}

# The first lines that differ, with nothing where there are none.
sub differences
{
	my ($expected, $found) = @_;
	my %line;
	$line{$_}-- for @$expected;
	$line{$_}++ for @$found;
	my @different = map { ($line{$_} < 0 ? 'fresh: ' : 'found: ') . $_ } grep { $line{$_} != 0 }
	  sort keys %line;
	return join "\n", splice @different, 0, 20;
}

sub make_database
{
	my ($name, $sql) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $name");
	$node->safe_psql($name, $sql);
}

make_database('fresh', 'CREATE EXTENSION balance');
my $fresh = catalogue_of('fresh');
cmp_ok(scalar @$fresh, '>', 1000, 'the catalogue has something to say');

# The comparison sees nothing where nothing is, and a change wherever one is.
make_database('again', 'CREATE EXTENSION balance; DROP EXTENSION balance; CREATE SCHEMA other;
	CREATE EXTENSION balance');
is(differences($fresh, catalogue_of('again')), '', 'another fresh one is the same');
my @changes = (
	q{COMMENT ON FUNCTION balance.verify(regnamespace, text) IS 'other'},
	q{ALTER FUNCTION balance.verify(regnamespace, text) COST 7},
	q{ALTER FUNCTION balance.position_add(balance.position, balance.position) PARALLEL UNSAFE},
	q{REVOKE EXECUTE ON FUNCTION balance.verify(regnamespace, text) FROM PUBLIC},
	q{REVOKE USAGE ON SCHEMA balance FROM PUBLIC},
	q{ALTER OPERATOR balance.= (balance.position, balance.position) SET (RESTRICT = NONE)},
	q{ALTER TYPE balance.position SET (STORAGE = external)},
	q{ALTER EXTENSION balance DROP CAST (balance.position AS jsonb)},
	q{CREATE OR REPLACE FUNCTION balance.create_ledger(name text, distributed boolean DEFAULT false)
		RETURNS regnamespace LANGUAGE sql AS $$ SELECT 'public'::regnamespace $$},
	q{CREATE FUNCTION balance.more() RETURNS int LANGUAGE sql RETURN 1;
		ALTER EXTENSION balance ADD FUNCTION balance.more()},
	q{ALTER OPERATOR FAMILY balance.position_ops
		USING hash DROP FUNCTION 2 (balance.position, balance.position)},
	q{CREATE OR REPLACE AGGREGATE balance.merge(balance.position)
		(SFUNC = balance.merge_add, STYPE = balance.position, SSPACE = 2048,
		FINALFUNC = balance.position_final, FINALFUNC_MODIFY = READ_ONLY, PARALLEL = SAFE)});
for my $change (@changes)
{
	my $changed = $node->safe_psql('again', "BEGIN; $change; $catalogue; ROLLBACK");
	isnt(differences($fresh, [ split /\n/, $changed ]), '', "it would notice: $change");
}

# ---- from every released version

my ($now) = slurp_file('balance.control') =~ /^default_version *= *'([^']+)'/m;
my @released = map { m{released/(\d.*)\.sql$} } glob 'test/released/*.sql';
# Of the version of now itself: released means that it is not changed any more.
if (grep { $_ eq $now } @released)
{
	is(slurp_file("balance--$now.sql"), slurp_file("test/released/$now.sql"),
		"the script is that of the released version $now");
	@released = grep { $_ ne $now } @released;
}
# What has been released is in CHANGELOG.md with its day.
my @told = grep { $_ ne $now } slurp_file('CHANGELOG.md')
  =~ /^## \[?v?(\d+\.\d+\.\d+)\]?(?! *\(unreleased\))/mg;
is(join(' ', sort @told), join(' ', sort @released),
	'the script of every released version is kept');
my @updates = map { m{balance--(.*)\.sql$} } glob 'update/balance--*--*.sql';

SKIP:
{
	skip 'no version has been released that one could come from', 1 unless @released || @updates;
	my @alone = grep { !-e "test/released/$_/dump.sql" } @released;
	is("@alone", '', 'every released version has left a dump');

	# where make test has installed to
	my ($setting) =
		grep { $node->safe_psql('postgres', "SELECT count(*) FROM pg_settings WHERE name = '$_'") }
	  'extension_control_path', 'extension_destdir';
	my $folder = $setting ? $node->safe_psql('postgres', "SHOW $setting") : '';
	$folder = ($setting // '') eq 'extension_control_path' ? $folder =~ s/:.*//r
	  : $folder . `pg_config --sharedir` =~ s/\n//r;

	for my $version (@released)
	{
		append_to_file("$folder/extension/balance--$version.sql",
			slurp_file("test/released/$version.sql"));
		is($node->safe_psql('postgres',
			"SELECT path IS NOT NULL FROM pg_extension_update_paths('balance')
			WHERE source = '$version' AND target = '$now'"), 't', "$version can be updated to $now")
		  or next;
		my $database = 'from_' . $version =~ tr/./_/r;
		make_database($database, <<"SQL");
CREATE EXTENSION balance VERSION '$version';
SELECT balance.create_ledger('billing');
INSERT INTO billing.customer VALUES ('c', 'wb', 'b', 'Zoe', 'eur');
INSERT INTO billing.invoice
VALUES ('i', 'c', 'eur', 'open', NULL, 'n', 120.5, 120.5, 20.5, '2026-01-31', '2026-01-01');
INSERT INTO billing.deposit VALUES ('d', 'c', 'eur', 'held', 7);
CREATE TABLE stored AS
SELECT balance.tally_invoices(currency, invoice_status, payment_status, total, amount_due,
	amount_remaining, due_date) AS p FROM billing.invoice;
CREATE INDEX ON stored (p);
CREATE VIEW shown AS SELECT p, p::jsonb AS cells, balance.to_customer_balance(p, 'w', 'c')
FROM stored;
SQL
		my $content = "SELECT balance.customer_balance('c'),
			balance.invoice_summary('c', '2026-02-01', 'UTC'); TABLE shown;
			SELECT count(*) FROM balance.verify()";
		my $before = $node->safe_psql($database, $content);
		# in one session, which has the old version's plans
		is($node->safe_psql($database, "$content; ALTER EXTENSION balance UPDATE; $content"),
			"$before\n$before", "$version: the same documents and positions after the update");
		is(differences($fresh, catalogue_of($database)), '',
			"$version: the same as a fresh one after the update");
	}
}

$node->stop;
done_testing();
