#: Who reads what a client pays: those who sell, invoice, or write rate cards. Project people and clients in
#: the portal read the host's orders, so a field with such a figure needs these groups.
PRICE_GROUPS = (
    "sales_team.group_sale_salesman,account.group_account_invoice,psa_contracts.group_psa_rate_manager"
)
