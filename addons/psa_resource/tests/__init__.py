from . import test_capacity
from . import test_demand
