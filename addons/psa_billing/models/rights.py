"""Who may do what in billing: asked by every model whose records change through buttons only."""

from odoo.exceptions import AccessError, MissingError

BILLING_MANAGER = "psa_billing.group_psa_billing_manager"
PROJECT_MANAGER = "psa_project.group_psa_project_manager"
#: Who chases what clients owe: everybody who makes invoices, billing managers among them.
COLLECTOR = "account.group_account_invoice"
#: The user of a third-party billing platform, who can do that and nothing else.
INTEGRATION = "psa_billing.group_psa_billing_integration"
#: For ``groups`` of fields: who bills, and who reviews what is billed.
REVIEWER_GROUPS = f"{BILLING_MANAGER},{PROJECT_MANAGER}"


def check_billing_manager(records):
    """:raises AccessError: for users who are no billing managers, or may not read ``records``"""
    records.check_access("read")
    if not (records.env.su or records.env.user.has_group(BILLING_MANAGER)):
        raise AccessError(records.env._("Only billing managers can make, approve and invoice proposals."))


def users_of(group, company):
    """The people of a group who work in ``company``."""
    # sudo: who belongs to a group is asked by everybody who has to tell them something
    users = company.env.ref(group).sudo().all_user_ids.with_env(company.env)
    return users.filtered(lambda user: user.active and not user.share and company in user.company_ids)


def check_reviewer(records):
    """Billing managers review everything; project managers what is worked on the projects that they lead.

    What belongs to no project, or to one that nobody leads, any project manager may review.

    :raises AccessError: for everybody else, and for users who may not read ``records``
    """
    records.check_access("read")
    user = records.env.user
    if records.env.su or user.has_group(BILLING_MANAGER):
        return
    if not user.has_group(PROJECT_MANAGER):
        raise AccessError(
            records.env._("Only billing and project managers can hold, adjust or release work.")
        )
    # sudo: who leads a project is said to who is refused for it
    foreign = records.sudo()._psa_foreign_projects(user)
    if foreign:
        raise AccessError(
            records.env._(
                "%(project)s is led by %(manager)s: its review is theirs, or a billing manager's.",
                project=foreign[0].display_name,
                manager=foreign[0].user_id.name,
            )
        )


def check_collector(records):
    """:raises AccessError: for users who do not invoice, or may not read ``records``"""
    records.check_access("read")
    if not (records.env.su or records.env.user.has_group(COLLECTOR)):
        raise AccessError(records.env._("Only who makes invoices can remind clients of them."))


def check_integration(records):
    """The group has no access to models: its methods are all that it may call.

    :raises AccessError: for users who do not export to a platform, or not for the company of ``records``
    :raises MissingError: for what is not there
    """
    if not (records.env.su or records.env.user.has_group(INTEGRATION)):
        raise AccessError(records.env._("Only users of the group Billing Integration export proposals."))
    # sudo: the companies are what is to be checked
    records = records.sudo()
    if len(records.exists()) < len(records):
        raise MissingError(records.env._("There is no such proposal (any more): ask for the list again."))
    if records.company_id - records.env.companies:
        raise AccessError(records.env._("This proposal is of a company that you do not export for."))
