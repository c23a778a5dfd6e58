"""The arithmetic of billing: Decimal money, no Odoo in here."""
