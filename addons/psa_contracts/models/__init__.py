from . import (
    account_analytic_line,
    account_move_line,
    crm_lead,
    project_role,
    psa_demo_firm,
    psa_rate_card,
    sale_order,
    sale_order_confirm,
    sale_order_line,
    sale_order_line_price,
)
