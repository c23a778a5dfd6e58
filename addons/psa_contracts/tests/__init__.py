from . import (
    test_approval_gate,
    test_billing_models,
    test_confirm,
    test_margin,
    test_rate_card,
    test_role_lines,
    test_sow,
    test_sow_document,
    test_sow_guards,
    test_success_fee,
)
