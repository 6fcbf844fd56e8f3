# A dump that a released version's users have made is restored, and answers what it
# answered there; the bytes of its positions are read.  test/released/VERSION has
# both, as make release has written them.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my @released = map { m{released/([^/]+)/dump\.sql$} } glob 'test/released/*/dump.sql';
plan skip_all => 'no version has been released' unless @released;

$ENV{PGCLIENTENCODING} = 'UTF8';
$ENV{PGTZ} = 'UTC';
my $node = PostgreSQL::Test::Cluster->new('released_books');
$node->init(extra => [ '--encoding=UTF8', '--no-locale' ]);
$node->start;

sub read_file
{
	my ($file) = @_;
	return slurp_file($file) =~ s/\n\z//r;
}

for my $version (@released)
{
	my $folder = "test/released/$version";
	my $database = 'books_' . $version =~ tr/./_/r;
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	my (undef, undef, $error) = $node->psql($database, slurp_file("$folder/dump.sql"));
	is($error, '', "the dump of $version is restored");
	my $answers = slurp_file("$folder/answers.sql");
	my $expected = read_file("$folder/answers.out");
	cmp_ok(scalar(split /\n/, $expected), '>', 400, '... with something to say');
	is($node->safe_psql($database, $answers), $expected, '... and answers what it did');
	$node->safe_psql($database, q{SELECT balance.repair('kept_books')});
	is($node->safe_psql($database, $answers), $expected, '... also when its store is repaired');

	# byteasend() returns its argument as it is: bytes become what a table would hold
	$node->safe_psql($database, <<"SQL");
		CREATE FUNCTION stored_bytes(bytea) RETURNS balance.position
			LANGUAGE internal IMMUTABLE STRICT AS 'byteasend';
		CREATE TABLE golden (bytes text, text text);
		\\copy golden FROM '$folder/positions.tsv' (FORMAT csv, DELIMITER E'\\t', QUOTE E'\\b')
SQL
	cmp_ok($node->safe_psql($database, 'SELECT count(*) FROM golden'), '>', 100,
		"there are positions of $version");
	is($node->safe_psql($database, <<'SQL'), '', '... whose bytes are read');
		SELECT left(text, 100) FROM golden, stored_bytes(decode(bytes, 'hex')) AS p
		WHERE p::text IS DISTINCT FROM text::balance.position::text
			OR p OPERATOR(balance.<>) text::balance.position
SQL
}
$node->stop;
done_testing();
