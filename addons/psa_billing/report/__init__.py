from . import psa_hour_state, psa_overdue_client
