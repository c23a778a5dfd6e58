"""Races of two people, each with a transaction of their own: what the files ``test_*_race.py`` share.

A script that runs in an Odoo shell makes a firm (``FIRM``) and says what races with ``race(…)`` of
``RACES``. Each race is run anew for each way in which two can meet: both have read before either writes, and
then one is through before the other writes, or the other is, or both write at once.
"""

import json
import re
from dataclasses import dataclass

#: Both have read; then the first, or the second, is through before the other writes; or both write at once.
FIRST, SECOND, AT_ONCE = "first", "second", "at once"

#: Ann, an architect, is 150.00 an hour; no taxes.
FIRM = """
from odoo import Command
company = env.company
if not company.chart_template:
    env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
company.psa_billing_tax_check = False
role = env["project.role"].create({"name": "Architect"})
role._psa_create_products()
products = role.psa_time_product_id | role.psa_fixed_product_id | role.psa_milestone_product_id
(products | env["product.product"].search([])).taxes_id = False
vendor = env["res.partner"].create({"name": "Freelance Ltd"})
env["hr.employee"].create(
    {"name": "Ann", "hourly_cost": 60, "psa_role_id": role.id, "psa_vendor_id": vendor.id})
env["psa.rate.card"].create({"name": "Rates", "line_ids": [
    Command.create({"role_id": role.id, "date_start": "2026-01-01", "price": 150})]})
env["res.partner"].create({"name": "Client Ltd", "email": "ap@client.example"})
env.cr.commit()
"""

RACES = '''
import json, random, threading, time, traceback, types
from datetime import date
from odoo import Command, api
from odoo.exceptions import ConcurrencyError, UserError
from odoo.service import model as service
registry, admin = env.registry, env.ref("base.user_admin").id
env.cr.commit()
# who is run again waits some hundredths of a second, not seconds
service.random = types.SimpleNamespace(uniform=lambda low, high: random.uniform(low, high / 20))

def together(works, winner=None):
    """Run these ``works(own)`` in transactions of their own, all of which read before any of them writes.

    :param winner: number of that which is through before the others begin to write; none: all at once
    :return: ``[done, or what its user is told]``, ``[how often it was run]``
    """
    start, through = threading.Barrier(len(works)), threading.Event()
    outcomes, tries = ["nothing" for _work in works], [0 for _work in works]

    def one(number):
        with registry.cursor() as cr:
            own = api.Environment(cr, admin, {})

            def once():
                tries[number] += 1
                if tries[number] == 1:
                    cr.execute("SELECT COUNT(*) FROM sale_order")  # what it reads is fixed from here on
                    start.wait(60)
                    if winner not in (None, number):
                        through.wait(60)
                works[number](own)

            try:
                service.retrying(once, own)
                outcomes[number] = "done"
            except UserError as error:
                cr.rollback()
                outcomes[number] = str(error)
            except Exception as error:
                # no user may see that
                cr.rollback()
                traceback.print_exc()
                outcomes[number] = f"{type(error).__name__}: {error}"
            if winner == number:
                through.set()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(len(works))]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return outcomes, tries

def race(name, make, works, told):
    """:param make: ``make(own)`` makes what is raced for, in sudo, and returns what names it
    :param works: each ``work(own, made)``
    :param told: ``told(own, made)`` returns the figures after it
    """
    for meeting, winner in (("first", 0), ("second", 1), *(("at once", None),) * 2):
        try:
            with registry.cursor() as cr:
                made = make(api.Environment(cr, 1, {}))
            outcomes, tries = together([lambda own, work=work: work(own, made) for work in works], winner)
            with registry.cursor() as cr:
                figures = told(api.Environment(cr, 1, {}), made)
        except Exception as error:
            traceback.print_exc()
            outcomes, tries, figures = [f"{type(error).__name__}: {error}"], [], None
        print("RACE", json.dumps([name, meeting, outcomes, tries, figures]))

# -- builders ------------------------------------------------------------------------------

def hours(own, quantity=100, **values):
    """The command of a line of the architect."""
    role = own["project.role"].search([("name", "=", "Architect")])
    return Command.create({"psa_role_id": role.id, "psa_billing_model": "time_material",
                           "product_uom_qty": quantity, "tax_ids": [Command.clear()], **values})

def sold(own, model, price, **values):
    return hours(own, **{"quantity": 1, "psa_billing_model": model, "price_unit": price, **values})

def sow(own, *lines, confirm=True, **values):
    order = own["sale.order"].create({
        "partner_id": own["res.partner"].search([("name", "=", "Client Ltd")]).id, "psa_kind": "sow",
        "psa_date_start": "2026-03-01", "psa_date_end": "2026-05-31",
        "order_line": list(lines) or [hours(own)], **values})
    if confirm:
        order.sudo().action_confirm()
    return order

def change_order(order, *lines, **values):
    """A draft change order."""
    change = order.browse(order.action_psa_change_order()["res_id"])
    change.write({"psa_change_reason": "More", "psa_requested_by_id": order.partner_id.id,
                  "order_line": list(lines), **values})
    return change

def amend(line, quantity, **values):
    return Command.create({"psa_amends_line_id": line.id, "product_uom_qty": quantity, **values})

def agreement(own, **values):
    one = own["psa.agreement"].create({
        "name": "Frame", "partner_id": own["res.partner"].search([("name", "=", "Client Ltd")]).id,
        "date_start": "2026-01-01", **values})
    one.action_activate()
    return one

def log(line, number, day="2026-03-02"):
    """Submitted hours of Ann."""
    task = line.task_id
    entry = line.env["account.analytic.line"].create({
        "name": "Work", "project_id": task.project_id.id, "task_id": task.id, "date": day,
        "unit_amount": number, "employee_id": line.env["hr.employee"].search([("name", "=", "Ann")]).id})
    entry.action_psa_submit()
    return entry

def work_on(line, number, day="2026-03-02"):
    entry = log(line, number, day)
    entry.action_psa_approve()
    return entry

def run_of(orders, until="2026-03-31"):
    """A billing run over these SOWs."""
    run = orders.env["psa.billing.run"].create(
        {"name": "Run", "date_to": until, "only_due": False, "order_ids": orders.ids})
    run.action_make_proposals()
    if "at this moment" in (run.message or ""):
        time.sleep(0.3)  # it left out what the other works on, and says so: its user presses again
        raise ConcurrencyError(run.message)
    return run

def proposals_of(orders):
    return orders.env["psa.billing.proposal"].search(
        [("order_id", "in", orders.ids), ("state", "!=", "cancelled")], order="id")

def invoice(proposals, post=True):
    proposals.action_approve()
    proposals.action_create_invoice()
    moves = proposals.invoice_ids
    if post:
        moves.invoice_date = "2026-04-01"
        moves.action_post()
    return moves

def proposed(orders):
    """What is proposed and invoiced of these SOWs, without taxes."""
    lines = orders.env["psa.billing.proposal.line"].search([
        ("sale_line_id.order_id", "in", orders._psa_contract().ids), ("proposal_state", "!=", "cancelled")])
    return round(sum(lines.mapped("amount")), 2)

# -- what races ----------------------------------------------------------------------------

def approve(own, made):
    own["account.analytic.line"].browse(made["entry"]).sudo().action_psa_approve()

def propose(own, made):
    run_of(own["sale.order"].browse(made["billed"]), made.get("until", "2026-03-31"))

def confirm(own, made):
    own["sale.order"].sudo().browse(made["change"]).action_confirm()

def cancel(own, made):
    own["sale.order"].browse(made["order"]).with_context(psa_left_unbilled_is_known=True).action_cancel()

SIGNATURE = ("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
             "awAAAABJRU5ErkJggg==")

def sign(own, made, name="order"):
    """What the portal does where the client signs what they have read."""
    order = own["sale.order"].sudo().browse(made[name])
    if not order._has_to_be_signed():
        raise UserError("The order is not in a state requiring customer signature.")
    if order._psa_seal() != made[name + "_seal"]:
        raise UserError("It was changed after you opened this page.")
    order.write({"signed_by": "Clara", "signed_on": "2026-02-27 10:00:00", "signature": SIGNATURE})
    own.cr.flush()
    order._validate_order()
'''


