# Documents and error bodies against their publishers' schemas, by
# test/api/validate.py; and what no schema says of amounts and currencies.  The
# environment may give BALANCE_SEED, as a failure prints it.
use strict;
use warnings;

use FindBin;
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RandomLedger;
use Test::More;

my $first_seed = $ENV{BALANCE_SEED} || time;
# Debian's Python, as another one may come first in the path without its modules
my @python = ('/usr/bin/python3');
my $can_validate = -x $python[0] && IPC::Run::run([ @python, '-c', 'import jsonschema' ], '2>',
	\my $reason);

my $node = PostgreSQL::Test::Cluster->new('schemas');
$node->init(extra => [ '--locale=C', '--encoding=UTF8' ]);
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION balance');

# Runs validate.py and returns its lines, one for each that it judged.
sub validate
{
	my ($input, @options) = @_;
	my ($output, $error) = ('', '');
	IPC::Run::run([ @python, "$FindBin::RealBin/../api/validate.py", @options ], \$input,
		\$output, \$error);
	die $error if $error;
	return split /\n/, $output;
}

# Documents are lines as validate.py wants them; all in one test.
sub validate_all
{
	my ($title, @documents) = @_;
  SKIP:
	{
		skip "python3-jsonschema is missing, so $title go UNVALIDATED", 1 unless $can_validate;
		my @verdicts = validate(join '', map { "$_\n" } @documents);
		my @bad = grep { !/^ok - / } @verdicts;
		ok(@documents > 0 && @verdicts == @documents && !@bad, "$title validate")
		  or diag join "\n", scalar(@verdicts) . ' of ' . scalar(@documents)
		    . ' judged, and not ok:', grep defined, @bad[ 0 .. 9 ];
	}
}

# Every document of one kind in a ledger as lines for validate.py.
sub documents
{
	my ($stem, $label, $call, $from) = @_;
	return split /\n/, $node->safe_psql('postgres', <<"SQL");
SET search_path = $from->{ledger};
SET balance.ledger = $from->{ledger};
SELECT concat_ws(E'\\t', '$stem', 'ROOT', concat_ws(' ', '$label', customer_id, $from->{label}),
	$call) FROM customer $from->{join};
SQL
}

# Strings under such a key are amounts.
my %amount_keys = (
	'customer-balance' => qr/total/,
	'invoice-summary' => qr/_amount$|_charges$/,
	'vcu-balance' => qr/^$/,
	'customer-credits' => qr/dollars$/);
my %currency_case = (
	'customer-balance' => qr/^[a-z]{3}$/,
	'invoice-summary' => qr/^[a-z]{3}$/,
	'vcu-balance' => qr/^[A-Z]{3}$/,
	'customer-credits' => qr/^[A-Z]{3}$/);

# What is wrong below a place of a document, whose amounts are in the currency.
sub flaws
{
	my ($stem, $node, $currency) = @_;
	return map { flaws($stem, $_, $currency) } @$node if ref $node eq 'ARRAY';
	return () unless ref $node eq 'HASH';

	my @flaws;
	$currency = $node->{currency} if exists $node->{currency};
	push @flaws, "currency $currency" if defined $node->{currency}
	  && $currency !~ $currency_case{$stem};
	for my $key (sort keys %$node)
	{
		my $value = $node->{$key};
		push @flaws, flaws($stem, $value, $currency);
		next if ref $value || $key !~ $amount_keys{$stem};
		my $digits = $RandomLedger::minor_digits{ lc $currency };
		my $is_decimal = $value =~ /^-?(?:0|[1-9][0-9]*)(?:\.([0-9]+))?$/;
		my $found = length($1 // '');
		push @flaws, "$key $value in $currency"
		  if !$is_decimal || $value =~ /^-0(?:\.0*)?$/ || $found < $digits
		  || ($stem eq 'customer-credits' && $found != $digits);
	}
	return @flaws;
}

# Currencies are in code order, none twice.
sub order_flaws
{
	my @codes = map { $_->{currency} } @_;
	my %unique = map { $_ => 1 } @codes;
	return "@codes" eq join(' ', sort keys %unique) ? () : "order @codes";
}

sub inspect_all
{
	my ($title, @documents) = @_;
	my @flaws;
	for (@documents)
	{
		my ($stem, undef, $label, $text) = split /\t/, $_, 4;
		my $document = decode_json($text);
		my ($asked) = $label =~ /in (\w+)$/;
		my @found = flaws($stem, $document, $asked // '');

		(my $bare = $text) =~ s/"(?:[^"\\]|\\.)*"//g;
		push @found, 'an exponent' if $bare =~ /[0-9.][eE]/;
		if ($stem eq 'customer-balance')
		{
			push @found, order_flaws(@$document),
			  map { "$_->{currency} ready for payment" }
			  grep { $_->{total_invoices_ready_for_payment}
			    ne $_->{invoices}{ready_for_payment}{total} } @$document;
		}
		elsif ($stem eq 'invoice-summary')
		{
			push @found, order_flaws(@{ $document->{summaries} });
			push @found, 'default_currency' if $document->{default_currency} !~ /^(?:[a-z]{3})?$/;
		}
		elsif ($stem eq 'vcu-balance')
		{
			push @found, order_flaws(@{ $document->{balancesByCurrency} });
		}
		push @flaws, map { "$label: $_" } @found;
	}
	ok(@documents > 0 && !@flaws, "$title have amounts and currencies as they must be")
	  or diag join "\n", grep defined, @flaws[ 0 .. 9 ];
}

