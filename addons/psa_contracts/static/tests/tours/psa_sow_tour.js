import {registry} from "@web/core/registry";

// Begins on the opportunity, ends with a statement of work that the client can sign.
registry.category("web_tour.tours").add("psa_contracts_sow_tour", {
    steps: () => [
        {trigger: "button[name=action_psa_new_sow]", run: "click"},
        {
            content:
                "the statement of work has opened, with the dates of the opportunity",
            trigger: ".o_field_widget[name=order_line]",
        },
        {
            content: "a line is sold by role",
            trigger: "a:contains('Add a line')",
            run: "click",
        },
        {
            trigger: ".o_selected_row .o_field_widget[name=psa_role_id] input",
            run: "edit Architect",
        },
        {
            trigger: ".o-autocomplete--dropdown-item a:contains('Architect')",
            run: "click",
        },
        {
            content: "the rate card prices it",
            trigger:
                ".o_selected_row .o_field_widget[name=price_unit] input:value(200.00)",
        },
        {
            trigger: ".o_selected_row .o_field_widget[name=product_uom_qty] input",
            run: "edit 40 && press Tab",
        },
        {trigger: ".o_form_button_save", run: "click"},
        {trigger: ".o_form_saved"},
        {
            content: "the client confirms it: sales has no button for that",
            trigger:
                ".o_form_statusbar:has(button[name=action_quotation_send]):not(:has(button[name=action_confirm]))",
        },
    ],
});
