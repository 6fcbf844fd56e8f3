// Elements from what the database said: texts only ever become text.

export function h(name, attributes = {}, ...children) {
	const element = document.createElement(name);

	for (const [key, value] of Object.entries(attributes)) {
		if (value === undefined || value === null || value === false) continue;
		if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
		else element.setAttribute(key, value === true ? '' : value);
	}
	element.append(...children.flat().filter((child) => child !== null && child !== undefined));
	return element;
}

// A heading with what belongs to it, and a sentence that says what it shows.
export function section(title, explanation, ...children) {
	const id = title.toLowerCase().replace(/\W+/g, '-');

	return h('section', { 'aria-labelledby': id }, h('h2', { id }, title),
		explanation && h('p', { class: 'explanation' }, explanation), ...children);
}

// A table in a frame that scrolls by itself where it is too wide, by keyboard as well.  A column
// is [heading, cell of a row, class]; the first is the row's heading.
export function table(caption, columns, rows, empty = 'Nothing.') {
	if (rows.length === 0) return h('p', { class: 'empty' }, empty);
	const frame = h('div', { class: 'frame', role: 'region', 'aria-label': caption, tabindex: 0 },
		h('table', {}, h('caption', {}, caption),
			h('thead', {}, h('tr', {}, columns.map(([heading, , kind]) =>
				h('th', { scope: 'col', class: kind }, heading)))),
			h('tbody', {}, rows.map((row) => h('tr', { class: row.class },
				columns.map(([, cell, kind], i) => h(i === 0 ? 'th' : 'td',
					{ scope: i === 0 ? 'row' : undefined, class: kind }, cell(row))))))));

	// what does not scroll need not be stopped at
	new ResizeObserver(() => {
		if (frame.scrollWidth > frame.clientWidth) frame.setAttribute('tabindex', 0);
		else frame.removeAttribute('tabindex');
	}).observe(frame);
	return frame;
}

// What the database says where a figure would be.
export function failure({ message, detail, hint, code }, title = 'This could not be read') {
	return h('div', { class: 'failure', role: 'alert' },
		h('p', {}, h('strong', {}, `${title}: `), message),
		detail && h('p', {}, detail), hint && h('p', {}, hint),
		code && h('p', { class: 'explanation' }, `SQLSTATE ${code}`));
}

// A part of an answer, or its error.
export const part = (value, show) => (value.error ? failure(value.error) : show(value));

// The rows of each currency by themselves, in the order in which they come.
export function byCurrency(rows) {
	const found = new Map();

	for (const row of rows) {
		if (!found.has(row.currency)) found.set(row.currency, []);
		found.get(row.currency).push(row);
	}
	return found;
}
