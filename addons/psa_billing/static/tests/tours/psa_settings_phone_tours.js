import {fits} from "./psa_phone";
import {registry} from "@web/core/registry";

// The limit of a group and of a user; that of the user is raised from its card.
registry.category("web_tour.tours").add("psa_billing_limits_phone_tour", {
    steps: () => [
        {
            trigger:
                ".o_kanban_record:contains('Up to $ 500.00'):contains('Each member of the group')",
        },
        fits(".o_kanban_renderer"),
        {trigger: ".o_kanban_record:contains('Up to $ 100.00')", run: "click"},
        {trigger: ".o_form_view [name=amount] input", run: "edit 250.00"},
        fits(".o_form_view"),
        {trigger: ".o_form_button_save", run: "click"},
        {trigger: ".o_back_button", run: "click"},
        {trigger: ".o_kanban_record:contains('Up to $ 250.00')"},
    ],
});

// A level says when, by which mail, and who has to do what.
registry.category("web_tour.tours").add("psa_billing_levels_phone_tour", {
    steps: () => [
        {
            trigger:
                ".o_kanban_record:contains('After 33 days'):contains('Salesperson of the Client: Call the client')",
        },
        fits(".o_kanban_renderer"),
        {trigger: ".o_kanban_record:contains('After 33 days')", run: "click"},
        {trigger: ".o_form_view [name=days] input", run: "edit 40"},
        fits(".o_form_view"),
        {trigger: ".o_form_button_save", run: "click"},
        {trigger: ".o_back_button", run: "click"},
        {trigger: ".o_kanban_record:contains('After 40 days')"},
    ],
});
