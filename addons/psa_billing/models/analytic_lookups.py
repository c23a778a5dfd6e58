"""What the host looks up for the analytic distribution of each line, looked up once for many."""

from odoo import api, models

#: In the cursor's cache: the ids of the accounts that were found to exist. Not in the context, which only
#: says that they are there: each context with values of its own is another environment, all of which the
#: host compares as long as the transaction lasts.
ACCOUNTS = "psa_billing.analytic_accounts"


def accounts_of(distributions):
    """The ids of the analytic accounts that these distributions name."""
    keys = {key for distribution in distributions for key in distribution or ()}
    return {int(account) for key in keys for account in key.split(",")}


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _psa_with_lookups(self):
        """These lines, which know what their distributions and those of their sales lines can refer to."""
        distributions = [line.analytic_distribution for line in (*self._origin, *self.sale_line_ids)]
        accounts = self.env["account.analytic.account"].browse(accounts_of(distributions)).exists()
        # sudo: that there are no models at all, whoever asks
        models_exist = self.env["account.analytic.distribution.model"].sudo().search_count([], limit=1)
        self.env.cr.cache[ACCOUNTS] = frozenset(accounts.ids)
        return self.with_context(psa_known_accounts=True, psa_no_distribution_models=not models_exist)


class AccountAnalyticAccount(models.Model):
    _inherit = "account.analytic.account"

    @api.private
    def exists(self):
        known = self.env.context.get("psa_known_accounts") and self.env.cr.cache.get(ACCOUNTS)
        if known and known.issuperset(self._ids):
            return self.with_prefetch(tuple(known))  # read together
        return super().exists()


class AccountAnalyticDistributionModel(models.Model):
    _inherit = "account.analytic.distribution.model"

    @api.model
    def _get_applicable_models(self, vals):
        if self.env.context.get("psa_no_distribution_models"):
            return self.browse()
        return super()._get_applicable_models(vals)
