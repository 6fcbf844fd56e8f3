// The whole book: each currency by itself.
import { amount, bucket, count, counted, day, percent, word } from './format.js';
import { bar, closings, legend, shares } from './charts.js';
import { byCurrency, failure, h, part, section, table } from './dom.js';

const monthsShown = 12;

const to = (route, ...words) => `#${[route, ...words].map((w) => encodeURIComponent(w)).join('/')}`;

export const customerLink = ({ customer_id: id, name }) =>
	h('a', { href: to('customer', id), title: name ? id : undefined }, name || id);

// A number that leads to those whom it is of.
const number = (row, text, source, what) => (/^-?0(\.0+)?$/.test(text)
	? h('span', { class: 'zero' }, amount(text, row.minor_unit))
	: h('a', { href: to('behind', source, row.currency, what ?? ''),
		'aria-label': `${row.currency} ${amount(text, row.minor_unit)}: who` },
	amount(text, row.minor_unit)));

// The first thing that is seen: what is owed, and how much of it is late.
const card = (row) => h('article', { class: 'card', 'aria-label': `${row.currency}` },
	h('h3', {}, row.currency),
	h('p', { class: 'figure' }, number(row, row.unpaid, 'unpaid')),
	h('p', {}, `unpaid: ${counted(row.invoices, 'invoices')}, `
		+ counted(row.customers, 'customers')),
	bar(row.share, 'late'),
	h('p', { class: row.overdue_invoices === '0' ? 'fine' : 'late' },
		row.overdue_invoices === '0' ? 'nothing overdue'
			: ['overdue: ', number(row, row.overdue, 'overdue'),
				row.share === null ? '' : ` (${percent(row.share)})`]));

function receivables({ currencies }) {
	const owed = currencies.filter((row) => row.invoices !== '0');

	return section('What is owed',
		'What is unpaid today, and how much of it is past due. Currencies are never added up.',
		owed.length === 0 ? h('p', { class: 'empty' }, 'Nobody owes anything.')
			: h('div', { class: 'cards' }, owed.map(card)));
}

function ageing(rows) {
	const order = [...new Set([...rows]
		.sort((a, b) => a.place - b.place || a.from_days - b.from_days)
		.map((row) => row.bucket))];
	const currencies = [...byCurrency(rows)]
		.filter(([, list]) => list.some((row) => row.count !== '0'));
	const cell = (name) => ([, list]) => {
		const row = list.find((one) => one.bucket === name);
		return row ? number(row, row.amount, 'ageing', name) : '';
	};

	return section('Ageing', 'How late it is, as a share of each currency’s own total.',
		currencies.length === 0 ? h('p', { class: 'empty' }, 'Nothing is unpaid.')
			: [legend(order), shares(currencies.flatMap(([, list]) => list), order),
				table('Unpaid amounts by days late', [['Currency', ([currency]) => currency],
					...order.map((name) => [bucket(name), cell(name), 'number'])], currencies)]);
}

const debtors = (rows) => [
	table('Who owes most', [
		['Customer', customerLink, 'name'],
		['Unpaid', (row) => amount(row.unpaid, row.minor_unit), 'number'],
		['Overdue', (row) => h('span', { class: row.overdue_invoices === '0' ? 'zero' : 'late' },
			amount(row.overdue, row.minor_unit)), 'number'],
		['Share of all that is unpaid', (row) => [bar(row.share, 'share'), percent(row.share)],
			'share'],
		['Invoices', (row) => count(row.invoices), 'number'],
	], rows, 'Nobody owes anything in this currency.'),
	rows.length >= 20 ? h('p', {}, h('a', { href: to('behind', 'unpaid', rows[0].currency, '') },
		'More of them')) : null,
];

const holdings = (deposits, credits, expiry) => section('Deposits and credits',
	'What customers hold: money that they deposited, and what is left of their credit memos.',
	h('div', { class: 'pair' },
		part(deposits, (rows) => table('Deposits', [
			['Currency', (row) => row.currency], ['Status', (row) => word(row.state)],
			['Deposits', (row) => count(row.count), 'number'],
			['Amount', (row) => number(row, row.amount, 'deposits', row.state), 'number'],
		], rows, 'There are no deposits.')),
		part(credits, (rows) => table('Available credit', [
			['Currency', (row) => row.currency], ['Memos', (row) => count(row.count), 'number'],
			['Available', (row) => number(row, row.amount, 'credits'), 'number'],
		], rows, 'No credit is available.')),
		part(expiry, (rows) => table('When credit expires', [
			['Currency', (row) => row.currency],
			['Expires', (row) => (row.month ? day(row.month) : 'Never')],
			['Memos', (row) => count(row.count), 'number'],
			['Amount', (row) => number(row, row.amount, 'expiry', row.month), 'number'],
		], rows, 'No credit is available.'))));

