from odoo.tests import tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestWorkOnParts(PsaBillingCase):
    """Ann, an architect (150.00), helps on a part of the developer's task (100.00)."""

    def _work_on_part(self, line, hours):
        part = self.env["project.task"].create({"name": "Part", "parent_id": line.task_id.id})
        return self._work(line, hours, employee=self.ann, task_id=part.id)

    def test_a_part_of_a_task_is_billed_as_its_task(self):
        sow = self._sow(self._line(self.architect), self._line(self.developer))
        line = sow.order_line[1]
        whole, part = self._work(line, 5, employee=self.ann), self._work_on_part(line, 5)
        # 5 h × 100.00 each, not 5 h × 150.00
        for entry in whole, part:
            self.assertEqual(entry.so_line, line)
            self.assert_wip(entry, ("open", 5, 5, 500))

    def test_a_part_is_billed_where_the_persons_own_role_was_not_sold(self):
        sow = self._sow(self._line(self.developer))
        entry = self._work_on_part(sow.order_line, 5)
        self.assertFalse(entry.psa_without_sow_line)
        self.assert_wip(entry, ("open", 5, 5, 500))
