"""The translation templates hold every term of the addons, and no other."""

from odoo.tests import TransactionCase, tagged

from psa_cli import databases, pot


@tagged("post_install", "-at_install")
class TestTranslationTemplates(TransactionCase):
    def test_templates_are_up_to_date(self):
        for addon in databases.own_modules():
            with self.subTest(addon):
                file = pot.file_of(addon)
                self.assertTrue(file.exists(), f"{addon} has no template: run ./psa pot")
                now, kept = pot.terms(pot.template(self.env, addon)), pot.terms(file.read_text())
                new = sorted(now.keys() - kept.keys())
                gone = sorted(kept.keys() - now.keys())
                moved = sorted(term for term in now.keys() & kept.keys() if now[term] != kept[term])
                self.assertFalse(
                    new or gone or moved,
                    f"{file.name} is stale, run ./psa pot. Missing: {new[:5]}, gone: {gone[:5]}, used "
                    f"elsewhere: {moved[:5]}",
                )

    def test_terms_of_all_kinds_are_in_them(self):
        """One term each of Python, a field, a selection, a view and a record; scripts have no words."""
        found = pot.terms(pot.file_of("psa_billing").read_text())
        for term, source in (
            ("Choose a reason: it says why less or more is billed.", "code:addons/psa_billing/wizards/"),
            ("Note Needed", "model:ir.model.fields,field_description:psa_billing."),
            ("Write-Ups", "model:ir.model.fields.selection,name:psa_billing."),
            ("Two parts of one entry: one can be held, written off or billed apart from the other.",
             "model_terms:ir.ui.view,arch_db:psa_billing."),
            ("Goodwill", "model:psa.adjustment.reason,name:psa_billing."),
        ):  # fmt: skip
            with self.subTest(term):
                self.assertIn(term, found)
                self.assertTrue([name for name in found[term] if name.startswith(source)], found[term])
