from odoo import Command
from odoo.tests import TransactionCase, new_test_user

from .queries import CountsQueries


class PsaProjectCase(CountsQueries, TransactionCase):
    """A project with two roles, two consultants and a project manager."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "no_reset_password": True, "tracking_disable": True})
        cls.architect, cls.developer = cls.env["project.role"].create(
            [{"name": "Architect"}, {"name": "Developer"}]
        )
        cls.ann = cls._person("ann", "psa_project.group_psa_user", role=cls.developer)
        cls.bob = cls._person("bob", "psa_project.group_psa_user")
        cls.manager = cls._person("manager", "psa_project.group_psa_project_manager", role=cls.architect)
        cls.project = cls.env["project.project"].create(
            {"name": "Rollout", "privacy_visibility": "employees"}
        )
        cls.task = cls.env["project.task"].create({"name": "Build", "project_id": cls.project.id})

    @classmethod
    def _person(cls, login, group, role=None, company=None):
        """A user in ``group`` with an employee whose main role is ``role``; returns the employee."""
        company = company or cls.env.company
        user = new_test_user(
            cls.env,
            login=f"psa.{login}",
            groups=group,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        return cls.env["hr.employee"].create(
            {
                "name": login.capitalize(),
                "user_id": user.id,
                "company_id": company.id,
                "psa_role_id": role.id if role else False,
                "hourly_cost": 50,
            }
        )

    @classmethod
    def _log(cls, employee, hours, day="2026-03-02", **values):
        """``hours`` of ``employee`` on the task, on ``day``."""
        return cls.env["account.analytic.line"].create(
            {
                "name": "Work",
                "project_id": cls.project.id,
                "task_id": cls.task.id,
                "employee_id": employee.id,
                "date": day,
                "unit_amount": hours,
                **values,
            }
        )
