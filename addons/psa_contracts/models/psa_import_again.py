from odoo import models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

#: In the context: what an import met, for its end.
MET = "psa_import_met"


class PsaImportAgain(models.AbstractModel):
    """Imports that meet another transaction are run again, like everything else.

    The host tells their users that access could not be serialized, as if that were an error of the file.
    """

    _name = "psa.import.again"
    _description = "Imports That Are Run Again"

    def load(self, fields, data):
        loading = self.with_context(**{MET: []})
        answer = super(PsaImportAgain, loading).load(fields, data)
        for error in loading.env.context[MET]:
            raise error
        return answer

    def _load_records(self, data_list, update=False):
        met = self.env.context.get(MET)
        try:
            records = super()._load_records(data_list, update)
            if met is not None:
                self.env.flush_all()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY as error:
            if met is not None:
                met.append(error)
            raise
        return records


# What firms bring along in sheets, besides rates: contracts, roles, and projects under way.


class PsaAgreement(models.Model):
    _name = "psa.agreement"
    _inherit = ["psa.agreement", "psa.import.again"]


class ProjectRole(models.Model):
    _name = "project.role"
    _inherit = ["project.role", "psa.import.again"]


class PsaTeamMember(models.Model):
    _name = "psa.team.member"
    _inherit = ["psa.team.member", "psa.import.again"]


class PsaPhase(models.Model):
    _name = "psa.phase"
    _inherit = ["psa.phase", "psa.import.again"]


class PsaBudgetLine(models.Model):
    _name = "psa.budget.line"
    _inherit = ["psa.budget.line", "psa.import.again"]
