from . import test_approval, test_migration, test_phases, test_roles
