# Every aggregate, called over a table of these columns; merge takes positions p.
package Tallies;

use strict;
use warnings;
use Exporter 'import';

our @EXPORT = ('%tallies');

our %tallies = (
	'tally_invoices, date' => q{tally_invoices(currency, 'open', NULL, amount, amount,
		amount, day)},
	'tally_invoices, instant' => q{tally_invoices(currency, 'open', NULL, amount, amount,
		amount, instant)},
	'tally_invoices, short' => q{tally_invoices(currency, 'paid', NULL, amount)},
	'tally_charges' => q{tally_charges(currency, 'usage', amount)},
	'tally_deposits' => q{tally_deposits(currency, id, amount)},
	'tally_invoices_minor, date' => q{tally_invoices_minor(currency, 'open', NULL, i, i, i, day)},
	'tally_invoices_minor, instant' => q{tally_invoices_minor(currency, 'open', NULL, i, i, i,
		instant)},
	'tally_invoices_minor, short' => q{tally_invoices_minor(currency, 'paid', NULL, i)},
	'tally_charges_minor' => q{tally_charges_minor(currency, 'usage', i)},
	'tally_deposits_minor' => q{tally_deposits_minor(currency, id, i)},
	'tally_unit_invoices' => q{tally_unit_invoices(currency, 'paid', amount)},
	'tally_unit_orders' => q{tally_unit_orders(currency, 'issued', false, amount)},
	'tally_credit_memos' => q{tally_credit_memos(currency, 'issued', i, 1)},
	'merge' => 'merge(p)');

1;
