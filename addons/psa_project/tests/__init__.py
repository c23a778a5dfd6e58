from . import test_approval, test_closed_time, test_migration, test_phases, test_roles
