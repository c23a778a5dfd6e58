from . import (
    account_analytic_line,
    account_analytic_line_approval,
    account_analytic_line_closed,
    hr_employee,
    hr_employee_public,
    project_project,
    project_task,
    psa_budget_line,
    psa_phase,
    psa_team_member,
    res_company,
    res_config_settings,
)
