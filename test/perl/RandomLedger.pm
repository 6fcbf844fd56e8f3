# Random ledgers, each from a seed: the same seed gives the same SQL.
package RandomLedger;

use strict;
use warnings;

# Those of Wingback's page, and others with 0, 3, 4 and no minor digits.
our @page_currencies = qw(usd eur gbp brl ars);
our %minor_digits = (
	(map { $_ => 2 } @page_currencies),
	jpy => 0, kwd => 3, clf => 4, xau => 0,
	hrk => 2, itl => 0);    # withdrawn
our @currencies = sort keys %minor_digits;

# what tells ids of several ledgers in one schema apart
my $suffix = '';

my @invoice_statuses = (undef, qw(
	draft pending_validation scheduled finalized open issued sent viewed posted
	approved authorized authorised overdue past_due due payment_due unpaid not_paid
	partially_paid partly_paid partial paid refunded partially_refunded
	marked_as_paid auto_paid settled voided void canceled cancelled cancel deleted
	reversed skipped written_off uncollectible));
my @payment_statuses = (undef, qw(
	none initiated pending processing in_payment authorized requires_action failed
	voided unpaid not_paid partially_paid partly_paid partial disputed dispute_lost
	charged_back succeeded paid overpaid refunded partially_refunded));
my @deposit_statuses = (
	'settled', 'Settled', 'Pending Review', 'it\'s "odd" \\ {}', "tab\there",
	'zurückgezahlt ☃', '', 'x' x 300);
my @memo_statuses = qw(
	draft issued issued issued partially_applied partially_applied
	fully_applied applied void voided);
my @unit_invoice_statuses = qw(paid paid paid pending overdue cancelled refunded);
my @unit_order_statuses = qw(issued issued billed paid cancelled refunded);

# Instants and zones that an invoice summary may be asked for; due dates lie
# around them.  In every zone they are close to midnight.
our @as_of = (
	[ '2024-03-31 00:00:00Z', 'UTC' ],
	[ '2024-03-31 23:59:59.999999Z', 'UTC' ],
	[ '2024-03-30 10:00:00Z', 'Pacific/Kiritimati' ],
	[ '2024-03-31 11:59:59.999999Z', 'Etc/GMT+12' ],
	[ '2024-03-31 18:15:00Z', 'Asia/Kathmandu' ],
	[ '2024-03-30 23:00:00Z', 'Europe/Berlin' ],    # the day the clocks change
	[ '2024-03-31 22:00:00Z', 'Europe/Berlin' ],
	[ 'infinity', 'UTC' ],
	[ '-infinity', 'UTC' ]);

# Zones and days whose bounds VCU periods may have; most have an odd midnight.
our @days = (
	[ 'UTC', '2024-02-28', '2024-02-29', '2024-03-01' ],
	[ 'Asia/Kathmandu', '2024-02-29', '2024-03-01', '2024-03-02' ],
	# the 4th begins at one o'clock
	[ 'America/Sao_Paulo', '2018-11-03', '2018-11-04', '2018-11-05' ],
	# the 5th has its first hour twice
	[ 'America/Havana', '2023-11-04', '2023-11-05', '2023-11-06' ],
	[ 'Atlantic/Azores', '2023-10-28', '2023-10-29', '2023-10-30' ],      # and so has this 29th
	[ 'Pacific/Apia', '2011-12-29', '2011-12-30', '2011-12-31' ]);        # the 30th never was

sub pick { return $_[ int rand @_ ]; }

sub chance { return rand() < shift; }

sub digits { return join '', map { int rand 10 } 1 .. shift; }

# An id that is there once.
sub id { return digits(12) . '-' . shift() . $suffix; }

sub quote
{
	my ($text) = @_;
	return 'NULL' unless defined $text;
	$text =~ s/'/''/g;
	return "'$text'";
}

sub maybe { return quote(chance(0.5) ? shift : undef); }

