"""Invoice lines of many SOLs: what the host looks up for each of them, looked up once."""

from odoo import models

NO_PROJECT = "psa_lines_without_project"


class Nothing(dict):
    """An analytic distribution that is known to be empty: the host looks for none."""

    def __bool__(self):
        return True


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_without_projects(self):
        """Ids of those of these lines that no project or task, archived or not, names.

        The host asks for each service line which project it belongs to, to charge its analytic account.
        """
        # sudo: that there is nothing to find, whoever asks
        env = self.sudo().with_context(active_test=False).env
        known = env["sale.order.line"]
        for model in ("project.project", "project.task"):
            rows = env[model]._read_group([("sale_line_id", "in", self.ids)], ["sale_line_id"])
            known |= known.union(*(line for (line,) in rows))
        lines = self.filtered(lambda line: not (line.task_id or line.project_id))
        return frozenset(lines.ids) - frozenset(known.ids)

    def _psa_invoice_values(self, **values):
        """The host's values of the invoice line of this SOL."""
        self.ensure_one()
        if self.id not in self.env.context.get(NO_PROJECT, ()) or self.analytic_distribution:
            return self._prepare_invoice_line(**values)
        found = self._prepare_invoice_line(analytic_distribution=Nothing(), **values)
        if isinstance(found["analytic_distribution"], Nothing):
            del found["analytic_distribution"]
        return found
