{
    "name": "PSA Billing: UBL",
    "version": "19.0.1.0.0",
    "category": "Services/Project",
    "summary": "Electronic invoices of proposals say when the work was done",
    "author": "PSA for Odoo",
    "website": "https://github.com/psa-odoo/psa",
    "license": "LGPL-3",
    "depends": ["psa_billing", "account_edi_ubl_cii"],
    "auto_install": True,
}
