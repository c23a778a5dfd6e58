"""The guide of the billing export shows the messages as they are."""

import json
import re
from pathlib import Path

from odoo.tests import tagged

from odoo.addons.psa_billing.tests.test_billing_export import ExportCase

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "billing-export.md"


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
        listed, document, marked, status = (
            json.loads(example) for example in re.findall(r"```json\n(.*?)```", GUIDE.read_text(), re.DOTALL)
        )
        proposal = self.proposal.with_user(self.platform)
        self.assertEqual(shape(listed), shape(proposal.export_list()))
        self.assertEqual(shape(document), shape(proposal.export_get()[0]))
        self.assertEqual(shape(marked), shape(proposal.export_mark("a", "X-1")))
        self.assertEqual(
            shape(status), shape(proposal.export_status("b", "paid", number="F-1", paid_amount="2012.50"))
        )
