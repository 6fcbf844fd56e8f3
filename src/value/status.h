/* The statuses that billing systems use, and the class that each one means. */
#ifndef BALANCE_STATUS_H
#define BALANCE_STATUS_H

#include "compat.h"

/* The cells of a position are in the order of these classes. */
typedef enum InvoiceClass
{
	INVOICE_DRAFT,
	INVOICE_OPEN,
	INVOICE_PAID,
	INVOICE_VOID
} InvoiceClass;

typedef enum MemoClass
{
	MEMO_DRAFT,
	MEMO_AVAILABLE,
	MEMO_SPENT,
	MEMO_VOID
} MemoClass;

typedef enum UnitClass
{
	UNIT_CREDIT,
	UNIT_USED_CREDIT,
	UNIT_DEBT,
	UNIT_FUTURE_DEBT,
	UNIT_NONE					/* counts nowhere */
} UnitClass;

typedef enum ChargeClass
{
	CHARGE_USAGE,
	CHARGE_FIXED
} ChargeClass;

/* A word of a vocabulary; what it means is for that vocabulary to say. */
typedef struct StatusWord
{
	const char *word;			/* as documented, with its underscores */
	int			meaning;
} StatusWord;

/* The classes' names in SQL and in a position's text, by class. */
extern const char *const invoice_class_names[];
extern const char *const memo_class_names[];
extern const char *const unit_class_names[];
extern const char *const charge_class_names[];

extern void status_init(void);
extern uint64 vocabulary_signature(void);
extern bool status_is_known(const char *vocabulary, const text *status);
extern int	vocabulary_by_name(const char *name);
extern const StatusWord *status_find(int vocabulary, const text *status);
extern InvoiceClass invoice_class_by(const StatusWord *invoice, const StatusWord *payment);

/* Where NULL is a known status, it is passed as a NULL pointer. */
extern InvoiceClass invoice_class_of(const text *invoice_status,
									 const text *payment_status);
extern MemoClass memo_class_of(const text *status, const char **documented);
extern UnitClass unit_invoice_class_of(const text *status);
extern UnitClass unit_order_class_of(const text *status, bool pay_with_balance);
extern ChargeClass charge_class_of(const text *price_type);

#endif							/* BALANCE_STATUS_H */
