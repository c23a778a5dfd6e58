import {X2ManyField, x2ManyField} from "@web/views/fields/x2many/x2many_field";
import {KanbanRenderer} from "@web/views/kanban/kanban_renderer";
import {ListRenderer} from "@web/views/list/list_renderer";
import {registry} from "@web/core/registry";

const formatters = registry.category("formatters");

/**
 * The section of the invoice that begins with a line of a proposal, if one does. Lines that somebody sorted by
 * a column stand in no section.
 *
 * @param {Object[]} sections field section_sums of the proposal
 * @param {Object} list the lines
 * @param {Object} record one of them
 * @returns {Object|undefined}
 */
function sectionFrom(sections, list, record) {
    if (list.orderBy.length) {
        return undefined;
    }
    return sections.find(({first, section}) => section && first === record.resId);
}

/**
 * @param {Object} field of the line
 * @param {String} widget of its column, if it has one
 * @param {Number} value
 * @param {Object} record a line, which has the currency
 * @returns {String}
 */
function formatSum(field, widget, value, record) {
    const format = formatters.get(widget, false) || formatters.get(field.type);
    return format(value, {
        currencyId: record.data.currency_id?.id,
        digits: field.digits,
    });
}

/** The lines of a proposal below the sections of its invoice, each with what it comes to. */
export class ProposalLinesListRenderer extends ListRenderer {
    static recordRowTemplate = "psa_billing.ProposalLinesListRenderer.RecordRow";
    static props = [...ListRenderer.props, "sections"];

    getSection(record) {
        return sectionFrom(this.props.sections, this.props.list, record);
    }

    /**
     * The cells of the row that heads a section: its name as far as the first sum, then one a column.
     *
     * @param {Object} section
     * @param {Object} record its first line
     * @returns {Object[]}
     */
    getSectionCells(section, record) {
        const columns = this.getColumns(record);
        const isSum = ({name}) => typeof section[name] === "number";
        const first = Math.max(columns.findIndex(isSum), 1);
        const cells = columns.slice(first).map((column) => ({
            id: column.id,
            name: column.name,
            text: isSum(column)
                ? formatSum(
                      this.fields[column.name],
                      column.widget,
                      section[column.name],
                      record
                  )
                : "",
        }));
        return [
            {id: "section", name: "section", colspan: first, text: section.section},
            ...cells,
        ];
    }

    /** Held lines are no part of the sums below the list, as they are none of the proposal's. */
    computeAggregates() {
        const aggregates = super.computeAggregates();
        const record = this.props.list.records[0];
        for (const [name, aggregate] of Object.entries(aggregates)) {
            const values = this.props.sections.map((section) => section[name]);
            if (values.every((value) => typeof value === "number")) {
                const {widget} = this.columns.find((column) => column.name === name);
                aggregate.rawValue = values.reduce((sum, value) => sum + value, 0);
                aggregate.value = formatSum(
                    this.fields[name],
                    widget,
                    aggregate.rawValue,
                    record
                );
            }
        }
        return aggregates;
    }
}

/** The same on cards. */
export class ProposalLinesKanbanRenderer extends KanbanRenderer {
    static template = "psa_billing.ProposalLinesKanbanRenderer";
    static props = [...KanbanRenderer.props, "sections"];

    getSection(record) {
        return sectionFrom(this.props.sections, this.props.list, record);
    }

    getSectionAmount(section, record) {
        return formatSum(this.props.list.fields.amount, false, section.amount, record);
    }
}

export class ProposalLinesField extends X2ManyField {
    static components = {
        ...X2ManyField.components,
        ListRenderer: ProposalLinesListRenderer,
        KanbanRenderer: ProposalLinesKanbanRenderer,
    };

    get rendererProps() {
        return {
            ...super.rendererProps,
            sections: this.props.record.data.section_sums || [],
        };
    }
}

registry.category("fields").add("psa_proposal_lines", {
    ...x2ManyField,
    component: ProposalLinesField,
    fieldDependencies: [{name: "section_sums", type: "json"}],
});
