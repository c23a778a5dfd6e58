import {redirect} from "@web/core/utils/urls";
import {registry} from "@web/core/registry";

const line = (field) => `.o_selected_row .o_field_widget[name=${field}] input`;

// Begins on an opportunity with a service template, ends with the statement of work sent to the client.
registry.category("web_tour.tours").add("psa_contracts_story_sell", {
    steps: () => [
        {
            content: "the work that the opportunity would bring is forecast",
            trigger: "button[name=action_psa_view_forecast]:contains('400')",
        },
        {trigger: "button[name=action_psa_new_sow]", run: "click"},
        {
            content: "the template of the opportunity has filled the statement of work",
            trigger:
                ".o_field_widget[name=sale_order_template_id] input:value(Implementation: fixed price with milestones)",
        },
        {trigger: ".o_data_row:contains('Solution ready for acceptance')"},
        {
            content: "what is special about this one is added",
            trigger: "a:contains('Add a line')",
            run: "click",
        },
        {trigger: line("psa_role_id"), run: "edit Solution Engineer"},
        {
            trigger: ".o-autocomplete--dropdown-item a:contains('Solution Engineer')",
            run: "click",
        },
        {
            content: "the rate card prices it",
            trigger: `${line("price_unit")}:value(140.00)`,
        },
        {trigger: line("product_uom_qty"), run: "edit 10 && press Tab"},
        {trigger: ".o_form_button_save", run: "click"},
        {trigger: ".o_form_saved"},
        {
            trigger: "button[name=action_quotation_send]:not(:disabled)",
            run: "click",
        },
        {
            content: "the client gets it by e-mail",
            trigger: ".modal button[name=action_send_mail]:not(:disabled)",
            run: "click",
        },
        {trigger: ".o_arrow_button_current:contains('Sent')"},
    ],
});

// The client opens the statement of work in the portal and signs it.
registry.category("web_tour.tours").add("psa_contracts_story_sign", {
    steps: () => [
        {
            trigger: ".o_portal_sale_sidebar .btn-primary:contains('Sign')",
            run: "click",
        },
        {
            trigger: ".modal .o_web_sign_name_and_signature input",
            run: "edit Carla Client",
        },
        {
            content: "the name is written as a signature",
            trigger: ".modal canvas.o_web_sign_signature",
            run: "canvasNotEmpty",
        },
        {
            trigger: ".modal .o_portal_sign_submit:enabled",
            run: "click",
            expectUnloadPage: true,
        },
        {trigger: "#quote_content:contains('Thank You')"},
        {
            content: "leave the page: nothing is under way when the tour ends",
            trigger: "#quote_content",
            run: () => redirect("/my"),
            expectUnloadPage: true,
        },
        {trigger: ".o_portal_my_home"},
    ],
});
