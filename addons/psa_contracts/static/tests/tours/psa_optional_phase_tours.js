import {registry} from "@web/core/registry";

// The phase "Build" of a statement of work becomes an option by the menu of its row, and is sold again.
const ofPhase = (entry, then) => [
    {
        trigger:
            "tr.o_is_line_section:has(td:contains('Build')) .o_list_section_options button",
        run: "click",
    },
    {trigger: `.o-dropdown--menu .dropdown-item:contains('${entry}')`, run: "click"},
    then,
    {trigger: ".o_form_button_save", run: "click"},
    {trigger: ".o_form_saved"},
];

registry.category("web_tour.tours").add("psa_contracts_set_optional", {
    steps: () =>
        ofPhase("Set Optional", {
            content: "what was sold of it is what is offered",
            trigger: "td[name=psa_offered_quantity]:contains('100.00')",
        }),
});

registry.category("web_tour.tours").add("psa_contracts_unset_optional", {
    steps: () =>
        ofPhase("Unset Optional", {
            content: "it is sold again",
            trigger: "td[name=product_uom_qty]:contains('100.00')",
        }),
});
