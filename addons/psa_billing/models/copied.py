"""Links that repeat what another link of the same record says."""

from odoo import fields


class CopiedMany2one(fields.Many2one):
    """A many2one that a record copies from one that it holds on to by a foreign key of its own.

    What holds that one holds this one too: the database need not look it up again at each change of a state.
    """

    def update_db_foreign_key(self, model, column):
        """No foreign key of its own."""
