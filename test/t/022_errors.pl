# What functions over a ledger raise, their comments say: each is called where something is
# wrong with the session, the rights, the ledger or its rows, and the SQLSTATE that comes is in
# its comment, or in that of a function to which its sentence about errors refers.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Calls qw(@calls $rows);

my $node = PostgreSQL::Test::Cluster->new('errors');
$node->init(extra => [ '--no-locale', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', "jit = off\n");
$node->start;

# Ledgers with which something is wrong: views over one in order, and what they change.
my %changed = (
	typed => { map { $_ => 'to_jsonb(t) AS currency' } qw(invoice deposit vcu_invoice vcu_order
			credit_memo payment exchange_rate) },
	lacking => { map { $_ => '' } qw(invoice deposit vcu_invoice vcu_order credit_memo payment
			exchange_rate) },
	units => { invoice => 'currency, 1 AS total_minor, 1 AS amount_due_minor,
			1 AS amount_remaining_minor', deposit => 'currency, 1 AS amount_minor',
		payment => 'currency, 1 AS amount_minor' },
	unknown => { map { $_ => q('nil'::text AS currency) } qw(invoice deposit vcu_invoice vcu_order
			credit_memo payment exchange_rate) },
	twice => { customer => 'NULL::text AS currency', copies => 2 },
	again => { invoice => 'currency', copies => 2 });
$node->safe_psql('postgres', <<"SQL");
CREATE EXTENSION balance;
SELECT balance.create_ledger('plain');
SET search_path = plain;
$rows
UPDATE invoice SET issued_at = '2025-12-01Z';
INSERT INTO payment (payment_id, customer_id, currency, amount, paid_at, invoice_id)
VALUES ('p1', 'c1', 'usd', 1, '2025-12-05Z', 'i1');
UPDATE invoice SET amount_remaining = 4 WHERE invoice_id = 'i1';
CREATE SCHEMA hollow;
CREATE ROLE regress_nobody;
CREATE ROLE regress_definer SUPERUSER;
GRANT USAGE ON SCHEMA plain TO regress_nobody;
CREATE FUNCTION public.as_definer(query text) RETURNS void SECURITY DEFINER LANGUAGE plpgsql
AS \$\$ BEGIN EXECUTE query; END \$\$;
ALTER FUNCTION public.as_definer(text) OWNER TO regress_definer;
SQL
foreach my $ledger (sort keys %changed)
{
	my $change = $changed{$ledger};
	my $copies = $change->{copies} // 1;

	$node->safe_psql('postgres', "CREATE SCHEMA $ledger");
	foreach my $relation (split /\n/, $node->safe_psql('postgres',
			q{SELECT relname FROM pg_class WHERE relnamespace = 'plain'::regnamespace
			AND relkind = 'r'}))
	{
		my $columns = $node->safe_psql('postgres', "SELECT string_agg(attname, ', ')
			FROM pg_attribute WHERE attrelid = 'plain.$relation'::regclass AND attnum > 0
			AND NOT attisdropped"
			  . (exists $change->{$relation} ? " AND attname <> 'currency'" : ''));
		my $list = join ', ', grep { $_ ne '' } $columns, $change->{$relation} // '';
		my $from = $relation eq 'customer' || $relation eq 'invoice' ? $copies : 1;

		$from = 1 unless exists $change->{$relation};
		$node->safe_psql('postgres', "CREATE VIEW $ledger.$relation AS SELECT $list
			FROM plain.$relation AS t, generate_series(1, $from) AS copy");
	}
}

# What the comments say of errors, by function; and which functions each refers to.
my %comment;
foreach my $row (split /\x1e/, $node->safe_psql('postgres', q{SELECT p.proname,
		string_agg(d.description, ' ') FROM pg_proc AS p JOIN pg_description AS d
		ON d.classoid = 'pg_proc'::regclass AND d.objoid = p.oid
		WHERE pronamespace = 'balance'::regnamespace GROUP BY 1},
		extra_params => [ '-F', "\x1f", '-R', "\x1e" ]))
{
	my ($name, $text) = split /\x1f/, $row;
	$comment{$name} = $text =~ s/\s+/ /gr;
}

sub says
{
	my ($function, $sqlstate, %seen) = @_;
	my $text = $comment{$function} // '';

	return 1 if $text =~ /\b$sqlstate\b/;
	$seen{$function} = 1;
	foreach my $about ($text =~ /(\b(?:[Ee]rrors|[Rr]aises what)\b.*?(?:\.(?=\s|$)|$))/g)
	{
		foreach my $other ($about =~ /(\w+)\(/g)
		{
			return 1 if !$seen{$other} && says($other, $sqlstate, %seen);
		}
	}
	return 0;
}

# Calls the functions one after the other, and what each raised, as "function SQLSTATE".
sub raised
{
	my ($before, $ledger, $after, %replaced) = @_;
	my $script = "\\set VERBOSITY sqlstate\n\\set ON_ERROR_ROLLBACK on\n$before\n";

	foreach my $call (grep { /balance\.\w+\(/ } @calls)
	{
		my ($function) = $call =~ /balance\.(\w+)/;
		my $sql = $call;

		if (defined $ledger) { $sql =~ s/LEDGER/$ledger/g }
		else { $sql =~ s/(?:,\s*)?ledger => 'LEDGER'//; $sql =~ s/'LEDGER'/NULL/ }
		# past, too, where there is one
		foreach my $query ($sql, $sql =~ /(?:_at|open_items)\('c1'/ ?
			$sql =~ s/('c1')/$1, '2026-01-15Z'/r : $sql =~ /(?:s_at|aged_receivables)\(/ ?
			$sql =~ s/\((?=(\)?))/'(\'2026-01-15Z\'' . ($1 ? '' : ', ')/er : ())
		{
			my $run = $after eq '' ? $query : $after =~ s/QUERY/$query/r;

			$run =~ s/\Q$_\E/$replaced{$_}/g foreach keys %replaced;
			$script .= "\\warn \@$function\n$run;\n";
		}
	}
	my (undef, undef, $errors) = $node->psql('postgres', $script, on_error_stop => 0);
	my ($function, %raised);
	foreach my $line (split /\n/, $errors)
	{
		if ($line =~ /^\@(\w+)/) { $function = $1 }
		elsif ($line =~ /ERROR:\s+(\w{5})/ && defined $function) { $raised{"$function $1"} = 1 }
	}
	return sort keys %raised;
}

my $rewritten = '\! psql -X -q -d ' . "'" . $node->connstr('postgres') . "'"
  . join('', map { " -c 'VACUUM FULL plain.$_'" } qw(customer invoice deposit vcu_invoice vcu_order
	credit_memo payment exchange_rate));
# the condition, how often its SQLSTATE comes at least, and how to bring it about
my @conditions = (
	[ 'TimeZone is of no zone', '22023', 20, q{SET TimeZone = 'Factory';}, 'plain', '' ],
	[ 'opened by another server', '0A000', 20, q{SET application_name = 'postgres_fdw';},
		'plain', '' ],
	[ 'no such ledger', '3F000', 30, q{SET balance.ledger = 'nosuch';}, undef, '' ],
	[ 'no right', '42501', 30, 'SET ROLE regress_nobody;', 'plain', '' ],
	[ 'the setting of a caller', '42501', 30,
		q{SET ROLE regress_nobody; SET balance.ledger = 'plain';}, undef,
		'SELECT public.as_definer($query$QUERY$query$)' ],
	[ 'no relation', '42P01', 25, '', 'hollow', '' ],
	[ 'a column of a wrong type', '42804', 25, '', 'typed', '' ],
	[ 'no column', '42703', 25, '', 'lacking', '' ],
	[ 'amounts in both units', '42702', 20, '', 'units', '' ],
	[ 'an unknown currency', '22023', 20, '', 'unknown', '' ],
	[ 'a customer there twice', '21000', 10, '', 'twice', '' ],
	[ 'an invoice there twice', '21000', 10, '', 'again', '' ],
	[ 'nobody', 'P0002', 10, '', 'plain', '', q{'c1'} => q{'nobody'} ],
	[ 'rewritten behind the snapshot', '40001', 25,
		"BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM pg_class LIMIT 1;\n$rewritten",
		'plain', '' ]);
foreach my $condition (@conditions)
{
	my ($name, $sqlstate, $least, $before, $ledger, $after, %replaced) = @$condition;
	my @raised = raised($before, $ledger, $after, %replaced);

	cmp_ok(scalar(grep { / $sqlstate$/ } @raised), '>=', $least, "$name: $sqlstate is raised");
	is(join("\n", grep { !says(split / /) } @raised), '', "$name: comments say what is raised");
}

$node->stop;
done_testing();