@dataclass(frozen=True)
class Race:
    """How a race of two went."""

    outcomes: tuple
    figures: object
    again: bool  # whether one of them was run again

    @property
    def done(self):
        """Who came through: ``(True, False)`` is the first alone."""
        return tuple(outcome == "done" for outcome in self.outcomes)

    def without_numbers(self):
        """(what each was told, without the numbers of documents; the figures)"""
        return [re.sub(r"\d+", "#", outcome) for outcome in self.outcomes], self.figures

    @property
    def refused(self):
        """What those who did not were told."""
        return " ".join(outcome for outcome in self.outcomes if outcome != "done")

    def once(self, meeting):
        """Whether exactly who was first came through."""
        return self.done == (meeting == FIRST, meeting == SECOND)


class Races:
    """What a script of races printed."""

    def __init__(self, text):
        self.found = {}
        for line in text.splitlines():
            if line.startswith("RACE "):
                name, meeting, outcomes, tries, figures = json.loads(line[5:])
                numbered = tuple(re.sub(r"\bS(OW/)?\d[\d/]*", "SOW", outcome) for outcome in outcomes)
                one = Race(numbered, figures, sum(tries) > len(tries))
                self.found.setdefault((name, meeting), []).append(one)

    def __getitem__(self, key):
        """The race ``name, FIRST`` or ``name, SECOND``."""
        [one] = self.found[key]
        return one

    def all(self, name):
        """All races of that name."""
        return [one for (other, _meeting), ones in self.found.items() for one in ones if other == name]

    def check_at_once(self, name):
        """Who writes at once with another comes out as if one of them had been first."""
        told = [self[name, meeting].without_numbers() for meeting in (FIRST, SECOND)]
        for one in self.found[name, AT_ONCE]:
            assert one.without_numbers() in told, (name, one, told)
