# README.md and the guides keep their word: their SQL runs in order, page by page, and
# prints what is shown; the functions, relations, make targets and links that they name
# are there; and no function that users call is left out.  Runs in the tree that make
# test has built.  (Guides whose queries 022_reference.pl runs are looked at for the
# rest.)
#
# A block right behind an sql block is what that prints: ```json the one value of
# its last statement, a block without a language the rows as psql shows them.
# Any other block without a language is a position.  Where an example wants more
# than the tables made here, the SQL for it goes before it in a comment,
# <!-- test: INSERT INTO ... -->.
use strict;
use warnings;
use File::Basename qw(dirname);
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my %made = map { ("docs/guides/$_.md" => 1) } qw(bi postgrest testing);
my @pages = ('README.md',
	map({ "docs/guides/$_.md" } qw(upgrading positions statuses ledgers reports statements
		your-tables past maintained growing applications rights performance errors)),
	sort(keys %made), 'docs/tested.md');
my %page = map { ($_ => slurp_file($_)) } @pages;
is(join(' ', grep { !exists $page{$_} } glob 'docs/guides/*.md'), '', 'no guide is left out');
my $node = PostgreSQL::Test::Cluster->new('readme');
$node->init(extra => [ '--locale=C', '--encoding=UTF8' ]);
$node->start;

# The tables that a reader is supposed to have: Flexprice's as its own test has
# them, with a row to show, and invoices of no particular make.
my ($flexprice) = slurp_file('sql/flexprice.sql') =~ /^---- Flexprice's tables ----\n(.*?)^---- /ms;
ok($flexprice, "sql/flexprice.sql has Flexprice's tables");
$node->safe_psql('postgres', $flexprice . <<'SQL');
INSERT INTO flexprice.customers (id, external_id, name, tenant_id, environment_id)
VALUES ('cust_1', 'northwind', 'Northwind', 'tenant_acme', 'env_live');
CREATE TABLE my_invoices (number int, tenant text, region text, currency text, status text,
	payment_status text, total numeric,
	amount_due numeric, amount_remaining numeric, issued_on date, due_on date);
INSERT INTO my_invoices VALUES
	(16, 'acme', 'north', 'usd', 'finalized', 'pending', 120.50, 120.50, 50.25, '2026-01-01',
		'2026-01-31'),
	(17, 'acme', 'north', 'usd', 'finalized', NULL, 7.50, 7.50, 7.50, '2026-02-01', '2026-03-03'),
	(18, 'acme', 'south', 'eur', 'paid', NULL, 10, 10, 0, '2026-02-01', NULL),
	(19, 'other', 'south', 'usd', 'draft', NULL, 7, 7, 7, '2026-03-01', NULL);
SQL

