from . import test_billing_run, test_caps, test_proposal, test_release, test_wip
