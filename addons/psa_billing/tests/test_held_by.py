"""Work over a cap says which cap it waits for."""

from odoo.tests import tagged

from .test_retainer_periods import PsaRetainerCase


@tagged("post_install", "-at_install")
class TestHeldBy(PsaRetainerCase):
    def _money(self, amount):
        return self.company.currency_id.format(amount)

    def _over(self, entry, user=None):
        self.env.invalidate_all()
        parts = entry.psa_wip_ids.filtered(lambda part: part.state == "over_cap")
        return parts.with_user(user or self.env.user).held_by

    def _used(self, name, used, cap):
        return f"{name}: {self._money(used)} of {self._money(cap)} used"

    def test_the_cap_of_a_line_of_the_sow_and_of_the_agreement(self):
        agreement = self._agreement(cap_amount=2000)
        order = self._sow(
            self._line(self.architect, cap=450),
            self._line(self.developer),
            psa_agreement_id=agreement.id,
            psa_cap_amount=650,
        )
        other = self._sow(self._line(self.developer), psa_agreement_id=agreement.id).order_line
        first = self._work(order.order_line[0], 4, "2026-03-02")  # 450.00 of 600.00 within the line
        of_line = self._used("Cap of the line Architect", 450, 450)
        self.assertEqual(self._over(first), of_line)
        inside = first.psa_wip_ids.filtered(lambda part: part.state == "open")
        self.assertFalse(inside.held_by)
        second = self._work(order.order_line[1], 4, "2026-03-03")  # 200.00 of 400.00 within the SOW
        of_sow = self._used(f"Cap of the SOW {order.name}", 650, 650)
        self.assertEqual(self._over(second), of_sow)
        # a higher cap of the line alone would free nothing now
        self.assertEqual(self._over(first), f"{of_line}; {of_sow}")
        third = self._work(other, 20, "2026-03-04")  # 2,000.00 less 650.00
        of_agreement = self._used(f"Cap of the agreement {agreement.display_name}", 2000, 2000)
        self.assertEqual(self._over(third), of_agreement)
        agreement.cap_amount = 0
        self.assertFalse(self._over(third))
        self.assertEqual(self._over(second), of_sow)

    def test_a_cap_in_another_currency_is_told_in_its_own(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])  # 1.00 is 0.50 EUR
        pricelist = self.env["product.pricelist"].create({"name": "EUR", "currency_id": euro.id})
        agreement = self._agreement(cap_amount=300)
        line = self._sow(
            self._line(self.architect, price_unit=100),
            psa_agreement_id=agreement.id,
            pricelist_id=pricelist.id,
        ).order_line
        entry = self._work(line, 4)  # 400.00 EUR are 800.00: 150.00 EUR are within
        self.assert_wip(entry, ("open", 1.5, 1.5, 150), ("over_cap", 2.5, 2.5, 250))
        self.assertEqual(
            self._over(entry), self._used(f"Cap of the agreement {agreement.display_name}", 300, 300)
        )

    def test_the_figures_of_an_agreement_are_for_those_who_read_it(self):
        agreement = self._agreement(cap_amount=150)
        line = self._sow(psa_agreement_id=agreement.id).order_line
        entry = self._work(line, 2)
        lead = self._user("lead", "psa_project.group_psa_project_manager")
        line.task_id.project_id.user_id = lead
        told = self._over(entry, lead)
        if agreement.with_user(lead).has_access("read"):
            self.assertEqual(told, self._used(f"Cap of the agreement {agreement.display_name}", 150, 150))
        else:
            self.assertEqual(told, f"Cap of the agreement {agreement.display_name}")

    def test_the_retainer_whose_work_waits(self):
        order = self._sow(self._retainer(psa_retainer_overage="hold"))
        entry = self._work(order.order_line, 12)
        period = self._periods(order)[0]
        self.assertEqual(self._over(entry), f"Retainer {period.display_name}: 10.00 h of 10.00 h used")

    def test_a_list_asks_no_query_for_each_row(self):
        def sows(count):
            for _number in range(count):
                line = self._sow(self._line(self.architect, cap=150)).order_line
                self._work(line, 2)
            entries = self.env["psa.wip.entry"].search([("state", "=", "over_cap")])
            return self._count_queries(lambda: entries.mapped("held_by"))

        few = sows(3)
        self.assertLessEqual(sows(6), few + 1)
