def post_init_hook(env):
    """Ask for the people of the SOWs that were confirmed before staffing was installed."""
    env["sale.order"].search([("psa_kind", "!=", False), ("state", "=", "sale")])._psa_sync_demands()