function rollForward(rows) {
	const shown = rows.slice(-monthsShown);
	const column = (name, field) =>
		[name, (row) => number(row, row[field], field, row.month), 'number'];

	if (rows.length === 0)
		return h('p', { class: 'empty' }, 'Nothing has happened in this currency.');
	return [closings(shown),
		table('What happened in each month', [
			['Month', (row) => day(row.month)], column('Opening', 'opening'),
			column('+ invoiced', 'invoiced'), column('− voided', 'voided'),
			column('− paid', 'paid'), column('+ refunded', 'refunded'),
			column('− credited', 'credited'),
			column('= closing', 'closing'),
			['Days sales outstanding', (row) => row.days ?? '–', 'number'],
		], [...shown].reverse()),
		rows.length > shown.length ? h('p', { class: 'explanation' },
			`The last ${monthsShown} of ${rows.length} months.`) : null];
}

// Where most invoices are unpaid, until somebody chooses.
function mostOwing(debts) {
	return debts.reduce((a, b) => (Number(b.invoices) > Number(a?.invoices ?? 0) ? b : a), null)
		?.currency;
}

// The parts that show one currency, and the buttons that choose it; the roll-forward may come
// later.
function chosen(receivables, rollForwards, state) {
	const currencies = [...new Set([receivables.currencies, rollForwards]
		.filter(Array.isArray).flat().map((row) => row.currency))].sort();
	const box = h('div', {});
	const own = (rows) => rows.filter((row) => row.currency === state.currency);
	const show = () => box.replaceChildren(
		section(`Who owes most in ${state.currency}`, 'A name leads to the invoices behind it.',
			part(receivables, ({ debtors: rows }) => debtors(own(rows)))),
		section(`Roll-forward in ${state.currency}`,
			'What was owed when each month began, what happened, and what was owed at its end.',
			rollForwards ? part(rollForwards, (rows) => rollForward(own(rows))) : waiting()));
	const choice = (currency) => h('label', {},
		h('input', { type: 'radio', name: 'currency', value: currency,
			checked: currency === state.currency, onchange: () => {
				state.currency = currency;
				show();
			} }), h('span', {}, currency));

	if (currencies.length === 0) return rollForwards?.error ? failure(rollForwards.error) : null;
	if (!currencies.includes(state.currency))
		state.currency = mostOwing(receivables.currencies ?? []) ?? currencies[0];
	show();
	return h('div', {}, currencies.length < 2 ? null
		: h('fieldset', { class: 'choice' }, h('legend', {}, 'Currency'),
			currencies.map(choice)), box);
}

const waiting = () => h('p', { class: 'empty', role: 'status' }, 'Reading …');

// A box for what is drawn of parts of the book, when they have come; what is drawn anew keeps the
// choice that has the focus.
function later(book, names, draw) {
	const box = h('div', {}, waiting());
	const show = (values) => {
		const choosing = box.contains(document.activeElement)
			&& document.activeElement.matches('.choice input');

		box.replaceChildren(...[draw(...values)].flat().filter((child) => child));
		if (choosing) box.querySelector('.choice input:checked')?.focus();
	};

	Promise.all(names.map(book.part)).then(show);
	return { box, show };
}

export function overview(book, ledger, state) {
	const byChoice = later(book, ['receivables', 'roll_forward'],
		(receivable, rolled) => chosen(receivable, rolled, state));

	// who owes most does not wait for the roll-forward
	book.part('receivables').then((value) => byChoice.show([value]));
	return [
		h('h1', { class: 'unseen', tabindex: -1 }, `Receivables of ledger ${ledger}`),
		later(book, ['receivables'], (value) => part(value, receivables)).box,
		later(book, ['ageing'], (value) => part(value, ageing)).box,
		byChoice.box,
		later(book, ['deposits', 'credits', 'expiry'], holdings).box,
	];
}
