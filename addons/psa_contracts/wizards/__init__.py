from . import psa_change_lines
