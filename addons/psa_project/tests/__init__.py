from . import test_approval, test_phases, test_roles
