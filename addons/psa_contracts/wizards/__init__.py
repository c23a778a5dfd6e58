from . import (
    base_partner_merge,
    from_client,
    psa_accept_milestone,
    psa_agreement_terminate,
    psa_change_lines,
    psa_change_lines_option,
    psa_confirm_document,
    psa_rate_card_uplift,
)
