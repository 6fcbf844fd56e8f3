# Random ledgers with a history, at random instants: what position_at() and what is made of
# it say is what another tally of the same rows says, and at now() it is the present.
# BALANCE_SEED repeats the rows, BALANCE_INSTANTS asks for more instants.
use strict;
use warnings;

use History;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $seed = $ENV{BALANCE_SEED} || int(time);
my $instants = $ENV{BALANCE_INSTANTS} || 40;
note "BALANCE_SEED=$seed BALANCE_INSTANTS=$instants";

my $node = PostgreSQL::Test::Cluster->new('past');
$node->init(extra => [ '--locale=C', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', "fsync = off\nbalance.ledger = history\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION balance');
make_history($node, 'history', $seed, 300);

# Memos with a life of their own, and the figures of an instant written another way:
# invoice by invoice, from the rows that are dated until then.
$node->safe_psql('postgres', <<"SQL");
SELECT setseed(($seed % 999983) / 1000000.0);
SET search_path = history, pg_catalog;
UPDATE invoice SET due_date = current_date - floor(random() * 200)::int WHERE random() < 0.8;
INSERT INTO invoice_line_item (invoice_id, price_type, amount)
SELECT invoice_id, one_of('usage', 'flat'), round((random() * 90)::numeric, 2) FROM invoice;
INSERT INTO credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, issue_date, reason, expires_at, amount_refunded, voided_at)
SELECT 'n' || g, 'b', 'c' || 1 + floor(random() * 11), one_of('issued', 'issued', 'draft', 'void'),
	'USD', 5000 + floor(random() * 5000), 0, some_instant()::date, 'r',
	CASE WHEN random() < 0.4 THEN some_instant() + random() * interval '90 days' END,
	CASE WHEN random() < 0.2 THEN floor(random() * 1000) END, some_instant()
FROM generate_series(1, 60) g;
UPDATE credit_memo SET voided_at = NULL WHERE status <> 'void';
INSERT INTO credit_memo_application (application_id, credit_memo_id, invoice_id, amount_applied,
	applied_at, reversed_at)
SELECT 'n' || g, 'n' || 1 + g % 60, d.invoice_id, floor(random() * 2500), t,
	CASE WHEN random() < 0.3 THEN t + interval '1 day' END
FROM generate_series(1, 120) g, (SELECT invoice_id FROM invoice WHERE invoice_status = 'draft'
	LIMIT 1) d, LATERAL (SELECT some_instant() + 0 * g * interval '1 day' AS t) i;
UPDATE credit_memo SET amount = 100000000 WHERE credit_memo_id = 'm';
UPDATE credit_memo m SET amount_applied = coalesce(amount_refunded, 0) + coalesce((SELECT
	sum(a.amount_applied) FROM credit_memo_application a
	WHERE a.credit_memo_id = m.credit_memo_id AND reversed_at IS NULL), 0);
UPDATE credit_memo SET status = 'fully_applied'
WHERE status = 'issued' AND amount <= amount_applied;
CREATE TABLE asked AS SELECT DISTINCT some_instant() AS t, one_of('UTC', 'Asia/Kolkata',
	'America/New_York') AS zone FROM generate_series(1, $instants) g
UNION SELECT now() - interval '1 microsecond', 'UTC';
CREATE TABLE invoice_then AS
SELECT *, CASE WHEN voided THEN 'void' WHEN rest > 0 THEN 'open' ELSE 'paid' END AS class FROM (
	SELECT a.t, a.zone, i.invoice_id, i.customer_id, upper(i.currency) AS currency, i.total,
		i.amount_due, i.due_date, coalesce(i.invoice_status = 'void' AND i.voided_at <= a.t, false)
			AS voided, i.amount_due
		- coalesce((SELECT sum(p.amount) FROM payment p WHERE p.invoice_id = i.invoice_id
			AND upper(p.currency) = upper(i.currency) AND p.paid_at <= a.t
			AND coalesce(lower(p.status), 'paid') IN ('paid', 'succeeded')), 0)
		- coalesce((SELECT sum(x.amount_applied) FROM credit_memo_application x
			WHERE x.invoice_id = i.invoice_id AND x.applied_at <= a.t
			AND coalesce(x.reversed_at, 'infinity') > a.t), 0)
			/ CASE upper(i.currency) WHEN 'JPY' THEN 1 WHEN 'KWD' THEN 1000 ELSE 100 END AS rest
	FROM asked a JOIN invoice i ON i.invoice_status <> 'draft'
		AND coalesce(i.finalized_at, i.issued_at) <= a.t) q;
