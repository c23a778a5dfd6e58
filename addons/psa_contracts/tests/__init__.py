from . import test_approval_gate
from . import test_confirm
from . import test_rate_card
from . import test_role_lines
from . import test_sow
