import {registry} from "@web/core/registry";

// From a new run of the current month to the posted invoice.
registry.category("web_tour.tours").add("psa_billing_run_tour", {
    steps: () => [
        {trigger: ".o_list_button_add", run: "click"},
        {trigger: "button[name=action_make_proposals]", run: "click"},
        {
            content: "10 hours at 200",
            trigger: ".o_data_row:contains('Client of the tour'):contains('2,000.00')",
        },
        {trigger: "button[name=action_view_proposals]", run: "click"},
        {trigger: ".o_last_breadcrumb_item:contains('Proposals')"},
        {
            trigger: ".o_list_view .o_data_cell:contains('Client of the tour')",
            run: "click",
        },
        {trigger: ".o_form_view button[name=action_approve]", run: "click"},
        {trigger: ".o_form_view button[name=action_create_invoice]", run: "click"},
        {trigger: ".o_form_view button[name=action_post]", run: "click"},
        {trigger: ".o_arrow_button_current:contains('Posted')"},
    ],
});
