import {fits, more} from "./psa_phone";
import {registry} from "@web/core/registry";

// Ten hours at 60.00 cost 700.00 by the bill.
registry.category("web_tour.tours").add("psa_billing_match_hours_phone_tour", {
    steps: () => [
        ...more("Match Hours"),
        {trigger: ".modal [name=employee_ids]:contains('dev')"},
        {trigger: ".modal [name=hours]:contains('10:00')"},
        {trigger: ".modal [name=own_cost]:contains('600.00')"},
        {trigger: ".modal [name=bill_cost]:contains('700.00')"},
        fits(".modal-body"),
        {trigger: ".modal button[name=action_match]", run: "click"},
        {trigger: "body:not(:has(.modal)) .o_form_view"},
        {trigger: ".o_form_statusbar .dropdown-toggle", run: "click"},
        {trigger: "button:contains('Undo Match')"},
    ],
});

// Of 40.00 and 40.00 on a proposal one is not billed.
registry.category("web_tour.tours").add("psa_billing_twice_phone_tour", {
    steps: () => [
        {trigger: ".alert button[name=action_decide_twice]", run: "click"},
        {trigger: ".modal [name=wip_ids] .o_kanban_record:contains('40.00')"},
        {trigger: ".modal [name=alike_ids] .o_kanban_record:contains('40.00')"},
        {
            content: "nothing is marked as missing before somebody has chosen",
            trigger: ".modal .o_form_view:not(:has(.o_field_invalid))",
        },
        {trigger: ".modal [name=decision] input[data-value=write_off]", run: "click"},
        {trigger: ".modal [name=reason_id] input:value('Billed once already')"},
        fits(".modal-body"),
        {trigger: ".modal button[name=action_apply]", run: "click"},
        {
            trigger:
                "body:not(:has(.modal)) .o_form_view [name=amount]:contains('40.00')",
        },
        {trigger: ".o_form_view:not(:has(.alert-danger))"},
    ],
});

// They are two: decided from the card of the second, for a reason that is asked for.
registry.category("web_tour.tours").add("psa_billing_not_twice_phone_tour", {
    steps: () => [
        fits(".o_kanban_renderer"),
        {
            trigger: ".o_kanban_record:contains('Late ride') button:contains('Decide')",
            run: "click",
        },
        {trigger: ".modal [name=decision] input[data-value=bill]", run: "click"},
        {trigger: ".modal button[name=action_apply]", run: "click"},
        {trigger: ".modal [name=note].o_field_invalid"},
        {trigger: ".modal [name=note] input", run: "edit Two rides on that day"},
        {trigger: ".modal button[name=action_apply]", run: "click"},
        {
            trigger:
                "body:not(:has(.modal)) .o_kanban_record:contains('Late ride'):not(:has(button))",
        },
    ],
});
