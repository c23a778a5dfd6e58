from . import account_move_reversal, base_partner_merge, psa_credit_work, sale_advance_payment_inv
