from . import (
    psa_agreement_terminate,
    psa_change_lines,
    psa_confirm_document,
)
