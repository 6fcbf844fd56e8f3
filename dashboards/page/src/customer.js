// One customer, and whose a number of the overview is.
import { amount, bucket, count, counted, day, word } from './format.js';
import { byCurrency, h, part, section, table } from './dom.js';
import { customerLink } from './overview.js';

const money = (name, field, kind = 'number') =>
	[name, (row) => amount(row[field], row.minor_unit), kind];

const net = (rows) => table('What it all comes to', [
	['Currency', (row) => row.currency], money('Unpaid', 'unpaid'),
	['of it overdue', (row) => h('span', { class: /[1-9]/.test(row.overdue) ? 'late' : 'zero' },
		amount(row.overdue, row.minor_unit)), 'number'],
	money('− unapplied cash', 'unapplied_cash'), money('− deposits held', 'deposits_held'),
	money('− credit', 'credit_available'), money('= net', 'net', 'number total'),
], rows, 'This customer owes and holds nothing.');

const invoices = (rows) => (rows.length === 0 ? h('p', { class: 'empty' }, 'No invoice is unpaid.')
	: [...byCurrency(rows)].map(([currency, list]) => table(`Unpaid invoices in ${currency}`, [
		['Invoice', (row) => row.number || row.id],
		['State', (row) => word(row.class)],
		['Due', (row) => day(row.due)],
		['Days late', (row) => h('span', { class: 'late' }, row.days_late ?? ''), 'number'],
		money('Billed', 'total'), money('Left to pay', 'amount'),
	], list)));

const holdings = (deposits, credits) => h('div', { class: 'pair' },
	part(deposits, (rows) => table('Deposits', [
		['Currency', (row) => row.currency], ['Status', (row) => word(row.state)],
		['Deposits', (row) => count(row.count), 'number'], money('Amount', 'amount'),
	], rows, 'There are no deposits.')),
	part(credits, (rows) => table('Available credit', [
		['Memo', (row) => row.number || row.id], ['Currency', (row) => row.currency],
		['Reason', (row) => word(row.reason)], ['Expires', (row) => day(row.expires) || 'Never'],
		money('Left', 'amount'),
	], rows, 'No credit is available.')));

const edges = { opening_balance: 'Opening balance', closing_balance: 'Closing balance' };

const lines = (rows) => (rows.length === 0 ? h('p', { class: 'empty' }, 'Nothing has happened yet.')
	: [...byCurrency(rows)].map(([currency, list]) => table(`Statement in ${currency}`, [
		['Day', (row) => day(row.day)],
		['What', (row) => edges[row.kind] ?? word(row.kind)],
		['Document', (row) => row.document_id ?? ''],
		['Invoice', (row) => row.number ?? ''],
		money('Amount', 'amount'), money('Balance', 'balance'),
	], list.map((row) => ({ ...row, class: edges[row.kind] && 'edge' })))));

// The statement of a period, and another one when somebody asks for it.
function statement(id, first, ask) {
	const box = h('div', { 'aria-live': 'polite' });
	const show = (answer) => box.replaceChildren(...[part(answer.statement, lines)].flat());
	const date = (name, value) => h('label', {}, name,
		h('input', { type: 'date', name: name.toLowerCase(), value, required: true }));
	const form = h('form', { class: 'period', onsubmit: async (event) => {
		event.preventDefault();
		const { from, to } = Object.fromEntries(new FormData(form));
		box.replaceChildren(h('p', { role: 'status' }, 'Reading …'));
		show(await ask('statement', { customer: id, start: from, finish: to })
			.catch((error) => ({ statement: { error } })));
	} }, date('From', first.period.start), date('To', first.period.finish),
	h('button', {}, 'Show'));

	show(first);
	return section('Statement', 'What was owed, what happened, and what is owed.', form, box);
}

const back = () => h('p', { class: 'back' }, h('a', { href: '#' }, '← The whole book'));

export async function customer(ask, id) {
	const [answer, first] = await Promise.all([ask('customer', { customer: id }),
		ask('statement', { customer: id })]);
	const { name } = answer.name;

	return { title: name || id, content: [back(),
		h('h1', { tabindex: -1 }, name || id), name ? h('p', { class: 'explanation' }, id) : null,
		section('Today', 'What is owed, less what the customer has with you, by currency.',
			part(answer.net, net)),
		section('Unpaid invoices', 'Drafts too. What is left to pay adds up to what is unpaid.',
			part(answer.invoices, invoices)),
		section('Deposits and credits', null, holdings(answer.deposits, answer.credits)),
		first.period ? statement(id, first, ask) : null] };
}

const sources = {
	unpaid: () => 'Unpaid', overdue: () => 'Overdue', credits: () => 'Available credit',
	ageing: bucket, deposits: (state) => `Deposits: ${word(state)}`,
	expiry: (month) => (month ? `Credit that expires in ${day(month)}`
		: 'Credit that never expires'),
	opening: (month) => `Opening balance of ${day(month)}`,
	closing: (month) => `Closing balance of ${day(month)}`,
};

// What happened in a month: invoiced, paid and so on.
const happened = (what) => (month) => `${word(what)} in ${day(month)}`;

// The customers behind a number, with what all of them come to.
export async function behind(ask, source, currency, what) {
	const answer = await ask('behind', { source, currency, what });
	const title = `${(sources[source] ?? happened(source))(what)}, ${currency}`;

	return { title, content: [back(), h('h1', { tabindex: -1 }, title),
		part(answer.customers, ({ minor_unit: decimals, customers, amount: sum, rows }) => [
			h('p', { class: 'figure' }, amount(sum, decimals)),
			h('p', {}, `of ${counted(customers, 'customers')}${rows.length < Number(customers)
				? `, of whom these are the first ${rows.length}` : ''}`),
			table('Customers', [['Customer', customerLink, 'name'],
				['Number', (row) => count(row.count), 'number'],
				['Amount', (row) => amount(row.amount, decimals), 'number']], rows, 'Nobody.'),
		])] };
}