# The validator itself first
SKIP:
{
	skip "python3-jsonschema is missing, so NOTHING is validated: $reason", 1 unless $can_validate;
	my @verdicts = validate('', '--self-test');
	cmp_ok(scalar @verdicts, '>', 30, 'the validator tests itself');
	ok(/^ok - /, 'validate.py: ' . s/^ok - //r) for @verdicts;
}

# In half of the ledgers only currencies that Wingback's page lists
for my $seed ($first_seed .. $first_seed + 5)
{
	my $is_strict = $seed % 2;
	my $prefix = $is_strict ? 'of the page' : 'any-currency';
	my %kinds = (
		'customer-balance' => [ 'balance.customer_balance(customer_id)', '', '' ],
		'invoice-summary' => [
			'balance.invoice_summary(customer_id, as_of, zone)', "'as of', as_of, zone",
			"CROSS JOIN (VALUES (now(), 'UTC'), ('2024-03-31Z', 'Asia/Tokyo')) a(as_of, zone)" ],
		'vcu-balance' => [
			'balance.vcu_balance(customer_id, s, e)', "'from', s, 'to', e",
			"CROSS JOIN (VALUES (NULL::date, NULL::date), (NULL, '2024-02-29'),
				('2011-12-30', '2999-12-31')) p(s, e)" ],
		'customer-credits' => [
			'balance.customer_credits(customer_id, NULL, code)', "'in', code",
			"CROSS JOIN (SELECT 'USD' UNION SELECT upper(currency) FROM credit_memo) c(code)" ]);

	$node->safe_psql('postgres', RandomLedger::sql(
			seed => $seed,
			name => "ledger_$seed",
			due_type => $seed % 4 < 2 ? 'date' : 'timestamptz',
			$is_strict ? (currencies => \@RandomLedger::page_currencies) : ()));
	for my $stem (sort keys %kinds)
	{
		my ($call, $label, $join) = @{ $kinds{$stem} };
		my $title = "BALANCE_SEED=$seed: $stem";
		my @documents = documents($stem, $prefix, $call,
			{ ledger => "ledger_$seed", label => $label || 'NULL', join => $join });
		validate_all($title, @documents);
		inspect_all($title, @documents);
	}
}

# Error bodies: DayZero's 422 has a schema, its other errors are {"detail": text}
my @sqlstates = qw(P0002 22023 22003 22004 22012 3F000 42P01 42703 42804 42501 28000 28P01
  08006 25006 40001 40P01 53200 53300 54000 57014 57P01 58030 XX000 ZZZZZ);
my $fault = "'Details. At fault is the data of ledger \"l\".'";
for my $detail ("'detail \"\\ ü'", 'NULL', $fault)
{
	my $bodies = sub {
		my ($api, $schema) = @_;
		return map {
			my ($sqlstate, $status, $body) = split /\t/, $_, 3;
			{ status => $status, body => $body,
				line => join("\t", $api, $schema, "$sqlstate $status", $body) }
		} split /\n/, $node->safe_psql('postgres', <<"SQL");
SELECT concat_ws(E'\\t', s, e ->> 'http_status_code', e -> 'body')
FROM unnest('{@{[ join ',', @sqlstates ]}}'::text[]) s,
	balance.error_body('$api', s, E'a "message"\\n', $detail) e;
SQL
	};
	my @flexprice = $bodies->('invoice-summary', 'errors.ErrorResponse');
	validate_all("error bodies of invoice-summary with detail $detail",
		map { $_->{line} } @flexprice);
	is(scalar(grep { $_->{body} =~ /"http_status_code": $_->{status}\b/ } @flexprice),
		scalar @sqlstates,
		"status in the bodies with detail $detail");

	my @dayzero = $bodies->('customer-credits', 'HTTPValidationError');
	my @validation = grep { $_->{status} == 422 } @dayzero;
	if ($detail eq $fault)
	{
		is(scalar @validation, 0, 'no mistake is the caller\'s where the data is at fault');
	}
	else
	{
		validate_all("error bodies of customer-credits with detail $detail",
			map { $_->{line} } @validation);
	}
	my @plain = grep { $_->{status} != 422 } @dayzero;
	is(scalar(grep { $_->{body} eq '{"detail": "a \"message\"\n"}' } @plain), scalar @plain,
		"other error bodies with detail $detail");
	ok(scalar(grep { $_->{status} == 404 } @plain),
		"a missing customer is 404 with detail $detail");
}

$node->stop;
done_testing();
