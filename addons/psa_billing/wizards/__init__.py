from . import account_move_reversal, psa_expense_match, psa_rerate, sale_advance_payment_inv
