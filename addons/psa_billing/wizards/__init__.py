from . import (
    account_move_reversal,
    account_payment_register,
    base_partner_merge,
    psa_adjust_work,
    psa_billing_preview,
    psa_credit_work,
    psa_expense_match,
    psa_rerate,
    psa_retainer_indexation,
    psa_review_work,
    psa_twice_decision,
    sale_advance_payment_inv,
)
