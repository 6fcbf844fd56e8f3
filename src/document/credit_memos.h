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

/* A memo as it is stored.  Texts may be NULL where the page lets them. */
typedef struct CreditMemo
{
	text	   *id;
	text	   *business_id;
	text	   *customer_id;
	text	   *customer_name;
	text	   *invoice_id;
	text	   *invoice_number;
	text	   *number;
	const char *status;
	MemoClass	class;
	CurrencyCode currency;
	int64		amount;
	int64		applied;
	DateADT		issue_date;
	TimestampTz created_at;
	TimestampTz updated_at;
	NullableDatum applied_date;
	NullableDatum voided_at;
	text	   *voided_reason;
	text	   *reason;
	text	   *description;
	text	   *internal_notes;
	Jsonb	   *line_items;		/* or NULL */
	List	   *applications;	/* the oldest first */
} CreditMemo;

extern void begin_credits(Document *document, const text *customer_id,
						  const text *customer_name, List *currencies,
						  const CurrencyCode *asked);
extern void write_memo(Document *document, const CreditMemo *memo);

#endif							/* BALANCE_CREDIT_MEMOS_H */
