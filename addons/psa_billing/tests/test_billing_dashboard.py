import base64
import json

from odoo import Command
from odoo.tests import HttpCase, tagged

from .test_billing_analysis import AnalysisCase


@tagged("post_install", "-at_install")
class TestBillingDashboard(AnalysisCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dashboard = cls.env.ref("psa_billing.spreadsheet_dashboard_billing").sudo()
        cls.content = json.loads(base64.b64decode(cls.dashboard.spreadsheet_binary_data))
        cls.charts = [
            figure["data"]
            for sheet in cls.content["sheets"]
            for figure in sheet["figures"]
            if figure["data"]["type"] != "scorecard"
        ]

    def test_pivots_and_charts_read_what_there_is(self):
        for pivot in self.content["pivots"].values():
            measures = [measure["id"] for measure in pivot["measures"]]
            aggregates = [name if ":" in name else f"{name}:sum" for name in measures]
            rows = [row["fieldName"] for row in pivot["rows"]]
            self.env[pivot["model"]].formatted_read_group(pivot["domain"], rows, aggregates)
        for chart in self.charts:
            meta = chart["metaData"]
            self.env[meta["resModel"]].formatted_read_group(
                chart["searchParams"]["domain"], meta["groupBy"], [f"{meta['measure']}:sum"]
            )

    def test_filters_menus_and_actions_exist(self):
        filters = {one["id"] for one in self.content["globalFilters"]}
        for data in [*self.content["pivots"].values(), *self.charts]:
            model = data.get("model") or data["metaData"]["resModel"]
            for filter_id, field in data["fieldMatching"].items():
                self.assertIn(filter_id, filters)
                self.assertEqual(self.env[model]._fields[field["chain"]].type, field["type"])
        for menu in self.content["chartOdooMenusReferences"].values():
            self.assertTrue(self.env.ref(menu).sudo().action)
        for chart in self.charts:
            self.assertEqual(self.env.ref(chart["actionXmlId"]).sudo().type, "ir.actions.act_window")

    def test_charts_say_what_they_show_by_themselves(self):
        """A phone shows the charts and no cells of the sheet."""
        self.assertEqual(
            [chart["title"]["text"] for chart in self.charts],
            ["Billed by Month", "Invoice Forecast", "WIP by Age", "Leakage by Cause"],
        )

    def test_it_opens_on_a_phone_without_an_error(self):
        self.browser_size = "390x844"
        self.test_it_opens_in_the_browser_without_an_error()

    def test_it_opens_in_the_browser_without_an_error(self):
        manager = self._user("manager", "psa_billing.group_psa_billing_manager")
        manager.password = manager.login
        manager.group_ids = [Command.link(self.env.ref("base.group_user").id)]
        self.browser_js(
            f"/odoo/dashboards?dashboard_id={self.dashboard.id}",
            "setTimeout(() => console.log('test successful'), 3000)",  # figures are drawn after their data
            ready="document.querySelectorAll('.o-figure canvas').length >= 5",
            login=manager.login,
            timeout=120,
        )
