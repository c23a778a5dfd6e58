from odoo.tests import tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestAgreementCaps(PsaBillingCase):
    """The cap of an agreement bounds all its SOWs together, and people are told before it is used up."""

    @classmethod
    def _agreement(cls, cap, **values):
        return super()._agreement(cap_amount=cap, **values)

    def _activities(self, *records):
        """(level, user) of the alerts that these records carry as activities."""
        found = self.env["mail.activity"]
        for record in records:
            found += record.activity_ids
        return sorted((activity.summary.split(" %")[0], activity.user_id) for activity in found)

    def test_work_consumes_the_cap_by_day_over_all_sows(self):
        agreement = self._agreement(1000)
        first = self._sow(psa_agreement_id=agreement.id).order_line
        second = self._sow(self._line(self.developer), psa_agreement_id=agreement.id).order_line
        late = self._work(first, 4, "2026-03-10")  # 600.00
        self._work(second, 3, "2026-03-05")  # 300.00
        self.assert_wip(late, ("open", 4, 4, 600))
        # 2 March: 2 h × 100.00 come first: 200 + 300 leave 500.00, 3.33 h × 150.00 = 499.50 and 0.50
        early = self._work(second, 2, "2026-03-02")
        self.assert_wip(early, ("open", 2, 2, 200))
        self.assert_wip(late, ("open", 3.33, 3.33, 500), ("over_cap", 0.67, 0.67, 100))

    def test_line_then_sow_then_agreement(self):
        agreement = self._agreement(700)
        order = self._sow(
            self._line(self.architect, cap=450),
            self._line(self.developer),
            psa_agreement_id=agreement.id,
            psa_cap_amount=650,
        )
        other = self._sow(self._line(self.developer), psa_agreement_id=agreement.id).order_line
        line, developer = order.order_line
        first = self._work(line, 4, "2026-03-02")  # 450.00 of 600.00 within the line
        second = self._work(developer, 4, "2026-03-03")  # 200.00 of 400.00 within the SOW
        third = self._work(other, 2, "2026-03-04")  # 50.00 of 200.00 within the agreement
        self.assert_wip(first, ("open", 3, 3, 450), ("over_cap", 1, 1, 150))
        self.assert_wip(second, ("open", 2, 2, 200), ("over_cap", 2, 2, 200))
        self.assert_wip(third, ("open", 0.5, 0.5, 50), ("over_cap", 1.5, 1.5, 150))

    def test_billed_work_is_not_reopened_and_what_is_credited_is_cut_anew(self):
        agreement = self._agreement(450)
        first = self._sow(psa_agreement_id=agreement.id).order_line
        second = self._sow(self._line(self.developer), psa_agreement_id=agreement.id).order_line
        billed = self._work(first, 2, "2026-03-10")
        invoice = self._invoice(self._propose(), post=True)
        late = self._work(second, 3, "2026-03-02")
        self.assert_wip(billed, ("billed", 2, 2, 300))
        self.assert_wip(late, ("open", 1.5, 1.5, 150), ("over_cap", 1.5, 1.5, 150))
        self._credit(invoice)
        # 3 h × 100.00 of 2 March come first now, 150.00 of 300.00 are left to 10 March
        self.assert_wip(late, ("open", 3, 3, 300))
        self.assert_wip(billed, ("open", 1, 1, 150), ("over_cap", 1, 1, 150))

    def test_raising_the_cap_frees_what_waited_and_lowering_takes_it_back(self):
        agreement = self._agreement(150)
        line = self._sow(psa_agreement_id=agreement.id).order_line
        entry = self._work(line, 4)
        self.assert_wip(entry, ("open", 1, 1, 150), ("over_cap", 3, 3, 450))
        agreement.cap_amount = 450
        self.assert_wip(entry, ("open", 3, 3, 450), ("over_cap", 1, 1, 150))
        agreement.cap_amount = 0
        self.assert_wip(entry, ("open", 4, 4, 600))
        agreement.cap_amount = 300
        self.assert_wip(entry, ("open", 2, 2, 300), ("over_cap", 2, 2, 300))

    def test_the_cap_is_in_the_currency_of_the_agreement(self):
        foreign = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])  # 1.00 is 0.50 EUR
        pricelist = self.env["product.pricelist"].create({"name": "EUR", "currency_id": foreign.id})
        agreement = self._agreement(1000)
        order = self._sow(
            self._line(self.architect, price_unit=75),
            psa_agreement_id=agreement.id,
            pricelist_id=pricelist.id,
        )
        self.assertEqual(order.currency_id, foreign)
        entry = self._work(order.order_line, 8)
        # 8 h × 75.00 EUR = 600.00 EUR, of which 1,000.00 are 500.00 EUR: 6.66 h × 75.00 = 499.50 and 0.50
        self.assert_wip(entry, ("open", 6.66, 6.66, 500), ("over_cap", 1.34, 1.34, 100))

    def test_fixed_prices_take_their_part_and_are_not_proposed_over_the_cap(self):
        agreement = self._agreement(1000)
        fixed = self._sow(
            self._line(self.architect, 1, "fixed", price_unit=700), psa_agreement_id=agreement.id
        )
        line = self._sow(psa_agreement_id=agreement.id).order_line
        too_much = self._sow(
            self._line(self.architect, 1, "fixed", price_unit=400), psa_agreement_id=agreement.id
        )
        by_order = {proposal.order_id: proposal for proposal in self._propose()}
        self.assertEqual((by_order[fixed].amount, by_order[fixed].message), (700, False))
        self.assertRegex(by_order[too_much].message, r"come to .*400.00, but the cap .* leaves .*300.00")
        entry = self._work(line, 4)  # 300.00 of 600.00 are left
        self.assert_wip(entry, ("open", 2, 2, 300), ("over_cap", 2, 2, 300))
        agreement.cap_amount = 1400
        self.assert_wip(entry, ("open", 4, 4, 600))

    # -- alerts ----------------------------------------------------------------------------

    def test_the_owner_is_told_once_at_80_and_at_100_per_cent(self):
        agreement = self._agreement(1000)
        order = self._sow(psa_agreement_id=agreement.id)
        line = order.order_line
        self._work(line, 5)  # 750.00
        self.assertFalse(agreement.activity_ids)
        self._work(line, 0.5)  # 825.00
        self.assertEqual(self._activities(agreement), [("80", agreement.user_id)])
        self._work(line, 0.5)  # 900.00: told already
        self.assertEqual(len(agreement.activity_ids), 1)
        agreement.activity_ids.action_done()
        self._work(line, 0.1)
        self.assertFalse(agreement.activity_ids)  # done is done
        self._work(line, 2)
        self.assertEqual(self._activities(agreement), [("100", agreement.user_id)])
        self.assertIn("1,000.00", agreement.activity_ids.note)

    def test_the_project_manager_is_told_of_sow_and_line(self):
        manager = self._user("lead", "psa_project.group_psa_project_manager")
        order = self._sow(self._line(self.architect, cap=600), psa_cap_amount=600)
        project = order.order_line.task_id.project_id
        project.user_id = manager
        self._work(order.order_line, 5)
        self.assertEqual(self._activities(project), [("100", manager), ("100", manager)])
        self.assertEqual(
            sorted(self.env["psa.cap.alert"].search([("order_id", "=", order.id)]).mapped("level")),
            [80, 80, 100, 100],
        )

    def test_a_raised_cap_withdraws_the_alert_and_it_comes_again(self):
        order = self._sow(self._line(self.architect, cap=600))
        project = order.order_line.task_id.project_id
        project.user_id = self._user("lead", "psa_project.group_psa_project_manager")
        self._work(order.order_line, 5)
        self.assertEqual(len(project.activity_ids), 1)
        order.order_line.sudo().psa_cap_amount = 1500  # 750.00 are half of it
        self.assertFalse(project.activity_ids)
        self.assertFalse(self.env["psa.cap.alert"].search([("order_id", "=", order.id)]))
        self._work(order.order_line, 3)  # 1,200.00: 80 %
        self.assertEqual([level for level, _user in self._activities(project)], ["80"])

    def test_a_raised_cap_that_is_used_up_at_once_is_told_of_anew(self):
        """750.00 of 600.00 are worked. Raised to 750.00 the cap has all of it, and is used up again."""
        order = self._sow(self._line(self.architect, cap=600))
        project = order.order_line.task_id.project_id
        project.user_id = self._user("lead", "psa_project.group_psa_project_manager")
        self._work(order.order_line, 5)
        self.assertIn("600.00 of $&nbsp;600.00 are used", project.activity_ids.note)
        project.activity_ids.action_done()
        order.order_line.sudo().psa_cap_amount = 750
        self.assertIn("750.00 of $&nbsp;750.00 are used", project.activity_ids.note)
        self.assertEqual(
            self.env["psa.cap.alert"]
            .search([("order_id", "=", order.id)], order="level")
            .mapped(lambda alert: (alert.level, alert.cap_amount)),
            [(80, 750), (100, 750)],
        )

    def test_other_addons_hear_of_it(self):
        heard = []
        Alert = type(self.env["psa.cap.alert"])
        self.patch(Alert, "_psa_cap_reached", lambda alerts: heard.extend(alerts.mapped("level")))
        self.patch(Alert, "_psa_cap_withdrawn", lambda alerts: heard.append(-len(alerts)))
        order = self._sow(self._line(self.architect, cap=600))
        self._work(order.order_line, 4)
        order.order_line.sudo().psa_cap_amount = 0
        self.assertEqual([level for level in heard if level], [80, 100, -2])

    def test_strangers_see_no_alerts(self):
        order = self._sow(self._line(self.architect, cap=600))
        self._work(order.order_line, 4)
        other = self.setup_other_company()["company"]
        stranger = self._user("stranger", "psa_billing.group_psa_billing_manager", other)
        self.assertFalse(self.env["psa.cap.alert"].with_user(stranger).search([]))

    def test_the_queries_of_an_approval_do_not_grow_with_the_sows(self):
        agreement = self._agreement(100000)

        def queries_of(count):
            orders = [self._sow(psa_agreement_id=agreement.id) for _number in range(count)]
            for order in orders:
                self._work(order.order_line, 1)
            entry = self._log(orders[0].order_line, 1)
            return self._count_queries(entry.action_psa_approve)

        queries_of(1)  # caches
        few = queries_of(2)
        self.assertLessEqual(queries_of(6), few + 4)
