// What is shown is what the address says behind its #: the whole book, a customer, or whose a
// number is.  The book is read once, when the page is opened; all else when it is asked for.
import { failure, h } from './dom.js';
import { day } from './format.js';
import { behind, customer } from './customer.js';
import { customerLink, overview } from './overview.js';

const silent = () => Object.assign(new Error('the program behind this page does not answer'),
	{ hint: 'It ends with its terminal. Another make dashboard prints another address.' });

// The lines of an answer as they come.
async function* linesOf(response) {
	const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
	let rest = '';

	for (;;) {
		const { done, value } = await reader.read();
		if (done) return;
		const lines = (rest + value).split('\n');
		rest = lines.pop();
		yield* lines;
	}
}

// The parts of an answer of the server's by name, each also passed on when it comes; or an error as
// the database words it.
async function ask(script, parameters = {}, signal = undefined, pass = () => {}) {
	const parts = {};

	try {
		const response = await fetch(`./data/${script}.json?${new URLSearchParams(parameters)}`,
			{ signal });

		if (!response.ok) {
			const { error } = await response.json();
			throw Object.assign(new Error(error.message), error, { said: true });
		}
		for await (const line of linesOf(response)) {
			const { name, value } = JSON.parse(line);

			parts[name] = value;
			pass(name, value);
		}
	} catch (error) {
		if (error.name === 'AbortError' || error.said) throw error;
		throw silent();
	}
	if (!parts.end) throw silent();
	if (parts.end.error) throw Object.assign(new Error(parts.end.error.message), parts.end.error);
	return parts;
}

// The parts of the book: the first is waited for, all others come when they come.
function readBook() {
	const promises = {}, settle = {};
	const part = (name) => (promises[name] ??= new Promise((resolve) => {
		settle[name] = resolve;
	}));
	const all = ['receivables', 'ageing', 'deposits', 'credits', 'expiry', 'roll_forward'];

	all.forEach(part);
	const first = new Promise((resolve, reject) => {
		ask('overview', {}, undefined, (name, value) => {
			if (name === 'book') resolve(value);
			else settle[name]?.(value);
		}).catch((error) => {
			reject(error);
			// what has not come does not come any more
			all.forEach((name) => settle[name]({ error }));
		});
	});
	return { first, part };
}

// The names that fit what is typed, below it.
function search() {
	const list = h('ul', { id: 'found', 'aria-label': 'Customers found' });
	const said = h('p', { role: 'status', class: 'said' });
	let asked = new AbortController();
	const show = (text, ...items) => {
		said.textContent = text;
		list.replaceChildren(...items);
	};
	const find = async (text) => {
		asked.abort();
		asked = new AbortController();
		const { signal } = asked;

		if (text === '') return show('');
		await new Promise((resolve) => setTimeout(resolve, 150));
		if (signal.aborted) return undefined;
		try {
			const { customers } = await ask('search', { text }, signal);

			if (customers.error) return show('', h('li', {}, failure(customers.error)));
			return show(customers.length === 0 ? 'Nobody is called that.'
				: customers.length === 20 ? 'The first 20:' : `${customers.length} found:`,
			...customers.map((row) => h('li', {}, customerLink(row),
				row.name ? h('small', {}, row.customer_id) : null)));
		} catch (error) {
			return signal.aborted ? undefined : show('', h('li', {}, failure(error)));
		}
	};
	const input = h('input', { type: 'search', id: 'search', autocomplete: 'off',
		spellcheck: 'false', placeholder: 'Name or id', oninput: () => find(input.value.trim()) });
	const clear = () => {
		input.value = '';
		find('');
	};

	return h('search', { class: 'search', onkeydown: (event) => {
		if (event.key !== 'Escape') return;
		clear();
		input.focus();
	}, onclick: (event) => event.target.closest('a') && clear() },
	h('form', { role: 'search', onsubmit: (event) => {
		event.preventDefault();
		list.querySelector('a')?.click();
	} }, h('label', { for: 'search' }, 'Find a customer'), input), said, list);
}

const head = (book) => h('header', {},
	h('div', {}, h('p', { class: 'title' }, h('a', { href: '#' }, 'Receivables')),
		h('p', { class: 'explanation' }, `Ledger ${book.ledger} in ${book.database}, read as `
			+ `${book.role} at ${day(book.as_of.slice(0, 10))}, ${book.as_of.slice(11, 16)} `
			+ `(${book.zone}). `,
		h('button', { type: 'button', class: 'plain', onclick: () => window.location.reload() },
			'Read again'))),
	search());

export async function start(root) {
	const main = h('div', { id: 'main', tabindex: -1 });
	const state = {};
	let ledger, at = 0, opened = false;

	// the framework leaves these out, and forbids to enlarge the page
	document.documentElement.lang = 'en';
	document.querySelector('meta[name=viewport]').content = 'width=device-width, initial-scale=1';

	// the last address that was asked for is the one that is shown
	const show = async () => {
		const mine = ++at;
		const [route, ...words] = window.location.hash.slice(1).split('/').map(decodeURIComponent);
		const reading = setTimeout(() =>
			main.replaceChildren(h('p', { role: 'status' }, 'Reading …')), 150);
		let page;

		try {
			page = await (route === 'customer' ? customer(ask, words[0])
				: route === 'behind' ? behind(ask, ...words)
					: { title: 'Receivables', content: overview(book, ledger, state) });
		} catch (error) {
			page = { title: 'Receivables', content: [h('p', { class: 'back' },
				h('a', { href: '#' }, '← The whole book')), failure(error)] };
		}
		clearTimeout(reading);
		if (mine !== at) return;
		document.title = page.title;
		main.replaceChildren(...page.content.flat(2).filter((child) => child));
		if (opened) {
			window.scrollTo(0, 0);
			main.querySelector('h1')?.focus({ preventScroll: true });
		}
		opened = true;
	};

	const book = readBook();
	let read;

	try {
		read = await book.first;
		ledger = read.ledger;
	} catch (error) {
		root.replaceChildren(h('div', { id: 'main' }, h('h1', {}, 'Receivables'),
			failure(error, 'The book could not be read'),
			h('button', { type: 'button', onclick: () => window.location.reload() }, 'Try again')));
		return;
	}
	root.replaceChildren(h('a', { class: 'unseen', href: '#main', onclick: (event) => {
		event.preventDefault();
		(main.querySelector('a, input, button') ?? main).focus();
	} }, 'Skip to the figures'), head(read), main);
	window.addEventListener('hashchange', show);
	await show();
}
