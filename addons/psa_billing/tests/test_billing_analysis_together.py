"""Reports of SOWs that are billed together or to several clients, and of work after a cut-off day."""

from odoo import Command
from odoo.tests import tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestAnalysisTogether(PsaBillingCase):
    """Two SOWs on one invoice: Ann 2 h at 150.00, and a fixed price of 1,000.00 that Dev works 5 h for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement = cls._agreement(billing_grouping="client")
        cls.timed = cls._sow(cls._line(cls.architect), psa_agreement_id=cls.agreement.id)
        cls.fixed = cls._sow(
            cls._line(cls.developer, 1, "fixed", price_unit=1000),
            cls._line(cls.developer),
            psa_agreement_id=cls.agreement.id,
        )

    def _bill_both(self):
        self._work(self.timed.order_line, 2)
        self._work(self.fixed.order_line[0], 5)
        proposal = self._propose()
        self.assertEqual(proposal.order_ids, self.timed | self.fixed)
        return self._invoice(proposal, post=True)

    def _by(self, group, measure, domain=()):
        self.env.flush_all()
        orders = self.timed | self.fixed
        rows = self.env["psa.billing.analysis"]._read_group(
            [("order_id", "in", orders.ids), *domain], [group], [f"{measure}:sum"]
        )
        return {key: round(amount, 2) for key, amount in rows}

    def test_each_line_is_billed_for_its_own_sow_and_once(self):
        invoice = self._bill_both()
        self.assertEqual(invoice.amount_untaxed, 1300)
        billed = self._by("order_id", measure="billed_amount")
        self.assertEqual(billed, {self.timed: 300, self.fixed: 1000})
        billed = self._by("employee_id", measure="billed_amount")
        self.assertEqual(billed, {self.ann: 300, self.dev: 1000})
        self._credit(invoice)
        self.assertEqual(self._by("order_id", measure="billed_amount"), {self.timed: 0, self.fixed: 0})

    def test_late_work_of_each_sow_is_late(self):
        self._bill_both()
        self._work(self.timed.order_line, 1, "2026-03-30")
        self._work(self.fixed.order_line[1], 3, "2026-03-30")
        late = self._by("order_id", measure="lost_amount", domain=[("cause", "=", "late")])
        self.assertEqual(late, {self.timed: 150, self.fixed: 300})

    def test_work_after_the_cut_off_day_is_not_late(self):
        """The run of March bills until the 25th: what was worked on the 26th comes with April."""
        self.agreement.billing_cutoff_day = 25
        line = self.timed.order_line
        self._work(line, 2, "2026-03-02")
        run = self._run(only_due=True)
        run.action_make_proposals()
        self._invoice(run.proposal_ids, post=True)
        self._work(line, 4, "2026-03-26")
        self._work(line, 1, "2026-03-25")
        late = self._by("date:day", measure="lost_amount", domain=[("cause", "=", "late")])
        self.assertEqual({str(day): amount for day, amount in late.items()}, {"2026-03-25": 150})

    def test_work_before_the_first_day_of_a_run_is_not_late(self):
        """The run bills from the 10th only: 2 h of the 2nd wait, and were never late; 1 h of the 11th was."""
        line = self.timed.order_line
        self._work(line, 2, "2026-03-02")
        self._work(line, 3, "2026-03-10")
        self._invoice(self._propose("2026-03-10", "2026-03-31"), post=True)
        self._work(line, 1, "2026-03-11")
        late = self._by("date:day", measure="lost_amount", domain=[("cause", "=", "late")])
        self.assertEqual({str(day): amount for day, amount in late.items()}, {"2026-03-11": 150})

    def test_what_one_payer_gets_back_is_of_the_lines_that_it_was_billed_for(self):
        """Ann 1.25 h, 187.50, and a fixed price of 1,000.00 in thirds: the cents of the shares, too."""
        payers = self.client | self.env["res.partner"].create([{"name": "Fund"}, {"name": "State"}])
        order = self._sow(
            self._line(self.architect),
            self._line(self.developer, 1, "fixed", price_unit=1000),
            psa_payer_ids=[
                Command.create({"partner_id": payer.id, "share": share, "sequence": number})
                for number, (payer, share) in enumerate(zip(payers, (33.33, 33.33, 33.34), strict=True))
            ],
        )
        self._work(order.order_line[0], 1.25)
        self.timed = self.fixed = order
        proposal = self._propose().filtered(lambda proposal: proposal.order_id == order)
        self._invoice(proposal)
        proposal.invoice_ids.invoice_date = "2026-04-01"
        proposal.invoice_ids.action_post()
        self.assertEqual(self._by("kind", measure="billed_amount"), {"time": 187.5, "fixed": 1000})
        self._credit(proposal.invoice_ids.filtered(lambda move: move.psa_payer_id == payers[1]))
        # 33.33 % of 187.50 are 62.49
        self.assertEqual(self._by("kind", measure="billed_amount"), {"time": 125.01, "fixed": 666.7})
        again = self._propose().filtered(lambda proposal: proposal.order_id == order)
        self._invoice(again)
        self.assertEqual(
            self._by("sale_line_id", measure="billed_amount"),
            dict(zip(order.order_line[:2], (187.5, 1000), strict=True)),
        )
