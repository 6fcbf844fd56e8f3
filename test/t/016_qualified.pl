# What is run over a ledger leaves nothing for search_path to look up, whatever
# types the ledger's columns have: every query that balance.log_queries shows is
# read here, by other rules than those that src/ledger/template.c follows.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# What in a query has no schema, or cannot have one.
sub unqualified
{
	my ($sql) = @_;
	$sql =~ s/\bE'(?:[^'\\]|\\.|'')*'/0/gs;
	$sql =~ s/'(?:[^']|'')*'/0/g;
	$sql =~ s/"(?:[^"]|"")*"/quoted/g;
	$sql =~ s/\bOPERATOR\(\w+\.[^()\s]+\)//g;
	$sql =~ s/\bAS \w+\(/(/g;
	# what WITH defines is found before any schema is searched
	my @with = $sql =~ /(?:\bWITH |\),\s*)(\w+) AS (?:(?:NOT )?MATERIALIZED )?\(/g;
	$sql =~ s/\b(FROM|JOIN)\s+(?:${\ join '|', @with})\b/$1 (/g if @with;
	return (
		$sql =~ m{([-+/<>=~!@#%^&|`?]|(?<![(.])\*)}g,
		$sql =~ /(?<![.\w])([a-z_]\w*)\s*\(/g,
		$sql =~ /::(?!\w+\.)(\w+)/g,
		$sql =~ /\bCOLLATE (?!\w+\.)(\w+)/g,
		$sql =~ /\b(?:FROM|JOIN)\s+(?!LATERAL\b)(\w+)(?![\w.])/g,
		$sql =~ /\b(IN|I?LIKE|BETWEEN|SIMILAR|NULLIF|USING|NATURAL|IS (?:NOT )?DISTINCT)\b/g,
		$sql =~ /\b(CASE)\s+(?!WHEN\b)/g);
}

is(join(' ', unqualified("SELECT pg_catalog.min(a.b) OPERATOR(pg_catalog.=)"
			. " 'x = y'::pg_catalog.text FROM s.a")), '', 'a qualified query');
is(join(' ', unqualified("SELECT upper(a.b) || 'x'::text COLLATE \"C\" FROM a WHERE b IN (1)")),
	'| | upper text quoted a IN', 'one that is not');
is(join(' ', unqualified('WITH w AS (SELECT FROM s.a) SELECT FROM w, s.b JOIN x')), 'x',
	'names that WITH defines');

my $node = PostgreSQL::Test::Cluster->new('qualified');
$node->init;
$node->append_conf('postgresql.conf', "balance.log_queries = on\n");
$node->start;
foreach my $test ('overloads', 'identifiers')
{
	$node->safe_psql('postgres', "CREATE DATABASE $test");
	$node->safe_psql($test, 'CREATE EXTENSION balance');
	$node->psql($test, slurp_file("sql/$test.sql"));
}
$node->stop;

my $log = slurp_file($node->logfile);
my %queries;
$queries{$1}++ while $log =~ /query over ledger "[^\n]*?": (.*?)(?=\n\d{4}-\d\d-\d\d )/gs;
cmp_ok(scalar keys %queries, '>', 100, 'there are queries of many kinds');
my @found = map { my @names = unqualified($_); @names ? "@names in\n$_" : () } sort keys %queries;
is(join("\n", @found), '', 'and nothing in them is looked up by search_path');
done_testing();
