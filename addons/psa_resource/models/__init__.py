from . import hr_employee
from . import hr_employee_public
from . import psa_booking
from . import psa_demand
from . import psa_demo_firm
from . import sale_order
from . import sale_order_line
