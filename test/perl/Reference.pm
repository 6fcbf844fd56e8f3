# docs/reference.md, made of what the catalogue says of every object and of the
# examples of docs/examples.sql.  Which chapter a function is in stands here; one
# that is in none, or has no example, stops the making.
package Reference;

use strict;
use warnings;
use Exporter 'import';
use IPC::Run;
use PostgreSQL::Test::Utils;

our @EXPORT_OK = qw(reference with_outputs);

# What users call, by chapter.
my @chapters = (
	[ 'Documents', 'over a ledger, as four billing APIs document them',
		qw(customer_balance customer_balances invoice_summary invoice_summaries vcu_balance
		vcu_balances customer_credits error_body) ],
	[ 'Behind the numbers', 'which rows they count, and who owes most', qw(items top_debtors) ],
	[ 'As of a day', 'what was true at an instant, from dated rows',
		qw(position_at positions_at invoices_at all_invoices_at customer_balance_at
		invoice_summary_at ageing_at aged_receivables open_items) ],
	[ 'Statements and roll-forwards', 'what happened in a period, and what it comes to',
		qw(statement statement_document roll_forward customer_roll_forwards roll_forward_months
		roll_forward_items net_rows unapplied_cash) ],
	[ 'Reporting currency', 'by rates that the ledger declares',
		qw(in_reporting_currency report_customer_balance_in report_invoice_summary_in
		report_ageing_in
		report_customer_credits_in report_credit_expiry_in report_roll_forward_in) ],
	[ 'Ledgers', 'making them, and finding out what is wrong with them',
		qw(create_ledger upgrade_ledger check_ledger verify verify_summary create_report_views
		drop_report_views progress version) ],
	[ 'Maintained balances', 'answers from a store that is right in every snapshot',
		qw(maintain maintenance repair fold position_recorded prune_history stop_maintaining) ],
	[ 'Positions', 'from rows of any query to the figures of any document',
		qw(tally_invoices tally_charges tally_deposits tally_invoices_minor tally_charges_minor
		tally_deposits_minor tally_unit_invoices tally_unit_orders tally_credit_memos merge
		to_customer_balance balance_rows to_invoice_summary invoice_rows
		to_vcu_balance unit_rows in_period credit_rows ageing position_to_jsonb) ],
	[ 'Words, currencies and days', 'what statuses mean, what a currency has, and when a day is',
		qw(known_status invoice_class may_be_unpaid may_be_available charge_class credit_memo_class
		unit_invoice_class unit_order_class payment_counts deposit_is_held known_currency
		currency_withdrawn minor_unit major_units session_zone day_in) ]);

# What the extension's own SQL calls, and the parts of types, operators and aggregates.
my $internal = join '|', qw(position_(?!at|recorded|to_jsonb)\w+ \w+_(?:add|remove) store_\w+
	stored_\w+ recorded_position converted known_rate required_\w+ from_minor_units customer_is_one
	told_apart named_once invoice_state_at month_\w+ breaks_no_rule iso_text);

# The examples by name, in their order.
sub examples
{
	my $file = slurp_file('docs/examples.sql');
	my @examples;

	push @examples, { name => $1, sql => $2 } while $file =~ /^--- (\w+)\n(.*?)(?=^--- |\z)/gms;
	return @examples;
}