CREATE TABLE memo_then AS
SELECT a.t, a.zone, m.customer_id, upper(m.currency) AS currency, m.amount
	- coalesce(m.amount_refunded, 0) - coalesce((SELECT sum(x.amount_applied)
		FROM credit_memo_application x WHERE x.credit_memo_id = m.credit_memo_id
		AND x.applied_at <= a.t AND coalesce(x.reversed_at, 'infinity') > a.t), 0) AS rest
FROM asked a JOIN credit_memo m ON m.status <> 'draft'
	AND m.issue_date <= (a.t AT TIME ZONE a.zone)::date
	AND coalesce(m.expires_at, 'infinity') >= a.t AND coalesce(m.voided_at, 'infinity') > a.t;
SQL

sub none
{
	my ($sql, $name) = @_;
	my $found = $node->safe_psql('postgres', "SET search_path = history, pg_catalog;
		SELECT * FROM ($sql) f LIMIT 5");
	return is($found, '', $name);
}
none(q{SELECT rule, id FROM balance.verify() WHERE rule IN ('unexplained_remaining',
	'undated_invoice', 'undated_voiding', 'applied_unlike_applications')},
	'the history explains what is left');
cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM history.invoice_then'), '>', 1000,
	'there are invoices at those instants');
for my $class (qw(open paid void))
{
	cmp_ok($node->safe_psql('postgres',
		"SELECT count(*) FROM history.invoice_then WHERE class = '$class'"), '>', 30,
		"and $class ones");
}

# the summary
$node->safe_psql('postgres', <<'SQL');
SET search_path = history, pg_catalog;
CREATE TABLE expected AS
SELECT i.t, i.zone, i.customer_id, lower(currency) AS currency,
	count(*) FILTER (WHERE class <> 'void') AS invoices,
	coalesce(sum(amount_due) FILTER (WHERE class <> 'void'), 0) AS revenue,
	count(*) FILTER (WHERE class = 'open') AS unpaid,
	coalesce(sum(rest) FILTER (WHERE class = 'open'), 0) AS unpaid_amount,
	count(*) FILTER (WHERE class = 'open' AND due_date < (t AT TIME ZONE zone)::date) AS overdue,
	coalesce(sum(rest) FILTER (WHERE class = 'open' AND due_date < (t AT TIME ZONE zone)::date), 0)
		AS overdue_amount,
	coalesce(sum((SELECT sum(amount) FROM invoice_line_item l WHERE l.invoice_id = i.invoice_id))
		FILTER (WHERE class = 'open'), 0) AS charges,
	count(*) FILTER (WHERE class = 'void') AS void,
	coalesce(sum(total) FILTER (WHERE class = 'paid'), 0) AS paid_total
