"""Work changes its state often: what the database looked up at each change, and nobody reads, goes."""

LINKS = ("partner_id", "company_id", "currency_id")  # CopiedMany2one since this version
INDEXES = (
    "psa_wip_entry__analytic_line_id_index",
    "psa_wip_entry__company_id_index",
    "psa_wip_entry__state_index",
)


def migrate(cr, version):
    if not version:
        return
    for index in INDEXES:
        cr.execute(f"DROP INDEX IF EXISTS {index}")
    for link in LINKS:
        cr.execute(f"ALTER TABLE psa_wip_entry DROP CONSTRAINT IF EXISTS psa_wip_entry_{link}_fkey")
