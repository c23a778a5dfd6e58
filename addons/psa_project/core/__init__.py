"""The arithmetic of delivery: no Odoo in here."""
