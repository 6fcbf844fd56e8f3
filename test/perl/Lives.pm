# Plays out a random life of each invoice, payment and credit memo of a ledger, day by day,
# keeps what is true at the end of each day, and compares that with what the extension says
# of each of these days when all is over.  What is true is kept by a machine that knows
# states and events, not dates: it has nothing in common with the extension's queries.
package Lives;
use strict;
use warnings;

use Exporter 'import';
use List::Util qw(max min sum0);
use POSIX qw(floor strftime);
our @EXPORT = qw(play_lives untrue_days);

my %digits = (USD => 2, JPY => 0, KWD => 3);
my @bounds = (30, 60, 90);

# Rows are made once, when all is over; until then an invoice is a hash with what it is now.
sub choose { return $_[ rand @_ ] }
sub chance { return rand() < $_[0] }

sub major
{
	my ($minor, $currency) = @_;
	return sprintf '%s%se-%d', $minor < 0 ? '-' : '', abs $minor, $digits{$currency};
}

# Microseconds since the first day: often the first or the last one of a day.
sub moment
{
	my ($day) = @_;
	my $within = choose(0, 86_399_999_999, floor(rand 86_400) * 1e6, floor(rand 86_400) * 1e6);
	return $day * 86_400_000_000 + $within;
}

# What is going to happen to an invoice, as [moment, what, ...]; it need not make sense, as
# an invoice that is void may still be paid, and one that is not there yet, too.
sub plan_life
{
	my ($invoice, $memos, $days) = @_;
	my $start = floor(rand $days);
	my @plan;
	my $later = sub {
		moment(min($days - 1, max(0, $start - 2 + floor(rand($days - $start + 2)))));
	};

	push @plan, [ moment($start), 'issue', $invoice ] unless $invoice->{draft};
	my $n = choose(0, 0, 1, 1, 2, 3, 5);
	for (1 .. $n)
	{
		my $part = chance(0.5) ? $invoice->{due} :
		  floor($invoice->{due} * rand 1.3) + choose(-1, 1);
		push @plan, [ $later->(), 'pay', $invoice, $part, chance(0.05) ? 'KWD' : undef ];
		push @plan, [ $later->(), 'pay', $invoice, -$part ] if chance(0.2);
	}
	for (1 .. choose(0, 0, 1, 2))
	{
		my $memo = choose(@$memos);
		my $applied = { invoice => $invoice, memo => $memo, amount => 1 + floor(rand 3000) };
		my $at = $later->();
		push @plan, [ $at, 'apply', $applied ];
		push @plan, [ min($at + choose(0, 1, rand(9e11)), $days * 86_400_000_000 - 1), 'reverse',
			$applied ] if chance(0.4);
	}
	push @plan, [ $later->(), 'void', $invoice ] if !$invoice->{draft} && chance(0.15);
	return @plan;
}

# ---- the machine ----

# What was said to be owed changes; of a movement it is counted which kind it is.
sub move
{
	my ($world, $customer, $currency, $kind, $amount) = @_;
	$world->{today}{$customer}{$currency}{$kind} += $amount;
	return;
}

sub is_owed { return $_[0]{issued} && !$_[0]{void} }

