// Queries by pgtyped: pgtyped.sql has them, and pgtyped.queries.ts, which is made of it and of the
// catalogue, their types; the columns' comments are its documentation.  Prints a line for each
// check; where the server is comes from PGHOST and so on.
import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import { answerOfError, balance, overdue } from './pgtyped.queries.js';
import type { IOverdueResult } from './pgtyped.queries.js';

const check = (name: string, found: unknown, wanted: unknown): void => {
  const same = isDeepStrictEqual(found, wanted);
  console.log(`${same ? 'ok' : 'not ok'} - ${name}`);
  if (!same) console.error(`${name}: found ${JSON.stringify(found)}`);
};
const client = new pg.Client();
await client.connect();

const rows: IOverdueResult[] = await overdue.run({ customer: 'Cust_1' }, client);
const amounts: (string | null)[] = rows.map((row) => row.total_overdue_amount);
check('rows of a report view, with amounts as strings', amounts, ['1.250', '50.25']);
check('... and the decimals of their currency', rows.map((row) => row.minor_unit), [3, 2]);

const [found] = await balance.run({ customer: 'Cust_1' }, client);
check('a document', JSON.parse(found!.document!).length, 3);

const answer = await balance.run({ customer: 'nobody' }, client).then(() => undefined,
  async ({ code, message, detail }) => (await answerOfError.run(
    { api: 'customer-credits', sqlstate: code, message, detail }, client))[0]);
check('an error as its API documents it', answer,
  { status: 404, body: '{"detail": "customer \\"nobody\\" not found in ledger \\"billing\\""}' });
await client.end();
