"""Large runs work in the background, a batch of SOWs at a time.

A batch is one transaction: what it did and what is left to do are stored together. A run that was killed at
any point goes on with the batch that it was at, and comes to the same proposals and invoices.
"""

import logging

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.service.model import PG_CONCURRENCY_ERRORS_TO_RETRY

_logger = logging.getLogger(__name__)

#: Up to so many SOWs or proposals are worked on while the user waits.
AT_ONCE = 200
#: SOWs or proposals of one transaction in the background.
BATCH = 100
#: How often a batch is tried again that met with another transaction.
TRIES = 5


class PsaBillingRun(models.Model):
    _inherit = "psa.billing.run"

    job = fields.Selection(
        [("propose", "Making Proposals"), ("invoice", "Creating Invoices")], readonly=True, copy=False
    )
    job_todo = fields.Json(readonly=True, copy=False)
    job_total = fields.Integer(readonly=True, copy=False)
    job_done = fields.Integer(compute="_compute_job_progress")
    job_progress = fields.Float(string="Progress", compute="_compute_job_progress", help="In per cent.")
    job_user_id = fields.Many2one("res.users", readonly=True, copy=False)

    @api.depends("job_todo", "job_total")
    def _compute_job_progress(self):
        for run in self:
            run.job_done = run.job_total - len(run.job_todo or [])
            run.job_progress = 100 * run.job_done / run.job_total if run.job_total else 0

    @api.model
    def _psa_at_once(self):
        return AT_ONCE

    def _psa_start(self, job, records, at_once=True):
        """Do the job on ``records`` now, or in the background where there are many.

        :param job: ``propose`` with SOWs, or ``invoice`` with approved proposals
        :raises UserError: while the run is at work already
        """
        self.ensure_one()
        if self.job:
            raise UserError(
                self.env._(
                    "%(run)s is at work: %(done)s of %(total)s are done. Wait until it is through.",
                    run=self.name,
                    done=self.job_done,
                    total=self.job_total,
                )
            )
        self.message = False
        if at_once and len(records) <= self._psa_at_once():
            self._psa_work_on(job, records)
            return
        self.write(
            {
                "job": job,
                "job_todo": records.ids,
                "job_total": len(records),
                "job_user_id": self.env.uid,
            }
        )
        # sudo: whoever starts a run need not be able to see scheduled actions
        self.env.ref("psa_billing.psa_billing_run_job_cron").sudo()._trigger()

    def action_refresh(self):
        """Show how far the run is."""
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _psa_work_on(self, job, records):
        if job == "propose":
            self._psa_make_proposals(records)
        else:
            self._psa_make_invoices(records)

    def _psa_make_invoices(self, proposals):
        """Invoice the approved proposals; one that cannot be says why and stops only itself."""
        proposals = proposals.filtered(lambda proposal: proposal.state == "approved")
        mine = proposals.try_lock_for_update(allow_referencing=True)
        try:
            with self.env.cr.savepoint():
                mine._psa_create_invoices()
        except (UserError, ValidationError):
            self.env.invalidate_all()
            for proposal in mine:
                try:
                    with self.env.cr.savepoint():
                        proposal._psa_create_invoices()
                except (UserError, ValidationError) as error:
                    self.env.invalidate_all()
                    self._psa_add_message(str(error))
        for proposal in proposals - mine:
            self._psa_add_message(
                self.env._("Somebody else works on %s. Create its invoice later.", proposal.display_name)
            )

    def _psa_add_message(self, message):
        self.message = "\n".join(filter(None, (self.message, message)))

    # -- in the background -----------------------------------------------------------------

    @api.model
    def _cron_psa_work(self):
        """Go on with the runs that are at work, oldest first, and commit after each batch."""
        runs = self.search([("job", "!=", False)], order="id")
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=sum(len(run.job_todo or []) for run in runs))
        for run in runs.ids:
            while True:
                done = self.browse(run)._psa_work_batch()
                if not cron._commit_progress(done):
                    return
                if not done:
                    break

    def _psa_work_batch(self, tries=TRIES):
        """Do the next batch; the number of records that it took, 0 where nothing is left or another process
        is at it."""
        run = self.try_lock_for_update(allow_referencing=True)
        run.invalidate_recordset()
        if not run.job:
            return 0
        todo = run.job_todo or []
        batch, left = todo[:BATCH], todo[BATCH:]
        model = "sale.order" if run.job == "propose" else "psa.billing.proposal"
        try:
            own = run.with_company(run.company_id)
            own._psa_work_on(run.job, own.env[model].browse(batch).exists())
            run.job_todo = left
            if not left:
                run._psa_finish()
            self.env.flush_all()
        except OperationalError as error:
            self.env.cr.rollback()
            self.env.invalidate_all()
            if error.pgcode not in PG_CONCURRENCY_ERRORS_TO_RETRY or not tries:
                raise
            _logger.info("Billing run %s met another transaction: its batch is done again", self.id)
            return self._psa_work_batch(tries - 1)
        return len(batch) or 1

    def _psa_finish(self):
        """The job is through: tell who started it."""
        job, user = self.job, self.job_user_id
        self.write({"job": False, "job_todo": False, "job_total": 0, "job_user_id": False})
        text = (
            self.env._("%(run)s: %(count)s proposals are made, %(blocked)s of them to solve.")
            if job == "propose"
            else self.env._("%(run)s: %(invoices)s proposals are invoiced.")
        )
        text %= {
            "run": self.name,
            "count": self.proposal_count,
            "blocked": self.blocked_count,
            "invoices": self.invoice_count,
        }
        user._bus_send("simple_notification", {"type": "success", "message": text, "sticky": True})
        self._psa_after_job(job)

    def _psa_after_job(self, job):
        """What follows when a job in the background is through; extended elsewhere."""