my %happens = (
	issue => sub {
		my ($world, $at, $invoice) = @_;
		@$invoice{qw(issued at)} = (1, $at);
		$invoice->{left} = $invoice->{due} - $invoice->{cash};
		$world->{cash}{ $invoice->{customer} }{ $invoice->{currency} } -= $invoice->{cash};
		move($world, @$invoice{qw(customer currency)}, 'invoiced', $invoice->{due});
		apply_now($world, $_) for grep { !$_->{reversed} } @{ $invoice->{applied} };
	},
	pay => sub {
		my ($world, $at, $invoice, $amount, $other) = @_;
		my $currency = $other || $invoice->{currency};
		push @{ $world->{payments} }, [ $invoice, $currency, $amount, $at ];
		my $kind = $amount < 0 ? 'refunded' : 'paid';
		move($world, $invoice->{customer}, $currency, $kind, abs $amount);
		my $takes = $currency eq $invoice->{currency};
		$invoice->{cash} += $amount if $takes;
		if ($takes && is_owed($invoice)) { $invoice->{left} -= $amount }
		else { $world->{cash}{ $invoice->{customer} }{$currency} += $amount }
	},
	apply => sub {
		my ($world, $at, $applied) = @_;
		$applied->{at} = $at;
		$applied->{memo}{used} += $applied->{amount};
		push @{ $applied->{invoice}{applied} }, $applied;
		push @{ $world->{applications} }, $applied;
		apply_now($world, $applied) if is_owed($applied->{invoice});
	},
	reverse => sub {
		my ($world, $at, $applied) = @_;
		@$applied{qw(reversed reversed_at)} = (1, $at);
		$applied->{memo}{used} -= $applied->{amount};
		my $invoice = $applied->{invoice};
		return unless is_owed($invoice);
		$invoice->{left} += $applied->{amount};
		move($world, @$invoice{qw(customer currency)}, 'credited', -$applied->{amount});
	},
	void => sub {
		my ($world, $at, $invoice) = @_;
		return unless $invoice->{issued};
		@$invoice{qw(void void_at)} = (1, $at);
		move($world, @$invoice{qw(customer currency)}, 'voided', $invoice->{due});
		move($world, @$invoice{qw(customer currency)}, 'credited', -$_->{amount})
		  for grep { !$_->{reversed} } @{ $invoice->{applied} };
		$world->{cash}{ $invoice->{customer} }{ $invoice->{currency} } += $invoice->{cash};
	},
	memo => sub { my ($world, $at, $memo) = @_; $memo->{there} = 1 },
	drop => sub { my ($world, $at, $memo) = @_; @$memo{qw(void void_at)} = (1, $at) });

sub apply_now
{
	my ($world, $applied) = @_;
	my $invoice = $applied->{invoice};
	$invoice->{left} -= $applied->{amount};
	move($world, @$invoice{qw(customer currency)}, 'credited', $applied->{amount});
	return;
}

sub class_of
{
	my ($invoice) = @_;
	return 'draft' unless $invoice->{issued};
	return 'void' if $invoice->{void};
	return ($invoice->{due} < 0 ? $invoice->{left} >= 0 : $invoice->{left} <= 0) ? 'paid' : 'open';
}

# ---- what is kept ----

sub bucket_of
{
	my ($invoice, $day) = @_;
	return 'no_due_date' unless defined $invoice->{due_day};
	my $late = $day - $invoice->{due_day};
	return 'current' if $late <= 0;
	my $from = 1;
	for my $to (@bounds)
	{
		return "$from-$to" if $late <= $to;
		$from = $to + 1;
	}
	return "$bounds[-1]+";
}

