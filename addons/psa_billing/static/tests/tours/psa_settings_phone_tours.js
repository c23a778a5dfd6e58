import {fits} from "./psa_phone";
import {registry} from "@web/core/registry";

// From its card a setting is opened, changed and saved.
const changed = (before, field, value, after) => [
    fits(".o_kanban_renderer"),
    {trigger: `.o_kanban_record:contains('${before}')`, run: "click"},
    {trigger: `.o_form_view [name=${field}] input`, run: `edit ${value}`},
    fits(".o_form_view"),
    {trigger: ".o_form_button_save", run: "click"},
    {trigger: ".o_back_button", run: "click"},
    {trigger: `.o_kanban_record:contains('${after}')`},
];

// The limit of a group and of a user; that of the user is raised from its card.
registry.category("web_tour.tours").add("psa_billing_limits_phone_tour", {
    steps: () => [
        {
            trigger:
                ".o_kanban_record:contains('Up to $ 500.00'):contains('Each member of the group')",
        },
        ...changed("Up to $ 100.00", "amount", "250.00", "Up to $ 250.00"),
    ],
});

// A level says when, by which mail, and who has to do what.
registry.category("web_tour.tours").add("psa_billing_levels_phone_tour", {
    steps: () => [
        {
            trigger:
                ".o_kanban_record:contains('After 33 days'):contains('Salesperson of the Client: Call the client')",
        },
        ...changed("After 33 days", "days", "40", "After 40 days"),
    ],
});