FROM invoice_then i GROUP BY 1, 2, 3, 4;
CREATE TABLE position AS SELECT a.*, p.* FROM asked a, balance.positions_at(t, zone) p;
CREATE TABLE found AS
SELECT a.t, a.zone, c.customer_id, s->>'currency' AS currency,
	(s->>'total_invoice_count')::bigint AS invoices,
	(s->>'total_revenue_amount')::numeric AS revenue,
	(s->>'unpaid_invoice_count')::bigint AS unpaid,
	(s->>'total_unpaid_amount')::numeric AS unpaid_amount,
	(s->>'overdue_invoice_count')::bigint AS overdue,
	(s->>'total_overdue_amount')::numeric AS overdue_amount,
	(s->>'unpaid_usage_charges')::numeric + (s->>'unpaid_fixed_charges')::numeric AS charges,
	coalesce((b#>>'{invoices,canceled,count}')::bigint, 0) AS void,
	coalesce((b#>>'{invoices,paid,total}')::numeric, 0) AS paid_total
FROM asked a, customer c,
	jsonb_array_elements(balance.invoice_summary_at(c.customer_id, a.t, a.zone)->'summaries') s
	JOIN jsonb_array_elements(balance.customer_balance_at(c.customer_id, a.t)) b
		ON b->>'currency' = s->>'currency';
SQL
my $documents = $node->safe_psql('postgres', 'SELECT count(*) FROM history.found');
cmp_ok($documents, '>', 100, 'there are summaries');
none('(TABLE expected EXCEPT ALL TABLE found) UNION ALL (TABLE found EXCEPT ALL TABLE expected)',
	'summaries and balances are what was true then');
none(q{SELECT e.t, e.customer_id, e.currency FROM expected e, LATERAL (
		SELECT sum(a.amount) AS amount, sum(a.amount) FILTER (WHERE from_days > 0) AS late
		FROM balance.ageing_at(e.customer_id, e.t, e.zone) a
		WHERE lower(a.currency) = e.currency) a
	WHERE a.amount <> unpaid_amount OR a.late <> overdue_amount}, 'so is the ageing');
none(q{SELECT e.t, e.customer_id FROM expected e, LATERAL (SELECT count(*) AS n,
		coalesce(sum(o.amount_remaining), 0) AS amount,
		count(*) FILTER (WHERE days_late > 0) AS late
		FROM balance.open_items(e.customer_id, e.t, e.zone) o
		WHERE lower(o.currency) = e.currency) o
	WHERE o.n <> unpaid OR o.amount <> unpaid_amount OR late <> overdue},
	'and so are the open items');
none(q{SELECT t, customer_id, currency FROM (
		SELECT a.t, r.customer_id, lower(r.currency) AS currency, r.total_count,
			r.total_amount FROM (SELECT DISTINCT t FROM asked) a,
		balance.aged_receivables(t) r) r
	FULL JOIN (SELECT DISTINCT t, customer_id, currency, unpaid, unpaid_amount FROM expected
		WHERE unpaid > 0) e USING (t, customer_id, currency)
	WHERE (total_count, total_amount) IS DISTINCT FROM (unpaid, unpaid_amount)},
	'and what was receivable of all');

# credits, and one customer beside all
none(q{SELECT * FROM (SELECT t, zone, customer_id, currency, sum(rest) AS rest, count(*) AS n
		FROM memo_then WHERE rest > 0 GROUP BY 1, 2, 3, 4) e
	FULL JOIN (SELECT t, zone, customer_id, r.currency, total_credits_available AS rest,
		credit_memos_count AS n FROM position p, balance.credit_rows(p.position) r
		WHERE credit_memos_count > 0) f USING (t, zone, customer_id, currency)
	WHERE (e.rest, e.n) IS DISTINCT FROM (f.rest, f.n)}, 'credits are what was available then');
none(q{SELECT a.t, c.customer_id FROM asked a CROSS JOIN customer c
	LEFT JOIN position p ON p.t = a.t AND p.zone = a.zone AND p.customer_id = c.customer_id
	WHERE coalesce(p.position, '1{}') OPERATOR(balance.<>)
		balance.position_at(c.customer_id, a.t, a.zone)}, 'all customers are what each one is');

# the present
none(q{SELECT c.customer_id FROM customer c, unnest(ARRAY[now(), now() + interval '9 days']) t,
		unnest('{UTC,Asia/Kolkata}'::text[]) zone
	WHERE balance.invoice_summary_at(c.customer_id, t, zone)
			<> balance.invoice_summary(c.customer_id, t, zone)
		OR balance.customer_balance_at(c.customer_id, t) <> balance.customer_balance(c.customer_id)
		OR balance.to_invoice_summary(balance.position_at(c.customer_id, t, zone), c.customer_id,
			NULL, t, zone)->'summaries'
			<> balance.invoice_summary(c.customer_id, t, zone)->'summaries'},
	'now it is the present');
none(q{SELECT c.customer_id FROM customer c WHERE (SELECT coalesce(sum(credit_memos_count), 0)
		FROM balance.credit_rows(balance.position_at(c.customer_id)))
	<> (SELECT coalesce(sum(credit_memos_count), 0) FROM report_customer_credits r
		WHERE r.customer_id = c.customer_id)}, 'and so are credits');
none(q{SELECT c.customer_id FROM customer c
	WHERE balance.to_invoice_summary(balance.position_at(c.customer_id, now(), 'UTC'), '', NULL,
		now(), 'UTC')->'summaries' <> balance.to_invoice_summary((SELECT balance.merge(p.position)
		FROM balance.positions_at(now(), 'UTC') p WHERE p.customer_id = c.customer_id), '', NULL,
		now(), 'UTC')->'summaries'}, 'and of all');
$node->stop;
done_testing();
