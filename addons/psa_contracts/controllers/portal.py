from odoo import fields, http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request

from odoo.addons.sale_management.controllers.portal import CustomerPortal


class PsaContractsPortal(CustomerPortal):
    @http.route()
    def portal_quote_accept(self, order_id, access_token=None, name=None, signature=None):
        """The client signs the statement of work that they have read, not what was written since."""
        seal = request.httprequest.args.get("psa_seal")
        if seal:
            token = access_token or request.httprequest.args.get("access_token")
            try:
                order_sudo = self._document_check_access("sale.order", order_id, access_token=token)
            except (AccessError, MissingError):
                order_sudo = request.env["sale.order"]  # the host says so
            if order_sudo.psa_kind and seal != order_sudo._psa_seal():
                return {
                    "error": request.env._(
                        "%s was changed after you opened this page. Load the page again, read what it says "
                        "now, and sign it then.",
                        order_sudo.name,
                    )
                }
        return super().portal_quote_accept(
            order_id, access_token=access_token, name=name, signature=signature
        )

    @http.route()
    def portal_quote_option_update(
        self, order_id, line_id, access_token=None, remove=False, input_quantity=False, **kwargs
    ):
        """The client takes or leaves an option of a statement of work, at quantities that can be sold."""
        # sudo: what the line is; the host checks order and token before it writes
        line = request.env["sale.order.line"].sudo().browse(int(line_id)).exists()
        if line.order_id.psa_kind:
            input_quantity = line._psa_chosen_quantity(input_quantity, remove)
        return super().portal_quote_option_update(
            order_id, line_id, access_token, remove=remove, input_quantity=input_quantity, **kwargs
        )

    @http.route(
        "/my/orders/<int:order_id>/milestones/<int:milestone_id>/accept",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def psa_accept_milestone(
        self, order_id, milestone_id, access_token=None, accepted_by=None, note=None, **_kwargs
    ):
        """The client accepts a milestone of their own SOW, on the page that they sign it on."""
        try:
            order_sudo = self._document_check_access("sale.order", order_id, access_token=access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        milestone = order_sudo._psa_portal_milestones().filtered(lambda one: one.id == milestone_id)
        user = request.env.user
        # people of the firm, who see the page too, record what the client says on the milestone
        if not milestone or user._is_internal():
            return request.redirect("/my")
        name = accepted_by if user._is_public() else user.name
        # who has the link is the client, as where the host has them sign
        client = order_sudo.partner_id if user._is_public() else user.partner_id
        try:
            milestone._psa_accept(name, fields.Date.context_today(milestone), note, client=client)
        except UserError:
            message = "&psa_milestone=refused"
        else:
            message = "&psa_milestone=accepted"
        return request.redirect(f"{order_sudo.get_portal_url(query_string=message)}#milestones")
