"""A correction of a retainer period may begin on the day of another one: only periods themselves begin once a
day."""


def migrate(cr, version):
    if not version:
        return
    cr.execute("ALTER TABLE psa_retainer_period DROP CONSTRAINT IF EXISTS psa_retainer_period_once")
