import {registry} from "@web/core/registry";

// Analysis: 1 h at 100. Build: 3 of 4 h at 150; its fixed price of 900 is held and counts nowhere.
const sections = "[name=line_ids] .o_psa_section";
const cell = (section, name, text) => ({
    content: `${name} of ${section}`,
    trigger: `${sections}:contains('${section}') td[name=${name}]:contains('${text}')`,
});

registry.category("web_tour.tours").add("psa_billing_sections_tour", {
    steps: () => [
        cell("Analysis", "worked_amount", "100.00"),
        cell("Analysis", "amount", "100.00"),
        {
            content: "a section stands above its first line",
            trigger: `${sections}:contains('Analysis') + .o_data_row:contains('Developer')`,
        },
        {
            content: "the whole name of a line is read, and all of the list",
            trigger: "[name=line_ids] .o_data_row td[name=label]:contains('Architect')",
            run() {
                const names = document.querySelectorAll(
                    "[name=line_ids] td[name=label]"
                );
                const list = this.anchor.closest(".o_list_renderer");
                for (const box of [...names, list]) {
                    if (box.scrollWidth > box.clientWidth + 1) {
                        throw new Error(`cut: ${box.textContent.trim()}`);
                    }
                }
            },
        },
        cell("Build", "worked_hours", "4"),
        cell("Build", "worked_amount", "600.00"),
        cell("Build", "adjustment_amount", "150.00"),
        cell("Build", "amount", "450.00"),
        {
            content: "the sum below is that of the sections, 550.00",
            trigger: "[name=line_ids] .o_list_footer td:contains('550.00')",
        },
        {
            content: "lines sorted by a column stand in no section",
            trigger: "[name=line_ids] th[data-name=amount]",
            run: "click",
        },
        {trigger: "[name=line_ids] table:not(:has(.o_psa_section))"},
    ],
});

registry.category("web_tour.tours").add("psa_billing_sections_phone_tour", {
    steps: () => [
        {trigger: `${sections}:contains('Analysis'):contains('100.00')`},
        {
            content: "a section stands above its first card",
            trigger: `${sections}:contains('Build'):contains('450.00') + .o_kanban_record:contains('Architect')`,
        },
    ],
});
