from . import (
    hr_employee,
    hr_employee_public,
    psa_booking,
    psa_demand,
    psa_demand_told,
    psa_demo_firm,
    sale_order,
    sale_order_line,
)
