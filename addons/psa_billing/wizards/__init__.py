from . import account_move_reversal, psa_expense_match, sale_advance_payment_inv
