{
    "name": "PSA Resource",
    "version": "19.0.1.0.0",
    "category": "Services/Project",
    "summary": "Demand of what was sold, bookings that fill it, capacity of people",
    "author": "PSA for Odoo",
    "website": "https://github.com/psa-odoo/psa",
    "license": "LGPL-3",
    "depends": ["psa_contracts", "hr_skills", "hr_holidays"],
    "data": [
        "security/psa_resource_security.xml",
        "security/ir.model.access.csv",
        "views/psa_booking_views.xml",
        "views/psa_demand_views.xml",
        "views/hr_employee_public_views.xml",
        "views/sale_order_views.xml",
    ],
    "demo": ["demo/psa_resource_demo.xml"],
}
