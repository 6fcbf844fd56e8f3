# All that is asked of a ledger, LEDGER: documents of some customers (c1, c5, c10, c42, c199),
# books, reports, findings.
package Asked;
use strict;
use warnings;

sub queries
{
	return (
	map({ my $function = $_;
		map { "SELECT balance.$function('$_', ledger => 'LEDGER')" } 'c1', 'c42', 'c199' }
		qw(customer_balance invoice_summary vcu_balance position_at invoices_at customer_balance_at
		  invoice_summary_at ageing_at open_items)),
	map({ "SELECT balance.customer_credits('$_', currency => 'usd', ledger => 'LEDGER')" }
		'c1', 'c42', 'c0'),
	map({ "SELECT id, class, amount FROM balance.items('c42', '$_', 'usd', ledger => 'LEDGER')" }
		qw(invoices.paid deposits.held total_overdue_amount credit_memos.amount
		  unpaid_usage_charges credit_memos.applications.amount_applied)),
	q{SELECT id, amount FROM balance.items('c42', 'credit', 'brl', ledger => 'LEDGER')},
	q{SELECT balance.vcu_balance('c42', current_date - 30, current_date - 3, 'LEDGER')},
	map({ "SELECT * FROM balance.$_(ledger => 'LEDGER')" }
		qw(customer_balances invoice_summaries vcu_balances positions_at all_invoices_at
		  aged_receivables verify verify_summary)),
	q{SELECT * FROM balance.vcu_balances(current_date - 30, current_date - 3, false, 'LEDGER')},
	q{SELECT * FROM balance.verify('LEDGER', 'c42')},
	q{SELECT * FROM balance.top_debtors('usd', 5, ledger => 'LEDGER')},
	map({ my $customer = $_;
		map { "SELECT balance.$_('$customer', current_date - 151, current_date,"
			. " ledger => 'LEDGER')" } qw(statement statement_document) } 'c5', 'c10', 'c20'),
	map({ my $function = $_;
		map { "SELECT balance.$function('$_', ledger => 'LEDGER')" } 'c5', 'c10', 'c42' }
		qw(unapplied_cash net_rows)),
	map({ "SELECT * FROM balance.$_(current_date - 151, current_date - 90, ledger => 'LEDGER')" }
		qw(roll_forward customer_roll_forwards)),
	q{SELECT * FROM balance.roll_forward_months(ledger => 'LEDGER')},
	map({ "SELECT * FROM balance.roll_forward_items($_, 'closing', current_date - 151,"
		. " current_date - 90, ledger => 'LEDGER')" } 'NULL', "'c10'"),
	q{SELECT balance.in_reporting_currency('EUR', 7.5, 'USD', '2026-01-01', 'LEDGER')},
	q{SELECT * FROM balance.report_ageing_in('USD', '2026-01-01', 'LEDGER')},
	q{SELECT * FROM balance.report_customer_balance_in('USD', '2026-01-01', 'LEDGER')},
	q{SELECT * FROM balance.report_customer_credits_in('USD', '2026-01-01', 'LEDGER')},
	q{SELECT * FROM balance.report_credit_expiry_in('USD', '2026-01-01', 'LEDGER')},
	q{SELECT * FROM balance.report_roll_forward_in('USD', '2026-01-01', 'LEDGER')},
	q{SELECT * FROM balance.report_invoice_summary_in('USD', '2026-01-01', 'LEDGER')},
	map({ my $report = $_; map { "SELECT * FROM LEDGER.$report $_" } '',
			q{WHERE customer_id = 'c42'}, q{WHERE currency = 'USD'} }
		qw(report_customer_balance report_invoice_summary report_ageing report_vcu_balance
		  report_customer_credits report_metrics report_credit_expiry)),
	map({ my $book = $_; map { "SELECT * FROM LEDGER.$book $_" } '', q{WHERE customer_id = 'c42'} }
		qw(book_customer_balance book_invoice_summary)),
	q{TABLE LEDGER.report_roll_forward});
}

1;
