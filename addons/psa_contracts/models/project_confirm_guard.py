"""The host confirms an order whose line is put on a project or task. A SOW is confirmed by its client."""

from odoo import models
from odoo.exceptions import UserError


def check_sows_are_confirmed(records, line_ids):
    """:raises UserError: where a person would confirm a SOW by putting its line on a project or task"""
    if records.env.su:
        return
    # sudo: project people may not read drafts of sales; only the name of the one they chose is told
    lines = records.env["sale.order.line"].sudo().browse(filter(None, line_ids))
    for order in lines.order_id.filtered(lambda order: order.state in ("draft", "sent")):
        if order.psa_needs_document:
            raise UserError(
                records.env._(
                    "%s is not confirmed yet: the client has to sign it before work on it can be planned. "
                    "Choose a line of a confirmed order.",
                    order.name,
                )
            )


class ProjectProject(models.Model):
    _inherit = "project.project"

    def _ensure_sale_order_linked(self, sol_ids):
        check_sows_are_confirmed(self, sol_ids)
        return super()._ensure_sale_order_linked(sol_ids)


class ProjectTask(models.Model):
    _inherit = "project.task"

    def _ensure_sale_order_linked(self, sol_ids):
        check_sows_are_confirmed(self, sol_ids)
        return super()._ensure_sale_order_linked(sol_ids)
