from . import test_capacity, test_demand
