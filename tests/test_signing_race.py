"""A client signs, or a change order is confirmed, while others write: what was read is signed, and once.

In a database of its own, with real transactions; see ``races``.
"""

import pytest
from races import AT_ONCE, FIRST, SECOND

RACE = '''
def sent(own, **values):
    """A SOW on the client's screen: 10 h typed at 120.00, and a fee of 5 % of the savings."""
    order = sow(own, hours(own, 10, price_unit=120), sold(own, "success_fee", 1000), confirm=False, **values)
    fee = order.psa_success_fee_ids
    fee.write({"formula": "percent", "percent": 5, "metric": "Savings"})
    order.state = "sent"
    own.flush_all()
    return {"order": order.id, "order_seal": order._psa_seal()}

def on_it(edit):
    return lambda own, made: edit(own["sale.order"].browse(made["order"]))

def what_was_signed(own, made):
    order = own["sale.order"].browse(made["order"])
    return [order.state, order.amount_untaxed, len(order.order_line), order.psa_success_fee_ids.percent,
            sum(order.psa_payer_ids.mapped("share"))]

def other(order):
    return order.env["res.partner"].search([("name", "=", "Freelance Ltd")])

for name, edit in {
    "price": lambda order: order.order_line[0].write({"price_unit": 150}),
    "prices of the card": lambda order: order.action_update_prices(),
    "words": lambda order: order.order_line[0].write({"name": "Architect, on site"}),
    "a section": lambda order: order.order_line.create(
        {"order_id": order.id, "display_type": "line_section", "name": "Design"}),
    "a line of nothing": lambda order: order.order_line.create(
        {"order_id": order.id, **hours(order.env, 0)[2]}),
    "less lines": lambda order: order.order_line[1].unlink(),
    "payers": lambda order: order.psa_payer_ids.create(
        {"order_id": order.id, "partner_id": other(order).id, "share": 100}),
    "terms of the fee": lambda order: order.psa_success_fee_ids.write({"percent": 8}),
}.items():
    race(name, sent, (sign, on_it(edit)), what_was_signed)

# -- change orders -------------------------------------------------------------------------

def changed(own, *of_each, **values):
    """10 h at 150.00 are sold; change orders are on the client's screen."""
    order = sow(own, hours(own, 10))
    made = {"order": order.id}
    for number, lines in enumerate(of_each):
        change = change_order(order, *[amend(order.order_line, *line[:1], **line[1]) for line in lines],
                              psa_effective_date="2026-04-01", **values)
        change.state = "sent"
        own.flush_all()
        made[f"change{number}"], made[f"change{number}_seal"] = change.id, change._psa_seal()
    made["change"] = made["change0"]
    return made

def contract(own, made):
    order = own["sale.order"].browse(made["order"])
    return [order.state, order.psa_current_amount, order.psa_change_ids.mapped("state").count("sale")]

def sign_change(number):
    return lambda own, made: sign(own, made, f"change{number}")

def confirm_change(number):
    return lambda own, made: own["sale.order"].sudo().browse(made[f"change{number}"]).action_confirm()

cut = [(-6, {})]
race("cut twice", lambda own: changed(own, cut, cut), (sign_change(0), sign_change(1)), contract)
race("cut by the seller", lambda own: changed(own, cut, cut), (sign_change(0), confirm_change(1)), contract)
race("priced twice", lambda own: changed(
    own, [(-10, {}), (10, {"price_unit": 160})], [(-10, {}), (10, {"price_unit": 170})]),
    (confirm_change(0), confirm_change(1)), contract)
race("cancelled", lambda own: changed(own, cut), (sign_change(0), cancel), contract)
'''


READ_AGAIN = "It was changed after you opened this page."

#: What is edited, and (value, lines, percentage of the fee, shares of payers) once it is.
EDITS = {
    "price": (2500, 2, 5, 0),
    "prices of the card": (2500, 2, 5, 0),
    "words": (2200, 2, 5, 0),
    "a section": (2200, 3, 5, 0),
    "a line of nothing": (2200, 3, 5, 0),
    "less lines": (1200, 1, 0, 0),
    "payers": (2200, 2, 5, 100),
    "terms of the fee": (2200, 2, 8, 0),
}


@pytest.mark.parametrize("name", EDITS)
def test_the_client_signs_what_they_have_read(raced, name):
    """10 h × 120.00 and a fee of 1,000.00 are read: 2,200.00. At 150.00, as typed by the seller or as the
    card says, it is 1,500.00 and 1,000.00; without the fee 1,200.00."""
    first, second = raced[name, FIRST], raced[name, SECOND]
    assert first.figures == ["sale", 2200, 2, 5, 0]
    # a text may be corrected where it was signed
    assert first.done == (True, name == "words")
    assert name == "words" or "SOW is signed" in first.refused
    assert second.figures == ["sent", *EDITS[name]]
    assert second.outcomes == (READ_AGAIN, "done")
    raced.check_at_once(name)


@pytest.mark.parametrize("name", ("cut twice", "cut by the seller"))
def test_a_line_is_not_cut_below_what_is_left(raced, name):
    """10 h − 6 h are 4 h × 150.00 = 600.00; of 4 h no further 6 are taken."""
    for meeting in (FIRST, SECOND):
        one = raced[name, meeting]
        assert one.figures == ["sale", 600, 1]
        assert one.once(meeting)
        assert one.refused == READ_AGAIN or "would be cut from 4 to -2 Hours" in one.refused
    raced.check_at_once(name)


def test_a_line_has_one_new_price(raced):
    """10 h at 160.00 are 1,600.00, at 170.00 1,700.00; both would have been 1,500.00 − 1,500.00 − 1,500.00 +
    1,600.00 + 1,700.00 = 1,800.00."""
    first, second = raced["priced twice", FIRST], raced["priced twice", SECOND]
    assert (first.figures, first.done) == (["sale", 1600, 1], (True, False))
    assert (second.figures, second.done) == (["sale", 1700, 1], (False, True))
    for one in (first, second):
        assert "takes 10 Hours off at 150, but 0 are left at that price" in one.refused
    raced.check_at_once("priced twice")


def test_a_change_order_of_a_cancelled_sow_is_not_signed(raced):
    """Signed first, 4 h × 150.00 = 600.00 stay agreed, and the SOW is not cancelled before its change
    order."""
    first, second = raced["cancelled", FIRST], raced["cancelled", SECOND]
    assert (first.figures, first.done) == (["sale", 600, 1], (True, False))
    assert "has confirmed change orders" in first.refused
    assert (second.figures, second.done) == (["cancel", 1500, 0], (False, True))
    assert second.refused == READ_AGAIN or "is not confirmed" in second.refused
    raced.check_at_once("cancelled")


def test_who_is_second_was_run_again(raced):
    """None of these was decided by chance: the database saw each of them."""
    assert all(
        one.again for (_name, meeting), ones in raced.found.items() for one in ones if meeting != AT_ONCE
    )
