"""What somebody may read opens: no screen of theirs asks for records that they may not see."""

from lxml import etree
from test_demo_firm import DemoFirmCase

from odoo import Command
from odoo.exceptions import AccessError
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
        domain = HOST_MODELS.get(model._name, [])
        self.env.invalidate_all()  # what somebody else has read is asked again
        try:
            with self.env.cr.savepoint(), mute_logger("odoo.addons.base.models.ir_rule"):
                if kind == "form":
                    last = model.search(domain, limit=2, order="id desc")
                    for record in model.search(domain, limit=2) | last:
                        self.env.invalidate_all()
                        Form(record, record.get_formview_id() or None)
                else:
                    model.web_search_read(domain, self._spec(model, kind), limit=80)
        except AccessError as error:
            return error.args[0]
        return None

    def _spec(self, model, kind):
        """What the web client asks of each record of a list or of cards."""
        view = model.get_views([(False, kind)])
        fields = view["models"][model._name]["fields"]
        names = {node.get("name") for node in etree.fromstring(view["views"][kind]["arch"]).iter("field")}
        return {
            name: {"fields": {"display_name": {}}} if "relation" in fields[name] else {}
            for name in names & fields.keys()
        }
