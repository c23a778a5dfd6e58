{
    "name": "PSA Project",
    "version": "19.0.1.0.0",
    "category": "Services/Project",
    "summary": "Roles, engagement teams, phases and approved timesheets",
    "author": "PSA for Odoo",
    "website": "https://github.com/psa-odoo/psa",
    "license": "LGPL-3",
    "depends": ["hr_timesheet", "project_account", "portal"],
    "data": [],
}
