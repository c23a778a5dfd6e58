import {Component} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** Why a price is what it is, as a sign beside the price that tells it in whole when it is pointed at or touched. */
export class PriceReason extends Component {
    static template = "psa_contracts.PriceReason";
    static props = {...standardFieldProps};

    get reason() {
        return this.props.record.data[this.props.name] || "";
    }

    get icon() {
        return this.props.record.data.price_unit
            ? "fa-question-circle-o text-muted"
            : "fa-exclamation-triangle text-warning";
    }
}

registry.category("fields").add("psa_price_reason", {
    component: PriceReason,
    supportedTypes: ["char", "text"],
    fieldDependencies: [{name: "price_unit", type: "float"}],
});
