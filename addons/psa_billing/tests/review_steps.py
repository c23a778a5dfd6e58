"""Steps that reviewers take on work of draft proposals."""


class ReviewSteps:
    """For ``RandomWork``: what is billed of work, once and again, and what is cut off it."""

    def _step_bill_amount(self, rnd):
        work = self._some_work(rnd, "proposed").sudo()[:1]
        work._psa_bill_amount(
            work.amount * rnd.choice((0, 0.5, 1.1)), self.env.ref("psa_billing.reason_goodwill")
        )

    def _step_bill_quantity(self, rnd):
        work = self._some_work(rnd, "proposed").sudo()[:1]
        work._psa_bill_quantity(
            round(work.billable_quantity * rnd.choice((0, 0.5, 1.2)), 2),
            self.env.ref("psa_billing.reason_goodwill"),
        )

    def _step_total(self, rnd):
        proposal = self._proposals("draft").sudo()[:1]
        proposal._psa_bill_amount(
            proposal.amount * rnd.choice((0.5, 0.9)), self.env.ref("psa_billing.reason_goodwill")
        )

    def _step_split(self, rnd):
        work = self._some_work(rnd, "proposed").sudo()[:1]
        work._psa_split(round(work.billable_quantity / 3, 2))

    def _step_take_off_back(self, rnd):
        work = self._some_work(rnd, "written_off", "proposed")
        work.action_undo_adjustments()

    def _step_adjust_again(self, rnd):
        """More, or less, than a review decided before is billed: all that was worked, or even more."""
        part, reason = self._adjusted_work(rnd), self.env.ref("psa_billing.reason_goodwill")
        share = rnd.choice((0.1, 0.75, 1, 1.1))
        if rnd.random() < 0.5:
            part._psa_bill_amount(part.worked_amount * share, reason)
        else:
            worked = part.billable_quantity + sum(part.counterpart_ids.mapped("billable_quantity"))
            part._psa_bill_quantity(round(worked * share, 2), reason)

    def _step_cut_again(self, rnd):
        """What was adjusted is split, or moved in whole or in part: the adjustment is taken back for it."""
        part = self._adjusted_work(rnd)
        target = rnd.choice(part.order_id.order_line.filtered("task_id").sorted("id"))
        how = rnd.choice(("split", "move", "move_part"))
        if how == "split":
            part._psa_split(round(part.billable_quantity / 3, 2))
        elif how == "move":
            part._psa_move(target)
        else:
            part._psa_move_part(round(part._psa_hours_to_move() * rnd.choice((0.1, 0.5)), 2), target)

    def _adjusted_work(self, rnd):
        """Of which a review wrote off or up a part; where there is none, it does so on a capped line, and
        other work takes the room that this leaves."""
        return rnd.choice(self._proposed_work().filtered("counterpart_ids") or self._give_room(rnd))

    def _proposed_work(self):
        parts = self.env["psa.wip.entry"].search(
            [("order_id", "in", self.sows.ids), ("state", "=", "proposed"), ("kind", "=", "time")], order="id"
        )
        return parts.sudo().filtered(lambda part: part.proposal_id.state == "draft")

    def _give_room(self, rnd):
        lines = self.lines.filtered(lambda line: line.psa_cap_amount or line.order_id.psa_cap_amount)

        def is_capped(part):
            return part.sale_line_id in lines and part.amount > 0

        if not self._proposed_work().filtered(is_capped):
            self._work(rnd.choice(lines), 8, "2026-03-04")
            self._propose()
        part = rnd.choice(self._proposed_work().filtered(is_capped))
        share, reason = rnd.choice((0, 0.25, 0.6)), self.env.ref("psa_billing.reason_goodwill")
        part._psa_bill_amount(part.amount * share, reason)
        self._work(part.sale_line_id, rnd.choice((2.5, 8, 8)), "2026-03-03")
        self._propose()
        return part
