// Report views by Kysely.  db.ts has their types, which kysely-codegen made of the catalogue; the
// views' comments are its documentation.  Prints a line for each check; where the server is comes
// from PGHOST and so on.
import { isDeepStrictEqual } from 'node:util';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { DB } from './db.js';
import { money } from './money.js';

const db = new Kysely<DB>({ dialect: new PostgresDialect({ pool: new pg.Pool({ max: 1 }) }) });
const check = (name: string, found: unknown, wanted: unknown): void => {
  const same = isDeepStrictEqual(found, wanted);
  console.log(`${same ? 'ok' : 'not ok'} - ${name}`);
  if (!same) console.error(`${name}: found ${JSON.stringify(found)}`);
};

// numeric and bigint are strings, to the compiler as well
const receivables = await db.selectFrom('billing.report_invoice_summary')
  .select(['currency', 'minor_unit', 'total_unpaid_amount', 'unpaid_invoice_count'])
  .where('customer_id', '=', 'Cust_1').orderBy('currency').execute();
const unpaid: Record<string, string | null> = Object.fromEntries(
  receivables.map((row) => [row.currency, row.total_unpaid_amount]));
check('a report view, with amounts as strings', unpaid, { KWD: '1.250', USD: '50.25' });
check('... and counts', receivables.map((row) => row.unpaid_invoice_count), ['1', '1']);

const balances = await db.selectFrom('billing.report_customer_balance')
  .select(({ fn }) => ['currency', fn.sum<string>('total').as('total')])
  .where('kind', '=', 'invoices').where('customer_id', '=', 'Cust_1')
  .groupBy('currency').orderBy('currency').execute();
check('sums of sums stay exact', balances, [{ currency: 'JPY', total: '0' },
  { currency: 'KWD', total: '1.250' }, { currency: 'USD', total: '12345678901234695.39' }]);

// a document is text, until somebody parses it who keeps the digits
const { rows: [row] } = await sql<{ document: string }>`
  SELECT balance.vcu_balance(${'Cust_1'}, ${'2026-01-01'}, ${'2026-01-31'})::text AS document`
  .execute(db);
check('a document, with all of its digits', /10\.1234567890123456789012344/.test(row!.document),
  true);

// What Intl thinks of a currency's decimals is not what ISO 4217 says.
const { rows: currencies } = await sql<{ code: string; minor_unit: number }>`
  SELECT c.code, balance.minor_unit(c.code) AS minor_unit
  FROM (SELECT chr(65 + a) || chr(65 + b) || chr(65 + c) AS code
        FROM generate_series(0, 25) a, generate_series(0, 25) b, generate_series(0, 25) c) c
  WHERE balance.known_currency(c.code) AND balance.currency_withdrawn(c.code) IS NULL
    AND balance.minor_unit(c.code) IS NOT NULL ORDER BY c.code`.execute(db);
const differ = currencies.filter(({ code, minor_unit }) =>
  minor_unit !== new Intl.NumberFormat('en', { style: 'currency', currency: code })
    .resolvedOptions().maximumFractionDigits);
const known = process.argv[2]!.split(' ');
const unknown = differ.map(({ code }) => code).filter((code) => !known.includes(code));
check(`Intl has other decimals for ${differ.length} codes, all of them documented`, unknown, []);
const [iqd] = differ.filter(({ code }) => code === 'IQD');
check('which would be a wrong amount', [iqd!.minor_unit, new Intl.NumberFormat('en',
  { style: 'currency', currency: 'IQD' }).format(1.25).replace(/\s/, ' ')], [3, 'IQD 1']);
check('by minor_unit none is wrong', currencies.filter(({ code, minor_unit }) =>
  !money(minor_unit === 0 ? '5' : `5.${'4'.repeat(minor_unit)}`, code, minor_unit, 'en').endsWith(
    minor_unit === 0 ? '5' : `5.${'4'.repeat(minor_unit)}`)), []);
check('money as people write it', [money('12345678901234567.89', 'USD', 2, 'en-US'),
  money('-0.5', 'EUR', 2, 'de-DE').replace(/\s/, ' '), money('1200', 'JPY', 0, 'en-US'),
  money('0.00012345', 'USD', 2, 'en-US')],
['$12,345,678,901,234,567.89', '-0,50 €', '¥1,200', '$0.00012345']);

// a position is text to a driver, there and back
await sql`INSERT INTO app.month_end (customer_id, month, position)
  SELECT 'Cust_1', '2026-01-31', balance.tally_deposits(currency, status, amount)
  FROM billing.deposit WHERE customer_id = 'Cust_1'`.execute(db);
const kept = await db.selectFrom('app.month_end').select('position').executeTakeFirstOrThrow();
const position: string = kept.position;
await db.insertInto('app.month_end')
  .values({ customer_id: 'copy', month: '2026-01-31', position }).execute();
const { rows: [same] } = await sql<{ same: boolean; text: string }>`
  SELECT count(DISTINCT position) = 1 AS same, max(position::text) AS text FROM app.month_end`
  .execute(db);
check('a position goes out as text and comes back the same', same, { same: true, text: position });
await db.deleteFrom('app.month_end').execute();
await db.destroy();
