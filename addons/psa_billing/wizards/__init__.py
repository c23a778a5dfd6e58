from . import account_move_reversal, sale_advance_payment_inv
