import {getSectionRecords} from "@account/components/section_and_note_fields_backend/section_and_note_fields_backend";
import {SaleOrderLineListRenderer} from "@sale/js/sale_order_line_field/sale_order_line_field";
import {SaleOrderTemplateLineListRenderer} from "@sale_management/fields/sale_order_template_line_field/sale_order_template_line_field";
import {patch} from "@web/core/utils/patch";

/**
 * What was sold of lines that become an option is what is offered of it: the host sets their quantities to 0.
 *
 * Made anew for each renderer: `super` belongs to the object that it is written in.
 */
const keepsOffer = () => ({
    async toggleIsOptional(record) {
        const before = this.quantitiesOf(getSectionRecords(this.props.list, record));
        await super.toggleIsOptional(record);
        await this.offer(before);
    },

    async _handleQuantityAdjustment(recordMap) {
        const moved = this.props.list.records.filter((line) => recordMap.has(line.id));
        const before = this.quantitiesOf(moved);
        await super._handleQuantityAdjustment(recordMap);
        await this.offer(before);
    },

    /** Map of the lines among these that are sold by hours or periods, with their quantities. */
    quantitiesOf(records) {
        const lines = records.filter((line) =>
            ["time_material", "retainer"].includes(line.data.psa_billing_model)
        );
        return new Map(lines.map((line) => [line, line.data.product_uom_qty]));
    },

    /** Offer what was sold `before` of lines that are an option now, sell again what was offered of the others. */
    async offer(before) {
        const updates = [];
        for (const [line, quantity] of before) {
            const isOption = this.shouldCollapse(line, "is_optional");
            const offered = line.data.psa_offered_quantity;
            if (isOption && quantity && !line.data.product_uom_qty) {
                updates.push(line._update({psa_offered_quantity: quantity}));
            } else if (!isOption && offered) {
                const sold = quantity || offered;
                updates.push(
                    line._update({psa_offered_quantity: 0, product_uom_qty: sold})
                );
            }
        }
        await Promise.all(updates);
    },
});

patch(SaleOrderLineListRenderer.prototype, keepsOffer());
patch(SaleOrderTemplateLineListRenderer.prototype, keepsOffer());
