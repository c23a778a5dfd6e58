"""Optional phases: what the client does not take of them before signing is not sold."""

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import SIGNATURE, PsaContractsCase


class OptionalPhasesCase(PsaContractsCase):
    @classmethod
    def _offer(cls, **values):
        """A sent SOW: 40 h of an architect at 200 in the phase Design, and as an option the phase Build: a
        developer at 120, a go-live for 5,000 (30 h of work), support at 1,500 a month, a fee of 10,000.
        """
        sow = cls._sow(
            cls._phase("Design", "2026-03-01", "2026-03-31"),
            cls._hours(cls.architect, 40),
            cls._phase("Build", "2026-04-01", "2026-05-31"),
            cls._hours(cls.developer, 0),
            cls._sold(
                "milestone",
                5000,
                psa_role_id=cls.architect.id,
                name="Go-live",
                psa_effort_hours=30,
                product_uom_qty=0,
            ),
            cls._sold("retainer", 1500, name="Support", product_uom_qty=0, psa_retainer_hours=10),
            cls._sold("success_fee", 10000, name="Savings", product_uom_qty=0),
            **values,
        )
        cls._line(sow, "Build").is_optional = True
        sow.action_quotation_sent()
        sow._portal_ensure_token()
        # the host keeps under which section a line stands for as long as a request lasts
        cls.env.invalidate_all()
        return sow

    def _develop(self, sow):
        """Three hours that Ann, a developer, logs on the project of ``sow`` in April."""
        return self._log(self.ann, 3, "2026-04-02", project_id=sow._psa_project().id, task_id=False)

    @staticmethod
    def _line(sow, name):
        return sow.order_line.filtered(lambda line: name in (line.name, line.psa_role_id.name))[:1]


