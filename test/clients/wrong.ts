// What the types of the views do not let pass: each line that is expected to fail does.
import type { Kysely } from 'kysely';
import type { DB } from './db.js';

export const wrong = (db: Kysely<DB>) => [
  // @ts-expect-error there is no such view
  db.selectFrom('billing.report_invoices'),
  // @ts-expect-error there is no such column
  db.selectFrom('billing.report_ageing').select('amount_due'),
  // @ts-expect-error an amount is no number
  db.selectFrom('billing.report_ageing').select('bucket').where('bucket', '=', 30),
];
