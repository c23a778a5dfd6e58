"""Approved time changes once more, when it is invoiced: indexes that hold all of it and find nothing go."""

INDEXES = ("account_analytic_line__psa_state_index", "account_analytic_line__psa_role_id_index")


def migrate(cr, version):
    if version:
        for index in INDEXES:
            cr.execute(f"DROP INDEX IF EXISTS {index}")
