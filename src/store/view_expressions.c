/*-------------------------------------------------------------------------
 *
 * view_expressions.c
 *	  Expressions of a view, whose value must never change for a row.
 *
 * They may call immutable functions only, of the system, of extensions in C, and
 * such of SQL whose body was parsed when they were created and becomes part of
 * the expression.
 *
 *-------------------------------------------------------------------------
 */
#include "views.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/dependency.h"
#include "catalog/pg_language.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

static bool check_functions(Node *node, KeptView *view);

static Form_pg_proc
get_function(HeapTuple tuple, Oid function)
{
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", function);
	return (Form_pg_proc) GETSTRUCT(tuple);
}

/* The body of a function in SQL as it was parsed; NULL if it has none like that. */
static Node *
parsed_body(Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Node	   *body = NULL;

	if (get_function(tuple, function)->prolang == SQLlanguageId)
	{
		bool		isnull;
		Datum		stored = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_prosqlbody, &isnull);

		if (!isnull)
			body = stringToNode(TextDatumGetCString(stored));
	}
	ReleaseSysCache(tuple);
	return body;
}

/* Whether a function is compiled. */
static bool
is_compiled(Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Oid			language = get_function(tuple, function)->prolang;

	ReleaseSysCache(tuple);
	return language == INTERNALlanguageId || language == ClanguageId;
}

/* What the body of a function calls is looked at as what a view calls. */
static bool
check_body(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
	{
		const Query *query = (Query *) node;

		if (query->commandType != CMD_SELECT || query->rtable != NIL)
		{
			((KeptView *) context)->reason = "it calls a function that reads more than the row";
			return true;
		}
		return query_tree_walker((Query *) node, check_body, context, 0);
	}
	return check_functions(node, context) ||
		expression_tree_walker(node, check_body, context);
}

/*
 * Whether a function may give another result some day.  Labels of an enum may
 * be renamed, but they are in the signature.
 */
static bool
check_function(Oid function, void *context)
{
	KeptView   *view = context;
	Node	   *body;

	if (list_member_oid(view->functions, function))
		return false;
	view->functions = lappend_oid(view->functions, function);
	if (function == F_ENUM_OUT || function == F_ENUM_IN)
		return false;
	if (func_volatile(function) != PROVOLATILE_IMMUTABLE)
		view->reason = psprintf("it calls %s, which is not immutable",
								format_procedure_qualified(function));
	if (view->reason != NULL || function < FirstNormalObjectId)
		return view->reason != NULL;
	if (is_compiled(function) &&
		OidIsValid(getExtensionOfObject(ProcedureRelationId, function)))
		return false;
	body = parsed_body(function);
	if (body != NULL)
		return check_body(body, view);
	view->reason = psprintf("it calls %s, of which nobody knows what it calls",
							format_procedure_qualified(function));
	return true;
}

static bool
check_functions(Node *node, KeptView *view)
{
	return check_functions_in_node(node, check_function, view);
}

/* Types whose text depends on a setting, though their output is immutable. */
static bool
prints_by_setting(Oid type)
{
	type = getBaseType(type);
	return type == FLOAT4OID || type == FLOAT8OID || type == INTERVALOID ||
		type == BYTEAOID;
}

/* Whether an expression is of a kind that depends on nothing but the row. */
static bool
is_of_row(Node *node)
{
	switch (nodeTag(node))
	{
		case T_Var:
			return ((Var *) node)->varattno > 0;
		case T_CoerceViaIO:
			return !prints_by_setting(exprType((Node *) ((CoerceViaIO *) node)->arg)) &&
				!prints_by_setting(((CoerceViaIO *) node)->resulttype);
		case T_MinMaxExpr:
			return ((MinMaxExpr *) node)->minmaxtype < FirstNormalObjectId;
		case T_Const:
		case T_FuncExpr:
		case T_NamedArgExpr:
		case T_OpExpr:
		case T_DistinctExpr:
		case T_NullIfExpr:
		case T_ScalarArrayOpExpr:
		case T_BoolExpr:
		case T_RelabelType:
		case T_CollateExpr:
		case T_CaseExpr:
		case T_CaseWhen:
		case T_CaseTestExpr:
		case T_ArrayExpr:
		case T_CoalesceExpr:
		case T_NullTest:
		case T_BooleanTest:
		case T_List:
			return true;
		default:
			return false;
	}
}

/* Look at an expression; true if the view cannot be kept for it. */
static bool
check_node(Node *node, void *context)
{
	KeptView   *view = context;

	if (node == NULL)
		return false;
	if (!is_of_row(node))
	{
		view->reason = IsA(node, Var) ? "it reads system columns or whole rows" :
			IsA(node, SubLink) ? "it has a sub-select in an expression" :
			"it has an expression that may depend on more than the row";
		return true;
	}
	if (IsA(node, Var) || IsA(node, CoerceViaIO))
	{
		Oid			type = getBaseType(exprType(node));

		if (type_is_enum(type))
			view->enums = list_append_unique_oid(view->enums, type);
	}
	if (IsA(node, Var))
		view->read = bms_add_member(view->read, ((Var *) node)->varattno);
	return check_functions(node, view) ||
		expression_tree_walker(node, check_node, view);
}

/* After planning: a function that is still there must be compiled. */
static bool
check_planned_function(Oid function, void *context)
{
	KeptView   *view = context;

	if (!is_compiled(function))
		view->reason = psprintf("it calls %s, which is no single expression",
								format_procedure_qualified(function));
	return view->reason != NULL;
}

static bool
check_planned(Node *node, void *context)
{
	if (node == NULL)
		return false;
	return check_functions_in_node(node, check_planned_function, context) ||
		expression_tree_walker(node, check_planned, context);
}

/* An expression as it is evaluated, unless there is a reason against it. */
Expr *
plan_expression(KeptView *view, Expr *expression)
{
	if (view->reason != NULL || expression == NULL ||
		check_node((Node *) expression, view))
		return NULL;
	expression = expression_planner(expression);
	/* the bodies of functions are part of it now */
	if (check_node((Node *) expression, view) || check_planned((Node *) expression, view))
		return NULL;
	view->may_fail |= contain_leaked_vars((Node *) expression);
	return expression;
}
