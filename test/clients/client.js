// The documents from Node with node-postgres (npm pg).  Prints a line for each check; where the
// server is comes from PGHOST and so on.  A double cannot hold every unit amount, so jsonb is
// parsed by lossless-json.
const assert = require('node:assert');
const { readFileSync } = require('node:fs');
const { isDeepStrictEqual } = require('node:util');
const { parse } = require('lossless-json');
const { Client, types } = require('pg');

const JSONB = types.builtins.JSONB;
const exact = {
  getTypeParser: (oid, format) => (oid === JSONB ? parse : types.getTypeParser(oid, format)),
};
const connect = async (config) => {
  const client = new Client(config);
  await client.connect();
  return client;
};

// A query with a name is prepared once for each connection.
const first = async (client, name, text, values) =>
  Object.values((await client.query({ name, text, values })).rows[0])[0];
const customerBalance = (client, ...values) =>
  first(client, 'customer_balance', 'SELECT balance.customer_balance($1, $2)',
    [values[0], values[1]]);
const invoiceSummary = (client, customer, asOf, zone) =>
  first(client, 'invoice_summary', 'SELECT balance.invoice_summary($1, $2, $3)',
    [customer, asOf, zone]);
const vcuBalance = (client, customer, start, end) =>
  first(client, 'vcu_balance', 'SELECT balance.vcu_balance($1, $2, $3)', [customer, start, end]);
const customerCredits = (client, customer, { business, currency, ledger } = {}) =>
  first(client, 'customer_credits', 'SELECT balance.customer_credits($1, $2, $3, $4)',
    [customer, business, currency, ledger]);
const httpAnswer = (client, api, { code, message, detail }) =>
  first(client, 'error_body', 'SELECT balance.error_body($1, $2, $3, $4)',
    [api, code, message, detail]);

const expected = parse(readFileSync(process.argv[2], 'utf8'));
const february = new Date('2026-02-15T12:00:00Z');
const check = (name, found, wanted) => {
  const same = isDeepStrictEqual(found, wanted);
  console.log(`${same ? 'ok' : 'not ok'} - ${name}`);
  const [is, was] = [found, wanted].map((value) => JSON.stringify(value));
  if (!same) console.error(`${name}: found ${is}, expected ${was}`);
};

async function documents(client) {
  for (let i = 0; i < 8; i++) {
    const last = i < 7 ? () => {} : check;
    last('customer_balance', await customerBalance(client, 'Cust_1'), expected.customer_balance);
    last('invoice_summary', await invoiceSummary(client, 'Cust_1', february, 'Europe/Berlin'),
      expected.invoice_summary);
    last('vcu_balance', await vcuBalance(client, 'Cust_1', '2026-01-01', '2026-01-31'),
      expected.vcu_balance);
    last('customer_credits', await customerCredits(client, 'Cust_1'), expected.customer_credits);
  }
  const { rows } = await client.query(
    `SELECT name FROM pg_prepared_statements WHERE generic_plans > 0 AND NOT from_sql
     ORDER BY name`);
  check('all were prepared, and at last ran by a generic plan', rows.map((row) => row.name),
    ['customer_balance', 'customer_credits', 'invoice_summary', 'vcu_balance']);
  check('the ledger as an argument', await customerBalance(client, 'Cust_1', 'archive'),
    expected.archive_balance);
  check('no customer, no document', await customerBalance(client, null), null);
}

async function errors(client) {
  const cases = {
    "no such customer, to Flexprice's clients":
      ['invoice-summary', () => invoiceSummary(client, 'nobody', february, 'UTC')],
    "no such customer, to DayZero's clients":
      ['customer-credits', () => customerCredits(client, 'nobody')],
    'several currencies': ['customer-credits', () => customerCredits(client, 'Cust_2')],
    'a time zone that is none':
      ['invoice-summary', () => invoiceSummary(client, 'Cust_1', february, 'Mars/Olympus')],
    'a ledger that the user may not read':
      ['customer-credits', () => customerCredits(client, 'Cust_1', { ledger: 'secret' })],
  };
  for (const [name, [api, call]] of Object.entries(cases)) {
    const error = await call().then(() => ({}), (e) => e);
    const answer = error.code ? await httpAnswer(client, api, error) : null;
    check(name, { sqlstate: error.code, answer }, expected.errors[name]);
  }
  const several = await customerCredits(client, 'Cust_2').catch((e) => e);
  check('what to do about it is in the hint', [several.detail, several.hint],
    ['The credit memos are in JPY, KWD.', 'Pass one of them as currency.']);
  const one = await customerCredits(client, 'Cust_2', { currency: 'kwd' });
  check('as it says', one.total_credits_available_dollars, '1.250');

  await client.query('BEGIN');
  await assert.rejects(vcuBalance(client, 'Cust_1', '2026-02-01', '2026-01-01'), { code: '22023' });
  await client.query('ROLLBACK');
  check('after an error in a transaction', await customerBalance(client, 'Cust_1'),
    expected.customer_balance);
}

async function digits(client) {
  const naive = await connect();
  const period = ['Cust_1', '2026-01-01', '2026-01-31'];
  const found = (document) =>
    document.balancesByCurrency.map((element) => String(element.vcuBalance.balance));
  check('JSON.parse loses digits', found(await vcuBalance(naive, ...period)),
    ['9007199254740992', '10.123456789012346']);
  check('lossless-json keeps them', found(await vcuBalance(client, ...period)),
    ['9007199254740993', '10.1234567890123456789012344']);
  const text = await first(naive, 'text', 'SELECT balance.vcu_balance($1, $2, $3)::text', period);
  check('so does jsonb as text', parse(text), expected.vcu_balance);
  check('and ->> in SQL', await first(naive, 'units',
    `SELECT array_agg(element #>> '{vcuBalance,balance}')
    FROM jsonb_array_elements(balance.vcu_balance($1, $2, $3) -> 'balancesByCurrency') element`,
  period),
  ['9007199254740993', '10.1234567890123456789012344']);
  await naive.end();
}

(async () => {
  const client = await connect({ types: exact });
  await documents(client);
  await errors(client);
  await digits(client);
  await client.end();

  const archive = await connect({ types: exact, options: '-c balance.ledger=archive' });
  check('the ledger as a setting of the connection', await customerBalance(archive, 'Cust_1'),
    expected.archive_balance);
  await archive.end();
})();
