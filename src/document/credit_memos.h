/* DayZero's customer credits: the memos, and the totals. */
#ifndef BALANCE_CREDIT_MEMOS_H
#define BALANCE_CREDIT_MEMOS_H

#include "document.h"
#include "nodes/pg_list.h"
#include "value/status.h"

/* What a memo has been applied to. */
typedef struct CreditApplication
{
	text	   *id;
	text	   *invoice_id;
	int64		amount;			/* in minor units, as all that follow */
	TimestampTz applied_at;
	text	   *applied_by;		/* or NULL */
} CreditApplication;

/*
 * The values of a memo that are shown as they are stored: the key in the
 * document, the column, and what it is.  A ledger says which may be NULL.
 */
#define CREDIT_MEMO_VALUES(VALUE) \
	VALUE(id, credit_memo_id, VALUE_TEXT) \
	VALUE(business_id, business_id, VALUE_TEXT) \
	VALUE(customer_id, customer_id, VALUE_TEXT) \
	VALUE(invoice_id, invoice_id, VALUE_TEXT) \
	VALUE(number, number, VALUE_TEXT) \
	VALUE(issue_date, issue_date, VALUE_DATE) \
	VALUE(applied_date, applied_date, VALUE_INSTANT) \
	VALUE(created_at, created_at, VALUE_INSTANT) \
	VALUE(updated_at, updated_at, VALUE_INSTANT) \
	VALUE(reason, reason, VALUE_TEXT) \
	VALUE(description, description, VALUE_TEXT) \
	VALUE(internal_notes, internal_notes, VALUE_TEXT) \
	VALUE(line_items, line_items, VALUE_JSON) \
	VALUE(voided_at, voided_at, VALUE_INSTANT) \
	VALUE(voided_reason, voided_reason, VALUE_TEXT) \
	VALUE(customer_name, customer_name, VALUE_TEXT) \
	VALUE(invoice_number, invoice_number, VALUE_TEXT)

enum
{
#define VALUE(key, column, kind)	MEMO_##key,
	CREDIT_MEMO_VALUES(VALUE)
#undef VALUE
	NUM_CREDIT_MEMO_VALUES
};

typedef struct CreditMemo
{
	NullableDatum value[NUM_CREDIT_MEMO_VALUES];
	const char *status;
	MemoClass	class;
	CurrencyCode currency;
	int64		amount;
	int64		applied;
	List	   *applications;	/* the oldest first */
} CreditMemo;

extern void begin_credits(Document *document, const text *customer_id,
						  const text *customer_name, List *currencies,
						  const CurrencyCode *asked);
extern void write_memo(Document *document, const CreditMemo *memo);

#endif							/* BALANCE_CREDIT_MEMOS_H */
