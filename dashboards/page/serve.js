// Serves the page that `observable build` made (the first argument is its folder) on the loopback
// address, and its data: each of them is the answer of a script in sql/, run by psql, so whoever
// starts this connects by libpq's environment and reads with their own rights.  Others on this
// machine reach the address too, so all of it is below a path that they cannot guess.
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const site = process.argv[2];
const psql = process.env.PSQL || 'psql';
const ledger = process.env.LEDGER || undefined;
const scripts = fileURLToPath(new URL('sql/', import.meta.url));
const root = `/${randomBytes(16).toString('hex')}/`;
const mostAtOnce = 4;

// What each script may be asked with; whatever else an address has is nobody's.
const variables = {
	overview: [],
	search: ['text'],
	customer: ['customer'],
	statement: ['customer', 'start', 'finish'],
	behind: ['source', 'currency', 'what'],
};
const optional = ['start', 'finish'];

const types = {
	'.html': 'text/html; charset=utf-8',
	'.js': 'text/javascript; charset=utf-8',
	'.css': 'text/css; charset=utf-8',
	'.json': 'application/json; charset=utf-8',
	lines: 'application/jsonl; charset=utf-8',
};

class Refused extends Error {
	constructor(status, body) {
		super(body.message);
		Object.assign(this, { status, body });
	}
}

// As psql reads the argument of \set: in quotes, and C's escapes within.
const quoted = (text) =>
	`'${text.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\n', '\\n')
		.replaceAll('\r', '\\r')}'`;

// One of a script's outputs by its parts, each of which begins with a line @name.
class Parts {
	texts = new Map();
	name = '';
	rest = '';

	add(text) {
		const lines = (this.rest + text).split('\n');

		this.rest = lines.pop();
		for (const line of lines) {
			const [, name] = line.match(/^@(\w+)$/) ?? [];

			if (name) this.texts.set(this.name = name, '');
			else this.texts.set(this.name, `${this.texts.get(this.name) ?? ''}${line}\n`);
		}
	}

	text(name) {
		return (this.texts.get(name) ?? '').trim();
	}

	// The parts that are whole: all of them behind which another one has begun.
	names(ended) {
		const names = [...this.texts.keys()].filter((name) => name !== '');
		return ended ? names : names.slice(0, -1);
	}
}

// What psql says of an error: its code, message, detail and hint, as far as there are any.
function problem(text) {
	const error = {};
	let field;

	for (const line of text.trimEnd().split('\n')) {
		const [, code, message] = line.match(/^psql:.*?:\d+: \w+: +(\w{5}): (.*)/) ?? [];
		const [, name, value] = line.match(/^(DETAIL|HINT|LINE \d+|LOCATION|QUERY): +(.*)/) ?? [];

		if (code && error.message) break;
		if (code) Object.assign(error, { code, message }), field = 'message';
		else if (name) error[field = name.toLowerCase()] = value;
		else if (field && !/^line/.test(field)) error[field] += `\n${line}`;
	}
	const { code, message = text.trim().replace(/^psql: error: /, ''), detail, hint } = error;
	return { code, message, detail, hint };
}

// Only so many at a time, and none for whoever has gone away.
let running = 0;
const waiting = [];
async function turn(run) {
	if (running >= mostAtOnce) await new Promise((resolve) => waiting.push(resolve));
	running++;
	try {
		return await run();
	} finally {
		running--;
		waiting.shift()?.();
	}
}

// psql runs a script, and each part of its answer is passed on as soon as it is whole: JSON, or
// the error in its place.  It is interrupted, and so cancels its query, when the signal says so, or
// when nothing more is wanted.
function run(script, values, signal, pass) {
	return new Promise((resolve, reject) => {
		const child = spawn(psql, ['-X', '-q', '-f', '-'], {
			env: { ...process.env, PGCLIENTENCODING: 'UTF8', LC_ALL: 'C',
				PGAPPNAME: process.env.PGAPPNAME ?? 'balance dashboard' },
		});
		const out = new Parts(), err = new Parts();
		const stop = () => child.kill('SIGINT');
		let passed = 0;
		const look = (ended) => {
			const errors = err.names(ended);

			for (const name of out.names(ended).slice(passed)) {
				if (!errors.includes(name)) break;
				passed++;
				if (!pass(name, out.text(name)
					|| JSON.stringify({ error: problem(err.text(name)) }))) stop();
			}
		};
		const listen = (stream, parts) => stream.setEncoding('utf8').on('data', (text) => {
			parts.add(text);
			look(false);
		});

		signal.addEventListener('abort', stop);
		if (signal.aborted) stop();
		listen(child.stdout, out);
		listen(child.stderr, err);
		child.stdin.on('error', () => {});
		child.on('error', (error) => reject(new Refused(502, {
			message: error.code === 'ENOENT' ? `there is no program ${psql}` : error.message,
			hint: 'On Debian it is in the package postgresql-client.' })));
		child.on('close', (code) => {
			signal.removeEventListener('abort', stop);
			look(true);
			// without its very first part there is no answer
			if (out.text('book') === '')
				reject(new Refused(502, problem(err.text('book') || err.text('') || err.rest)));
			else resolve(code === 0 ? {} : { error: problem(err.text(err.name)) });
		});
		child.stdin.end([
			...Object.entries(values).map(([name, value]) => `\\set ${name} ${quoted(value)}\n`),
			`\\i ${quoted(join(scripts, `${script}.sql`))}\n`].join(''));
	});
}

