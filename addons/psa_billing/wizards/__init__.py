from . import account_move_reversal, psa_adjust_work, psa_review_work, sale_advance_payment_inv
