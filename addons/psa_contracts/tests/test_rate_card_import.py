"""Cards leave and come back as CSV through the host's own export and import."""

import csv
import io

from odoo.modules.module import get_module_path
from odoo.tests import tagged

from .common import PsaContractsCase

COLUMNS = [
    "name",
    "currency_id",
    "partner_id",
    "line_ids/role_id",
    "line_ids/employee_id",
    "line_ids/location_id",
    "line_ids/unit",
    "line_ids/date_start",
    "line_ids/date_end",
    "line_ids/price",
]
OPTIONS = {
    "quoting": '"',
    "separator": ",",
    "has_headers": True,
    "date_format": "%Y-%m-%d",
    "keep_matches": False,
}


@tagged("post_install", "-at_install")
class TestRateCardImport(PsaContractsCase):
    def _import(self, text, columns=None):
        wizard = self.env["base_import.import"].create(
            {"res_model": "psa.rate.card", "file": text.encode(), "file_type": "text/csv"}
        )
        return wizard.execute_import(list(columns or COLUMNS), [], dict(OPTIONS))

    def _export(self, card):
        rows = card.export_data(COLUMNS)["datas"]
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        writer.writerows([["" if value is False else value for value in row] for row in rows])
        return out.getvalue()

    def _content(self, card):
        return sorted(
            (
                rate.role_id.id,
                rate.employee_id.id,
                rate.location_id.id,
                rate.unit,
                str(rate.date_start),
                str(rate.date_end),
                rate.price,
            )
            for rate in card.line_ids
        )

    def test_an_exported_card_comes_back_the_same(self):
        self._rate_changes(self.architect, "2026-07-01", 210.5)
        self._rate(self.developer, 1234.5, unit="day", employee_id=self.ann.id, end="2026-12-31")
        self._rate(self.developer, 140, location_id=self._place("Zurich").id)
        text = self._export(self.card).replace("Standard", "Standard Again")
        result = self._import(text)
        self.assertEqual(result["messages"], [])
        card = self.env["psa.rate.card"].browse(result["ids"])
        self.assertEqual(
            (card.name, card.scope, card.currency_id), ("Standard Again", "company", self.card.currency_id)
        )
        self.assertEqual(self._content(card), self._content(self.card))
        self.assertEqual(len(card.line_ids), 5)

    def test_an_import_with_overlapping_rates_is_refused_and_writes_nothing(self):
        lines = ["name,role,from,price", "New,Architect,2026-01-01,10", ",Architect,2026-05-01,20"]
        result = self._import(
            "\n".join(lines), ["name", "line_ids/role_id", "line_ids/date_start", "line_ids/price"]
        )
        self.assertFalse(result["ids"])
        self.assertIn("Two rates on the card New", result["messages"][0]["message"])
        self.assertFalse(self.env["psa.rate.card"].search([("name", "=", "New")]))

    def test_the_template_offered_can_be_imported(self):
        template = self.env["psa.rate.card"].get_import_templates()[0]["template"]
        _empty, module, *path = template.split("/")
        with open("/".join([get_module_path(module), *path])) as file:
            text = file.read()
        self.env["project.role"].create({"name": "Project Manager"})
        self.env.ref("base.EUR").active = True
        parsed = self.env["base_import.import"].create(
            {"res_model": "psa.rate.card", "file": text.encode(), "file_type": "text/csv"}
        )
        preview = parsed.parse_preview(dict(OPTIONS))
        fields = ["/".join(preview["matches"][number]) for number in range(len(preview["headers"]))]
        self.assertEqual(fields, COLUMNS)
        result = self._import(text, fields)
        self.assertEqual(result["messages"], [])
        card = self.env["psa.rate.card"].browse(result["ids"])
        self.assertEqual(len(card.line_ids), 4)
        self.assertEqual(card.line_ids.filtered(lambda rate: rate.unit == "day").price, 1200)
