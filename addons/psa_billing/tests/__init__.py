from . import (
    test_billing_models,
    test_billing_run,
    test_caps,
    test_install,
    test_proposal,
    test_release,
    test_wip,
)
