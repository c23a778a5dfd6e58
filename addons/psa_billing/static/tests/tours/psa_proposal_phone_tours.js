import {choose, closed, fits, more} from "./psa_phone";
import {registry} from "@web/core/registry";

const unmarked = {
    content: "nothing is marked as missing before somebody has typed",
    trigger: ".modal .o_form_view:not(:has(.o_field_invalid))",
};

// 1,500.00 become 1,400.00 for another reason than the one that is proposed.
registry.category("web_tour.tours").add("psa_billing_adjust_phone_tour", {
    steps: () => [
        ...more("Adjust the Total"),
        {trigger: ".modal [name=reason_id] input"},
        unmarked,
        {trigger: ".modal [name=amount] input", run: "edit 1400 && press Tab"},
        {trigger: ".modal [name=amount_after]:contains('1,400.00')"},
        {trigger: ".modal [name=reason_id] input:value('Goodwill')"},
        ...choose("reason_id", "Learning, handover inside the team"),
        fits(".modal-body"),
        {trigger: ".modal button[name=action_apply]", run: "click"},
        closed,
        {trigger: ".o_form_view [name=amount]:contains('1,400.00')"},
    ],
});

// 80.00 of travel; the reason is asked for once the person tries to go on.
registry.category("web_tour.tours").add("psa_billing_add_line_phone_tour", {
    steps: () => [
        ...more("Add a Line"),
        {trigger: ".modal [name=reason_id] input"},
        unmarked,
        {trigger: ".modal [name=name] textarea", run: "edit Travel, flat"},
        {trigger: ".modal [name=amount] input", run: "edit 80 && press Tab"},
        unmarked,
        {trigger: ".modal button[name=action_apply]", run: "click"},
        {trigger: ".modal [name=reason_id].o_field_invalid"},
        ...choose("reason_id", "Time entered wrongly"),
        fits(".modal-body"),
        {trigger: ".modal button[name=action_apply]", run: "click"},
        closed,
        {trigger: ".o_form_view [name=amount]:contains('1,580.00')"},
    ],
});

// Of 8 h on a proposal 3 h become a part of their own.
registry.category("web_tour.tours").add("psa_billing_split_phone_tour", {
    steps: () => [
        ...more("Split"),
        {trigger: ".modal [name=billable_quantity]:contains('8.00')"},
        {trigger: ".modal [name=quantity] input", run: "edit 3"},
        fits(".modal-body"),
        {trigger: ".modal button[name=action_apply]", run: "click"},
        {trigger: "body:not(:has(.modal)) [name=billable_quantity]:contains('5.00')"},
    ],
});

// All 8 h go to the line of the change order, which has the same role.
registry.category("web_tour.tours").add("psa_billing_move_phone_tour", {
    steps: () => [
        ...more("Move"),
        {trigger: ".modal [name=sale_line_id] input"},
        unmarked,
        {trigger: ".modal [name=sale_line_id] input", run: "click"},
        {
            trigger:
                ".o_select_create_dialog_content .o_kanban_record:contains('-CO1')",
            run: "click",
        },
        fits(".modal-body"),
        {trigger: ".modal button[name=action_apply]", run: "click"},
        {
            trigger:
                "body:not(:has(.modal)) .o_form_view [name=sale_line_id]:contains('-CO1')",
        },
        // Back to the list, from which it is opened again
        {trigger: ".o_back_button", run: "click"},
        {
            trigger: ".o_kanban_view .o_kanban_record:contains('08:00')",
            run: "click",
        },
        {trigger: ".o_form_view [name=sale_line_id]:contains('-CO1')"},
    ],
});

// The same on a wide screen, opened from the list with what was searched for.
registry.category("web_tour.tours").add("psa_billing_move_tour", {
    steps: () => [
        {
            trigger: ".o_list_view .o_data_row [name=name]:contains('Moved one')",
            run: "click",
        },
        {trigger: ".o_form_statusbar button:contains('Move')", run: "click"},
        {trigger: ".modal [name=sale_line_id] input", run: "click"},
        {
            trigger: ".modal .o-autocomplete--dropdown-item:contains('-CO1')",
            run: "click",
        },
        {trigger: ".modal button[name=action_apply]", run: "click"},
        {
            trigger:
                "body:not(:has(.modal)) .o_form_view [name=sale_line_id]:contains('-CO1')",
        },
        {
            content: "one step back is the list",
            trigger: ".o_breadcrumb .breadcrumb-item:not(.active):only-of-type a",
            run: "click",
        },
        {trigger: ".o_list_view .o_data_row [name=name]:contains('Moved one')"},
    ],
});
