{
    "name": "PSA Resource",
    "version": "19.0.1.0.0",
    "category": "Services/Project",
    "summary": "Demand, bookings and capacity",
    "author": "PSA for Odoo",
    "website": "https://github.com/psa-odoo/psa",
    "license": "LGPL-3",
    "depends": ["psa_contracts", "hr_skills", "hr_holidays"],
    "data": [],
}
