"""The days of work are found by a summary; the index of each of them goes."""


def migrate(cr, version):
    if version:
        cr.execute("DROP INDEX IF EXISTS psa_wip_entry__date_index")
