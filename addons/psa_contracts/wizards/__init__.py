from . import psa_rate_card_uplift
