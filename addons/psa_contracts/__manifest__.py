{
    "name": "PSA Contracts",
    "version": "19.0.1.0.0",
    "category": "Services/Project",
    "summary": "Rate cards and statements of work that reach delivery by themselves",
    "author": "PSA for Odoo",
    "website": "https://github.com/psa-odoo/psa",
    "license": "LGPL-3",
    "depends": ["psa_project", "sale_timesheet", "sale_crm", "sale_management"],
    "data": [],
}