# A row of figures of each customer and currency, which were ever touched, on a day.
sub keep_day
{
	my ($world, $day) = @_;
	my (%figure, @rows);

	for my $invoice (grep { $_->{issued} } @{ $world->{invoices} })
	{
		my $of = $figure{ $invoice->{customer} }{ $invoice->{currency} } //= {};
		my $class = class_of($invoice);
		$of->{$class}++;
		next if $class eq 'void';
		$of->{revenue} += $invoice->{due};
		$of->{balance} += $invoice->{left};
		next if $class eq 'paid';
		$of->{unpaid} += $invoice->{left};
		$of->{ bucket_of($invoice, $day) } += $invoice->{left};
	}
	for my $memo (grep { $_->{there} && !$_->{void} && $_->{amount} > $_->{used} }
		@{ $world->{memos} })
	{
		next if defined $memo->{expires} && $memo->{expires} < ($day + 1) * 86_400_000_000 - 1;
		my $of = $figure{ $memo->{customer} }{ $memo->{currency} } //= {};
		$of->{memos}++;
		$of->{credit} += $memo->{amount} - $memo->{used};
	}
	for my $customer (keys %{ $world->{cash} })
	{
		$figure{$customer}{$_}{balance} -= $world->{cash}{$customer}{$_}
		  for keys %{ $world->{cash}{$customer} };
	}
	for my $customer (keys %{ $world->{today} })
	{
		for my $currency (keys %{ $world->{today}{$customer} })
		{
			my $moved = $world->{today}{$customer}{$currency};
			$figure{$customer}{$currency}{"moved_$_"} = $moved->{$_} for keys %$moved;
		}
	}
	for my $customer (keys %figure)
	{
		for my $currency (keys %{ $figure{$customer} })
		{
			my $of = $figure{$customer}{$currency};
			my @counts = map { $of->{$_} // 0 } qw(open paid void memos credit);
			my @amounts = map { major($of->{$_} // 0, $currency) } qw(revenue unpaid balance
			  moved_invoiced moved_voided moved_paid moved_refunded moved_credited
			  current 1-30 31-60 61-90 90+ no_due_date);
			push @rows, join "\t", $day, $customer, $currency, @counts, @amounts;
		}
	}
	$world->{today} = {};
	return @rows;
}

# ---- rows ----

my %words = (draft => [qw(draft scheduled)], void => [qw(void voided uncollectible)],
	paid => [qw(paid settled)], open => [qw(open sent partially_paid)]);

sub instant
{
	my ($world, $moment) = @_;
	return '\N' unless defined $moment;
	my $seconds = floor($moment / 1e6);
	return sprintf '%s.%06dZ', strftime('%Y-%m-%d %H:%M:%S', gmtime($world->{epoch} + $seconds)),
	  $moment - $seconds * 1e6;
}

sub day
{
	my ($world, $day) = @_;
	return defined $day ? strftime('%Y-%m-%d', gmtime($world->{epoch} + $day * 86400)) : '\N';
}

# The rows of each relation, as COPY takes them.
sub rows_of
{
	my ($world) = @_;
	my %rows;

	for my $invoice (@{ $world->{invoices} })
	{
		my $currency = $invoice->{currency};
		my $due = major($invoice->{due}, $currency);
		my $left = major(is_owed($invoice) ? $invoice->{left} : 0, $currency);
		my @dates = (instant($world, $invoice->{at}), '\N');
		@dates = (choose('\N', instant($world, moment(0))), $dates[0]) if chance(0.3);
		push @{ $rows{'invoice (invoice_id, customer_id, currency, invoice_status, total,
			amount_due, amount_remaining, due_date, issued_at, finalized_at, voided_at)'} },
		  join "\t", $invoice->{id}, $invoice->{customer}, choose($currency, lc $currency),
		  choose(@{ $words{ class_of($invoice) } }), $due, $due, $left,
		  day($world, $invoice->{due_day}), @dates, instant($world, $invoice->{void_at});
	}
	my $n = 0;
	for my $payment (@{ $world->{payments} })
	{
		my ($invoice, $currency, $amount, $at) = @$payment;
		my @row = (major($amount, $currency), instant($world, $at));
		push @{ $rows{'payment (payment_id, customer_id, currency, amount, paid_at, status,
			invoice_id)'} }, join("\t", 'p' . $n++, $invoice->{customer}, $currency, @row,
			choose('\N', 'paid', 'succeeded'), $invoice->{id} // '\N'),
		  join("\t", 'p' . $n++, $invoice->{customer}, $currency, @row, choose('failed', 'pending'),
			$invoice->{id} // '\N');
	}
	for my $memo (@{ $world->{memos} })
	{
		push @{ $rows{'credit_memo (credit_memo_id, business_id, customer_id, status, currency,
			amount, amount_applied, issue_date, reason, expires_at, voided_at)'} }, join "\t",
		  $memo->{id}, 'b', $memo->{customer}, $memo->{void} ? 'void' : 'issued', $memo->{currency},
		  $memo->{amount}, $memo->{used}, day($world, $memo->{day}), 'r',
		  instant($world, $memo->{expires}), instant($world, $memo->{void_at});
	}
	for my $applied (@{ $world->{applications} })
	{
		push @{ $rows{'credit_memo_application (application_id, credit_memo_id, invoice_id,
			amount_applied, applied_at, reversed_at)'} }, join "\t", 'a' . $n++,
		  $applied->{memo}{id}, $applied->{invoice}{id}, $applied->{amount},
		  instant($world, $applied->{at}), instant($world, $applied->{reversed_at});
	}
	return \%rows;
}

# Those who are going to live, and what happens to them in order.
sub populate
{
	my ($world, $customers, $invoices, $days) = @_;
	my (@plan, %memos);

	for my $customer (map {"c$_"} 1 .. $customers)
	{
		for my $currency (keys %digits)
		{
			my $memo = { id => "m$customer$currency", customer => $customer, currency => $currency,
				amount => 1000 + floor(rand 9000), used => 0, day => floor(rand $days) };
			$memo->{expires} = moment(floor(rand $days)) if chance(0.4);
			push @plan, [ $memo->{day} * 86_400_000_000, 'memo', $memo ];
			push @plan, [ moment(floor(rand $days)), 'drop', $memo ] if chance(0.2);
			push @{ $world->{memos} }, $memo;
			push @{ $memos{$customer}{$currency} }, $memo;
			push @plan, [ moment(floor(rand $days)), 'pay', { customer => $customer,
				currency => $currency, cash => 0 }, floor(rand 2000) - 500 ] if chance(0.5);
		}
	}
	for my $n (1 .. $invoices)
	{
		my $start = floor(rand $days);
		my $invoice = { id => "i$n", customer => 'c' . (1 + floor(rand $customers)),
			currency => choose(keys %digits), due => floor(rand 5000) + choose(-200, 0, 1),
			cash => 0, applied => [], draft => chance(0.08) };
		$invoice->{due_day} = floor(rand(2 * $days)) - floor($days / 2) if chance(0.8);
		my $own = $memos{ $invoice->{customer} }{ $invoice->{currency} };
		push @plan, plan_life($invoice, $own, $days);
		push @{ $world->{invoices} }, $invoice;
	}
	return sort { $a->[0] <=> $b->[0] } @plan;
}

# Makes the ledger of that name in the node's database and plays it through; the table
# lives.kept of it has what was true at the end of each day.
sub play_lives
{
	my ($node, $ledger, %size) = @_;
	my $days = $size{days};
	my $world = { map { $_ => [] } qw(invoices payments memos applications) };
	my (@plan, @kept);

	srand $size{seed};
	$world->{epoch} = (floor(time / 86400) - $days - 1) * 86400;
	@plan = populate($world, $size{customers}, $size{invoices}, $days);
	for my $day (0 .. $days - 1)
	{
		while (@plan && $plan[0][0] < ($day + 1) * 86_400_000_000)
		{
			my ($at, $what, @with) = @{ shift @plan };
			# what was reversed before it was applied is not
			$happens{$what}->($world, $at, @with);
		}
		push @kept, keep_day($world, $day);
	}
	my $rows = rows_of($world);
	my $script = "SET client_min_messages = warning; SELECT balance.create_ledger('$ledger');
CREATE TABLE $ledger.kept (day int, customer_id text, currency text, open int, paid int, void int,
	memos int, credit bigint, revenue numeric, unpaid numeric, balance numeric, invoiced numeric,
	voided numeric, paid_in numeric, refunded numeric, credited numeric, \"current\" numeric,
	late30 numeric, late60 numeric, late90 numeric, later numeric, never numeric);
SET search_path = $ledger;
INSERT INTO customer (customer_id) SELECT 'c' || g FROM generate_series(1, $size{customers}) g;
COPY kept FROM stdin;\n" . join("\n", @kept) . "\n\\.\n";
	for my $relation (sort { ($a =~ /^payment|_application/) <=> ($b =~ /^payment|_application/) }
		keys %$rows)
	{
		$script .= "COPY $relation FROM stdin;\n" =~ s/\s+/ /gr . "\n"
		  . join("\n", @{ $rows->{$relation} }) . "\n\\.\n";
	}
	$script .= "CREATE TABLE day AS SELECT d AS day, date '" . day($world, 0) . "' + d AS date,
	timestamptz '" . instant($world, 0) . "' + (d + 1) * interval '24 hours'
	- interval '1 microsecond' AS instant FROM generate_series(0, $days - 1) d;\nANALYZE;\n";
	$node->safe_psql('postgres', $script);
	return;
}

# ---- comparing ----

# Each is a query of what is not as it was; the ledger is the search path and setting.
my @comparisons = (
	[ 'positions', q{
		SELECT d.day, r.customer_id, r.currency, r.n, r.unpaid_n, r.unpaid, r.revenue FROM (
			SELECT day, p.customer_id, i.currency, i.total_invoice_count AS n,
				i.unpaid_invoice_count AS unpaid_n, i.total_unpaid_amount AS unpaid,
				i.total_revenue_amount AS revenue
			FROM day, balance.positions_at(instant, 'UTC') p,
				balance.invoice_rows(p.position, instant, 'UTC') i) r
		FULL JOIN kept d USING (day, customer_id, currency)
		WHERE (coalesce(n, 0), coalesce(unpaid_n, 0), coalesce(r.unpaid, 0),
				coalesce(r.revenue, 0))
			IS DISTINCT FROM (open + paid, open, d.unpaid, d.revenue)} ],
	[ 'classes', q{
		SELECT * FROM (SELECT day, p.customer_id, b.currency,
				sum(count) FILTER (WHERE state = 'ready_for_payment') AS open,
				sum(count) FILTER (WHERE state = 'paid') AS paid,
				sum(count) FILTER (WHERE state = 'canceled') AS void
			FROM day, customer c, LATERAL (SELECT c.customer_id,
				balance.position_at(c.customer_id, instant, 'UTC') AS position) p,
				balance.balance_rows(p.position) b GROUP BY 1, 2, 3) r
		FULL JOIN kept d USING (day, customer_id, currency)
		WHERE (coalesce(r.open, 0), coalesce(r.paid, 0), coalesce(r.void, 0))
			IS DISTINCT FROM (d.open, d.paid, d.void)} ],
	[ 'credits', q{
		SELECT * FROM (SELECT day, p.customer_id, c.currency, credit_memos_count AS n,
				total_credits_available AS amount
			FROM day, balance.positions_at(instant, 'UTC') p, balance.credit_rows(p.position) c) r
		FULL JOIN kept d USING (day, customer_id, currency)
		WHERE (coalesce(n, 0), coalesce(amount, 0)) IS DISTINCT FROM (memos, credit)} ],
	[ 'ageing', q{
		SELECT * FROM (SELECT day, a.customer_id, a.currency, a.amounts, a.total_count
			FROM day, balance.aged_receivables(instant, 'UTC') a) r
		FULL JOIN kept d USING (day, customer_id, currency)
		WHERE coalesce(amounts, '{0,0,0,0,0,0}') IS DISTINCT FROM
				ARRAY["current", late30, late60, late90, later, never]
			OR coalesce(total_count, 0) IS DISTINCT FROM open} ],
	[ 'open items', q{
		SELECT * FROM (SELECT day, c.customer_id, o.currency, count(*) AS n,
				sum(amount_remaining) AS amount
			FROM day, customer c, balance.open_items(c.customer_id, instant, 'UTC') o
			WHERE day % 7 = 0 GROUP BY 1, 2, 3) r
		FULL JOIN (SELECT * FROM kept WHERE day % 7 = 0) d USING (day, customer_id, currency)
		WHERE (coalesce(n, 0), coalesce(amount, 0)) IS DISTINCT FROM (open, unpaid)} ],
	[ 'statements', q{
		SELECT * FROM (SELECT day, c.customer_id, s.currency,
				max(s.balance) FILTER (WHERE kind = 'opening_balance') AS opening,
				max(s.balance) FILTER (WHERE kind = 'closing_balance') AS closing,
				coalesce(sum(s.amount), 0) AS moved
			FROM day, customer c,
				balance.statement(c.customer_id, day.date, day.date, NULL, 'UTC') s(currency,
				on_day, at, kind, document_id, number, amount, balance) GROUP BY 1, 2, 3) r
		FULL JOIN (SELECT *, coalesce(lag(balance) OVER (PARTITION BY customer_id, currency
			ORDER BY day), 0) AS before FROM kept) d USING (day, customer_id, currency)
		WHERE (coalesce(opening, 0), coalesce(closing, 0), coalesce(moved, 0))
			IS DISTINCT FROM (before, balance, balance - before)} ],
	[ 'a statement of all days', q{
		SELECT * FROM (SELECT day, c.customer_id, code AS currency, (SELECT s.balance
				FROM balance.statement(c.customer_id, (SELECT min(date) FROM day),
					(SELECT max(date) FROM day), code, 'UTC') WITH ORDINALITY s(currency, on_day,
					at, kind, document_id, number, amount, balance, place)
				WHERE s.on_day <= day.date AND kind <> 'closing_balance'
				ORDER BY place DESC LIMIT 1) AS balance
			FROM (SELECT * FROM day WHERE day % 5 = 0) day, customer c,
				unnest('{USD,JPY,KWD}'::text[]) code) r
		FULL JOIN (SELECT * FROM kept WHERE day % 5 = 0) d USING (day, customer_id, currency)
		WHERE r.balance <> coalesce(d.balance, 0)} ],
	[ 'roll-forwards', q{
		SELECT * FROM (SELECT day, r.* FROM day,
				balance.customer_roll_forwards(date, date, NULL, 'UTC') r) r
		FULL JOIN kept d USING (day, customer_id, currency)
		WHERE (coalesce(r.invoiced, 0), coalesce(r.voided, 0), coalesce(r.paid, 0),
				coalesce(r.refunded, 0), coalesce(r.credited, 0), coalesce(r.closing, 0))
			IS DISTINCT FROM (d.invoiced, d.voided, paid_in, d.refunded, d.credited, d.balance)} ],
	[ 'roll-forwards of all, by week', q{
		SELECT * FROM (SELECT day, r.* FROM (SELECT * FROM day WHERE day % 7 = 6) day,
				balance.roll_forward(date - 6, date, NULL, 'UTC') r) r
		FULL JOIN (SELECT day / 7 * 7 + 6 AS day, currency, sum(invoiced) AS invoiced,
			sum(voided) AS voided, sum(paid_in) AS paid_in, sum(refunded) AS refunded,
			sum(credited) AS credited, sum(balance) FILTER (WHERE day % 7 = 6) AS balance
			FROM kept WHERE day / 7 * 7 + 6 <= (SELECT max(day) FROM day) GROUP BY 1, 2) d
			USING (day, currency)
		WHERE (coalesce(r.invoiced, 0), coalesce(r.voided, 0), coalesce(r.paid, 0),
				coalesce(r.refunded, 0), coalesce(r.credited, 0), coalesce(r.closing, 0))
			IS DISTINCT FROM (d.invoiced, d.voided, paid_in, d.refunded, d.credited,
				d.balance)} ]);

# What the extension says of the days that was not true, as [what, the first rows].
sub untrue_days
{
	my ($node, $ledger) = @_;
	my @untrue;

	for my $comparison (@comparisons)
	{
		my ($what, $query) = @$comparison;
		push @untrue, [ $what, $node->safe_psql('postgres', "SET balance.ledger = '$ledger';
			SET search_path = $ledger, pg_catalog; SET timezone = 'UTC';
			SELECT * FROM ($query) q LIMIT 3") ];
	}
	return @untrue;
}

1;
