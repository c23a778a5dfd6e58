from . import (
    account_move_reversal,
    base_partner_merge,
    psa_billing_preview,
    psa_credit_work,
    psa_expense_match,
    psa_retainer_indexation,
    sale_advance_payment_inv,
)
