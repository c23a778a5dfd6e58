{
    "name": "PSA Billing",
    "version": "19.0.1.0.0",
    "category": "Services/Project",
    "summary": "Billing runs, proposals and invoices from approved work",
    "author": "PSA for Odoo",
    "website": "https://github.com/psa-odoo/psa",
    "license": "LGPL-3",
    "depends": ["psa_contracts", "sale_expense", "account", "spreadsheet_dashboard"],
    "data": [],
}
