"""An import that meets another transaction is run again; its user sees nothing of it."""

from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo.tests import tagged

from .common import PsaContractsCase

#: What people import, with a column of it.
IMPORTED = {
    "psa.agreement": ("name", "Frame"),
    "psa.budget.line": ("hours", "10"),
    "psa.phase": ("name", "Design"),
    "psa.rate.card": ("name", "Rates"),
    "psa.rate.card.line": ("price", "150"),
    "psa.team.member": ("date_start", "2026-03-01"),
    "project.role": ("name", "Tester"),
}


@tagged("post_install", "-at_install")
class TestImportAgain(PsaContractsCase):
    def test_what_people_import_is_run_again_where_it_meets_somebody(self):
        for name, (field, value) in IMPORTED.items():
            model = self.env[name]
            meets = patch.object(type(model), "create", side_effect=SerializationFailure("met"))
            with self.subTest(name), self.cr.savepoint() as savepoint, meets:
                with self.assertRaisesRegex(SerializationFailure, "met"):
                    model.load([field], [[value]])
                savepoint.rollback()

    def test_an_error_of_the_file_is_told(self):
        told = self.env["project.role"].load(["name", "psa_time_product_id"], [["Tester", "None of ours"]])
        self.assertIn("None of ours", told["messages"][0]["message"])
