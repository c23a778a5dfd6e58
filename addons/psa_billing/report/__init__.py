from . import psa_hour_state, psa_retainer_report
