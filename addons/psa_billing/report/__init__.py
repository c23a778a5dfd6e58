from . import psa_hour_state
