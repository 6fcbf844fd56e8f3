# dashboards/grafana.json: each query of it runs, over a ledger whose name needs quotes
# and with a customer whose id would break out of them; the figures are those of the
# report views; and it is what dashboards/grafana.ts makes, under the SDK's types.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../clients";
use Book;
use File::Copy qw(copy);
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $kept = slurp_file('dashboards/grafana.json');
my $board = decode_json($kept);
my ($node) = book_server();
my $ledger = q{it's "mine"};
my $customer = q{o'neil'); DROP TABLE x; --};

$node->safe_psql('postgres', <<'SQL');
SELECT balance.create_ledger('it''s "mine"');
INSERT INTO "it's ""mine""".customer VALUES ('o''neil''); DROP TABLE x; --', 's', 'b');
INSERT INTO "it's ""mine""".invoice (invoice_id, customer_id, currency, invoice_status, total,
	amount_due, amount_remaining, due_date)
SELECT i, 'o''neil''); DROP TABLE x; --', 'USD', 'open', 12345678901234567.89, 12345678901234567.89,
	12345678901234567.89, '2026-01-01' FROM generate_series(1, 2) i;
INSERT INTO "it's ""mine""".deposit
VALUES ('d', 'o''neil''); DROP TABLE x; --', 'EUR', 'held', 0.1);
INSERT INTO "it's ""mine""".credit_memo (credit_memo_id, number, business_id, customer_id, status,
	currency, amount, amount_applied, reason, issue_date, created_at, updated_at)
VALUES ('m', 'M', 'b', 'o''neil''); DROP TABLE x; --', 'issued', 'USD', 250, 0, 'other',
	'2026-01-01', '2026-01-01', '2026-01-01');
GRANT USAGE ON SCHEMA "it's ""mine""" TO app;
GRANT SELECT ON ALL TABLES IN SCHEMA "it's ""mine""" TO app;
SQL

# As Grafana fills in its variables.
sub filled
{
	my ($sql) = @_;
	my %values = (ledger => $ledger, customer => $customer, currency => 'USD');

	$sql =~ s/\$\{(\w+):doublequote\}/'"' . $values{$1} =~ s{"}{""}gr . '"'/ge;
	$sql =~ s/\$\{(\w+):sqlstring\}/"'" . $values{$1} =~ s{'}{''}gr . "'"/ge;
	return $sql;
}

sub answer { return $node->safe_psql('postgres', 'SET ROLE app; ' . filled(shift)) }

my %panels = map { $_->{title} => $_ } @{ $board->{panels} };
my %rows = (
	'Receivables' => 'USD|1|2|24691357802469135.78|24691357802469135.78',
	'Ageing of ${currency}' => qr/^90\+\|2[.]46913578\d+e\+16$/m,
	'Who owes most in ${currency}' => "$customer|24691357802469135.78|2|24691357802469135.78",
	'Unpaid invoices of ${customer}' => qr/\A1\|open\|12345678901234567[.]89\|2026-01-01/,
	'Deposits' => 'EUR|held|1|0.10',
	'Credits' => 'USD|1|2.50',
	'Findings' => qr/\A\z/);

is(join(', ', sort keys %panels), join(', ', sort keys %rows), 'these are the panels');
for my $title (sort keys %rows)
{
	my ($target, @others) = @{ $panels{$title}{targets} };
	my $answer = answer($target->{rawSql});

	is(@others, 0, "$title has one query");
	unlike(filled($target->{rawSql}), qr/\$/, '... with no variable that is not quoted');
	if (ref $rows{$title}) { like($answer, $rows{$title}, '... and its figures') }
	else { like($answer, qr/^\Q$rows{$title}\E$/m, '... and its figures') }
	ok($panels{$title}{description} || $title =~ /^Ageing/, '... and says what it shows');
}
like(answer($_->{query}), qr/USD|it's "mine"/, "the variable $_->{name} has values")
  for grep { $_->{type} eq 'query' } @{ $board->{templating}{list} };

SKIP:
{
	my ($packages, $reason) = npm_packages('grafana');
	skip "Grafana's SDK: $reason", 2 unless $packages;

	copy('dashboards/grafana.ts', $packages) or die "dashboards/grafana.ts: $!";
	my ($out, $err) = run_command([ 'sh', '-c', 'cd "$0" && node_modules/.bin/tsc --strict'
		  . ' --noEmitOnError --target es2022 --module nodenext --moduleResolution nodenext'
		  . ' --skipLibCheck grafana.ts && node grafana.js', $packages ]);
	is($err, '', "grafana.ts keeps to the SDK's types");
	is("$out\n", $kept, 'and makes grafana.json') or append_to_file('grafana.json.new', "$out\n");
}
done_testing();
