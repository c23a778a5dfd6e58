import {registry} from "@web/core/registry";

// Cancel, the host's question, then what is not billed: first not cancelled, then cancelled anyway.
registry.category("web_tour.tours").add("psa_cancel_sow_tour", {
    steps: () => [
        {trigger: ".o_form_view button[name=action_cancel]", run: "click"},
        {trigger: ".modal:contains('Are you sure') button.btn-primary", run: "click"},
        {trigger: ".modal [name=left]:contains('8.00 h')"},
        {trigger: ".modal button[special=cancel]", run: "click"},
        {
            trigger: "body:not(:has(.modal)) .o_form_view button[name=action_cancel]",
            run: "click",
        },
        {trigger: ".modal:contains('Are you sure') button.btn-primary", run: "click"},
        {trigger: ".modal button[name=action_cancel_anyway]", run: "click"},
        {trigger: ".o_form_view button[name=action_draft]"},
    ],
});
