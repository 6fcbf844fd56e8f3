# What a version wrote, every later one reads.  released/positions.tsv has the
# bytes of every cell in each version of the packed form, as computed by hand
# from the grammar in src/position/packed.c, not printed by the code that is tested.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use FindBin;
use Test::More;

my $file = "$FindBin::RealBin/../released/positions.tsv";
my $node = PostgreSQL::Test::Cluster->new('released');
$node->init(extra => [ '--encoding=UTF8', '--no-locale' ]);
$node->start;

# byteasend() returns its argument as it is: bytes become what a table would hold.
$node->safe_psql('postgres', <<SQL);
	CREATE EXTENSION balance;
	ALTER DATABASE postgres SET search_path = public, balance;
	CREATE FUNCTION stored(bytea) RETURNS balance.position
		LANGUAGE internal IMMUTABLE STRICT AS 'byteasend';
	CREATE TABLE golden (version int, bytes text, text text);
	\\copy golden FROM '$file' (FORMAT csv, DELIMITER E'\\t', QUOTE E'\\b', HEADER)
	CREATE TABLE kept AS SELECT version, text, stored(decode(bytes, 'hex')) AS p FROM golden;
SQL

sub none
{
	my ($what, $from, $where) = @_;
	is($node->safe_psql('postgres', "SELECT text FROM $from WHERE NOT ($where)"), '', $what);
}

sub sent
{
	my ($version) = @_;
	my $copy = "$node->{_basedir}/copy.bin";
	# a bytea's binary form is its bytes
	$node->safe_psql('postgres', <<SQL);
		DROP TABLE IF EXISTS bytes, received;
		CREATE TABLE bytes AS SELECT row_number() OVER () AS n, decode(bytes, 'hex') AS b
			FROM golden WHERE version = $version;
		CREATE TABLE received (n bigint, p balance.position);
		\\copy bytes TO '$copy' (FORMAT binary)
		\\copy received FROM '$copy' (FORMAT binary)
SQL
	return "(SELECT g.version, g.text, r.p FROM received r
		JOIN (SELECT row_number() OVER () AS n, version, text
		FROM golden WHERE version = $version) g USING (n)) x";
}

my ($versions, $newest, $tags) = split /\|/, $node->safe_psql('postgres', q{
	SELECT string_agg(DISTINCT version::text, ' '), max(version),
		count(DISTINCT name) FROM golden, regexp_matches(text, '[a-z_]+(?=\()', 'g') m(name)});
is($versions, join(' ', 1 .. $newest), 'every version has its bytes');
# a measure that came later is unknown in what has been written before
my $now = "CASE WHEN version = $newest THEN text ELSE text::balance.position::text END";
is($tags, 17, '... of every cell');
none('what is stored reads as it did', 'kept', "p::text = $now");
none('... and equals what is written now',
	'kept', 'p = text::balance.position AND NOT p <> text::balance.position');
none('... in hashes, too',
	'kept', 'balance.position_hash(p) = balance.position_hash(text::balance.position)');
none('... and as jsonb', 'kept', 'p::jsonb = text::balance.position::jsonb');
none('... when added to',
	'kept', "p + '1{GBP 1 usage(1 1)}' = text::balance.position + '1{GBP 1 usage(1 1)}'");
is($node->safe_psql('postgres', q{SELECT count(*) FROM (SELECT DISTINCT p FROM kept) x}),
	$node->safe_psql('postgres', 'SELECT count(DISTINCT text::balance.position::text) FROM golden'),
	'of one position in two versions, one is left by DISTINCT');
none("version $_ is received as it was sent", sent($_), "p::text = $now") for split / /, $versions;
none('what is sent has the bytes of the newest version',
	'golden',
	"version < $newest OR encode(balance.position_send(text::balance.position), 'hex') = bytes");

# not in this version, and damaged bytes
for my $bytes (sprintf('%02x', $newest + 1), '0236a71f0200', '0236a78802020200020000')
{
	my ($status, undef, $error) = $node->psql('postgres', "SELECT stored('\\x$bytes')");
	like($error, qr/form that this version of balance does not know/, "$bytes is refused");
}
$node->stop;
done_testing();
