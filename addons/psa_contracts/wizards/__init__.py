from . import psa_agreement_terminate, psa_confirm_document
