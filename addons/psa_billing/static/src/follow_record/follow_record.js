import {registry} from "@web/core/registry";

/**
 * Goes on with the record that took the place of the one that the form on the screen shows, and is gone. The way
 * back to where the form was opened from stays: only the form is replaced. The host can replace an action with
 * its list, or clear all of the way.
 *
 * Where that record was shown by another form, in a dialog over it, that form is read again.
 *
 * @param {Object} env
 * @param {Object} clientAction its params: the action with the form, and res_id of the record to go on with
 * @returns {Object|undefined} action to go on with
 */
export async function followRecord(env, clientAction) {
    const {action, res_id: resId} = clientAction.params;
    const {currentController: current} = env.services.action;
    if (
        current?.props.type !== "form" ||
        current.action.res_model !== action.res_model
    ) {
        return {type: "ir.actions.act_window_close"};
    }
    // One crumb a page, the form is the last of them.
    const index = current.config.breadcrumbs.length - 1;
    // With all its views, as the host finds the list by this action again when the page was loaded anew.
    await env.services.action.doAction(action, {
        index,
        viewType: "form",
        props: {resId},
    });
}

registry.category("actions").add("psa_billing.follow_record", followRecord);
