"""The arithmetic of capacity: no Odoo in here."""
