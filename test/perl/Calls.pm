# Calls of every function over a ledger, and rows of all kinds for them.
package Calls;

use strict;
use warnings;
use Exporter 'import';

our @EXPORT_OK = qw(@calls $rows);

# What a ledger of create_ledger() gets, whose schema search_path has.
our $rows = <<'SQL';
INSERT INTO customer (customer_id) VALUES ('c1'), ('c2');
INSERT INTO invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining, due_date, issued_at)
VALUES ('i1', 'c1', 'usd', 'open', 5, 5, 5, '2026-01-01', '2025-12-01Z'),
	('i2', 'c2', 'eur', 'paid', 7, 7, 0, NULL, '2025-12-01Z');
INSERT INTO invoice_line_item (invoice_id, price_type, amount) VALUES ('i1', 'usage', 5);
INSERT INTO deposit VALUES ('d1', 'c1', 'usd', 'held', 3);
INSERT INTO vcu_invoice (vcu_invoice_id, customer_id, currency, status, units)
VALUES ('v1', 'c1', 'brl', 'pending', 2);
INSERT INTO vcu_order (vcu_order_id, customer_id, currency, status, units)
VALUES ('o1', 'c1', 'brl', 'issued', 2);
INSERT INTO credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	issue_date, reason) VALUES ('m1', 'b', 'c1', 'issued', 'usd', 900, '2026-01-01', 'goodwill');
INSERT INTO payment (payment_id, customer_id, currency, amount, paid_at, invoice_id)
VALUES ('p2', 'c2', 'eur', 7, '2025-12-05Z', 'i2');
INSERT INTO exchange_rate VALUES ('usd', 'eur', '2025-01-01', 0.9, 'us'),
	('eur', 'eur', '2025-01-01', 1, 'us');
SQL

# Calls over a ledger, LEDGER; CUSTOMER is one who is in it, or NULL to be nobody.
our @calls = (
	map({ my $report = $_; "SELECT * FROM LEDGER.report_$report" }
		qw(customer_balance invoice_summary ageing vcu_balance customer_credits metrics
			credit_expiry roll_forward)),
	map({ "SELECT balance.$_('c1', ledger => 'LEDGER')" }
		qw(customer_balance invoice_summary vcu_balance customer_credits position_at invoices_at
		  net_rows unapplied_cash customer_balance_at invoice_summary_at ageing_at open_items)),
	q{SELECT balance.items('c1', 'unpaid_invoice_count', 'usd', ledger => 'LEDGER')},
	map({ "SELECT balance.$_(ledger => 'LEDGER')" }
		qw(customer_balances invoice_summaries vcu_balances positions_at all_invoices_at
		  aged_receivables roll_forward_months verify verify_summary fold maintenance
		  create_report_views)),
	map({ "SELECT balance.$_('c1', '2026-01-01', '2026-02-01', ledger => 'LEDGER')" }
		qw(statement statement_document)),
	map({ "SELECT balance.$_('2026-01-01', '2026-02-01', ledger => 'LEDGER')" }
		qw(roll_forward customer_roll_forwards)),
	map({ "SELECT balance.roll_forward_items($_, 'closing', '2026-01-01', '2026-02-01',
		ledger => 'LEDGER')" } q{'c1'}, 'NULL'),
	map({ "SELECT balance.${_}_in('eur', '2026-01-01', 'LEDGER')" }
		qw(report_customer_balance report_invoice_summary report_ageing report_customer_credits
			report_credit_expiry report_roll_forward)),
	"SELECT balance.in_reporting_currency('usd', 1, 'eur', '2026-01-01', 'LEDGER')",
	q{SELECT balance.verify('LEDGER', 'c1')},
	q{SELECT balance.check_ledger('LEDGER')},
	q{SELECT balance.top_debtors('usd', 3, ledger => 'LEDGER')},
	q{SELECT balance.version()},
	q{SELECT balance.progress()},
	q{SELECT balance.in_period(now(), NULL, NULL, now())},
	q{SELECT balance.store_counts('LEDGER', 'invoice')},
	q{SELECT balance.stored_position('LEDGER', 'invoice', 'c1', NULL)},
	q{SELECT balance.stored_rows('LEDGER', 'invoice')},
	q{SELECT balance.recorded_position('LEDGER', 'invoice', 'c1',
		(now() AT TIME ZONE 'UTC')::date)},
	q{SELECT s FROM ROWS FROM (balance.stored_positions('LEDGER', '{invoice}', NULL, false)
		AS (customer_id text, p balance.position)) AS s},
	q{SELECT balance.position_recorded('c1', (now() AT TIME ZONE 'UTC')::date, 'LEDGER')},
	q{SELECT balance.prune_history('2020-01-01', 'LEDGER')});
1;
