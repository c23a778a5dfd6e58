import {fits} from "./psa_phone";
import {registry} from "@web/core/registry";

// From the run to the milestones that wait, and the acceptance of one.
registry.category("web_tour.tours").add("psa_billing_acceptance_phone_tour", {
    steps: () => [
        {trigger: "button:has(.fa-bolt)", run: "click"},
        {trigger: "button[name=action_view_waiting_milestones]", run: "click"},
        {
            trigger:
                ".o_kanban_record:contains('Go-live'):contains('Waits for Acceptance')",
        },
        {
            trigger:
                ".o_kanban_record:contains('Go-live') button[name=action_psa_accept]",
            run: "click",
        },
        {trigger: ".modal [name=note] textarea", run: "edit By mail of 2 April"},
        fits(".modal-body"),
        {trigger: ".modal button[name=action_apply]", run: "click"},
        {
            trigger:
                "body:not(:has(.modal)) .o_kanban_record:contains('Go-live'):contains('Accepted')",
        },
    ],
});

// It was recorded in error, and waits again.
registry.category("web_tour.tours").add("psa_billing_take_back_acceptance_phone_tour", {
    steps: () => [
        {
            trigger: ".o_form_view button[name=action_psa_withdraw_acceptance]",
            run: "click",
        },
        {trigger: ".modal .btn-primary", run: "click"},
        {
            trigger:
                ".o_form_view [name=psa_acceptance]:contains('Waits for Acceptance')",
        },
    ],
});

// Part 2 of the plan is marked as reached, long before its completion.
registry.category("web_tour.tours").add("psa_billing_instalment_phone_tour", {
    steps: () => [
        {trigger: ".o_notebook_headers a[name=psa_instalments]", run: "click"},
        {trigger: "[name=psa_instalment_ids] .o_kanban_record:contains('6,000.00')"},
        fits("[name=psa_instalment_ids]"),
        {
            trigger:
                "[name=psa_instalment_ids] .o_kanban_record:contains('Concept') button:contains('Is Reached')",
            run: "click",
        },
        {
            trigger:
                "[name=psa_instalment_ids] .o_kanban_record:contains('Concept') .badge:contains('Reached')",
        },
    ],
});

// From the client that is overdue to the reminder that was sent.
registry.category("web_tour.tours").add("psa_billing_remind_phone_tour", {
    steps: () => [
        {
            trigger:
                ".o_kanban_record:contains('Client Ltd') button:contains('Remind')",
            run: "click",
        },
        {trigger: "[name=line_ids] .o_kanban_record:contains('1,150.00')"},
        {trigger: ".o_notebook_headers a[name=mail]", run: "click"},
        fits(".o_form_sheet"),
        {trigger: ".o_form_statusbar button[name=action_send]", run: "click"},
        {trigger: ".o_form_statusbar:not(:has(button[name=action_send]))"},
        {trigger: ".o_form_view [name=done_on]"},
    ],
});

// Proposed by the daily job: sent from its card.
registry.category("web_tour.tours").add("psa_billing_send_phone_tour", {
    steps: () => [
        {
            trigger: ".o_kanban_record:contains('Client Ltd') button[name=action_send]",
            run: "click",
        },
        {trigger: ".o_kanban_view:not(:has(.o_kanban_record:contains('Client Ltd')))"},
    ],
});

// What a promise is waited for stands on the card.
registry.category("web_tour.tours").add("psa_billing_promise_phone_tour", {
    steps: () => [
        fits(".o_kanban_renderer"),
        {
            trigger:
                ".o_kanban_record:contains('Wait for Promise'):contains('Promised for')",
        },
    ],
});
