from odoo import Command

from odoo.addons.psa_contracts.tests.common import PsaContractsCase


class PsaResourceCase(PsaContractsCase):
    """On top of the SOWs of psa_contracts: a resource manager."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.resourcer = cls._person("resourcer", "psa_resource.group_psa_resource_manager")

    @classmethod
    def _confirmed(cls, *lines, **values):
        order = cls._sow(*lines, **values)
        order.action_confirm()
        return order

    @classmethod
    def _book(cls, demand, employee, hours, start="2026-03-02", end="2026-03-06", kind="hard"):
        return demand.env["psa.booking"].create(
            {
                "demand_id": demand.id,
                "employee_id": employee.id,
                "date_start": start,
                "date_end": end,
                "hours": hours,
                "kind": kind,
            }
        )

    @classmethod
    def _calendar(cls, name, weekdays):
        """8 to 16 o'clock on the weekdays, UTC."""
        return cls.env["resource.calendar"].create(
            {
                "name": name,
                "tz": "UTC",
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": day,
                                "dayofweek": day,
                                "hour_from": 8,
                                "hour_to": 16,
                                "day_period": "morning",
                            }
                        )
                        for day in weekdays
                    ),
                ],
            }
        )
