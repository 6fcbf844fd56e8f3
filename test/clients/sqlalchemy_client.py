#!/usr/bin/python3
"""Report views and documents by SQLAlchemy, which reflects them from the catalogue.

Prints a line for each check; where the server is comes from PGHOST and so on.
"""
import functools
import json
import sys
from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, dialect
from sqlalchemy.types import UserDefinedType


class Position(UserDefinedType):
    """balance.position, which is text to the driver, there and back."""
    cache_ok = True

    def get_col_spec(self, **_):
        return "balance.position"

    def bind_expression(self, bindvalue):
        return sa.cast(sa.type_coerce(bindvalue, sa.Text), self)

    def column_expression(self, column):
        return sa.cast(column, sa.Text)


# so that reflection knows the type by its name
for name in 'balance."position"', "balance.position", "position":
    dialect.ischema_names[name] = Position


def check(name, found, wanted):
    same = found == wanted
    print("ok" if same else "not ok", "-", name, flush=True)
    if not same:
        print(f"{name}: found {found}, expected {wanted}", file=sys.stderr)


engine = sa.create_engine("postgresql+psycopg2://", json_deserializer=functools.partial(
    json.loads, parse_float=Decimal))
metadata = sa.MetaData()
summary = sa.Table("report_invoice_summary", metadata, schema="billing", autoload_with=engine)
month_end = sa.Table("month_end", metadata, schema="app", autoload_with=engine)
check("a view's columns are reflected", isinstance(summary.c.total_unpaid_amount.type, sa.Numeric),
      True)
check("... with their comments", "in major units" in summary.c.total_unpaid_amount.comment, True)
check("a column of positions is, too", type(month_end.c.position.type), Position)

balance = sa.func.balance  # functions of the schema: balance.customer_balance(...)
with engine.begin() as connection:
    rows = connection.execute(
        sa.select(summary.c.currency, summary.c.total_unpaid_amount, summary.c.minor_unit)
        .where(summary.c.customer_id == "Cust_1").order_by(summary.c.currency)).all()
    check("a report view, with amounts as Decimal", [tuple(row) for row in rows],
          [("KWD", Decimal("1.250"), 3), ("USD", Decimal("50.25"), 2)])
    document = connection.execute(sa.select(sa.type_coerce(
        balance.vcu_balance("Cust_1", date(2026, 1, 1), date(2026, 1, 31)), JSONB))).scalar()
    check("a document, with all of its digits",
          [element["vcuBalance"]["balance"] for element in document["balancesByCurrency"]],
          [9007199254740993, Decimal("10.1234567890123456789012344")])

    deposit = sa.table("deposit", sa.column("currency"), sa.column("status"),
                       sa.column("amount"), schema="billing")
    position = connection.execute(sa.select(sa.type_coerce(
        balance.tally_deposits(deposit.c.currency, deposit.c.status, deposit.c.amount),
        Position))).scalar()
    connection.execute(month_end.insert().values(
        customer_id="Cust_1", month=date(2026, 1, 31), position=position))
    kept = connection.execute(sa.select(month_end.c.position)).scalar()
    check("a position comes back as it went", (kept, "JPY" in kept), (position, True))
    connection.execute(month_end.delete())

try:
    with engine.begin() as connection:
        connection.execute(sa.select(balance.customer_credits("nobody"))).scalar()
    answer = None
except sa.exc.DBAPIError as error:
    with engine.begin() as connection:
        answer = connection.execute(sa.select(sa.type_coerce(balance.error_body(
            "customer-credits", error.orig.diag.sqlstate, error.orig.diag.message_primary,
            error.orig.diag.message_detail), JSONB))).scalar()
check("an error as its API documents it", answer and answer["http_status_code"], 404)
