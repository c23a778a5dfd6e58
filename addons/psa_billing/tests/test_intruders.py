"""Every public method of the suite, called by RPC by users who have no right to what it changes."""

import inspect

from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_retainer_periods import PsaRetainerCase

#: Of these the host asks for the rights itself; they are what its own tests are for.
OF_THE_HOST = {"copy_data", "create", "default_get", "fields_get", "load", "search_fetch", "unlink", "write"}
#: Who bills, leads projects, sells, sets rates and administers accounting.
EVERYTHING = (
    "psa_billing.group_psa_billing_manager,psa_project.group_psa_project_manager,"
    "psa_contracts.group_psa_rate_manager,account.group_account_manager,sales_team.group_sale_manager"
)


def public_methods(env):
    """``[(model, method)]`` of what addons of the suite define, or override, for users to call."""
    found = set()
    for name, cls in env.registry.items():
        for base in cls.__mro__:
            if base.__module__.startswith("odoo.addons.psa_"):
                found |= {
                    (name, method)
                    for method, value in vars(base).items()
                    if inspect.isfunction(value) and not method.startswith("_")
                }
    return sorted(key for key in found if key[1] not in OF_THE_HOST)


@tagged("post_install", "-at_install")
class TestIntruders(PsaRetainerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        agreement = cls._agreement(cap_amount=5000)
        cls.order = cls._sow(cls._line(cls.architect), cls._retainer(), psa_agreement_id=agreement.id)
        cls._work(cls.order.order_line[0], 8)
        cls._invoice(cls._propose("2026-03-01", "2026-03-31"), post=True)
        cls._work(cls.order.order_line[0], 4, "2026-04-02")
        cls.proposal = cls._propose("2026-04-01", "2026-04-30")
        cls._work(cls.order.order_line[0], 2, "2026-05-02")
        cls.methods = public_methods(cls.env)
        cls.env.flush_all()

    def _written(self):
        """``{table: rows inserted, updated and deleted}`` in this transaction, also what was rolled back."""
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables
                WHERE n_tup_ins + n_tup_upd + n_tup_del > 0"""
        )
        return dict(self.env.cr.fetchall())

    def _call(self, user, name, method):
        """What ``method`` wrote, called by ``user`` for a record that is there; None where it was refused."""
        model = self.env[name]
        records = model if model._abstract else model.sudo().search([], limit=1)
        before = self._written()
        ids = [] if getattr(getattr(type(model), method), "_api_model", False) else [records.ids]
        try:
            with self.env.cr.savepoint():
                call_kw(model.with_user(user), method, ids, {})
                written = self._written()
        except (AccessError, UserError):
            return None
        except (TypeError, ValueError):
            # no record of the model, or it wants more than that: nothing was done
            written = self._written()
        return {table for table, count in written.items() if before.get(table) != count}

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule", "odoo.models")
    def _assert_powerless(self, login, groups, company=None):
        user = self._user(login, groups, company)
        self.env.flush_all()
        for name, method in self.methods:
            with self.subTest(model=name, method=method):
                self.assertFalse(self._call(user, name, method))

    def test_the_methods_are_found_and_what_they_write_is_seen(self):
        self.assertGreater(len(self.methods), 100)
        self.assertIn(("psa.billing.proposal", "action_approve"), self.methods)
        self.assertIn(
            "psa_billing_proposal", self._call(self.env.user, "psa.billing.proposal", "action_approve")
        )

    def test_an_employee_changes_nothing(self):
        self._assert_powerless("intruder", "base.group_user")

    def test_who_logs_time_changes_nothing(self):
        self._assert_powerless("typist", "psa_project.group_psa_user")

    def test_another_client_changes_nothing(self):
        self._assert_powerless("client", "base.group_portal")

    def test_who_leads_another_project_changes_nothing(self):
        project = self.order.order_line.task_id.project_id
        project.write({"privacy_visibility": "followers", "user_id": False})
        project.message_unsubscribe(project.message_partner_ids.ids)
        self._assert_powerless("leader", "psa_project.group_psa_project_manager")

    def test_who_sells_something_else_changes_nothing(self):
        self.order.user_id = self.env.user
        self._assert_powerless("seller", "sales_team.group_sale_salesman")

    def test_who_sets_rates_changes_no_contract(self):
        self._assert_powerless("rater", "psa_contracts.group_psa_rate_manager")

    def test_who_may_do_everything_in_another_company_changes_nothing(self):
        abroad = self.setup_other_company(name="Abroad")["company"]
        self._assert_powerless("elsewhere", EVERYTHING, abroad)
