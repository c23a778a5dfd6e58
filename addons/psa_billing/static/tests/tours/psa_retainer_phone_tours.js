import {closed, fits} from "./psa_phone";
import {registry} from "@web/core/registry";

// What the retainer costs so far and then is seen before it is set.
registry.category("web_tour.tours").add("psa_billing_index_phone_tour", {
    steps: () => [
        {trigger: ".o_cp_action_menus button:has(.fa-cog)", run: "click"},
        {trigger: ".o-dropdown-item:contains('Index Retainers')", run: "click"},
        {trigger: ".modal [name=percent] input", run: "edit 5"},
        {trigger: ".modal [name=date] button", run: "click"},
        {trigger: ".modal [name=date] input", run: "edit 04/01/2026"},
        {trigger: ".modal [name=reason] input", run: "edit Consumer prices"},
        {
            trigger:
                ".modal [name=line_ids] .o_kanban_record:contains('1,500.00'):contains('1,575.00')",
        },
        {
            trigger:
                ".modal [name=monthly_text]:contains('1,500.00 so far'):contains('1,575.00 then')",
        },
        fits(".modal-body"),
        {trigger: ".modal button[name=action_apply]", run: "click"},
        closed,
    ],
});