@tagged("post_install", "-at_install")
class TestOptionalPhases(OptionalPhasesCase):
    def test_what_was_not_taken_is_not_delivered(self):
        """Nothing of Build was ordered: one phase, 40 h of budget, and 8,000 signed."""
        sow = self._offer()
        self._sign(sow).action_confirm()
        project = sow._psa_project()
        self.assertEqual(sow.amount_untaxed, 8000)
        self.assertEqual(project.psa_phase_ids.mapped("name"), ["Design"])
        budget = self.env["psa.budget.line"].search([("project_id", "=", project.id)])
        self.assertEqual(budget.mapped("hours"), [40])
        self.assertFalse(project.milestone_ids)
        self.assertEqual(
            sow.order_line.filtered("psa_declined").mapped("product_uom_qty"), [0.0, 0.0, 0.0, 0.0]
        )

    def test_time_of_a_role_that_was_not_taken_is_sold_by_no_line(self):
        """A developer works all the same: nobody agreed to pay for it."""
        sow = self._offer()
        self._sign(sow).action_confirm()
        entry = self._develop(sow)
        self.assertFalse(entry.so_line)
        on_demand = self._sow(self._hours(self.architect, 40), self._hours(self.developer, 0))
        self._sign(on_demand).action_confirm()  # no option: any hours at this price
        entry = self._develop(on_demand)
        self.assertEqual(entry.so_line, on_demand.order_line[1])

    def test_what_was_taken_is_sold(self):
        """The client orders 100 h at 120 and the go-live: 8,000 + 12,000 + 5,000."""
        sow = self._offer()
        self._line(sow, "Developer").product_uom_qty = 100
        self._line(sow, "Go-live").product_uom_qty = 1
        self._sign(sow).action_confirm()
        project = sow._psa_project()
        self.assertEqual(sow.amount_untaxed, 25000)
        self.assertEqual(project.psa_phase_ids.mapped("name"), ["Design", "Build"])
        budget = self.env["psa.budget.line"].search([("project_id", "=", project.id)])
        self.assertEqual(sorted(budget.mapped("hours")), [30, 40, 100])
        self.assertEqual(project.milestone_ids.mapped("name"), ["Go-live"])
        entry = self._develop(sow)
        self.assertEqual(entry.so_line, self._line(sow, "Developer"))

    def test_amending_an_option_is_refused_with_the_way_out(self):
        sow = self._offer()
        self._sign(sow).action_confirm()
        change = self._change(sow, self._amend(self._line(sow, "Developer"), 50))
        self.assertIn("press “Change Lines…”", change._psa_confirmation_problem())
        change.order_line.psa_amends_line_id = False  # sold on a line of its own
        self._sign(change).action_confirm()
        entry = self._develop(sow)
        self.assertEqual(entry.so_line, change.order_line)

    def test_a_fee_that_was_not_taken_is_not_claimed(self):
        sow = self._offer()
        self._sign(sow).action_confirm()
        fee = sow.psa_success_fee_ids
        with self.assertRaisesRegex(UserError, "an option that the client did not take"):
            fee.action_claim()

    def test_an_option_is_part_of_what_was_signed(self):
        """Nobody makes the phase an option, or no option, afterwards."""
        sow = self._offer()
        self._sign(sow).action_confirm()
        with self.assertRaisesRegex(UserError, "signed"):
            self._line(sow, "Build").with_user(self.sales).is_optional = False

    def test_signed_again_without_the_option(self):
        """Cancelled, set to draft, taken, signed anew: the phase is there, and nothing is left out."""
        sow = self._offer()
        self._sign(sow).action_confirm()
        sow._action_cancel()
        sow.action_draft()
        for name in ("Developer", "Go-live", "Support", "Savings"):
            self._line(sow, name).product_uom_qty = 1
        self._sign(sow).action_confirm()
        self.assertFalse(sow.order_line.filtered("psa_declined"))
        self.assertEqual(sow._psa_project().psa_phase_ids.mapped("name"), ["Design", "Build"])

    def test_a_template_keeps_the_option(self):
        """The next SOW made from it offers the 100 h again."""
        sow = self._offer()
        self._line(sow, "Developer").psa_offered_quantity = 100
        template = self.env["sale.order.template"].browse(sow.action_psa_save_as_template()["res_id"])
        optional = template.sale_order_template_line_ids.filtered("is_optional")
        self.assertEqual(optional.mapped("name"), ["Build"])
        self.assertTrue(template.psa_has_options)
        again = self._sow(sale_order_template_id=template.id)
        again._onchange_sale_order_template_id()
        self.assertTrue(again.psa_has_options)
        developer = self._line(again, "Developer")
        self.assertEqual((developer.product_uom_qty, developer.psa_offered_quantity), (0, 100))

    def test_what_an_option_costs(self):
        """100 h at 120 less 10 %, 3 months at 1,500, a go-live of 5,000 and a fee of 10,000: 30,300. Prices
        include no tax, what is said includes none where they do: 119 gross are 100."""
        sow = self._offer()
        build = self._line(sow, "Build")
        self.assertEqual(build._psa_offered_amount(), 0)  # hours and months are not said
        developer, support = self._line(sow, "Developer"), self._line(sow, "Support")
        developer.write({"psa_offered_quantity": 100, "discount": 10})
        support.psa_offered_quantity = 3
        self.assertEqual(developer._psa_offered_amount(), 10800)
        self.assertEqual(support._psa_offered_amount(), 4500)
        self.assertEqual(build._psa_offered_amount(), 30300)
        self._line(sow, "Go-live").product_uom_qty = 1  # taken: the rest is still offered
        self.assertEqual(build._psa_offered_amount(), 25300)
        included = self.env["account.tax"].create(
            {"name": "19 % included", "amount": 19, "price_include_override": "tax_included"}
        )
        developer.write({"tax_ids": included.ids, "price_unit": 119, "discount": 0})
        self.assertEqual(developer._psa_offered_amount(), 10000)

    def test_less_than_nothing_is_not_offered(self):
        sow = self._offer()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._line(sow, "Developer").psa_offered_quantity = -1
            self.env.flush_all()

    def test_the_document_shows_options_until_it_is_signed(self):
        sow = self._offer()
        models = set(sow._psa_document_lines())
        self.assertEqual(models, {"time_material", "milestone", "retainer", "success_fee"})
        self.assertEqual(len(sow._psa_document_phases()), 2)
        self._sign(sow).action_confirm()
        self.assertEqual(set(sow._psa_document_lines()), {"time_material"})
        self.assertEqual([phase.name for phase, _start, _end in sow._psa_document_phases()], ["Design"])

    def test_options_of_earlier_versions(self):
        """What was not taken then is marked, but for the line that time has landed on since."""
        sow = self._offer()
        self._sign(sow).action_confirm()
        declined = sow.order_line.filtered("psa_declined")
        declined.psa_declined = False
        entry = self._develop(sow)
        self.assertEqual(entry.so_line, self._line(sow, "Developer"))  # as it was
        self._migrate("19.0.2.4.1/post-declined_options.py", version=None)
        self.assertFalse(sow.order_line.filtered("psa_declined"))
        for _again in range(2):
            self._migrate("19.0.2.4.1/post-declined_options.py", "19.0.2.4.0")
            self.assertEqual(sow.order_line.filtered("psa_declined"), declined - entry.so_line)


