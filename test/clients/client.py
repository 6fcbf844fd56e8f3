#!/usr/bin/python3
"""The documents from Python: client.py EXPECTED psycopg|psycopg2 [pooled]

Prints a line for each check; where the server is comes from PGHOST and so on.
A float cannot hold every unit amount, so jsonb is parsed with Decimals.
pooled is for a pgbouncer that knows no prepared statements and no options.
"""
import contextlib
import functools
import importlib
import json
import sys
from datetime import date, datetime, timezone
from decimal import Decimal

loads = functools.partial(json.loads, parse_float=Decimal)
with open(sys.argv[1], encoding="utf-8") as file:
    expected = loads(file.read())
psycopg = importlib.import_module(sys.argv[2])
importlib.import_module("psycopg.types.json" if sys.argv[2] == "psycopg" else "psycopg2.extras")
pooled = sys.argv[3:] == ["pooled"]
FEBRUARY = datetime(2026, 2, 15, 12, tzinfo=timezone.utc)
JANUARY = date(2026, 1, 1), date(2026, 1, 31)


def connect(loads=loads, **options):
    connection = psycopg.connect("", **options)
    if sys.argv[2] == "psycopg":
        psycopg.types.json.set_json_loads(loads, connection)
        connection.prepare_threshold = None if pooled else 0
    else:
        psycopg.extras.register_default_jsonb(connection, loads=loads)
    connection.autocommit = True
    return connection


def first(connection, query, *values):
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchone()[0]


def customer_balance(connection, customer, ledger=None):
    return first(connection, "SELECT balance.customer_balance(%s, %s)", customer, ledger)


def invoice_summary(connection, customer, as_of, zone):
    return first(connection, "SELECT balance.invoice_summary(%s, %s, %s)", customer, as_of, zone)


def vcu_balance(connection, customer, start, end):
    return first(connection, "SELECT balance.vcu_balance(%s, %s, %s)", customer, start, end)


def customer_credits(connection, customer, business=None, currency=None, ledger=None):
    return first(connection, "SELECT balance.customer_credits(%s, %s, %s, %s)",
                 customer, business, currency, ledger)


def http_answer(connection, api, error):
    return first(connection, "SELECT balance.error_body(%s, %s, %s, %s)",
                 api, error.diag.sqlstate, error.diag.message_primary, error.diag.message_detail)


def check(name, found, wanted):
    same = found == wanted
    print("ok" if same else "not ok", "-", name, flush=True)
    if not same:
        print(f"{name}: found {found}, expected {wanted}", file=sys.stderr)


def error_of(call, *arguments, **named):
    try:
        call(*arguments, **named)
    except psycopg.Error as error:
        return error
    raise AssertionError(f"no error from {call.__name__}{arguments}")


def documents(connection):
    for i in range(8):
        last = check if i == 7 else lambda *_: None
        last("customer_balance", customer_balance(connection, "Cust_1"),
             expected["customer_balance"])
        last("invoice_summary", invoice_summary(connection, "Cust_1", FEBRUARY, "Europe/Berlin"),
             expected["invoice_summary"])
        last("vcu_balance", vcu_balance(connection, "Cust_1", *JANUARY), expected["vcu_balance"])
        last("customer_credits", customer_credits(connection, "Cust_1"),
             expected["customer_credits"])
    if sys.argv[2] == "psycopg":
        check("nothing was prepared" if pooled else
              "all were prepared, and at last ran by a generic plan",
              first(connection, """SELECT count(*) FROM pg_prepared_statements
                    WHERE generic_plans > 0 AND starts_with(statement, 'SELECT balance.')"""),
              0 if pooled else 4)
    else:
        first(connection, "PREPARE b AS SELECT balance.customer_balance($1); EXECUTE b(%s)",
              "Cust_1")
        found = [first(connection, "EXECUTE b(%s)", "Cust_1") for _ in range(8)]
        check("prepared in SQL", found[7], expected["customer_balance"])
        connection.cursor().execute("DEALLOCATE b")
    check("the ledger as an argument", customer_balance(connection, "Cust_1", "archive"),
          expected["archive_balance"])
    check("no customer, no document", customer_balance(connection, None), None)


def errors(connection):
    cases = {
        "no such customer, to Flexprice's clients":
            ("invoice-summary", error_of(invoice_summary, connection, "nobody", FEBRUARY, "UTC")),
        "no such customer, to DayZero's clients":
            ("customer-credits", error_of(customer_credits, connection, "nobody")),
        "several currencies":
            ("customer-credits", error_of(customer_credits, connection, "Cust_2")),
        "a time zone that is none":
            ("invoice-summary",
             error_of(invoice_summary, connection, "Cust_1", FEBRUARY, "Mars/Olympus")),
        "a ledger that the user may not read":
            ("customer-credits", error_of(customer_credits, connection, "Cust_1", ledger="secret")),
    }
    for name, (api, error) in cases.items():
        answer = http_answer(connection, api, error)
        check(name, {"sqlstate": error.diag.sqlstate, "answer": answer}, expected["errors"][name])
    several = cases["several currencies"][1]
    check("what to do about it is in the hint",
          (several.diag.message_detail, several.diag.message_hint),
          ("The credit memos are in JPY, KWD.", "Pass one of them as currency."))
    one = customer_credits(connection, "Cust_2", currency="kwd")
    check("as it says", one["total_credits_available_dollars"], "1.250")

    connection.autocommit = False
    error_of(vcu_balance, connection, "Cust_1", *reversed(JANUARY))
    connection.rollback()
    check("after an error in a transaction", customer_balance(connection, "Cust_1"),
          expected["customer_balance"])
    connection.rollback()
    connection.autocommit = True


def digits(connection):
    def found(document):
        return [str(element["vcuBalance"]["balance"]) for element in document["balancesByCurrency"]]

    naive = connect(loads=json.loads)
    check("json.loads loses digits", found(vcu_balance(naive, "Cust_1", *JANUARY)),
          ["9007199254740993", "10.123456789012346"])
    check("parse_float=Decimal keeps them",
          found(vcu_balance(connection, "Cust_1", *JANUARY)),
          ["9007199254740993", "10.1234567890123456789012344"])
    text = first(naive, "SELECT balance.vcu_balance(%s, %s, %s)::text", "Cust_1", *JANUARY)
    check("so does jsonb as text", loads(text), expected["vcu_balance"])
    check("and numeric in SQL",
          first(naive, """SELECT array_agg((element #>> '{vcuBalance,balance}')::numeric)
        FROM jsonb_array_elements(balance.vcu_balance(%s, %s, %s) -> 'balancesByCurrency') element
        """, "Cust_1", *JANUARY),
          [Decimal("9007199254740993"), Decimal("10.1234567890123456789012344")])
    naive.close()


with contextlib.closing(connect()) as connection:
    documents(connection)
    errors(connection)
    digits(connection)
if not pooled:
    with contextlib.closing(connect(options="-c balance.ledger=archive")) as archive:
        check("the ledger as a setting of the connection", customer_balance(archive, "Cust_1"),
              expected["archive_balance"])
