from odoo import api, models

from odoo.addons.psa_project.core.periods import value_on


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    @api.private
    def _psa_places(self):
        """``[(first day, work location)]`` of one employee, in their order: where the person works by the
        versions of HR. The first one also holds before its day."""
        self.ensure_one()
        # sudo: where somebody works decides what their hours cost the client, whoever logs or rates them
        versions = self.sudo().version_ids
        # no filtered() or sorted(): what they return is read apart from the versions of other people
        places = [(version.date_version, version.work_location_id) for version in versions if version.active]
        return sorted(places, key=lambda place: place[0])

    @api.private
    def _psa_place_on(self, day):
        """The work location of one employee on ``day``; today's where no day is given. Empty for nobody."""
        places = self._psa_places() if self else []
        if not (day and places):
            return self.work_location_id
        return value_on(day, places)
