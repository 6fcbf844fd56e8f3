# src/ledger/columns.def, the tables of create_ledger() and the guide's table of
# relations have the same relations and columns in the same order, and agree on
# types, on what is required and on comments.  Runs in the tree that make test
# has built.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my %types = (
	IDENTIFIER => 'text', TEXT => 'text', CURRENCY => 'text', STATUS => 'text',
	MONEY => 'numeric', UNITS => 'numeric', MINOR_UNITS => 'bigint', BOOLEAN => 'boolean',
	DATE => 'date', INSTANT => 'timestamp with time zone', DUE => 'date', JSON => 'jsonb');

# The comment in what columns.def says of a relation or column, '' if there is none.
sub comment
{
	my ($said) = @_;
	my ($literals) = $said =~ /\.comment = ((?:"[^"]*"\s*)+)/ or return '';
	return join '', $literals =~ /"([^"]*)"/g;
}

my $def = slurp_file('src/ledger/columns.def');
my (@relations, @listed, %distributed);
while ($def =~ /^(RELATION|COLUMN|AMOUNT)\((\w+), (.*?)\)\n(?=RELATION|COLUMN|AMOUNT|END)/gms)
{
	my ($macro, $name, $said) = ($1, $2, $3);
	if ($macro eq 'RELATION')
	{
		my ($key) = $said =~ /^"(\w+)"/;
		push @relations, { name => $name, key => $key // '', columns => [] };
		push @listed, "$name|||" . comment($said);
		next;
	}
	$said = "MONEY, $said" if $macro eq 'AMOUNT';
	my ($kind, $required) = $said =~ /^(\w+), (REQUIRED|OPTIONAL)\b/
	  or BAIL_OUT("columns.def: $name is neither required nor optional");
	my $not_null = $required eq 'REQUIRED' && $said !~ /\.nullable = true/;
	push @{ $relations[-1]{columns} }, { name => $name, required => $required eq 'REQUIRED' };
	push @listed, join '|', "$relations[-1]{name}.$name", $types{$kind} // "unknown kind $kind",
	  $not_null ? 'required' : '', comment($said);
	$distributed{ $listed[-1] } = 1 if $said =~ /\.distributed = true/;
}
my @lines = $def =~ /^(?:RELATION|COLUMN|AMOUNT)\(/gm;
is(scalar @listed, scalar @lines, 'columns.def can be read');
cmp_ok(scalar @relations, '>=', 8, 'and has relations');

# The guide marks what is required by bold type, and explains some types in parentheses.
my $readme = slurp_file('docs/guides/ledgers.md');
my ($table) =
  $readme =~ /^\| Relation \| Columns \(required ones in bold\) \|\n\|---\|---\|\n((?:\|.*\n)+)/m;
my @shown;
for (split /\n/, $table // '')
{
	my ($relation, $columns) = /^\| `(\w+)` \| (.*) \|$/ or next;
	$columns =~ s/ \([^)]*\)//g;
	my $bold = 0;
	my @columns;
	for my $part (split /(\*\*|, )/, $columns)
	{
		$bold = !$bold if $part eq '**';
		push @columns, $bold ? "$part*" : $part if $part =~ /^\w+$/;
	}
	push @shown, "$relation: @columns";
}
my @wanted = map {
	my @columns = map { $_->{name} . ($_->{required} ? '*' : '') } @{ $_->{columns} };
	"$_->{name}: @columns";
} @relations;
is_deeply(\@shown, \@wanted, "the guide's table has the relations and columns of columns.def");

my $node = PostgreSQL::Test::Cluster->new('columns');
$node->init(extra => [ '--locale=C', '--encoding=UTF8' ]);
$node->start;
$node->safe_psql('postgres', "CREATE EXTENSION balance; SELECT balance.create_ledger('made')");
my @made = split /\n/, $node->safe_psql('postgres', <<'SQL');
SELECT concat_ws('|', relname || coalesce('.' || attname, ''),
	coalesce(format_type(atttypid, atttypmod), ''),
	CASE WHEN attnotnull THEN 'required' ELSE '' END,
	coalesce(CASE WHEN attnum > 0 THEN col_description(c.oid, attnum)
		ELSE obj_description(c.oid, 'pg_class') END, ''))
FROM pg_class c CROSS JOIN LATERAL (
	SELECT NULL AS attname, NULL AS atttypid, NULL AS atttypmod, false AS attnotnull, 0 AS attnum
	UNION ALL SELECT attname, atttypid, atttypmod, attnotnull, attnum FROM pg_attribute
	WHERE attrelid = c.oid AND attnum > 0 AND attidentity = '') a
WHERE relnamespace = 'made'::regnamespace AND relkind = 'r' ORDER BY c.oid, attnum
SQL
is_deeply(\@made, [ grep { !$distributed{$_} } @listed ],
	"create_ledger()'s tables have those of columns.def");

my @keys = split /\n/, $node->safe_psql('postgres', <<'SQL');
SELECT conrelid::regclass || ' ' || attname
FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey)
WHERE connamespace = 'made'::regnamespace AND contype = 'p' AND cardinality(conkey) = 1
	AND attidentity = '' ORDER BY conrelid
SQL
my @wanted_keys = map { "made.$_->{name} $_->{key}" } grep { $_->{key} } @relations;
is_deeply(\@keys, \@wanted_keys, 'and their keys');

my $found = $node->safe_psql('postgres', "SELECT message FROM balance.check_ledger('made')");
is($found, '', 'check_ledger() finds nothing to say about them');

$node->stop;
done_testing();
