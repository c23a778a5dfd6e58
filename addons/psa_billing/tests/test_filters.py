"""Filters that ask different questions narrow together; those of one question, such as states, add up."""

from lxml import etree

from odoo.tests import TransactionCase, tagged

#: ``{search view: filters of which each narrows what the others find}``
NARROWING = {
    "psa_billing.psa_billing_analysis_view_search": ("wip", "sow", "over_90_days"),
    "psa_billing.psa_billing_proposal_view_search": ("mine", "to_do", "blocked", "adjusted"),
    "psa_billing.psa_billing_run_view_search": ("not_done", "scheduled"),
    "psa_billing.psa_dunning_reminder_view_search": ("proposed", "problems"),
    "psa_billing.psa_dunning_stop_view_search": ("dispute", "ended"),
    "psa_billing.psa_hour_state_view_search": ("sow", "over_90_days"),
    "psa_billing.psa_retainer_period_view_search": ("running", "to_bill", "over", "renewals"),
    "psa_billing.psa_wip_entry_view_search": ("unbilled", "expenses", "twice", "cancelled"),
    "psa_contracts.sow_view_search": ("ending", "running"),
}


def groups_of(view):
    """``{filter: number of its group}``: the web client joins the filters of a group by “or”."""
    groups, number = {}, 0
    for node in etree.fromstring(view.get_combined_arch()).iter("separator", "filter"):
        number += node.tag == "separator"
        groups[node.get("name")] = number
    return groups


@tagged("post_install", "-at_install")
class TestFilters(TransactionCase):
    def test_filters_of_different_questions_narrow_together(self):
        for xmlid, names in NARROWING.items():
            groups = groups_of(self.env.ref(xmlid))
            with self.subTest(xmlid):
                self.assertEqual(len({groups[name] for name in names}), len(names))

    def test_states_add_up(self):
        groups = groups_of(self.env.ref("psa_billing.psa_wip_entry_view_search"))
        self.assertEqual(groups["open"], groups["held"])
