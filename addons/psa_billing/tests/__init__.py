from . import (
    test_billing_models,
    test_billing_run,
    test_caps,
    test_change_orders,
    test_complete_invoices,
    test_install,
    test_proposal,
    test_release,
    test_wip,
)
