"""An invoice names its proposal: several invoices may come from one."""


def migrate(cr, version):
    if version:
        cr.execute(
            """
            UPDATE account_move move
               SET psa_proposal_id = proposal.id
              FROM psa_billing_proposal proposal
             WHERE proposal.invoice_id = move.id AND move.psa_proposal_id IS NULL
            """
        )
