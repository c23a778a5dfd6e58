from . import test_capacity, test_demand, test_edges
