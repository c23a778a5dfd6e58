import {closed, fits} from "./psa_phone";
import {registry} from "@web/core/registry";

const pay = [
    // behind the dots, as there is a payment to match
    {trigger: ".o_form_statusbar .dropdown-toggle", run: "click"},
    {trigger: "button[name=action_register_payment]:visible", run: "click"},
    {
        content: "the warning names the payment that was entered before",
        trigger:
            ".modal .alert-warning:contains('Perhaps entered twice') button:contains('/')",
    },
    {
        content: "no other button makes the payment",
        trigger:
            ".modal footer:not(:has(button[name=action_create_payments].btn-primary))",
    },
    fits(".modal-body"),
];

// It was entered before: the payment is dropped.
registry.category("web_tour.tours").add("psa_billing_drop_payment_phone_tour", {
    steps: () => [
        ...pay,
        {
            trigger: ".modal button[special=cancel], .modal .o_form_button_cancel",
            run: "click",
        },
        closed,
        {trigger: ".o_form_view .o_form_statusbar .dropdown-toggle"},
    ],
});

// It is another one: asked once more, and made.
registry.category("web_tour.tours").add("psa_billing_make_payment_phone_tour", {
    steps: () => [
        ...pay,
        {trigger: ".modal button:contains('Create Payment Anyway')", run: "click"},
        {trigger: ".modal button:contains('Back')", run: "click"},
        {trigger: ".modal button:contains('Create Payment Anyway')", run: "click"},
        {trigger: ".modal button:contains('Yes, Create It')", run: "click"},
        closed,
        {
            trigger:
                ".o_form_view .ribbon:contains('In Payment'), .o_form_view .ribbon:contains('Paid')",
        },
    ],
});

// A draft is looked at, and cancelled.
registry.category("web_tour.tours").add("psa_billing_cancel_payment_phone_tour", {
    steps: () => [
        {
            trigger:
                ".o_form_view .alert-warning:contains('Perhaps entered twice') button",
        },
        fits(".o_form_view .alert-warning"),
        {trigger: ".o_form_statusbar .dropdown-toggle", run: "click"},
        {trigger: "button:contains('Cancel')", run: "click"},
        {trigger: ".o_form_view:not(:has(.alert-warning:visible))"},
        {trigger: ".o_statusbar_status:contains('Canceled')"},
    ],
});