sub any_case { return join '', map { chance(0.5) ? uc : lc } split //, shift; }

# A word as it may be spelled: in any case, with any separator or none.
sub spelled
{
	my ($word) = @_;
	return 'NULL' unless defined $word;
	$word =~ s/_/pick('_', '-', ' ', '')/eg;
	return quote(chance(0.5) ? $word : any_case($word));
}

# Amounts are text, so that Perl rounds nothing.
sub tame_amount
{
	my $amount = pick(
		'0', int(rand 1e6), int(rand 1e4) . '.' . digits(2),
		'0.' . digits(8), int(rand 1e3) . '.5000000');
	return ($amount ne '0' && chance(0.1) ? '-' : '') . $amount;
}

# Around the bounds of 64 and 128 bits, and far beyond.
sub wild_amount
{
	return pick('', '-') . pick(
		'100000000000000000000', '92233720368547758.0' . pick(7, 8),
		'922337203685477580' . pick(7, 8), '1844674407370955161' . pick(5, 6),
		'17014118346046923173168730371588410572' . pick(7, 8),
		'9' x 24 . '.999999999999', '1' . '0' x 40 . '.5', digits(3) . '.' . digits(25),
			'0.' . '0' x 24 . '1',
		digits(150) . '.' . digits(30));
}

sub amount
{
	my ($customer) = @_;
	return $customer->{wild} && chance(0.4) ? wild_amount() : tame_amount();
}

# A due date around the instants above.
sub due
{
	my ($type) = @_;
	return 'NULL' if chance(0.1);
	return quote(pick('infinity', '-infinity')) . "::$type" if chance(0.1);
	return "'2024-03-" . (28 + int rand 4) . "'::date" if $type eq 'date';
	return "timestamptz '" . pick(@as_of)->[0] . "' + "
	  . pick("'0'", "'-1us'", "'1us'", "'1 day'", "'-1 day'") . "::interval";
}

# An instant around a bound of the days above, or around now.
sub instant
{
	return 'now() ' . pick('-', '+') . " interval '1 day'" if chance(0.1);
	my ($zone, undef, $day) = @{ pick(@days) };
	return "timestamp '$day' AT TIME ZONE '$zone' + interval '"
	  . pick('0', '-1us', '1us', '30min', '-30min', '24h', '23h 59min', '-24h', '36h') . "'";
}

# Zone and ends of a period of those days; an end may be open.
sub period
{
	my ($zone, @period) = @{ pick(@days) };
	my $from = int rand 3;
	my $to = $from + int rand(3 - $from);
	return ($zone, map { chance(0.7) ? $period[$_] : undef } $from, $to);
}

sub insert
{
	my ($table, $columns, $rows) = @_;
	return '' unless @$rows;
	return "INSERT INTO $table ($columns) VALUES\n"
	  . join(",\n", map { '(' . join(', ', @$_) . ')' } @$rows) . ";\n";
}

# The SQL that makes a ledger.  Options: name, seed, due_type (date or
# timestamptz), currencies (all of the above), ledgers.  Several ledgers, of this
# seed and those that follow, come into one schema: their customers and ids end
# in their seed, and are otherwise the same as in a ledger of that seed alone.
sub sql
{
	my (%option) = @_;
	my $ledgers = $option{ledgers} || 1;
	my %rows;

	for my $seed ($option{seed} .. $option{seed} + $ledgers - 1)
	{
		$suffix = $ledgers > 1 ? " #$seed" : '';
		my $one = rows(%option, seed => $seed);
		push @{ $rows{$_} }, @{ $one->{$_} } for keys %$one;
	}
	$suffix = '';

	return "SELECT balance.create_ledger('$option{name}');\nSET search_path = $option{name};\n"
	  . ($option{due_type} eq 'date' ? ''
	    : "SELECT balance.drop_report_views('$option{name}');
		ALTER TABLE invoice ALTER due_date TYPE $option{due_type};\n"
		. "SELECT balance.create_report_views('$option{name}');\n")
	  . join '', map { insert($_->[0], $_->[1], $rows{ $_->[0] } || []) } (
		[ customer => 'customer_id, wb_customer_id, business_id, customer_name, default_currency' ],
		[ invoice => 'invoice_id, customer_id, currency, invoice_status, payment_status, number, '
			  . 'total, amount_due, amount_remaining, due_date' ],
		[ invoice_line_item => 'invoice_id, price_type, amount' ],
		[ deposit => 'deposit_id, customer_id, currency, status, amount' ],
		[ vcu_invoice => 'vcu_invoice_id, customer_id, currency, status, units, created_at, '
			  . 'paid_at' ],
		[ vcu_order => 'vcu_order_id, customer_id, currency, status, units, pay_with_balance, '
			  . 'created_at' ],
		[ credit_memo => 'credit_memo_id, business_id, customer_id, status, currency, amount, '
			  . 'amount_applied, issue_date, created_at, updated_at, reason, invoice_id, number, '
			  . 'applied_date, description, internal_notes, line_items, voided_at, voided_reason, '
			  . 'customer_name, invoice_number' ],
		[ credit_memo_application => 'application_id, credit_memo_id, invoice_id, '
			  . 'amount_applied, applied_at, applied_by_user_id' ]);
}

# The rows of one ledger, by table.
sub rows
{
	my (%option) = @_;
	my @currencies = @{ $option{currencies} || \@RandomLedger::currencies };
	my (@customers, %rows);

	srand($option{seed});
	for my $n (1 .. 8)
	{
		my $customer = {
			id => quote(pick("c$n", "Cust_$n", "O'Neil \\ \"$n\"", "Müller ☃ $n", " $n") . $suffix),
			wild => chance(0.5),
			most => $n == 2 ? 25 : pick(0, 3, 12, 25),
			currencies => [ map { pick(@currencies) } 1 .. pick(1, 1, 2, 5) ] };
		push @customers, $customer;
		push @{ $rows{customer} }, [
			$customer->{id}, maybe("Wb_$n"), quote(pick(undef, 'b1', 'b2')), maybe("Name $n"),
			maybe(any_case(pick(@currencies))) ];
	}

	# the first has nothing at all
	for my $customer (@customers[ 1 .. $#customers ])
	{
		my $id = $customer->{id};
		my $currency = sub { return quote(any_case(pick(@{ $customer->{currencies} }))); };
		my $count = sub { return 1 .. int rand($customer->{most} + 1); };

		for my $n ($count->())
		{
			my $invoice = quote(id($n));
			push @{ $rows{invoice} }, [
				$invoice, $id, $currency->(), spelled(pick(@invoice_statuses)),
				spelled(pick(@payment_statuses)), maybe("INV-$n"),
				(map { amount($customer) } 1 .. 3), due($option{due_type}) ];
			push @{ $rows{invoice_line_item} }, [
				$invoice,
					pick('NULL', map { quote($_) } any_case('usage'), any_case('fixed'),
					'seat', ''),
				amount($customer) ]
			  for 1 .. int rand 6;
		}
		push @{ $rows{deposit} }, [
			quote(id($_)), $id, $currency->(), quote(pick(@deposit_statuses)),
			amount($customer) ]
		  for $count->();
		push @{ $rows{vcu_invoice} }, [
			quote(id($_)), $id, $currency->(), spelled(pick(@unit_invoice_statuses)),
			amount($customer), instant(), chance(0.3) ? 'NULL' : instant() ]
		  for $count->();
		push @{ $rows{vcu_order} }, [
			quote(id($_)), $id, $currency->(), spelled(pick(@unit_order_statuses)),
			amount($customer), pick('NULL', 'true', 'false'), instant() ]
		  for $count->();
		memo($customer, \%rows, $currency, $_) for $count->();
	}

	return \%rows;
}

# A credit memo with its applications, whose sum is its amount_applied.
sub memo
{
	my ($customer, $rows, $currency, $n) = @_;
	my $id = quote(id($n));
	my @invoices = map { $_->[0] } @{ $rows->{invoice} || [] };
	my $applied = 0;

	for my $m (1 .. (@invoices ? int rand 4 : 0))
	{
		my $amount = 1 + int rand 1e5;
		$applied += $amount;
		push @{ $rows->{credit_memo_application} }, [
			quote(id($m)), $id, pick(@invoices), $amount,
			"'2024-01-0" . (1 + int rand 9) . pick('', ' 12:00:00.25+01') . "'", maybe('user 7') ];
	}
	push @{ $rows->{credit_memo} }, [
		$id, quote(pick('b1', 'b2')), $customer->{id}, spelled(pick(@memo_statuses)), $currency->(),
		$applied + pick(-1, 0, 1, 5, int rand 1e6, int rand 1e6, 9223372036854775807 - $applied),
			$applied,
		"'2024-01-0" . (1 + int rand 9) . "'",
		# ties are likely
		"'2024-01-0" . (1 + int rand 3) . pick(' 00:00:00Z', ' 23:59:59.999999-12')
		  . "'", instant(),
		quote(pick(qw(pricing_error refund other duplicate_charge_on_file))),
		chance(0.5) ? pick('NULL', @invoices) : 'NULL', maybe("CM-$n"),
			chance(0.3) ? instant() : 'NULL',
		maybe("Überzahlung \"$n\""), maybe(''),
			maybe(pick('{}', '{"1": {"amount": 1.50, "list": []}}')),
		chance(0.2) ? instant() : 'NULL', maybe('why'), maybe('Name then'), maybe('OLD-1') ];
}

1;
