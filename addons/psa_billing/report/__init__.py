from . import (
    analysis_rows,
    psa_billing_analysis,
    psa_billing_analysis_money,
    psa_billing_analysis_shared,
    psa_billing_analysis_work,
    psa_billing_forecast,
    psa_billing_forecast_caps,
    psa_hour_state,
    psa_hour_state_amounts,
    psa_hour_state_currency,
    psa_overdue_client,
    psa_retainer_report,
)
