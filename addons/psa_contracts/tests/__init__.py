from . import (
    test_approval_gate,
    test_change_order,
    test_confirm,
    test_rate_card,
    test_role_lines,
    test_sow,
    test_sow_guards,
)
