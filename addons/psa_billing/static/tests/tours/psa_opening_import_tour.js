import {registry} from "@web/core/registry";

const HEADS =
    "SOW Number,Line Number,As Of,Worked Hours,Billed,Cap Used,Retainer Left,Unbilled WIP";

const chooseFile = (name, ...rows) => ({
    content: `choose ${name}`,
    trigger: ".o_control_panel:has(button:contains('Data File'))",
    run() {
        const input = this.anchor.querySelector("input[type=file]");
        const files = new DataTransfer();
        files.items.add(new File([[HEADS, ...rows].join("\n")], name));
        input.files = files.files;
        input.dispatchEvent(new Event("change", {bubbles: true}));
    },
});

const press = (name) => ({
    trigger: `.o_control_panel button:text(${name})`,
    run: "click",
});

const noError = {trigger: ".o_action_manager:not(:has(.alert-danger))"};

const open = [
    {trigger: ".o_list_view .o_cp_action_menus .dropdown-toggle", run: "click"},
    {trigger: ".o_import_menu", run: "click"},
];

const eachHeadIsKnown = HEADS.split(",").map((head) => ({
    content: `${head} is matched with its field`,
    trigger: `.o_import_data_content tr:has(.o_import_file_column_cell:contains('${head}')) .o_select_menu_toggler:contains('${head}')`,
}));

const imported = [
    press("Test"),
    {trigger: ".alert-info:contains('Everything seems valid')"},
    press("Import"),
    {trigger: ".o_list_view .o_data_row:nth-child(2)"},
    {trigger: ".o_list_view:not(:has(.o_data_row:nth-child(3)))"},
];

const TIME = "MIDWAY,1,2026-03-31,80,7500,,,4512.34";
const RETAINER = "MIDWAY,2,2026-03-31,,1500,,6,";

// A line that the SOW does not have, or that has two rows, is named by Test; the right file is taken in.
registry.category("web_tour.tours").add("psa_billing_opening_import_tour", {
    steps: () => [
        ...open,
        chooseFile("wrong.csv", TIME, RETAINER.replace(",2,", ",7,")),
        ...eachHeadIsKnown,
        press("Test"),
        {trigger: ".alert-danger:contains('MIDWAY, line 7: there is no such line')"},
        chooseFile("twice.csv", TIME, RETAINER, TIME.replace("7500", "6000")),
        noError,
        press("Test"),
        {trigger: ".alert-danger:contains('more than one row for MIDWAY, line 1.')"},
        chooseFile("opening.csv", TIME, RETAINER),
        noError,
        ...imported,
    ],
});

// The same file again with another amount replaces.
registry.category("web_tour.tours").add("psa_billing_opening_again_tour", {
    steps: () => [
        ...open,
        chooseFile("opening.csv", TIME.replace("7500", "6000"), RETAINER),
        ...eachHeadIsKnown,
        ...imported,
    ],
});
