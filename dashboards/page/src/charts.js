// The bars.  The figures are in the tables beside them; a bar's length is all that is a float.
import * as Plot from '@observablehq/plot';
import { amount, bucket, day, length, percent } from './format.js';
import { h } from './dom.js';

// From "not due yet" to "over 90 days", told apart by lightness too; without a date is grey.
const colours = ['#4c8eda', '#f2c14e', '#ee8a35', '#d2492a', '#8e1b2c'];
const without = '#8b8f98';
const dark = new Set(['#d2492a', '#8e1b2c']);
const colour = (name, order) => (name === 'no_due_date' ? without
	: colours[Math.min(order.indexOf(name), colours.length - 1)]);

// Drawn anew at each width, for nothing is smaller than it can be read.
function drawn(label, draw) {
	const box = h('div', { class: 'chart', role: 'img', 'aria-label': label });
	let width = 0;

	new ResizeObserver(() => {
		if (box.clientWidth === width || box.clientWidth === 0) return;
		width = box.clientWidth;
		box.replaceChildren(draw(width));
	}).observe(box);
	return box;
}

export function legend(order) {
	return h('ul', { class: 'legend' }, order.map((name) => h('li', {},
		h('span', { class: 'swatch', style: `background: ${colour(name, order)}` }),
		bucket(name))));
}

// Each currency is a bar of its own 100 per cent: they are not compared, let alone added.
export function shares(rows, order) {
	const shown = rows.filter((row) => row.share !== null && length(row.share) > 0);
	const currencies = [...new Set(shown.map((row) => row.currency))];

	if (currencies.length === 0) return null;
	return drawn(`Ageing by share of each currency: ${shown.map((row) =>
		`${row.currency} ${bucket(row.bucket)} ${percent(row.share)}`).join(', ')}`,
	(width) => Plot.plot({
		width, height: 30 * currencies.length + 30, marginLeft: 48, marginRight: 20,
		marginTop: 4, marginBottom: 26, style: { fontSize: '13px', background: 'none' },
		x: { domain: [0, 100], label: null, ticks: width < 500 ? 3 : 5, tickSize: 0, clamp: true,
			tickFormat: (x) => `${x}%` },
		y: { domain: currencies, label: null, tickSize: 0, padding: 0.2 },
		marks: [
			Plot.barX(shown, Plot.stackX({ x: (row) => length(row.share), y: 'currency',
				fill: (row) => colour(row.bucket, order), insetRight: 1,
				title: (row) => `${row.currency}, ${bucket(row.bucket)}: `
					+ `${amount(row.amount, row.minor_unit)} (${percent(row.share)})` })),
			Plot.text(shown.filter((row) => length(row.share) * width > 5500),
				Plot.stackX({ x: (row) => length(row.share), y: 'currency',
					text: (row) => percent(row.share), fontWeight: 600,
					fill: (row) => (dark.has(colour(row.bucket, order)) ? '#fff' : '#111') })),
		],
	}));
}

// What was owed at the end of each month, in one currency.
export function closings(rows) {
	return drawn(`Closing balance by month: ${rows.map((row) =>
		`${day(row.month)} ${amount(row.closing, row.minor_unit)}`).join(', ')}`,
	(width) => Plot.plot({
		width, height: 180, marginLeft: 8, marginRight: 8, marginTop: 22, marginBottom: 26,
		style: { fontSize: '12px', background: 'none' },
		x: { domain: rows.map((row) => row.month), label: null, tickSize: 0, padding: 0.25,
			tickFormat: (month) => (rows.length * 60 > width ? month.slice(5) : day(month)) },
		y: { axis: null },
		marks: [
			Plot.barY(rows, { x: 'month', y: (row) => length(row.closing), fill: '#4c8eda',
				title: (row) => `${day(row.month)}: ${amount(row.closing, row.minor_unit)}` }),
			rows.length * 95 > width ? null : Plot.text(rows, { x: 'month',
				y: (row) => Math.max(length(row.closing), 0), dy: -8, fill: 'currentColor',
				text: (row) => amount(row.closing, row.minor_unit) }),
			Plot.ruleY([0]),
		],
	}));
}

// A bar in a cell: a share of 100 per cent.
export const bar = (share, kind) => h('span', { class: 'bar', 'aria-hidden': true },
	h('span', { class: kind, style: `width: ${Math.min(Math.max(length(share), 0), 100)}%` }));
