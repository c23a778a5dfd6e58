from . import account_move_reversal, psa_retainer_indexation, sale_advance_payment_inv