# Whether an example prints one document, which is to be read as such.
sub is_json { return shift =~ /^SELECT jsonb_pretty\(/ }

# Run them all in one session, and keep what each prints.
sub run_examples
{
	my ($node, @examples) = @_;
	my $end = '---- end of an example ----';
	my ($out, $err) = ('', '');

	local $ENV{PGCLIENTENCODING} = 'UTF8';
	IPC::Run::run(
		[ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres') ],
		'<', \join('', map {
			my $is_json = is_json($_->{sql});

			'\pset tuples_only ' . ($is_json ? 'on' : 'off') . "\n\\pset format "
			  . ($is_json ? 'unaligned' : 'aligned') . "\n$_->{sql}\\echo $end\n"
		} @examples), '>', \$out, '2>', \$err)
	  or die "an example of docs/examples.sql fails:\n$err";
	my @outputs = $out =~ /(.*?)^\Q$end\E\n/gms;
	for my $example (@examples)
	{
		my $output = shift @outputs;

		$output =~ s/[ \t]+$//gm;
		$output =~ s/^\n+|\n+$//g;
		$example->{output} = $output;
	}
}

# Rows of a query; columns and rows are told apart by what no comment has.
sub rows
{
	my ($node, $sql) = @_;
	return map { [ split /\x1f/, $_, -1 ] } split /\x1e/,
	  $node->safe_psql('postgres', $sql,
		extra_params => [ '-F', "\x1f", '-R', "\x1e" ]);
}

# A comment as it stands in a table.
sub in_cell { return shift =~ s/\s*\n\s*/ /gr =~ s/\|/\\|/gr }

# A function's signature, comment and labels.
sub function_text
{
	my ($function) = @_;
	my ($name, $arguments, $result, $labels, $comment) = @$function;
	my @inputs;
	my @columns;

	for (split /, (?=(?:OUT )?["\w]+ )/, $arguments)
	{
		if (/^OUT (.*)/) { push @columns, $1 }
		else { push @inputs, $_ }
	}
	my $list = join ",\n",
	  map { s/::\w+(?:\[\])?//r =~ s/timestamp with time zone/timestamptz/gr } @inputs;
	my $returns = (@columns ? 'rows of ' . join(', ', @columns) : $result)
	  =~ s/timestamp with time zone/timestamptz/gr;

	return "```text\n" . in_lines("$name($list)", '    ') . in_lines("returns $returns", '    ')
	  . "```\n\n" . fold_lines("$comment\n\n*$labels*", 100) . "\n\n";
}

# What stands one to a line, in as few lines as there is room for.
sub in_lines
{
	my ($text, $indent) = @_;
	my @lines = ('');

	for (split /(?<=,)\s+/, $text)
	{
		if (length("$lines[-1] $_") > 100 && $lines[-1] ne '') { push @lines, $indent . $_ }
		else { $lines[-1] .= ($lines[-1] eq '' ? '' : ' ') . $_ }
	}
	return join '', map { "$_\n" } @lines;
}

# Lines of words, no longer than that.
sub fold_lines
{
	my ($text, $width) = @_;
	return $text =~ s/(?=.{$width})(.{1,$width})(?:\s+|$)/$1\n/gr =~ s/ +$//gmr;
}

sub example_text
{
	my ($example) = @_;
	return "```sql\n$example->{sql}```\n"
	  . ($example->{output} eq '' ? '' : '```' . (is_json($example->{sql}) ? 'json' : 'text')
		. "\n$example->{output}\n```\n");
}

sub chapters
{
	my ($node, $examples) = @_;
	my %functions;
	my $text = '';

	push @{ $functions{ $_->[0] } }, $_ for rows($node, <<'SQL');
SELECT proname, pg_get_function_arguments(oid), pg_get_function_result(oid),
	concat_ws(', ', CASE prokind WHEN 'a' THEN 'aggregate' ELSE CASE provolatile
		WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END END,
		CASE WHEN proisstrict THEN 'strict' END, CASE proparallel WHEN 's' THEN 'parallel safe'
		WHEN 'r' THEN 'parallel restricted' ELSE 'parallel unsafe' END),
	obj_description(oid, 'pg_proc')
FROM pg_proc WHERE pronamespace = 'balance'::regnamespace
ORDER BY proname, pg_get_function_identity_arguments(oid) COLLATE "C"
SQL
	for my $chapter (@chapters)
	{
		my ($title, $what, @names) = @$chapter;

		$text .= "\n## $title\n\n" . ucfirst($what) . ".\n";
		for my $name (@names)
		{
			my $overloads = delete $functions{$name} or die "there is no function $name\n";
			my $example = delete $examples->{$name} or die "$name has no example\n";

			$text .= "\n### $name\n\n";
			$text .= function_text($_) for @$overloads;
			$text .= example_text($example);
		}
	}
	delete $functions{$_} for grep { /^(?:$internal)$/ } keys %functions;
	die 'in no chapter of the reference: ' . join(', ', sort keys %functions) . "\n" if %functions;
	return $text;
}

# Tables or views of the ledger: what each is, and its columns.
sub relations
{
	my ($node, $kind, $examples) = @_;
	my $text = '';

	for my $relation (rows($node, <<"SQL"))
SELECT oid, relname, obj_description(oid, 'pg_class') FROM pg_class
WHERE relnamespace = 'billing'::regnamespace AND relkind = '$kind' AND relname NOT LIKE 'balance%'
ORDER BY relname
SQL
	{
		my ($oid, $name, $comment) = @$relation;
		my $example = delete $examples->{$name};

		$text .= "\n### $name\n\n" . fold_lines($comment // '', 100)
		  . "\n\n| Column | Type | |\n|---|---|---|\n";
		$text .= "| $_->[0] | $_->[1] | " . in_cell($_->[2]) . " |\n" for rows($node, <<"SQL");
SELECT attname, format_type(atttypid, atttypmod)
	|| CASE WHEN attnotnull THEN ', not null' ELSE '' END, col_description(attrelid, attnum)
FROM pg_attribute WHERE attrelid = $oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum
SQL
		$text .= "\n" . example_text($example) if $example;
	}
	return $text;
}

sub settings
{
	my ($node) = @_;
	return join '', map { "| `$_->[0]` | " . in_cell("$_->[1] $_->[2]") . " |\n" } rows($node,
		"LOAD 'balance'; SELECT name, short_desc, extra_desc FROM pg_settings"
		  . " WHERE name LIKE 'balance.%' ORDER BY 1");
}

# A document of docs/ with what each of its queries prints now, run in one session, for
# all but the first one over the ledger of the examples.
sub with_outputs
{
	my ($node, $name) = @_;
	my ($ledger) = examples();
	my ($head, @parts) = split /^```sql\n/m, slurp_file("docs/$name");
	my @examples = map {
		my ($sql, $rest) = /^(.*?^)```\n(?:\n?```(?:text|json)\n.*?^```\n)?(.*)/ms;
		{ sql => $sql, rest => $rest }
	} @parts;

	run_examples($node, $name ne 'first-document.md' ? $ledger : (), @examples);
	return $head . join '', map { example_text($_) . $_->{rest} } @examples;
}

# The whole text, over a server that has the extension.
sub reference
{
	my ($node) = @_;

	$node->safe_psql('postgres', 'CREATE EXTENSION balance');
	my @examples = examples();
	my $ledger = $examples[0];
	my %examples = map { $_->{name} => $_ } @examples;

	run_examples($node, @examples);

	delete $examples{ledger};
	my $text = <<'HEAD' . "```sql\n$ledger->{sql}```\n";
# Reference

Every function, view, table and setting, as its comment in the catalogue says it (`\df+`, `\dT+`
and `\d+` in psql say the same). This file is made of these comments and of
[examples.sql](examples.sql) by `make reference`, and a test fails where it is stale. In all
functions over a ledger, `ledger` comes last and may be left out where `balance.ledger` is set; a
customer is named by the text of the id.

The examples are over this ledger:

HEAD
	$text .= chapters($node, \%examples);
	$text .= "\n## Report views\n\nIn the ledger itself, made by `create_ledger` and"
	  . " `create_report_views`.\n" . relations($node, 'v', \%examples);
	$text .= "\n## Tables of a ledger\n\nAs `create_ledger` makes them; a ledger of your own may"
	  . " have less, other types, or views.\n" . relations($node, 'r', \%examples);
	$text .= "\n## Settings\n\n| Setting | |\n|---|---|\n" . settings($node);
	die 'examples of nothing: ' . join(', ', sort keys %examples) . "\n" if %examples;
	return $text;
}

1;
