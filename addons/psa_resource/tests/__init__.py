from . import test_capacity, test_change_orders, test_demand, test_edges
