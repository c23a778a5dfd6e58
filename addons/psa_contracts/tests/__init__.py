from . import (
    test_approval_gate,
    test_completion,
    test_confirm,
    test_rate_card,
    test_role_forecast,
    test_role_lines,
    test_sow,
    test_sow_guards,
    test_sow_template,
)
