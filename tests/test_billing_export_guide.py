"""The guide of the billing export shows the messages as they are."""

import json
import re
from pathlib import Path

from odoo.tests import tagged

from odoo.addons.psa_billing.tests.test_billing_export import ExportCase
from odoo.addons.psa_billing.tests.test_billing_export_payers import PayersExportCase

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "billing-export.md"


def examples():
    """The messages that the guide shows, in its order."""
    return [json.loads(example) for example in re.findall(r"```json\n(.*?)```", GUIDE.read_text(), re.DOTALL)]


def shape(value):
    """The keys of a message, and of what is inside of it."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return None


@tagged("post_install", "-at_install")
class TestBillingExportGuide(ExportCase):
    def test_the_examples_have_the_fields_of_the_messages(self):
        listed, document, marked, status, _payers, _paid = examples()
        proposal = self.proposal.with_user(self.platform)
        self.assertEqual(shape(listed), shape(proposal.export_list()))
        self.assertEqual(shape(document), shape(proposal.export_get()[0]))
        self.assertEqual(shape(marked), shape(proposal.export_mark("a", "X-1")))
        self.assertEqual(
            shape(status), shape(proposal.export_status("b", "paid", number="F-1", paid_amount="2012.50"))
        )


@tagged("post_install", "-at_install")
class TestBillingExportGuidePayers(PayersExportCase):
    def test_the_examples_of_several_payers_are_those_of_the_messages(self):
        *_single, payers, paid = examples()
        _invoices, proposal = self._bill_out()
        sent = proposal.export_get()[0]["payers"]
        self.assertEqual(shape(payers), shape(sent))
        self.assertEqual([row["amount"] for row in payers], [row["amount"] for row in sent])
        answer = proposal.export_status("a", "paid", "F-2", "2026-06-20", "1207.50", payer=self.fund.id)
        self.assertEqual(shape(paid), shape(answer))
        changing = {"id", "payer", "payment"}
        self.assertEqual(
            {name: value for name, value in paid.items() if name not in changing},
            {name: value for name, value in answer.items() if name not in changing},
        )
