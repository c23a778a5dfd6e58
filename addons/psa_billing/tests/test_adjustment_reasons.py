"""Reasons are proposed where they fit, and nothing is billed less or more for one that does not."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .test_adjustments import EntriesCase


@tagged("post_install", "-at_install")
class TestAdjustmentReasons(EntriesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reasons = cls.env["psa.adjustment.reason"]
        cls.extra = cls.env.ref("psa_billing.reason_extra")

    def _dialog(self, records):
        return records.env["psa.adjust.work"].browse(records.action_adjust()["res_id"])

    def _offered(self, form):
        """Reasons that the list of the field offers."""
        return {
            name.removeprefix("psa_billing.reason_")
            for name in form.fitting_reason_ids[:].get_external_id().values()
        }

    def test_reasons_that_come_along_say_what_they_are_for(self):
        names = {
            kind: {
                name.removeprefix("psa_billing.reason_")
                for name in self.reasons.search([("used_for", "=", kind)]).get_external_id().values()
            }
            for kind in ("write_off", "write_up", "both")
        }
        self.assertEqual(
            names,
            {
                "write_off": {"goodwill", "estimate", "rework", "learning", "twice"},
                "write_up": {"extra"},
                "both": {"agreed", "entry", "rounding"},
            },
        )
        self.assertEqual(self.reasons.create({"name": "New"}).used_for, "both")

    def test_the_first_reason_that_fits_is_proposed(self):
        """1,200.00 are worked. Less is goodwill, more is extra effort; as much as worked is neither."""
        with Form(self._dialog(self.wip)) as form:
            self.assertEqual((form.direction, form.reason_id), ("write_off", self.goodwill))
            form.how = "quantity"
            form.quantity = 9
            self.assertEqual((form.amount_after, form.direction), (1350, "write_up"))
            self.assertEqual(form.reason_id, self.extra)
            form.quantity = 7
            self.assertEqual((form.direction, form.reason_id), ("write_off", self.goodwill))
            form.how = "amount"
            form.amount = 1200.01
            self.assertEqual((form.direction, form.reason_id), ("write_up", self.extra))
            form.how = "percent"
            form.percent = -0.5
            self.assertEqual((form.direction, form.reason_id), ("write_off", self.goodwill))

    def test_nothing_is_proposed_where_nothing_changes_yet(self):
        form = Form(self._dialog(self.proposal))  # opens with the 1,500.00 that it comes to
        self.assertEqual((form.how, form.amount, form.direction), ("amount", 1500, False))
        self.assertFalse(form.reason_id)
        self.assertEqual(len(self._offered(form)), 9)
        # the field is not marked before somebody has typed what is billed; the button asks all the same
        with self.assertRaisesRegex(ValidationError, "Choose a reason"):
            form.save().action_apply()
        self.assert_proposal(self.proposal, 1500, 0, 1500)
        form.amount = 1499.99
        self.assertEqual(form.reason_id, self.goodwill)
        self.assertEqual(
            self._offered(form),
            {"goodwill", "estimate", "rework", "learning", "twice", "agreed", "entry", "rounding"},
        )
        form.amount = 1500.01
        self.assertEqual(form.reason_id, self.extra)
        self.assertEqual(self._offered(form), {"extra", "agreed", "entry", "rounding"})

    def test_nothing_is_proposed_where_no_reason_fits(self):
        self.reasons.search([("used_for", "!=", "write_off")]).active = False
        form = Form(self._dialog(self.proposal))
        form.amount = 1600
        self.assertEqual(form.direction, "write_up")
        self.assertFalse(form.reason_id)
        with self.assertRaisesRegex(AssertionError, "reason_id is a required field"):
            form.save()
        wizard = self._dialog(self.proposal)
        wizard.amount = 1600
        self.assertFalse(wizard.reason_id)
        with self.assertRaisesRegex(ValidationError, "Choose a reason"):
            wizard.action_apply()
        self.assert_proposal(self.proposal, 1500, 0, 1500)

    def test_a_reason_that_was_chosen_stays_where_it_fits(self):
        with Form(self._dialog(self.wip)) as form:
            form.reason_id = self.entered
            form.how = "percent"
            form.percent = 10
            self.assertEqual(form.reason_id, self.entered)
            form.reason_id = self.extra
            form.percent = 20
            self.assertEqual(form.reason_id, self.extra)
            form.percent = -20
            self.assertEqual(form.reason_id, self.goodwill)

    def test_a_reason_of_the_other_direction_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "bills more than before, and “Goodwill”"):
            self._adjust(self.wip, "quantity", quantity=9)
        with self.assertRaisesRegex(ValidationError, "bills less than before, and “Extra effort"):
            self._adjust(self.wip, "amount", self.extra, amount=1199.99, note="Agreed by phone")
        with self.assertRaisesRegex(ValidationError, "bills less than before, and “Extra effort"):
            self._adjust(self.wip, "write_off", self.extra, note="Agreed by phone")
        self.assert_wip(self.entry, ("proposed", 8, 8, 1200))
        self._adjust(self.wip, "quantity", self.extra, quantity=9, note="Agreed by phone")
        self.assert_adjustments(self.order, ("done", "write_up", 0, 1, 150))

    def test_a_second_decision_starts_at_what_was_worked(self):
        """1,200.00 are billed as 1,000.00, then as 1,100.00: still 100.00 less than worked."""
        self._adjust(self.wip, "amount", amount=1000)
        wizard = self._dialog(self.wip)
        wizard.write({"how": "amount", "amount": 1100})
        self.assertEqual((wizard.direction, wizard.reason_id), ("write_off", self.goodwill))
        wizard.action_apply()
        self.assert_adjustments(
            self.order, ("undone", "write_off", 0, 0, -200), ("done", "write_off", 0, 0, -100)
        )
        # of a whole proposal it starts at what the proposal comes to: 1,400.00 and 50.00 more
        wizard = self._dialog(self.proposal)
        wizard.amount = 1450
        self.assertEqual((wizard.direction, wizard.reason_id), ("write_up", self.extra))

    def test_what_is_not_credited_is_billed_more(self):
        """A correction of −1 h that is written off bills 150.00 more: no goodwill."""
        correction = self._work(self.line, -1, "2026-03-04")
        self.proposal.action_make_again()
        wizard = self._dialog(correction.psa_wip_ids)
        self.assertEqual(
            (wizard.how, wizard.direction, wizard.reason_id), ("write_off", "write_up", self.extra)
        )
        with self.assertRaisesRegex(ValidationError, "bills more than before"):
            self._adjust(correction.psa_wip_ids, "write_off")

    def test_work_that_is_worth_nothing_is_written_off_with_its_hours(self):
        entry = self._work(self._sow(self._line(self.architect, discount=100)).order_line, 2)
        wizard = self._dialog(entry.psa_wip_ids)
        self.assertEqual((wizard.amount_before, wizard.amount_after), (0, 0))
        self.assertEqual((wizard.direction, wizard.reason_id), ("write_off", self.goodwill))
        wizard.action_apply()
        self.assert_wip(entry, ("written_off", 2, 2, 0))

    def test_reasons_of_another_company_are_not_proposed(self):
        other = self.setup_other_company()["company"]
        self.reasons.create({"name": "Theirs", "sequence": 1, "company_id": other.id})
        ours = self.reasons.create({"name": "Ours", "sequence": 2, "company_id": self.company.id})
        self.env.user.company_ids += other
        wip = self.wip.with_context(allowed_company_ids=(other + self.company).ids)
        self.assertEqual(self._dialog(wip).reason_id, ours)

    def test_a_line_is_added_for_a_reason_that_fits_its_sign(self):
        wizard = self.env["psa.add.line"].browse(self.proposal.action_add_line()["res_id"])
        with Form(wizard) as form:
            form.name = "Travel, flat"
            self.assertFalse(form.direction)
            form.amount = 120.5
            self.assertEqual((form.direction, form.reason_id), ("write_up", self.reasons))
            self.assertEqual(self._offered(form), {"extra", "agreed", "entry", "rounding"})
            form.reason_id = self.extra
            form.note = "Train to the plant"
            form.amount = -120.5
            self.assertEqual((form.direction, form.reason_id), ("write_off", self.reasons))
            form.reason_id = self.goodwill
        wizard.action_apply()
        self.assert_proposal(self.proposal, 1500, -120.5, 1379.5)
        wizard = self.env["psa.add.line"].browse(self.proposal.action_add_line()["res_id"])
        wizard.write({"name": "Travel, flat", "amount": 10, "reason_id": self.goodwill.id})
        with self.assertRaisesRegex(ValidationError, "bills more than before"):
            wizard.action_apply()
        wizard.reason_id = False
        with self.assertRaisesRegex(UserError, "needs its text, a reason"):
            wizard.action_apply()

    def test_who_reads_no_work_gets_no_dialog_of_it(self):
        """Nor what is proposed there, which would tell whether it is worth something."""
        for model, values in (
            ("psa.adjust.work", {"wip_ids": self.wip.ids}),
            ("psa.add.line", {"proposal_id": self.proposal.id, "amount": 1}),
        ):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.ann.user_id).create(values)
