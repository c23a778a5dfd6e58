def post_init_hook(env):
    """Rate the approved time of SOWs that were running before billing was installed.

    What an invoice already bills stays on it: only approved time without an invoice is work in progress.
    """
    env["psa.retainer.period"]._psa_plan_earlier()
    entries = env["account.analytic.line"].search(
        [
            ("psa_state", "=", "approved"),
            ("so_line.order_id.psa_kind", "!=", False),
            ("timesheet_invoice_id", "=", False),
        ]
    )
    env["psa.wip.entry"]._psa_rate(entries)
    env["account.analytic.line"]._psa_mark_billed_before()
