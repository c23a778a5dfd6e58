from . import (
    test_billing_models,
    test_billing_run,
    test_caps,
    test_change_orders,
    test_complete_invoices,
    test_hour_state,
    test_hour_state_random,
    test_install,
    test_proposal,
    test_release,
    test_rounding,
    test_wip,
)