@tagged("post_install", "-at_install")
class TestOptionsInPortal(OptionalPhasesCase, HttpCase):
    def _take(self, sow, name, token=None, **params):
        """What the page asks for when the client presses a button, or types a quantity."""
        self.make_jsonrpc_request(
            f"/my/orders/{sow.id}/update_line_dict",
            {"line_id": self._line(sow, name).id, "access_token": token or sow.access_token, **params},
        )
        self.env.invalidate_all()
        return self._line(sow, name).product_uom_qty

    def test_the_client_takes_and_leaves(self):
        sow = self._offer()
        page = self.url_open(sow.get_portal_url()).text
        self.assertIn("· optional", page)
        self.assertRegex(page, r'aria-label="Periods"[^>]*value="0"')
        self.assertIn("5,000.00", page)  # what it would cost, though nothing of it is ordered yet
        self.assertEqual(self._take(sow, "Go-live"), 1)
        self.assertEqual(sow.amount_untaxed, 13000)  # 40 × 200 + 5,000
        self.assertEqual(self._take(sow, "Go-live"), 1)  # pressed twice: it is paid once
        self.assertEqual(self._take(sow, "Developer", input_quantity=100), 100)
        self.assertEqual(self._take(sow, "Support", input_quantity=3), 3)
        self.assertEqual(sow.amount_untaxed, 29500)  # 13,000 + 100 × 120 + 3 × 1,500
        self.assertEqual(self._take(sow, "Go-live", remove=True), 0)
        self.assertEqual(sow.amount_untaxed, 24500)
        self.assertEqual(self._take(sow, "Architect", input_quantity=1), 40)  # no option

    def test_the_client_takes_what_is_offered(self):
        """100 h of a developer for 12,000.00 and three months of support for 4,500.00: one click each."""
        sow = self._offer()
        self._line(sow, "Developer").psa_offered_quantity = 100
        self._line(sow, "Support").psa_offered_quantity = 3
        page = self.url_open(sow.get_portal_url()).text
        for said in ("12,000.00", "4,500.00", "31,500.00", "offered: "):  # 31,500: the phase
            self.assertIn(said, page)
        self.assertEqual(self._take(sow, "Developer"), 100)
        self.assertEqual(self._take(sow, "Developer"), 101)  # one more
        self.assertEqual(self._take(sow, "Developer", remove=True), 100)
        self.assertEqual(self._take(sow, "Support"), 3)
        self.assertEqual(sow.amount_untaxed, 24500)  # 8,000 + 12,000 + 4,500
        self.assertNotIn("offered: ", self.url_open(sow.get_portal_url()).text)
        self._sign(sow).action_confirm()
        self.assertNotIn("offered: ", self.url_open(sow.get_portal_url()).text)

    def test_the_salesperson_makes_a_phase_an_option(self):
        """What was sold of it is offered then; sold again, it is as it was."""
        sow = self._sow(
            self._phase("Design", "2026-03-01", "2026-03-31"),
            self._hours(self.architect, 40),
            self._phase("Build", "2026-04-01", "2026-05-31"),
            self._hours(self.developer, 100),
        )
        path = f"/odoo/action-psa_contracts.sow_action/{sow.id}"
        self.start_tour(path, "psa_contracts_set_optional", login="admin")
        self.env.invalidate_all()
        developer = self._line(sow, "Developer")
        self.assertEqual((developer.product_uom_qty, developer.psa_offered_quantity), (0, 100))
        self.start_tour(path, "psa_contracts_unset_optional", login="admin")
        self.env.invalidate_all()
        self.assertEqual((developer.product_uom_qty, developer.psa_offered_quantity), (100, 0))
        self.assertEqual(sow.amount_untaxed, 20000)  # 40 × 200 + 100 × 120

    def test_nobody_orders_less_than_nothing(self):
        """Minus 100 h would take 12,000 off a price that the firm then has to keep."""
        sow = self._offer()
        self.assertEqual(self._take(sow, "Developer", input_quantity=-100), 0)
        self.assertEqual(self._take(sow, "Developer", remove=True), 0)
        self.assertEqual(self._take(sow, "Go-live", input_quantity=7), 1)
        self.assertEqual(self._take(sow, "Developer", token="wrong", input_quantity=5), 0)

    def test_what_is_signed_waits_unchanged_for_its_payment(self):
        sow = self._offer(require_payment=True, require_signature=True)
        self.make_jsonrpc_request(
            sow.get_portal_url(suffix="/accept", query_string=f"&psa_seal={sow._psa_seal()}"),
            {"name": "Clara Client", "signature": SIGNATURE},
        )
        sow.invalidate_recordset()
        self.assertTrue(sow.signed_on)
        self.assertEqual(sow.state, "sent")
        self.assertEqual(self._take(sow, "Developer", input_quantity=5), 0)
