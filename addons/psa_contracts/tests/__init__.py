from . import (
    test_approval_gate,
    test_confirm,
    test_landing,
    test_line_prices,
    test_rate_card,
    test_rate_card_import,
    test_rate_card_scope,
    test_rate_card_uplift,
    test_rate_steps,
    test_role_lines,
    test_sow,
    test_sow_guards,
)