// Nothing is read from a book that is not there: whoever asks is told what to do instead.
function missing({ extension, exists, views, ledger: name, database }) {
	const sql = name.replaceAll("'", "''");

	if (!extension)
		return { message: `database "${database}" does not have the extension balance`,
			hint: 'Name the right one, as in PGDATABASE=books make dashboard, or there say '
				+ 'CREATE EXTENSION balance.' };
	if (!exists)
		return { message: `there is no ledger "${name}" in database "${database}"`,
			hint: 'Name the right one, as in LEDGER=books make dashboard.' };
	if (views === 0)
		return { message: `ledger "${name}" has no report views`,
			hint: `SELECT balance.create_report_views('${sql}') makes them.` };
}

function valuesOf(script, parameters) {
	const values = ledger === undefined ? {} : { ledger };

	for (const name of variables[script]) {
		const value = parameters.get(name);

		if (value === null && optional.includes(name)) continue;
		if (value === null || value.includes('\0'))
			throw new Refused(400, { message: `no ${name} is given` });
		values[name] = value;
	}
	return values;
}

// Nothing runs in the page but what the build put there.
const policies = (html) => [
	"default-src 'none'", "connect-src 'self'", "img-src 'self' data:",
	"style-src 'self' 'unsafe-inline'", "base-uri 'none'", "form-action 'none'",
	"frame-ancestors 'none'",
	`script-src 'self' ${[...html.matchAll(/<script[^>]*>([^]*?)<\/script>/g)]
		.map(([, code]) => `'sha256-${createHash('sha256').update(code).digest('base64')}'`)
		.join(' ')}`,
].join('; ');

const headers = {
	'Cache-Control': 'no-store',
	'Referrer-Policy': 'no-referrer',
	'X-Content-Type-Options': 'nosniff',
};

const noSuchPage = () => new Refused(404, { message: 'there is no such page' });

async function file(path) {
	const name = normalize(path === '' ? 'index.html' : path);
	const type = types[extname(name)];

	if (!type || name.startsWith('..')) throw noSuchPage();
	const content = await readFile(join(site, name)).catch(() => {
		throw noSuchPage();
	});
	return { 'Content-Type': type, content,
		...(type.startsWith('text/html') && {
			'Content-Security-Policy': policies(content.toString()) }) };
}

// Each part of the answer is a line, and the last one, end, has the error that ended it early, if
// one did.  Nothing is begun before it is known that there is a book.
async function data(script, parameters, signal, response) {
	if (!Object.hasOwn(variables, script))
		throw new Refused(404, { message: 'there is no such data' });
	const values = valuesOf(script, parameters);
	let refused;

	const end = await turn(() => run(script, values, signal, (name, text) => {
		const lack = name === 'book' ? missing(JSON.parse(text)) : undefined;

		refused ??= lack && new Refused(404, lack);
		if (refused) return false;
		if (!response.headersSent)
			response.writeHead(200, { ...headers, 'Content-Type': types.lines });
		response.write(`{"name": "${name}", "value": ${text.replaceAll('\n', ' ')}}\n`);
		return true;
	}));
	if (refused) throw refused;
	response.end(`{"name": "end", "value": ${JSON.stringify(end)}}\n`);
}

async function respond(request, response) {
	const gone = new AbortController();
	response.on('close', () => gone.abort());
	try {
		const { pathname, searchParams } = new URL(request.url, 'http://localhost');

		if (!pathname.startsWith(root)) throw noSuchPage();
		if (request.method !== 'GET')
			throw new Refused(405, { message: 'only GET is answered' });
		const path = decodeURIComponent(pathname.slice(root.length));
		const [, script] = path.match(/^data\/(\w+)\.json$/) ?? [];

		if (script) {
			await data(script, searchParams, gone.signal, response);
			return;
		}
		const { content, ...more } = await file(path);
		response.writeHead(200, { ...headers, ...more }).end(content);
	} catch (error) {
		const { status = 500, body = { message: error.message } } = error;

		if (response.headersSent) response.destroy();
		else response.writeHead(status, { ...headers, 'Content-Type': types['.json'] })
			.end(JSON.stringify({ error: body }));
	}
}

const server = createServer(respond).listen(0, '127.0.0.1', () => {
	console.log(`http://127.0.0.1:${server.address().port}${root}`);
});

// It ends with the terminal that it was started from, and with the make behind that.
const parent = process.ppid;
const end = () => process.exit(0);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
process.stdout.on('error', end);
if (process.stdin.isTTY) process.stdin.resume().on('end', end).on('error', end);
setInterval(() => process.ppid === parent || end(), 1000).unref();
