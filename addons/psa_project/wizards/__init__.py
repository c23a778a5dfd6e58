from . import psa_timesheet_refuse
