import {registry} from "@web/core/registry";

const entries = ".modal [name=wip_ids]";
const choose = (amount) => [
    {trigger: `${entries} .o-kanban-button-new`, run: "click"},
    {
        trigger: `.o_select_create_dialog_content .o_kanban_record:contains('${amount}')`,
        run: "click",
    },
    {trigger: `${entries} .o_kanban_record:contains('${amount}')`},
];

// Two of two entries are chosen, one of them is taken out again.
registry.category("web_tour.tours").add("psa_billing_credit_phone_tour", {
    steps: () => [
        {trigger: ".o_form_statusbar .dropdown-toggle", run: "click"},
        {trigger: "button:contains('Credit Work')", run: "click"},
        ...choose("450.00"),
        ...choose("300.00"),
        {
            trigger: `${entries} .o_kanban_record:contains('300.00') .fa-times`,
            run: "click",
        },
        {trigger: `${entries}:not(:contains('300.00'))`},
        {
            content: "the lines fit on the screen",
            trigger: ".modal [name=line_ids] .o_list_renderer:contains('450.00')",
            run() {
                if (this.anchor.scrollWidth > this.anchor.clientWidth + 1) {
                    throw new Error("the lines are wider than the screen");
                }
            },
        },
        {trigger: ".modal button[name=action_credit]", run: "click"},
        {trigger: ".o_form_view:contains('Customer Credit Note')"},
    ],
});
