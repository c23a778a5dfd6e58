import {registry} from "@web/core/registry";

const selectAll = {
    trigger: ".o_list_view thead .o_list_record_selector input",
    run: "click",
};

// The consultant hands in what was logged.
registry.category("web_tour.tours").add("psa_project_submit_tour", {
    steps: () => [
        {trigger: ".o_data_row .o_field_badge:contains('Draft')"},
        selectAll,
        {trigger: "button[name=action_psa_submit]", run: "click"},
        {trigger: ".o_data_row .o_field_badge:contains('Submitted')"},
    ],
});

// The project manager approves it; the list of what waits is empty afterwards.
registry.category("web_tour.tours").add("psa_project_approve_tour", {
    steps: () => [
        {trigger: ".o_data_row .o_field_badge:contains('Submitted')"},
        selectAll,
        {trigger: "button[name=action_psa_approve]", run: "click"},
        {trigger: ".o_view_nocontent:contains('No time is waiting')"},
    ],
});