# Code blocks in order; a comment's SQL is one that does not count.
sub blocks_of
{
	my ($name) = @_;
	my $text = $page{$name};
	my @blocks;

	while ($text =~ /^<!--\ test:(?<setup>.*?)-->$ | ^```(?<language>\w*)\n(?<code>.*?)^```$/gmsx)
	{
		push @blocks,
			{ at => "$name:" . (1 + (substr($text, 0, $-[0]) =~ tr/\n//)), end => $+[0],
			start => $-[0], language => $+{language} // 'setup',
			code => $+{code} // $+{setup} };
	}
	for my $i (1 .. $#blocks)
	{
		my ($before, $block) = @blocks[ $i - 1, $i ];
		my $between = substr $text, $before->{end}, $block->{start} - $before->{end};
		$before->{shows} = $block
		  if $before->{language} eq 'sql' && $block->{language} =~ /^(json)?$/
		  && $between =~ /^\s*$/;
	}
	return @blocks;
}
my @blocks = map { blocks_of($_) } grep { !$made{$_} } @pages;

# All in one session, as a reader would; what each prints ends with a line of
# its own.  An error ends the session, so what is behind it fails as well.
my @examples = grep { $_->{language} =~ /^(sql|setup)$/ } @blocks;
my $end = '---- end of an example ----';
my ($out, $err) = ('', '');
IPC::Run::run(
	[ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres') ],
	'<', \join('', map {
		my $unaligned = $_->{shows} && $_->{shows}{language} eq 'json' ? 'on' : 'off';
		"\\pset tuples_only $unaligned\n\\pset format "
		  . ($unaligned eq 'on' ? 'unaligned' : 'aligned') . "\n$_->{code}\n;\n\\echo $end\n"
	} @examples),
	'>', \$out, '2>', \$err,
	init => sub { $ENV{PGCLIENTENCODING} = 'UTF8' });
my @outputs = $out =~ /(.*?)^\Q$end\E\n/gms;

sub trimmed
{
	my ($text) = @_;
	$text =~ s/[ \t]+$//gm;
	$text =~ s/^\n+|\n+$//g;
	return $text;
}

for my $i (0 .. $#examples)
{
	my ($example, $output) = ($examples[$i], $outputs[$i]);
	my $shows = $example->{shows};
	ok(defined $output, "$example->{at} runs") or diag $err;
	$err = '' unless defined $output;
	next unless $shows;
	if ($shows->{language} eq 'json')
	{
		my $json = JSON::PP->new->canonical->allow_nonref->allow_bignum;
		is(eval { $json->encode($json->decode($output)) } // $output,
			$json->encode($json->decode($shows->{code})),
			"$shows->{at} is what it gives");
	}
	else
	{
		is(trimmed($output // ''), trimmed($shows->{code}),
			"$shows->{at} is what it prints");
	}
}
cmp_ok(scalar(grep { $_->{language} eq 'sql' } @blocks), '>', 0, 'there are examples');
is($err, '', 'and nothing to complain of');

my %shown = map { $_->{shows} ? ($_->{shows} => 1) : () } @blocks;
for my $block (grep { $_->{language} eq '' && !$shown{$_} } @blocks)
{
	my ($position) = $block->{code} =~ /^(\S.*)\n\z/;
	is($node->safe_psql('postgres',
		"SELECT \$\$$position\$\$::balance.position"), $position,
		"$block->{at} is a position");
}

# Everything but blocks and comments, and its code spans.
my %prose = map { ($_ => $page{$_} =~ s/^```.*?^```$|<!--.*?-->//gmsr) } @pages;
my $prose = join "\n", @prose{@pages};
my @spans = $prose =~ /`([^`\n]+)`/g;

# Functions by name, each with the names of its arguments, or of their types
# where they have none.  What types, operators, casts and aggregates call is not
# for users, nor what the planner asks about a function.
my %functions;
for my $line (split /\n/, $node->safe_psql('postgres', <<'SQL'))
SELECT p.proname, array_to_string(ARRAY(
	SELECT COALESCE(NULLIF(p.proargnames[i], ''), t.typname)
	FROM generate_series(1, p.pronargs) i JOIN pg_type t ON t.oid = p.proargtypes[i - 1]
	ORDER BY i), ' '),
	EXISTS (SELECT FROM pg_depend d WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid
		AND
			(d.classid IN ('pg_type'::regclass, 'pg_operator'::regclass, 'pg_cast'::regclass,
			'pg_amproc'::regclass)
			OR d.classid = 'pg_proc'::regclass AND d.objid IN (SELECT aggfnoid FROM pg_aggregate)
			OR d.classid = 'pg_proc'::regclass
				AND d.objid IN (SELECT oid FROM pg_proc WHERE prosupport = p.oid)))
FROM pg_proc p WHERE p.pronamespace = 'balance'::regnamespace
SQL
{
	my ($name, $arguments, $is_support) = split /\|/, $line;
	push @{ $functions{$name}{arguments} }, $arguments;
	$functions{$name}{users} = 1 if $is_support eq 'f';
}

# Rows of tables, by what their first column is headed; calls in that column.
my (%rows, @calls);
while ($prose =~ /^\|\s*(.*?)\s*\|.*\n\|[-|: ]+\n((?:\|.*\n)+)/gm)
{
	push @{ $rows{$1} }, split /\n/, $2;
}
for my $row (map { @$_ } values %rows)
{
	my ($first) = $row =~ /^\|((?:[ ,]*`[^`]+`)+) *\|/ or next;
	push @calls, grep { /^\w+\(/ } $first =~ /`([^`]+)`/g;
}
for my $call (sort @calls)
{
	my ($name, $arguments) = $call =~ /^(\w+)\((.*)\)$/;
	my @named = split /,\s*/, $arguments // '';
	ok((grep { $_ eq "@named" } @{ $functions{ $name // '' }{arguments} // [] }), "$call is there")
	  or diag 'there is ' . join ', ', map { "($_)" }
	    @{ $functions{ $name // '' }{arguments} // [] };
}
cmp_ok(scalar(@calls), '>', 0, 'there are tables of functions');

my %mentioned = map { $_ => 1 } map { /^(?:balance\.)?(\w+)\(/ } @spans;
is(join(' ', grep { $functions{$_}{users} && !$mentioned{$_} } sort keys %functions), '',
	'no function that users call is left out');
is(join(' ', grep { /^(?:to|tally)_\w+$/ && !$functions{$_} } sort keys %mentioned), '',
	'... and none is named that is not there');

# Relations that a ledger may have, with their columns: those of create_ledger's,
# of which some have one only where they are distributed.
$node->safe_psql('postgres',
	q{SELECT balance.create_ledger('readme_ledger', distributed => true)});
for my $row (@{ $rows{Relation} // [] })
{
	my ($relation, $columns) = $row =~ /^\| *`(\w+)` *\| *(.*?) *\|$/;
	$columns =~ s/\([^)]*\)|\*//g;
	my %has = map { $_ => 1 } split ' ',
		$node->safe_psql('postgres', qq{SELECT string_agg(attname, ' ') FROM pg_attribute
		WHERE attrelid = to_regclass('readme_ledger.$relation')});
	is(join(' ', grep { !$has{$_} } split /[ ,]+/, $columns), '',
		"relation $relation has the columns it is said to have");
}
cmp_ok(scalar(@{ $rows{Relation} }), '>', 0, 'there is a table of relations');
like($node->safe_psql('postgres',
	qq{SELECT string_agg(relname, ' ') FROM pg_class
	WHERE relnamespace = 'readme_ledger'::regnamespace}),
	qr/\b$_\b/, "view $_ is there")
  for do { my %seen;
    grep { !$functions{$_} && !$seen{$_}++ } join(' ', values %page) =~ /\b(report_\w+)/g };
$node->stop;

# make's targets and variables, in shell blocks and in the text.
my @shell = map { split /\n/, $_->{code} } grep { $_->{language} eq 'sh' } @blocks;
my %targets = map { $_ => 1 } map { split } map { /\bmake((?:[ ]+[a-z][-\w]*(?![\w=]))*)/ } @spans,
	map { s/#.*//r } @shell;
for my $target (sort keys %targets)
{
	my $said = '';
	ok(IPC::Run::run([ 'make', '-n', $target ], '>&', \$said), "make $target is there")
	  or diag $said;
}
cmp_ok(scalar(keys %targets), '>', 0, 'there are targets');
my $scripts = join '', map { slurp_file($_) } 'Makefile',
	glob('test/*.sh test/parts/*.sh test/t/*.pl');
like($scripts, qr/\b$_\b/, "variable $_ is used")
  for do { my %seen; grep { !$seen{$_}++ } map { /\b([A-Z][A-Z_]+)=/g } @shell };

# Links to headings and to files, and files by their names.
my %headings;
sub headings_of
{
	my ($name) = @_;
	$headings{$name} //= { map { lc(s/[^\w\s-]//gr =~ s/ /-/gr) => 1 }
		  slurp_file($name) =~ s/^```.*?^```$//gmsr =~ /^#+ +(.*)$/gm };
	return $headings{$name};
}
for my $name (@pages)
{
	my $folder = dirname($name);

	for my $link ($prose{$name} =~ /\]\(([^)]+)\)/g)
	{
		next if $link =~ /^https?:/;
		my ($file, $heading) = split /#/, $link;
		my $path = $file eq '' ? $name : "$folder/$file";
		ok(-e $path && (!defined $heading || headings_of($path)->{$heading}),
			"link $link of $name leads somewhere");
	}
}
ok(-e $_, "$_ is there")
  for do { my %seen;
    grep { !$seen{$_}++ && !/\*/ }
    map { m{^(?:bash )?((?:src|sql|test|specs)/[\w./-]*)(?:\s+#|$)} } @spans, @shell };

done_testing();
