#!/usr/bin/python3
"""Report views and documents by Django, whose inspectdb makes models of the views.

Prints a line for each check; where the server is comes from PGHOST and so on.
"""
import io
import json
import os
import re
import sys
from decimal import Decimal

import django
from django.conf import settings

settings.configure(
    DATABASES={"default": {
        "ENGINE": "django.db.backends.postgresql", "NAME": os.environ["PGDATABASE"],
        "USER": os.environ["PGUSER"], "PASSWORD": os.environ["PGPASSWORD"],
        "HOST": os.environ["PGHOST"], "PORT": os.environ["PGPORT"],
        # Django names no schema: the ledger's comes first
        "OPTIONS": {"options": "-c search_path=billing,public -c balance.ledger=billing"},
    }}, INSTALLED_APPS=[], USE_TZ=True, DEFAULT_AUTO_FIELD="django.db.models.BigAutoField")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import DatabaseError, connection, models, transaction  # noqa: E402
from django.db.models import F, Func, Sum, Value  # noqa: E402


def check(name, found, wanted):
    same = found == wanted
    print("ok" if same else "not ok", "-", name, flush=True)
    if not same:
        print(f"{name}: found {found}, expected {wanted}", file=sys.stderr)


# What inspectdb prints goes to models.py. A view has no key, and Django wants one.
source = io.StringIO()
call_command("inspectdb", "report_invoice_summary", stdout=source)
source = re.sub(r"(customer_id = models\.\w+\()", r"\1primary_key=True, ", source.getvalue(),
                count=1)
source = source.replace("class Meta:", "class Meta:\n        app_label = 'books'")
module = {"__name__": "books.models"}
exec(compile(source, "models.py", "exec"), module)  # pylint: disable=exec-used
Summary = module["ReportInvoiceSummary"]

check("inspectdb makes a model of a view", [field.name for field in Summary._meta.fields][:4],
      ["customer_id", "currency", "minor_unit", "total_revenue_amount"])
check("... that Django does not manage", Summary._meta.managed, False)
rows = Summary.objects.filter(customer_id="Cust_1").order_by("currency")
check("a report view, with amounts as Decimal",
      list(rows.values_list("currency", "total_unpaid_amount", "minor_unit")),
      [("KWD", Decimal("1.250"), 3), ("USD", Decimal("50.25"), 2)])
check("sums by currency", list(Summary.objects.order_by("currency").values_list("currency")
                               .annotate(revenue=Sum("total_revenue_amount"))),
      [("KWD", Decimal("1.250")), ("USD", Decimal("12345678901234688.39"))])


class Exact(json.JSONDecoder):
    """Numbers keep their digits."""

    def __init__(self, **options):
        super().__init__(parse_float=Decimal, **options)


class Document(Func):
    """A function of balance that answers a document."""
    template = "balance.%(function)s(%(expressions)s)"
    output_field = models.JSONField(decoder=Exact)


# one row to ask from: a report view's customer, or any model's
document = rows.annotate(document=Document(
    F("customer_id"), Value("2026-01-01", models.DateField()),
    Value("2026-01-31", models.DateField()), function="vcu_balance")).first().document
check("a document, with all of its digits",
      [element["vcuBalance"]["balance"] for element in document["balancesByCurrency"]],
      [9007199254740993, Decimal("10.1234567890123456789012344")])

with connection.cursor() as cursor:
    cursor.execute("SELECT balance.tally_deposits(currency, status, amount) FROM deposit")
    position, = cursor.fetchone()
    cursor.execute("INSERT INTO app.month_end VALUES ('Cust_1', '2026-01-31', %s)", [position])
    cursor.execute("DELETE FROM app.month_end RETURNING position")
    check("a position comes back as it went", cursor.fetchone(), (position,))

try:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT balance.customer_credits(%s)", ["nobody"])
    ANSWER = None
except DatabaseError as error:
    cause = error.__cause__
    with connection.cursor() as cursor:
        cursor.execute("SELECT balance.error_body('customer-credits', %s, %s, %s)",
                       [cause.diag.sqlstate, cause.diag.message_primary, cause.diag.message_detail])
        ANSWER = json.loads(cursor.fetchone()[0])
check("an error as its API documents it", ANSWER and ANSWER["http_status_code"], 404)
