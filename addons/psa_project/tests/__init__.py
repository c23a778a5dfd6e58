from . import test_approval
from . import test_roles
from . import test_phases
