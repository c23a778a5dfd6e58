from . import (
    test_bookings_told,
    test_capacity,
    test_change_orders,
    test_demand,
    test_edges,
    test_private_projects,
    test_time_off,
)
