"""A correction of a retainer period may begin on the day of another one: only periods themselves begin once a
day."""


def migrate(cr, version):
    if not version:
        return
    # there are no periods yet where version 19.0.1 is upgraded at once
    cr.execute("ALTER TABLE IF EXISTS psa_retainer_period DROP CONSTRAINT IF EXISTS psa_retainer_period_once")
