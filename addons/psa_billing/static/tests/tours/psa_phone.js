/* What tours at the width of a phone share. */

// The statusbar shows one button; the others are behind three dots.
export const more = (name) => [
    {trigger: ".o_form_statusbar .dropdown-toggle", run: "click"},
    {trigger: `button:contains('${name}')`, run: "click"},
];

// A record is chosen on a page of its own, by its card.
export const choose = (field, name) => [
    {trigger: `.modal [name=${field}] input`, run: "click"},
    {
        trigger: `.o_select_create_dialog_content .o_kanban_record:contains('${name}')`,
        run: "click",
    },
    {trigger: `.modal [name=${field}] input:value('${name}')`},
];

// The dialog is gone: what is looked at next is the page below it.
export const closed = {trigger: "body:not(:has(.modal))"};

// Nothing of what is shown is wider than its place.
export const fits = (selector) => ({
    content: `${selector} fits on the screen`,
    trigger: selector,
    run() {
        if (this.anchor.scrollWidth > this.anchor.clientWidth + 1) {
            throw new Error(`${selector} is wider than the screen`);
        }
    },
});
