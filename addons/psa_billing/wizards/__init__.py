from . import (
    account_move_reversal,
    psa_billing_preview,
    psa_expense_match,
    psa_retainer_indexation,
    sale_advance_payment_inv,
)
