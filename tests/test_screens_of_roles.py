"""What somebody may read opens, and goes on working while they type."""

from contextlib import suppress

from lxml import etree
from test_demo_firm import DemoFirmCase

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

#: Roles as a firm gives them, each alone: who has two of them sees more.
ROLES = {
    "consultant": "psa_project.group_psa_user",
    "project manager": "psa_project.group_psa_project_manager",
    "resource manager": "psa_resource.group_psa_resource_manager",
    "billing manager": "psa_billing.group_psa_billing_manager",
    "rate manager": "psa_contracts.group_psa_rate_manager",
    "project user": "project.group_project_user",
    "timesheet approver": "hr_timesheet.group_hr_timesheet_approver",
    "seller": "sales_team.group_sale_salesman_all_leads",
    "sales administrator": "sales_team.group_sale_manager",
    "invoicer": "account.group_account_invoice",
    "accountant": "account.group_account_manager",
}
#: ``{model: domain}`` of the host whose screens the suite extends.
HOST_MODELS = {
    "account.analytic.line": [],
    "account.move": [("move_type", "in", ("out_invoice", "out_refund"))],
    "crm.lead": [],
    "hr.employee.public": [],
    "project.milestone": [],
    "project.project": [],
    "project.task": [],
    "sale.order": [],
}
#: Types of the fields that somebody empties by a key.
TYPED = {"char", "date", "datetime", "float", "integer", "many2one", "monetary", "selection", "text"}
#: (role, model, view) that fails without our addons as well.
OF_THE_HOST = {
    ("seller", "project.project", "form"),  # how many orders time was logged for, of which they may read none
    ("sales administrator", "project.project", "form"),
}


@tagged("post_install", "-at_install")
class TestScreensOfRoles(DemoFirmCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {}
        for role, group in ROLES.items():
            groups = cls.env.ref(group) | cls.env.ref("base.group_user")
            cls.users[role] = cls.env["res.users"].create(
                {"name": role, "login": f"role {role}", "group_ids": [Command.set(groups.ids)]}
            )
        cls.env["hr.employee"].create(
            [{"name": user.name, "user_id": user.id} for user in cls.users.values()]
        )

    def test_every_screen_opens_for_whoever_may_read_its_records(self):
        opened = 0
        for role, user in self.users.items():
            for model in self._models_of(user):
                for kind in self._kinds_of(model):
                    with self.subTest(role=role, model=model, view=kind):
                        problem = self._problem_of(self.env[model].with_user(user), kind)
                        if (role, model, kind) not in OF_THE_HOST:
                            self.assertFalse(problem)
                        opened += 1
        self.assertGreater(opened, 400)

    def test_a_field_that_is_emptied_breaks_no_form(self):
        """While somebody types another day, it is empty; what follows from it waits."""
        admin = self.env.ref("base.user_admin")
        emptied = 0
        for model in self._models_of(admin):
            if "form" not in self._kinds_of(model):
                continue
            for record in self._some(self.env[model].with_user(admin)):
                form = Form(record, record.get_formview_id() or None)
                for name in self._typed_fields(form):
                    with self.subTest(model=model, field=name), suppress(UserError):
                        record.onchange({name: False}, [name], form._view["fields_spec"])
                    emptied += 1
        self.assertGreater(emptied, 100)

    def _models_of(self, user):
        """The names of the models with screens of ours that ``user`` may read."""
        own = sorted(name for name in self.env.registry if name.startswith("psa."))
        models = [self.env[name].with_user(user) for name in (*own, *HOST_MODELS)]
        return [
            model._name
            for model in models
            if not model._abstract and not model._transient and model.has_access("read")
        ]

    def _kinds_of(self, model):
        """Which screens somebody made for ``model``; the web client makes the others up."""
        views = self.env["ir.ui.view"].search([("model", "=", model), ("mode", "=", "primary")])
        return {"list", "kanban", "form"} & set(views.mapped("type"))

    def _problem_of(self, model, kind):
        """What a user is told who opens the default view ``kind`` of ``model``; None where it opens."""
        self.env.invalidate_all()  # what somebody else has read is asked again
        try:
            with self.env.cr.savepoint(), mute_logger("odoo.addons.base.models.ir_rule"):
                if kind == "form":
                    for record in self._some(model):
                        self.env.invalidate_all()
                        Form(record, record.get_formview_id() or None)
                else:
                    domain = HOST_MODELS.get(model._name, [])
                    model.web_search_read(domain, self._spec(model, kind), limit=80)
        except AccessError as error:
            return error.args[0]
        return None

    def _typed_fields(self, form):
        """The fields of ours in ``form`` that somebody can empty there."""
        fields = form._record._fields
        own = form._record._name.startswith("psa.")
        return [
            name
            for name in form._view["fields_spec"]
            if fields[name].type in TYPED
            and (own or name.startswith("psa_"))
            and not form._get_modifier(name, "readonly")
            and not form._get_modifier(name, "invisible")
        ]

    def _some(self, model):
        """The first and the last records."""
        domain = HOST_MODELS.get(model._name, [])
        return model.search(domain, limit=2) | model.search(domain, limit=2, order="id desc")

    def _spec(self, model, kind):
        """What the web client asks of each record of a list or of cards."""
        view = model.get_views([(False, kind)])
        fields = view["models"][model._name]["fields"]
        names = {node.get("name") for node in etree.fromstring(view["views"][kind]["arch"]).iter("field")}
        return {
            name: {"fields": {"display_name": {}}} if "relation" in fields[name] else {}
            for name in names & fields.keys()
        }
