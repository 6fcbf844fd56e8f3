/*-------------------------------------------------------------------------
 *
 * verify_sound.h
 *	  What a row is shown to breaks_no_rule() by, besides its columns.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_VERIFY_SOUND_H
#define BALANCE_VERIFY_SOUND_H

#include "compat.h"

/* What is known of a row. */
typedef enum RowFact
{
	FACT_CURRENCY,				/* of whoever is held against the invoice */
	FACT_INVOICE_CURRENCY,
	FACT_INVOICE_STATUS,
	FACT_SAME_CUSTOMER,
	FACT_APPLIED,				/* the applications in force, minor units */
	FACT_HAS_APPLICATIONS,
	FACT_PAID,					/* the payments that count, major units */
	FACT_KEEPS_PAYMENTS,
	NUM_ROW_FACTS
} RowFact;

extern const char *const row_fact_names[NUM_ROW_FACTS];

#endif							/* BALANCE_VERIFY_SOUND_H */
