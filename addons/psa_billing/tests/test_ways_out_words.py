"""Menus and buttons that messages name are on the screen under that name."""

import re

from odoo.modules.module import get_module_path
from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import translation_file_reader

#: Where a page of the settings, not a menu, is named.
SETTINGS = "Settings > "
PATH = re.compile(r"[A-Z][\w-]*(?: [A-Z][\w-]*)*(?: > [A-Z][\w-]*(?: [A-Z][\w-]*)*)+")
QUOTED = re.compile(r"“([^”%{]+)”")


@tagged("post_install", "-at_install")
class TestWaysOutWords(TransactionCase):
    def _messages(self):
        """The texts of the code of both addons."""
        for addon in ("psa_contracts", "psa_billing"):
            template = f"{get_module_path(addon)}/i18n/{addon}.pot"
            with open(template, "rb") as file:
                for entry in translation_file_reader(file, fileformat="po"):
                    if entry["type"] == "code":
                        yield entry["src"]

    def _menus(self):
        menus = self.env["ir.ui.menu"].with_context(lang="en_US").search([])
        return {name.replace("/", " > ") for name in menus.mapped("complete_name")}

    def _names(self):
        """All that views, fields and actions show."""
        views = self.env["ir.ui.view"].with_context(lang="en_US").search([("type", "!=", "qweb")])
        for arch in views.mapped("arch_db"):
            yield from re.findall(r'string="([^"]+)"', arch)
        shown = {
            "ir.model.fields": "field_description",
            "ir.model.fields.selection": "name",
            "res.groups": "name",
        }
        for model, name in shown.items():
            yield from self.env[model].with_context(lang="en_US").search([]).mapped(name)

    def test_menus_are_where_messages_say(self):
        menus = self._menus()
        named = {path for text in self._messages() for path in PATH.findall(text)}
        self.assertIn("Invoicing > Customers > Billing > Billing Runs", named)
        self.assertEqual({path for path in named if not path.startswith(SETTINGS)} - menus, set())

    def test_buttons_are_called_what_messages_say(self):
        names = {name.rstrip("….") for name in self._names()}
        named = {word.rstrip("….") for text in self._messages() for word in QUOTED.findall(text)}
        self.assertIn("Prepare Again", named)
        self.assertEqual(named - names, set())
