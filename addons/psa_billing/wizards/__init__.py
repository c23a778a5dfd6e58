from . import account_move_reversal, psa_billing_preview, sale_advance_payment_inv
