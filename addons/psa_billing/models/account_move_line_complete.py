"""Lines of invoices that are stored with all that the host would compute on them afterwards."""

from odoo import api, models

from .host_methods import only_by

#: What an unsaved line is asked for. Values of other fields, those of other addons too, are left to the host.
KNOWN = (
    "account_id",
    "analytic_distribution",
    "currency_id",
    "display_type",
    "is_storno",
    "name",
    "no_followup",
    "partner_id",
    "price_unit",
    "product_uom_id",
    "quantity",
    "sequence",
    "tax_ids",
)


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _psa_computed_values(self, vals):
        """``vals`` of this unsaved line with what was computed of it, so that it is not computed again."""
        self.ensure_one()
        known = {
            name: self._fields[name].convert_to_write(self[name], self) for name in KNOWN if name not in vals
        }
        return {**vals, **known}

    def _psa_totals(self, base_line):
        """The totals of this unsaved product line, of which ``base_line`` holds the taxes.

        They are those of the line alone: what rounding on the whole invoice adds stands beside them.
        """
        if not only_by(self, ("_compute_totals",), {"account", "base", "hr_expense"}):
            return {"price_subtotal": self.price_subtotal, "price_total": self.price_total}
        details = base_line["tax_details"]
        return {
            "price_subtotal": details["total_excluded_currency"],
            "price_total": details["total_included_currency"],
        }

    # -- while they are stored -------------------------------------------------------------

    @api.model
    def _add_precomputed_values(self, vals_list):
        if self.env.context.get("psa_complete") is None:
            return super()._add_precomputed_values(vals_list)
        self._psa_add_known_values(vals_list)
        known = [self._psa_computed_fields(vals) for vals in vals_list]
        super()._add_precomputed_values(vals_list)
        follows = only_by(self, ("_compute_amount_residual",), {"account", "base"})
        for vals, fields in zip(vals_list, known, strict=True):
            # Nothing follows from them that is not given: the host need not look.
            vals["__precomputed__"] = fields | vals.get("__precomputed__", set())
            if follows:
                vals.update(self._psa_residuals_of(vals))

    @api.model
    def _create(self, data_list):
        if self.env.context.get("psa_complete") is not None:
            # What is given is not computed again, also where the host takes no such values from its users.
            for data in data_list:
                data["protected"].update(self._psa_computed_fields(data["stored"]))
        return super()._create(data_list)

    @api.model
    def _psa_computed_fields(self, vals):
        return {self._fields[name] for name in vals if name in self._fields and self._fields[name].compute}

    @api.model
    def _psa_add_known_values(self, vals_list):
        """What a line has of its invoice, and what follows from its amount."""
        of_move = {
            name: field.related.split(".")[1]
            for name, field in self._fields.items()
            if field.store
            and field.related
            and field.related.startswith("move_id.")
            and field.related.count(".") == 1
        }
        moves = self.env["account.move"].browse({vals["move_id"] for vals in vals_list})
        shared = {
            move.id: {
                name: move._fields[source].convert_to_write(move[source], move)
                for name, source in of_move.items()
            }
            for move in moves
        }
        for vals in vals_list:
            vals.update({**shared[vals["move_id"]], **vals, **self._psa_tax_of(vals)})
            balance = vals.get("balance") or 0.0
            vals.update(debit=max(balance, 0.0), credit=max(-balance, 0.0))

    @api.model
    def _psa_tax_of(self, vals):
        repartition = self.env["account.tax.repartition.line"].browse(
            vals.get("tax_repartition_line_id") or ()
        )
        return {"tax_line_id": repartition.tax_id.id, "tax_group_id": repartition.tax_id.tax_group_id.id}

    @api.model
    def _psa_residuals_of(self, vals):
        """What is left to pay on a line that nothing is reconciled with yet."""
        balance, amount = vals.get("balance") or 0.0, vals.get("amount_currency") or 0.0
        account = self.env["account.account"].browse(vals.get("account_id") or ())
        is_open = account.reconcile or account.account_type in ("asset_cash", "liability_credit_card")
        return {
            "amount_residual": balance if is_open else 0.0,
            "amount_residual_currency": amount if is_open else 0.0,
            "reconciled": bool(is_open and not balance and not amount),
        }
